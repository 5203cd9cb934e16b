"""What the page shows of Slack's messages and views, as JSON: every text in one form, with the names in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hub.sandbox.page.emoji import sign_of
from hub.sandbox.page.scene import OnSlack
from hub.sandbox.page.shapes import MOST_MESSAGES, contact
from hub.sandbox.slack.accounts import Channel, Json, User
from hub.sandbox.slack.standin import SlackStandIn
from hub.sandbox.slack.text import typed, unescaped

_PREVIEW = 90


def message(world: SlackStandIn, shown: Json, reader: User) -> Json:
    """A message as the page draws it; `shown`: as the stand-in gives it."""
    whisper = bool(shown.get("is_ephemeral"))
    author = world.users.get(str(shown.get("user")))
    return {
        "key": ("w" if whisper else "m") + shown["ts"],
        "id": shown["ts"],
        "whisper": whisper,
        "from": {"id": str(shown.get("user")), "name": name_of(author), "bot": author is not None and author.is_bot},
        "mine": author is reader,
        "at": float(shown["ts"]),
        "text": unescaped(str(shown.get("text", ""))),
        "blocks": drawable(world, shown),
        "files": [_file(file) for file in shown.get("files", ())],
        "edited": "edited" in shown,
        "gone": shown.get("subtype") == "tombstone",
        "reactions": [_reaction(world, each, reader) for each in shown.get("reactions", ())],
        "replies": _replies(world, shown),
        "alone": 0,
    }


def name_of(user: User | None) -> str:
    """How Slack's apps call somebody."""
    return (user.display_name or user.real_name or user.name) if user is not None else "Slackbot"


def _file(file: Json) -> Json:
    if file.get("mode") == "tombstone":
        return {"kind": "gone", "file": "", "name": "This file was deleted", "size": 0}
    major = str(file["mimetype"]).partition("/")[0]
    kind = {"image": "photo", "video": "video", "audio": "audio"}.get(major, "document")
    return {"kind": kind, "file": f"slack/{file['id']}", "name": file["name"], "size": file["size"]}


def _reaction(world: SlackStandIn, each: Json, reader: User) -> Json:
    by = [name_of(world.users.get(id)) for id in each["users"]]
    own = reader.id in each["users"]
    return {"name": each["name"], "emoji": sign_of(each["name"]), "by": ", ".join(by), "count": len(by), "mine": own}


def _replies(world: SlackStandIn, shown: Json) -> Json | None:
    if not shown.get("reply_count"):
        return None
    users = [{"id": id, "name": name_of(world.users.get(id))} for id in shown["reply_users"]]
    return {"count": shown["reply_count"], "users": users[:3], "latest": float(shown["latest_reply"])}


def _title(world: SlackStandIn, shown: Json) -> str:
    """What a thread is about: the headline of the message that it hangs on, or its first words."""
    drawn = drawable(world, shown)
    headline = [block for block in drawn if block["type"] == "header"]
    return " ".join(words(headline or drawn).split())[:_PREVIEW]


def words(value: Any) -> str:
    """All that is said in blocks, in order, without what is on buttons."""
    if isinstance(value, list):
        return " ".join(filter(None, map(words, value)))
    if not isinstance(value, dict) or value.get("type") == "actions":
        return ""
    text = value.get("text")
    own = text if isinstance(text, str) else str(value.get("name") or value.get("sign") or "")
    inner = [words(value[name]) for name in ("text", "fields", "elements") if isinstance(value.get(name), dict | list)]
    return " ".join(filter(None, [own, *inner]))


# -- blocks ------------------------------------------------------------------------------------------------------------


def drawable(world: SlackStandIn, shown: Json) -> list[Json]:
    """A message's blocks, or its text as such; all of mrkdwn as rich text."""
    blocks = shown.get("blocks") or (_marked(str(shown["text"])) if shown.get("text") else [])
    drawn: list[Json] = _named(world, blocks)
    return drawn


def view(world: SlackStandIn, body: Json | None) -> Json | None:
    """A dialog or an App Home as the page draws it."""
    if body is None:
        return None
    kept = {name: body.get(name) for name in ("id", "hash", "title", "submit", "close", "errors", "trouble")}
    return kept | {"blocks": _named(world, body["blocks"])}


def _named(world: SlackStandIn, value: Any) -> Any:
    """A copy in which people, channels and emoji bear their names, and no mrkdwn is left."""
    if isinstance(value, list):
        return [_named(world, each) for each in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type")
    if kind == "mrkdwn":
        return {"type": "rich_text", "elements": _named(world, _marked(value["text"])[0]["elements"])}
    copy = {name: _named(world, inner) for name, inner in value.items()}
    if kind == "user":
        copy["name"] = name_of(world.users.get(value["user_id"]))
    elif kind == "channel":
        channel = world.channels.get(value["channel_id"])
        copy["name"] = channel.name if channel is not None else "unknown"
    elif kind == "emoji":
        copy["sign"] = _unicode(value.get("unicode")) or sign_of(value["name"])
    return copy


def _unicode(code: Any) -> str:
    return "".join(chr(int(part, 16)) for part in code.split("-")) if isinstance(code, str) and code else ""


def _marked(text: str) -> list[Json]:
    """Slack's markup as blocks."""
    lines = re.sub(r"^&gt; ?", "", text, flags=re.MULTILINE)
    _, blocks = typed(lines)
    for element in blocks[0]["elements"][0]["elements"] if blocks else ():
        element |= {name: unescaped(element[name]) for name in ("text", "url") if name in element}
    return blocks


# -- places ------------------------------------------------------------------------------------------------------------


def desk(slack: OnSlack, agent: User, spot: str, thread: str) -> Json:
    """The agents' app: the desk's channel, the chat with the hub's app ("direct") or its "home"; beside it a thread."""
    world, direct = slack.world, slack.world.direct(slack.hub, agent)
    newest = max(slack.desk.messages, default="")
    return {
        "team": slack.team.name,
        "app": slack.app.name,
        "link": {"channel": slack.desk.id, "direct": direct.id},
        "channel": slack.desk.name,
        "people": [{"id": u.id, "name": name_of(u)} for u in slack.team.users.values() if not u.is_bot],
        "member": agent.id,
        "last": {"channel": newest, "direct": max(direct.messages, default="")},
        "spot": spot,
        "messages": _at(world, direct, agent) if spot == "direct" else _in_channel(world, slack.desk, agent),
        "home": view(world, world.home(agent, slack.app)) if spot == "home" else None,
        "thread": _thread(slack, thread, agent),
        "modal": view(world, world.modal(agent)),
        "commands": [{"command": c.removeprefix("/"), "description": "the hub's command"} for c in slack.app.commands],
        "shortcuts": [{"id": s.callback_id, "name": s.name} for s in slack.app.shortcuts if s.kind == "message"],
    }


def contacts(slack: OnSlack) -> Iterator[tuple[Json, User]]:
    """Who writes to the shop's app; `last`: the newest message on their phone, `answered`: it is the shop's."""
    for user in slack.contacts:
        messages = slack.world.direct(slack.shop, user).messages
        last = max(messages, default="")
        answered = bool(last) and messages[last].user != user.id
        yield contact("slack", user.id, user.real_name) | {"last": last, "answered": answered}, user


def phone(slack: OnSlack, person: User) -> Json:
    """A customer's app, in the direct messages with the shop's."""
    world = slack.world
    channel = world.direct(slack.shop, person)
    messages = _at(world, channel, person)
    return {"started": bool(messages), "blocked": False, "messages": messages, "commands": [], "prompt": None}


def _thread(slack: OnSlack, ts: str, reader: User) -> Json | None:
    root = slack.desk.messages.get(ts)
    if root is None:
        return None
    own = [m for m in slack.world.ephemerals(reader, slack.desk) if m.get("thread_ts") == ts]
    messages = _drawn(slack.world, [*slack.world.thread(slack.desk, ts), *own], reader)
    return {"ts": ts, "title": _title(slack.world, slack.world.shown(slack.desk, root)), "messages": messages}


def _in_channel(world: SlackStandIn, channel: Channel, reader: User) -> list[Json]:
    """A channel itself, with what the reader alone was told there; `alone`: how much of it is in a message's thread."""
    own = world.ephemerals(reader, channel)
    within = Counter(m.get("thread_ts", "") for m in own)
    drawn = _drawn(world, [*world.history(channel), *(m for m in own if not m.get("thread_ts"))], reader)
    return [m | {"alone": within[m["id"]]} for m in drawn]


def _at(world: SlackStandIn, direct: Channel, reader: User) -> list[Json]:
    """Direct messages, those in threads included."""
    said = [world.shown(direct, stored) for stored in direct.ordered()]
    return _drawn(world, [*said, *world.ephemerals(reader, direct)], reader)


def _drawn(world: SlackStandIn, found: list[Json], reader: User) -> list[Json]:
    ordered = sorted(found, key=lambda m: float(m["ts"]))
    return [message(world, shown, reader) for shown in ordered[-MOST_MESSAGES:]]

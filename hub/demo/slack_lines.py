"""What happens on Slack, as lines of the transcript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hub.demo.lines import Line, reacted, safe, short
from hub.sandbox.page.emoji import sign_of
from hub.sandbox.page.scene import OnSlack
from hub.sandbox.page.slack_shapes import drawable, name_of
from hub.sandbox.slack.accounts import Channel, Json
from hub.sandbox.slack.text import unescaped

_MENTION = re.compile(r"<@([UW]\w+)>")
_NAME = re.compile(r"👤 \*?([^*·\n]+?)\*? +·")
"""Who a card is about."""


class SlackLines:
    """Fulfils Teller."""

    def __init__(self, slack: OnSlack) -> None:
        self._slack = slack
        self._world = slack.world
        self._cursor = slack.world.changes.cursor
        self._known: dict[str, Line] = {}
        """Where each message stands and what it said last."""

    def news(self) -> Iterator[Line]:
        """See Teller."""
        for change in self._world.changes.after(self._cursor):
            self._cursor = change["cursor"]
            line = self._line(change)
            if line:
                yield line

    def _line(self, change: Json) -> Line | None:
        match change["kind"]:
            case "message" | "ephemeral" if "subtype" not in change["message"] or change["message"].get("files"):
                return self._said(change)
            case "removed" if change["ts"] in self._known:
                where, text = self._known[change["ts"]]
                return where, f"taken away: “{short(text)}”"
            case "reactions":
                given = [f"{sign_of(n)} {self._name(u)}" for n, users in change["reactions"].items() for u in users]
                where, text = self._known.get(change["ts"], ("Slack", ""))
                return where, reacted(given, text)
            case "modal" if change["view"] and change["view"]["id"] not in self._known:
                self._known[change["view"]["id"]] = ("", "")
                return f"Slack, only {self._name(change['user'])}", f"a dialog opens: {_dialog(change['view'])}"
        return None

    def _said(self, change: Json) -> Line | None:
        message, channel = change["message"], self._world.channels[change["channel"]]
        before, text = self._known.get(message["ts"]), self._words(message)
        where = self._where(channel, message)
        self._known[message["ts"]] = (where, text)
        if before is not None and before[1] == text:
            return None
        alone = f", only {self._name(change['user'])}" if change["kind"] == "ephemeral" else ""
        if before is not None:
            return f"{where}{alone}", f"{self._name(message['user'])} (edited): {text}"
        return f"{where}{alone}", f"{self._name(message['user'])}: {text}{_buttons(message)}"

    def _where(self, channel: Channel, message: Json) -> str:
        if channel.kind == "im":
            person = next((u for id in channel.members if not (u := self._world.users[id]).is_bot), None)
            return f"{name_of(person).split()[0]}'s Slack"
        root = channel.messages.get(message.get("thread_ts", ""))
        about = _NAME.search(str(root.fields.get("text", ""))) if root and root.ts != message["ts"] else None
        return f"thread {about[1]}" if about else f"Slack #{channel.name}"

    def _name(self, id: str) -> str:
        user = self._world.users.get(id)
        name = name_of(user)
        return name if user is None or user.is_bot else name.split()[0]

    def _words(self, message: Json) -> str:
        files = "".join(f"[{file['name']}] " for file in message.get("files", ()))
        return safe(f"{files}{self._text(message)}".strip())

    def _text(self, message: Json) -> str:
        """As it is drawn, where the hub drew it; what people write, in Slack's own markup, by which it can be told."""
        if message.get("blocks") and message["user"] == self._slack.hub.bot.id:
            return "\n".join(filter(None, (_drawn(block) for block in drawable(self._world, message))))
        named = _MENTION.sub(lambda found: f"@{self._name(found[1])}", str(message.get("text", "")))
        return unescaped(named)


def _drawn(value: Any) -> str:
    """What is said in blocks; a header says but once more what stands below it."""
    if isinstance(value, list):
        return "".join(map(_drawn, value))
    if not isinstance(value, dict) or value.get("type") in ("actions", "header"):
        return ""
    if isinstance(value.get("text"), str):
        return str(value["text"])
    said = next((value[name] for name in ("fallback", "name", "sign", "url") if value.get(name)), "")
    return str(said) or "".join(_drawn(value[name]) for name in ("text", "fields", "elements") if name in value)


def _dialog(view: Json) -> str:
    asked = [f"[{_drawn(block['label'])}]" for block in view["blocks"] if block["type"] == "input"]
    return f"{_drawn(view['title'])}  {' '.join(asked)}"


def _buttons(message: Json) -> str:
    rows = [block["elements"] for block in message.get("blocks", ()) if block["type"] == "actions"]
    labels = [each["text"]["text"] for row in rows for each in row if each["type"] == "button"]
    return "".join(f"  [{label}]" for label in labels)

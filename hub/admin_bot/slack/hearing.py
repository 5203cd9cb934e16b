"""From Slack's payloads to what the counter hears. Pure: no network, no store, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from hub.admin_bot import drawing
from hub.admin_bot.drawing import Carried
from hub.admin_bot.heard import Asker, Heard, Pressed, ReactedTo, Rewrote, Spot, ThreadChanged, TookAway, Wrote
from hub.admin_bot.slack import blocks, emoji, files, reading
from hub.admin_bot.slack.people import NOBODY, Known
from hub.admin_bot.slack.reading import Naming
from hub.admin_bot.slack.shapes import Payload, as_dict, as_dicts, as_moment, as_stamp
from hub.domain.gate import is_command, is_note
from hub.domain.ids import Identity, PostId, ThreadId
from hub.domain.text import Text

NETWORK = "slack"
HIDDEN = "e"
"""What the name of a post begins with that only its asker sees."""
_WRITTEN = frozenset({"", "file_share", "thread_broadcast", "me_message", "bot_message"})
_NOTE = re.compile(r"\s*note\s*:\s*", re.IGNORECASE)
_FORMAT_ONLY = ("text", "blocks", "files")


class Context(msgspec.Struct, frozen=True):
    """What must be known besides the payload: the workspace, the app in it, who people are, the time."""

    team: str
    bot_user: str
    bot: str
    names: Mapping[str, Known]
    now: datetime


def team_of(body: Payload) -> str:
    """The workspace whose app was called; empty where the payload does not say."""
    for each in as_dicts(body.get("authorizations")):
        if isinstance(each.get("team_id"), str):
            return str(each["team_id"])
    for value in (body.get("context_team_id"), body.get("team_id"), as_dict(body.get("team")).get("id")):
        if isinstance(value, str) and value:
            return value
    return str(as_dict(body.get("user")).get("team_id") or as_dict(body.get("view")).get("team_id") or "")


def people_in(body: Payload) -> set[str]:
    """The users whose names are needed to read the payload."""
    event = as_dict(body.get("event"))
    message = as_dict(event.get("message"))
    texts = (event.get("text"), message.get("text"), body.get("text") if "command" in body else None)
    found = {u for value in (event.get("blocks"), message.get("blocks"), *texts) for u in reading.user_ids(value)}
    presser = as_dict(body.get("user")).get("id") or body.get("user_id")
    writers = (event.get("user"), message.get("user"), as_dict(event.get("previous_message")).get("user"), presser)
    return {u for u in (*found, *writers) if isinstance(u, str) and u}


# -- who, where ---------------------------------------------------------------------------------------------------


def identity_of(team: str, user: str) -> Identity:
    """A user's chat account."""
    return Identity(f"{NETWORK}:{team}:{user}")


def user_of(identity: Identity) -> tuple[str, str]:
    """Workspace and user of a chat account."""
    _, team, user = identity.split(":", 2)
    return team, user


def chat_of(team: str, channel: str) -> str:
    """A channel's name on our side."""
    return f"{team}:{channel}"


def channel_of(chat: str) -> tuple[str, str]:
    """Workspace and channel of a chat."""
    team, _, channel = chat.partition(":")
    return team, channel


def hidden(post: PostId) -> bool:
    """Whether only its asker sees the post, or nobody does."""
    return not post[:1].isdigit()


def _asker(event: Payload, context: Context) -> Asker:
    user = str(event.get("user") or "")
    known = context.names.get(user, NOBODY)
    team = next((str(v) for v in (event.get("user_team"), event.get("source_team"), event.get("team")) if v), "")
    home = team or known.team or context.team
    return Asker(
        identity=identity_of(home, user or str(event.get("bot_id") or "")),
        name=known.name,
        username=known.username,
        writer=_writer(event, known, outside=home != context.team),
    )


def _writer(event: Payload, known: Known, *, outside: bool) -> Literal["person", "bot", "service", "outsider"]:
    if event.get("bot_id") or event.get("subtype") == "bot_message" or known.bot:
        return "bot"
    if not event.get("user"):
        return "service"
    return "outsider" if outside else "person"


def _spot(event: Payload, context: Context, thread: str = "") -> Spot:
    channel = str(event.get("channel") or "")
    private = event.get("channel_type") == "im" or channel.startswith("D")
    return Spot(
        network=NETWORK,
        chat=chat_of(context.team, channel),
        private=private,
        thread=ThreadId("" if private else thread),
    )


# -- events -------------------------------------------------------------------------------------------------------


def hear_event(body: Payload, context: Context) -> Heard | None:
    """What an event tells; None: nothing to do."""
    event = as_dict(body.get("event"))
    match event.get("type"):
        case "message":
            return _message(event, context, str(body.get("event_id") or ""))
        case "app_mention":
            return _written(event, context)
        case "reaction_added" | "reaction_removed":
            return _reaction(event, context, str(body.get("event_id") or ""))
        case _:
            return None


def _message(event: Payload, context: Context, update: str) -> Heard | None:
    match str(event.get("subtype") or ""):
        case "message_changed":
            return _changed(event, context, update)
        case "message_deleted":
            return _deleted(event, as_dict(event.get("previous_message")), context, update)
        case subtype if subtype in _WRITTEN and not event.get("hidden"):
            return _written(event, context)
        case _:
            return None


def _written(event: Payload, context: Context) -> Wrote | None:
    """A message. Its mention of the app comes as another event about the same message, and is the same to us."""
    stamp, thread = as_stamp(event.get("ts")), as_stamp(event.get("thread_ts"))
    if not stamp or not event.get("channel") or _own(event, context):
        return None
    where = _spot(event, context, thread)
    asker = _asker(event, context)
    return Wrote(
        update=f"{context.team}|{event['channel']}|{stamp}",
        asker=asker,
        spot=where,
        at=as_moment(stamp, context.now),
        post=PostId(stamp),
        text=words(event, context, asker),
        attachments=files.posted(event),
        answers=PostId(thread) if where.private and thread and thread != stamp else None,
    )


def _own(event: Payload, context: Context) -> bool:
    return context.bot_user == event.get("user") or bool(context.bot and context.bot == event.get("bot_id"))


def _changed(event: Payload, context: Context, update: str) -> Heard | None:
    """An edit. Slack also tells of previews unfolded and of replies counted: only new words are news."""
    message, before = as_dict(event.get("message")), as_dict(event.get("previous_message"))
    if message.get("subtype") == "tombstone":
        return _deleted(event, before or message, context, update)
    same = before and all(message.get(field) == before.get(field) for field in _FORMAT_ONLY[:2])
    stamp = as_stamp(message.get("ts"))
    if same or not stamp or not message.get("edited") or _own(message, context):
        return None
    inner = {**message, "channel": event.get("channel"), "channel_type": event.get("channel_type")}
    asker = _asker(inner, context)
    return Rewrote(
        update=_update(context, update, event),
        asker=asker,
        spot=_spot(inner, context, as_stamp(message.get("thread_ts"))),
        at=as_moment(as_stamp(event.get("event_ts")) or stamp, context.now),
        post=PostId(stamp),
        text=words(inner, context, asker),
    )


def _deleted(event: Payload, before: Payload, context: Context, update: str) -> Heard | None:
    """A message taken away: an agent's own, or the one that opened a thread."""
    stamp = as_stamp(event.get("deleted_ts")) or as_stamp(before.get("ts"))
    if not stamp:
        return None
    inner = {**before, "channel": event.get("channel"), "channel_type": event.get("channel_type")}
    at = as_moment(as_stamp(event.get("event_ts")) or stamp, context.now)
    named = _update(context, update, event)
    if _own(before, context):
        where = _spot(inner, context, stamp)
        return ThreadChanged(update=named, asker=_asker(inner, context), spot=where, at=at, change="lost")
    where = _spot(inner, context, as_stamp(before.get("thread_ts")))
    return TookAway(update=named, asker=_asker(inner, context), spot=where, at=at, post=PostId(stamp))


def _reaction(event: Payload, context: Context, update: str) -> Heard | None:
    item = as_dict(event.get("item"))
    stamp = as_stamp(item.get("ts"))
    if item.get("type") != "message" or not stamp or _own(event, context):
        return None
    put = event.get("type") == "reaction_added"
    sign = emoji.sign_of(str(event.get("reaction") or ""))
    if not sign:
        return None
    where = {"channel": item.get("channel")}
    return ReactedTo(
        update=_update(context, update, event),
        asker=_asker(event, context),
        spot=_spot(where, context),
        at=as_moment(as_stamp(event.get("event_ts")) or stamp, context.now),
        post=PostId(stamp),
        emoji=sign,
        change="put" if put else "taken",
    )


def _update(context: Context, update: str, event: Payload) -> str:
    return f"{context.team}|{update or event.get('event_ts')}"


# -- what people press and type -----------------------------------------------------------------------------------


def hear_action(body: Payload, action: Payload, context: Context) -> Pressed | None:
    """A button, a menu or a picked colleague; None: it is none of ours, or opens an address."""
    read = drawing.decode(_line(action, context))
    if read is None:
        return None
    return pressed(body, read, context)


def pressed(body: Payload, carried: Carried, context: Context) -> Pressed:
    """A press that means the line."""
    return Pressed(
        update=trigger_of(body, context),
        asker=presser(body, context),
        spot=_pressed_spot(body, context),
        at=context.now,
        post=_pressed_post(body),
        line=carried.line,
        version=carried.version,
        home=carried.home,
    )


def trigger_of(body: Payload, context: Context) -> str:
    """What a press is told by if it is told twice."""
    once = body.get("trigger_id") or body.get("action_ts") or context.now.timestamp()
    return f"{context.team}|{once}"


def _line(action: Payload, context: Context) -> str:
    kind, _, rest = str(action.get("action_id") or "").partition(":")
    if kind == blocks.PRESS:
        return str(as_dict(action.get("selected_option")).get("value") or action.get("value") or "")
    if kind == blocks.PICK and action.get("selected_user"):
        return f"{rest} {identity_of(context.team, str(action['selected_user']))}"
    return ""


def presser(body: Payload, context: Context) -> Asker:
    """Whoever pressed, chose or typed; the payload names them."""
    user = as_dict(body.get("user"))
    id = str(user.get("id") or body.get("user_id") or "")
    team = str(user.get("team_id") or body.get("team_id") or context.team)
    username = str(user.get("username") or user.get("name") or body.get("user_name") or "")
    known = context.names.get(id, Known(username or NOBODY.name, username))
    outside = team != context.team
    return Asker(
        identity=identity_of(team, id),
        name=known.name,
        username=known.username or username,
        writer="outsider" if outside else "person",
    )


def _pressed_spot(body: Payload, context: Context) -> Spot:
    container, message = as_dict(body.get("container")), as_dict(body.get("message"))
    if as_dict(body.get("view")).get("type") == "home":
        user = str(as_dict(body.get("user")).get("id") or "")
        return Spot(network=NETWORK, chat=chat_of(context.team, user), private=True)
    channel = str(as_dict(body.get("channel")).get("id") or container.get("channel_id") or "")
    thread = as_stamp(message.get("thread_ts")) or as_stamp(container.get("thread_ts")) or _root(message)
    return _spot({"channel": channel}, context, thread)


def _root(message: Payload) -> str:
    """The message's own stamp where it opens a thread: it is a conversation's card."""
    rows = {str(b.get("block_id")) for b in as_dicts(message.get("blocks"))}
    return as_stamp(message.get("ts")) if blocks.CARD_ID in rows else ""


def _pressed_post(body: Payload) -> PostId:
    container = as_dict(body.get("container"))
    stamp = as_stamp(container.get("message_ts")) or as_stamp(as_dict(body.get("message")).get("ts"))
    return PostId(f"{HIDDEN}{stamp}" if container.get("is_ephemeral") or not stamp else stamp)


def hear_command(body: Payload, context: Context) -> Wrote:
    """A slash command: seen by nobody else, wherever it is typed."""
    channel, title = str(body.get("channel_id") or ""), str(body.get("channel_name") or "")
    named = "" if title in ("directmessage", "privategroup", "") else f"#{title}"
    where = _spot({"channel": channel}, context)
    typed = reading.mrkdwn(str(body.get("text") or ""), _naming(context), formatting=False)
    return Wrote(
        update=trigger_of(body, context),
        asker=presser(body, context),
        spot=msgspec.structs.replace(where, title=named, private=False, whispered=True),
        at=context.now,
        post=PostId(HIDDEN),
        text=as_command(typed),
    )


def as_command(typed: Text) -> Text:
    """What follows the app's name, as a command line; nothing: the help."""
    typed = reading.spelled_out(typed)
    start = len(typed.plain) - len(typed.plain.lstrip())
    bare = typed.cut(start, len(typed.plain.rstrip()))
    if not bare:
        return Text("/help")
    return bare if is_command(bare.plain) or is_note(bare.plain) else _behind("/", bare)


def hear_shortcut(body: Payload, context: Context) -> Wrote | None:
    """A shortcut used on a message: its command, as a reply to that message."""
    message = as_dict(body.get("message"))
    stamp = as_stamp(message.get("ts")) or as_stamp(body.get("message_ts"))
    channel = str(as_dict(body.get("channel")).get("id") or "")
    verb = str(body.get("callback_id") or "")
    if not stamp or not channel or not verb.isidentifier():
        return None
    return Wrote(
        update=trigger_of(body, context),
        asker=presser(body, context),
        spot=_spot({"channel": channel}, context, as_stamp(message.get("thread_ts")) or stamp),
        at=context.now,
        post=PostId(HIDDEN),
        text=Text(f"/{verb}"),
        answers=PostId(stamp),
    )


# -- words -----------------------------------------------------------------------------------------------------------


def words(message: Payload, context: Context, asker: Asker) -> Text:
    """A message's words. Said to the app they are a command; `note:` begins a note."""
    text = reading.read(message, _naming(context))
    if asker.writer != "person":
        return text
    called = _called_app(text, context)
    if called is not None:
        rest = text.cut(called, len(text.plain))
        lead = len(rest.plain) - len(rest.plain.lstrip(" ,:;"))
        return as_command(rest.cut(lead, len(rest.plain)))
    if is_command(text.plain):
        return reading.spelled_out(text)
    note = _NOTE.match(text.plain)
    return _behind("//", text.cut(note.end(), len(text.plain))) if note else text


def _behind(sign: str, text: Text) -> Text:
    shift = len(sign)
    spans = (msgspec.structs.replace(s, start=s.start + shift, end=s.end + shift) for s in text.spans)
    return Text(sign + text.plain, tuple(spans))


def _called_app(text: Text, context: Context) -> int | None:
    """Where the words begin that follow the app's name at the very beginning."""
    me = identity_of(context.team, context.bot_user)
    lead = len(text.plain) - len(text.plain.lstrip())
    found = next((s for s in text.spans if s.kind == "mention" and s.value == me and s.start <= lead), None)
    return found.end if found else None


def _naming(context: Context) -> Naming:
    return Naming(lambda user: context.names.get(user, NOBODY).name, lambda user: identity_of(context.team, user))

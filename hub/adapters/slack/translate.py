"""Reads one raw payload of Slack's. Pure, and never imports the client library.

What is for the hub: direct messages to the app; in channels, what names it, and threads that it takes part in. A
payload does not say who takes part in its thread, only who opened it. So a reply counts where the app opened the
thread, or where the author goes on in a thread of their own: that is how an exchange that began with a mention goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from hub.adapters.slack import emoji, others
from hub.adapters.slack import payload as wire
from hub.adapters.slack.content import Content, content_of
from hub.adapters.slack.ids import address, external, is_stamp, message_of, user_of
from hub.adapters.slack.opening import decoded, opened
from hub.adapters.slack.reading import Naming
from hub.domain.ids import Address, ExternalId
from hub.domain.incoming import Deleted, Edited, Ignored, Incoming, Lost, Person, Postback, Reacted, Said
from hub.errors import Anomalous

CHOICE = "contact_choice:"
"""Begins the name of every button that is sent to a contact, by which its press is known from those of a desk."""
PRESS = "press-"

_ENVELOPE = msgspec.json.Decoder(wire.Envelope)
_NAMED = msgspec.json.Decoder(wire.Named)
_MESSAGE = msgspec.json.Decoder(wire.Message)
_REACTION = msgspec.json.Decoder(wire.Reaction)
_REVOCATION = msgspec.json.Decoder(wire.Revocation)
_PRESS = msgspec.json.Decoder(wire.Press)
_LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
_SPOKEN = frozenset({"", "file_share", "me_message", "thread_broadcast"})
"""Subtypes of what people write."""
_NOBODY = frozenset({"USLACKBOT", "USLACK"})
_UNINSTALLED = "The app was removed from the Slack workspace; install it there again, then connect it again."
_REVOKED = "The app's token was revoked on Slack; install the app again, then connect it again."


class Own(msgspec.Struct, frozen=True):
    """The app itself: its user, its bot and its name in a workspace. What is empty is taken from the payload."""

    user: str = ""
    bot: str = ""
    name: str = ""


def translate(payload: bytes, own: Own | None = None) -> list[Incoming]:
    """Reads one payload: an event, what somebody pressed, or either as a socket hands it over.

    Raises Anomalous, and nothing else, for what the network would never send.
    """
    try:
        return _read(payload, own or Own())
    except (ValueError, RecursionError):
        # Deep inside, in a part that is read only when it is needed.
        raise Anomalous("This is nothing of Slack's: part of it cannot be read.") from None


def update_id(payload: bytes) -> str:
    """The event's id, which its redeliveries share; of a press, where, when and by whom."""
    try:
        found = opened(payload)
        if found.kind == "event_callback":
            return (decoded(_ENVELOPE, found.json).event_id or "")[:200]
        if found.kind == "block_actions":
            return _press_id(decoded(_PRESS, found.json))
    except (Anomalous, ValueError, RecursionError):
        pass
    return ""


def _press_id(press: wire.Press) -> str:
    stamps = ",".join(action.action_ts or "" for action in press.actions)
    place = press.container or wire.Container()
    return f"press:{place.channel_id}:{place.message_ts}:{stamps}:{press.user.id}"[:200]


def _read(payload: bytes, own: Own) -> list[Incoming]:
    found = opened(payload)
    if found.kind == "command":
        return [Ignored(reason="a slash command, which is for the desk")]
    if found.kind == "ssl_check":
        return [Ignored(reason="a look at the certificate")]
    if found.kind == "block_actions":
        return _pressed(decoded(_PRESS, found.json))
    if found.kind != "event_callback":
        return [Ignored(reason=others.of_payload(found.kind))]
    envelope = decoded(_ENVELOPE, found.json)
    named = decoded(_NAMED, bytes(envelope.event))
    read = _EVENTS.get(named.type)
    return (
        [read(_Event(envelope, own, bytes(envelope.event)))] if read else [Ignored(reason=others.of_event(named.type))]
    )


class _Event:
    """One event, and in whose eyes it is read."""

    def __init__(self, envelope: wire.Envelope, own: Own, raw: bytes) -> None:
        self.envelope = envelope
        self.raw = raw
        self.team = envelope.team
        self.own_user = own.user or envelope.own_user
        self.own_bot = own.bot
        self.naming = Naming(self.team, {self.own_user: own.name} if self.own_user and own.name else {})

    def content(self, message: wire.Message) -> Content:
        return content_of(message, self.naming, self.own_user)

    def unwanted(self, message: wire.Message) -> str:
        """Why nobody's message this is; empty where a person wrote it."""
        app = self.envelope.api_app_id
        own = (message.user and message.user == self.own_user) or (message.bot_id and message.bot_id == self.own_bot)
        if own or (app and message.app_id == app and message.bot_id):
            return "the hub's own message"
        if message.bot_id or message.subtype == "bot_message":
            return "a message that a bot wrote"
        if message.user in _NOBODY:
            return "a message that Slack itself wrote"
        return "" if message.user else "a message that does not say who wrote it"

    def author(self, message: wire.Message) -> Address:
        team = message.user_team or message.source_team or message.team or self.team
        return _address(team, message.user or "")

    def names_us(self, message: wire.Message | wire.Root) -> bool:
        return bool(self.own_user) and f"<@{self.own_user}" in (message.text or "")

    def ours(self, message: wire.Message) -> bool:
        """Whether a reply in a thread counts, though it does not name the app."""
        parent, root = message.parent_user_id, message.root
        if not message.thread_ts or message.thread_ts == message.ts:
            return False
        if parent and parent in (self.own_user, message.user):
            return True
        return bool(root and self.own_user and (self.names_us(root) or self.own_user in _all_of(root)))


def _all_of(root: wire.Root) -> list[str]:
    return [root.user or "", *(root.reply_users or [])]


# -- what every part needs -------------------------------------------------------------------------------------------


def _moment(*stamps: str | None) -> datetime:
    """The first of them that there is, to the millisecond."""
    stamp = next((stamp for stamp in stamps if stamp), "")
    if not is_stamp(stamp) or not 0 < int(stamp.partition(".")[0]) < _LATEST:
        raise Anomalous(f"This is nothing of Slack's: nothing happens at {stamp[:25]!r}.")
    return datetime.fromtimestamp(int(stamp.partition(".")[0]), UTC).replace(
        microsecond=int(stamp.partition(".")[2][:3].ljust(3, "0")) * 1000
    )


def _external(channel: str | None, name: str | None, thread: str | None = None) -> ExternalId:
    found = external(channel or "", name or "", thread or "")
    if message_of(found) is None:
        raise Anomalous("This is nothing of Slack's: it does not say in which channel it is, or when it was.")
    return found


def _address(team: str, user: str) -> Address:
    found = address(team, user)
    if user_of(found) is None:
        raise Anomalous("This is nothing of Slack's: no user of a workspace is called so.")
    return found


def _direct(message: wire.Message) -> bool:
    return (message.channel or "").startswith("D") or message.channel_type == "im"


def _person(message: wire.Message) -> Person:
    """Who wrote, where the network says so: of people of other workspaces only."""
    profile = message.user_profile
    if profile is None:
        return Person()
    first, last = profile.first_name or "", profile.last_name or ""
    if not first and not last:
        first = profile.real_name or profile.display_name or ""
    return Person(first_name=first, last_name=last, username=profile.name or "")


# -- messages --------------------------------------------------------------------------------------------------------


def _message(event: _Event) -> Incoming:
    message = decoded(_MESSAGE, event.raw)
    if message.subtype == "message_changed":
        return _changed(event, message)
    if message.subtype == "message_deleted":
        return _deleted(event, message)
    return _said(event, message)


def _said(event: _Event, message: wire.Message) -> Incoming:
    at, name = _moment(message.ts), _external(message.channel, message.ts, message.thread_ts)
    unaddressed = _unaddressed(event, message, message)
    unwanted = _unread(message) or event.unwanted(message) or (unaddressed if _root(message) is None else "")
    if unwanted:
        return Ignored(reason=unwanted)
    author, content = event.author(message), event.content(message)
    if not content:
        return Ignored(reason="a message without content")
    return Said(
        address=author,
        at=at,
        person=_person(message),
        external_id=name,
        text=content.text,
        attachments=content.attachments,
        reply_to=_root(message),
        forwarded_from=content.forwarded_from,
        overheard=bool(unaddressed),
    )


def _unread(message: wire.Message) -> str:
    """Why a message of that kind is not read. What a person typed is, even if its kind is not known."""
    subtype = message.subtype or ""
    if subtype in _SPOKEN:
        return ""
    known = others.of_subtype(subtype)
    return known or ("" if message.client_msg_id else f"a kind of message that the hub does not know ({subtype[:40]})")


def _root(message: wire.Message) -> ExternalId | None:
    """The message that its thread begins with."""
    if not message.thread_ts or message.thread_ts == message.ts:
        return None
    return _external(message.channel, message.thread_ts)


def _unaddressed(event: _Event, frame: wire.Message, *messages: wire.Message | None) -> str:
    """Why it is not for the hub; empty where any of the messages is. `frame` says where they stand."""
    if _direct(frame) or frame.type == "app_mention":
        return ""
    if any(message is not None and (event.names_us(message) or event.ours(message)) for message in messages):
        return ""
    return "a message in a channel that neither names the app nor stands in a thread of its own"


def _changed(event: _Event, change: wire.Message) -> Incoming:
    new, old = change.message, change.previous_message
    if new is None:
        raise Anomalous("This is nothing of Slack's: a message changed, and it is not told to what.")
    new.channel = change.channel
    if new.subtype == "tombstone":
        return _deleted(event, change)
    at = _moment(new.edited.ts if new.edited else None, change.event_ts, change.ts)
    name = _external(change.channel, new.ts, new.thread_ts)
    unaddressed = _unaddressed(event, change, new, old)
    unwanted = _unread(new) or event.unwanted(new) or (unaddressed if _root(new) is None else "")
    if unwanted:
        return Ignored(reason=unwanted)
    author, content = event.author(new), event.content(new)
    if _as_before(event, change, content):
        return Ignored(reason="nothing of a message's words changed: a link's preview, or the count of a thread")
    if not content:
        return Ignored(reason="a changed message without content")
    return Edited(
        address=author,
        at=at,
        person=_person(new),
        external_id=name,
        text=content.text,
        attachments=content.attachments,
        overheard=bool(unaddressed),
    )


def _as_before(event: _Event, change: wire.Message, content: Content) -> bool:
    """Whether it says what it said, to the same: one that names the app only now is news."""
    old = change.previous_message
    if old is None:
        return change.message is None or change.message.edited is None
    return content == event.content(old) and not _unaddressed(event, change, old)


def _deleted(event: _Event, change: wire.Message) -> Incoming:
    """A message with replies is not deleted but becomes a tombstone, and its thread stays."""
    at, old = _moment(change.event_ts, change.ts), change.previous_message
    if old is None:
        return Ignored(reason="a message was taken back, and it is not told whose")
    name = _external(change.channel, old.ts, old.thread_ts)
    unwanted = event.unwanted(old)
    return Ignored(reason=unwanted) if unwanted else Deleted(address=event.author(old), at=at, external_id=name)


# -- all else --------------------------------------------------------------------------------------------------------


def _reacted(event: _Event) -> Incoming:
    reaction = decoded(_REACTION, event.raw)
    if reaction.item.type != "message":
        return Ignored(reason=f"a reaction to something else than a message ({(reaction.item.type or '?')[:40]})")
    if reaction.user == event.own_user:
        return Ignored(reason="the hub's own reaction")
    put = decoded(_NAMED, event.raw).type == "reaction_added"
    return Reacted(
        address=_address(event.team, reaction.user),
        at=_moment(reaction.event_ts, reaction.item.ts),
        external_id=_external(reaction.item.channel, reaction.item.ts),
        emojis=(emoji.reaction_of(reaction.reaction),),
        change="put" if put else "taken",
    )


def _uninstalled(event: _Event) -> Incoming:
    del event
    return Lost(reason=_UNINSTALLED)


def _revoked(event: _Event) -> Incoming:
    """Also told when a person takes back what they alone gave."""
    users = decoded(_REVOCATION, event.raw).tokens.bot or []
    if not users or (event.own_user and event.own_user not in users):
        return Ignored(reason=others.of_event("tokens_revoked"))
    return Lost(reason=_REVOKED)


def _pressed(press: wire.Press) -> list[Incoming]:
    ours = [action for action in press.actions if (action.action_id or "").startswith(CHOICE)]
    if not ours:
        return [Ignored(reason="a button that was not sent to a contact")]
    return [_postback(press, action) for action in ours]


def _postback(press: wire.Press, action: wire.Action) -> Incoming:
    """An answer to it goes where the button stands."""
    place = press.container or wire.Container()
    channel = place.channel_id or (press.channel.id if press.channel else None) or ""
    thread = place.thread_ts or ("" if channel.startswith("D") else place.message_ts or "")
    team = press.user.team_id or (press.team.id if press.team else None) or ""
    return Postback(
        address=_address(team, press.user.id),
        at=_moment(action.action_ts),
        person=Person(username=press.user.username or press.user.name or ""),
        external_id=_external(channel, PRESS + (action.action_ts or ""), thread),
        payload=action.value or "",
        title=(action.text.text or "") if action.text else "",
    )


_EVENTS: dict[str, Callable[[_Event], Incoming]] = {
    "message": _message,
    "app_mention": _message,
    "reaction_added": _reacted,
    "reaction_removed": _reacted,
    "app_uninstalled": _uninstalled,
    "tokens_revoked": _revoked,
}

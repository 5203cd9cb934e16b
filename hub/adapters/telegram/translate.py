"""Reads one raw update of the Bot API. Pure, and never imports the client library.

An update is read straight into the few fields that are needed; through the client library's own types the same costs
many times the processor time, and an update they find odd could not be read at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from hub.adapters.telegram.content import attachments_of, text_of
from hub.adapters.telegram.payload import (
    Chat,
    MembershipChange,
    Message,
    Numbered,
    Origin,
    Press,
    Reaction,
    ReactionChange,
    Update,
    User,
)
from hub.domain.ids import Address, ExternalId
from hub.domain.incoming import (
    Edited,
    Ignored,
    Incoming,
    Person,
    Postback,
    Reacted,
    Said,
    WasBlocked,
    WasUnblocked,
)
from hub.errors import Anomalous

_UPDATE = msgspec.json.Decoder(Update)
_NUMBERED = msgspec.json.Decoder(Numbered)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
NO_DATE = datetime.fromtimestamp(0, UTC)
"""When something happened of which the network does not say when."""

CUSTOM_EMOJI = "👾"
"""Stands for an emoji of somebody's own making, whose picture only the network has; it is a reaction everywhere."""
PAID_REACTION = "⭐"

_OTHER_KINDS = {
    "channel_post": "a post in a broadcast channel",
    "edited_channel_post": "a changed post in a broadcast channel",
    "business_connection": "a business account was connected or disconnected",
    "business_message": "a message to a business account",
    "edited_business_message": "a changed message to a business account",
    "deleted_business_messages": "deleted messages of a business account",
    "guest_message": "a message from a chat that the bot is only a guest in",
    "message_reaction_count": "counts of anonymous reactions",
    "inline_query": "an inline query, which belongs to no chat",
    "chosen_inline_result": "an inline result was chosen",
    "shipping_query": "a payment's question for shipping",
    "pre_checkout_query": "a payment's question before it is made",
    "purchased_paid_media": "paid media were bought",
    "poll": "a poll's state",
    "poll_answer": "somebody voted in a poll",
    "chat_member": "somebody's membership in a group changed",
    "chat_join_request": "somebody asks to join a group",
    "chat_boost": "a chat was boosted",
    "removed_chat_boost": "a chat's boost ended",
    "managed_bot": "a managed bot changed",
    "subscription": "a subscription changed",
}
_UNREADABLE = {
    "story": "a story, which the network does not show to bots",
    "paid_media": "paid media, which the hub cannot buy",
    "game": "a game",
    "invoice": "an invoice",
    "giveaway": "a giveaway",
    "giveaway_winners": "a giveaway's result",
}


def translate(payload: bytes) -> list[Incoming]:
    """Reads one update. Raises Anomalous, and nothing else, for what the network would never send."""
    try:
        return [_read_update(payload)]
    except (ValueError, RecursionError):
        # Deep inside, in a part that is read only when it is needed.
        raise Anomalous("This is no update of Telegram's: part of it cannot be read.") from None


def _read_update(payload: bytes) -> Incoming:
    update = _read(payload)
    for kind, handle in _KINDS.items():
        found = getattr(update, kind)
        if found is not None:
            return handle(found, payload)
    return _unknown(payload)


def update_id(payload: bytes) -> str:
    """The update's number; empty where it has none."""
    try:
        return str(_NUMBERED.decode(payload).update_id)
    except (ValueError, RecursionError):
        return _number_of_odd(payload)


def _number_of_odd(payload: bytes) -> str:
    try:
        return str(_NUMBERED.decode(_mended(payload)).update_id)
    except (ValueError, RecursionError):
        return ""


# -- reading ---------------------------------------------------------------------------------------------------------


def _read(payload: bytes) -> Update:
    try:
        return _UPDATE.decode(payload)
    except msgspec.ValidationError as error:
        raise _anomalous(error) from None
    except (ValueError, RecursionError):
        return _read_mended(payload)


def _read_mended(payload: bytes) -> Update:
    try:
        return _UPDATE.decode(_mended(payload))
    except msgspec.ValidationError as error:
        raise _anomalous(error) from None
    except RecursionError:
        raise Anomalous("This is no update of Telegram's: it nests deeper than any message.") from None
    except UnicodeDecodeError:
        raise Anomalous("This is no update of Telegram's: it is not written in UTF-8.") from None
    except ValueError:
        raise Anomalous("This is no update of Telegram's: it is not valid JSON.") from None


def _mended(payload: bytes) -> bytes:
    """Half characters, which a database could not keep, become U+FFFD. Numbers that JSON does not have stay wrong."""
    text = json.dumps(json.loads(payload.decode()), ensure_ascii=False)
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


def _anomalous(error: msgspec.ValidationError) -> Anomalous:
    what, _, where = str(error).replace("`", "").partition(" - at ")
    place = f" at {where.removeprefix('$.')}" if where else ""
    return Anomalous(f"This is no update of Telegram's: {what[:1].lower()}{what[1:]}{place}.")


def _moment(seconds: int) -> datetime:
    if not 0 < seconds < _LATEST:
        raise Anomalous(f"This is no update of Telegram's: no message has the date {str(seconds)[:25]}.")
    return datetime.fromtimestamp(seconds, UTC)


def _address(chat: Chat) -> Address:
    return Address(str(chat.id))


def _external(chat: Chat, message_id: int) -> ExternalId:
    return ExternalId(f"{chat.id}:{message_id}")


def _person(user: User | None, chat: Chat) -> Person:
    """Who wrote; in a private chat the chat has the person's names too."""
    named: User | Chat = user or chat
    return Person(
        first_name=named.first_name or "",
        last_name=named.last_name or "",
        username=named.username or "",
        language=(user.language_code or "") if user else "",
    )


# -- messages --------------------------------------------------------------------------------------------------------


def _said(message: Message, payload: bytes) -> Incoming:
    at = _moment(message.date)
    text, attachments = text_of(message), attachments_of(message)
    if not message.chat.private or _by_bot(message):
        return Ignored(reason=_unwanted(message))
    if not text and not attachments:
        return Ignored(reason=_without_content(payload, "message"))
    return Said(
        address=_address(message.chat),
        at=at,
        person=_person(message.from_, message.chat),
        external_id=_external(message.chat, message.message_id),
        text=text,
        attachments=attachments,
        reply_to=_answered(message),
        quote=message.quote.text if message.quote else "",
        album=message.media_group_id or "",
        start=_start(message.text or ""),
        forwarded_from=_forwarded(message),
    )


def _edited(message: Message, payload: bytes) -> Incoming:
    at = _moment(message.edit_date or message.date)
    text, attachments = text_of(message), attachments_of(message)
    if not message.chat.private or _by_bot(message):
        return Ignored(reason=_unwanted(message))
    if not text and not attachments:
        return Ignored(reason=_without_content(payload, "edited_message"))
    return Edited(
        address=_address(message.chat),
        at=at,
        person=_person(message.from_, message.chat),
        external_id=_external(message.chat, message.message_id),
        text=text,
        attachments=attachments,
    )


def _by_bot(message: Message) -> bool:
    return message.from_ is not None and bool(message.from_.is_bot)


def _unwanted(message: Message) -> str:
    if message.migrate_to_chat_id or message.migrate_from_chat_id:
        return "a group became a supergroup, which is another chat; contacts write in a private chat with the bot"
    return "a message that a bot wrote" if message.chat.private else _not_private(message.chat)


def _not_private(chat: Chat) -> str:
    return f"it comes from a {(chat.type or 'group')[:40]}; contacts write in a private chat with the bot"


def _without_content(payload: bytes, kind: str) -> str:
    names = _names(payload, kind)
    for name in names:
        if name in _UNREADABLE:
            return _UNREADABLE[name]
    what = next((name for name in names if name not in _FRAME), "")
    return f"a service message ({what})" if what else "a message without content"


_FRAME = {"from", "sender_chat", "message_thread_id", "is_topic_message", "via_bot", "has_protected_content"}
_FRAME |= set(Message.__struct_fields__)


def _names(payload: bytes, kind: str = "") -> list[str]:
    """The names of the fields of an update, or of the message in it, that are set; cut to a length fit for a reason."""
    update = json.loads(payload.decode("utf-8", "replace"))
    found = (update.get(kind) or {}) if kind else update
    return [_LONE_SURROGATE.sub("\ufffd", name[:40]) for name, value in found.items() if value is not None]


def _answered(message: Message) -> ExternalId | None:
    """The message that this one answers, where it stands in the same chat."""
    answered = message.reply_to_message
    if answered is None or (answered.chat is not None and answered.chat.id != message.chat.id):
        return None
    return _external(message.chat, answered.message_id)


def _start(text: str) -> str:
    """The parameter of the link that the contact came by."""
    command, _, parameter = text.partition(" ")
    return parameter.strip() if command.partition("@")[0] == "/start" else ""


def _forwarded(message: Message) -> str:
    if message.forward_origin is not None:
        return _origin(message.forward_origin)
    chat = message.forward_from_chat
    return _name(message.forward_from) or message.forward_sender_name or (chat.title or "" if chat else "")


def _origin(origin: Origin) -> str:
    chat = origin.sender_chat or origin.chat
    named = _name(origin.sender_user) or origin.sender_user_name or (chat.title or "" if chat else "")
    return named or origin.author_signature or "somebody"


def _name(user: User | None) -> str:
    if user is None:
        return ""
    return f"{user.first_name or ''} {user.last_name or ''}".strip() or user.username or str(user.id)


# -- all else --------------------------------------------------------------------------------------------------------


def _reacted(change: ReactionChange, _: bytes) -> Incoming:
    at = _moment(change.date)
    if not change.chat.private:
        return Ignored(reason=_not_private(change.chat))
    return Reacted(
        address=_address(change.chat),
        at=at,
        person=_person(change.user, change.chat),
        external_id=_external(change.chat, change.message_id),
        emojis=tuple(_emoji(reaction) for reaction in change.new_reaction),
    )


def _emoji(reaction: Reaction) -> str:
    if reaction.emoji:
        return reaction.emoji
    return PAID_REACTION if reaction.type == "paid" else CUSTOM_EMOJI


def _membership(change: MembershipChange, _: bytes) -> Incoming:
    at, status = _moment(change.date), change.new_chat_member.status
    if not change.chat.private:
        return Ignored(reason=f"the bot's own place in a {(change.chat.type or 'group')[:40]} changed")
    address, person = _address(change.chat), _person(change.from_, change.chat)
    if status == "kicked":
        return WasBlocked(address=address, at=at, person=person)
    if status == "member":
        return WasUnblocked(address=address, at=at, person=person)
    return Ignored(reason=f"the bot's own place in a private chat became {status[:40]!r}")


def _pressed(press: Press, _: bytes) -> Incoming:
    """A press has no time of its own: it gets that of the message that the button stands under. Of one that is too old
    for the bot to see the network gives no date; then it gets none that could be taken for one.
    """
    message = press.message
    if message is None:
        return Ignored(reason="a button of a message that is not there any more was pressed")
    at = _moment(message.date) if message.date else NO_DATE
    if not message.chat.private:
        return Ignored(reason=_not_private(message.chat))
    return Postback(
        address=_address(message.chat),
        at=at,
        person=_person(press.from_, message.chat),
        external_id=ExternalId(f"{message.chat.id}:press:{press.id}"),
        payload=press.data or "",
        title=_title(press, message),
    )


def _title(press: Press, message: Message) -> str:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else []
    return next((b.text for row in rows for b in row if press.data and b.callback_data == press.data), "")


def _unknown(payload: bytes) -> Incoming:
    kinds = [name for name in _names(payload) if name != "update_id"]
    if not kinds:
        raise Anomalous("This is no update of Telegram's: it has a number and nothing else.")
    what = _OTHER_KINDS.get(kinds[0])
    return Ignored(reason=what or f"a kind of update that the hub does not know ({kinds[0]})")


_KINDS: dict[str, Callable[..., Incoming]] = {
    "message": _said,
    "edited_message": _edited,
    "message_reaction": _reacted,
    "my_chat_member": _membership,
    "callback_query": _pressed,
}

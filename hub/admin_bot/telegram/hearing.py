"""From Telegram's updates to what the counter hears. Pure: no network, no store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiogram.types import (
    CallbackQuery,
    Chat,
    InaccessibleMessage,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    MessageReactionUpdated,
    ReactionTypeEmoji,
    User,
)
from aiogram.types import Message as Posted

from hub.admin_bot import drawing
from hub.admin_bot.heard import Asker, ChatMoved, Heard, Pressed, ReactedTo, Rewrote, Spot, ThreadChanged, Wrote
from hub.admin_bot.telegram.format import read_entities
from hub.domain.ids import Identity, PostId, ThreadId
from hub.domain.models import Attachment, Location, Media, MediaKind, Poll, SharedContact
from hub.domain.text import Span, Text

NETWORK = "telegram"
_COMMAND_AT = re.compile(r"\s*/\w+@(\w+)")
_EPHEMERAL = "e"
UNKNOWN = PostId("x")
"""A post that nobody can know: what is a reply to it is a reply all the same."""
_SERVICE = (  # noqa: SIM905 - names, quicker to read so
    "new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo group_chat_created "
    "supergroup_chat_created channel_chat_created message_auto_delete_timer_changed migrate_from_chat_id "
    "pinned_message forum_topic_created general_forum_topic_hidden general_forum_topic_unhidden "
    "video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited boost_added "
    "chat_background_set write_access_allowed users_shared chat_shared connected_website "
    "proximity_alert_triggered chat_owner_left chat_owner_changed giveaway_created giveaway_completed "
    "checklist_tasks_done checklist_tasks_added poll_option_added poll_option_deleted "
    "direct_message_price_changed paid_message_price_changed managed_bot_created community_chat_added "
    "community_chat_removed community_chat_joined"
).split()


class Context(msgspec.Struct, frozen=True):
    """What must be known besides the update: what a redelivery would share, and who the bot is."""

    update: str
    bot: int
    username: str


def forgiven(value: Any) -> Any:
    """A raw update with what old and odd clients leave out: a person of whom it is not said is no bot."""
    if isinstance(value, list):
        return [forgiven(v) for v in value]
    if not isinstance(value, dict):
        return value
    known = {k: forgiven(v) for k, v in value.items()}
    if "first_name" in known and "id" in known and "type" not in known and "is_bot" not in known:
        known["is_bot"] = False
    return known


def queue_of(update: Any) -> str:
    """Chat and topic of a raw update; empty where it has none."""
    if not isinstance(update, dict):
        return ""
    body = next((v for k, v in update.items() if k != "update_id" and isinstance(v, dict)), {})
    inner = body.get("message")
    message: dict[str, Any] = inner if isinstance(inner, dict) else body
    chat = message.get("chat")
    thread = message.get("message_thread_id") if message.get("is_topic_message") else ""
    return f"{chat.get('id')}/{thread}" if isinstance(chat, dict) else ""


# -- who, where ---------------------------------------------------------------------------------------------------


def post_id(message: Posted) -> PostId:
    """A message's name within its chat; ephemeral ones have numbers of their own."""
    if message.ephemeral_message_id is not None:
        return PostId(f"{_EPHEMERAL}{message.ephemeral_message_id}")
    return PostId(str(message.message_id))


def ephemeral_id(post: PostId) -> int | None:
    """The number of an ephemeral message; None for others."""
    return int(post[1:]) if post.startswith(_EPHEMERAL) else None


def identity_of(user: int) -> Identity:
    """A user's chat account."""
    return Identity(f"{NETWORK}:{user}")


def person(user: User) -> Asker:
    """Who did it."""
    name = f"{user.first_name} {user.last_name or ''}".strip() or user.username or "Unknown"
    return Asker(
        identity=identity_of(user.id),
        name=name,
        username=user.username or "",
        writer="bot" if user.is_bot else "person",
    )


def anonymous(chat: Chat) -> Asker:
    """An admin who hides behind the group, or a channel."""
    return Asker(identity=identity_of(chat.id), name=chat.title or "Somebody", writer="anonymous")


def asker(message: Posted) -> Asker | None:
    """Who wrote a message; None where Telegram does not say."""
    if message.sender_chat is not None:
        return anonymous(message.sender_chat)
    if message.from_user is None:
        return None
    who = person(message.from_user)
    if message.via_bot is not None or message.sender_business_bot is not None:
        return msgspec.structs.replace(who, writer="bot")
    return who


def spot(message: Posted) -> Spot:
    """Where it was written. Outside topics Telegram's thread numbers mislead: in General they name a mere reply."""
    thread = str(message.message_thread_id) if message.is_topic_message and message.message_thread_id else ""
    return _spot(message.chat, thread)


def _spot(chat: Chat, thread: str = "") -> Spot:
    private = chat.type == "private"
    title = chat.title or ""
    return Spot(
        network=NETWORK, chat=str(chat.id), title=title, private=private, thread=ThreadId("" if private else thread)
    )


# -- what ---------------------------------------------------------------------------------------------------------


def hear_message(message: Posted, context: Context) -> Heard | None:
    """A message, or what a service message tells; None: nothing to do."""
    if message.migrate_to_chat_id is not None:
        return _moved(message, context)
    if (who := asker(message)) is None or _own(message, context):
        return None
    if (changed := _thread_changed(message, who, context)) is not None:
        return changed
    if any(getattr(message, field, None) for field in _SERVICE):
        return None
    text = _for_us(words(message), context.username)
    if text is None:
        return None
    return Wrote(
        update=context.update,
        asker=who,
        spot=spot(message),
        at=message.date,
        post=post_id(message),
        text=text,
        attachments=attachments(message),
        answers=answers(message),
        album=message.media_group_id or "",
        forwarded=_first(message.forward_origin, context),
    )


def _first(origin: Any, context: Context) -> Asker | None:
    """Who wrote what is forwarded; some are told by their name alone."""
    if isinstance(origin, MessageOriginHiddenUser):
        return Asker(identity=Identity(""), name=origin.sender_user_name)
    if isinstance(origin, MessageOriginChat):
        return anonymous(origin.sender_chat)
    if not isinstance(origin, MessageOriginUser):
        return None
    who = person(origin.sender_user)
    return msgspec.structs.replace(who, writer="service") if origin.sender_user.id == context.bot else who


def _own(message: Posted, context: Context) -> bool:
    return message.from_user is not None and message.from_user.id == context.bot


def _moved(message: Posted, context: Context) -> ChatMoved:
    who = asker(message) or anonymous(message.chat)
    to = str(message.migrate_to_chat_id)
    return ChatMoved(update=context.update, asker=who, spot=spot(message), at=message.date, to=to)


def _thread_changed(message: Posted, who: Asker, context: Context) -> ThreadChanged | None:
    title = ""
    if message.forum_topic_closed is not None:
        change = "closed"
    elif message.forum_topic_reopened is not None:
        change = "reopened"
    elif message.forum_topic_edited is not None:
        change, title = "renamed", message.forum_topic_edited.name or ""
        if not title:
            return None
    else:
        return None
    return ThreadChanged(
        update=context.update,
        asker=who,
        spot=spot(message),
        at=message.date,
        change=change,  # type: ignore[arg-type]
        title=title,
    )


def hear_edit(message: Posted, context: Context) -> Heard | None:
    """An edit. Telegram also reports changes nobody made; whether the words are new, the counter sees."""
    who = asker(message)
    if who is None or _own(message, context):
        return None
    text = _for_us(words(message), context.username)
    if text is None:
        return None
    at = datetime.fromtimestamp(message.edit_date, UTC) if message.edit_date else message.date
    return Rewrote(update=context.update, asker=who, spot=spot(message), at=at, post=post_id(message), text=text)


def hear_reaction(change: MessageReactionUpdated, context: Context) -> Heard | None:
    """A reaction. Custom and paid ones have no emoji that could be shown elsewhere."""
    if change.user is not None:
        who = person(change.user)
    elif change.actor_chat is not None:
        who = anonymous(change.actor_chat)
    else:
        return None
    emojis = [r.emoji for r in change.new_reaction if isinstance(r, ReactionTypeEmoji)]
    if change.new_reaction and not emojis:
        return None
    return ReactedTo(
        update=context.update,
        asker=who,
        spot=_spot(change.chat),
        at=change.date,
        post=PostId(str(change.message_id)),
        emoji=emojis[0] if emojis else "",
    )


def hear_press(query: CallbackQuery, context: Context) -> Pressed | None:
    """A button pressed; None: it is too old, or none of ours."""
    message = query.message
    read = drawing.decode(query.data or "")
    if read is None or message is None or isinstance(message, InaccessibleMessage):
        return None
    return Pressed(
        update=context.update,
        asker=person(query.from_user),
        spot=spot(message),
        at=datetime.now(UTC),
        post=post_id(message),
        line=read.line,
        version=read.version,
        home=read.home,
    )


# -- words and files ----------------------------------------------------------------------------------------------


def words(message: Posted) -> Text:
    """A message's text or caption."""
    if message.text is not None:
        return read_entities(message.text, message.entities or ())
    return read_entities(message.caption or "", message.caption_entities or ())


def _for_us(text: Text, username: str) -> Text | None:
    """The text without the bot's name after a command; None where the command names another bot."""
    found = _COMMAND_AT.match(text.plain)
    if found is None or not username:
        return text
    if found[1].lower() != username.lower():
        return None
    start, end = found.start(1) - 1, found.end(1)
    spans = tuple(s for s in (_without(s, start, end) for s in text.spans) if s.start < s.end)
    return Text(text.plain[:start] + text.plain[end:], spans)


def _without(span: Span, start: int, end: int) -> Span:
    """The span after the code points from `start` to `end` are taken out."""

    def moved(place: int) -> int:
        return place if place <= start else max(start, place - (end - start))

    return Span(moved(span.start), moved(span.end), span.kind, span.value)


def answers(message: Posted) -> PostId | None:
    """The post it replies to. In a topic every message formally replies to the topic's opening: that is no answer."""
    replied = message.reply_to_message
    if replied is None:
        return UNKNOWN if _answers_unseen(message) else None
    opening = replied.forum_topic_created is not None
    if opening or (message.is_topic_message and replied.message_id == message.message_thread_id):
        return None
    return post_id(replied)


def _answers_unseen(message: Posted) -> bool:
    """A reply into another topic or chat, or to what only the agent sees, where Telegram may leave out the original: it
    must not pass for a plain message. In an ephemeral message only a command is no reply.
    """
    if message.external_reply is not None or message.reply_to_story is not None:
        return True
    return message.ephemeral_message_id is not None and not (message.text or "").startswith("/")


def attachments(message: Posted) -> tuple[Attachment, ...]:
    """The message's files and such, neutral; a file's source is Telegram's file id."""
    file = _file(message)
    if file is not None:
        return (file,)
    if message.contact is not None:
        name = f"{message.contact.first_name} {message.contact.last_name or ''}".strip()
        return (SharedContact(name=name, phone=message.contact.phone_number),)
    if message.venue is not None:
        venue, point = message.venue, message.venue.location
        where = {"latitude": point.latitude, "longitude": point.longitude}
        return (Location(kind="venue", title=venue.title, street=venue.address, **where),)
    if message.location is not None:
        return (Location(latitude=message.location.latitude, longitude=message.location.longitude),)
    if message.poll is not None:
        return (Poll(question=message.poll.question, options=tuple(o.text for o in message.poll.options)),)
    return ()


def _file(message: Posted) -> Media | None:
    if message.photo:
        largest = max(message.photo, key=lambda p: p.width * p.height)
        return Media(kind="image", source=largest.file_id, mime="image/jpeg", size=largest.file_size)
    # An animation is reported as a document as well, so it comes first.
    kinds: Mapping[str, MediaKind] = {
        "animation": "animation",
        "video": "video",
        "voice": "voice",
        "audio": "audio",
        "video_note": "video_note",
        "sticker": "sticker",
        "document": "file",
    }
    for field, kind in kinds.items():
        file = getattr(message, field)
        if file is not None:
            return Media(
                kind=kind,
                source=file.file_id,
                name=getattr(file, "file_name", None) or "",
                mime=_mime(file, kind),
                size=file.file_size,
            )
    return None


def _mime(file: Any, kind: MediaKind) -> str:
    if kind == "sticker":
        return "application/x-tgsticker" if file.is_animated else "video/webm" if file.is_video else "image/webp"
    return getattr(file, "mime_type", None) or ("video/mp4" if kind == "video_note" else "")

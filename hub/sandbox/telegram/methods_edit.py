"""Methods that change, delete and react to messages, answer taps, and pin."""

from collections.abc import Callable
from typing import Any

from hub.sandbox.telegram.accounts import Chat, Json, Stored
from hub.sandbox.telegram.asks import Ask
from hub.sandbox.telegram.files import MEDIA
from hub.sandbox.telegram.methods_send import input_media
from hub.sandbox.telegram.parameters import text_in
from hub.sandbox.telegram.people import replace_text
from hub.sandbox.telegram.refusals import NOT_MODIFIED, QUERY_TOO_OLD, bad

_TWO_DAYS = 48 * 3600
_EDITABLE_MEDIA = frozenset({"photo", "video", "animation", "audio", "document"})
_ABOUT_MEDIA = frozenset({*MEDIA, "caption", "caption_entities", "has_media_spoiler", "show_caption_above_media"})
# The reactions the network offers, variation selectors left out.
_OFFERED = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 "
    "🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 "
    "🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡 "
)
_EMOJI = frozenset(_OFFERED.split())


def _changing(ask: Ask, stored: Stored, change: Callable[[Json], None]) -> None:
    """Apply a change to the body and the keyboard; refuse one that changes nothing."""
    body = {name: value for name, value in stored.body.items() if name != "reply_markup"}
    change(body)
    body |= ask.keyboard(stored.chat, inline_only=True)
    if body == stored.body:
        raise bad(NOT_MODIFIED)
    content = {name: value for name, value in body.items() if name != "reply_markup"}
    if content != {name: value for name, value in stored.body.items() if name != "reply_markup"}:
        body["edit_date"] = int(ask.world.clock())
    stored.body = body


def _own(ask: Ask) -> Stored:
    if "inline_message_id" in ask.values:
        raise bad("MESSAGE_ID_INVALID")
    if "chat_id" not in ask.values:
        raise bad("chat_id is empty")
    if "message_id" not in ask.values:
        raise bad("Message identifier is not specified")
    stored = ask.message(ask.chat(), "message to edit")
    if stored.sender is not ask.bot or stored.service or "forward_origin" in stored.body:
        raise bad("message can't be edited")
    return stored


def _whisper(ask: Ask) -> Stored:
    key = (ask.values["receiver_user_id"], ask.values["ephemeral_message_id"])
    stored = ask.chat().whispers.get(key)
    if stored is None:
        raise bad("message to edit not found")
    if stored.sender is not ask.bot:
        raise bad("message can't be edited")
    return stored


def _edit(ask: Ask, stored: Stored, change: Callable[[Json], None]) -> Any:
    _changing(ask, stored, change)
    whisper = stored.receiver is not None
    kind = "ephemeral_edited" if whisper else "edited"
    ask.world.changes.add(kind, stored.chat, message=ask.world.render(stored))
    return True if whisper else ask.world.render(stored, ask.bot)


def _edit_text(ask: Ask, stored: Stored) -> Any:
    text = ask.text()
    if "text" not in stored.body:
        raise bad("there is no text in the message to edit")

    def change(body: Json) -> None:
        replace_text(body, text, "text")
        body.pop("link_preview_options", None)
        if ask.given("link_preview_options"):
            body["link_preview_options"] = ask.values["link_preview_options"]

    return _edit(ask, stored, change)


def _edit_caption(ask: Ask, stored: Stored) -> Any:
    caption = ask.caption()
    if not any(kind in stored.body for kind in (*_EDITABLE_MEDIA, "voice")):
        raise bad("there is no caption in the message to edit")

    def change(body: Json) -> None:
        for name in ("caption", "caption_entities", "show_caption_above_media"):
            body.pop(name, None)
        body |= caption

    return _edit(ask, stored, change)


def _edit_media(ask: Ask, stored: Stored) -> Any:
    media = input_media(ask, ask.values["media"], allowed=_EDITABLE_MEDIA)

    def change(body: Json) -> None:
        for name in _ABOUT_MEDIA | {"text", "entities", "link_preview_options"}:
            body.pop(name, None)
        body |= media

    return _edit(ask, stored, change)


def _edit_markup(ask: Ask, stored: Stored) -> Any:
    return _edit(ask, stored, lambda _: None)


def edit_message_text(ask: Ask) -> Any:
    """New text of the bot's own message."""
    return _edit_text(ask, _own(ask))


def edit_message_caption(ask: Ask) -> Any:
    """New caption."""
    return _edit_caption(ask, _own(ask))


def edit_message_media(ask: Ask) -> Any:
    """Another file in place of the old content."""
    return _edit_media(ask, _own(ask))


def edit_message_reply_markup(ask: Ask) -> Any:
    """Another inline keyboard, or none."""
    return _edit_markup(ask, _own(ask))


def edit_ephemeral_text(ask: Ask) -> Any:
    """New text of an ephemeral message."""
    return _edit_text(ask, _whisper(ask))


def edit_ephemeral_caption(ask: Ask) -> Any:
    """New caption of an ephemeral message."""
    return _edit_caption(ask, _whisper(ask))


def edit_ephemeral_media(ask: Ask) -> Any:
    """Another file in an ephemeral message."""
    return _edit_media(ask, _whisper(ask))


def edit_ephemeral_markup(ask: Ask) -> Any:
    """Another keyboard under an ephemeral message."""
    return _edit_markup(ask, _whisper(ask))


def delete_ephemeral(ask: Ask) -> bool:
    """Take an ephemeral message away."""
    stored = _whisper(ask)
    key = (ask.values["receiver_user_id"], ask.values["ephemeral_message_id"])
    del stored.chat.whispers[key]
    ask.world.changes.add("ephemeral_deleted", stored.chat, ephemeral_message_id=key[1], receiver_user_id=key[0])
    return True


# -- deleting ----------------------------------------------------------------------------------------------------


def _deletable(ask: Ask, stored: Stored) -> bool:
    if "forum_topic_created" in stored.body:
        return False
    old = ask.world.clock() - stored.body["date"] > _TWO_DAYS
    if stored.chat.person is not None:
        return not old
    return ask.member(stored.chat).may("can_delete_messages") or (stored.sender is ask.bot and not old)


def _delete(ask: Ask, chat: Chat, gone: list[Stored]) -> bool:
    for stored in gone:
        del chat.messages[stored.id]
        chat.pinned = [number for number in chat.pinned if number != stored.id]
    ask.world.changes.add("deleted", chat, message_ids=[stored.id for stored in gone])
    return True


def delete_message(ask: Ask) -> bool:
    """One message: the bot's own within two days, anybody's with the right."""
    chat = ask.chat()
    stored = ask.message(chat, "message to delete")
    if not _deletable(ask, stored):
        raise bad("message can't be deleted")
    return _delete(ask, chat, [stored])


def delete_messages(ask: Ask) -> bool:
    """Up to 100 messages; those not found are skipped, as the network does."""
    numbers = ask.values["message_ids"]
    if not numbers:
        raise bad("Message identifiers are not specified")
    if len(numbers) > 100:
        raise bad("Too many message identifiers specified")
    chat = ask.chat()
    found = [chat.messages[number] for number in dict.fromkeys(numbers) if number in chat.messages]
    if not all(_deletable(ask, stored) for stored in found):
        raise bad("message can't be deleted")
    return _delete(ask, chat, found)


# -- reactions and taps ------------------------------------------------------------------------------------------


def set_message_reaction(ask: Ask) -> bool:
    """The bot's one reaction, or none. No bot is ever told of a bot's reaction."""
    given = ask.given("reaction", [])
    if any(not isinstance(one, dict) or text_in(one, "type") not in {"emoji", "custom_emoji", "paid"} for one in given):
        raise bad("Can't parse ReactionType: invalid reaction type specified")
    if len(given) > 1:
        raise bad("REACTIONS_TOO_MANY")
    emojis = [text_in(one, "emoji").replace("\ufe0f", "") for one in given]
    if any(emoji not in _EMOJI for emoji in emojis):
        raise bad("REACTION_INVALID")
    stored = ask.message(ask.chat(), "message to react")
    ask.world.note_reaction(stored, ask.bot.id, emojis)
    return True


def answer_callback_query(ask: Ask) -> bool:
    """What the person who tapped sees; once, and soon."""
    tap = ask.world.taps.get(ask.values["callback_query_id"])
    late = tap is not None and ask.world.clock() - tap.at > ask.world.callback_seconds
    if tap is None or late or tap.answered or tap.bot is not ask.bot:
        raise bad(QUERY_TOO_OLD)
    text = ask.given("text", "")
    if len(text) > 200:
        raise bad("MESSAGE_TOO_LONG")
    tap.answered, tap.text, tap.alert = True, text, ask.given("show_alert", False)
    tap.heard.set()
    chat = ask.world.private_chat(tap.user, tap.bot)
    ask.world.changes.add("tap_answered", chat, callback_query_id=tap.id, text=tap.text, alert=tap.alert)
    return True


# -- pins --------------------------------------------------------------------------------------------------------


def _pinnable(ask: Ask) -> Chat:
    chat = ask.chat()
    ask.need(chat, "can_pin_messages", "manage pinned messages in the chat")
    return chat


def pin_chat_message(ask: Ask) -> bool:
    """Pin a message; the service message comes to this bot too."""
    chat = _pinnable(ask)
    stored = ask.message(chat, "message to pin")
    if stored.service:
        raise bad("message can't be pinned")
    ask.world.pin(ask.bot, chat, stored.id)
    return True


def unpin_chat_message(ask: Ask) -> bool:
    """Unpin one message, or the newest pinned one."""
    chat = _pinnable(ask)
    number = ask.given("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.messages:
        raise bad("message to unpin not found")
    chat.pinned = [other for other in chat.pinned if other != number]
    return True


def unpin_all(ask: Ask) -> bool:
    """Unpin all in the chat."""
    _pinnable(ask).pinned.clear()
    return True


def unpin_all_in_topic(ask: Ask) -> bool:
    """Unpin all in one topic."""
    chat = ask.forum("can_pin_messages", "manage pinned messages in the chat")
    topic = ask.topic(chat)
    chat.pinned = [number for number in chat.pinned if chat.messages[number].thread != topic.id]
    return True


def unpin_all_in_general(ask: Ask) -> bool:
    """Unpin all in General."""
    chat = ask.forum("can_pin_messages", "manage pinned messages in the chat")
    chat.pinned = [number for number in chat.pinned if chat.messages[number].thread is not None]
    return True

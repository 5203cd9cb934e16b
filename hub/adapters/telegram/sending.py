"""Sends one part of a message through the client library; the first failure ends it, and nothing is tried again."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, BinaryIO, cast

import telegram
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, MessageEntity, ReplyParameters

from hub.adapters.telegram.errors import words_of
from hub.adapters.telegram.format import entities
from hub.adapters.telegram.parts import (
    ROW,
    SHORT,
    TOO_LARGE,
    UPLOAD_LIMIT,
    CardPart,
    FilesPart,
    FileToSend,
    Part,
    TextPart,
)
from hub.adapters.telegram.transport import UPLOAD_ANSWER_SECONDS, RefusedByNetwork
from hub.domain.models import Location, MediaKind, SharedContact
from hub.domain.ports import Choice, OutgoingMedia
from hub.domain.text import Text
from hub.errors import DeliveryError, Refused, TemporaryFailure, TooLarge, Undeliverable

_METHODS: dict[MediaKind, str] = {
    "image": "photo",
    "video": "video",
    "animation": "animation",
    "voice": "voice",
    "audio": "audio",
    "video_note": "video_note",
    "file": "document",
    "sticker": "sticker",
}
_IN_ALBUM: dict[MediaKind, type[Any]] = {
    "image": telegram.InputMediaPhoto,
    "video": telegram.InputMediaVideo,
    "audio": telegram.InputMediaAudio,
    "file": telegram.InputMediaDocument,
}
_NO_PICTURE = ("photo_invalid_dimensions", "image_process_failed", "photo_save_file_invalid", "photo_ext_invalid")
"""The network's words for an image that it will not show as a photo; it takes it as a file."""


async def send_part(bot: Bot, chat: int, part: Part, reply_to: int | None) -> list[int]:
    """Sends it; gives the messages' numbers in order. Raises what the library raises."""
    frame: dict[str, Any] = {"chat_id": chat}
    if reply_to is not None:
        frame["reply_parameters"] = ReplyParameters(reply_to, allow_sending_without_reply=True)
    if isinstance(part, TextPart):
        words: dict[str, Any] = {"text": part.text.plain, "entities": library_entities(part.text)}
        sent = await bot.send_message(**words, reply_markup=_keyboard(part.choices), **frame)
        return [sent.message_id]
    if isinstance(part, CardPart):
        return [await _send_card(bot, part, frame)]
    if len(part.files) == 1:
        return [await _send_file(bot, part.files[0], frame)]
    return await _send_album(bot, part, frame)


def library_entities(text: Text) -> list[MessageEntity] | None:
    """The text's formatting in the library's types."""
    found = [MessageEntity(e.type, e.offset, e.length, url=e.url, language=e.language) for e in entities(text)]
    return found or None


def _keyboard(choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """Short ones beside each other, long ones below each other."""
    if not choices:
        return None
    width = ROW if all(len(choice.label) <= SHORT for choice in choices) else 1
    buttons = [InlineKeyboardButton(choice.label, callback_data=choice.value) for choice in choices]
    return InlineKeyboardMarkup([buttons[at : at + width] for at in range(0, len(buttons), width)])


async def _send_card(bot: Bot, part: CardPart, frame: dict[str, Any]) -> int:
    card = part.card
    if isinstance(card, SharedContact):
        sent = await bot.send_contact(phone_number=card.phone, first_name=card.name or card.phone, **frame)
    elif isinstance(card, Location) and card.kind == "venue":
        title, street = card.title or card.street or "?", card.street or card.title or "?"
        at = {"latitude": card.latitude, "longitude": card.longitude, **frame}
        sent = await bot.send_venue(title=title, address=street, **at)
    elif isinstance(card, Location):
        sent = await bot.send_location(latitude=card.latitude, longitude=card.longitude, **frame)
    else:
        sent = await bot.send_poll(question=card.question, options=list(card.options), **frame)
    return sent.message_id


async def _send_file(bot: Bot, file: FileToSend, frame: dict[str, Any]) -> int:
    async with _spooled(file.source) as content:
        try:
            return await _upload(bot, file, file.kind, content, frame)
        except RefusedByNetwork as error:
            if file.kind != "image" or not any(words in words_of(error) for words in _NO_PICTURE):
                raise
            content.seek(0)
            return await _upload(bot, file, "file", content, frame)


async def _upload(bot: Bot, file: FileToSend, kind: MediaKind, content: BinaryIO, frame: dict[str, Any]) -> int:
    field = _METHODS[kind]
    method: Callable[..., Awaitable[telegram.Message]] = getattr(bot, f"send_{field}")
    options: dict[str, Any] = {**frame, field: _input(file, content, attach=False)}
    if file.caption:
        options |= {"caption": file.caption.plain, "caption_entities": library_entities(file.caption)}
    if kind == "file":
        # Else the network shows a video that was sent as a file as a video.
        options["disable_content_type_detection"] = True
    sent = await method(**options, read_timeout=UPLOAD_ANSWER_SECONDS)
    return sent.message_id


async def _send_album(bot: Bot, part: FilesPart, frame: dict[str, Any]) -> list[int]:
    async with AsyncExitStack() as opened:
        media = [_in_album(file, await opened.enter_async_context(_spooled(file.source))) for file in part.files]
        sent = await bot.send_media_group(media=media, read_timeout=UPLOAD_ANSWER_SECONDS, **frame)
    return [message.message_id for message in sent]


def _in_album(file: FileToSend, content: BinaryIO) -> Any:
    caption = file.caption.plain or None
    attached = _input(file, content, attach=True)
    return _IN_ALBUM[file.kind](attached, caption=caption, caption_entities=library_entities(file.caption))


def _input(file: FileToSend, content: BinaryIO, *, attach: bool) -> InputFile:
    """`read_file_handle=False`: the file is read in pieces while it is uploaded, never whole."""
    return InputFile(content, filename=file.name, attach=attach, read_file_handle=False)


@asynccontextmanager
async def _spooled(media: OutgoingMedia) -> AsyncIterator[BinaryIO]:
    """The content in a file that vanishes: the library uploads from files, and must be able to go back to the start."""
    with tempfile.TemporaryFile() as opened:
        file = cast(BinaryIO, opened)
        await _fill(file, media)
        file.seek(0)
        yield file


async def _fill(file: BinaryIO, media: OutgoingMedia) -> None:
    """Fails with an error that says that nothing was sent."""
    try:
        await _copy(media, file)
    except DeliveryError:
        raise
    except Refused as error:
        raise Undeliverable(f"The file cannot be sent: {error.text}") from None
    except Exception as error:
        raise TemporaryFailure("The file could not be read just now; it will be tried again.") from error


async def _copy(media: OutgoingMedia, file: BinaryIO) -> None:
    async for chunk in media.content():
        file.write(chunk)
        if file.tell() > UPLOAD_LIMIT:
            raise TooLarge(TOO_LARGE)

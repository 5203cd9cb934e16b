"""Files on their way to a desk: streamed, under a harmless name, and grouped as Telegram groups albums."""

from __future__ import annotations

import mimetypes
import unicodedata
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING

import msgspec
from aiogram.methods import (
    SendAnimation,
    SendAudio,
    SendDocument,
    SendMediaGroup,
    SendPhoto,
    SendSticker,
    SendVideo,
    SendVideoNote,
    SendVoice,
)
from aiogram.methods.base import TelegramMethod
from aiogram.types import (
    InputFile,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    MediaUnion,
    Message,
)

from hub.domain.models import Media, MediaKind
from hub.domain.ports import OutgoingMedia
from hub.errors import HubError

if TYPE_CHECKING:
    from aiogram import Bot

ALBUM_LIMIT = 10
PHOTO_LIMIT = 10 * 1024 * 1024
"""Bytes of a picture that Telegram shows as one; larger ones are sent as files."""
CAPTIONLESS: frozenset[MediaKind] = frozenset({"sticker", "video_note"})
_NAMES: dict[MediaKind, str] = {
    "image": "photo.jpg",
    "video": "video.mp4",
    "animation": "animation.mp4",
    "voice": "voice.ogg",
    "audio": "audio.mp3",
    "video_note": "video.mp4",
    "file": "file",
    "sticker": "sticker.webp",
}
_STICKERS = {"application/x-tgsticker": "sticker.tgs", "video/webm": "sticker.webm"}


class Streamed(InputFile):
    """A file read from the store while it is sent. `failure`: why it could not be read."""

    def __init__(self, file: OutgoingMedia) -> None:
        super().__init__(filename=file_name(file.media))
        self._content = file.content
        self.failure: HubError | None = None

    async def read(self, bot: Bot) -> AsyncGenerator[bytes, None]:  # noqa: ARG002 - the library's signature
        """The chunks."""
        try:
            async for chunk in self._content():
                yield chunk
        except HubError as error:
            self.failure = error
            raise


def file_name(media: Media) -> str:
    """The contact's name for the file, without anything that could end the field it is sent in."""
    name = "".join(" " if unicodedata.category(s)[0] == "C" or s in '"\\/' else s for s in media.name).strip(" .")
    if name:
        return name[-120:]
    if media.kind == "sticker":
        return _STICKERS.get(media.mime, _NAMES["sticker"])
    if media.kind == "file" and media.mime:
        return "file" + (mimetypes.guess_extension(media.mime) or "")
    return _NAMES[media.kind]


def shown_as(file: OutgoingMedia) -> MediaKind:
    """The kind it is sent as: pictures that are too large for that are files."""
    return "file" if file.media.kind == "image" and file.size > PHOTO_LIMIT else file.media.kind


def as_file(file: OutgoingMedia) -> OutgoingMedia:
    """The same, to be sent as a file of no special kind."""
    return msgspec.structs.replace(file, media=msgspec.structs.replace(file.media, kind="file"))


def groups(files: Sequence[OutgoingMedia]) -> list[list[OutgoingMedia]]:
    """The files in runs that Telegram shows as one album each; what cannot be grouped stands alone."""
    runs: list[list[OutgoingMedia]] = []
    for file in files:
        family = _family(file)
        if runs and family and _family(runs[-1][0]) == family and len(runs[-1]) < ALBUM_LIMIT:
            runs[-1].append(file)
        else:
            runs.append([file])
    return runs


def _family(file: OutgoingMedia) -> str:
    kind = shown_as(file)
    if kind in ("image", "video"):
        return "visual"
    return kind if kind in ("file", "audio") else ""


def album(chat: int, thread: int | None, files: Sequence[tuple[Streamed, OutgoingMedia, str]]) -> SendMediaGroup:
    """The call that sends an album; each file with its caption as HTML."""
    items: list[MediaUnion] = [_item(shown_as(f), streamed, caption) for streamed, f, caption in files]
    return SendMediaGroup(chat_id=chat, message_thread_id=thread, media=items)


def _item(kind: MediaKind, file: Streamed, caption: str) -> MediaUnion:
    words = caption or None
    if kind == "image":
        return InputMediaPhoto(media=file, caption=words)
    if kind == "video":
        return InputMediaVideo(media=file, caption=words)
    if kind == "audio":
        return InputMediaAudio(media=file, caption=words)
    return InputMediaDocument(media=file, caption=words)


def one(  # noqa: PLR0911 - a table
    chat: int, thread: int | None, kind: MediaKind, file: Streamed
) -> TelegramMethod[Message]:
    """The call that sends one file of its kind, without words."""
    match kind:
        case "image":
            return SendPhoto(chat_id=chat, message_thread_id=thread, photo=file)
        case "video":
            return SendVideo(chat_id=chat, message_thread_id=thread, video=file, supports_streaming=True)
        case "animation":
            return SendAnimation(chat_id=chat, message_thread_id=thread, animation=file)
        case "voice":
            return SendVoice(chat_id=chat, message_thread_id=thread, voice=file)
        case "audio":
            return SendAudio(chat_id=chat, message_thread_id=thread, audio=file)
        case "video_note":
            return SendVideoNote(chat_id=chat, message_thread_id=thread, video_note=file)
        case "sticker":
            return SendSticker(chat_id=chat, message_thread_id=thread, sticker=file)
        case "file":
            return SendDocument(chat_id=chat, message_thread_id=thread, document=file)

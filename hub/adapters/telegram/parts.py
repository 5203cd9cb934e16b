"""How a message to a contact is divided into the network's own messages. Pure: what is sent how, and in which order."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Sequence

import msgspec

from hub.adapters.telegram.format import measure
from hub.domain.models import Attachment, Link, Location, Media, MediaKind, Poll, SharedContact
from hub.domain.ports import Choice, Outgoing, OutgoingMedia
from hub.domain.text import Text, split
from hub.errors import TooLarge, Undeliverable

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ALBUM_LIMIT = 10
UPLOAD_LIMIT = 50 * 1024 * 1024
TOO_LARGE = f"The file is larger than the {UPLOAD_LIMIT >> 20} MB that Telegram takes from a bot."
PHOTO_LIMIT = 10 * 1024 * 1024
STICKER_LIMIT = 512 * 1024
POLL_OPTIONS = range(2, 13)
CHOICES_LIMIT = 100
VALUE_LIMIT = 64
"""Bytes."""
ROW = 8
"""Buttons beside each other that the network shows."""
SHORT = 6
"""Characters of a label up to which several stand in a row."""

KIND_LIMITS: dict[MediaKind, int] = {"image": PHOTO_LIMIT, "sticker": STICKER_LIMIT}
"""Bytes up to which a file is sent as what it is; a larger one goes as a plain file."""
_WITHOUT_CAPTION: frozenset[MediaKind] = frozenset({"sticker", "video_note"})
_FAMILIES: dict[MediaKind, str] = {"image": "seen", "video": "seen", "file": "files", "audio": "heard"}
"""Which kinds may stand in one album; the others never do."""
_EXTENSIONS: dict[MediaKind, str] = {
    "image": ".jpg",
    "video": ".mp4",
    "animation": ".mp4",
    "voice": ".ogg",
    "audio": ".mp3",
    "video_note": ".mp4",
    "sticker": ".webp",
    "file": ".bin",
}


class TextPart(msgspec.Struct, frozen=True):
    """Words, short enough for one message, and the buttons under them. `place`: among the files, that of the one they
    belong to.
    """

    text: Text
    place: int = 0
    choices: tuple[Choice, ...] = ()


class FilesPart(msgspec.Struct, frozen=True):
    """One file, or an album of several; captions short enough, or none."""

    files: tuple[FileToSend, ...]


class FileToSend(msgspec.Struct, frozen=True):
    """A file and as what it goes."""

    kind: MediaKind
    name: str
    caption: Text
    source: OutgoingMedia


class CardPart(msgspec.Struct, frozen=True):
    """A location, contact or poll."""

    card: SharedContact | Location | Poll


Part = TextPart | FilesPart | CardPart


def parts_of(message: Outgoing) -> list[Part]:
    """The parts in the order in which they go out: files first, for each of an album's messages owns one of them.

    Raises TooLarge, or Undeliverable where nothing would be sent: before anything is.
    """
    files = [_file(media) for media in message.media]
    parts: list[Part] = [FilesPart(run) for run in _runs(files)]
    for place, (media, file) in enumerate(zip(message.media, files, strict=True)):
        parts += texts(media.caption if not file.caption else Text(), place)
    parts += texts(message.text)
    for other in message.others:
        parts += _other(other)
    if not parts:
        raise Undeliverable("There is nothing to send: the message is empty.")
    return _with_choices(parts, message.choices) if message.choices else parts


def _with_choices(parts: list[Part], choices: tuple[Choice, ...]) -> list[Part]:
    """They stand under the last words: albums carry none."""
    last = parts[-1]
    if not isinstance(last, TextPart):
        raise Undeliverable("Buttons need words to stand under.")
    if len(choices) > CHOICES_LIMIT:
        raise Undeliverable(f"At most {CHOICES_LIMIT} buttons can be sent; these are {len(choices)}.")
    if any(not 1 <= len(each.value.encode()) <= VALUE_LIMIT or not each.label.strip() for each in choices):
        raise Undeliverable(f"A button of Telegram's has a label, and carries back 1 to {VALUE_LIMIT} bytes.")
    return [*parts[:-1], msgspec.structs.replace(last, choices=choices)]


def whose(parts: Sequence[Part]) -> tuple[int, ...]:
    """For each message that the parts become, the place of the file it belongs to."""
    files = [file for part in parts if isinstance(part, FilesPart) for file in part.files]
    words = (part for part in parts if not isinstance(part, FilesPart))
    return (*range(len(files)), *(part.place if isinstance(part, TextPart) else 0 for part in words))


def texts(text: Text, place: int = 0) -> list[TextPart]:
    """The network refuses messages of spaces alone."""
    return [TextPart(part, place) for part in split(text, TEXT_LIMIT, measure) if part.plain.strip()]


def _file(media: OutgoingMedia) -> FileToSend:
    if media.size > UPLOAD_LIMIT:
        raise TooLarge(TOO_LARGE)
    kind: MediaKind = media.media.kind
    if media.size > KIND_LIMITS.get(kind, UPLOAD_LIMIT):
        kind = "file"
    fits = kind not in _WITHOUT_CAPTION and measure(media.caption.plain) <= CAPTION_LIMIT
    return FileToSend(kind, _name(media.media), media.caption if fits else Text(), media)


def _name(media: Media) -> str:
    """The network tells files apart by their names' endings."""
    if media.name:
        return media.name
    return media.kind + (mimetypes.guess_extension(media.mime) or _EXTENSIONS[media.kind])


def _runs(files: list[FileToSend]) -> Iterator[tuple[FileToSend, ...]]:
    """Neighbours that may stand in one album, ten at most; everything else alone."""
    run: list[FileToSend] = []
    for file in files:
        if run and (_family(file) != _family(run[0]) or not _family(file) or len(run) == ALBUM_LIMIT):
            yield tuple(run)
            run = []
        run.append(file)
    if run:
        yield tuple(run)


def _family(file: FileToSend) -> str:
    return _FAMILIES.get(file.kind, "")


def _other(other: Attachment) -> Sequence[Part]:
    if isinstance(other, Link):
        return texts(Text(f"{other.title}\n{other.url}".strip()))
    if isinstance(other, Poll) and len(other.options) not in POLL_OPTIONS:
        return texts(Text("\n".join([other.question, *(f"• {option}" for option in other.options)])))
    if isinstance(other, Media):
        raise Undeliverable("A file can only be sent with its content.")
    return [CardPart(other)]

"""How a message to a contact is divided into the network's own messages. Pure: what is sent how, and in which order."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence

import msgspec

from hub.adapters.messenger.format import measure, words
from hub.domain.models import Attachment, Link, Location, Media, MediaKind, SharedContact
from hub.domain.ports import Choice, Outgoing, OutgoingMedia
from hub.domain.text import Text, split
from hub.errors import TooLarge, Undeliverable

TEXT_LIMIT = 2000
LONGEST_TEXT = TEXT_LIMIT - 1
"""The network wants less than its limit."""
CHOICES_LIMIT = 13
LABEL_LIMIT = 20
VALUE_LIMIT = 1000
UPLOAD_LIMIT = 25 * 1024 * 1024
TOO_LARGE = f"The file is larger than the {UPLOAD_LIMIT >> 20} MB that Messenger takes."

_MIME = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_UNFIT = re.compile(r'[\x00-\x1f\x7f"\\/]')
_TYPES: dict[MediaKind, str] = {
    "image": "image",
    "sticker": "image",
    "animation": "video",
    "video": "video",
    "video_note": "video",
    "voice": "audio",
    "audio": "audio",
    "file": "file",
}
_EXTENSIONS: dict[MediaKind, str] = {
    "image": ".jpg",
    "sticker": ".png",
    "animation": ".mp4",
    "video": ".mp4",
    "video_note": ".mp4",
    "voice": ".mp4",
    "audio": ".mp3",
    "file": ".bin",
}


class TextPart(msgspec.Struct, frozen=True):
    """Words, short enough for one message. `place`: among the files, that of the one they belong to."""

    text: str
    choices: tuple[Choice, ...] = ()
    place: int = 0


class FilePart(msgspec.Struct, frozen=True):
    """A file, as what the network shows it: it never carries words."""

    type: str
    name: str
    mime: str
    source: OutgoingMedia
    choices: tuple[Choice, ...] = ()


Part = TextPart | FilePart


def parts_of(message: Outgoing) -> list[Part]:
    """The parts in the order in which they go out: files first, for each of an album's messages owns one of them.

    Choices stand under the last part. Raises TooLarge, or Undeliverable where it cannot be sent: before anything is.
    """
    parts: list[Part] = [_file(media) for media in message.media]
    for place, media in enumerate(message.media):
        parts += _texts(words(media.caption), place)
    parts += _texts(words(message.text))
    for other in message.others:
        parts += _texts(_card(other))
    if not parts:
        raise Undeliverable("There is nothing to send: the message is empty.")
    if message.choices:
        parts[-1] = msgspec.structs.replace(parts[-1], choices=_checked(message.choices))
    return parts


def whose(parts: Sequence[Part]) -> tuple[int, ...]:
    """For each part, the place of the file it belongs to."""
    return tuple(part.place if isinstance(part, TextPart) else index for index, part in enumerate(parts))


def _texts(plain: str, place: int = 0) -> list[Part]:
    """The network refuses messages of spaces alone."""
    cut = (part.plain for part in split(Text(plain), LONGEST_TEXT, measure) if part.plain.strip())
    return [TextPart(part, place=place) for part in cut]


def _file(media: OutgoingMedia) -> FilePart:
    if media.size > UPLOAD_LIMIT:
        raise TooLarge(TOO_LARGE)
    kind = media.media.kind
    name = _name(media.media)
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    mime = media.media.mime if _MIME.fullmatch(media.media.mime) else guessed
    # A moving picture is one to the network only where it is a film.
    type_ = "image" if mime == "image/gif" and kind == "animation" else _TYPES[kind]
    return FilePart(type_, name, mime, media)


def _name(media: Media) -> str:
    """The network tells files apart by their names' endings. What would break a form's header is left out."""
    name = " ".join(_UNFIT.sub(" ", media.name).split())
    if name:
        return name
    return media.kind + (mimetypes.guess_extension(media.mime) or _EXTENSIONS[media.kind])


def _checked(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    if len(choices) > CHOICES_LIMIT:
        raise Undeliverable(f"Messenger shows at most {CHOICES_LIMIT} choices; these are {len(choices)}.")
    if any(len(choice.value) > VALUE_LIMIT for choice in choices):
        raise Undeliverable(f"A choice's value is longer than the {VALUE_LIMIT} characters that Messenger carries.")
    return tuple(Choice(_label(choice), choice.value or choice.label) for choice in choices)


def _label(choice: Choice) -> str:
    label = choice.label.strip() or choice.value.strip() or "…"
    return (
        label if measure(label) <= LABEL_LIMIT else split(Text(label), LABEL_LIMIT - 1, measure)[0].plain.strip() + "…"
    )


def _card(other: Attachment) -> str:
    """The network carries no cards of ours, so they go as words."""
    if isinstance(other, Link):
        return f"{other.title}\n{other.url}".strip()
    if isinstance(other, Location):
        at = f"https://maps.google.com/maps?q={other.latitude:.6f},{other.longitude:.6f}"
        return "\n".join(filter(None, (other.title, other.street, at)))
    if isinstance(other, SharedContact):
        return "\n".join(filter(None, (other.name, other.phone)))
    if isinstance(other, Media):
        raise Undeliverable("A file can only be sent with its content.")
    return "\n".join([other.question, *(f"• {option}" for option in other.options)])

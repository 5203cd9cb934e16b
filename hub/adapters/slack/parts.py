"""How a message to a contact is divided into Slack's own messages. Pure: what is sent how, and in which order."""

from __future__ import annotations

import mimetypes
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec

from hub.adapters.slack.format import body, length, markup, measure, rich, same_in_markup
from hub.adapters.slack.translate import CHOICE
from hub.domain.models import Attachment, Link, Location, Media, MediaKind, SharedContact
from hub.domain.ports import Choice, Outgoing, OutgoingMedia
from hub.domain.text import Text, split
from hub.errors import TooLarge, Undeliverable

TEXT_LIMIT = 4000
CAPTION_LIMIT = 3000
CHOICES_LIMIT = 25
LABEL_LIMIT = 75
VALUE_LIMIT = 2000
UPLOAD_LIMIT = 50 * 1024 * 1024
"""The network takes a gigabyte; the hub keeps no file that is larger than this."""
TOO_LARGE = f"The file is larger than the {UPLOAD_LIMIT >> 20} MB that the hub sends to Slack."
_LONGEST_NAME = 120
_EXTENSIONS: dict[MediaKind, str] = {
    "image": ".jpg",
    "sticker": ".webp",
    "animation": ".mp4",
    "video": ".mp4",
    "video_note": ".mp4",
    "voice": ".ogg",
    "audio": ".mp3",
    "file": ".bin",
}


class TextPart(msgspec.Struct, frozen=True):
    """Words, short enough for one message, and the choices under them. `place`: as a file's."""

    text: Text
    choices: tuple[Choice, ...] = ()
    place: int = 0

    def fields(self) -> dict[str, Any]:
        """The request's fields that say it."""
        if not self.choices:
            return body(self.text)
        labels = " · ".join(choice.label for choice in self.choices)
        words = {"type": "rich_text", "elements": rich(self.text)} if self.text else None
        blocks = [words, {"type": "actions", "elements": list(_buttons(self.choices))}]
        return {"text": markup(self.text or Text(labels)), "blocks": [block for block in blocks if block]}


class FilePart(msgspec.Struct, frozen=True):
    """A file, and the words that stand above it. `place`: among the files, that of the one it belongs to."""

    name: str
    source: OutgoingMedia
    caption: Text = Text()
    place: int = 0


Part = TextPart | FilePart


def parts_of(message: Outgoing) -> list[Part]:
    """The parts in the order in which they go out: files first, for each of an album's messages owns one of them.

    Choices stand under the last words. Raises TooLarge, or Undeliverable where it cannot be sent: before anything is.
    """
    files = [_file(media, place) for place, media in enumerate(message.media)]
    parts: list[Part] = [*files]
    for media, file in zip(message.media, files, strict=True):
        parts += texts(media.caption if not file.caption else Text(), file.place)
    parts += texts(message.text)
    for other in message.others:
        parts += texts(_card(other))
    if message.choices:
        parts = _with_choices(parts, _checked(message.choices))
    if not parts:
        raise Undeliverable("There is nothing to send: the message is empty.")
    return parts


def fits(text: Text) -> bool:
    """Whether the words can be one message, escaped and marked as they are."""
    return length(markup(text)) <= TEXT_LIMIT


def texts(text: Text, place: int = 0) -> list[TextPart]:
    """The network refuses messages of spaces alone."""
    cut = (piece for part in split(text, TEXT_LIMIT, measure) for piece in _fitting(part))
    return [TextPart(part, place=place) for part in cut if part.plain.strip()]


def _fitting(text: Text) -> Iterator[Text]:
    """Divided further while its formatting makes it too long; the formatting goes where nothing else helps."""
    if fits(text):
        yield text
    elif len(text.plain) < 2:
        yield Text(text.plain)
    else:
        for half in split(text, (len(text.plain) + 1) // 2):
            yield from _fitting(half)


def _with_choices(parts: list[Part], choices: tuple[Choice, ...]) -> list[Part]:
    last = parts[-1] if parts else None
    if isinstance(last, TextPart):
        return [*parts[:-1], msgspec.structs.replace(last, choices=choices)]
    return [*parts, TextPart(Text(), choices)]


def _checked(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    if len(choices) > CHOICES_LIMIT:
        raise Undeliverable(f"Slack shows at most {CHOICES_LIMIT} choices; these are {len(choices)}.")
    if any(len(choice.value) > VALUE_LIMIT for choice in choices):
        raise Undeliverable(f"A choice's value is longer than the {VALUE_LIMIT} characters that Slack carries.")
    return tuple(Choice(_label(choice), choice.value or choice.label) for choice in choices)


def _label(choice: Choice) -> str:
    label = choice.label.strip() or choice.value.strip() or "…"
    return label if len(label) <= LABEL_LIMIT else label[: LABEL_LIMIT - 1].rstrip() + "…"


def _buttons(choices: tuple[Choice, ...]) -> Iterator[dict[str, Any]]:
    for place, choice in enumerate(choices):
        label = {"type": "plain_text", "text": choice.label, "emoji": False}
        yield {"type": "button", "action_id": f"{CHOICE}{place}", "text": label, "value": choice.value}


def _file(media: OutgoingMedia, place: int) -> FilePart:
    if media.size > UPLOAD_LIMIT:
        raise TooLarge(TOO_LARGE)
    # A caption is markup and nothing else.
    fit = length(markup(media.caption)) <= CAPTION_LIMIT and same_in_markup(media.caption)
    caption = media.caption if fit and media.caption.plain.strip() else Text()
    return FilePart(_name(media.media), media, caption, place)


def _name(media: Media) -> str:
    """The network tells files apart by their names' endings. What no name should have is left out."""
    signs = (" " if unicodedata.category(sign)[0] == "C" or sign in '"\\/<>' else sign for sign in media.name)
    name = "".join(signs).strip(" .")
    if name:
        return name[-_LONGEST_NAME:]
    return media.kind + (mimetypes.guess_extension(media.mime) or _EXTENSIONS[media.kind])


def _card(other: Attachment) -> Text:
    """The network carries no cards of ours, so they go as words."""
    if isinstance(other, Link):
        return Text(f"{other.title}\n{other.url}".strip())
    if isinstance(other, Location):
        at = f"https://maps.google.com/maps?q={other.latitude:.6f},{other.longitude:.6f}"
        return Text("\n".join(filter(None, (other.title, other.street, at))))
    if isinstance(other, SharedContact):
        return Text("\n".join(filter(None, (other.name, other.phone))))
    if isinstance(other, Media):
        raise Undeliverable("A file can only be sent with its content.")
    return Text("\n".join([other.question, *(f"• {option}" for option in other.options)]))

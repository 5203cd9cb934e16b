"""How a message to a contact is divided into calls. Pure: what is sent how, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hub.adapters.custom.format import markdown
from hub.domain.models import Attachment, Link, Location, Media, SharedContact
from hub.domain.ports import Choice, Outgoing, OutgoingMedia
from hub.domain.text import Text, split
from hub.errors import TooLarge, Undeliverable

TEXT_LIMIT = 8000
CAPTION_LIMIT = 2000
CHOICES_LIMIT = 20
FILE_LIMIT = 10 * 1024 * 1024
"""Bytes; in the call they take a third more."""
TOO_LARGE = f"The file is larger than the {FILE_LIMIT >> 20} MB that a custom channel sends."


class Part(msgspec.Struct, frozen=True):
    """One call: words, with or without a file or a card. `place`: among the files, that of the one it belongs to."""

    text: Text = Text()
    file: OutgoingMedia | None = None
    card: dict[str, object] | None = None
    choices: tuple[Choice, ...] = ()
    place: int = 0

    def words(self) -> dict[str, object]:
        """The call's fields that say the words."""
        return {"text": self.text.plain, "markdown": markdown(self.text)}


def parts_of(message: Outgoing) -> list[Part]:
    """The parts in the order in which they go out; choices stand under the last one.

    Raises TooLarge, or Undeliverable where it cannot be sent: before anything is.
    """
    parts: list[Part] = []
    for place, media in enumerate(message.media):
        parts += _of_file(media, place)
    last = max(len(message.media) - 1, 0)
    parts += texts(message.text, last)
    parts += [Part(card=_card(other), place=last) for other in message.others]
    if not parts:
        raise Undeliverable("There is nothing to send: the message is empty.")
    if len(message.choices) > CHOICES_LIMIT:
        raise Undeliverable(f"At most {CHOICES_LIMIT} choices can be sent; these are {len(message.choices)}.")
    parts[-1] = msgspec.structs.replace(parts[-1], choices=message.choices)
    return parts


def texts(text: Text, place: int = 0) -> list[Part]:
    """The words in parts that fit; none for spaces alone."""
    return [Part(text=part, place=place) for part in split(text, TEXT_LIMIT) if part.plain.strip()]


def _of_file(media: OutgoingMedia, place: int) -> Iterator[Part]:
    if media.size > FILE_LIMIT:
        raise TooLarge(TOO_LARGE)
    fits = len(media.caption.plain) <= CAPTION_LIMIT
    yield Part(text=media.caption if fits else Text(), file=media, place=place)
    if not fits:
        yield from texts(media.caption, place)


def _card(other: Attachment) -> dict[str, object]:
    """In the same fields in which the system sends such things to us."""
    if isinstance(other, Link):
        return {"kind": "link", "url": other.url, "title": other.title}
    if isinstance(other, Location):
        where = {"latitude": other.latitude, "longitude": other.longitude}
        return {"kind": "location", **where, "title": other.title, "street": other.street}
    if isinstance(other, SharedContact):
        return {"kind": "contact", "name": other.name, "phone": other.phone}
    if isinstance(other, Media):
        raise Undeliverable("A file can only be sent with its content.")
    return {"kind": "poll", "question": other.question, "options": list(other.options)}

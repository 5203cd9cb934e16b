"""What a message carries beside its frame: its words and its attachments, in the middle's terms."""

from __future__ import annotations

from collections.abc import Callable

from hub.adapters.telegram.format import neutral
from hub.adapters.telegram.payload import Checklist, File, Message
from hub.adapters.telegram.rich import words_of
from hub.domain.models import Attachment, Location, Media, MediaKind, Poll, SharedContact
from hub.domain.text import Text

_FILES: tuple[tuple[str, MediaKind, str], ...] = (
    # An animation comes with a document of the same file, a live photo with its still: the richer one first.
    ("animation", "animation", ""),
    ("live_photo", "video", "video/mp4"),
    ("video", "video", ""),
    ("voice", "voice", ""),
    ("audio", "audio", ""),
    ("video_note", "video_note", "video/mp4"),
    ("sticker", "sticker", ""),
    ("document", "file", ""),
)


def text_of(message: Message) -> Text:
    """The message's words, or those under its file; what is only words in effect is told in words."""
    if message.text is not None:
        return neutral(message.text, message.entities)
    if message.caption is not None:
        return neutral(message.caption, message.caption_entities)
    if message.dice is not None:
        return Text(f"{message.dice.emoji or '🎲'} {message.dice.value}")
    if message.checklist is not None:
        return Text(_checklist(message.checklist))
    return Text(words_of(message.rich_message))


def _checklist(checklist: Checklist) -> str:
    return "\n".join([checklist.title, *(f"{'☑' if t.completion_date else '☐'} {t.text}" for t in checklist.tasks)])


def attachments_of(message: Message) -> tuple[Attachment, ...]:
    """What the message carries, at most one thing: albums come as a message each."""
    found = _file_of(message)
    if found is not None:
        return (found,)
    for read in _CARDS:
        card = read(message)
        if card is not None:
            return (card,)
    return ()


def _file_of(message: Message) -> Media | None:
    for field, kind, mime in _FILES:
        file: File | None = getattr(message, field)
        if file is not None:
            return _media(file, kind, mime or (_sticker_mime(file) if kind == "sticker" else ""))
    if message.photo:
        return _media(max(message.photo, key=_area), "image", "image/jpeg")
    return None


def _area(photo: File) -> tuple[int, int]:
    return (photo.width or 0) * (photo.height or 0), photo.file_size or 0


def _media(file: File, kind: MediaKind, mime: str) -> Media:
    """`source` holds both of the file's names: the first fetches it, the last is the same for the same file."""
    source = f"{file.file_id}|{file.file_unique_id}" if file.file_unique_id else file.file_id
    return Media(kind=kind, source=source, name=file.file_name or "", mime=file.mime_type or mime, size=file.file_size)


def _sticker_mime(sticker: File) -> str:
    if sticker.is_animated:
        return "application/x-tgsticker"
    return "video/webm" if sticker.is_video else "image/webp"


def _contact(message: Message) -> Attachment | None:
    contact = message.contact
    if contact is None:
        return None
    name = f"{contact.first_name or ''} {contact.last_name or ''}".strip()
    return SharedContact(name=name, phone=contact.phone_number or "")


def _venue(message: Message) -> Attachment | None:
    venue = message.venue
    if venue is None:
        return None
    at = venue.location
    title, street = venue.title or "", venue.address or ""
    return Location(kind="venue", latitude=at.latitude, longitude=at.longitude, title=title, street=street)


def _location(message: Message) -> Attachment | None:
    at = message.location
    return None if at is None else Location(latitude=at.latitude, longitude=at.longitude)


def _poll(message: Message) -> Attachment | None:
    poll = message.poll
    return None if poll is None else Poll(question=poll.question, options=tuple(o.text for o in poll.options))


# A venue comes with its location as well, so it is looked for first.
_CARDS: tuple[Callable[[Message], Attachment | None], ...] = (_contact, _venue, _location, _poll)

"""What a message carries beside its frame: its words and its attachments, in the middle's terms."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from hub.adapters.messenger import payload as wire
from hub.domain.models import Attachment, Link, Location, Media, MediaKind
from hub.domain.text import Text

S = TypeVar("S")

_FILES: dict[str, MediaKind] = {
    "image": "image",
    "audio": "audio",
    "video": "video",
    "file": "file",
    "sticker": "sticker",
}
_VOICE = "audioclip-"
"""How the apps name what was recorded in the chat."""
_LONGEST_NAME = 200
_FILM = re.compile(r"https://(?:[a-z0-9-]+\.)*(?:fbcdn\.net|fbsbx\.com|cdninstagram\.com)/")


def content_of(message: wire.Message) -> tuple[Text, tuple[Attachment, ...]]:
    """The message's words, and what it carries; what is only words in effect is told in words."""
    attachments: list[Attachment] = []
    words = [message.text or "", *_order(message.order)]
    for attachment in message.attachments or []:
        read = _READERS.get(attachment.type or "", _shared)
        found = read(attachment)
        if isinstance(found, str):
            words.append(found)
        elif found is not None and not _repeats(found, message.text):
            attachments.append(found)
    return Text("\n".join(filter(None, words))), tuple(attachments)


def kinds_of(message: wire.Message) -> list[str]:
    """The attachments' types in the network's words, cut to a length fit for a reason."""
    return [(attachment.type or "?")[:40] for attachment in message.attachments or []]


def _repeats(found: Attachment, text: str | None) -> bool:
    """A link whose address stands in the words already; the network adds one for each address that is written."""
    return isinstance(found, Link) and not found.title and found.url in (text or "")


def _order(order: wire.Order | None) -> list[str]:
    if order is None:
        return []
    return ["\n".join([*(f"{p.quantity or 1} x {p.name or '?'}" for p in order.products or []), order.note or ""])]


# -- attachments -----------------------------------------------------------------------------------------------------


def _file(attachment: wire.Attachment) -> Attachment | str | None:
    """The address is signed and holds for a while only: the file is fetched at once."""
    payload = attachment.payload or wire.AttachmentPayload()
    url = payload.url or attachment.url
    if not url:
        return _shared(attachment)
    name = file_name(url)
    kind = _FILES[attachment.type or ""]
    if kind == "image" and payload.sticker_id is not None:
        kind = "sticker"
    if kind == "audio" and name.startswith(_VOICE):
        kind = "voice"
    return Media(kind=kind, source=url, name="" if kind == "sticker" else name, mime=_mime(name, kind))


def file_name(url: str) -> str:
    """The last part of an address's path; empty where it has none."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return unquote(path, errors="replace").replace("\\", "/").rpartition("/")[2][-_LONGEST_NAME:]


def _mime(name: str, kind: MediaKind) -> str:
    """Sound is packed as films are, and named so."""
    mime = mimetypes.guess_type(name)[0] or ""
    return mime.replace("video/", "audio/") if kind in ("audio", "voice") else mime


def _reel(attachment: wire.Attachment) -> Attachment | str | None:
    """A film with an address of its own, which expires, or a page on which it is shown."""
    url = attachment.payload.url if attachment.payload else None
    if url is None or not _FILM.match(url):
        return _shared(attachment)
    return Media(kind="video", source=url, mime="video/mp4")


def _location(attachment: wire.Attachment) -> Attachment | str | None:
    at = attachment.payload.coordinates if attachment.payload else None
    if at is None:
        return _shared(attachment)
    return Location(latitude=at.lat, longitude=at.long, title=_pinned(attachment.title))


def _pinned(title: str | None) -> str:
    """The title of a place; the apps call a mere point "Ann's Location" or the like, which says nothing."""
    return "" if title is None or title.endswith("Location") else title


def _shared(attachment: wire.Attachment) -> Attachment | str | None:
    """A post, a reel, a web page, or whatever else has an address; without one, its title."""
    payload = attachment.payload or wire.AttachmentPayload()
    url = attachment.url or payload.url
    title = attachment.title or payload.title or ""
    return Link(url=url, title=title) if url else title or None


def _template(attachment: wire.Attachment) -> Attachment | str | None:
    """A card with buttons, as words: only the page's own messages and shared ones have it."""
    payload = attachment.payload or wire.AttachmentPayload()
    lines = [payload.text or payload.title or ""]
    lines += [_line(element) for element in _listed(payload.elements, list[wire.Element])]
    lines += [f"[{button.title}]" for button in _listed(payload.buttons, list[wire.Button]) if button.title]
    return "\n".join(filter(None, lines)) or _shared(attachment)


def _line(element: wire.Element) -> str:
    return ": ".join(filter(None, (element.title, element.subtitle)))


def _listed(raw: msgspec.Raw, shape: type[list[S]]) -> Iterable[S]:
    """What is in it, where it has the usual shape: templates are many, and new ones come."""
    try:
        return msgspec.json.decode(raw, type=shape) if bytes(raw) else []
    except msgspec.ValidationError:
        return []


_READERS: dict[str, Callable[[wire.Attachment], Attachment | str | None]] = {
    **dict.fromkeys(_FILES, _file),
    "reel": _reel,
    "ig_reel": _reel,
    "location": _location,
    "template": _template,
}
"""All other types (fallback, post, ig_post, appointment_booking and those to come) are shared things."""

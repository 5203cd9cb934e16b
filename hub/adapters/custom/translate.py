"""Reads the events that a customer's system calls us with. Pure: no network, no store, no clock."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from hub.adapters.custom import payload as wire
from hub.adapters.custom.names import kept
from hub.domain.ids import Address
from hub.domain.incoming import Deleted, Edited, Ignored, Incoming, Person, Postback, Reacted, Read, Said
from hub.domain.models import Attachment, Link, Location, Media, MediaKind, SharedContact
from hub.domain.text import Text
from hub.errors import Anomalous, Malformed

_HEAD = msgspec.json.Decoder(wire.Head)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_YEARS = range(2000, 2100)
_FILES: dict[str, MediaKind] = {
    "image": "image",
    "video": "video",
    "animation": "animation",
    "voice": "voice",
    "audio": "audio",
    "video_note": "video_note",
    "file": "file",
    "sticker": "sticker",
}


def translate(payload: bytes) -> list[Incoming]:
    """Reads one event. Raises Anomalous, and nothing else, for what does not have an event's shape."""
    if not payload.lstrip().startswith(b"{"):
        raise Malformed("This is no event: it is no object of JSON.")
    try:
        return [_event(_mended(payload))]
    except msgspec.ValidationError as error:
        raise _wrong(payload, error) from None
    except RecursionError:
        raise Malformed("This is no event: it nests deeper than any event.") from None
    except UnicodeDecodeError:
        raise Malformed("This is no event: it is not written in UTF-8.") from None
    except ValueError:
        raise Malformed("This is no event: it is not valid JSON.") from None


def update_id(payload: bytes) -> str:
    """The system's own name for the event, which a repeated call keeps."""
    try:
        head = _HEAD.decode(_mended(payload))
    except (ValueError, RecursionError):
        return ""
    return str(head.id)


def _mended(payload: bytes) -> bytes:
    """Half characters, which a database could not keep, become U+FFFD: a message is not lost for one of them."""
    if b"\\u" not in payload:
        return payload
    text = json.dumps(json.loads(payload.decode()), ensure_ascii=False)
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


def _wrong(payload: bytes, error: msgspec.ValidationError) -> Anomalous:
    """What comes after the place where its shape is wrong has not been looked at yet."""
    try:
        json.loads(payload.decode())
    except (ValueError, RecursionError):
        return Malformed("This is no event: it is not valid JSON.")
    return Anomalous(_told(error))


def _told(error: msgspec.ValidationError) -> str:
    """Says in one line what is wrong, and where."""
    what, _, where = str(error).replace("`", "").partition(" - at ")
    place = f" at {where.removeprefix('$.')}" if where else ""
    return f"This is no event: {what[:1].lower()}{what[1:]}{place}."


def _event(payload: bytes) -> Incoming:
    head = _HEAD.decode(payload)
    known = _KINDS.get(head.type)
    if known is None:
        return Ignored(reason=f"a kind of event that the hub does not know ({' '.join(head.type.split())[:40]})")
    decoder, read = known
    event = decoder.decode(payload)
    frame = {"address": Address(str(event.sender.id)), "at": _moment(event.at), "person": _person(event.sender)}
    return read(event, frame)


def _moment(at: datetime) -> datetime:
    """In UTC, to the millisecond."""
    if at.year not in _YEARS:
        raise Anomalous(f"This is no event: nothing happens in the year {at.year}.")
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def _person(sender: wire.From) -> Person:
    return Person(
        first_name=sender.first_name,
        last_name=sender.last_name,
        username=sender.username,
        language=sender.language,
    )


# -- kinds -----------------------------------------------------------------------------------------------------------

Frame = dict[str, Any]


def _said(event: wire.Message, frame: Frame) -> Incoming:
    attachments = _attachments(event.attachments)
    if not event.text.strip() and not attachments:
        return Ignored(reason="a message without content")
    return Said(
        external_id=kept(event.id),
        text=Text(event.text),
        attachments=attachments,
        reply_to=None if event.reply_to is None else kept(event.reply_to),
        **frame,
    )


def _edited(event: wire.Edited, frame: Frame) -> Incoming:
    attachments = _attachments(event.attachments)
    return Edited(external_id=kept(event.message), text=Text(event.text), attachments=attachments, **frame)


def _deleted(event: wire.Deleted, frame: Frame) -> Incoming:
    return Deleted(external_id=kept(event.message), **frame)


def _reacted(event: wire.Reaction, frame: Frame) -> Incoming:
    return Reacted(external_id=kept(event.message), emojis=tuple(filter(None, event.emojis)), **frame)


def _pressed(event: wire.Postback, frame: Frame) -> Incoming:
    # Each press is an event of its own, also of the same button.
    return Postback(external_id=kept(event.id), payload=event.value, title=event.label, **frame)


def _read(event: wire.Read, frame: Frame) -> Incoming:
    del event
    return Read(**frame)


_KINDS: dict[str, tuple[msgspec.json.Decoder[Any], Callable[[Any, Frame], Incoming]]] = {
    "message": (msgspec.json.Decoder(wire.Message), _said),
    "edited": (msgspec.json.Decoder(wire.Edited), _edited),
    "deleted": (msgspec.json.Decoder(wire.Deleted), _deleted),
    "reaction": (msgspec.json.Decoder(wire.Reaction), _reacted),
    "postback": (msgspec.json.Decoder(wire.Postback), _pressed),
    "read": (msgspec.json.Decoder(wire.Read), _read),
}


# -- attachments -----------------------------------------------------------------------------------------------------


def _attachments(given: tuple[wire.Attachment, ...]) -> tuple[Attachment, ...]:
    return tuple(_attachment(each) for each in given)


def _attachment(given: wire.Attachment) -> Attachment:
    """Whatever has an address and is of no kind that the hub knows is a file."""
    if given.kind == "location" and given.latitude is not None and given.longitude is not None:
        return Location(latitude=given.latitude, longitude=given.longitude, title=given.title, street=given.street)
    if given.kind == "contact" and (given.name or given.phone):
        return SharedContact(name=given.name, phone=given.phone)
    if not given.url or given.kind in ("location", "contact"):
        raise Anomalous(f"This is no event: an attachment of kind {given.kind[:40]!r} says too little.")
    if given.kind == "link":
        return Link(url=given.url, title=given.title)
    kind = _FILES.get(given.kind, "file")
    return Media(kind=kind, source=given.url, name=given.name, mime=given.mime, size=given.size)

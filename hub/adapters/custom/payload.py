"""The shape of the events that a customer's system calls us with; fields that are not named here are skipped."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=200)] | Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""What the system calls something: a contact, a message, an event."""
Moment = Annotated[datetime, Meta(tz=True)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]


class Head(msgspec.Struct):
    """What every event has. A repeated call keeps its `id`."""

    type: Annotated[str, Meta(min_length=1)]
    id: Name


class From(msgspec.Struct):
    """Who wrote; only `id` must be told."""

    id: Name
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language: str = ""


class Attachment(msgspec.Struct):
    """A file at an address of the system's own, or a place, an address-book entry or a link by their `kind`."""

    kind: str
    url: str = ""
    name: str = ""
    mime: str = ""
    size: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    title: str = ""
    street: str = ""
    phone: str = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class _Event(msgspec.Struct, kw_only=True):
    id: Name
    sender: From = msgspec.field(name="from")
    at: Moment


class Message(_Event, kw_only=True):
    """The contact wrote; the event's `id` is the message's name."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    reply_to: Name | None = None


class Edited(_Event, kw_only=True):
    """What the message says now."""

    message: Name
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


class Deleted(_Event, kw_only=True):
    """The contact took a message back."""

    message: Name


class Reaction(_Event, kw_only=True):
    """All of the contact's reactions that are on a message now."""

    message: Name
    emojis: tuple[str, ...]


class Postback(_Event, kw_only=True):
    """The contact pressed a button under `message`."""

    message: Name
    value: str = ""
    label: str = ""


class Read(_Event, kw_only=True):
    """The contact has read all of ours up to `at`."""

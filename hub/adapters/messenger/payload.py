"""The shape of the webhook's payloads, as far as the hub reads them; everything else in an event is skipped.

The network writes some numbers as strings and some ids as numbers, and leaves out senders, times and names at will:
only what every event of a kind has is required where it is read. `null` counts as absent.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Id = str | int
Stamp = int | float | str | None
"""A moment in milliseconds (in seconds in some entries), as a number or as a string of one."""
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]


class Party(msgspec.Struct):
    """Who sent or gets it; `user_ref` where a plugin knows a visitor who is no contact yet."""

    id: Id | None = None
    user_ref: Id | None = None

    def __str__(self) -> str:
        return "" if self.id is None else str(self.id)


class Coordinates(msgspec.Struct):
    """A point on the map, in degrees."""

    lat: Latitude
    long: Longitude


class Button(msgspec.Struct):
    """A button of a template."""

    title: str | None = None
    url: str | None = None


class Element(msgspec.Struct):
    """A card of a template."""

    title: str | None = None
    subtitle: str | None = None


class AttachmentPayload(msgspec.Struct):
    """What an attachment is made of; which fields are set depends on its type."""

    url: str | None = None
    title: str | None = None
    sticker_id: Id | None = None
    coordinates: Coordinates | None = None
    text: str | None = None
    elements: msgspec.Raw = msgspec.Raw()
    buttons: msgspec.Raw = msgspec.Raw()


class Attachment(msgspec.Struct):
    """Anything beside a message's words."""

    type: str | None = None
    title: str | None = None
    url: str | None = None
    payload: AttachmentPayload | None = None


class QuickReply(msgspec.Struct):
    """The suggestion that was pressed."""

    payload: str | None = None


class ReplyTo(msgspec.Struct):
    """The message that is answered."""

    mid: str | None = None


class Advertisement(msgspec.Struct):
    """The advertisement that brought the contact."""

    ad_title: str | None = None


class Referral(msgspec.Struct):
    """How the contact came: a link's parameter, an advertisement, a shop's product."""

    ref: str | None = None
    source: str | None = None
    type: str | None = None
    ad_id: Id | None = None
    referer_uri: str | None = None
    ads_context_data: Advertisement | None = None


class Product(msgspec.Struct):
    """An ordered thing."""

    name: str | None = None
    quantity: int | float | str | None = None


class Order(msgspec.Struct):
    """A cart that the contact sent."""

    note: str | None = None
    products: list[Product] | None = None


class Message(msgspec.Struct):
    """A message of the contact's, or with `is_echo` one of the page's."""

    mid: str
    text: str | None = None
    is_echo: bool | None = None
    is_deleted: bool | None = None
    is_unsupported: bool | None = None
    app_id: Id | None = None
    metadata: str | None = None
    attachments: list[Attachment] | None = None
    quick_reply: QuickReply | None = None
    reply_to: ReplyTo | None = None
    referral: Referral | None = None
    order: Order | None = None


class Edit(msgspec.Struct):
    """A message's new words."""

    mid: str
    text: str | None = None
    num_edit: int | str | None = None


class Reaction(msgspec.Struct):
    """A reaction that was put on a message, or taken away."""

    mid: str
    action: str
    reaction: str | None = None
    emoji: str | None = None


class Press(msgspec.Struct):
    """A button that was pressed."""

    mid: str | None = None
    title: str | None = None
    payload: str | None = None
    referral: Referral | None = None


class Receipt(msgspec.Struct):
    """All messages up to `watermark` arrived, or were read."""

    watermark: Stamp = None


class Optin(msgspec.Struct):
    """A consent given on a page's plugin or to a request."""

    ref: str | None = None
    type: str | None = None
    title: str | None = None


class Event(msgspec.Struct):
    """One event; of the fields after `timestamp` one is set, or none that the hub knows."""

    sender: Party | None = None
    recipient: Party | None = None
    timestamp: Stamp = None
    message: Message | None = None
    message_edit: Edit | None = None
    reaction: Reaction | None = None
    postback: Press | None = None
    delivery: Receipt | None = None
    read: Receipt | None = None
    referral: Referral | None = None
    optin: Optin | None = None


class Change(msgspec.Struct):
    """A change of the page itself, or the dashboard's test button."""

    field: str | None = None


class Entry(msgspec.Struct):
    """What happened on one page."""

    id: Id | None = None
    time: Stamp = None
    messaging: list[msgspec.Raw] | None = None
    standby: list[msgspec.Raw] | None = None
    changes: list[Change] | None = None


class Envelope(msgspec.Struct):
    """One request's body."""

    object: str
    entry: list[msgspec.Raw]

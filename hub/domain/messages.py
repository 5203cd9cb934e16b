"""Messages, comments, and what hangs on them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hub.domain.ids import ChannelId, ContactId, ConversationId, DeskId, ExternalId, FileId, Identity, MessageId, UserId
from hub.domain.record import Record
from hub.domain.text import Text

MediaKind = Literal["image", "video", "animation", "voice", "audio", "video_note", "file", "sticker"]
BY_ITSELF = frozenset({"greeting", "away", "rating"})
"""Sources of what the hub says to contacts by itself: it is no answer, and no figure counts it."""
MessageState = Literal["received", "queued", "sent", "uncertain", "failed", "unsent"]


class Media(msgspec.Struct, kw_only=True, tag_field="type", tag="media", omit_defaults=True):
    """A file sent by or to a contact. `source` names it on the network; `stored` in the workspace's file store."""

    kind: MediaKind
    source: str = ""
    name: str = ""
    mime: str = ""
    size: int | None = None
    stored: FileId | None = None
    desk: DeskId | None = None
    """Where it lies and is to be fetched from, if that is a desk."""
    problem: str = ""
    """Why the file cannot be had; empty while it can."""


class SharedContact(msgspec.Struct, kw_only=True, tag_field="type", tag="contact", omit_defaults=True):
    """An address-book entry."""

    kind: Literal["contact"] = "contact"
    name: str = ""
    phone: str = ""


class Location(msgspec.Struct, kw_only=True, tag_field="type", tag="location", omit_defaults=True):
    """A point on the map in degrees; a venue where it has a title."""

    kind: Literal["location", "venue"] = "location"
    latitude: float
    longitude: float
    title: str = ""
    street: str = ""


class Poll(msgspec.Struct, kw_only=True, tag_field="type", tag="poll", omit_defaults=True):
    """A question with its options."""

    kind: Literal["poll"] = "poll"
    question: str
    options: tuple[str, ...] = ()


class Link(msgspec.Struct, kw_only=True, tag_field="type", tag="link", omit_defaults=True):
    """A shared address with its title."""

    kind: Literal["link"] = "link"
    url: str
    title: str = ""


Attachment = Media | SharedContact | Location | Poll | Link


class Choice(msgspec.Struct, frozen=True):
    """A button for the contact: pressing it comes back as a Postback with `value`."""

    label: str
    value: str


class Reaction(msgspec.Struct, frozen=True):
    """A colleague's reaction on a contact's message, by the chat account with which it was put."""

    by: Identity
    emoji: str


class Message(Record, kw_only=True, tag_field="type", tag="message", omit_defaults=True):
    """One communication by (`in`) or to (`out`) a contact.

    `keys`: `message_key` of each external id, unique in the workspace; a split reply has several. `raw`: the
    network's own payload, kept beside what was read of it.
    """

    id: MessageId
    contact: ContactId
    conversation: ConversationId
    channel: ChannelId
    direction: Literal["in", "out"]
    state: MessageState
    at: datetime
    keys: list[str] = msgspec.field(default_factory=list)
    externals: list[ExternalId] = msgspec.field(default_factory=list)
    text: Text = Text()
    attachments: list[Attachment] = msgspec.field(default_factory=list)
    reply_to: MessageId | None = None
    quote: str = ""
    album: str = ""
    forwarded_from: str = ""
    author: UserId | None = None
    source: str = ""
    """Who sent it: contact, user, echo, or what the hub says by itself: greeting, away, rating, workflow."""
    reason: str = ""
    edited_at: datetime | None = None
    earlier: list[Text] = msgspec.field(default_factory=list)
    """What it said before its edits, oldest first."""
    deleted_at: datetime | None = None
    reactions: list[str] = msgspec.field(default_factory=list)
    """What the other side put on it, the newest last."""
    ours: list[Reaction] = msgspec.field(default_factory=list)
    """What colleagues put on it, the newest last, which is the one that the contact sees."""
    unheard: bool = False
    """It came from a contact whom we do not hear, so it is shown nowhere, then or later."""
    choices: list[Choice] = msgspec.field(default_factory=list)
    """Buttons under it, for the contact."""
    raw: str = ""


class Comment(Record, kw_only=True, tag_field="type", tag="comment", omit_defaults=True):
    """An internal remark. A type of its own, so that nothing that sends messages can be handed one."""

    id: MessageId
    contact: ContactId
    conversation: ConversationId
    at: datetime
    text: Text = Text()
    attachments: list[Attachment] = msgspec.field(default_factory=list)
    author: UserId | None = None
    mentions: list[UserId] = msgspec.field(default_factory=list)
    album: str = ""
    held: bool = False
    """Came from a message that the gate held back."""
    row: str = ""
    """The rule of the gate that did."""


def message_key(channel: ChannelId, external: ExternalId) -> str:
    """The promise 'one message per channel and external id'."""
    return f"{channel}|{external.partition('|')[0]}"

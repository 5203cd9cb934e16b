"""What a workspace keeps, as plain values. Times are aware and in UTC; the store keeps them to the millisecond."""

# ruff: noqa: PLC0414 - what is kept is imported from here, also what modules of its own define
from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import msgspec

from hub.domain.catalog import Alias as Alias
from hub.domain.catalog import CatalogItem as CatalogItem
from hub.domain.catalog import Category as Category
from hub.domain.catalog import ChannelItem as ChannelItem
from hub.domain.catalog import Closing as Closing
from hub.domain.catalog import DeskItem as DeskItem
from hub.domain.catalog import Field as Field
from hub.domain.catalog import FieldValue as FieldValue
from hub.domain.catalog import FirstSteps as FirstSteps
from hub.domain.catalog import Greeting as Greeting
from hub.domain.catalog import HeldDay as HeldDay
from hub.domain.catalog import Invitation as Invitation
from hub.domain.catalog import Item as Item
from hub.domain.catalog import Job as Job
from hub.domain.catalog import Limit as Limit
from hub.domain.catalog import Member as Member
from hub.domain.catalog import Preferences as Preferences
from hub.domain.catalog import Recent as Recent
from hub.domain.catalog import RelayBot as RelayBot
from hub.domain.catalog import Role as Role
from hub.domain.catalog import SavedFilter as SavedFilter
from hub.domain.catalog import Snippet as Snippet
from hub.domain.catalog import SnippetFile as SnippetFile
from hub.domain.catalog import Step as Step
from hub.domain.catalog import Tag as Tag
from hub.domain.catalog import Team as Team
from hub.domain.catalog import Turns as Turns
from hub.domain.ids import (
    Address,
    ChannelId,
    ContactId,
    ConversationId,
    DeskId,
    FileId,
    Identity,
    MessageId,
    PostId,
    TeamId,
    ThreadId,
    UserId,
)
from hub.domain.messages import Attachment as Attachment
from hub.domain.messages import Choice as Choice
from hub.domain.messages import Comment as Comment
from hub.domain.messages import Link as Link
from hub.domain.messages import Location as Location
from hub.domain.messages import Media as Media
from hub.domain.messages import MediaKind as MediaKind
from hub.domain.messages import Message as Message
from hub.domain.messages import MessageState as MessageState
from hub.domain.messages import Poll as Poll
from hub.domain.messages import Reaction as Reaction
from hub.domain.messages import SharedContact as SharedContact
from hub.domain.messages import message_key as message_key
from hub.domain.record import Record as Record
from hub.domain.record import now as now

ConversationState = Literal["open", "snoozed", "closed"]
PostRole = Literal["place", "relay", "reply", "note", "answer", "prompt", "held", "notice"]
Facts = dict[str, str | int | float | bool | list[str] | None]


# -- contacts --


class Reach(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One way to reach a contact: an address on a channel, and whether it works."""

    channel: ChannelId
    address: Address
    state: Literal["active", "blocked", "gone"] = "active"
    last_in: datetime | None = None
    chosen_at: datetime | None = None
    """When somebody of us chose to answer there, of several ways on the channel."""
    open_until: datetime | None = None
    """Until when the network lets us answer; None: always."""
    late_until: datetime | None = None
    """Until when it lets a person answer, marked as late; None: not longer."""
    final: bool = False
    """What is sent there cannot be taken back."""

    def window(self, at: datetime) -> Literal["open", "late", "shut"]:
        """Whether the network lets us answer at that moment."""
        if self.open_until is None or at < self.open_until:
            return "open"
        return "late" if self.late_until is not None and at < self.late_until else "shut"

    @property
    def closes(self) -> datetime | None:
        """When nobody may answer any more; None: never."""
        return self.late_until or self.open_until


class Place(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where a desk keeps a contact: its topic or thread, and the post that carries the card."""

    desk: DeskId
    thread: ThreadId
    title: str = ""
    card: PostId | None = None
    conversation: ConversationId | None = None
    """Whose place it is, on desks that have one for each conversation."""
    closed: bool = False
    """Somebody closed it by hand; it is opened again before anything is shown there."""
    left: bool = False
    """The conversation goes on at another desk; here it was said so, and nothing more is shown."""


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That we do not hear a contact: what they write is kept and shown to nobody."""

    at: datetime
    by: UserId
    until: datetime | None = None
    """None: for good."""
    reason: str = ""
    kept: int = 0
    """Messages that came meanwhile."""

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at that moment."""
        return self.until is None or at < self.until


class Remarking(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That a contact is about to say more to their rating of a conversation."""

    conversation: ConversationId
    until: datetime


class Contact(Record, kw_only=True, omit_defaults=True):
    """A person who has interacted with a channel. `keys`: `reach_key` of each reach, unique in the workspace."""

    id: ContactId
    keys: list[str] = msgspec.field(default_factory=list)
    reaches: list[Reach] = msgspec.field(default_factory=list)
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language: str = ""
    phone: str = ""
    """In the form of E.164, +14155550123, where it could be read as a number."""
    email: str = ""
    country: str = ""
    """Two letters, as in ISO 3166: DE."""
    picture: FileId | None = None
    fields: dict[str, FieldValue] = msgspec.field(default_factory=dict)
    """Values of custom fields, by the field's id."""
    tags: list[str] = msgspec.field(default_factory=list)
    """Ids of tags of the catalog."""
    assignee: UserId | None = None
    team: TeamId | None = None
    block: Block | None = None
    greeted_at: datetime | None = None
    away_until: datetime | None = None
    """Until when they know that nobody is there: the away text is said once in a closed period."""
    remarks: Remarking | None = None
    """Their next message belongs to a rating."""
    jobs: list[str] = msgspec.field(default_factory=list)
    """Ids of the imports that made or changed it, oldest first."""
    places: list[Place] = msgspec.field(default_factory=list)
    merged_into: ContactId | None = None
    """Who this one turned out to be; all ways to reach them are there now."""
    mergings: list[str] = msgspec.field(default_factory=list)
    """Ids of the events by which others were merged into this one, oldest first."""
    absorbed: list[ContactId] = msgspec.field(default_factory=list)
    """Who turned out to be this one; what they wrote before is still theirs."""
    created_at: datetime = msgspec.field(default_factory=now)

    @property
    def ids(self) -> list[ContactId]:
        """Under which ids what the contact ever wrote is found."""
        return [self.id, *self.absorbed]

    @property
    def name(self) -> str:
        """What to call the contact; never empty."""
        full = f"{self.first_name} {self.last_name}".strip()
        return full or (f"@{self.username}" if self.username else "Unknown")

    @property
    def nameless(self) -> bool:
        """Whether nobody has said yet what to call the contact."""
        return not (self.first_name or self.last_name or self.username)

    def place(self, desk: DeskId) -> Place | None:
        """Where that desk keeps this contact."""
        return next((p for p in self.places if p.desk == desk), None)

    def last_reach(self) -> Reach | None:
        """The reach by which the contact wrote last."""
        return max(self.reaches, key=lambda r: r.last_in or datetime.min.replace(tzinfo=UTC), default=None)

    def reach(self, channel: ChannelId) -> Reach | None:
        """How to reach the contact on that channel; of several ways, the one they wrote by, or we chose, last."""
        there = (r for r in self.reaches if r.channel == channel)
        return max(there, key=_lately, default=None)


def _lately(reach: Reach) -> tuple[datetime, datetime]:
    never = datetime.min.replace(tzinfo=UTC)
    chosen = reach.chosen_at or never
    return max(reach.last_in or never, chosen), chosen


def reach_key(channel: ChannelId, address: Address) -> str:
    """The promise 'one contact per channel and address'."""
    return f"{channel}|{address}"


# -- conversations --


class Rating(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the contact thinks of a closed conversation: 1 to 5, the more the better."""

    at: datetime
    score: int
    comment: str = ""


class Handing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That somebody gave a conversation to somebody, or back: who did it (None: the hub, by rule), and when."""

    at: datetime
    by: UserId | None = None


class Conversation(Record, kw_only=True, omit_defaults=True):
    """One episode with a contact, from opened to closed, with its own number and figures.

    `live` is the contact's id until the conversation is closed, and then None: the promise 'one conversation not
    closed per contact' is a unique index on it. `version` grows with each change that a button could contradict.
    """

    id: ConversationId
    number: int
    contact: ContactId
    live: ContactId | None = None
    state: ConversationState
    version: int = 1
    assignee: UserId | None = None
    team: TeamId | None = None
    channel: ChannelId
    opened_at: datetime
    opened_source: str = "contact"
    """Who opened it: contact, user, workflow, api, import."""
    opened_by: UserId | None = None
    opened_channel: ChannelId | None = None
    snoozed_until: datetime | None = None
    """When it comes back; None while snoozed: with the contact's next message only."""
    snoozed_by: UserId | None = None
    snoozed_at: datetime | None = None
    asleep_since: datetime | None = None
    """Since when it waited when it was snoozed. While it is, nothing waits: it is on no list of what does."""
    idle_at: datetime | None = None
    """When a timer looks whether it was idle for so long that it is to be closed."""
    later: list[str] = msgspec.field(default_factory=list)
    """Ids of the timers of what was written for later."""
    waiting_since: datetime | None = None
    """When the oldest message that nobody answered came; None: nothing waits."""
    watched: bool = False
    """A timer is set that looks whether it waits for too long."""
    waited_long: datetime | None = None
    """The `waiting_since` of which it was told that it is too long ago."""
    desks: list[DeskId] = msgspec.field(default_factory=list)
    """On which desks it is shown; none before anything of it was to be shown."""
    spells: dict[str, PostId] = msgspec.field(default_factory=dict)
    """By desk: the post that opened the present unanswered spell there and carries the buttons."""
    last_text: str = ""
    last_at: datetime | None = None
    incoming: int = 0
    outgoing: int = 0
    first_response_at: datetime | None = None
    first_response_by: UserId | None = None
    first_assigned_at: datetime | None = None
    first_assignee: UserId | None = None
    last_assigned_at: datetime | None = None
    last_assignee: UserId | None = None
    """Who was given it last, also when nobody has it now."""
    answered_assigned_at: datetime | None = None
    """The first answer after it was assigned last."""
    assignments: int = 0
    handed: Handing | None = None
    """How it came to who has it now; None: it was so from the beginning."""
    responses: int = 0
    response_seconds: float = 0.0
    closed_at: datetime | None = None
    closed_by: UserId | None = None
    closed_team: TeamId | None = None
    closed_source: str = ""
    """What closed it: user, workflow, api, auto_close."""
    category: str = ""
    """Id of a category of the catalog."""
    summary: str = ""
    asked_at: datetime | None = None
    """When the contact was asked last what they think of it."""
    rating: Rating | None = None

    @property
    def waited_since(self) -> datetime | None:
        """Since when the contact waits for an answer, be it snoozed or not."""
        return self.waiting_since or self.asleep_since


# -- posts and events --


class Post(Record, kw_only=True, omit_defaults=True):
    """One message on a desk, and the messages it shows: the one table of message links.

    `id` is `post_key(desk, post)`. A `place` is the topic or thread itself. Several messages may share a post (a
    reply or reaction to it means the last), and one message may have several posts.
    """

    id: str
    desk: DeskId
    post: PostId
    thread: ThreadId
    role: PostRole
    at: datetime
    contact: ContactId | None = None
    conversation: ConversationId | None = None
    messages: list[MessageId] = msgspec.field(default_factory=list)
    author: UserId | None = None
    identity: Identity | None = None
    """Of a notice: in whose private chat it stands."""
    pinged: list[UserId] = msgspec.field(default_factory=list)
    card: bool = False
    """Also carries the contact's card."""
    row: bool = False
    """Carries the buttons of an unanswered spell."""
    media: bool = False
    """Shows a file, so that its words are a caption."""
    part: int = 0
    """Which of the posts that show the same message it is."""
    drawn: str = ""
    """Fingerprint of what it shows, so that nothing is redrawn for nothing."""
    drawn_at: datetime | None = None
    line: str = ""
    """The command that a prompt asks an argument for."""
    by: str = ""
    """The relay bot that posted it, by its account, for no other may edit it; empty: the desk's own."""


def post_key(desk: DeskId, post: PostId) -> str:
    """A post's identity in the workspace."""
    return f"{desk}|{post}"


class Event(Record, kw_only=True, omit_defaults=True):
    """An append-only record of a deed. `facts` holds what is needed to tell it and to take it back."""

    kind: str
    at: datetime
    actor: str = ""
    """A user's id, or empty: the contact or the hub itself."""
    contact: ContactId | None = None
    conversation: ConversationId | None = None
    """Or what it stands under where it is about none, for an index finds it by that: the contact, or the workspace."""
    desk: DeskId | None = None
    thread: ThreadId | None = None
    facts: Facts = msgspec.field(default_factory=dict)
    undone: bool = False


class Seen(Record, kw_only=True, omit_defaults=True):
    """A network's update that was taken in; forgotten after 48 hours. `id`: source and update."""

    at: datetime

"""The catalog: what a workspace is set up with. Small, cached, changed rarely."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hub.domain.ids import ChannelId, ConversationId, DeskId, FileId, Identity, PostId, TeamId, UserId
from hub.domain.messages import MediaKind
from hub.domain.record import Record

Role = Literal["owner", "manager", "agent"]
Limit = Literal["own", "team", "no_export", "no_deletion", "hidden"]
"""What an agent may not: see others' contacts than their own, or than their team's; take data out; delete for good; see
contacts' personal data.
"""


class Item(Record, kw_only=True, tag_field="type", omit_defaults=True):
    """Anything of the catalog."""


class ChannelItem(Item, kw_only=True, tag="channel", omit_defaults=True):
    """A connected account. `secret`: its token, sealed; `hook_secret`: what proves a webhook call, sealed."""

    id: ChannelId
    network: str
    name: str
    account: str
    secret: str = ""
    hook_secret: str = ""
    state: Literal["active", "paused", "disconnected"] = "active"
    problem: str = ""


Notice = Literal["assigned", "mentioned", "waiting", "unassigned"]
"""What somebody is told of in private."""


class Notices(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What a user wants to be told in private, and when not."""

    off: tuple[Notice, ...] = ("unassigned",)
    quiet: tuple[str, str] | None = None
    """From and to, `22:00` and `7:00`, in the user's zone; what comes meanwhile is told together afterwards."""
    digest: str = ""
    """When all is told together, once a day, `9:00`; empty: each at once."""


class Member(Item, kw_only=True, tag="member", omit_defaults=True):
    """A user's part in this workspace; `id` is the user's id."""

    id: UserId
    role: Role
    name: str
    username: str = ""
    identities: list[Identity] = msgspec.field(default_factory=list)
    limits: list[Limit] = msgspec.field(default_factory=list)
    """Of agents alone."""
    seen_at: datetime | None = None
    """When they last did something here, to the minute."""
    away: bool = False
    """They did nothing for as long as the workspace's inactivity says."""
    busy_until: datetime | None = None
    """They asked not to be given anything until then."""
    look_at: datetime | None = None
    """When the timer rings that looks whether they are still there; None: there is none."""
    cap: int = 0
    """Open conversations that may be theirs before they are given no more by rule; 0: the workspace's own number."""
    time_zone: str = ""
    """Empty: the workspace's."""
    notices: Notices = Notices()


class Invitation(Item, kw_only=True, tag="invitation", omit_defaults=True):
    """Somebody invited by mail who has not come yet. `id` is made of the address, so that there is one for each."""

    email: str
    role: Role
    limits: list[Limit] = msgspec.field(default_factory=list)
    by: UserId
    sent_at: datetime
    expires_at: datetime
    mark: str
    """What the newest link carries; earlier ones are void."""
    sends: int = 1
    problem: str = ""
    """Why the newest mail did not leave; empty where it did."""
    accepted_by: UserId | None = None
    """Who is being made a member by it just now."""


class RelayBot(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A further account that posts on a desk, for networks that limit each account. `secret`: its token, sealed."""

    account: str
    name: str
    secret: str
    problem: str = ""


class DeskItem(Item, kw_only=True, tag="desk", omit_defaults=True):
    """A bound desk: a chat on a front end's network. `queue_card`: the post at its home that shows who waits."""

    id: DeskId
    network: str
    chat: str
    title: str = ""
    problem: str = ""
    """What keeps the hub from posting there, once the owners were told; empty while it can."""
    team: TeamId | None = None
    """Whose desk it is; None: of all who have none of their own."""
    relays: list[RelayBot] = msgspec.field(default_factory=list)
    queue_card: PostId | None = None
    home_posts: int = 0
    """Messages that came into the home since the queue card was posted."""


class Tag(Item, kw_only=True, tag="tag", omit_defaults=True):
    """A label for contacts."""

    name: str
    emoji: str = ""
    color: str = ""
    """Six hexadecimal digits; empty: none."""
    description: str = ""


class Category(Item, kw_only=True, tag="category", omit_defaults=True):
    """A kind of closing note."""

    name: str


class SnippetFile(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A file that goes with a snippet: it stays where it was posted, and is fetched from there when it is sent."""

    source: str
    desk: DeskId
    kind: MediaKind
    name: str = ""
    mime: str = ""
    size: int | None = None


class Snippet(Item, kw_only=True, tag="snippet", omit_defaults=True):
    """A saved reply; `text` is a template over contact, assignee, workspace. `uses` orders suggestions."""

    name: str
    text: str
    uses: int = 0
    owner: UserId | None = None
    """Whose it is alone; None: everybody's."""
    topic: str = ""
    files: list[SnippetFile] = msgspec.field(default_factory=list)


class Alias(Item, kw_only=True, tag="alias", omit_defaults=True):
    """A word for one or several lines, which may use $1, $2 and $* for what is typed after it."""

    name: str
    lines: list[str]
    owner: UserId | None = None
    """Whose it is alone; None: everybody's."""


class Team(Item, kw_only=True, tag="team", omit_defaults=True):
    """Users of the workspace who share a goal."""

    id: TeamId
    name: str
    members: list[UserId] = msgspec.field(default_factory=list)


class Turns(Item, kw_only=True, tag="turns", omit_defaults=True):
    """Whose turn it is to be given a conversation by rule; there is one, with the id `turns`."""

    last: list[UserId] = msgspec.field(default_factory=list)
    """Who was given one, longest ago first."""
    fresh: list[ConversationId] = msgspec.field(default_factory=list)
    """Those given just now: what is given in the same commit is in no count of the database's yet."""
    given_at: datetime | None = None
    """When the newest of them was, by the hub's clock."""


class HeldDay(Item, kw_only=True, tag="held_day", omit_defaults=True):
    """How much the gate held on one day, and what became of it. `id` is made of the day."""

    counts: dict[str, int] = msgspec.field(default_factory=dict)
    """By the gate's rule and what came of it: `mentions.sent`."""


FieldKind = Literal["text", "list", "checkbox", "email", "number", "url", "date", "time"]
FieldValue = str | int | float | bool
"""Of a custom field, as it is kept: dates as 2026-11-21, times as 09:30, checkboxes as true or false."""


class Field(Item, kw_only=True, tag="field", omit_defaults=True):
    """A custom fact about contacts. `id`: letters, digits and `_`, made of the first name and never changed."""

    name: str
    kind: FieldKind
    options: list[str] = msgspec.field(default_factory=list)
    """Of a list."""
    description: str = ""


class SavedFilter(Item, kw_only=True, tag="filter", omit_defaults=True):
    """A filter by name: an inbox finds conversations, a segment contacts."""

    name: str
    finds: Literal["conversations", "contacts"]
    text: str
    """In the filter language, as it was typed."""
    owner: UserId
    shared: Literal["private", "public", "some"] = "private"
    users: list[UserId] = msgspec.field(default_factory=list)
    teams: list[TeamId] = msgspec.field(default_factory=list)


class Recent(Item, kw_only=True, tag="recent", omit_defaults=True):
    """Filters that a user looked with lately, by a short name each, for buttons that are too short for them. `id` is
    made of the user's.
    """

    texts: dict[str, str] = msgspec.field(default_factory=dict)
    """The oldest first."""


class Greeting(Item, kw_only=True, tag="greeting", omit_defaults=True):
    """What is said by itself: to who writes for the first time, or to who writes outside of business hours."""

    when: Literal["greeting", "away"]
    text: str
    channel: ChannelId | None = None
    """None: on all."""
    language: str = ""
    """Two letters; empty: for all others."""


class Job(Item, kw_only=True, tag="job", omit_defaults=True):
    """A long work over many records, done in steps: an import or an export."""

    what: Literal["import", "export"]
    by: UserId
    at: datetime
    state: Literal["drafted", "running", "paused", "cancelled", "done", "failed", "undoing", "undone"]
    file: FileId | None = None
    name: str = ""
    total: int = 0
    done: int = 0
    made: int = 0
    changed: int = 0
    refused: int = 0
    cursor: str = ""
    """How far it came, in the job's own words."""
    plan: dict[str, str] = msgspec.field(default_factory=dict)
    """What was chosen, in the job's own words."""
    result: FileId | None = None
    """What it made: the export, or the lines that were refused."""
    told: dict[str, str] = msgspec.field(default_factory=dict)
    """Where its progress stands."""
    problem: str = ""


Step = Literal["name", "channel", "desk", "people"]
"""A step of setting up: naming the organization, connecting a channel, binding a desk, inviting people."""


class FirstSteps(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """How far setting up is, where facts do not say it."""

    led: tuple[UserId, ...] = ()
    """Owners who are told the next step as soon as one is done."""
    skipped: tuple[Step, ...] = ()
    told: tuple[Step, ...] = ()
    """Steps whose being done was told."""
    unnamed: str = ""
    """What the organization is called while nobody has named it."""


class Hours(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Business hours in the workspace's zone. `week`: by day, 0 is Monday, spans such as `("9:00", "17:30")`; a day
    that is not there is closed. No day at all: always open.
    """

    week: dict[int, tuple[tuple[str, str], ...]] = msgspec.field(default_factory=dict)
    holidays: tuple[str, ...] = ()
    """Closed days, as 2026-12-25; `12-25` closes that day of every year."""


class Assigning(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """How conversations that nobody has are given to somebody."""

    rule: Literal["off", "turn", "least"] = "off"
    """In turn, or to who has the fewest open ones."""
    team: TeamId | None = None
    """Among whom; None: all."""
    cap: int = 0
    """Open conversations one may have before being given no more; 0: no end."""
    offline_too: bool = False
    hand_over: bool = False
    """Of those who go offline, what waits is given to others."""
    back_minutes: int = 0
    """Minutes of business hours without an answer, after which it goes back; 0: never."""
    back_team: TeamId | None = None
    """To whom it goes back; None: to nobody, in the queue."""


class Closing(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """When conversations are closed by themselves; 0: never."""

    after_us: int = 0
    """Minutes after our last word, where the contact did not answer."""
    after_them: int = 0
    """Minutes after the contact's last word, where nobody answered."""
    keep_assignee: bool = True


class Asking(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Whether contacts are asked what they think once a conversation is closed."""

    on: bool = False
    text: str = ""
    """Empty: the hub's own words."""


class Preferences(Item, kw_only=True, tag="preferences", omit_defaults=True):
    """The workspace's own settings; there is one, with the id `preferences`."""

    name: str = ""
    time_zone: str = "UTC"
    inactivity: int = 30
    """Minutes without a deed after which somebody counts as away."""
    closing_note: Literal["off", "optional", "category", "both"] = "optional"
    mode: Literal["direct", "explicit"] = "direct"
    """Whether plain text in a contact's place goes to the contact, or only what is said to be for them."""
    hold: int = 0
    """Seconds that a message waits before it leaves, so that it can be stopped; 0 to 30."""
    hours: Hours = Hours()
    assigning: Assigning = Assigning()
    closing: Closing = Closing()
    asking: Asking = Asking()
    waiting_minutes: int = 0
    """Minutes of business hours after which a contact has waited too long, and the assignee is told; 0: never."""
    told_no_desk: bool = False
    first_steps: FirstSteps = FirstSteps()
    former_fields: list[str] = msgspec.field(default_factory=list)
    """Ids of custom fields that were removed; contacts may still hold values under them."""
    people_changed: int = 0
    """Grows whenever a role changes or somebody is removed, so that no two such deeds are judged beside one another."""


CatalogItem = (
    ChannelItem
    | Member
    | Invitation
    | DeskItem
    | Team
    | Turns
    | HeldDay
    | Tag
    | Field
    | Category
    | Snippet
    | Alias
    | SavedFilter
    | Recent
    | Greeting
    | Job
    | Preferences
)

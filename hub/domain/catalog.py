"""The catalog: what a workspace is set up with. Small, cached, changed rarely."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hub.domain.ids import ChannelId, DeskId, Identity, PostId, UserId
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


class Member(Item, kw_only=True, tag="member", omit_defaults=True):
    """A user's part in this workspace; `id` is the user's id."""

    id: UserId
    role: Role
    name: str
    username: str = ""
    identities: list[Identity] = msgspec.field(default_factory=list)
    limits: list[Limit] = msgspec.field(default_factory=list)
    """Of agents alone."""


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


class DeskItem(Item, kw_only=True, tag="desk", omit_defaults=True):
    """A bound desk: a chat on a front end's network. `queue_card`: the post at its home that shows who waits."""

    id: DeskId
    network: str
    chat: str
    title: str = ""
    problem: str = ""
    """What keeps the hub from posting there, once the owners were told; empty while it can."""
    queue_card: PostId | None = None
    home_posts: int = 0
    """Messages that came into the home since the queue card was posted."""


class Tag(Item, kw_only=True, tag="tag", omit_defaults=True):
    """A label for contacts."""

    name: str
    emoji: str = ""


class Category(Item, kw_only=True, tag="category", omit_defaults=True):
    """A kind of closing note."""

    name: str


class Snippet(Item, kw_only=True, tag="snippet", omit_defaults=True):
    """A saved reply; `text` is a template over contact, assignee, workspace. `uses` orders suggestions."""

    name: str
    text: str
    uses: int = 0


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


class Preferences(Item, kw_only=True, tag="preferences", omit_defaults=True):
    """The workspace's own settings; there is one, with the id `preferences`."""

    name: str = ""
    time_zone: str = "UTC"
    inactivity: int = 30
    """Minutes without a deed after which somebody counts as away."""
    closing_note: Literal["off", "optional", "category", "both"] = "optional"
    told_no_desk: bool = False
    first_steps: FirstSteps = FirstSteps()
    people_changed: int = 0
    """Grows whenever a role changes or somebody is removed, so that no two such deeds are judged beside one another."""


CatalogItem = ChannelItem | Member | Invitation | DeskItem | Tag | Category | Snippet | Preferences

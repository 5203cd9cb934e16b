"""The catalog: what a workspace is set up with. Small, cached, changed rarely."""

from __future__ import annotations

from typing import Literal

import msgspec

from hub.domain.ids import ChannelId, DeskId, Identity, PostId, UserId
from hub.domain.record import Record

Role = Literal["owner", "manager", "agent"]


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


class Preferences(Item, kw_only=True, tag="preferences", omit_defaults=True):
    """The workspace's own settings; there is one, with the id `preferences`."""

    name: str = ""
    time_zone: str = "UTC"
    closing_note: Literal["off", "optional", "category", "both"] = "optional"
    told_no_desk: bool = False


CatalogItem = ChannelItem | Member | DeskItem | Tag | Category | Snippet | Preferences

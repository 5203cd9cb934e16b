"""What a command is given: who calls, where, about whom, and the means to act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from hub.admin_bot.heard import Pressed, Spot, Wrote
from hub.domain import limits, members
from hub.domain.accounts.models import OrganizationRole
from hub.domain.accounts.reception import Reception
from hub.domain.conversations import Act
from hub.domain.ids import ChannelId, Identity, TeamId
from hub.domain.members import Permission
from hub.domain.models import Contact, Conversation, DeskItem, Member, Post
from hub.domain.ports import (
    Capabilities,
    Clock,
    Connector,
    Deed,
    Directory,
    FrontEnd,
    OrganizationStore,
    Pictures,
    Reads,
    Tx,
    Vault,
    Workspace,
)
from hub.errors import NotAllowed, NotFound, Stale

T = TypeVar("T")


async def _none_shown(_: str, __: ChannelId) -> Pictures | None:
    return None


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What the counter works with; made by the composition root.

    `channel_changed` (workspace, channel): connects or disconnects a channel now, and gives what is still to be done
    at its network. `pictures` (workspace, channel): a connected channel, if it shows what its contacts look like.
    `channel_of` (workspace, channel):
    what a connected channel can do. `start_link`: the address that opens the admin bot with a token; empty where none
    does. `start_lines`: what to type with it to the admin bot elsewhere, by the app in which it is typed. `group_link`
    (network): the address that adds the admin bot to a group there; empty where none does. `installed`
    (network, somebody there): the token of our app where they are; empty where it is not.
    `crowding`: how full the last minute of each account that posts on a desk is, of its own under the empty name: 1 and
    more is full; accounts that are not known are left out.
    `forbidden_accounts`: `network:account` of accounts that can be no channel: the admin bot's own.
    """

    directory: Directory
    workspace: Callable[[str], Awaitable[Workspace]]
    vault: Vault
    reception: Reception
    organizations: OrganizationStore
    connectors: Mapping[str, Connector]
    front_ends: Mapping[str, FrontEnd]
    channel_changed: Callable[[str, str], Awaitable[list[str]]]
    channel_of: Callable[[str, ChannelId], Capabilities | None]
    start_link: Callable[[str], str]
    installed: Callable[[str, Identity], Awaitable[str]]
    public_url: str
    forbidden_accounts: frozenset[str]
    clock: Clock
    start_lines: Callable[[str], Mapping[str, str]] = lambda _: {}
    group_link: Callable[[str], str] = lambda _: ""
    pictures: Callable[[str, ChannelId], Awaitable[Pictures | None]] = _none_shown
    crowding: Callable[[DeskItem], Mapping[str, float]] = lambda _: {}


@dataclass(slots=True, kw_only=True)
class Call:
    """One call of a command. `place_contact` and `place_conversation`: whose place it was called in, if any."""

    services: Services
    heard: Wrote | Pressed
    workspace: Workspace | None = None
    unit: Tx | None = None
    asker: Member | None = None
    in_teams: frozenset[TeamId] = frozenset()
    """The teams that the asker is in."""
    standing: OrganizationRole | None = None
    """The asker's role in the organization of the workspace; known where the command is declared outside."""
    desk: DeskItem | None = None
    second_wanted: str = ""
    """The organization that demands a second factor of the asker, who has none, before most commands."""
    place_contact: Contact | None = None
    place_conversation: Conversation | None = None
    about_contact: Contact | None = None
    about_conversation: Conversation | None = None
    answers: Post | None = None
    """The post that the line is a reply to, or whose button was pressed."""
    version: int = 0
    """Of the conversation, as the pressed button showed it; 0: any."""
    expanded: bool = False
    """The line stands in for an alias, so what was typed does not show it."""
    spilled: bool = False
    """The asker's message must be taken away: it held a secret."""
    act: Act = field(init=False)

    @property
    def spot(self) -> Spot:
        """Where it was called."""
        return self.heard.spot

    @property
    def pressed(self) -> bool:
        """Whether a button was pressed."""
        return isinstance(self.heard, Pressed)

    @property
    def tx(self) -> Tx:
        """The act's transaction; commands declared `outside` have none."""
        if self.unit is None:
            raise LookupError("this command is declared outside, so it has no transaction: use run")
        return self.unit

    @property
    def reads(self) -> Reads:
        """The act's transaction, or the workspace as it is committed where there is none."""
        return self.home if self.unit is None else self.unit

    @property
    def member(self) -> Member:
        """Who calls, as a member of the workspace."""
        if self.asker is None:
            raise NotAllowed(
                "You are not a member of this workspace. If you work here, ask one of its owners for an invitation;"
                " /start in a private chat with me begins one of your own."
            )
        return self.asker

    @property
    def contact(self) -> Contact:
        """Whom it is about."""
        if self.about_contact is None:
            raise NotFound("This is no contact's topic: write the conversation's number after the command.")
        return self.about_contact

    @property
    def conversation(self) -> Conversation:
        """What it is about."""
        if self.about_conversation is None:
            raise NotFound("This is no contact's topic: write the conversation's number after the command.")
        return self.about_conversation

    @property
    def here(self) -> bool:
        """Whether it was called in the place of the contact it is about."""
        return self.place_contact is not None and self.place_contact is self.about_contact

    @property
    def home(self) -> Workspace:
        """The workspace that the asker works in."""
        if self.workspace is None:
            raise NotAllowed(
                "You are in no workspace yet. /start in a private chat with me signs you up; or ask an owner of one for"
                " an invitation."
            )
        return self.workspace

    async def run(self, deed: Deed[T]) -> T:
        """Runs a deed in a transaction of its own: for commands declared `outside`."""
        return await self.home.run(deed)

    def may(self, permission: Permission) -> bool:
        """Whether the asker's role is enough for that."""
        return members.allows(self.asker, permission, self.standing)

    def sees(self, conversation: Conversation) -> bool:
        """Whether the asker's limits leave that conversation to them."""
        return limits.within(self.asker, conversation, self.in_teams)

    def own_only(self, conversation: Conversation) -> None:
        """Raises NotAllowed where they do not."""
        if not self.sees(conversation):
            raise NotAllowed(f"#{conversation.number} is {limits.beyond(self.asker)}")

    def check(self, conversation: Conversation) -> None:
        """Raises Stale where the pressed button showed the conversation as it is no more."""
        if self.version and self.version != conversation.version:
            raise Stale

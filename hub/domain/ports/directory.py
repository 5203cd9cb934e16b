"""Who is who and what is where, over all workspaces; and what is kept sealed.

Each interface says when it is called and what must not be done there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from hub.domain.accounts.models import OrganizationRole
from hub.domain.ids import Identity


class WorkspaceEntry(msgspec.Struct, kw_only=True):
    """A workspace in the directory."""

    id: str
    organization: str
    name: str
    ends_at: datetime | None = None
    """When it is deleted for good, where somebody wants it deleted."""


class GoneWorkspace(msgspec.Struct, kw_only=True):
    """A workspace that was closed for good. `dropped`: its database too."""

    id: str
    since: datetime
    dropped: bool = False


class UserRecord(msgspec.Struct, kw_only=True):
    """A person, over all workspaces. `workspaces`: where they are (their role is kept there); first: the one in use."""

    id: str
    name: str
    username: str = ""
    identities: list[str] = msgspec.field(default_factory=list)
    workspaces: list[str] = msgspec.field(default_factory=list)


TokenPurpose = Literal[
    "init", "invite", "install", "verify", "reset", "link", "pending", "code", "join", "vouch", "step", "tie"
]


class Directory(Protocol):
    """The control database: who is who, what is where. Its promises are unique indexes."""

    async def create_workspace(self, organization: str, name: str, id: str = "") -> WorkspaceEntry:
        """A new workspace with its database, collections and indexes, and, for an empty `organization`, a new one.

        With an `id` it may be repeated: what is there already is given.
        """

    async def workspace(self, id: str) -> WorkspaceEntry | None:
        """The entry with that id."""

    async def rename_workspace(self, id: str, name: str) -> None:
        """Gives it another name."""

    async def workspaces_of(self, organization: str) -> list[WorkspaceEntry]:
        """All of an organization's, in the order of their making."""

    async def end_workspace(self, id: str, at: datetime | None) -> None:
        """Notes when it is to be deleted for good; None: it stays. Raises NotFound."""

    async def ending(self, by: datetime) -> list[WorkspaceEntry]:
        """Those that end by then and are still there."""

    async def close_workspace(self, id: str, by: datetime) -> bool:
        """It is there for nobody any more: neither routes nor users lead to it, and no process may open it. Its
        database stays for the moment. False: it was kept meanwhile, or ends later. It may be repeated.
        """

    async def gone(self) -> list[GoneWorkspace]:
        """Those that are closed; a while after they are dropped they are listed no more."""

    async def drop_workspace(self, id: str, *, forget: bool = True) -> None:
        """Deletes it for good: its database, its routes, and that anybody is in it. It may be repeated.

        Without `forget` it stays among those that are gone, so that all processes hear of it.
        """

    async def user_by_identity(self, identity: Identity) -> UserRecord | None:
        """Whose chat account this is."""

    async def ensure_user(self, identity: Identity, name: str, username: str) -> UserRecord:
        """Whose chat account this is; a new user where it is nobody's yet. Keeps name and username fresh."""

    async def join(self, user: str, workspace: str, role: OrganizationRole = "member") -> None:
        """Notes that the user is in the workspace, and makes it the one in use.

        `role`: theirs in the organization of the workspace, unless they have one there.
        """

    async def use(self, user: str, workspace: str) -> None:
        """Makes a workspace of the user's the one in use. Raises NotFound where they are not in it."""

    async def leave(self, user: str, workspace: str) -> None:
        """Notes that the user is in the workspace no more; in its organization neither, where that was the last one of
        it and they are a plain member there. Where they were not, it is done already.
        """

    async def issue_token(self, purpose: TokenPurpose, data: Mapping[str, str], seconds: float) -> str:
        """A one-time token; kept as a hash only."""

    async def use_token(self, purpose: TokenPurpose, token: str, by: str = "") -> dict[str, str] | None:
        """What the token stands for, which is used up by this; None: unknown, used, too old or another's.

        With `by` it is that one's alone from now on, but not used up before `spend_token`, so that what failed on the
        way can be repeated; `once` in what it stands for is an id that is the same each time.
        """

    async def see_token(self, purpose: TokenPurpose, token: str) -> dict[str, str] | None:
        """What the token stands for, looked at alone: it is nobody's by that, and not used up.

        None: not good, or somebody's already.
        """

    async def spend_token(self, purpose: TokenPurpose, token: str) -> None:
        """What the token was for is done: it is used up."""

    async def claim_route(self, kind: Literal["channel", "desk"], account: str, workspace: str, target: str) -> None:
        """One network account or desk chat serves one workspace. Raises Refused where another has it."""

    async def release_route(self, kind: Literal["channel", "desk"], account: str, workspace: str) -> None:
        """Lets go of it."""

    async def route(self, kind: Literal["channel", "desk"], account: str) -> tuple[str, str] | None:
        """The workspace and its target (a channel's or a desk's id)."""

    async def channel_workspace(self, channel: str) -> str | None:
        """Which workspace a channel id belongs to."""


class Installations(Protocol):
    """Where an app that many accounts share is installed, and the secret that each installation gave."""

    async def keep(self, network: str, account: str, secret: str) -> None:
        """Keeps what an installation gave, instead of what one before gave."""

    async def secret(self, network: str, account: str) -> str | None:
        """What the account's installation gave; None where there is none."""

    async def accounts(self, network: str) -> list[str]:
        """All accounts of a network that have one."""

    async def drop(self, network: str, account: str) -> None:
        """Forgets it; where there is none, it is done already."""


class Vault(Protocol):
    """Seals secrets for keeping in the database."""

    def seal(self, secret: str) -> str:
        """Encrypted with the newest key."""

    def open(self, sealed: str) -> str:
        """Decrypted with whichever key fits. Raises Misconfigured where none does."""


Clock = Callable[[], datetime]

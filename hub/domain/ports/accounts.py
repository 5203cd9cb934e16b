"""What accounts need of the outside: where users are kept, how mail leaves, and how somebody in a chat is told.

Each interface says when it is called and what must not be done there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import msgspec

from hub.domain.accounts.models import Organization, Session, Trace, User
from hub.domain.ids import Identity, OrganizationId, UserId

T = TypeVar("T")


class UserStore(Protocol):
    """Users, sessions, attempts and audit events, in the control database. Its promises are unique indexes: one user
    for each e-mail address, provider's subject and chat identity.
    """

    async def add(self, user: User) -> None:
        """Keeps a new user. Raises Taken where the address, a subject or an identity is somebody's."""

    async def user(self, id: UserId) -> User | None:
        """The user with that id."""

    async def by_email(self, email: str) -> User | None:
        """Whose address it is; in whatever case it is written."""

    async def by_subject(self, subject: str) -> User | None:
        """For whom a provider vouches so."""

    async def by_identity(self, identity: Identity) -> User | None:
        """Whose chat account it is."""

    async def change(self, id: UserId, deed: Callable[[User], T]) -> T:
        """Loads the user, has `deed` change it, and keeps it if nobody changed it meanwhile; else anew, so `deed` must
        do nothing else. Raises NotFound, Taken, and what the deed raises (then nothing is kept).
        """

    async def unite(self, keeps: UserId, goes: UserId, deed: Callable[[User, User], bool]) -> User:
        """As `change`, of two at once or neither: `deed` gets both, and says whether the second is to be forgotten,
        with its sessions, or kept. Gives the first.
        """

    async def drop(self, id: UserId) -> None:
        """Forgets a user, their sessions too; where there is none, it is done already."""

    async def open(self, session: Session) -> None:
        """Keeps a session until it ends."""

    async def session(self, id: str) -> Session | None:
        """The session, unless it has ended; notes that it was seen now, at most once a minute."""

    async def sessions(self, user: UserId) -> list[Session]:
        """All of theirs, the newest first."""

    async def end(self, id: str) -> None:
        """Ends a session."""

    async def end_all(self, user: UserId, but: str = "") -> int:
        """Ends all sessions of a user but that one; how many."""

    async def count(self, key: str, seconds: float) -> int:
        """Counts an attempt under a key; gives how many there were in the window of so many seconds that the first one
        opened, this one included.
        """

    async def attempts(self, key: str) -> int:
        """How many were counted in the window that is open; 0 where none is."""

    async def left(self, key: str) -> float:
        """Seconds until the window that is open closes; 0 where none is."""

    async def take_back(self, key: str) -> None:
        """One attempt less in the window that is open: it was a right one."""

    async def forgive(self, key: str) -> None:
        """Counts anew."""

    async def note(self, trace: Trace) -> None:
        """Keeps an audit event for good."""

    async def traces(self, user: UserId, limit: int = 50) -> list[Trace]:
        """The newest audit events that concern a user, the newest first."""


class OrganizationStore(Protocol):
    """Organizations, in the control database."""

    async def add(self, organization: Organization) -> None:
        """Keeps a new one; one that is there already stays as it is."""

    async def organization(self, id: OrganizationId) -> Organization | None:
        """The organization with that id."""

    async def change(self, id: OrganizationId, deed: Callable[[Organization], T]) -> T:
        """As `UserStore.change`. Raises NotFound, and what the deed raises (then nothing is kept)."""

    async def vouching_for(self, domain: str) -> list[Organization]:
        """Those whose own provider may vouch for people of a mail domain, and is switched on."""

    async def people(self, id: OrganizationId) -> list[User]:
        """Everybody who is in it, by name."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail to be written from the template of that name (`verify`, `known`, `reset`, `changed`, `invited`)."""

    to: str
    template: str
    data: Mapping[str, str]


class Mailer(Protocol):
    """Writes and sends mail."""

    async def send(self, letter: Letter) -> None:
        """Raises DeliveryError where it cannot leave. Never called inside a transaction."""


class Greeter(Protocol):
    """Tells somebody in their chat."""

    async def signed_in(self, identity: Identity, user: User) -> None:
        """A chat account is tied to a user now: greets them by name there, at once. Never raises."""

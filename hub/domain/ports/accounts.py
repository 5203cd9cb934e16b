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

    async def end_vouched(self, organization: OrganizationId) -> int:
        """Ends all sessions for which that organization's provider vouched; how many."""

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


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """Who vouches for people's sign-ins by OpenID Connect, and as whom the hub is known there.

    `name`: as people know it; `issuer`: as it must call itself, exactly; `discovery`: where its description is, empty:
    at the usual place below the issuer; `secret`: open; `trusted`: its address is the operator's word, and may be in
    any network.
    """

    name: str
    issuer: str = ""
    """Empty: what the description says, for a trusted one alone."""
    client: str
    secret: str
    discovery: str = ""
    trusted: bool = False


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is sent to a provider with. `back`: the page they come back to, word for word; `nonce`: must stand
    in what the provider signs; `verifier`: proves who asks for that, and is never seen by the browser; `hint`: the
    address they gave, to be filled in there.
    """

    back: str
    state: str
    nonce: str
    verifier: str
    hint: str = ""


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """Of whom a provider vouched. `subject`: theirs at the issuer, for good; all else may be empty."""

    issuer: str
    subject: str
    email: str = ""
    verified: bool = False
    """The provider says that mail to the address reaches them."""
    first_name: str = ""
    last_name: str = ""
    name: str = ""


class Vouchers(Protocol):
    """Speaks with providers. All raise Unavailable where one is away, NotGenuine where what it says cannot be trusted,
    Invalid where its address is none that may be asked; each with one sentence, which names the provider.
    """

    async def check(self, provider: Provider) -> str:
        """How it calls itself exactly, where its description is there and fits."""

    async def begin(self, provider: Provider, asked: Asked) -> str:
        """Where to send the browser."""

    async def finish(self, provider: Provider, asked: Asked, code: str) -> Vouched:
        """For whom it vouched, by the code that the browser brought back; a code is good once."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail from the template of that name: `verify`, `known`, `reset`, `changed`, `second`, `invited`."""

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

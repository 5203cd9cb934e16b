"""What the parts of the reception share: the ports, audit events, and errands that nobody waits for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field

from hub.domain.accounts.forms import Policy
from hub.domain.accounts.models import Trace, User
from hub.domain.ids import Identity, UserId
from hub.domain.ports.accounts import Greeter, Letter, Mailer, UserStore
from hub.domain.ports.directory import Clock, Directory, TokenPurpose, Vault
from hub.errors import HubError

_LOG = logging.getLogger(__name__)
MAILS, MAILS_SECONDS = 6, 3600.0
"""How many mails somebody gets in a window: no more, whoever asks for them."""
_HOLDER = "reception"
NOBODY = Identity("")
Enrol = Callable[[User, Identity], Awaitable[None]]
"""Has the user's workspaces know by which chat accounts they act: those that the user is kept with now, but the given
one, and by no other. It may be repeated. Raises Unavailable.
"""


async def nowhere(_: User, __: Identity) -> None:
    """Enrols where there are no workspaces."""


class Errands:
    """What is done beside an answer, so that the time an answer takes tells nothing."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, errand: Coroutine[None, None, None]) -> None:
        """Begins an errand; what goes wrong is logged."""
        task = asyncio.create_task(_logged(errand))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def idle(self) -> None:
        """Returns when all that was begun is done."""
        while self._running:
            await asyncio.gather(*self._running)


@dataclass(frozen=True)
class Surroundings:
    """The ports, and what is done with several of them alike."""

    users: UserStore
    directory: Directory
    vault: Vault
    mailer: Mailer
    greeter: Greeter
    clock: Clock
    policy: Policy
    enrol: Enrol = nowhere
    errands: Errands = field(default_factory=Errands)

    async def note(
        self, kind: str, user: UserId | None, origin: str, *, by: UserId | None = None, **facts: str
    ) -> None:
        """Keeps an audit event."""
        trace = Trace(kind=kind, at=self.clock(), user=user, actor=by, origin=clean(origin), facts=dict(facts))
        await self.users.note(trace)

    async def write(self, template: str, user: User, **data: str) -> None:
        """Mails somebody, unless they got many just now. Raises DeliveryError."""
        if await self.users.count(f"mail|{user.email}", MAILS_SECONDS) > MAILS:
            return
        await self.warn(template, user, **data)

    async def warn(self, template: str, user: User, **data: str) -> None:
        """Mails somebody, however many they got: what they must hear of, nobody can keep from them by many others.

        Raises DeliveryError.
        """
        common = {"brand": self.policy.brand, "name": user.first_name or user.name}
        await self.mailer.send(Letter(to=user.email, template=template, data={**common, **data}))

    def page(self, path: str, token: str = "") -> str:
        """The address of an account page. `token`: what it is opened with."""
        return f"{self.policy.public_url}/account/{path}{f'?token={token}' if token else ''}"

    async def held(self, purpose: TokenPurpose, token: str) -> dict[str, str] | None:
        """What a token stands for, which stays good until it is spent; None: not good."""
        return await self.directory.use_token(purpose, token, by=_HOLDER) if token else None


def invited_key(email: str) -> str:
    """Under what name it is counted that somebody opened an invitation to an address."""
    return f"invited|{email}"


def clean(text: str) -> str:
    """What a browser said of itself or its address, fit to be kept."""
    return text.encode(errors="replace").decode()[:200]


async def _logged(errand: Coroutine[None, None, None]) -> None:
    try:
        await errand
    except HubError as error:
        _LOG.warning("An errand for somebody at the reception was not done: %s", error.text)
    except Exception:  # noqa: BLE001 - nobody waits for it who could be told
        _LOG.exception("An errand for somebody at the reception failed")

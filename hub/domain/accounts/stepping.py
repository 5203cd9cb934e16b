"""A code of now before something dangerous, of those who have a second factor. Once it was right, none is asked of that
chat account for five minutes, wherever the hub was started again meanwhile; a change of the second factor ends that.
"""

from __future__ import annotations

from hub.domain.accounts.models import User
from hub.domain.accounts.second_factor import SecondFactors
from hub.domain.accounts.surroundings import Surroundings
from hub.domain.ids import Identity

HOLDS_SECONDS = 300.0
"""How long a right code holds for a chat account."""
WAITS_SECONDS = 120.0
"""How long a code is expected: in these, six digits in a group are taken for it."""


class StepUp:
    """Who need not be asked for a code, who must be, and of whom one is awaited."""

    def __init__(self, around: Surroundings, seconds: SecondFactors) -> None:
        self._around = around
        self._users = around.users
        self._seconds = seconds

    async def wanted(self, identity: Identity) -> bool:
        """Whether a code must be asked for."""
        user = await self._users.by_identity(identity)
        return user is not None and user.second is not None and not await self._users.attempts(_held(user, identity))

    async def asked(self, identity: Identity) -> None:
        """A code was asked for in private."""
        await self._users.forgive(_waits(identity))
        await self._users.count(_waits(identity), WAITS_SECONDS)

    async def asked_no_more(self, identity: Identity) -> None:
        """It need not be answered."""
        await self._users.forgive(_waits(identity))

    async def awaited(self, identity: Identity) -> bool:
        """Whether a code was asked for just now."""
        return bool(await self._users.attempts(_waits(identity)))

    async def prove(self, identity: Identity, code: str) -> None:
        """Uses up a code. Raises Refused, TooMany."""
        user = await self._users.by_identity(identity)
        if user is None or user.second is None:
            return
        await self._seconds.fresh(user.id, code, identity)
        await self._users.forgive(_waits(identity))
        await self._users.count(_held(user, identity), HOLDS_SECONDS)
        await self._around.note("stepped_up", user.id, identity)

    async def end(self, user: User, identity: Identity) -> None:
        """The next dangerous deed needs a code again."""
        await self._users.forgive(_held(user, identity))


def _held(user: User, identity: Identity) -> str:
    """Another second factor has another name: what was proved by one before holds no more."""
    since = user.second.since.isoformat() if user.second else ""
    return f"fresh|{user.id}|{since}|{identity}"


def _waits(identity: Identity) -> str:
    return f"code awaited|{identity}"

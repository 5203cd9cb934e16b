"""Clears what somebody began and left of an account: an address that was never proved, a second factor that was never
confirmed. Once an hour, by one process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from hub.domain.models import now
from hub.errors import HubError

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
FIRST = timedelta(minutes=5)
"""After the start: there is enough to be done then."""
UNPROVED = timedelta(days=7)
"""An address that nobody proved is free again after that."""
UNCONFIRMED = timedelta(hours=1)
"""A key that was shown can be confirmed for so long."""


class Forgets(Protocol):
    """The users, as far as clearing needs them."""

    async def clear(self, unproved: datetime, unconfirmed: datetime) -> tuple[int, int]:
        """Drops users and keys that are older and that nobody can use; how many of each."""


class Clearing:
    """Done beside everything else; what is broken off is done an hour later."""

    def __init__(self, users: Forgets, acquire: Callable[[str, float], Awaitable[bool]]) -> None:
        """`acquire` takes a lease."""
        self._users = users
        self._acquire = acquire
        self._due = now() + FIRST
        self._task: asyncio.Task[None] | None = None

    def consider(self) -> None:
        """Begins, if it is due."""
        if self._due <= now() and (self._task is None or self._task.done()):
            self._due = now() + EVERY
            self._task = asyncio.create_task(self._quietly())

    async def close(self) -> None:
        """Stops; the next start goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _quietly(self) -> None:
        try:
            if await self._acquire("clear:users", EVERY.total_seconds() * 0.9):
                await self.clear()
        except HubError as error:
            log.warning("what was left of sign-ups was not cleared: %s", error.text)
        except Exception:
            log.exception("what was left of sign-ups was not cleared")

    async def clear(self) -> None:
        """Clears what is old enough."""
        users, keys = await self._users.clear(now() - UNPROVED, now() - UNCONFIRMED)
        if users or keys:
            log.info("%s sign-ups that were never verified and %s keys never confirmed were cleared", users, keys)

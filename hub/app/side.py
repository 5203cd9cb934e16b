"""What a front end needs around it, and what the hub asks of it beside its interface."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from hub.admin_bot.counter import Counter
from hub.domain.ports import FrontEnd
from hub.host.doors import HookAnswer
from hub.host.pacer import Window
from hub.settings import Settings
from hub.store import Store

Slot = Callable[[Sequence[Window], int], AbstractAsyncContextManager[None]]
"""Enters when that many posts fit the windows; answers to agents go before all else."""
Odd = Callable[[bytes, str], Awaitable[None]]
"""Keeps an update that cannot be read, with the reason."""


@dataclass(frozen=True)
class Around:
    """What every front end is made with."""

    settings: Settings
    store: Store
    counter: Counter
    slot: Slot
    odd: Odd


class Side(Protocol):
    """A front end in its place. Its `take` and `verify` are the door of its hook."""

    hook: str

    @property
    def front_end(self) -> FrontEnd:
        """The front end itself."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """See `hub.host.doors.FrontDoor`."""

    async def take(self, headers: Mapping[str, str], body: bytes) -> HookAnswer | None:
        """See `hub.host.doors.FrontDoor`."""

    async def run(self) -> None:
        """Hears what networks do not tell by calling, until cancelled."""

    async def close(self) -> None:
        """Lets go of everything."""

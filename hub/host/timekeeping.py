"""Does what timers are for when they are due, and knows when the next one is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import datetime

from hub.domain import ripening, timers
from hub.domain.models import now
from hub.domain.ports import Tx, Workspace
from hub.domain.work import Work
from hub.errors import HubError, Unavailable
from hub.host.lanes import backoff

log = logging.getLogger(__name__)


async def ring(workspace: Workspace, at: datetime) -> int:
    """Does every timer that is due at that moment, each in a transaction of its own; gives how many there were."""
    count = 0
    while due := await timers.ripe(workspace, at):
        for work in due:
            await _ring_one(workspace, work, at)
        count += len(due)
    return count


async def _ring_one(workspace: Workspace, work: Work, at: datetime) -> None:
    async def deed(tx: Tx) -> None:
        await ripening.ripen(tx, work.id, at)

    try:
        await workspace.run(deed)
    except Unavailable:
        raise
    except HubError as error:
        await _spoilt(workspace, work, error)
    except Exception as error:
        log.exception("a timer broke the hub's own rules: %s", type(work.task).__name__)
        await _spoilt(workspace, work, HubError(f"It broke the hub's own rules ({type(error).__name__})."))


async def _spoilt(workspace: Workspace, work: Work, error: HubError) -> None:
    """A timer that cannot be done must not stand before those that come after it."""

    async def deed(tx: Tx) -> None:
        await ripening.spoil(tx, work.id, error)

    await workspace.run(deed)


class Timekeeper:
    """The timers of one hosted workspace. It reads again when the next is due, or one was set."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._set = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.next: datetime | None = None
        """When the first of all is due, as it was read last."""

    async def start(self) -> None:
        """Begins to look at the time."""
        self.next = await timers.next_due(self._workspace)
        self._task = asyncio.create_task(self._run())

    def put(self, works: Sequence[Work]) -> None:
        """Takes note of timers that were set."""
        if works:
            self.next = min([work.due for work in works] + ([self.next] if self.next else []))
            self._set.set()

    def look_again(self) -> None:
        """Another process may have set one."""
        self._set.set()

    async def close(self) -> None:
        """Stops; what was begun is committed or has not happened."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        faults = 0
        while True:
            try:
                self._set.clear()
                await ring(self._workspace, now())
                self.next = await timers.next_due(self._workspace)
                faults = 0
            except Exception as error:  # noqa: BLE001 - the clock must outlive whatever happens
                faults += 1
                said = error.text.rstrip(".") if isinstance(error, HubError) else type(error).__name__
                log.warning("timers of workspace %s: %s; tried again", self._workspace.id, said)
                await asyncio.sleep(backoff(faults, first=0.5, longest=30.0))
                continue
            await self._until_next()

    async def _until_next(self) -> None:
        wait = None if self.next is None else max(0.0, (self.next - now()).total_seconds())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._set.wait(), wait)

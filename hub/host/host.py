"""Hosts workspaces: each by one process at a time, while it has something to do. Idle ones cost no query.

A workspace is leased when work is committed here, when the directory says it is due, or when its networks must be
polled; it is let go when nothing waits. Any process may receive; a lease that lapses is taken over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from hub.domain import timers
from hub.domain.models import ChannelItem, now
from hub.domain.ports import Cond, Query, Workspace, WorkspaceEntry
from hub.domain.work import Work
from hub.errors import HubError, NotFound, Unavailable
from hub.host.cleaning import Cleaner
from hub.host.clearing import Clearing
from hub.host.delivery import Surroundings
from hub.host.endings import Endings
from hub.host.hosted import Hosted

log = logging.getLogger(__name__)

LEASE = 15.0
"""Seconds that a workspace stays ours without renewal."""
TICK = 1.0
IDLE = timedelta(seconds=20)
SWEEP_EVERY = 5


class Leases(Protocol):
    """Who hosts what; see the store."""

    async def acquire(self, name: str, seconds: float) -> bool:
        """Takes or renews a lease; False: another has it."""

    async def release(self, name: str) -> None:
        """Gives it up."""

    async def wake_by(self, workspace: str, at: datetime) -> None:
        """The workspace has something to do at `at`."""

    async def slept(self, workspace: str, until: datetime | None) -> None:
        """Nothing is to be done there before `until`."""

    async def due(self, at: datetime, limit: int = 100) -> list[str]:
        """Workspaces with something to do."""


class ListedWorkspaces(Protocol):
    """The directory, as far as hosting needs it."""

    async def workspaces(self) -> list[WorkspaceEntry]:
        """All workspaces."""


class ObservedWorkspace(Workspace, Protocol):
    """A workspace that tells of its commits."""

    def on_commit(self, listener: Callable[[Sequence[Work]], None]) -> Callable[[], None]:
        """Calls the listener after each commit that made or changed work."""


class Host:
    """All that this process hosts."""

    def __init__(  # noqa: PLR0913 - each is a part of its own
        self,
        leases: Leases,
        directory: ListedWorkspaces,
        surroundings: Callable[[Workspace], Surroundings],
        *,
        polls: bool,
        endings: Endings,
        clearing: Clearing | None = None,
        media_days: int = 0,
    ) -> None:
        """`polls`: networks are asked, for they cannot call us; `media_days`: how long files are kept, 0 for good."""
        self._leases = leases
        self._cleaner = Cleaner(leases.acquire, media_days)
        self._directory = directory
        self._surroundings = surroundings
        self._polls = polls
        self._endings = endings
        self._clearing = clearing
        self._known: dict[str, ObservedWorkspace] = {}
        self._hosted: dict[str, Hosted] = {}
        self._opening: dict[str, asyncio.Task[None]] = {}
        self._foreign: dict[str, datetime] = {}
        self._renewed = now()
        self._loop: asyncio.Task[None] | None = None
        self._sweep: list[str] = []
        self._open: Callable[[str], object] | None = None
        self._closed = False

    async def start(self, open_workspace: Callable[[str], object]) -> None:
        """Looks at every workspace once, for what a crash may have left out, and goes on looking at what is due."""
        self._open = open_workspace
        self._loop = asyncio.create_task(self._run())

    def observe(self, workspace: ObservedWorkspace) -> None:
        """Called for each workspace that this process opens, so that what is committed here is done at once."""
        if workspace.id not in self._known:
            self._known[workspace.id] = workspace
            workspace.on_commit(lambda works: self._committed(workspace.id, works))

    async def channels_changed(self, workspace: str) -> None:
        """A channel of the workspace was connected, changed or disconnected."""
        hosted = self._hosted.get(workspace)
        if hosted is not None:
            await hosted.channels_changed()
        else:
            self._take(workspace)

    async def stop(self) -> None:
        """Lets go of everything; another process, or this one started again, goes on where it stopped."""
        self._closed = True
        await self._cleaner.close()
        if self._clearing is not None:
            await self._clearing.close()
        tasks = [t for t in (self._loop, *self._opening.values()) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for id in list(self._hosted):
            await self._let_go(id)

    @property
    def hosted(self) -> int:
        """How many workspaces this process hosts."""
        return len(self._hosted)

    # -- what is committed here --

    def _committed(self, workspace: str, works: Sequence[Work]) -> None:
        hosted = self._hosted.get(workspace)
        if hosted is not None:
            hosted.put(works)
        else:
            self._take(workspace)

    def _take(self, workspace: str) -> None:
        """Hosts it as soon as may be; what is committed meanwhile is found in the database."""
        if workspace not in self._opening and not self._closed:
            task = asyncio.create_task(self._try_to_host(workspace))
            self._opening[workspace] = task
            task.add_done_callback(lambda _: self._opening.pop(workspace, None))

    async def _try_to_host(self, id: str) -> None:
        try:
            if not await self._leases.acquire(f"host:{id}", LEASE):
                self._foreign[id] = now() + timedelta(seconds=LEASE)
                await self._leases.wake_by(id, now())
                return
            await self._watched(id)
            await self._host(id)
        except HubError as error:
            log.warning("workspace %s cannot be hosted just now: %s", id, error.text)

    async def _watched(self, id: str) -> None:
        """Others look at the workspace when this host has died; until then, what they commit there calls it earlier."""
        await self._leases.slept(id, now() + timedelta(seconds=LEASE))

    async def _look_again(self, id: str) -> None:
        """Another process committed something to a workspace that is hosted here."""
        await self._watched(id)
        await self._hosted[id].look_again()

    async def _host(self, id: str) -> None:
        if id in self._hosted or self._open is None:
            return
        workspace = await self._workspace(id)
        if self._closed:
            return
        hosted = Hosted(self._surroundings(workspace), polls=self._polls)
        # Listed before its work is read: what is committed in between is then put in twice, which is harmless.
        self._hosted[id] = hosted
        await hosted.start()

    async def _workspace(self, id: str) -> ObservedWorkspace:
        if id not in self._known and self._open is not None:
            await self._open(id)  # type: ignore[misc]
        return self._known[id]

    # -- what is due --

    async def _run(self) -> None:
        ticks = 0
        while True:
            try:
                await self._renew()
                for id in await self._leases.due(now()):
                    if id in self._hosted:
                        await self._look_again(id)
                    elif self._foreign.get(id, now()) <= now():
                        self._take(id)
                if ticks % SWEEP_EVERY == 0:
                    await self._end_some()
                    if self._clearing is not None:
                        self._clearing.consider()
                    await self._sweep_some(everything=ticks == 0)
                    for hosted in list(self._hosted.values()):
                        await hosted.adopt()
                await self._rest()
                ticks += 1
            except Unavailable as error:
                log.warning("hosting: %s", error.text)
            except Exception:
                log.exception("hosting: this round failed; the next goes on")
            await asyncio.sleep(TICK)

    async def _renew(self) -> None:
        if (now() - self._renewed).total_seconds() < LEASE / 3:
            return
        for id in list(self._hosted):
            if not await self._leases.acquire(f"host:{id}", LEASE):
                log.warning("workspace %s was taken over by another hub", id)
                await self._drop(id)
        self._renewed = now()

    async def _sweep_some(self, *, everything: bool) -> None:
        """Looks for work that nobody was told of: in all workspaces at the start, then in one at a time."""
        if not self._sweep:
            self._sweep = [w.id for w in await self._directory.workspaces()]
        some = self._sweep if everything else self._sweep[:1]
        self._sweep = [] if everything else self._sweep[1:]
        for id in some:
            with contextlib.suppress(NotFound):  # it came to its end since it was listed
                if id not in self._hosted and await self._needs_host(id):
                    self._take(id)
                self._cleaner.consider(await self._workspace(id))

    async def _end_some(self) -> None:
        """Ends what is to end, and lets go of what any process has ended."""
        for id in await self._endings.due():
            # Who hosts it ends it; where nobody does, who is first. The lease is not given back: it lapses when every
            # process has heard that there is nothing to host.
            if id not in self._opening and await self._leases.acquire(f"host:{id}", LEASE):
                await self._end(id)
        for id in await self._endings.gone():
            await self._drop(id)
            self._known.pop(id, None)
            self._foreign.pop(id, None)

    async def _end(self, id: str) -> None:
        workspace = await self._workspace(id)
        with contextlib.suppress(NotFound):
            await workspace.items(ChannelItem)  # it can be opened no more once it is closed
            await self._drop(id)
            if not await self._endings.close(workspace):
                self._take(id)  # kept at the last moment

    async def _needs_host(self, id: str) -> bool:
        workspace = await self._workspace(id)
        if self._polls and any(c.state == "active" for c in await workspace.items(ChannelItem)):
            return True
        if await workspace.count(Work, {"state": "waiting", "held": Cond("ne", True)}, limit=1):
            return True
        due = await timers.next_due(workspace)
        if due is not None and due > now():
            await self._leases.wake_by(id, due)
        return due is not None and due <= now()

    async def _rest(self) -> None:
        for id, hosted in list(self._hosted.items()):
            if hosted.busy:
                hosted.idle_since = now()
            elif now() - hosted.idle_since > IDLE:
                await self._let_go(id)

    async def _let_go(self, id: str) -> None:
        busy, wakes_at = self._hosted[id].busy, self._hosted[id].wakes_at
        await self._drop(id)
        try:
            await self._leases.slept(id, now() if busy else wakes_at)
            await self._leases.release(f"host:{id}")
            if await self._needs_look(id):
                self._take(id)
        except HubError as error:
            log.warning("workspace %s could not be let go in order: %s", id, error.text)

    async def _needs_look(self, id: str) -> bool:
        """Whether something was committed in the moment in which it was let go."""
        if self._closed:
            return False
        workspace = await self._workspace(id)
        found = await workspace.query(Work, Query(where={"state": "waiting", "held": Cond("ne", True)}, limit=1))
        if (due := await timers.next_due(workspace)) is not None:
            await self._leases.wake_by(id, due)
        return bool(found)

    async def _drop(self, id: str) -> None:
        hosted = self._hosted.pop(id, None)
        if hosted is not None:
            await hosted.close()

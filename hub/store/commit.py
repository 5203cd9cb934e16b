"""Group commit: deeds that arrive while a commit runs join the next one, up to 128 in one transaction.

A deed that fails fails alone. What the database says is told apart here: begin again, repeat the commit, start afresh
because a promise stood against it, try the parts one by one, or say that the database cannot be reached.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from pymongo.errors import ServerSelectionTimeoutError

from hub.domain.consequences import follow
from hub.domain.ports import Deed, Want
from hub.errors import HubError, NotFound, Unavailable
from hub.store import faults
from hub.store.counters import Counters
from hub.store.driver import Client, Database, Session
from hub.store.entries import Written
from hub.store.unit import Outside, Unit

T = TypeVar("T")

LARGEST_BATCH = 128
SILENT_TURNS = 3
"""Turns of the event loop without a new deed after which a batch begins: a request takes as many to become one."""
GATHERING = 0.05
"""Seconds after which a batch begins all the same."""
FRESH_STARTS = 3
"""How often a batch is started afresh because a promise stood against it."""
RERUNS = 5
"""How often a batch that conflicts with others, or is too much at once, is rerun whole before its parts are."""
PATIENCE = 10.0
"""Seconds for which a transaction is rerun, or a commit repeated, before its parts are told Unavailable."""
LAST_COMMIT = 4.0
"""Seconds for which the hub's end waits for commits."""


class Part(Generic[T]):
    """One deed that waits for its commit."""

    __slots__ = ("deed", "error", "future", "value", "wants")

    def __init__(self, deed: Deed[T], wants: Sequence[Want]) -> None:
        self.deed = deed
        self.wants = wants
        self.future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.value: T | None = None
        self.error: Exception | None = None

    async def run(self, unit: Unit) -> None:
        """Runs the deed, perhaps again. Raises what the database said, and only that."""
        self.value = self.error = None
        try:
            self.value = await self.deed(unit)
            await follow(unit)
        except Exception as error:  # noqa: BLE001 - whatever the deed raises goes to its caller
            self.error = error
        if unit.fault is not None:
            raise unit.fault
        if self.error is None:
            unit.end_part()
        else:
            unit.undo_part()

    def settle(self) -> None:
        """Tells the caller, unless it went away."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)  # type: ignore[arg-type]  # None only where T allows it

    def fail(self, error: Exception) -> None:
        """The deed could not be written."""
        self.error = error
        self.settle()


class Hooks(NamedTuple):
    """What the committer asks and tells its workspace."""

    prepare: Callable[[], Awaitable[None]]
    """Awaited before each batch; raises where the workspace cannot be used."""
    committed: Callable[[Written], None]
    """Called after each commit that wrote something; must be quick."""


class Committer:
    """The queue of one workspace's deeds, and the one transaction at a time that serves it."""

    def __init__(self, connection: tuple[Client, Database], outside: Outside, counters: Counters, hooks: Hooks) -> None:
        self._client, self._database = connection
        self._outside = outside
        self._counters = counters
        self._hooks = hooks
        self._waiting: deque[Part[Any]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._together = 0
        """How many deeds the last batch held."""

    async def run(self, deed: Deed[T], wants: Sequence[Want]) -> T:
        """Joins the queue; gives what the deed gives, after its commit."""
        part = Part(deed, wants)
        self._waiting.append(part)
        if self._task is None:
            self._task = asyncio.create_task(self._serve(), name="commit")
        return await part.future

    async def close(self) -> None:
        """Waits until all that joined is committed; where the database is away, not for long."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=LAST_COMMIT)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _serve(self) -> None:
        batch: list[Part[Any]] = []
        try:
            while self._waiting:
                await self._gather()
                async with self._client.turn:
                    batch = [self._waiting.popleft() for _ in range(min(LARGEST_BATCH, len(self._waiting)))]
                    self._together = len(batch)
                    await self._commit([part for part in batch if not part.future.cancelled()])
                    batch = []
        finally:
            self._task = None
            for part in (*batch, *self._waiting):
                part.fail(Unavailable())  # nothing, unless this task was cancelled
            self._waiting.clear()

    async def _gather(self) -> None:
        """Waits for those who are just joining, up to as many as the last batch held: whose commit has ended come again
        together, and a batch costs its round trips whatever its size. Who comes alone waits for nobody.
        """
        until, silent = time.monotonic() + GATHERING, 0
        while silent < SILENT_TURNS and len(self._waiting) < self._together and time.monotonic() < until:
            before = len(self._waiting)
            await asyncio.sleep(0)
            silent = 0 if len(self._waiting) > before else silent + 1

    async def _commit(self, batch: list[Part[Any]]) -> None:
        try:
            written = await self._written(batch)
        except Exception as error:  # noqa: BLE001 - nothing a deed or the database does may leave a caller waiting
            found = faults.translated(error)
            if len(batch) > 1 and (faults.conflict(error) or not isinstance(found, Unavailable | NotFound)):
                await self._one_by_one(batch)
                return
            for part in batch:
                part.fail(found)
            return
        if written is not None and written.collections:
            self._hooks.committed(written)
        for part in batch:
            part.settle()

    async def _one_by_one(self, batch: list[Part[Any]]) -> None:
        for part in batch:
            await self._commit([part])

    async def _written(self, batch: list[Part[Any]]) -> Written | None:
        """Runs the batch until it is committed. Raises what cannot be mended by running it again."""
        until, fresh, reruns = time.monotonic() + PATIENCE, 0, 0
        await self._hooks.prepare()
        while batch:
            try:
                return await self._transaction(batch, trusting=not fresh)
            except Exception as error:
                if faults.duplicate(error) and fresh < FRESH_STARTS:
                    fresh += 1
                elif (
                    not faults.transient(error)
                    or _away(error)
                    or time.monotonic() > until
                    or (faults.conflict(error) and len(batch) > 1 and (reruns := reruns + 1) > RERUNS)
                ):
                    raise
                await asyncio.sleep(random.uniform(0.001, 0.02))  # noqa: S311 - spreads rivals, hides nothing
        return None

    async def _transaction(self, batch: Sequence[Part[Any]], *, trusting: bool) -> Written:
        self._counters.start_batch()
        async with self._client.session() as session:
            await self._client.begin(session)
            unit = Unit(self._database, session, self._outside, trusting=trusting)
            try:
                written = await _work(unit, batch)
            except BaseException:
                unit.give_back()
                await session.abort_transaction()
                raise
            if not written.collections:
                await session.abort_transaction()
                return written
            try:
                await _end(session)
            except Exception as error:
                if faults.transient(error):
                    unit.give_back()
                raise
            return written


async def _work(unit: Unit, batch: Sequence[Part[Any]]) -> Written:
    await unit.load([want for part in batch for want in part.wants])
    for part in batch:
        await part.run(unit)
    return await unit.flush()


async def _end(session: Session) -> None:
    """Commits. An answer that was lost is asked for again: the server knows whether it had committed."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            await session.commit_transaction()
        except Exception as error:
            if not faults.unknown(error) or time.monotonic() > until:
                raise
            await asyncio.sleep(0.05)
        else:
            return


def _away(error: Exception) -> bool:
    return isinstance(error, ServerSelectionTimeoutError | HubError)

"""Lanes: work items done first-in first-out within a lane, lanes side by side."""

from __future__ import annotations

import asyncio
import bisect
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta

from hub.domain.models import now
from hub.domain.work import Work

log = logging.getLogger(__name__)

PATIENCE = 4.0
"""Seconds that closing waits for what is under way."""
REMEMBERED = 5000
"""Items done last, which something read a moment ago may still name."""

Perform = Callable[["Lane"], Awaitable[None]]


def backoff(attempts: int, first: float = 1.0, longest: float = 300.0) -> float:
    """Seconds to wait before another try: doubling, with jitter, so that many do not come at once."""
    return float(min(longest, first * 2 ** min(attempts, 12)) * random.uniform(0.75, 1.25))  # noqa: S311


def later(seconds: float) -> datetime:
    """The moment that many seconds from now."""
    return now() + timedelta(milliseconds=round(seconds * 1000))


class Lane:
    """What waits in one lane, in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.works: list[Work] = []
        self.changed = asyncio.Event()
        self.faults = 0
        self.nudged = False
        """While its head was being tried: what that failed for may be mended by now."""

    def put(self, work: Work) -> None:
        """Adds an item in its order, or takes note that one changed; one that no longer waits leaves."""
        self.drop([work])
        if work.state == "waiting" and not work.held:
            bisect.insort(self.works, work, key=lambda w: w.id)
        self.changed.set()

    def drop(self, works: Iterable[Work]) -> None:
        """Takes items out."""
        gone = {w.id for w in works}
        self.works = [w for w in self.works if w.id not in gone]

    def settle(self, works: Iterable[Work]) -> None:
        """Takes items out that are done, but keeps one that was asked for again meanwhile."""
        seen = {w.id: w.asked for w in works}
        self.works = [w for w in self.works if seen.get(w.id) != w.asked]

    def postpone(self, works: Iterable[Work], due: datetime) -> None:
        """Notes that items are to be tried again at `due`; at once where the lane was nudged meanwhile."""
        ids, due = {w.id for w in works}, min(due, now()) if self.nudged else due
        for work in self.works:
            if work.id in ids:
                work.due, work.attempts = due, work.attempts + 1


class Lanes:
    """All lanes of a workspace; each has a task of its own while something waits in it."""

    def __init__(self, perform: Perform) -> None:
        self._perform = perform
        self._lanes: dict[str, Lane] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._whose: dict[str, str] = {}
        self._performing: set[str] = set()
        self._done: deque[tuple[str, int]] = deque(maxlen=REMEMBERED)
        self._closed = False

    def put(self, works: Iterable[Work]) -> None:
        """Takes in items that were committed."""
        for work in works:
            self._leave_former(work)
            lane = self._lanes.get(work.lane)
            if lane is None and work.held:
                continue  # whoever lets it go commits it again
            if lane is None:
                lane = self._lanes[work.lane] = Lane(work.lane)
            lane.put(work)
            if not self._closed and lane.name not in self._tasks:
                self._tasks[lane.name] = asyncio.create_task(self._run(lane))

    def _leave_former(self, work: Work) -> None:
        """An item that was given to another lane is no longer this one's."""
        former = self._lanes.get(self._whose.get(work.id, ""))
        if former is not None and former.name != work.lane:
            former.drop([work])
            former.changed.set()
        if not work.held:
            self._whose[work.id] = work.lane

    def put_new(self, works: Iterable[Work]) -> None:
        """Takes in what was read from the database a moment ago: what is known here is newer here."""
        self.put(w for w in works if not self._finished(w))

    def _finished(self, work: Work) -> bool:
        """Whether it is in its lane already, or was done after it was read."""
        lane, round_ = self._lanes.get(work.lane), (work.id, work.asked)
        waits = lane is not None and any((w.id, w.asked) == round_ for w in lane.works)
        return waits or round_ in self._done

    def nudge(self) -> None:
        """Has every lane look at its head again: something they waited for may have come."""
        for lane in self._lanes.values():
            for work in lane.works:
                work.due = min(work.due, now())
            lane.nudged = True
            lane.changed.set()

    async def close(self) -> None:
        """Stops after what is being done now; what waits is kept in the database."""
        self._closed = True
        for name in set(self._tasks) - self._performing:
            self._tasks[name].cancel()
        # What is under way at a network is waited for, lest it be done again by whoever goes on.
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=PATIENCE)
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def waiting(self) -> int:
        """How many items wait in all."""
        return sum(len(lane.works) for lane in self._lanes.values())

    async def _run(self, lane: Lane) -> None:
        try:
            while lane.works and not self._closed:
                if await self._ripe(lane):
                    await self._once(lane)
        finally:
            self._tasks.pop(lane.name, None)
            self._lanes.pop(lane.name, None)

    async def _ripe(self, lane: Lane) -> bool:
        """Waits until something of the lane is due, or the lane changed."""
        wait = (min(w.due for w in lane.works[:1]) - now()).total_seconds()
        if wait <= 0:
            return True
        lane.changed.clear()
        try:
            await asyncio.wait_for(lane.changed.wait(), wait)
        except TimeoutError:
            return True
        return False

    async def _once(self, lane: Lane) -> None:
        try:
            before = [(w.id, w.asked) for w in lane.works]
            self._performing.add(lane.name)
            lane.nudged = False
            try:
                await self._perform(lane)
            finally:
                self._performing.discard(lane.name)
            left = {(w.id, w.asked) for w in lane.works}
            for id, asked in before:
                if (id, asked) not in left:
                    self._done.append((id, asked))
                    self._whose.pop(id, None)
            lane.faults = 0
        except Exception as error:
            lane.faults += 1
            level = logging.ERROR if lane.faults > 3 else logging.WARNING
            log.log(level, "lane %s: %s; tried again", lane.name, type(error).__name__, exc_info=error)
            await asyncio.sleep(backoff(lane.faults, first=0.25, longest=30.0))

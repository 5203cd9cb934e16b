"""Keeps sending accounts within their networks' limits, counted in rolling windows, and learns from refusals.

A caller asks for a turn with all the windows that its call counts in, and makes its call within it. Turns are given by
priority, then in the order of asking: whoever asks anew after each turn lets the others go first.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import IntEnum
from math import inf

import msgspec

from hub.domain.ports import Pace

MARGIN = 1.01
"""A window is kept a little longer than the network says: its clock is not ours."""


class Priority(IntEnum):
    """Who goes first. A card waits for quiet: it goes only while its windows are half empty and nobody else waits."""

    ANSWER = 0
    MESSAGE = 1
    CARD = 2


class Window(msgspec.Struct, frozen=True):
    """A limit by name: one account, or one chat of it."""

    name: str
    pace: Pace


class _Usage:
    """What was used of a window."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.turns: deque[float] = deque()
        self.under_way = 0
        self.closed_until = 0.0

    def allowance(self, now: float, cost: int, *, quiet: bool) -> float:
        """Seconds until `cost` turns are free; 0: now. A cost above the limit goes when the window is empty."""
        span = self.pace.seconds * MARGIN
        while self.turns and self.turns[0] <= now - span:
            self.turns.popleft()
        room = max(1, self.pace.count // 2) if quiet else self.pace.count
        over = len(self.turns) + self.under_way + min(cost, room) - room
        if over > len(self.turns):
            return inf
        free_at = self.turns[over - 1] + span if over > 0 else 0.0
        return max(free_at - now, self.closed_until - now, 0.0)

    def begin(self, cost: int) -> None:
        self.under_way += cost

    def end(self, now: float, cost: int) -> None:
        """The network counts a call when it arrives, which is before it has answered: from then on it ages."""
        self.under_way -= cost
        self.turns.extend([now] * cost)


class _Waiter(msgspec.Struct, order=True):
    priority: int
    order: int
    windows: list[Window]
    cost: int
    turn: asyncio.Future[None]


class Pacer:
    """Gives turns. One for the whole process, so that all who share an account share its limits."""

    def __init__(self) -> None:
        self._usage: dict[str, _Usage] = {}
        self._queues: dict[str, list[_Waiter]] = {}
        self._wakes: dict[str, asyncio.TimerHandle] = {}
        self._order = itertools.count()

    @asynccontextmanager
    async def turn(
        self, windows: Sequence[Window], priority: Priority = Priority.MESSAGE, cost: int = 1
    ) -> AsyncIterator[None]:
        """Enters when the call may be made, which is to be made within. `windows`: the narrowest last."""
        limited = [w for w in windows if w.pace.count > 0]
        if not limited or cost <= 0:
            yield
            return
        waiter = await self._wait(limited, priority, cost)
        try:
            yield
        finally:
            self._end(waiter)

    async def _wait(self, limited: list[Window], priority: Priority, cost: int) -> _Waiter:
        loop = asyncio.get_running_loop()
        waiter = _Waiter(priority, next(self._order), limited, cost, loop.create_future())
        queue = limited[-1].name
        heapq.heappush(self._queues.setdefault(queue, []), waiter)
        self._serve(queue)
        try:
            await waiter.turn
        except asyncio.CancelledError:
            self._forget(queue, waiter)
            raise
        return waiter

    def refused(self, windows: Sequence[Window], retry_after: float) -> None:
        """The network refused a call for its limit: nothing more goes through its narrowest window for that long."""
        if windows:
            narrowest = self._of(windows[-1])
            narrowest.closed_until = max(narrowest.closed_until, asyncio.get_running_loop().time() + retry_after)

    def crowding(self, windows: Sequence[Window]) -> float:
        """How full the fullest of the windows is, with all who wait for it: 1 and more is full."""
        return max((self._crowded(w) for w in windows if w.pace.count > 0), default=0.0)

    def _crowded(self, window: Window) -> float:
        now, usage = asyncio.get_running_loop().time(), self._of(window)
        if usage.closed_until > now:
            return inf
        usage.allowance(now, 1, quiet=False)  # lets go of what has aged
        waiting = sum(w.cost for w in self._queues.get(window.name, ()))
        return (len(usage.turns) + usage.under_way + waiting) / window.pace.count

    def waiting(self, name: str) -> int:
        """How many wait for a turn in that window."""
        return len(self._queues.get(name, ()))

    def _of(self, window: Window) -> _Usage:
        usage = self._usage.get(window.name)
        if usage is None:
            usage = self._usage[window.name] = _Usage(window.pace)
        return usage

    def _serve(self, queue: str) -> None:
        waiters = self._queues.get(queue, [])
        while waiters:
            wait = self._allowance(waiters[0])
            if wait > 0:
                self._wake_in(queue, wait)
                return
            waiter = heapq.heappop(waiters)
            if not waiter.turn.done():
                for window in waiter.windows:
                    self._of(window).begin(waiter.cost)
                waiter.turn.set_result(None)
        self._queues.pop(queue, None)

    def _end(self, waiter: _Waiter) -> None:
        now = asyncio.get_running_loop().time()
        for window in waiter.windows:
            self._of(window).end(now, waiter.cost)
        for queue in list(self._queues):
            self._serve(queue)

    def _allowance(self, waiter: _Waiter) -> float:
        now = asyncio.get_running_loop().time()
        quiet = waiter.priority == Priority.CARD
        narrowest = waiter.windows[-1]
        return max(self._of(w).allowance(now, waiter.cost, quiet=quiet and w is narrowest) for w in waiter.windows)

    def _wake_in(self, queue: str, seconds: float) -> None:
        handle = self._wakes.pop(queue, None)
        if handle is not None:
            handle.cancel()
        if seconds == inf:  # the end of what is under way will serve it
            return
        loop = asyncio.get_running_loop()
        self._wakes[queue] = loop.call_later(max(seconds, 0.001), self._serve, queue)

    def _forget(self, queue: str, waiter: _Waiter) -> None:
        waiters = self._queues.get(queue, [])
        if waiter in waiters:
            waiters.remove(waiter)
            heapq.heapify(waiters)
        elif waiter.turn.done() and not waiter.turn.cancelled():
            self._end(waiter)

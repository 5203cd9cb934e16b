"""The load: a process that posts updates over HTTP/1.1 connections that are kept, and notes when each is acknowledged.

A contact writes on one connection only, so that no two of its messages are under way at once, as with the network's
own servers. It is a bare protocol, for what this process costs is taken from the hub.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping

import msgspec

from bench.processes import processor_seconds
from bench.talk import answer_lines, say
from bench.updates import Hook, mark, request

_LONGEST = 60.0
"""Seconds for which the first acknowledgement is waited for."""


class LoadSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What load to make. `rate` in messages a second, 0: as fast as they are acknowledged; `each` ends it early.

    Contacts are spread over `hooks` in turn. Numbers of updates go from `first` on. `pids`: processes whose
    processor time is noted.
    """

    port: int
    hooks: list[Hook]
    first: int
    connections: int
    contacts: int = 500
    first_contact: int = 0
    warm: float = 0.0
    seconds: float = 1.0
    rate: float = 0.0
    each: int = 0
    """Messages that each contact sends, all at once; 0: no end but the time."""
    pids: dict[str, int] = {}


class LoadResult(msgspec.Struct, kw_only=True):
    """What came of it, in the measured time: after the warm-up, until the end."""

    acknowledged: int
    refused: int
    seconds: float
    p50_ms: float
    p99_ms: float
    processor: dict[str, float]
    """Seconds of processor time."""
    next: int
    """The first number that was not used."""
    sent: dict[str, float] = {}
    """When each message was due to be sent, by its mark, in seconds since 1970; only with a rate or `each`."""
    unacknowledged: int = 0
    refusal: str = ""
    """One answer that was no acknowledgement."""


class Line(asyncio.Protocol):
    """One connection: one request under way at a time."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.contacts: list[int] = []
        self.turn = 0
        self.queue: deque[tuple[int, float]] = deque()
        self.due = 0.0
        self.idle = True
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = transport  # type: ignore[assignment]  # TCP gives one that also writes

    def data_received(self, data: bytes) -> None:
        """Part of an answer, or all of it."""
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._buffer = b""
        self.idle = True
        well = head[9:12] == b"200"
        if not well:
            self.load.refusal = (head[:12] + b" " + rest[:200]).decode(errors="replace")
        self.load.answered(well, self.due)
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side hung up."""
        del exc
        if not self.load.over and not self.idle:
            self.load.refused += 1 + len(self.queue)
            self.load.refusal = self.load.refusal or "the connection was closed"
        self._transport, self.idle = None, True
        self.queue.clear()

    def next(self) -> None:
        """Posts the next update, if there is one."""
        if not self.idle or self.load.over or self._transport is None:
            return
        if self.load.paced:
            if self.queue:
                self._post(*self.queue.popleft())
        else:
            self.turn += 1
            self._post(self.contacts[self.turn % len(self.contacts)], time.time())

    def _post(self, contact: int, due: float) -> None:
        self.idle, self.due = False, due
        if self._transport is not None:
            self._transport.write(self.load.compose(contact, due))

    def close(self) -> None:
        """Hangs up."""
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


class Load:
    """One run."""

    def __init__(self, spec: LoadSpec) -> None:
        self.spec = spec
        self.number = spec.first
        self.paced = bool(spec.rate or spec.each)
        self.over = False
        self.refused = 0
        self.refusal = ""
        self.sent: dict[str, float] = {}
        self.lines = [Line(self) for _ in range(min(spec.connections, spec.contacts))]
        self._latencies: list[float] = []
        self._posted = 0
        self._answered = 0
        for contact in range(spec.first_contact, spec.first_contact + spec.contacts):
            self.line_of(contact).contacts.append(contact)

    def line_of(self, contact: int) -> Line:
        """The connection on which the contact writes."""
        return self.lines[contact % len(self.lines)]

    def compose(self, contact: int, due: float) -> bytes:
        """The next request of a contact."""
        number, hook = self.number, self.spec.hooks[contact % len(self.spec.hooks)]
        self.number += 1
        self._posted += 1
        if self.paced:
            self.sent[mark(contact, number)] = due
        return request(hook, contact, number)

    def answered(self, well: bool, due: float) -> None:
        """An answer came."""
        self._answered += 1
        if well:
            self._latencies.append(time.time() - due)
        else:
            self.refused += 1

    async def run(self) -> LoadResult:
        """Warms up, measures, and waits a little for the last answers."""
        loop = asyncio.get_running_loop()
        for line in self.lines:
            await loop.create_connection(_giving(line), "127.0.0.1", self.spec.port)
        try:
            return await (self._paced() if self.paced else self._flooded())
        finally:
            self.over = True
            for line in self.lines:
                line.close()

    async def _flooded(self) -> LoadResult:
        for line in self.lines:
            line.next()
        await asyncio.sleep(self.spec.warm)
        self._latencies, self.refused = [], 0
        before, start = self._processor(), time.time()
        await asyncio.sleep(self.spec.seconds)
        while not self._latencies and time.time() < start + _LONGEST:
            await asyncio.sleep(0.01)  # on a machine that is busy otherwise, not one may have come back so soon
        result = self._result(time.time() - start, before)
        self.paced = True  # nothing more is posted; what is under way comes to its end
        await self._settled()
        return result

    async def _paced(self) -> LoadResult:
        before, start = self._processor(), time.time()
        if self.spec.each:
            for contact in list(range(self.spec.first_contact, self.spec.first_contact + self.spec.contacts)):
                for _ in range(self.spec.each):
                    self._put(contact, start)
        else:
            await self._ticked(start)
        await self._settled()
        result = self._result(time.time() - start, before)
        result.sent, result.unacknowledged = self.sent, self._posted - self._answered
        return result

    async def _ticked(self, start: float) -> None:
        for count in range(round(self.spec.rate * self.spec.seconds)):
            due = start + count / self.spec.rate
            while time.time() < due:
                await asyncio.sleep(due - time.time())
            self._put(self.spec.first_contact + count % self.spec.contacts, due)

    def _put(self, contact: int, due: float) -> None:
        line = self.line_of(contact)
        line.queue.append((contact, due))
        line.next()

    async def _settled(self, patience: float = 60.0) -> None:
        until = time.time() + patience
        while time.time() < until and any(not line.idle or line.queue for line in self.lines):
            await asyncio.sleep(0.01)

    def _processor(self) -> Mapping[str, float]:
        return {name: processor_seconds(pid) for name, pid in self.spec.pids.items()}

    def _result(self, seconds: float, before: Mapping[str, float]) -> LoadResult:
        latencies = sorted(self._latencies)
        return LoadResult(
            acknowledged=len(latencies),
            refused=self.refused,
            seconds=seconds,
            p50_ms=quantile(latencies, 0.5) * 1000,
            p99_ms=quantile(latencies, 0.99) * 1000,
            processor={name: used - before[name] for name, used in self._processor().items()},
            next=self.number,
            refusal=self.refusal,
        )


def _giving(line: Line) -> Callable[[], Line]:
    return lambda: line


def quantile(ordered: list[float], part: float) -> float:
    """The value below which that part of the ordered values lies; 0 where there are none."""
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


async def _answer(line: bytes) -> LoadResult:
    load = Load(msgspec.json.decode(line, type=LoadSpec))
    result = await load.run()
    result.next = load.number
    return result


async def _main() -> None:
    say("ready")
    await answer_lines(_answer)


if __name__ == "__main__":
    asyncio.run(_main())

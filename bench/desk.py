"""To the desk: how long a message takes from its webhook to the agents' group, and many new contacts at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec

from bench.bench import Bench, Served, median
from bench.load import LoadResult, quantile
from bench.specs import Wish
from bench.standin import Seen, Stage
from bench.talk import Child
from bench.updates import Hook

IN_TIME = 1.0
"""Seconds after the last webhook within which all must be on the desk, for the rate to count as one that reaches it."""
PATIENCE = 60.0
TRIES = 2
"""How often a rate is tried before it is held to be too high: the machine may have been busy otherwise."""
CONNECTIONS = 32
BURST_CONTACTS = 100_000
"""The number of the first contact of the bursts, whom nobody has seen before."""


class Desk(msgspec.Struct, frozen=True):
    """A hub with a desk on the stand-in."""

    bench: Bench
    served: Served
    hook: Hook
    standin: Child

    async def load(self, **how: float) -> tuple[LoadResult, Seen]:
        """Makes a load, and waits until all of it is on the desk."""
        since = time.time()
        result = await self.bench.load(self.served, [self.hook], **how)
        return result, await self._all_shown(result, since)

    async def _all_shown(self, result: LoadResult, since: float) -> Seen:
        until = time.time() + PATIENCE
        while True:
            seen = await self.standin.ask(since, Seen)
            if result.sent.keys() <= seen.at.keys() or time.time() > until:
                return seen
            await asyncio.sleep(0.1)

    async def known(self) -> None:
        """Has every contact write for the first time, which costs more than what comes later."""
        await self.load(connections=CONNECTIONS, contacts=self.bench.sizes.desk_contacts, each=1)

    async def latencies(self, rate: float) -> tuple[float, float]:
        """At that rate, the median of the rounds' medians, and of their 99th percentiles, in milliseconds."""
        p50s, p99s = [], []
        for _ in range(self.bench.sizes.rounds):
            found = await _latencies(self, rate, self.bench.sizes.desk_seconds)
            p50s.append(quantile(found, 0.5) * 1000)
            p99s.append(quantile(found, 0.99) * 1000)
        return median(p50s), median(p99s)


@asynccontextmanager
async def staged(bench: Bench) -> AsyncIterator[tuple[Stage, Child, Served]]:
    """The networks, and a hub that is set up for them."""
    standin = await Child.start("bench.standin", bench.folder)
    try:
        stage = msgspec.convert(standin.hello, Stage)
        async with bench.mongod() as server, bench.serve(server, networks=stage.settings) as served:
            yield stage, standin, served
    finally:
        await standin.stop()


async def measure(bench: Bench) -> None:
    """Measures both."""
    async with staged(bench) as (stage, standin, served):
        (made,) = await served.wish(Wish(desk=("telegram", stage.desks["telegram"][0])))
        desk = Desk(bench, served, made.hook, standin)
        await _bursts(desk)
        await desk.known()
        highest = await highest_rate(desk)
        bench.report.add("desk_highest_rate", highest, "messages/s")
        p50, p99 = await desk.latencies(highest / 2)
        bench.report.add("desk_p50_ms", p50, "ms")
        bench.report.add("desk_p99_ms", p99, "ms")


async def highest_rate(desk: Desk) -> float:
    """The highest of the rates at which everything still reaches the desk in time."""
    reached = desk.bench.sizes.desk_rates[0]
    for rate in desk.bench.sizes.desk_rates:
        if not await _reaches(desk, rate):
            break
        reached = rate
    return reached


async def _reaches(desk: Desk, rate: float) -> bool:
    for _ in range(TRIES):
        late = await _lateness(desk, rate)
        desk.bench.report.tell(f"    {rate:g} a second: the last is on the desk after {late:.2f} s")
        if late <= IN_TIME:
            return True
    return False


async def _lateness(desk: Desk, rate: float) -> float:
    """Seconds from the last webhook until all is on the desk."""
    result, seen = await _paced(desk, rate, desk.bench.sizes.desk_seconds)
    return _last(result, seen) - max(result.sent.values())


def _last(result: LoadResult, seen: Seen) -> float:
    """When the last of the load came to the desk; endless, where something did not."""
    return max(seen.at.get(mark, float("inf")) for mark in result.sent)


async def _paced(desk: Desk, rate: float, seconds: float) -> tuple[LoadResult, Seen]:
    contacts = desk.bench.sizes.desk_contacts
    return await desk.load(connections=CONNECTIONS, contacts=contacts, rate=rate, seconds=seconds)


async def _latencies(desk: Desk, rate: float, seconds: float) -> list[float]:
    result, seen = await _paced(desk, rate, seconds)
    return sorted(seen.at.get(mark, float("inf")) - sent for mark, sent in result.sent.items())


async def _bursts(desk: Desk) -> None:
    """New contacts, all in one moment, as often as there are rounds."""
    count, delivered, seconds = desk.bench.sizes.burst, [], []
    for turn in range(desk.bench.sizes.rounds):
        first = BURST_CONTACTS + turn * count
        result, seen = await desk.load(connections=count, contacts=count, first_contact=first, each=1)
        delivered.append(_delivered(result, seen))
        seconds.append(_last(result, seen) - min(result.sent.values()))
    desk.bench.report.add("burst50_delivered", min(delivered), f"of {count}")
    desk.bench.report.add("burst50_seconds", median(seconds), "s")


def _delivered(result: LoadResult, seen: Seen) -> int:
    """How many messages stand on the desk once, in the contact's one topic."""
    return sum(len(seen.threads.get(mark, ())) == 1 and _topics(seen, mark) == 1 for mark in result.sent)


def _topics(seen: Seen, mark: str) -> int:
    contact = mark[1:].partition("-")[0]
    names: Sequence[str] = [name for name in seen.topics if f"Contact {contact} " in f"{name} "]
    return sum(seen.topics[name] for name in names)

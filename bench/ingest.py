"""Receiving: webhooks into the hub, into a plain one, and the same documents straight into the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from bench import ceiling
from bench.bench import Bench, Served, median, ratio
from bench.load import LoadResult
from bench.processes import resident_mib
from bench.updates import Hook
from hub.store.driver import connect

Rates = defaultdict[tuple[str, int], list[float]]
"""Messages a second in each round, by side and number of connections."""


class Side(msgspec.Struct, frozen=True):
    """One of those compared."""

    name: str
    served: Served
    hooks: Sequence[Hook]


async def measure(bench: Bench) -> None:
    """Measures hub and plain in turn, so that both see the machine alike, then the ceiling."""
    async with bench.mongod() as server, bench.serve(server) as hub, bench.serve(server, plain=True) as plain:
        (made,), (other,) = await hub.make(), await plain.make()
        sides = (Side("hub", hub, [made.hook]), Side("plain", plain, [other.hook]))
        for side in sides:
            await bench.introduce(side.served, side.hooks)
        rates, results = Rates(list), []
        for _ in range(bench.sizes.rounds):
            for connections in bench.sizes.connections:
                for side in sides:
                    result = await bench.flood(side.served, side.hooks, connections)
                    rates[side.name, connections].append(result.acknowledged / result.seconds)
                    if side.name == "hub" and connections == bench.sizes.connections[1]:
                        results.append(result)
                        rates["ceiling", 0].append(await _ceiling(bench, hub, made.workspace, result.acknowledged))
        bench.report.add("hub_rss_mib", resident_mib(hub.child.pid), "MiB")
        _told(bench, rates)
        _told_of_hub(bench, results)


async def _ceiling(bench: Bench, hub: Served, workspace: str, most: int) -> float:
    client = connect(hub.server.url, bench.driver)
    try:
        database = client.database(f"{hub.prefix}ws_{workspace}", aware=False)
        found = await ceiling.stored(database, most)
        return await ceiling.rate(client, f"{hub.prefix}ceiling", found)
    finally:
        await client.close()


def _told(bench: Bench, rates: Rates) -> None:
    report, (few, many) = bench.report, bench.sizes.connections
    for side in ("hub", "plain"):
        for connections in (few, many):
            report.add(f"ingest_{side}_{connections}_per_second", median(rates[side, connections]), "messages/s")
    report.add("ingest_ceiling_per_second", median(rates["ceiling", 0]), "messages/s")
    report.add("ingest_ratio_plain_32", ratio(rates["hub", few], rates["plain", few]), "ratio")
    report.add("ingest_ratio_plain", ratio(rates["hub", many], rates["plain", many]), "ratio")
    report.add("ingest_ratio_ceiling", ratio(rates["hub", many], rates["ceiling", 0]), "ratio")


def _told_of_hub(bench: Bench, results: Sequence[LoadResult]) -> None:
    report = bench.report
    report.add("ingest_ack_p50_ms", median(r.p50_ms for r in results), "ms")
    report.add("ingest_ack_p99_ms", median(r.p99_ms for r in results), "ms")
    for name, metric in (("hub", "cpu_per_message_us"), ("mongod", "mongod_cpu_per_message_us")):
        used = median(r.processor[name] / max(r.acknowledged, 1) for r in results)
        report.add(metric, used * 1e6, "µs")

"""Time a message in a workspace with many messages over one with few; and with many workspaces beside it over alone."""

from __future__ import annotations

from collections.abc import Sequence

from bench.bench import Bench, Served, median
from bench.load import Hook
from bench.prefill import fill
from bench.processes import resident_mib
from bench.serve import Made
from hub.domain.ids import ChannelId
from hub.store.driver import connect
from hub.store.embedded import Embedded

Target = tuple[Served, Sequence[Hook]]


async def messages(bench: Bench) -> None:
    """Two workspaces on one server, one with a short past and one with a long one, in turn."""
    few, many = bench.sizes.stored
    async with bench.mongod() as server, bench.serve(server) as served:
        small, large = await served.make(2)
        for made, count in ((small, few), (large, many)):
            await _filled(bench, served, made, count)
        rates = await _in_turn(bench, [(served, [small.hook]), (served, [large.hook])])
        bench.report.add(f"ingest_with_{few}_stored_per_second", rates[0], "messages/s")
        bench.report.add(f"ingest_with_{many}_stored_per_second", rates[1], "messages/s")
        bench.report.add("growth_1m_over_10k", rates[0] / rates[1], "ratio")


async def _filled(bench: Bench, served: Served, made: Made, count: int) -> None:
    bench.report.tell(f"    storing {count} messages")
    client = connect(served.server.url, bench.driver)
    try:
        database = client.database(f"{served.prefix}ws_{made.workspace}", aware=False)
        await fill(database, count, ChannelId(made.hook.name))
        await client.database("admin").command("fsync")
    finally:
        await client.close()


async def workspaces(bench: Bench) -> None:
    """A hub with one workspace and a hub with many, each with a server of its own, in turn; and the load spread."""
    sizes, report = bench.sizes, bench.report
    async with bench.mongod() as one, bench.mongod() as many, bench.serve(one) as alone, bench.serve(many) as crowded:
        (single,) = await alone.make()
        busy, *idle = await _many(bench, crowded, many)
        rates = await _in_turn(bench, [(alone, [single.hook]), (crowded, [busy.hook])])
        report.add("workspaces_300_over_1", rates[0] / rates[1], "ratio")
        hooks = [made.hook for made in (busy, *idle)][: sizes.spread]
        spread = await _in_turn(bench, [(alone, [single.hook]), (crowded, hooks)])
        report.add("spread_100_per_second", spread[1], "messages/s")
        report.add("spread_100_time_over_1", spread[0] / spread[1], "ratio")


async def _many(bench: Bench, served: Served, server: Embedded) -> list[Made]:
    before = resident_mib(server.pid)
    made = await served.make(bench.sizes.workspaces)
    grown = resident_mib(server.pid) - before
    bench.report.add("workspace_create_ms", median(each.milliseconds for each in made), "ms")
    bench.report.add("workspace_mongod_mib", grown / len(made), "MiB")
    return made


async def _in_turn(bench: Bench, targets: Sequence[Target]) -> list[float]:
    """Messages a second of each, the median over the rounds."""
    for served, hooks in targets:
        await bench.introduce(served, hooks)
    rates: list[list[float]] = [[] for _ in targets]
    for _ in range(bench.sizes.rounds):
        for found, (served, hooks) in zip(rates, targets, strict=True):
            result = await bench.flood(served, hooks, bench.sizes.connections[1])
            found.append(result.acknowledged / result.seconds)
    return [median(found) for found in rates]

"""Time a message in a workspace with many messages over one with few; and with many workspaces beside it over alone."""

from __future__ import annotations

from collections.abc import Sequence

from bench.bench import Bench, Served, median, ratio
from bench.prefill import fill
from bench.processes import resident_mib
from bench.specs import Made
from bench.updates import Hook
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
        bench.report.add("ingest_with_few_stored_per_second", median(rates[0]), "messages/s")
        bench.report.add("ingest_with_many_stored_per_second", median(rates[1]), "messages/s")
        bench.report.add("growth_1m_over_10k", ratio(rates[0], rates[1]), "ratio")


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
        one_alone, one_beside = await _in_turn(bench, [(alone, [single.hook]), (crowded, [busy.hook])])
        report.add("workspaces_300_over_1", ratio(one_alone, one_beside), "ratio")
        # Last, for after it they are not idle any more.
        hooks = [made.hook for made in idle][: sizes.spread]
        one_alone, spread = await _in_turn(bench, [(alone, [single.hook]), (crowded, hooks)])
        report.add("spread_100_per_second", median(spread), "messages/s")
        report.add("spread_100_time_over_1", ratio(one_alone, spread), "ratio")


async def _many(bench: Bench, served: Served, server: Embedded) -> list[Made]:
    before = resident_mib(server.pid)
    made = await served.make(bench.sizes.workspaces)
    grown = resident_mib(server.pid) - before
    bench.report.add("workspace_create_ms", median(each.milliseconds for each in made), "ms")
    bench.report.add("workspace_mongod_mib", grown / len(made), "MiB")
    return made


async def _in_turn(bench: Bench, targets: Sequence[Target]) -> list[list[float]]:
    """Messages a second of each, in each round."""
    for served, hooks in targets:
        await bench.introduce(served, hooks)
    rates: list[list[float]] = [[] for _ in targets]
    for _ in range(bench.sizes.rounds):
        for found, (served, hooks) in zip(rates, targets, strict=True):
            result = await bench.flood(served, hooks, bench.sizes.connections[1])
            found.append(result.acknowledged / result.seconds)
    return rates

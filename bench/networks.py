"""Each network beside Telegram, and each desk: how fast messages are received, and how long they take to the desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bench.bench import Bench, Served, median, ratio
from bench.desk import Desk, highest_rate, staged
from bench.specs import Wish
from bench.standin import Stage
from bench.talk import Child
from bench.updates import Hook

NETWORKS: Sequence[str] = ("telegram", "slack", "messenger")


async def measure(bench: Bench) -> None:
    """Receiving from each network in turn; then each desk, to which each network's contacts write in turn."""
    async with staged(bench) as (stage, _, served):
        await _ingest(bench, served, {n: await _connected(served, stage, n) for n in NETWORKS})
    for where in ("telegram", "slack"):
        async with staged(bench) as staging:
            await _desk(bench, staging, where)


async def _connected(served: Served, stage: Stage, network: str, desk: str = "") -> Hook:
    """A workspace with that channel; its desk, if it is to have one, is the network's own on the stage."""
    source = stage.sources[network]
    bound = (desk, stage.desks[desk][NETWORKS.index(network)]) if desk else None
    wish = Wish(network=network, words=source.words, people=source.people, desk=bound)
    (made,) = await served.wish(wish)
    return made.hook


async def _ingest(bench: Bench, served: Served, hooks: Mapping[str, Hook]) -> None:
    for hook in hooks.values():
        await bench.introduce(served, [hook])
    rates: dict[str, list[float]] = defaultdict(list)
    p99s: dict[str, list[float]] = defaultdict(list)
    for _ in range(bench.sizes.rounds):
        for network, hook in hooks.items():
            result = await bench.flood(served, [hook], bench.sizes.connections[1])
            rates[network].append(result.acknowledged / result.seconds)
            p99s[network].append(result.p99_ms)
    for network in NETWORKS:
        bench.report.add(f"ingest_from_{network}_per_second", median(rates[network]), "messages/s")
        bench.report.add(f"ingest_from_{network}_ack_p99_ms", median(p99s[network]), "ms")
        if network != "telegram":
            over = ratio(rates[network], rates["telegram"])
            bench.report.add(f"ingest_{network}_over_telegram", over, "ratio")


async def _desk(bench: Bench, staging: tuple[Stage, Child, Served], where: str) -> None:
    stage, standin, served = staging
    highest = 0.0
    for network in NETWORKS:
        desk = Desk(bench, served, await _connected(served, stage, network, where), standin)
        await desk.known()
        if not highest:
            highest = await highest_rate(desk)
            bench.report.add(f"{where}_desk_highest_rate", highest, "messages/s")
        p50, p99 = await desk.latencies(highest / 2)
        bench.report.add(f"{network}_to_{where}_desk_p50_ms", p50, "ms")
        bench.report.add(f"{network}_to_{where}_desk_p99_ms", p99, "ms")

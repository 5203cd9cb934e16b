"""`python -m bench [PART…]`: runs the measurements, or those named, and writes .build/bench.jsonl."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from bench import desk, growth, inbox, ingest, life, networks, relays
from bench.bench import Bench, prepared
from bench.report import Report
from bench.sizes import FULL, QUICK

PARTS: Mapping[str, Callable[[Bench], Awaitable[None]]] = {
    "ingest": ingest.measure,
    "desk": desk.measure,
    "networks": networks.measure,
    "relays": relays.measure,
    "growth": growth.messages,
    "inbox": inbox.measure,
    "workspaces": growth.workspaces,
    "start": life.measure,
}


async def run(parts: list[str], bench: Bench) -> None:
    """Runs the parts in order."""
    for part in parts:
        bench.report.tell(f"{part} …")
        await PARTS[part](bench)


async def _main(parsed: argparse.Namespace) -> None:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    report = Report(Path(".build") / "bench.jsonl", lambda line: print(line, file=sys.stderr, flush=True))
    async with prepared(QUICK if quick else FULL, report, parsed.driver) as bench:
        await run(parsed.parts or list(PARTS), bench)
    report.print(sys.stdout)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench", description="Measures the hub. QUICK=1 takes a tenth of every size.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--driver", choices=("motor", "pymongo"), default="motor")
    parsed = parser.parse_args()
    unknown = set(parsed.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    asyncio.run(_main(parsed))


if __name__ == "__main__":
    main()

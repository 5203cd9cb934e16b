"""How long the hub takes to start, and how much memory it needs."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping

import aiohttp

from bench.bench import Bench, median
from bench.processes import resident_mib
from bench.talk import ROOT, ChildFailed
from hub.store.mongod import free_port

PATIENCE = 60.0


async def measure(bench: Bench) -> None:
    """Starts `hub run` as a new user would, on an empty folder, with a database of its own."""
    seconds: list[float] = []
    memory: list[float] = []
    for _ in range(bench.sizes.starts):
        with tempfile.TemporaryDirectory(dir=bench.folder) as folder:
            took, mib = await _start(_environment(folder))
        seconds.append(took)
        memory.append(mib)
    bench.report.add("hub_start_seconds", median(seconds), "s")
    bench.report.add("hub_rss_idle_mib", median(memory), "MiB")


def _environment(folder: str) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return {**kept, "HUB_DATA_DIR": folder, "HUB_PORT": str(free_port()), "HUB_LOG": "error"}


async def _start(environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds until the hub says that it is ready, and its memory then; it is stopped again."""
    silent = asyncio.subprocess.DEVNULL
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub", "run", env=environment, cwd=ROOT, stdout=silent, stderr=silent
    )
    try:
        await _ready(process, f"http://127.0.0.1:{environment['HUB_PORT']}/readyz")
        return time.perf_counter() - started, resident_mib(process.pid)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _ready(process: asyncio.subprocess.Process, url: str) -> None:
    until = time.perf_counter() + PATIENCE
    async with aiohttp.ClientSession() as http:
        while time.perf_counter() < until and process.returncode is None:
            try:
                async with http.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)
    raise ChildFailed("The hub did not become ready.")

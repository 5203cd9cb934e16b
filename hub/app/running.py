"""A hub that runs: with its HTTP entrance, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from hub.app.hub import Hub
from hub.errors import Misconfigured
from hub.settings import Settings
from hub.store import open_store
from hub.web.server import Entrance, make_app


@asynccontextmanager
async def running(settings: Settings, **store_options: object) -> AsyncIterator[Hub]:
    """A hub that runs, with its HTTP entrance, until the block ends."""
    store = await open_store(settings, **store_options)  # type: ignore[arg-type]
    try:
        hub = Hub(settings, store)
        entrance = Entrance(hub.doors.take_in, hub.doors.greet, store.ping, hub.figures, hub.slack)
        runner = web.AppRunner(make_app(entrance), access_log=None)
        await runner.setup()
        try:
            await _listen(hub, runner, settings)
            await hub.start()
            _settle_memory()
            yield hub
        finally:
            await runner.cleanup()
            await hub.stop()
    finally:
        await store.close()


def _settle_memory() -> None:
    """What is loaded by now stays: looking through it again and again for garbage took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _listen(hub: Hub, runner: web.AppRunner, settings: Settings) -> None:
    site = web.TCPSite(runner, settings.host, settings.port, backlog=1024)
    try:
        await site.start()
    except OSError as error:
        said = error.strerror or "it cannot be used"
        raise Misconfigured(
            f"The hub cannot listen on {settings.host}:{settings.port} ({said});"
            " set HUB_HOST and HUB_PORT to what is free."
        ) from error
    hub.port = runner.addresses[0][1]


async def run(settings: Settings) -> None:
    """Runs a hub until it is told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with running(settings) as hub:
        print(f"The hub listens on http://{settings.host}:{hub.port}. {_advice(settings)}", flush=True)  # noqa: T201
        await stop.wait()


def _advice(settings: Settings) -> str:
    if not settings.telegram_token:
        return "No admin bot is set: set HUB_TELEGRAM_TOKEN, then run `hub init` and follow what it says."
    return "`hub check` says what is set up."

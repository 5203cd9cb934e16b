"""A hub that runs: with its HTTP entrance, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from socket import AF_INET, AF_INET6, create_server
from socket import socket as Socket  # noqa: N812 - a type beside a value of that name

import msgspec
from aiohttp import web

from hub.app.hub import Hub
from hub.errors import Misconfigured
from hub.settings import Settings
from hub.store import Store, open_store
from hub.web.account.pages import AccountPages
from hub.web.proxies import Proxies
from hub.web.server import Entrance, make_app

_BACKLOG = 1024


@asynccontextmanager
async def running(settings: Settings, **store_options: object) -> AsyncIterator[Hub]:
    """A hub that runs, with its HTTP entrance, until the block ends."""
    store = await open_store(settings, **store_options)  # type: ignore[arg-type]
    try:
        with _socket(settings) as socket:
            port = socket.getsockname()[1] if socket else settings.port
            async with _running(msgspec.structs.replace(settings, port=port), store, socket) as hub:
                yield hub
    finally:
        await store.close()


@asynccontextmanager
async def _running(settings: Settings, store: Store, socket: Socket | None) -> AsyncIterator[Hub]:
    hub = Hub(settings, store)
    # Never unpacked: what is signed is what came, and what does not unpack would be a failure of ours.
    runner = web.AppRunner(entrance_of(hub), access_log=None, auto_decompress=False)
    await runner.setup()
    try:
        with _listening(settings):
            if socket is None:
                await web.TCPSite(runner, settings.host, settings.port, backlog=_BACKLOG).start()
            else:
                await web.SockSite(runner, socket, backlog=_BACKLOG).start()
        await hub.start()
        _settle_memory()
        yield hub
    finally:
        await runner.cleanup()
        await hub.stop()


def entrance_of(hub: Hub) -> web.Application:
    """All that the hub answers by HTTP."""
    key = hub.store.vault.derive("account pages")  # the same for all processes
    pages = AccountPages(hub.reception, key, hub.store.ping)
    proxies = Proxies(hub.settings.trusted_proxies)
    store, doors = hub.store, hub.doors
    return make_app(Entrance(doors.take_in, doors.greet, store.ping, hub.figures, hub.slack, pages, proxies))


@contextmanager
def _socket(settings: Settings) -> Iterator[Socket | None]:
    """Where any port will do, one that is held at once: chats and mails are told the pages' address before the first
    page is asked for.
    """
    if settings.port:
        yield None
        return
    with _listening(settings):
        held = create_server((settings.host, 0), family=AF_INET6 if ":" in settings.host else AF_INET)
    with held:
        yield held


def _settle_memory() -> None:
    """What is loaded by now stays: looking through it again and again for garbage took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@contextmanager
def _listening(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said = error.strerror or "it cannot be used"
        raise Misconfigured(
            f"The hub cannot listen on {settings.host}:{settings.port} ({said});"
            " set HUB_HOST and HUB_PORT to what is free."
        ) from error


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

"""`hub sandbox`: the stand-in of the network, with a page on which a person types as either side."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass

from aiohttp import web

from hub.errors import Misconfigured
from hub.sandbox.page.scene import Scene, make_scene
from hub.sandbox.page.views import add_page, make_page
from hub.sandbox.telegram import Limits, TelegramStandIn, serve

LOOPBACK = "127.0.0.1"
STOP_SECONDS = 1.0
"""How long open pages have to let go."""


@dataclass
class Page:
    """A served page. `url` is what to open; `close` stops it."""

    url: str
    runner: web.AppRunner

    async def close(self) -> None:
        """Lets go of those who look at it, and stops."""
        await self.runner.cleanup()


async def serve_page(scene: Scene, port: int, host: str = LOOPBACK) -> Page:
    """Serves the page of a scene; port 0 takes a free one. Raises Misconfigured where the port is in use."""
    runner = web.AppRunner(make_page(scene), access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise taken(port) from error
    address = runner.addresses[0]
    name = f"[{address[0]}]" if ":" in address[0] else address[0]
    return Page(f"http://{name}:{address[1]}", runner)


def taken(port: int) -> Misconfigured:
    """What to say of a port that somebody else uses."""
    return Misconfigured(f"Port {port} is in use; give another with --port, or 0 for any that is free.")


def until_told() -> asyncio.Event:
    """Set when the process is asked to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop


async def run(port: int) -> None:
    """Serves the stand-in and its page on `port`, until SIGTERM or SIGINT. Raises Misconfigured."""
    stop = until_told()
    scene = make_scene(TelegramStandIn(Limits()))
    try:
        server = await serve(scene.world, LOOPBACK, port, also=lambda app: add_page(app, scene))
    except OSError as error:
        raise taken(port) from error
    print(_greeting(scene, server.url), flush=True)  # noqa: T201 - a command that says where it is
    await stop.wait()
    await server.close()


def _greeting(scene: Scene, url: str) -> str:
    return (
        f"A local stand-in of the Telegram Bot API, with nobody's account in it, is at {url}\n"
        "Open that address to type as its people. To run the hub on it:\n"
        f"  HUB_TELEGRAM_API_URL={url} HUB_TELEGRAM_TOKEN={scene.admin_bot.token} hub run\n"
        "Then send the hub's bot /start CODE (`hub init` prints the code), connect the shop's bot with\n"
        f"  /channel connect telegram {scene.shop_bot.token}\n"
        "in that private chat, and send /desk here in the group. Press Ctrl-C to stop."
    )

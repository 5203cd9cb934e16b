"""Everything in one process, with no account anywhere: a database of its own, the stand-in over HTTP, and the hub."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from hub.app import Hub, running
from hub.sandbox.page.scene import Scene
from hub.sandbox.telegram import TelegramStandIn, serve
from hub.settings import Limits, Settings
from hub.store import open_store

NO_LIMITS = Limits(per_second=0, chat_per_second=0, group_per_minute=0)
"""Somebody who tries things out must not wait for the network's minute to pass."""
PATIENCE = 20.0
"""Seconds until what was to happen is held not to happen any more."""

LOOK_AGAIN = 0.1

T = TypeVar("T")


class NotSo(Exception):
    """Something that was to happen did not; the text says what."""


@dataclass
class Stage:
    """A running hub and the world around it."""

    hub: Hub
    scene: Scene
    world: TelegramStandIn

    async def until(self, found: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
        """What `found` gives as soon as it gives something. Raises NotSo.

        Looks again at each change in the world, and now and then for what is no change there.
        """
        try:
            async with asyncio.timeout(seconds):
                while True:
                    came = self.world.changes.came
                    value = found()
                    if value:
                        return value
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(came.wait(), LOOK_AGAIN)
        except TimeoutError:
            raise NotSo(f"This did not come true within {seconds:.0f} s: {what}.") from None


@asynccontextmanager
async def demo_stage(base: Settings, scene: Scene) -> AsyncIterator[Stage]:
    """A stage whose database lies in the data directory's own folder for the demo, emptied first."""
    settings = _settings(base, base.data_dir / "demo")
    used: bool = await asyncio.to_thread(settings.data_dir.exists)
    if used or settings.mongo_url:
        await _empty(settings, "demo_")
    async with _stage(settings, scene, "demo_") as stage:
        yield stage


@asynccontextmanager
async def passing_stage(base: Settings, scene: Scene) -> AsyncIterator[Stage]:
    """A stage of which nothing is left afterwards."""
    prefix = f"tour_{secrets.token_hex(4)}_"
    with tempfile.TemporaryDirectory(prefix="hub-tour-") as folder:
        settings = _settings(base, Path(folder))
        async with _stage(settings, scene, prefix) as stage:
            yield stage
        if settings.mongo_url:
            await _empty(settings, prefix)


def _settings(base: Settings, folder: Path) -> Settings:
    return Settings(data_dir=folder, mongo_url=base.mongo_url, port=0, telegram_limits=NO_LIMITS, log=base.log)


async def _empty(settings: Settings, prefix: str) -> None:
    """Forgets an earlier demo. Raises AlreadyRunning where one still runs."""
    store = await open_store(settings, prefix=prefix)
    try:
        await store.drop()
    finally:
        await store.close()


@asynccontextmanager
async def _stage(settings: Settings, scene: Scene, prefix: str) -> AsyncIterator[Stage]:
    server = await serve(scene.world)
    network = {"telegram_token": scene.admin_bot.token, "telegram_api_url": server.url}
    try:
        async with running(msgspec.structs.replace(settings, **network), prefix=prefix) as hub:
            yield Stage(hub, scene, scene.world)
    finally:
        await server.close()

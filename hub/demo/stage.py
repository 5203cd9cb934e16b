"""Everything in one process, with no account anywhere: a database of its own, stand-ins over HTTP, and the hub."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from hub.app import Hub, running
from hub.domain.ports import Cond, Query
from hub.domain.work import Work
from hub.sandbox import messenger, slack, telegram
from hub.sandbox.page.scene import OnMessenger, OnSlack, Scene, make_scene
from hub.settings import Limits, Settings, SlackLimits
from hub.store import open_store

NO_LIMITS = Limits(per_second=0, chat_per_second=0, group_per_minute=0)
NO_SLACK_LIMITS = SlackLimits(channel_per_second=0, workspace_per_minute=0)
"""Somebody who tries things out must not wait for the network's minute to pass."""
PATIENCE = 60.0
"""Seconds until what was to happen is held not to happen any more."""

LOOK_AGAIN = 0.05
LOOPBACK = "127.0.0.1"

T = TypeVar("T")


class NotSo(Exception):
    """Something that was to happen did not; the text says what."""


def whole_scene() -> Scene:
    """People on all three networks, and nothing said yet. Who tries things out need not mind a network's limits."""
    return make_scene(
        telegram.TelegramStandIn(telegram.Limits.off()),
        slack.SlackStandIn(slack.Limits.off()),
        messenger.MessengerStandIn(messenger.Limits.off()),
    )


@dataclass
class Stage:
    """A running hub and the world around it."""

    hub: Hub
    scene: Scene
    world: telegram.TelegramStandIn

    @property
    def slack(self) -> OnSlack:
        """Who and what is on Slack. Raises NotSo where the scene has none."""
        if self.scene.slack is None:
            raise NotSo("There is no Slack in this scene.")
        return self.scene.slack

    @property
    def messenger(self) -> OnMessenger:
        """Who and what is on Messenger. Raises NotSo where the scene has none."""
        if self.scene.messenger is None:
            raise NotSo("There is no Messenger in this scene.")
        return self.scene.messenger

    async def quiet(self) -> None:
        """Waits until every network has told what it has to tell, and the hub has nothing left to do. Raises NotSo."""
        try:
            async with asyncio.timeout(PATIENCE):
                came = self.world.changes.came
                while await self._busy():
                    await _either(came)
                    came = self.world.changes.came
        except TimeoutError:
            raise NotSo(f"The hub is still busy after {PATIENCE:.0f} s.") from None

    async def _busy(self) -> bool:
        worlds = [self.world, *(there.world for there in (self.scene.slack, self.scene.messenger) if there)]
        for world in worlds:
            await world.settled()
        waiting = Query(where={"state": "waiting", "held": Cond("ne", True)}, limit=1)
        homes = [self.hub.store.workspace(entry.id) for entry in await self.hub.store.directory.workspaces()]
        return any([await home.query(Work, waiting) for home in homes])

    def hook(self, name: str) -> str:
        """Where a network that has no channel of its own yet calls the hub."""
        return f"{self.hub.settings.public_url}/hooks/{name}"

    async def until(self, found: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
        """What `found` gives as soon as it gives something. Raises NotSo.

        Looks again at each change on Telegram, and now and then for what is no change there.
        """
        try:
            async with asyncio.timeout(seconds):
                while True:
                    came = self.world.changes.came
                    value = found()
                    if value:
                        return value
                    await _either(came)
        except TimeoutError:
            raise NotSo(f"This did not come true within {seconds:.0f} s: {what}.") from None


async def _either(came: asyncio.Event) -> None:
    """Until something changes on the first network, or it is time to look again at what changes elsewhere."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(came.wait(), LOOK_AGAIN)


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
    port = _free_port()
    return Settings(
        data_dir=folder,
        mongo_url=base.mongo_url,
        port=port,
        public_url=f"http://{LOOPBACK}:{port}",
        telegram_limits=NO_LIMITS,
        slack_limits=NO_SLACK_LIMITS,
        log=base.log,
        custom_networks=("loopback",),
    )


def _free_port() -> int:
    """A port that nobody listens on: the networks are told the hub's address before it stands there."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


async def _empty(settings: Settings, prefix: str) -> None:
    """Forgets an earlier demo. Raises AlreadyRunning where one still runs."""
    store = await open_store(settings, prefix=prefix)
    try:
        await store.drop()
    finally:
        await store.close()


@asynccontextmanager
async def _stage(settings: Settings, scene: Scene, prefix: str) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        networks = await _serve(stack, scene)
        hub = await stack.enter_async_context(running(msgspec.structs.replace(settings, **networks), prefix=prefix))
        yield Stage(hub, scene, scene.world)


async def _serve(stack: AsyncExitStack, scene: Scene) -> dict[str, Any]:
    """Serves the stand-ins until the stack ends; the settings by which the hub finds them."""
    telegrams = await telegram.serve(scene.world)
    stack.push_async_callback(telegrams.close)
    found: dict[str, Any] = {"telegram_token": scene.admin_bot.token, "telegram_api_url": telegrams.url}
    if scene.slack is not None:
        slacks = await slack.serve(scene.slack.world)
        stack.push_async_callback(slacks.close)
        ours = {"slack_bot_token": scene.slack.hub.token, "slack_signing_secret": scene.slack.app.signing_secret}
        found |= {**ours, "slack_api_url": slacks.api.rstrip("/")}
    if scene.messenger is not None:
        messengers = await messenger.serve(scene.messenger.world)
        stack.push_async_callback(messengers.close)
        found["messenger_api_url"] = messengers.url
    return found

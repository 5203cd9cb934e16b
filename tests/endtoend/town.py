"""The whole product in one process: the stand-in over HTTP, and hubs beside it on one database."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from hub.app import Hub, running
from hub.domain.ports import Cond, Query
from hub.domain.work import Work
from hub.sandbox.telegram import Limits, TelegramStandIn, serve
from hub.sandbox.telegram.accounts import Json
from hub.settings import Limits as OwnLimits
from hub.settings import Settings
from tests.scene import free_port, until

_numbers = itertools.count(1)
NO_OWN_LIMITS = OwnLimits(0, 0, 0)


def words_of(message: Json) -> str:
    """What a message says, under a file too."""
    return str(message.get("text") or message.get("caption") or "")


def labels(message: Json) -> list[str]:
    """What the buttons under a message say."""
    return [b["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", []) for b in row]


class Town:
    """A network, its people, and the hubs that run beside it on one database."""

    def __init__(self, net: TelegramStandIn, url: str, settings: Settings) -> None:
        self.net = net
        self.url = url
        self.settings = settings
        self.prefix = f"e{next(_numbers)}_"
        self.admin = net.add_bot("desk_bot", "Desk", privacy=False)
        self.hubs: list[Hub] = []
        self._stacks: dict[int, AsyncExitStack] = {}

    @property
    def hub(self) -> Hub:
        """The first hub that runs."""
        return self.hubs[0]

    async def start(self, name: str = "data", **changes: Any) -> Hub:
        """Starts a hub with a data directory of that name."""
        folder = self.settings.data_dir / f"{self.prefix}{name}"
        settings = msgspec.structs.replace(
            self.settings,
            data_dir=folder,
            telegram_token=self.admin.token,
            telegram_api_url=self.url,
            telegram_limits=changes.pop("limits", NO_OWN_LIMITS),
            **changes,
        )
        stack = AsyncExitStack()
        hub = await stack.enter_async_context(running(settings, prefix=self.prefix))
        self.hubs.append(hub)
        self._stacks[id(hub)] = stack
        return hub

    async def stop(self, hub: Hub) -> None:
        """Stops a hub in order."""
        self.hubs.remove(hub)
        await self._stacks.pop(id(hub)).aclose()

    def hook(self, name: str, hub: Hub | None = None) -> str:
        """Where a webhook of that name is posted to."""
        return f"http://127.0.0.1:{(hub or self.hub).port}/hooks/{name}"

    async def quiet(self) -> None:
        """Waits until every update is taken in and nothing waits to be done."""

        async def done() -> bool:
            await self.net.settled()
            return not await self.waiting()

        await until(done, "everything to be done")

    async def waiting(self) -> list[Work]:
        """The work items of all workspaces that are to be done."""
        found: list[Work] = []
        for entry in await self.hub.store.directory.workspaces():
            where = {"state": "waiting", "held": Cond("ne", True)}
            found += await self.hub.store.workspace(entry.id).query(Work, Query(where=where))
        return found


@asynccontextmanager
async def town(
    base: Settings, limits: Limits | None = None, *, hub: bool = True, **changes: Any
) -> AsyncIterator[Town]:
    """A town with a hub; `changes` are settings of it."""
    net = TelegramStandIn(limits or Limits.off())
    server = await serve(net, retry_scale=0.02)
    made = Town(net, server.url, base)
    try:
        if hub:
            await made.start(**changes)
        yield made
    finally:
        for each in list(made.hubs):
            await made.stop(each)
        await server.close()


def by_webhook() -> dict[str, Any]:
    """Settings of a hub that networks can call."""
    port = free_port()
    return {"port": port, "public_url": f"http://127.0.0.1:{port}"}


def base_settings(mongo_url: str, folder: Path) -> Settings:
    """Settings of a hub of a test's own on the shared server."""
    return Settings(data_dir=folder, mongo_url=mongo_url, port=0)

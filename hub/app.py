"""The composition root: the only module that knows all the others."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiohttp import web

from hub.adapters.messenger.connector import MessengerConnector
from hub.adapters.messenger.shared import MessengerApp
from hub.adapters.telegram.connector import TelegramConnector
from hub.admin_bot.call import Services
from hub.admin_bot.counter import Counter
from hub.admin_bot.registry import commands
from hub.admin_bot.telegram.front_end import TelegramFrontEnd
from hub.domain.desks import move_route
from hub.domain.ids import DeskId, new_id
from hub.domain.models import ChannelItem, DeskItem, now
from hub.domain.ports import Connector, FrontEnd, SharedApp, Workspace
from hub.errors import HubError, TemporaryFailure, Unavailable
from hub.host import delivery, receiving
from hub.host.channels import Switchboard
from hub.host.delivery import Surroundings
from hub.host.doors import NOTHING, Doors, HookAnswer
from hub.host.host import Host
from hub.host.lanes import backoff
from hub.host.pacer import Pacer, Priority
from hub.settings import Settings
from hub.store import Store, open_store
from hub.web.server import Entrance, make_app

log = logging.getLogger(__name__)

ADMIN_HOOK = "admin"
"""The name of the admin bot's webhook; no channel's id is this short."""
ADMIN_LEASE = 15.0
POLL_WAIT = 20.0


class AdminDoor:
    """The admin bot's hook. Fulfils FrontDoor."""

    def __init__(self, front_end: TelegramFrontEnd) -> None:
        self._front_end = front_end

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """See `FrontDoor`."""
        self._front_end.verify(headers, body)

    async def take(self, headers: Mapping[str, str], body: bytes) -> HookAnswer:
        """Everything that comes there is the admin bot's."""
        del headers
        await self._front_end.take(body)
        return NOTHING


class Hub:
    """A running hub."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.pacer = Pacer()
        self.connectors: dict[str, Connector] = {
            each.network: each for each in (TelegramConnector(settings), MessengerConnector(settings))
        }
        self.switchboard = Switchboard(store.directory, self.workspace, store.vault, self.connectors)
        self.host = Host(
            store.leases,
            store.directory,
            self._surroundings,
            polls=settings.polls,
            media_days=settings.media_days,
        )
        self._front_ends: dict[str, FrontEnd] = {}
        self.counter = Counter(self._services())
        self.front_end: TelegramFrontEnd | None = None
        if settings.telegram_token:
            self.front_end = TelegramFrontEnd(settings, self.counter, self._slot, self._odd)
            self._front_ends[self.front_end.network] = self.front_end
        fronts = {ADMIN_HOOK: AdminDoor(self.front_end)} if self.front_end else {}
        self.doors = Doors(self.switchboard, store.directory, fronts, self._shared_apps())
        self._admin_name = ""
        self._tasks: list[asyncio.Task[None]] = []
        self.port = settings.port

    # -- parts --

    def _shared_apps(self) -> dict[str, SharedApp]:
        apps: list[SharedApp] = [MessengerApp(self.settings)] if self.settings.messenger_app_secret else []
        return {app.network: app for app in apps}

    async def workspace(self, id: str) -> Workspace:
        """The workspace with that id; whatever is committed to it here is done here."""
        workspace = self.store.workspace(id)
        self.host.observe(workspace)
        return workspace

    def _surroundings(self, workspace: Workspace) -> Surroundings:
        async def moved(desk: DeskItem, chat: str) -> DeskId:
            return await move_route(self.store.directory, desk.network, (desk.chat, chat), workspace.id)

        front_ends = list(self._front_ends.values())
        return Surroundings(workspace, self.switchboard, front_ends, self.pacer, receiving.receive, moved)

    def _services(self) -> Services:
        token = self.settings.telegram_token
        return Services(
            directory=self.store.directory,
            workspace=self.workspace,
            vault=self.store.vault,
            connectors=self.connectors,
            front_ends=self._front_ends,
            channel_changed=self._channel_changed,
            channel_of=lambda _, channel: self.switchboard.capabilities(channel),
            start_link=lambda token: f"https://t.me/{self._admin_name}?start={token}",
            public_url=self.settings.public_url,
            forbidden_accounts=frozenset({f"telegram:{token.partition(':')[0]}"} if token else ()),
            clock=now,
        )

    async def _channel_changed(self, workspace: str, channel: str) -> None:
        """Tells the network where to call, or to call no more; and begins or ends what is done here for the channel."""
        await self.switchboard.forget(channel)
        line = await self.switchboard.line(channel)
        if line is not None:
            await self._hook(line.channel, self._hook_url(channel))
        else:
            await self._unhook(await self.workspace(workspace), channel)
        await self.workspace(workspace)
        await self.host.channels_changed(workspace)

    async def _unhook(self, workspace: Workspace, channel: str) -> None:
        """Has the network of a disconnected channel call no more; it may be that its token is no good already."""
        item = await workspace.get(ChannelItem, channel)
        if item is None or item.network not in self.connectors:
            return
        secret, hook_secret = self.store.vault.open(item.secret), self.store.vault.open(item.hook_secret)
        last = self.connectors[item.network].connect(secret, hook_secret)
        try:
            await self._hook(last, "")
        except HubError as error:
            log.warning("channel %s: its network still calls: %s", item.name, error.text)
        finally:
            await last.close()

    def _hook_url(self, name: str) -> str:
        return f"{self.settings.public_url}/hooks/{name}" if self.settings.public_url else ""

    async def _hook(self, channel: object, url: str) -> None:
        from hub.domain.ports import Hooks

        if isinstance(channel, Hooks):
            await channel.hook(url)

    def _slot(self, _: str, chat: str, cost: int) -> AbstractAsyncContextManager[None]:
        """The admin bot's turn in a chat: answers to agents go before all else."""
        windows = delivery.desk_windows(self.front_end.desk(chat)) if self.front_end else []
        return self.pacer.turn(windows if chat.startswith("-") else windows[:1], Priority.ANSWER, cost)

    async def _odd(self, raw: bytes, reason: str) -> None:
        """Keeps an update of the admin bot that could not be read or done: no workspace is known that it belongs to."""
        folder = self.settings.data_dir / "odd"
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / f"{new_id()}.json").write_bytes(raw)
        log.warning("%s It is kept in %s.", reason, folder)

    # -- in --

    def figures(self) -> Mapping[str, float]:
        """What is counted."""
        return {"updates_received_total": self.doors.received, "workspaces_hosted": self.host.hosted}

    # -- life --

    async def start(self) -> None:
        """Opens for business."""
        await self.host.start(self.workspace)
        if self.settings.public_url:
            self._tasks.append(asyncio.create_task(self._hook_channels()))
        if self.front_end is not None:
            self._tasks.append(asyncio.create_task(self._admin_bot(self.front_end)))

    async def stop(self) -> None:
        """Finishes what is being done, and stops."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(Unavailable):
            await self.store.leases.release("admin_bot")
        await self.host.stop()
        await self.switchboard.close()
        if self.front_end is not None:
            await self.front_end.close()

    async def _hook_channels(self) -> None:
        """Tells the networks of all channels where to call: the public address may have changed since last time."""
        for entry in await self.store.directory.workspaces():
            workspace = await self.workspace(entry.id)
            for item in await workspace.items(ChannelItem):
                try:
                    line = await self.switchboard.line(item.id) if item.state == "active" else None
                    if line is not None:
                        await self._hook(line.channel, self._hook_url(item.id))
                except HubError as error:
                    log.warning("channel %s: its network cannot be told where to call: %s", item.name, error.text)

    async def _admin_bot(self, front_end: TelegramFrontEnd) -> None:
        """Hears the admin bot: by webhook where there is a public address, else by polling, one process at a time."""
        faults = 0
        while True:
            try:
                self._admin_name = await front_end.client.name()
                await front_end.set_menus(commands())
                if self.settings.public_url:
                    await front_end.set_hook(self._hook_url(ADMIN_HOOK), self._admin_secret())
                    return
                await front_end.delete_hook()
                await self._poll_admin_bot(front_end)
            except Exception as error:  # noqa: BLE001 - the admin bot must outlive whatever happens
                faults += 1
                said = error.text if isinstance(error, HubError) else type(error).__name__
                log.warning("admin bot: %s; tried again", said)
                asked = error.retry_after if isinstance(error, TemporaryFailure) else None
                await asyncio.sleep(asked or backoff(min(faults, 6), first=0.2, longest=15.0))

    async def _poll_admin_bot(self, front_end: TelegramFrontEnd) -> None:
        offset = 0
        while True:
            if not await self.store.leases.acquire("admin_bot", ADMIN_LEASE + POLL_WAIT):
                await asyncio.sleep(ADMIN_LEASE / 3)
                continue
            updates = await front_end.poll(offset, POLL_WAIT)
            queues: dict[str, list[bytes]] = {}
            for _, raw in updates:
                queues.setdefault(front_end.queue_of(raw), []).append(raw)
            await asyncio.gather(*(self._take_in_turn(front_end, raws) for raws in queues.values()))
            offset = max((number + 1 for number, _ in updates), default=offset)

    async def _take_in_turn(self, front_end: TelegramFrontEnd, raws: list[bytes]) -> None:
        for raw in raws:
            await front_end.take(raw)

    def _admin_secret(self) -> str:
        """What proves a call of the admin bot's hook: the same for all processes that share the secret key."""
        return self.store.vault.derive("admin hook")


@asynccontextmanager
async def running(settings: Settings, **store_options: object) -> AsyncIterator[Hub]:
    """A hub that runs, with its HTTP entrance, until the block ends."""
    store = await open_store(settings, **store_options)  # type: ignore[arg-type]
    try:
        hub = Hub(settings, store)
        runner = web.AppRunner(
            make_app(Entrance(hub.doors.take_in, hub.doors.greet, store.ping, hub.figures)), access_log=None
        )
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
        from hub.errors import Misconfigured

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

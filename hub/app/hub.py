"""The hub: all its parts, put together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from hub.adapters.custom.connector import CustomConnector
from hub.adapters.messenger.connector import MessengerConnector
from hub.adapters.messenger.shared import MessengerApp
from hub.adapters.slack.connector import SlackConnector
from hub.adapters.telegram.connector import TelegramConnector
from hub.admin_bot.call import Services
from hub.admin_bot.counter import Counter
from hub.app.reception import open_reception
from hub.app.side import Around, Side
from hub.domain.accounts.models import Trace
from hub.domain.desks import move_route
from hub.domain.ids import ChannelId, DeskId, Identity, new_id
from hub.domain.invitations import Way
from hub.domain.models import ChannelItem, DeskItem, now
from hub.domain.ports import Adopts, Connector, FrontEnd, Hooks, Instructs, Pictures, SharedApp, Tx, Workspace
from hub.errors import HubError, NotFound
from hub.host import receiving
from hub.host.channels import Switchboard
from hub.host.clearing import Clearing
from hub.host.delivery import Surroundings
from hub.host.doors import Doors, FrontDoor
from hub.host.endings import Endings
from hub.host.host import Host
from hub.host.pacer import Pacer, Priority, Window
from hub.host.relays import RelayDesks
from hub.settings import Settings
from hub.store import Store

if TYPE_CHECKING:
    # Their libraries take seconds to import: only those of the front ends that are set up are.
    from hub.app.slack import Renew, SlackSide, ToAccount
    from hub.app.telegram import TelegramSide

log = logging.getLogger(__name__)

_LAST_MAIL = 15.0
"""Seconds that a hub which stops waits for mail that is on its way; whoever misses it asks for another."""
_LAST_CALL = 15.0
"""Seconds that the network of a channel has to hear that its workspace is gone."""


class Hub:
    """A running hub."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.pacer = Pacer()
        self.connectors: dict[str, Connector] = {
            each.network: each
            for each in (
                TelegramConnector(settings),
                SlackConnector(settings),
                MessengerConnector(settings),
                CustomConnector(settings),
            )
        }
        self.switchboard = Switchboard(store.directory, self.workspace, store.vault, self.connectors)
        self.host = Host(
            store.leases,
            store.directory,
            self._surroundings,
            polls=settings.polls,
            endings=Endings(store.directory, self._part, self._forget),
            clearing=Clearing(store.users, store.leases.acquire),
            media_days=settings.media_days,
        )
        self._front_ends: dict[str, FrontEnd] = {}
        self.relays = RelayDesks(self._front_ends, store.vault)
        self.reception = open_reception(settings, store, self._front_ends, self.workspace, self._ways)
        self.counter = Counter(self._services())
        around = Around(settings, store, self.counter, self._slot, self._odd)
        self.telegram = _telegram(around)
        self.slack = _slack(around, self._to_account, self._renew)
        self._sides: list[Side] = [side for side in (self.telegram, self.slack) if side is not None]
        for side in self._sides:
            self._front_ends[side.front_end.network] = side.front_end
        fronts: dict[str, FrontDoor] = {side.hook: side for side in self._sides}
        self.doors = Doors(self.switchboard, store.directory, fronts, self._shared_apps(), self._odd)
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
        return Surroundings(
            workspace, self.switchboard, front_ends, self.pacer, receiving.receive, moved, self.relays.of
        )

    def _services(self) -> Services:
        token = self.settings.telegram_token
        return Services(
            directory=self.store.directory,
            workspace=self.workspace,
            vault=self.store.vault,
            reception=self.reception,
            organizations=self.store.organizations,
            connectors=self.connectors,
            front_ends=self._front_ends,
            channel_changed=self._channel_changed,
            channel_of=lambda _, channel: self.switchboard.capabilities(channel),
            pictures=self._pictures,
            start_link=lambda token: self.telegram.start_link(token) if self.telegram else "",
            group_link=self._group_link,
            crowding=lambda desk: self.relays.crowding(desk, self.pacer),
            start_lines=lambda token: self.slack.start_lines(token) if self.slack else {},
            installed=self._installed,
            public_url=self.settings.public_url,
            forbidden_accounts=frozenset({f"telegram:{token.partition(':')[0]}"} if token else ()),
            clock=now,
        )

    def _ways(self, token: str) -> list[Way]:
        """To the admin bot, by each app in which it is."""
        links = [Way(app="Telegram", url=self.telegram.start_link(token))] if self.telegram else []
        lines = self.slack.start_lines(token) if self.slack else {}
        return [*links, *(Way(app=app, line=line) for app, line in lines.items())]

    def _group_link(self, network: str) -> str:
        return self.telegram.group_link() if self.telegram and network == self.telegram.front_end.network else ""

    async def _installed(self, network: str, identity: Identity) -> str:
        side = self.slack
        return await side.token_for(identity) if side is not None and side.front_end.network == network else ""

    async def _pictures(self, workspace: str, channel: ChannelId) -> Pictures | None:
        line = await self.switchboard.line(channel)
        theirs = line is not None and line.workspace.id == workspace
        return line.channel if line and theirs and isinstance(line.channel, Pictures) else None

    async def _channel_changed(self, workspace: str, channel: str) -> list[str]:
        """Tells the network where to call, or to call no more; and begins or ends what is done here for the channel.

        Gives what its owner must still do at the network.
        """
        await self.switchboard.forget(channel)
        line = await self.switchboard.line(channel)
        if line is not None:
            await self._hook(line.channel, self._hook_url(channel))
        else:
            await self._unhook(await self.workspace(workspace), channel)
        await self.workspace(workspace)
        await self.host.channels_changed(workspace)
        if line is not None and isinstance(line.channel, Instructs):
            return line.channel.instructions(self._hook_url(channel))
        return []

    async def _renew(self, network: str, account: str, token: str) -> None:
        """Our app was installed there again: its channel has the new token at once, and a paused one goes on."""
        route = await self.store.directory.route("channel", f"{network}:{account}")
        connector = self.connectors[network]
        if route is None or not isinstance(connector, Adopts):
            return
        workspace = await self.workspace(route[0])
        item = await workspace.get(ChannelItem, route[1])
        secret = await connector.renew(self.store.vault.open(item.secret), token) if item and item.secret else None
        if secret is None:
            return

        async def deed(tx: Tx) -> None:
            kept = await tx.get(ChannelItem, route[1])
            if kept is not None and kept.state != "disconnected":
                kept.secret, kept.state, kept.problem = self.store.vault.seal(secret), "active", ""

        await workspace.run(deed)
        await self._channel_changed(route[0], route[1])

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

    async def _part(self, workspace: Workspace) -> None:
        """Has the networks of a workspace that is gone call no more, as far as they can be reached now."""
        active = [item for item in await workspace.items(ChannelItem) if item.state != "disconnected"]
        done = await asyncio.gather(
            *(asyncio.wait_for(self._unhook(workspace, item.id), _LAST_CALL) for item in active), return_exceptions=True
        )
        for item, outcome in zip(active, done, strict=True):
            if isinstance(outcome, Exception):
                log.warning("channel %s: its network still calls: %s", item.name, type(outcome).__name__)
        await self.store.users.note(Trace(kind="workspace_gone", at=now(), facts={"workspace": workspace.id}))

    async def _forget(self, workspace: str) -> None:
        await self.store.forget(workspace)
        await self.switchboard.forget_workspace(workspace)

    def _hook_url(self, name: str) -> str:
        return f"{self.settings.public_url}/hooks/{name}" if self.settings.public_url else ""

    async def _hook(self, channel: object, url: str) -> None:
        if isinstance(channel, Hooks):
            await channel.hook(url)

    def _slot(self, windows: Sequence[Window], cost: int) -> AbstractAsyncContextManager[None]:
        return self.pacer.turn(windows, Priority.ANSWER, cost)

    async def _to_account(self, network: str, account: str, payload: bytes) -> None:
        await self.doors.to_account(network, account, payload)

    async def _odd(self, raw: bytes, reason: str) -> None:
        """Keeps an update that could not be read or done, where no workspace is known that it belongs to."""
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
        self._tasks += [asyncio.create_task(side.run()) for side in self._sides]

    async def stop(self) -> None:
        """Finishes what is being done, and stops."""
        await asyncio.wait([asyncio.create_task(self.reception.idle())], timeout=_LAST_MAIL)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.host.stop()
        await self.switchboard.close()
        for side in self._sides:
            await side.close()

    async def _hook_channels(self) -> None:
        """Tells the networks of all channels where to call: the public address may have changed since last time."""
        for entry in await self.store.directory.workspaces():
            with contextlib.suppress(NotFound):  # its end came just now
                for item in await (await self.workspace(entry.id)).items(ChannelItem):
                    await self._hook_again(item)

    async def _hook_again(self, item: ChannelItem) -> None:
        try:
            line = await self.switchboard.line(item.id) if item.state == "active" else None
            if line is not None:
                await self._hook(line.channel, self._hook_url(item.id))
        except HubError as error:
            log.warning("channel %s: its network cannot be told where to call: %s", item.name, error.text)


def _telegram(around: Around) -> TelegramSide | None:
    if not around.settings.telegram_token:
        return None
    from hub.admin_bot.telegram.loading import load_aiogram

    load_aiogram()
    from hub.app.telegram import TelegramSide

    return TelegramSide(around)


def _slack(around: Around, to_account: ToAccount, renew: Renew) -> SlackSide | None:
    """Where Slack can prove its calls, or is heard by a socket."""
    settings = around.settings
    if not (settings.slack_signing_secret or (settings.slack_app_token and settings.polls)):
        return None
    from hub.app.slack import SlackSide

    return SlackSide(around, to_account, renew)

"""The admin bot on Telegram: heard by its hook, or by polling, by one process at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping

from hub.admin_bot.registry import commands
from hub.admin_bot.telegram.front_end import TelegramFrontEnd
from hub.app.side import Around
from hub.errors import HubError, TemporaryFailure, Unavailable
from hub.host import delivery
from hub.host.doors import NOTHING, HookAnswer
from hub.host.lanes import backoff

log = logging.getLogger(__name__)

LEASE = "admin_bot"
LEASE_SECONDS = 15.0
POLL_WAIT = 20.0


class TelegramSide:
    """Fulfils Side."""

    hook = "admin"
    """No channel's id is this short."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self.front_end = TelegramFrontEnd(around.settings, around.counter, self._slot, around.odd)
        self._name = ""

    def start_link(self, token: str) -> str:
        """The address that opens the admin bot with a token."""
        return f"https://t.me/{self._name}?start={token}"

    def group_link(self) -> str:
        """The address that adds the admin bot to a group, with the rights that it needs there."""
        return f"https://t.me/{self._name}?startgroup=desk&admin=manage_topics+delete_messages+pin_messages"

    def _slot(self, _: str, chat: str, cost: int) -> contextlib.AbstractAsyncContextManager[None]:
        """The account's turn; in a group the group's own limit counts as well."""
        windows = delivery.desk_windows(self.front_end.desk(chat))
        return self._around.slot(windows if chat.startswith("-") else windows[:1], cost)

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """See `FrontDoor`."""
        self.front_end.verify(headers, body)

    async def take(self, headers: Mapping[str, str], body: bytes) -> HookAnswer:
        """Everything that comes there is the admin bot's."""
        del headers
        await self.front_end.take(body)
        return NOTHING

    async def close(self) -> None:
        """Lets go of the lease, so that another process need not wait for it."""
        with contextlib.suppress(Unavailable):
            await self._around.store.leases.release(LEASE)
        await self.front_end.close()

    async def run(self) -> None:
        """Hears by webhook where there is a public address, else by polling, one process at a time."""
        faults, settings = 0, self._around.settings
        while True:
            try:
                self._name = await self.front_end.client.name()
                await self.front_end.set_menus(commands())
                if settings.public_url:
                    secret = self._around.store.vault.derive("admin hook")  # the same for all processes
                    await self.front_end.set_hook(f"{settings.public_url}/hooks/{self.hook}", secret)
                    return
                await self.front_end.delete_hook()
                await self._poll()
            except Exception as error:  # noqa: BLE001 - the admin bot must outlive whatever happens
                faults += 1
                said = error.text.rstrip(".") if isinstance(error, HubError) else type(error).__name__
                log.warning("admin bot: %s; tried again", said)
                asked = error.retry_after if isinstance(error, TemporaryFailure) else None
                await asyncio.sleep(asked or backoff(min(faults, 6), first=0.2, longest=15.0))

    async def _poll(self) -> None:
        offset = 0
        while True:
            if not await self._around.store.leases.acquire(LEASE, LEASE_SECONDS + POLL_WAIT):
                await asyncio.sleep(LEASE_SECONDS / 3)
                continue
            updates = await self.front_end.poll(offset, POLL_WAIT)
            queues: dict[str, list[bytes]] = {}
            for _, raw in updates:
                queues.setdefault(self.front_end.queue_of(raw), []).append(raw)
            taken = await asyncio.gather(*map(self._take_in_turn, queues.values()), return_exceptions=True)
            # None may be under way any more when those that failed are asked for again.
            for error in filter(None, taken):
                raise error
            offset = max((number + 1 for number, _ in updates), default=offset)

    async def _take_in_turn(self, raws: list[bytes]) -> None:
        for raw in raws:
            await self.front_end.take(raw)

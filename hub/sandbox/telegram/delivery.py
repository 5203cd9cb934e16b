"""Bringing updates to bots: posting to webhooks with retries, and long polls."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec

from hub.sandbox.telegram.accounts import Bot
from hub.sandbox.telegram.parameters import read
from hub.sandbox.telegram.refusals import Refusal, conflict
from hub.sandbox.telegram.registry import GET_UPDATES
from hub.sandbox.telegram.standin import TelegramStandIn
from hub.sandbox.telegram.updates import DEFAULT_KINDS, KINDS, Update, Webhook

LONGEST_WAIT = 60.0
MOST_RETRY_AFTER = 3600
LONGEST_POLL = 50
_WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
_OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"


def next_wait(failures: int) -> float:
    """Seconds before the next try, unscaled: none after the first failure, then 2, 4, 8 and so on."""
    return 0.0 if failures < 2 else min(2.0 ** (failures - 1), LONGEST_WAIT)


@dataclass(frozen=True)
class Posted:
    """What posting one update brought."""

    error: str = ""
    retry_after: float = 0.0
    answer: bytes = b""


@dataclass(eq=False)
class WebhookPump:
    """Posts one bot's updates: in order within a queue, queues side by side, at most max_connections at once.

    `scale` shortens the waits between retries, Retry-After's included.
    """

    stand_in: TelegramStandIn
    bot: Bot
    webhook: Webhook
    session: aiohttp.ClientSession
    scale: float
    lanes: dict[int, deque[Update]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Take up what waits already."""
        self._slots = asyncio.Semaphore(self.webhook.max_connections)
        for update in self.bot.inbox.waiting:
            self.take(update)

    def take(self, update: Update) -> None:
        """Put an update into its lane, and see that the lane moves."""
        lane = self.lanes.get(update.queue)
        if lane is not None:
            lane.append(update)
            return
        self.lanes[update.queue] = deque([update])
        task = asyncio.get_running_loop().create_task(self._drain(update.queue))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def stop(self) -> None:
        """Post nothing more; what was not acknowledged goes on waiting."""
        for task in self.tasks:
            task.cancel()

    async def _drain(self, queue: int) -> None:
        lane = self.lanes[queue]
        while lane:
            if lane[0] in self.bot.inbox.waiting:
                await self._deliver(lane[0])
            lane.popleft()
        del self.lanes[queue]

    async def _deliver(self, update: Update) -> None:
        failures = 0
        while update in self.bot.inbox.waiting:
            async with self._slots:
                posted = await self._post(update)
            if not posted.error:
                self._acknowledged(update, posted)
                return
            failures += 1
            self.webhook.last_error, self.webhook.last_error_at = posted.error, int(self.stand_in.clock())
            await asyncio.sleep((posted.retry_after or next_wait(failures)) * self.scale)

    async def _post(self, update: Update) -> Posted:
        headers = {"Content-Type": "application/json", "User-Agent": "stand-in"}
        if self.webhook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.webhook.secret
        try:
            async with self.session.post(self.webhook.url, data=update.body, headers=headers) as response:
                body = await response.read()
                if 200 <= response.status < 300:
                    return Posted(answer=body)
                error = f"Wrong response from the webhook: {response.status} {response.reason}"
                return Posted(error, _retry_after(response.headers))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Posted(f"Connection failed: {type(error).__name__}")

    def _acknowledged(self, update: Update, posted: Posted) -> None:
        self._answered_in_place(posted.answer)
        self.bot.inbox.done(update)

    def _answered_in_place(self, body: bytes) -> None:
        """A webhook may answer with one method to call; nobody learns what comes of it."""
        try:
            asked = msgspec.json.decode(body) if body[:1] == b"{" else {}
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        method = asked.pop("method", None) if isinstance(asked, dict) else None
        if not isinstance(method, str):
            return
        refusal = None
        try:
            self.stand_in.call(self.bot, method, asked)
        except Refusal as caught:
            refusal = caught
        self.stand_in.record(self.bot, method, asked, refusal)


def _retry_after(headers: Mapping[str, str]) -> float:
    value = headers.get("Retry-After", "")
    return float(min(int(value), MOST_RETRY_AFTER)) if value.isdigit() else 0.0


@dataclass(eq=False)
class Poll:
    """Long polls of one bot: the newest ends the one before it."""

    bot: Bot
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    current: asyncio.Future[None] | None = None

    async def fetch(self, raw: Mapping[str, Any]) -> bytes:
        """The updates from `offset` on as a JSON list, waiting up to `timeout` seconds. Raises Refusal (409)."""
        values = read(GET_UPDATES, raw)
        inbox = self.bot.inbox
        if inbox.webhook.url:
            raise conflict(_WEBHOOK_ACTIVE)
        self.interrupt(_OTHER_POLL)
        if "allowed_updates" in values:
            inbox.allowed = (frozenset(values["allowed_updates"]) & frozenset(KINDS)) or DEFAULT_KINDS
        inbox.polled = True
        self._confirm(values.get("offset", 0))
        await self._wait(min(max(values.get("timeout", 0), 0), LONGEST_POLL))
        return self._batch(min(max(values.get("limit", 100), 1), 100))

    def interrupt(self, reason: str) -> None:
        """End a poll that is under way with 409."""
        if self.current is not None and not self.current.done():
            self.current.set_exception(conflict(reason))

    def finish(self) -> None:
        """Let a poll that is under way answer with what there is."""
        if self.current is not None and not self.current.done():
            self.current.set_result(None)

    def _confirm(self, offset: int) -> None:
        waiting = self.bot.inbox.waiting
        if offset < 0:
            offset = [update.id for update in waiting][offset:][0] if waiting else 0
        for update in [one for one in waiting if one.id < offset and not one.again]:
            self.bot.inbox.done(update)

    async def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.current = current = asyncio.get_running_loop().create_future()
        try:
            while not self.bot.inbox.waiting and time.monotonic() < until:
                self.arrived.clear()
                arrival = asyncio.ensure_future(self.arrived.wait())
                left = until - time.monotonic()
                await asyncio.wait({arrival, current}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                arrival.cancel()
                if current.done():
                    current.result()
                    return
        finally:
            self._leave(current)

    def _leave(self, current: asyncio.Future[None]) -> None:
        if self.current is current:
            self.current = None
        if not current.done():
            current.cancel()

    def _batch(self, limit: int) -> bytes:
        chosen = list(self.bot.inbox.waiting)[:limit]
        for update in chosen:
            if update.again:
                # A repeated one is handed out once; no offset would ever confirm it.
                self.bot.inbox.done(update)
        return b"[" + b",".join(update.body for update in chosen) + b"]"


class Deliveries:
    """All bots' pumps and polls of one served stand-in."""

    def __init__(self, stand_in: TelegramStandIn, scale: float) -> None:
        self._stand_in = stand_in
        self._scale = scale
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=60), connector=aiohttp.TCPConnector(limit=0)
        )
        self._pumps: dict[int, WebhookPump] = {}
        self._polls: dict[int, Poll] = {}

    def poll(self, bot: Bot) -> Poll:
        """The polls of a bot."""
        self.attend(bot)
        return self._polls[bot.id]

    def attend(self, bot: Bot) -> None:
        """Be told of this bot's updates and of its webhook from now on."""
        if bot.id in self._polls:
            return
        self._polls[bot.id] = Poll(bot)
        bot.inbox.on_arrival = lambda update: self._arrived(bot, update)
        bot.inbox.on_webhook = lambda: self._repoint(bot)
        if bot.inbox.webhook.url:
            self._repoint(bot)

    def _arrived(self, bot: Bot, update: Update) -> None:
        pump = self._pumps.get(bot.id)
        if pump is not None:
            pump.take(update)
        self._polls[bot.id].arrived.set()

    def _repoint(self, bot: Bot) -> None:
        old = self._pumps.pop(bot.id, None)
        if old is not None:
            old.stop()
        if bot.inbox.webhook.url:
            self._polls[bot.id].interrupt("terminated by setWebhook request")
            webhook = bot.inbox.webhook
            self._pumps[bot.id] = WebhookPump(self._stand_in, bot, webhook, self._session, self._scale)

    async def close(self) -> None:
        """Stop posting, and let nobody wait for updates any more."""
        for poll in self._polls.values():
            poll.finish()
        tasks = [task for pump in self._pumps.values() for task in pump.tasks]
        for pump in self._pumps.values():
            pump.stop()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._session.close()

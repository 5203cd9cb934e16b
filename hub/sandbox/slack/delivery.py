"""Bringing notices to apps: signed posts, or Socket Mode; events again where they fail, nothing else."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections import deque
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec

from hub.sandbox.slack.accounts import App
from hub.sandbox.slack.outbox import Answered, Notice
from hub.sandbox.slack.sockets import Sockets
from hub.sandbox.slack.standin import SlackStandIn

ANSWER_SECONDS = 3.0
RETRIES = (0.0, 60.0, 300.0)
"""Seconds before each of the three retries of an event."""
HOUR = 3600.0
BUSY = 1000
"""Events within an hour from which on an app that fails nearly always is told no more."""


def signed(app: App, body: bytes, now: float) -> dict[str, str]:
    """The headers that prove who posts."""
    stamp = str(int(now))
    proof = hmac.new(app.signing_secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={proof.hexdigest()}"}


class Deliveries:
    """All apps' notices of one served stand-in. `scale` shortens the waits between retries."""

    def __init__(self, stand_in: SlackStandIn, scale: float, answer_seconds: float) -> None:
        self.sockets = Sockets(stand_in)
        self._world = stand_in
        self._scale = scale
        self._seconds = answer_seconds
        self._lanes: dict[tuple[str, str], deque[Notice]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def start(self) -> None:
        """Take up what waits already, and be told of what comes."""
        self._world.on_app = self._attend
        self._world.on_disconnect = self.sockets.disconnect
        self._world.on_handshake = self._handshake
        for app in self._world.apps.values():
            self._attend(app)

    async def close(self) -> None:
        """Deliver nothing more."""
        self._world.on_app = lambda _: None
        for app in self._world.apps.values():
            app.outbox.on_arrival = lambda _: None
        await self.sockets.close()
        for task in list(self._tasks):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connections to apps."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def _attend(self, app: App) -> None:
        app.outbox.on_arrival = lambda notice: self._take(app, notice)
        for notice in list(app.outbox.waiting):
            self._take(app, notice)

    async def _handshake(self, app: App, url: str) -> None:
        await handshake(self.session, app, url, secrets.token_urlsafe(24), self._world.wall())

    def _take(self, app: App, notice: Notice) -> None:
        """First attempts keep the order within a channel; retries wait for nobody."""
        key = (app.id, notice.lane)
        if key in self._lanes:
            self._lanes[key].append(notice)
            return
        self._lanes[key] = deque([notice])
        self._spawn(self._drain(app, key))

    def _spawn(self, doing: Any) -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, app: App, key: tuple[str, str]) -> None:
        lane = self._lanes[key]
        while lane:
            notice = lane[0]
            answered = await self._attempt(app, notice)
            if answered.error and notice.retries and not answered.final:
                self._spawn(self._again(app, notice))
            else:
                app.outbox.end(notice, answered)
            lane.popleft()
        del self._lanes[key]

    async def _again(self, app: App, notice: Notice) -> None:
        answered = Answered("http_error")
        for wait in RETRIES:
            await asyncio.sleep(wait * self._scale)
            answered = await self._attempt(app, notice)
            if not answered.error or answered.final:
                break
        if answered.error:
            self._world.alerts.append(f"event {notice.id} was never taken by {app.name}: {answered.error}")
        app.outbox.end(notice, answered)

    async def _attempt(self, app: App, notice: Notice) -> Answered:
        if app.socket_mode:
            answered = await self.sockets.send(app, notice, self._seconds)
        else:
            answered = await self._post(app, notice)
        notice.attempts += 1
        if answered.error:
            notice.errors.append(answered.error)
        if notice.retries:
            self._count(app, taken=not answered.error)
        return answered

    async def _post(self, app: App, notice: Notice) -> Answered:
        headers = {"Content-Type": notice.content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        headers |= signed(app, notice.body, self._world.wall())
        if notice.attempts and notice.retries:
            headers |= {"X-Slack-Retry-Num": str(notice.attempts), "X-Slack-Retry-Reason": notice.errors[-1]}
        timeout = aiohttp.ClientTimeout(total=self._seconds)
        try:
            async with self.session.post(
                notice.url, data=notice.body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return await _read(response, notice)
        except TimeoutError:
            return Answered("http_timeout" if notice.retries else "operation_timeout")
        except (aiohttp.ClientError, OSError, ValueError):
            return Answered("connection_failed" if notice.retries else "dispatch_failed")

    def _count(self, app: App, *, taken: bool) -> None:
        now, results = self._world.now(), app.outbox.results
        results.append((now, taken))
        while results[0][0] < now - HOUR:
            results.popleft()
        failed = sum(1 for _, good in results if not good)
        if len(results) >= BUSY and failed > 0.95 * len(results) and not app.outbox.disabled:
            app.outbox.disabled = True
            self._world.alerts.append(f"events of {app.name} are disabled: nearly all of them failed within an hour")


async def _read(response: aiohttp.ClientResponse, notice: Notice) -> Answered:
    body = await response.read()
    taken = 200 <= response.status < 300 if notice.retries else response.status == 200
    if not taken:
        final = response.headers.get("X-Slack-No-Retry", "") == "1"
        return Answered("http_error" if notice.retries else "dispatch_failed", status=response.status, final=final)
    return Answered(payload=answer_of(body) if notice.answered else None, status=response.status)


def answer_of(body: bytes) -> Any:
    """What an app answered: an object, or words. Nothing is None."""
    if not body.strip():
        return None
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = None
    return value if isinstance(value, dict) else body.decode("utf-8", "replace")


async def handshake(session: aiohttp.ClientSession, app: App, url: str, challenge: str, now: float) -> None:
    """What Slack's page does when an address for events is set. ValueError where the app does not pass."""
    body = msgspec.json.encode({"token": app.verification_token, "challenge": challenge, "type": "url_verification"})
    headers = {"Content-Type": "application/json", **signed(app, body, now)}
    try:
        async with session.post(url, data=body, headers=headers, timeout=aiohttp.ClientTimeout(total=3)) as response:
            said, status = await response.read(), response.status
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise ValueError(f"the URL did not respond: {type(error).__name__}") from None
    answer = answer_of(said)
    given = answer.get("challenge") if isinstance(answer, dict) else answer
    if status != 200 or given != challenge:
        raise ValueError(f"the URL did not respond with the value of the challenge parameter (status {status})")

"""Bringing notices to apps: signed posts, tried again at once and then ever more seldom, given up after an hour."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections import deque

import aiohttp

from hub.sandbox.messenger.accounts import App
from hub.sandbox.messenger.notices import Notice
from hub.sandbox.messenger.standin import MessengerStandIn

_LOG = logging.getLogger(__name__)

ANSWER_SECONDS = 5.0
AT_ONCE = 3
"""How often a notice is tried again without waiting."""
FIRST_WAIT, LONGEST_WAIT = 10.0, 600.0
ALERT_SECONDS, DISABLE_SECONDS = 900.0, 3600.0


def next_wait(failures: int) -> float:
    """Seconds before the next try, unscaled: none for the first few, then doubled up to ten minutes."""
    return 0.0 if failures <= AT_ONCE else min(FIRST_WAIT * 2.0 ** (failures - AT_ONCE - 1), LONGEST_WAIT)


class Pump:
    """Posts one app's notices. Those of one conversation are first tried in their order; one that fails is tried again
    beside the others, which may overtake it. `scale` shortens all waits, the hour included; `answer_seconds` is not.
    """

    def __init__(
        self, stand_in: MessengerStandIn, app: App, session: aiohttp.ClientSession, scale: float, answer_seconds: float
    ) -> None:
        self._stand_in = stand_in
        self._app = app
        self._session = session
        self._scale = scale
        self._timeout = aiohttp.ClientTimeout(total=answer_seconds)
        self._lanes: dict[str, deque[Notice]] = {}
        self._failing: float | None = None
        """When the first of the failures came that nothing interrupted."""
        self._alerted = False
        self.tasks: set[asyncio.Task[None]] = set()

    def take(self, notice: Notice) -> None:
        """Put a notice into its lane, and see that the lane moves."""
        if self._app.hook is None:
            self._app.outbox.done(notice)
            return
        lane = self._lanes.get(notice.lane)
        if lane is not None:
            lane.append(notice)
            return
        self._lanes[notice.lane] = deque([notice])
        self._run(notice.lane)

    def _run(self, lane: str) -> None:
        self._begin(asyncio.ensure_future(self._drain(lane)))

    def _begin(self, task: asyncio.Task[None]) -> None:
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _drain(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            notice = lane.popleft()
            if await self._post(notice):
                self._app.outbox.done(notice)
            else:
                self._begin(asyncio.ensure_future(self._try_again(notice)))
        del self._lanes[name]

    async def _try_again(self, notice: Notice) -> None:
        failures = 1
        while not self._over(notice):
            await asyncio.sleep(next_wait(failures) * self._scale)
            if await self._post(notice):
                break
            failures += 1
        self._app.outbox.done(notice)

    def _over(self, notice: Notice) -> bool:
        """Whether it failed for so long that the network gives up, and disables the page's subscription."""
        if self._app.hook is None:
            return True
        if self._failing is None:
            return False
        lasted = asyncio.get_running_loop().time() - self._failing
        if lasted >= ALERT_SECONDS * self._scale and not self._alerted:
            self._alert(f"webhooks of the app {self._app.name} fail since 15 minutes")
            self._alerted = True
        if lasted < DISABLE_SECONDS * self._scale:
            return False
        page = self._stand_in.pages.get(notice.page_id)
        if page is not None and page.subscriptions.pop(self._app.id, None) is not None:
            self._alert(f"the app {self._app.name} was unsubscribed from the page {page.name}")
        return True

    def _alert(self, text: str) -> None:
        self._stand_in.alerts.append(text)
        _LOG.info("the Messenger stand-in: %s", text)

    async def _post(self, notice: Notice) -> bool:
        hook = self._app.hook
        if hook is None:
            return True
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua", **self._signed(notice.body)}
        try:
            async with self._session.post(
                hook.url, data=notice.body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                good = response.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            good = False
        if good:
            self._failing, self._alerted = None, False
        elif self._failing is None:
            self._failing = asyncio.get_running_loop().time()
        return good

    def _signed(self, body: bytes) -> dict[str, str]:
        """Both signatures, the old one and the one that proves something."""
        secret = self._app.secret.encode()
        return {
            "X-Hub-Signature": "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest(),
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
        }


class Deliveries:
    """All apps' pumps of one served stand-in."""

    def __init__(self, stand_in: MessengerStandIn, scale: float, answer_seconds: float) -> None:
        self._stand_in = stand_in
        self._scale = scale
        self._answer_seconds = answer_seconds
        self._session: aiohttp.ClientSession | None = None
        self._pumps: dict[str, Pump] = {}

    def start(self) -> None:
        """Attend to every app, those that come later too."""
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=5))
        self._stand_in.on_app = self._attend
        for app in self._stand_in.apps.values():
            self._attend(app)

    @property
    def session(self) -> aiohttp.ClientSession:
        """For what else is fetched. RuntimeError before `start`."""
        if self._session is None:
            raise RuntimeError("the stand-in is not served yet")
        return self._session

    def _attend(self, app: App) -> None:
        pump = Pump(self._stand_in, app, self.session, self._scale, self._answer_seconds)
        self._pumps[app.id] = pump
        app.outbox.on_arrival = pump.take

    async def close(self) -> None:
        """Stop posting."""
        tasks = [task for pump in self._pumps.values() for task in pump.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for app in self._stand_in.apps.values():
            app.outbox.on_arrival = None
            app.outbox.waiting.clear()
        if self._session is not None:
            await self._session.close()

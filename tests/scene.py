"""A shop with its hub: the stand-in served over HTTP, the hub beside it or in a process of its own, everything set up
through the product's own doors.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from hub.sandbox.telegram import Limits, TelegramStandIn, serve
from hub.settings import Settings
from hub.store import open_store

if TYPE_CHECKING:
    from hub.app import Hub

NO_LIMITS = Limits.off()
PATIENCE = 120.0
"""Seconds: a busy machine is slow, and nobody waits so long where all is well."""
SHORTEST, LONGEST = 0.02, 0.2
"""Seconds between two looks at what is waited for."""


async def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Waits until the condition gives something true, and gives it; fails saying `what` was waited for.

    What takes long to look at is looked at less often: looking is work too, and the hub beside us needs the machine.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (begun := loop.time()) < end:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        await asyncio.sleep(min(max(SHORTEST, 4 * (loop.time() - begun)), LONGEST))
    raise AssertionError(f"waited {seconds:g} s in vain for: {what}")


_ports = itertools.count(10_000 + os.getpid() * 97 % 20_000)


def free_port() -> int:
    """A port that nobody has. It is none of those that the system gives away, to whoever connects or asks for any: such
    a one could be somebody else's before it is used.
    """
    for port in _ports:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError


@dataclass
class Scene:
    """The shop as a test sees it."""

    net: TelegramStandIn
    url: str
    folder: Path
    mongo_url: str = ""
    webhooks: bool = False
    limits_setting: str = "0,0,0"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    hub: Hub | None = None
    log: Path = Path()

    def __post_init__(self) -> None:
        self.log = self.folder / "hub.log"
        self.admin = self.net.add_bot("desk_bot", "Desk", privacy=False)
        self.shop = self.net.add_bot("shop_bot", "Shop")
        self.olivia = self.net.add_user("Olivia", username="olivia")
        self.bob = self.net.add_user("Bob", username="bob")
        self.group = self.net.add_forum("Support", members=[self.olivia, self.bob], admins=[self.admin])

    # -- the hub's process --

    @property
    def environment(self) -> dict[str, str]:
        """What the hub is set up with."""
        mine = {
            "HUB_DATA_DIR": str(self.folder / "data"),
            "HUB_MONGO_URL": self.mongo_url,
            "HUB_PORT": str(self.port),
            "HUB_PUBLIC_URL": f"http://127.0.0.1:{self.port}" if self.webhooks else "",
            "HUB_TELEGRAM_TOKEN": self.admin.token,
            "HUB_TELEGRAM_API_URL": self.url,
            "HUB_TELEGRAM_LIMITS": self.limits_setting,
        }
        return {**{k: v for k, v in os.environ.items() if not k.startswith("HUB_")}, **mine}

    async def spawn(self) -> None:
        """Starts the hub and waits until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: ASYNC220 - it must outlive this loop's own watching
                [sys.executable, "-m", "hub", "run"], env=self.environment, stdout=log, stderr=log
            )
        try:
            await until(self.ready, "the hub to be ready")
        except BaseException:
            self.kill()
            raise

    async def ready(self) -> bool:
        """Whether the hub answers that it is."""
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"the hub ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
        with contextlib.suppress(aiohttp.ClientError, OSError):
            async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                return answer.status == 200
        return False

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Kills the hub."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None

    # -- setting up, by chat --

    async def init_code(self) -> str:
        """What `hub init` prints."""
        if self.hub is not None:
            return await self.hub.store.directory.issue_token("init", {}, 600.0)
        made = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub", "init", env=self.environment, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await made.communicate()
        return out.decode().strip().splitlines()[-1]

    async def tell_admin_bot(self, user: Any, text: str) -> str:
        """Says something to the admin bot in private; gives its answer."""
        before = len(self.answers_to(user))
        self.net.say(user, self.admin, text)
        await until(lambda: len(self.answers_to(user)) > before, f"an answer to {text.split(maxsplit=1)[0]}")
        return self.answers_to(user)[-1]

    def answers_to(self, user: Any) -> list[str]:
        """What the admin bot said to the user in private, but that a first step is done, which comes unasked."""
        said = [m.get("text", "") for m in self.net.private(user, self.admin) if m["from"]["id"] == self.admin.id]
        return [words for words in said if not words.startswith("✓ ")]

    async def set_up(self) -> None:
        """Makes Olivia the owner, connects the shop's bot, binds the group, and lets Bob in as an agent."""
        await self.tell_admin_bot(self.olivia, f"/start {await self.init_code()}")
        await self.tell_admin_bot(self.olivia, f"/channel connect telegram {self.shop.token}")
        self.net.say(self.olivia, self.group, "/desk here")
        await until(self.home_posts, "the queue card in General")
        invitation = await self.tell_admin_bot(self.olivia, "/invite agent")
        token = next(w for w in invitation.replace("=", " ").split() if len(w) > 15 and "/" not in w)
        await self.tell_admin_bot(self.bob, f"/start {token.strip('.')}")

    # -- what is to be seen --

    def home_posts(self) -> list[dict[str, Any]]:
        """The hub's posts in General."""
        return [m for m in self.net.history(self.group) if self._by_hub(m) and not m.get("is_topic_message")]

    def _by_hub(self, message: dict[str, Any]) -> bool:
        return message["from"]["id"] == self.admin.id and ("text" in message or "caption" in message)

    def topic(self, name: str) -> Any:
        """The topic with that name (a state mark before it does not count); None where there is none."""
        named = [t for t in self.net.topics(self.group) if t.name.split(" ", 1)[-1] == name or t.name == name]
        return named[-1] if named else None

    def desk_texts(self, thread: int) -> list[str]:
        """What the hub shows in a topic, in order."""
        posts = self.net.history(self.group, thread)
        return [m.get("text") or m.get("caption") or "" for m in posts if m["from"]["id"] == self.admin.id]

    def contact_sees(self, user: Any) -> list[str]:
        """What the shop's bot said to a contact, in order."""
        mine = [m for m in self.net.private(user, self.shop) if m["from"]["id"] == self.shop.id]
        return [m.get("text") or m.get("caption") or "" for m in mine]


@asynccontextmanager
async def scene(
    folder: Path, limits: Limits = NO_LIMITS, *, apart: bool = False, **options: Any
) -> AsyncIterator[Scene]:
    """A scene, set up and ready; the hub runs `apart` in a process of its own, which can be killed, or beside us."""
    net = TelegramStandIn(limits)
    server = await serve(net, retry_scale=0.05)
    shop = Scene(net, server.url, folder, **options)
    try:
        async with run_apart(shop) if apart else run_beside(shop):
            await shop.set_up()
            yield shop
    finally:
        await server.close()


@asynccontextmanager
async def run_apart(shop: Scene) -> AsyncIterator[None]:
    """The hub in a process of its own, which can be killed."""
    await shop.spawn()
    try:
        yield
    finally:
        shop.kill(signal.SIGTERM)


@asynccontextmanager
async def run_beside(shop: Scene) -> AsyncIterator[None]:
    """The hub beside the test, in its process."""
    from hub.app import running
    from hub.settings import load

    async with running(load(shop.environment)) as hub:
        shop.hub = hub
        yield


async def kept(shop: Scene, kind: type, where: dict[str, object] | None = None) -> list[Any]:
    """What the workspace keeps of a kind, read beside the running hub."""
    from hub.domain.ports import Query

    if shop.hub is not None:
        (entry,) = await shop.hub.store.directory.workspaces()
        return await shop.hub.store.workspace(entry.id).query(kind, Query(where=where or {}, order="id"))
    settings = Settings(data_dir=shop.folder / "data", mongo_url=shop.mongo_url)
    store = await open_store(settings, exclusive=False)
    try:
        (entry,) = await store.directory.workspaces()
        return await store.workspace(entry.id).query(kind, Query(where=where or {}, order="id"))
    finally:
        await store.close()


def words(texts: Iterable[str]) -> list[str]:
    """The numbered words (`ann-7`) in texts, in order; texts may be coalesced."""
    import re

    return [w for text in texts for w in re.findall(r"\b[a-z]+\d*-\d+\b", text)]

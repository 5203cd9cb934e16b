"""A shop with everything at once: contacts on every network, by an app of the shop's own and by one that is shared, and
both desks; all in one hub.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientSession
from pymongo import AsyncMongoClient

from hub.app import Hub
from hub.sandbox import messenger, slack
from hub.sandbox.slack import Channel
from hub.sandbox.slack.accounts import User as SlackUser
from hub.sandbox.telegram.accounts import Json
from hub.settings import Settings, SlackLimits
from tests.adapters.custom.system import OwnSystem
from tests.endtoend.shop import Shop, shop_in
from tests.endtoend.town import by_webhook, until, words_of
from tests.scene import free_port

SHARED_SECRET = "shared-page-app"
"""What the shared Messenger app's webhook page is told to verify with."""
KEY = "a-secret-key-that-all-hubs-of-this-installation-share"
CUSTOM_SECRET = "s3cret-of-the-own-system"
NETWORKS = ("telegram", "slack", "messenger", "custom")
DESKS = ("telegram", "slack")
_numbers = itertools.count(1)


class Mixed:
    """The networks' worlds, and the shop in the middle.

    On Slack: `team`, where the hub's own shared app is the desk and a channel too, and `customers`, whose app is the
    shop's. On Messenger: `shared_page` of the shared app, `page` of the shop's own.
    """

    def __init__(self, slack_net: slack.SlackStandIn, pages: messenger.MessengerStandIn) -> None:
        self.slack = slack_net
        self.pages = pages
        self.shop: Shop
        self.mongo: AsyncMongoClient[dict[str, Any]]
        """To look at what is kept, as it is kept."""
        self.http: ClientSession
        self.options: dict[str, Any] = {}
        self.hooks: dict[str, str] = {}
        """Where each channel of an app of the shop's own is called: by network."""
        self._slack_workspaces()
        self.shared_app = pages.add_app("Hub")
        self.shared_page = pages.add_page("Shared page", self.shared_app)
        self.page_app = pages.add_app("Shop")
        self.page = pages.add_page("Shop page", self.page_app)
        self.system = OwnSystem(CUSTOM_SECRET)

    def _slack_workspaces(self) -> None:
        net = self.slack
        self.team = net.add_team("Acme")
        self.sue = net.add_user(self.team, "Sue Sun")
        self.max = net.add_user(self.team, "Max Moon")
        self.hub_app = net.add_app("Hub", commands=("/hub",), shortcuts=["note", "close"])
        self.hub_bot = net.install(self.hub_app, self.team)
        self.desk: Channel = net.add_channel(self.team, "support", [self.sue, self.max, self.hub_app])
        self.customers = net.add_team("Customers")
        self.other_max = net.add_user(self.customers, "Max Moon")
        self.help_app = net.add_app("Shop help")
        self.help_bot = net.install(self.help_app, self.customers)

    def settings(self, slack_url: str, pages_url: str) -> dict[str, Any]:
        """What the hub must be told."""
        return {
            "slack_api_url": f"{slack_url}/api",
            "slack_signing_secret": self.hub_app.signing_secret,
            "slack_bot_token": self.hub_bot.token,
            "slack_limits": SlackLimits(0, 0),
            "messenger_api_url": pages_url,
            "messenger_app_secret": self.shared_app.secret,
            "messenger_verify_token": SHARED_SECRET,
            "custom_networks": ("loopback",),
        }

    # -- setting up, by chat -------------------------------------------------------------------------------------------

    async def set_up(self) -> None:
        """Both desks and every channel."""
        await self.slack.set_request_url(self.hub_app, self.shop.town.hook("slack"))
        for who, role in ((self.sue, "manager"), (self.max, "agent")):
            await self.slash(who, f"start {await self.shop.invitation(role)}")
        await self.slash(self.sue, "desk here")
        await self._connect_slack()
        await self._connect_pages()
        await self.system.start()
        await self._connect("custom", f"{self.system.url} {CUSTOM_SECRET}")
        await self.shop.town.quiet()

    async def slash(self, who: SlackUser, line: str) -> None:
        """Somebody types a command in the desk's channel."""
        knock = self.slack.slash(who, self.desk, "/hub", line)
        await knock.answer(20)
        assert not knock.trouble

    async def _connect_slack(self) -> None:
        await self.slash(self.sue, "channel connect slack")
        route = await self.shop.town.hub.store.directory.route("channel", f"slack:{self.team.id}")
        assert route is not None
        own = await self._connect("slack", f"{self.help_bot.token} {self.help_app.signing_secret}")
        await self.slack.set_request_url(self.help_app, own)

    async def _connect_pages(self) -> None:
        await self._connect("messenger", f"{self.shared_page.id} {self.shared_page.token}")
        await self.pages.set_webhook(self.shared_app, self.shop.town.hook("messenger"), SHARED_SECRET)
        line = f"{self.page.id} {self.page.token} {self.page_app.secret}"
        own = await self._connect("messenger", line)
        words = self.shop.told(self.shop.olivia)[-1].split()
        await self.pages.set_webhook(self.page_app, own, words[words.index("verify") + 2].rstrip(".,"))

    async def _connect(self, network: str, line: str) -> str:
        """Connects a channel; where it is called, if it has an address of its own."""
        said = await self.shop.ask(self.shop.olivia, f"/channel connect {network} {line}")
        url = next((w.rstrip(".,") for w in said.split() if "/hooks/" in w), "")
        assert "onnected" in said, said
        if url:
            self.hooks[network] = url
        return url

    async def call(self, contact: str, words: str) -> None:
        """The shop's own system tells that a contact of its wrote."""
        event = {"type": "message", "id": f"e{next(_numbers)}", "from": {"id": contact, "first_name": contact}}
        body = json.dumps({**event, "at": datetime.now(UTC).isoformat(), "text": words}).encode()
        headers = self.system.sign(body)
        async with self.http.post(self.hooks["custom"], data=body, headers=headers) as said:
            assert said.status == 200

    async def another_hub(self) -> Hub:
        """One more hub of the same installation, at a port of its own."""
        return await self.shop.town.start("other", **{**self.options, "port": free_port()})

    # -- people --------------------------------------------------------------------------------------------------------

    def somebody(self, network: str) -> Customer:
        """Somebody new on that network, with a name that nobody else has."""
        return _KINDS[network](self, f"Zoe{next(_numbers)}x")

    def agents(self, desk: str, customer: Customer) -> Place:
        """The place of a contact on a desk."""
        return Topic(self, customer.name) if desk == "telegram" else Thread(self, customer.name)


@dataclass
class Customer:
    """Somebody who writes to the shop from some network."""

    mixed: Mixed
    name: str

    def __post_init__(self) -> None:
        """Appears on the network."""

    async def write(self, parts: Sequence[Typed]) -> None:
        """They write, in as many messages as their network's apps take for it."""
        raise NotImplementedError

    def phone(self) -> list[Json]:
        """What the shop said to them, oldest first, as the network tells it."""
        raise NotImplementedError


@dataclass(frozen=True)
class Typed:
    """What somebody types, as each network's apps hand it on: words, entities and rich text."""

    words: str
    entities: tuple[Json, ...] = ()
    rich: tuple[Json, ...] = ()

    @property
    def slack(self) -> dict[str, Any]:
        """Fields of a Slack message beside its text."""
        return {"blocks": [{"type": "rich_text", "elements": list(self.rich)}]} if self.rich else {}


class OnTelegram(Customer):
    """By the shop's bot."""

    def __post_init__(self) -> None:
        self.user = self.mixed.shop.net.add_user(self.name)

    async def write(self, parts: Sequence[Typed]) -> None:
        for part in parts:
            self.mixed.shop.net.say(self.user, self.mixed.shop.bot, part.words, entities=list(part.entities))

    def phone(self) -> list[Json]:
        shop = self.mixed.shop
        return [m for m in shop.net.private(self.user, shop.bot) if m["from"]["id"] == shop.bot.id]


class OnSlack(Customer):
    """By the shop's own app, in direct messages."""

    def __post_init__(self) -> None:
        self.user = self.mixed.slack.add_user(self.mixed.customers, self.name, display_name="")

    async def write(self, parts: Sequence[Typed]) -> None:
        for part in parts:
            self.mixed.slack.say(self.user, self.mixed.help_app, part.words, **part.slack)

    def phone(self) -> list[Json]:
        said = self.mixed.slack.private(self.user, self.mixed.help_app)
        return [m for m in said if m.get("user") == self.mixed.help_bot.bot.id]


class OnMessenger(Customer):
    """By the shop's own page."""

    def __post_init__(self) -> None:
        self.person = self.mixed.pages.add_person(self.name, "Wood")

    async def write(self, parts: Sequence[Typed]) -> None:
        for part in parts:
            self.mixed.pages.say(self.person, self.mixed.page, part.words)

    def phone(self) -> list[Json]:
        return [m for m in self.mixed.pages.phone(self.person, self.mixed.page) if m["from"] == "page"]


class OnCustom(Customer):
    """By the shop's own system."""

    def __post_init__(self) -> None:
        self.mixed.system.contacts.add(self.name)

    async def write(self, parts: Sequence[Typed]) -> None:
        for part in parts:
            await self.mixed.call(self.name, part.words)

    def phone(self) -> list[Json]:
        return [m.call for m in self.mixed.system.shown() if m.call["to"] == self.name]


_KINDS: dict[str, Callable[[Mixed, str], Customer]] = {
    "telegram": OnTelegram,
    "slack": OnSlack,
    "messenger": OnMessenger,
    "custom": OnCustom,
}


@dataclass
class Place:
    """Where a contact stands on a desk."""

    mixed: Mixed
    name: str

    def there(self) -> bool:
        """Whether it is open already."""
        raise NotImplementedError

    def posts(self) -> list[Json]:
        """What the hub shows there, oldest first."""
        raise NotImplementedError

    def answer(self, parts: Sequence[Typed]) -> None:
        """An agent writes there, in as many messages as the network's apps take for it."""
        raise NotImplementedError


class Topic(Place):
    """On the Telegram desk."""

    def _thread(self) -> int:
        shop = self.mixed.shop
        return next((t.id for t in shop.net.topics(shop.group) if self.name in t.name), 0)

    def there(self) -> bool:
        return bool(self._thread())

    def posts(self) -> list[Json]:
        shop, thread = self.mixed.shop, self._thread()
        history = shop.net.history(shop.group, thread) if thread else []
        return [m for m in history if m["from"]["id"] == shop.admin.id and words_of(m)]

    def answer(self, parts: Sequence[Typed]) -> None:
        shop = self.mixed.shop
        for part in parts:
            shop.net.say(shop.bob, shop.group, part.words, thread=self._thread(), entities=list(part.entities))


class Thread(Place):
    """On the Slack desk."""

    def _root(self) -> str:
        roots = self.mixed.slack.history(self.mixed.desk)
        return next((m["ts"] for m in roots if "👤" in str(m) and self.name in str(m)), "")

    def there(self) -> bool:
        return bool(self._root())

    def posts(self) -> list[Json]:
        mixed, root = self.mixed, self._root()
        history = mixed.slack.thread(mixed.desk, root)[1:] if root else []
        return [m for m in history if m.get("user") == mixed.hub_bot.bot.id]

    def answer(self, parts: Sequence[Typed]) -> None:
        mixed = self.mixed
        for part in parts:
            mixed.slack.say(mixed.max, mixed.desk, part.words, thread=self._root(), **part.slack)


async def present(place: Place) -> None:
    """Waits for the place."""
    await until(place.there, f"the place of {place.name}")


@asynccontextmanager
async def mixed_in(base: Settings) -> AsyncIterator[Mixed]:
    """Everything set up and quiet."""
    slack_net = slack.SlackStandIn(slack.Limits.off())
    pages = messenger.MessengerStandIn(messenger.Limits.off())
    slack_server = await slack.serve(slack_net, retry_scale=0.001)
    pages_server = await messenger.serve(pages, retry_scale=0.001)
    made = Mixed(slack_net, pages)
    try:
        options = {**by_webhook(), "secret_key": KEY, **made.settings(slack_server.url, pages_server.url)}
        async with shop_in(base, **options) as shop:
            made.shop, made.options = shop, options
            await made.set_up()
            async with AsyncMongoClient[dict[str, Any]](base.mongo_url) as made.mongo, ClientSession() as made.http:
                yield made
    finally:
        await made.system.stop()
        await slack_server.close()
        await pages_server.close()

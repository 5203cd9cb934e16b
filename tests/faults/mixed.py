"""A shop on three networks with two desks: contacts write from Slack and Messenger, agents answer in Telegram topics
and in Slack threads; the hub beside the test, or in a process of its own that can be killed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.domain.models import Contact
from hub.sandbox import messenger, slack, telegram
from hub.sandbox.messenger.accounts import Person
from tests.scene import NO_LIMITS, Scene, kept, run_apart, run_beside, until, words

_RETRY_SCALE = 0.05
_SLACK_RETRY_SCALE = 0.12
"""Slack tries three times in all: at once, after a minute, and five minutes later. A hub that starts takes seconds."""

Json = dict[str, Any]


@dataclass(kw_only=True)
class Mixed(Scene):
    """The shop as a test sees it. `web`: Slack's stand-in, `graph`: Messenger's."""

    web: slack.SlackStandIn
    web_url: str
    graph: messenger.MessengerStandIn
    graph_url: str
    slack_limits: str = "0,0"
    socket: bool = False
    """Slack is heard by sockets: then there is no public address, and Messenger cannot be heard at all."""
    webhooks: bool = True
    customers: list[Customer] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.webhooks = not self.socket
        self.office = self.web.add_team("Acme")
        self.sue = self.web.add_user(self.office, "Sue Sun")
        self.desk_app = self.web.add_app("Hub", commands=("/hub",), socket_mode=self.socket)
        self.desk_bot = self.web.install(self.desk_app, self.office)
        self.desk = self.web.add_channel(self.office, "support", [self.sue, self.desk_app])
        self.branch = self.web.add_team("Customers")
        self.branch_app = self.web.add_app("Shop help", socket_mode=self.socket)
        self.branch_bot = self.web.install(self.branch_app, self.branch)
        self.meta_app = self.graph.add_app("Hub")
        self.page = self.graph.add_page("Shop page", self.meta_app)

    @property
    def environment(self) -> dict[str, str]:
        """What the hub is set up with."""
        mine = {
            "HUB_SLACK_API_URL": f"{self.web_url}/api",
            "HUB_SLACK_BOT_TOKEN": self.desk_bot.token,
            "HUB_SLACK_SIGNING_SECRET": self.desk_app.signing_secret,
            "HUB_SLACK_APP_TOKEN": self.desk_app.app_token if self.socket else "",
            "HUB_SLACK_LIMITS": self.slack_limits,
            "HUB_MESSENGER_API_URL": self.graph_url,
        }
        return super().environment | mine

    # -- setting up, by chat --

    async def set_up(self) -> None:
        """The Telegram desk, then a channel of each of the other networks, then the Slack desk."""
        await super().set_up()
        await self._connect_slack()
        if not self.socket:
            await self._connect_messenger()
            await self.web.set_request_url(self.desk_app, f"http://127.0.0.1:{self.port}/hooks/slack")
        invitation = await self.tell_admin_bot(self.olivia, "/invite manager")
        token = invitation.partition("start=")[2].split()[0]
        await self._slash(f"start {token}", "Welcome")
        await self._slash("desk here", "aiting")

    async def _connect_slack(self) -> None:
        words = [self.branch_bot.token, self.branch_app.signing_secret]
        words += [self.branch_app.app_token] if self.socket else []
        told = await self.tell_admin_bot(self.olivia, f"/channel connect slack {' '.join(words)}")
        if not self.socket:
            await self.web.set_request_url(self.branch_app, _hook_in(told))

    async def _connect_messenger(self) -> None:
        line = f"/channel connect messenger {self.page.id} {self.page.token} {self.meta_app.secret}"
        told = await self.tell_admin_bot(self.olivia, line)
        words = told.split()
        await self.graph.set_webhook(self.meta_app, _hook_in(told), words[words.index("verify") + 2].rstrip(".,"))

    async def _slash(self, line: str, answer: str) -> None:
        await self.web.slash(self.sue, self.desk, "/hub", line).answer()

        def told() -> bool:
            found = [self.web.ephemerals(self.sue, self.desk), self.web.private(self.sue, self.desk_app)]
            return answer in str([*found, self.web.history(self.desk)])

        await until(told, f"an answer to /hub {line}")

    # -- people --

    def on_slack(self, name: str) -> Customer:
        """Somebody who writes to the shop's app in private."""
        user = self.web.add_user(self.branch, name)
        made = SlackCustomer(self, name, user)
        self.customers.append(made)
        return made

    def on_messenger(self, name: str) -> Customer:
        """Somebody who writes to the page."""
        made = MessengerCustomer(self, name, self.graph.add_person(name, ""))
        self.customers.append(made)
        return made

    # -- the desks --

    def topic_posts(self, name: str) -> list[str]:
        """What the hub posted about a contact on Telegram, in order, over all topics of that name."""
        named = (t for t in self.net.topics(self.group) if t.name.split(" ")[-1] == name)
        return [text for topic in named for text in self.desk_texts(topic.id)]

    def roots(self, name: str) -> list[str]:
        """The cards about a contact on Slack, each of which begins a thread; oldest first."""
        cards = [m for m in self.web.history(self.desk) if m.get("user") == self.desk_bot.bot.id]
        return [str(m["ts"]) for m in cards if re.search(rf"👤.*\b{name}\b", said(m))]

    def thread_posts(self, name: str) -> list[str]:
        """What the hub posted about a contact on Slack, in order, over all their threads; the cards are left out."""
        return [said(m) for root in self.roots(name) for m in self.thread_of(root)[1:] if self._by_desk(m)]

    def thread_of(self, root: str) -> list[Json]:
        """A thread's messages, its card first."""
        return self.web.thread(self.desk, root)

    def _by_desk(self, message: Json) -> bool:
        return message.get("user") == self.desk_bot.bot.id

    def answer_on_telegram(self, name: str, text: str) -> bool:
        """Olivia answers in the contact's newest topic; False: there is none yet. One that a kill left half opened
        is nobody's, and shows nothing.
        """
        named = [t for t in self.net.topics(self.group) if t.name.split(" ")[-1] == name]
        topic = next((t for t in reversed(named) if any(self.desk_texts(t.id))), None)
        if topic is not None:
            self.net.say(self.olivia, self.group, text, thread=topic.id)
        return topic is not None

    def answer_on_slack(self, name: str, text: str) -> bool:
        """Sue answers in the contact's newest thread; False: there is none yet, as above."""
        root = next((r for r in reversed(self.roots(name)) if any(map(self._by_desk, self.thread_of(r)[1:]))), None)
        if root is not None:
            self.web.say(self.sue, self.desk, text, thread=root)
        return root is not None

    # -- what the networks have on their way --

    def undelivered(self) -> list[str]:
        """The numbered words that were said and not acknowledged by the hub."""
        waiting = [n.body for app in (self.desk_app, self.branch_app) for n in app.outbox.waiting]
        waiting += [n.body for n in self.meta_app.outbox.waiting]
        return words(body.decode("utf-8", "replace") for body in waiting)

    def overtaken(self) -> set[str]:
        """The numbered words of events that Slack had to tell again, beside which it told what came later."""
        notices = [n for app in (self.desk_app, self.branch_app) for n in app.outbox.sent.values()]
        return set(words(n.body.decode("utf-8", "replace") for n in notices if n.errors))

    def retried(self) -> bool:
        """Whether Slack has an event that it could not deliver, and will try again."""
        return any(n.errors for app in (self.desk_app, self.branch_app) for n in app.outbox.waiting)


def _hook_in(told: str) -> str:
    return next(w for w in told.split() if "/hooks/" in w).rstrip(".,")


def said(message: Json) -> str:
    """All that a message on Slack says: the words for notifications are cut where they are many."""
    return " ".join(_texts(message["blocks"])) if message.get("blocks") else str(message.get("text", ""))


def _texts(part: Any) -> Iterator[str]:
    """The words within blocks, in order."""
    if isinstance(part, str):
        yield part
    for inner in part if isinstance(part, list) else ():
        yield from _texts(inner)
    if isinstance(part, dict):
        for key in ("text", "elements", "fields"):
            yield from _texts(part.get(key, ""))


# -- contacts --


@dataclass
class Customer:
    """A contact of the shop: a name that nobody else has, a mouth, and a phone."""

    shop: Mixed
    name: str

    def say(self, text: str) -> Json:
        """They write to the shop."""
        raise NotImplementedError

    def phone(self) -> list[str]:
        """What the shop said to them, message by message, in order."""
        raise NotImplementedError

    def heard(self) -> list[str]:
        """The numbered words of it."""
        return words(self.phone())

    async def there(self) -> None:
        """They have written, and both desks have a place for them."""
        self.say(f"{self.name}-0")
        await until(lambda: f"{self.name}-0" in words(self.shop.topic_posts(self.name)), f"{self.name} on Telegram")
        await until(lambda: f"{self.name}-0" in words(self.shop.thread_posts(self.name)), f"{self.name} on Slack")

    async def contact(self) -> Contact:
        """What the hub keeps of them."""
        (found,) = [c for c in await kept(self.shop, Contact) if c.name == self.name]
        return found  # type: ignore[no-any-return]


@dataclass
class SlackCustomer(Customer):
    """One in the workspace of customers."""

    user: slack.User

    def say(self, text: str) -> Json:
        """They write to the app in private."""
        return self.shop.web.say(self.user, self.shop.branch_app, text)

    def phone(self) -> list[str]:
        """What stands in their chat with the app."""
        posts = self.shop.web.private(self.user, self.shop.branch_app)
        return [m["text"] for m in posts if m.get("user") == self.shop.branch_bot.bot.id]


@dataclass
class MessengerCustomer(Customer):
    """One whose page-scoped id the page knows."""

    person: Person

    def say(self, text: str) -> Json:
        """They write to the page."""
        return self.shop.graph.say(self.person, self.shop.page, text)

    def phone(self) -> list[str]:
        """What stands in their chat with the page."""
        posts = self.shop.graph.phone(self.person, self.shop.page)
        return [m.get("text", "") for m in posts if m["from"] == "page"]


# -- the scene --


@asynccontextmanager
async def mixed(
    folder: Path, *, apart: bool = False, limits: slack.Limits | None = None, **options: Any
) -> AsyncIterator[Mixed]:
    """A scene, set up and ready. `limits`: Slack's, which are off otherwise; `options` are fields of Mixed."""
    net, web = telegram.TelegramStandIn(NO_LIMITS), slack.SlackStandIn(limits or slack.Limits.off())
    graph = messenger.MessengerStandIn(messenger.Limits() if limits else messenger.Limits.off())
    retry_scale = _SLACK_RETRY_SCALE if apart else 0.001
    async with AsyncExitStack() as stack:
        server = await telegram.serve(net, retry_scale=_RETRY_SCALE)
        stack.push_async_callback(server.close)
        of_slack = await slack.serve(web, retry_scale=retry_scale)
        stack.push_async_callback(of_slack.close)
        of_graph = await messenger.serve(graph, retry_scale=_RETRY_SCALE)
        stack.push_async_callback(of_graph.close)
        worlds = {"web": web, "web_url": of_slack.url, "graph": graph, "graph_url": of_graph.url}
        shop = Mixed(net, server.url, folder, **{**worlds, **options})
        await stack.enter_async_context(run_apart(shop) if apart else run_beside(shop))
        await shop.set_up()
        yield shop

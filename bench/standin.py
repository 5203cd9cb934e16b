"""The networks' stand-ins in a process of their own, which tells when each message of the bench stood on a desk."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import NamedTuple

import msgspec

from bench.talk import answer_lines, say
from bench.updates import MARK
from hub.sandbox import messenger, slack, telegram

PEOPLE = 500
CHANNELS = 3


class Source(msgspec.Struct, frozen=True):
    """What an admin types to connect a channel, and who its contacts are."""

    words: list[str]
    people: list[str]


class Stage(msgspec.Struct, frozen=True):
    """The hub's settings for the stand-ins, the channels, and the chats that are to be desks, one for each channel; by
    network.
    """

    settings: dict[str, str]
    desks: dict[str, list[str]]
    sources: dict[str, Source]


class Seen(msgspec.Struct, frozen=True):
    """What stands on the desk: by a message's mark, when it first did and in which topics; how many topics by name."""

    at: dict[str, float]
    threads: dict[str, list[str]]
    topics: dict[str, int]


class Post(NamedTuple):
    """Something that was put on a desk, by any call."""

    at: float
    text: str
    thread: str


class Telegram:
    """Groups that are to be desks."""

    def __init__(self) -> None:
        self.world = telegram.TelegramStandIn(telegram.Limits.off())
        self.bot, owner = self.world.add_bot("desk_bot", "Desk", privacy=False), self.world.add_user("Olivia")
        forums = (self.world.add_forum("Bench", members=[owner], admins=[self.bot]) for _ in range(CHANNELS))
        self.chats = [str(forum.id) for forum in forums]

    def posts(self) -> Iterable[Post]:
        """All that was posted."""
        for call in self.world.calls:
            if call.status == 200 and call.method.startswith("send"):
                yield Post(call.at, str(call.params.get("text", "")), str(call.params.get("message_thread_id", "")))

    def topics(self) -> Counter[str]:
        """How many topics there are of each name."""
        groups = [chat for chat in self.world.chats.values() if chat.topics]
        return Counter(topic.name for group in groups for topic in self.world.topics(group))


class Slack:
    """A workspace of agents with channels that are to be desks, and one of customers with an app of its own."""

    def __init__(self) -> None:
        self.world = world = slack.SlackStandIn(slack.Limits.off())
        team = world.add_team("Acme")
        self.app = world.add_app("Hub", commands=("/hub",))
        self.token = world.install(self.app, team).token
        sue = world.add_user(team, "Sue")
        channels = [world.add_channel(team, f"support{n}", [sue, self.app]) for n in range(CHANNELS)]
        self.chats = [f"{team.id}:{channel.id}" for channel in channels]
        customers, own = world.add_team("Customers"), world.add_app("Help")
        people = [world.add_user(customers, f"Contact {n}").id for n in range(PEOPLE)]
        self.source = Source([world.install(own, customers).token, own.signing_secret], people)

    def posts(self) -> Iterable[Post]:
        """All that was posted, in private to customers too, which no mark is in."""
        for call in self.world.calls:
            if call.status == 200 and not call.error and call.method == "chat.postMessage":
                yield Post(call.at, str(call.params.get("text", "")), str(call.params.get("thread_ts", "")))


class Messenger:
    """A page."""

    def __init__(self) -> None:
        self.world = world = messenger.MessengerStandIn(messenger.Limits.off())
        app = world.add_app("Hub")
        page = world.add_page("Shop", app)
        people = [world.psid(world.add_person("Contact", str(n)), page) for n in range(PEOPLE)]
        self.source = Source([page.id, page.token, app.secret], people)


class World:
    """All of it."""

    def __init__(self) -> None:
        self.telegram, self.slack, self.messenger = Telegram(), Slack(), Messenger()

    async def open(self, stack: AsyncExitStack) -> Stage:
        """Serves the stand-ins until the stack ends."""
        urls = []
        for serving in (
            telegram.serve(self.telegram.world),
            slack.serve(self.slack.world),
            messenger.serve(self.messenger.world),
        ):
            server = await serving
            stack.push_async_callback(server.close)
            urls.append(server.url)
        settings = {
            "telegram_token": self.telegram.bot.token,
            "telegram_api_url": urls[0],
            "slack_api_url": f"{urls[1]}/api",
            "slack_bot_token": self.slack.token,
            "slack_signing_secret": self.slack.app.signing_secret,
            "messenger_api_url": urls[2],
        }
        desks = {"telegram": self.telegram.chats, "slack": self.slack.chats}
        nobody = Source([], [])
        return Stage(
            settings, desks, {"telegram": nobody, "slack": self.slack.source, "messenger": self.messenger.source}
        )

    def seen(self, since: float) -> Seen:
        """What was put on the desks from then on."""
        at: dict[str, float] = {}
        threads: dict[str, list[str]] = defaultdict(list)
        for post in (*self.telegram.posts(), *self.slack.posts()):
            for mark in MARK.findall(post.text) if post.at >= since else ():
                at[mark] = min(post.at, at.get(mark, post.at))
                threads[mark].append(post.thread)
        return Seen(at, threads, self.telegram.topics())


async def _main() -> None:
    world = World()
    async with AsyncExitStack() as stack:
        say(await world.open(stack))

        async def answer(line: bytes) -> Seen:
            return world.seen(msgspec.json.decode(line, type=float))

        await answer_lines(answer)


if __name__ == "__main__":
    asyncio.run(_main())

"""A desk of either network as a person uses it: the same gestures, so that the same dialogs are held on both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from hub.admin_bot.slack.front_end import Hears
from hub.domain.ids import Identity, PostId, ThreadId
from hub.domain.ports import Desk, FrontEnd
from hub.sandbox.telegram import Limits, TelegramStandIn, serve
from tests.admin_bot.slack import town as slack
from tests.admin_bot.telegram import town as telegram


class Hands(Protocol):
    """Ann and Bob at a desk. What they do is heard when `hear` returns."""

    network: str
    chat: str
    sign: str
    """What a command begins with in a contact's place."""
    front_end: FrontEnd
    desk: Desk

    def identity(self, who: str) -> Identity: ...
    def serve(self, counter: Hears) -> None: ...
    async def hear(self) -> None: ...
    def say(self, who: str, words: str, thread: str = "") -> PostId: ...
    def edit(self, who: str, post: PostId, words: str) -> None: ...
    def react(self, who: str, post: PostId, emoji: str) -> None: ...
    async def press(self, who: str, post: PostId, label: str) -> None: ...
    async def press_told(self, who: str, label: str) -> None: ...
    def told(self, who: str) -> list[str]: ...
    def words(self, thread: ThreadId, post: PostId) -> str: ...
    def lose(self, thread: ThreadId) -> None: ...
    def odd(self) -> list[Any]: ...


class TelegramHands:
    """In a topic of a group."""

    network, sign = "telegram", "/"

    def __init__(self, town: telegram.Town) -> None:
        self.town = town
        self.front_end: FrontEnd = town.front_end
        self.desk: Desk = town.desk
        self.chat = str(town.forum.id)
        self._alerts: list[Any] = []

    def _who(self, name: str) -> Any:
        return self.town.ann if name == "Ann" else self.town.bob

    def identity(self, who: str) -> Identity:
        return Identity(f"telegram:{self._who(who).id}")

    def serve(self, counter: Hears) -> None:
        self.town.serve(counter)

    async def hear(self) -> None:
        await self.town.hear()

    def say(self, who: str, words: str, thread: str = "") -> PostId:
        where = {"thread": int(thread)} if thread else {}
        return PostId(str(self.town.world.say(self._who(who), self.town.forum, words, **where)["message_id"]))

    def edit(self, who: str, post: PostId, words: str) -> None:
        self.town.world.edit(self._who(who), self.town.forum, int(post), words)

    def react(self, who: str, post: PostId, emoji: str) -> None:
        self.town.world.react(self._who(who), self.town.forum, int(post), emoji)

    async def press(self, who: str, post: PostId, label: str) -> None:
        self._alerts.append(self.town.world.press(self._who(who), self.town.forum, int(post), label))
        await self.hear()

    async def press_told(self, who: str, label: str) -> None:
        for message in reversed(self.town.world.ephemeral(self.town.forum, self._who(who))):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            if any(label == b["text"] for row in rows for b in row):
                number = message["ephemeral_message_id"]
                self.town.world.press_ephemeral(self._who(who), self.town.forum, number, label)
                await self.hear()
                return
        raise AssertionError(f"nobody showed {who} a button {label!r}")

    def told(self, who: str) -> list[str]:
        whispers = [m["text"] for m in self.town.world.ephemeral(self.town.forum, self._who(who))]
        return [*whispers, *(tap.text for tap in self._alerts if tap.alert)]

    def words(self, thread: ThreadId, post: PostId) -> str:
        del thread
        return str(self.town.world.message(self.town.forum, int(post))["text"]).replace("\u2060", "")

    def lose(self, thread: ThreadId) -> None:
        self.town.world.delete_topic(self.town.ann, self.town.forum, int(thread))

    def odd(self) -> list[Any]:
        return self.town.odd


class SlackHands:
    """In a thread of a channel."""

    network, sign = "slack", "!"

    def __init__(self, town: slack.Town) -> None:
        self.town = town
        self.front_end: FrontEnd = town.front_end
        self.desk: Desk = town.desk
        self.chat = town.chat

    def _who(self, name: str) -> Any:
        return self.town.ann if name == "Ann" else self.town.bob

    def identity(self, who: str) -> Identity:
        return Identity(f"slack:{self.town.team.id}:{self._who(who).id}")

    def serve(self, counter: Hears) -> None:
        self.town.serve(counter)

    async def hear(self) -> None:
        await self.town.hear()
        while self.town.front_end._tasks:
            await self.town.settle()
        await self.town.hear()

    def say(self, who: str, words: str, thread: str = "") -> PostId:
        message = self.town.world.say(
            self._who(who), self.town.channel, words, **({"thread": thread} if thread else {})
        )
        return PostId(message["ts"])

    def edit(self, who: str, post: PostId, words: str) -> None:
        self.town.world.edit(self._who(who), self.town.channel, post, words)

    def react(self, who: str, post: PostId, emoji: str) -> None:
        from hub.admin_bot.slack.emoji import name_of

        self.town.world.react(self._who(who), self.town.channel, post, name_of(emoji))

    async def press(self, who: str, post: PostId, label: str) -> None:
        await self.town.world.press(self._who(who), self.town.channel, post, label).answer()
        await self.hear()

    async def press_told(self, who: str, label: str) -> None:
        for message in reversed(self.town.whispers(self._who(who))):
            if label in slack.labels(message):
                await self.press(who, PostId(message["ts"]), label)
                return
        raise AssertionError(f"nobody showed {who} a button {label!r}")

    def told(self, who: str) -> list[str]:
        return [slack.shown(m) for m in self.town.whispers(self._who(who))]

    def words(self, thread: ThreadId, post: PostId) -> str:
        (message,) = [m for m in self.town.world.thread(self.town.channel, thread) if m["ts"] == post]
        return slack.shown(message)

    def lose(self, thread: ThreadId) -> None:
        root = self.town.world.message(self.town.channel, thread)
        self.town.world.remove(self.town.channel, root)
        self.town.channel.messages.pop(thread, None)

    def odd(self) -> list[Any]:
        return self.town.odd


@asynccontextmanager
async def hands_on(network: str) -> AsyncIterator[Hands]:
    """A desk of the network, with its stand-in."""
    if network == "slack":
        async with slack.slack_town() as town:
            yield SlackHands(town)
        return
    world = TelegramStandIn(Limits.off())
    server = await serve(world, port=0, retry_scale=0.01)
    other = telegram.Town(world, server.url)
    yield TelegramHands(other)
    await other.front_end.close()
    await server.close()

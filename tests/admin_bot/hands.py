"""A desk of either network as a person uses it: the same gestures, so that the same dialogs are held on both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from hub.admin_bot.registry import commands
from hub.admin_bot.slack.emoji import name_of
from hub.admin_bot.slack.front_end import Hears
from hub.domain.ids import Identity, PostId, ThreadId
from hub.domain.ports import Desk, FrontEnd
from hub.sandbox.telegram import Limits, TelegramStandIn, serve
from tests.admin_bot.slack import town as slack
from tests.admin_bot.telegram import town as telegram

WAYS = (
    "telegram topic",
    "telegram general",
    "slack thread",
    "slack mention",
    "slack channel",
    "slack slash",
)
"""How a command can be typed: in a contact's place (topic, thread, and there by the app's name), at home, and behind
Slack's slash.
"""
INSIDE = ("topic", "thread", "mention")


class Hands(Protocol):
    """Ann and Bob at a desk, and Eve, who sits in its chat and is no member. What is not awaited is heard when `hear`
    returns.
    """

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
    async def type(self, who: str, line: str, way: str, thread: str = "") -> None:
        """Types a command, given without its sign."""

    async def whisper(self, who: str, words: str) -> None:
        """Writes in the private chat with the bot."""

    async def drop(self, who: str, name: str, content: bytes, caption: str = "", thread: str | None = None) -> None:
        """Sends a file into the private chat with the bot; with a thread, there or (if empty) at home."""

    def given(self, who: str) -> list[tuple[str, bytes]]:
        """The files that the bot gave them in private: what each is called, and what is in it."""

    async def answer(self, who: str, words: str, thread: str = "", field: str = "") -> None:
        """Answers the bot's last question where it was asked: in a dialog's field, or in the place."""

    async def confide(self, who: str, words: str) -> None:
        """Answers what was asked in the private chat: there, or in a dialog."""

    def dialog(self, who: str) -> str:
        """What the dialog that they see says; empty: they see none."""

    def dismiss(self, who: str) -> None:
        """Closes that dialog, if there is one."""

    def told(self, who: str) -> list[str]: ...
    def confided(self, who: str) -> list[str]:
        """What the bot said in the private chat."""

    def posted(self, thread: str) -> list[tuple[PostId, str]]:
        """What the bot said for all to see, in the thread and at home."""

    def labels(self, who: str) -> list[str]:
        """What the newest answer with buttons that they alone see has to press."""

    def labels_of(self, post: PostId, thread: str) -> list[str]:
        """What stands under what was said for all to see."""

    async def press_confided(self, who: str, label: str, of: str = "") -> None:
        """Presses the newest button of that name in the private chat, under words that hold `of`."""

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
        return next(u for u in self.town.world.users.values() if u.first_name == name)

    def identity(self, who: str) -> Identity:
        return Identity(f"telegram:{self._who(who).id}")

    def serve(self, counter: Hears) -> None:
        self.town.serve(counter)

    async def hear(self) -> None:
        await self.town.hear()

    def say(self, who: str, words: str, thread: str = "") -> PostId:
        where: dict[str, Any] = {"thread": int(thread)} if thread else {}
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
            if label in _labels(message):
                number = message["ephemeral_message_id"]
                self.town.world.press_ephemeral(self._who(who), self.town.forum, number, label)
                await self.hear()
                return
        raise AssertionError(f"nobody showed {who} a button {label!r}")

    async def type(self, who: str, line: str, way: str, thread: str = "") -> None:
        self.say(who, f"/{line}", thread if way in INSIDE else "")
        await self.hear()

    async def whisper(self, who: str, words: str) -> None:
        self.town.world.say(self._who(who), self.town.bot, words)
        await self.hear()

    async def drop(self, who: str, name: str, content: bytes, caption: str = "", thread: str | None = None) -> None:
        where = self.town.bot if thread is None else self.town.forum
        how: dict[str, Any] = {"thread": int(thread)} if thread else {}
        self.town.world.send_media(self._who(who), where, "document", content, file_name=name, caption=caption, **how)
        await self.hear()

    def given(self, who: str) -> list[tuple[str, bytes]]:
        said = (m for m in self.town.world.private(self._who(who), self.town.bot) if {"document", "photo"} & m.keys())
        named = [m.get("document") or m["photo"][-1] for m in said if m["from"]["id"] == self.town.bot.id]
        files = [self.town.world.files.by_key(each["file_id"]) for each in named]
        return [(file.name, file.content) for file in files]

    async def answer(self, who: str, words: str, thread: str = "", field: str = "") -> None:
        del field
        world, forum = self.town.world, self.town.forum
        shown = world.prompt(forum, self._who(who))
        how: dict[str, Any] = {"reply_to": shown["message_id"]} if shown else {}
        if thread:
            how["thread"] = int(thread)
        world.say(self._who(who), forum, words, **how)
        await self.hear()

    async def confide(self, who: str, words: str) -> None:
        await self.whisper(who, words)

    def dialog(self, who: str) -> str:
        del who
        return ""

    def dismiss(self, who: str) -> None:
        pass

    def confided(self, who: str) -> list[str]:
        found = self.town.world.private(self._who(who), self.town.bot)
        return [_words(m) for m in found if m["from"]["id"] == self.town.bot.id]

    def posted(self, thread: str) -> list[tuple[PostId, str]]:
        return [(PostId(str(m["message_id"])), _words(m)) for m in self._posts(thread)]

    def _posts(self, thread: str) -> list[Any]:
        world, forum = self.town.world, self.town.forum
        found = [*(world.history(forum, int(thread)) if thread else []), *world.history(forum, forum.general.id)]
        return [m for m in found if m["from"]["id"] == self.town.bot.id and "text" in m]

    def labels(self, who: str) -> list[str]:
        whispers = self.town.world.ephemeral(self.town.forum, self._who(who))
        return next((_labels(m) for m in reversed(whispers) if _labels(m)), [])

    def labels_of(self, post: PostId, thread: str) -> list[str]:
        del thread
        return _labels(self.town.world.message(self.town.forum, int(post)))

    async def press_confided(self, who: str, label: str, of: str = "") -> None:
        found = self.town.world.private(self._who(who), self.town.bot)
        message = next(m for m in reversed(found) if label in _labels(m) and of in _words(m))
        self._alerts.append(self.town.world.press(self._who(who), self.town.bot, message["message_id"], label))
        await self.hear()

    def told(self, who: str) -> list[str]:
        whispers = [_words(m) for m in self.town.world.ephemeral(self.town.forum, self._who(who))]
        return [*whispers, *(tap.text for tap in self._alerts if tap.alert)]

    def words(self, thread: ThreadId, post: PostId) -> str:
        del thread
        return _words(self.town.world.message(self.town.forum, int(post)))

    def lose(self, thread: ThreadId) -> None:
        self.town.world.delete_topic(self.town.ann, self.town.forum, int(thread))

    def odd(self) -> list[Any]:
        return self.town.odd


def _labels(message: Any) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [b["text"] for row in rows for b in row]


def _words(message: Any) -> str:
    """Without what keeps a contact's words from being links."""
    return str(message.get("text", "")).replace("\u2060", "")


class SlackHands:
    """In a thread of a channel."""

    network, sign = "slack", "!"

    def __init__(self, town: slack.Town) -> None:
        self.town = town
        self.front_end: FrontEnd = town.front_end
        self.desk: Desk = town.desk
        self.chat = town.chat

    def _who(self, name: str) -> Any:
        return next(u for u in self.town.world.users.values() if u.real_name.startswith(name))

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
        where: dict[str, Any] = {"thread": thread} if thread else {}
        message = self.town.world.say(self._who(who), self.town.channel, words, **where)
        return PostId(message["ts"])

    def edit(self, who: str, post: PostId, words: str) -> None:
        self.town.world.edit(self._who(who), self.town.channel, post, words)

    def react(self, who: str, post: PostId, emoji: str) -> None:
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

    async def type(self, who: str, line: str, way: str, thread: str = "") -> None:
        world, channel, user = self.town.world, self.town.channel, self._who(who)
        match way:
            case "thread" | "channel":
                self.say(who, f"!{line}", thread if way == "thread" else "")
            case "mention":
                world.mention(user, channel, self.town.app, line, thread=thread)
            case "slash":
                knock = world.slash(user, channel, "/hub", line)
                assert await knock.answer() is None
                assert knock.trouble == ""
        await self.hear()

    async def whisper(self, who: str, words: str) -> None:
        self.town.world.say(self._who(who), self.town.app, words)
        await self.hear()

    async def drop(self, who: str, name: str, content: bytes, caption: str = "", thread: str | None = None) -> None:
        where = self.town.app if thread is None else self.town.channel
        self.town.world.upload(self._who(who), where, content, name, text=caption, thread=thread or "")
        await self.hear()

    def given(self, who: str) -> list[tuple[str, bytes]]:
        found = [m for m in self.town.world.private(self._who(who), self.town.app) if m.get("bot_id")]
        files = [self.town.world.files.by_id(f["id"]) for m in found for f in m.get("files", ())]
        return [(file.name, file.content) for file in files]

    def dialog(self, who: str) -> str:
        return str(self.town.world.modal(self._who(who)) or "")

    def dismiss(self, who: str) -> None:
        if self.dialog(who):
            self.town.world.close_modal(self._who(who))

    async def confide(self, who: str, words: str) -> None:
        if self.town.world.modal(self._who(who)) is not None:
            await self.answer(who, words)
        else:
            await self.whisper(who, words)

    async def answer(self, who: str, words: str, thread: str = "", field: str = "") -> None:
        world, user = self.town.world, self._who(who)
        modal = world.modal(user)
        if modal is not None:
            fields = [b["block_id"] for b in modal["blocks"] if b["type"] == "input"]
            await world.submit(user, {field or fields[-1]: words}).answer()
        elif thread:
            self.say(who, words, thread)
        else:
            asked = world.history(self.town.channel)[-1]["ts"]
            self.say(who, words, asked)
        await self.hear()

    def confided(self, who: str) -> list[str]:
        found = self.town.world.private(self._who(who), self.town.app)
        return [slack.shown(m) for m in found if m.get("bot_id")]

    def posted(self, thread: str) -> list[tuple[PostId, str]]:
        return [(PostId(m["ts"]), slack.shown(m)) for m in self._posts(thread)]

    def _posts(self, thread: str) -> list[Any]:
        world, channel = self.town.world, self.town.channel
        roots = world.history(channel)
        below = [m for root in roots if root["ts"] != thread for m in world.thread(channel, root["ts"])[1:]]
        found = [*(world.thread(channel, thread)[1:] if thread else []), *roots, *below]
        return [m for m in found if m.get("bot_id")]

    def labels(self, who: str) -> list[str]:
        whispers = self.town.whispers(self._who(who))
        return next((slack.labels(m) for m in reversed(whispers) if slack.labels(m)), [])

    def labels_of(self, post: PostId, thread: str) -> list[str]:
        return next((slack.labels(m) for m in self._posts(thread) if m["ts"] == post), [])

    async def press_confided(self, who: str, label: str, of: str = "") -> None:
        found = self.town.world.private(self._who(who), self.town.app)
        message = next(m for m in reversed(found) if label in slack.labels(m) and of in slack.shown(m))
        await self.town.world.press(self._who(who), self.town.app, message["ts"], label).answer()
        await self.hear()

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
            town.world.join(town.channel, town.world.add_user(town.team, "Eve"))
            yield SlackHands(town)
        return
    world = TelegramStandIn(Limits.off())
    server = await serve(world, port=0, retry_scale=0.01)
    other = telegram.Town(world, server.url)
    world.add_to_chat(other.forum, world.add_user("Eve"))
    await other.front_end.set_menus(commands())
    yield TelegramHands(other)
    await other.front_end.close()
    await server.close()

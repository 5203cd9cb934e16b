"""The world itself: who there is, which messages stand where, and which bots are told of what."""

import asyncio
import itertools
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hub.sandbox.telegram import updates
from hub.sandbox.telegram.accounts import Account, Bot, Chat, Json, Stored, Topic, User, make_token
from hub.sandbox.telegram.faults import Faults
from hub.sandbox.telegram.files import Files, for_bot
from hub.sandbox.telegram.limits import Limits, Meter

ANONYMOUS_ADMIN = User(1087968824, "Group", username="GroupAnonymousBot", language_code="")


@dataclass(frozen=True)
class Call:
    """One request a bot made. `params` never hold the token; `status` 0 means no answer was given."""

    at: float
    bot: str
    method: str
    params: Json
    status: int
    description: str
    chat_id: int | None
    cost: int


@dataclass(eq=False)
class CallbackTap:
    """A tap on a button, and what the bot answered to it. A tap on a link has `url` and asks no bot."""

    id: str
    bot: Bot
    user: User
    data: str
    at: float
    url: str = ""
    answered: bool = False
    text: str = ""
    alert: bool = False
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, seconds: float = 5.0) -> str:
        """Wait until the bot has answered; the text it showed. TimeoutError when it does not."""
        await asyncio.wait_for(self.heard.wait(), seconds)
        return self.text


@dataclass
class Post:
    """A message about to stand in a chat."""

    sender: Account
    fields: Json
    thread: int | None = None
    reply_to: int | None = None
    quote: Json | None = None
    service: bool = False
    origin: Json | None = None
    as_chat: bool = False
    silent: bool = False
    receiver: User | None = None


class Changes:
    """What happened, with a cursor, for pages that follow along. Old entries fall off the far end."""

    def __init__(self, keep: int = 10_000) -> None:
        self.cursor = 0
        self.came = asyncio.Event()
        self._entries: deque[Json] = deque(maxlen=keep)

    def add(self, kind: str, chat: Chat, **what: Any) -> None:
        """Note one change."""
        self.cursor += 1
        bot_id = chat.bot.id if chat.bot is not None else None
        self._entries.append({"cursor": self.cursor, "kind": kind, "chat_id": chat.id, "bot_id": bot_id} | what)
        self.came.set()
        self.came = asyncio.Event()

    def after(self, cursor: int) -> list[Json]:
        """All that is newer than the cursor."""
        newer = itertools.takewhile(lambda entry: entry["cursor"] > cursor, reversed(self._entries))
        return list(newer)[::-1]


class World:
    """State and its plainest changes. TelegramStandIn adds what people and tests do."""

    def __init__(
        self, limits: Limits | None = None, *, callback_seconds: float = 15.0, clock: Callable[[], float] = time.time
    ) -> None:
        self.clock = clock
        self.callback_seconds = callback_seconds
        self.faults = Faults()
        self.files = Files()
        self.meter = Meter(limits if limits is not None else Limits())
        self.changes = Changes()
        self.calls: list[Call] = []
        self.unimplemented: list[str] = []
        self.unknown_parameters: set[str] = set()
        self.bots: dict[int, Bot] = {}
        self.users: dict[int, User] = {ANONYMOUS_ADMIN.id: ANONYMOUS_ADMIN}
        self.chats: dict[int, Chat] = {}
        self.privates: dict[tuple[int, int], Chat] = {}
        self.taps: dict[str, CallbackTap] = {}
        self.albums: dict[str, str] = {}
        self.prompts: dict[tuple[int, int], Json] = {}
        self._bot_ids: Iterator[int] = itertools.count(7_000_000_001)
        self._user_ids: Iterator[int] = itertools.count(5_100_000_001)
        self._group_ids: Iterator[int] = itertools.count(4_000_000_001)
        self._supergroup_ids: Iterator[int] = itertools.count(1_002_000_000_001)
        self._departed = asyncio.Event()

    # -- who there is ------------------------------------------------------------------------------------------

    def add_bot(self, username: str, name: str = "", privacy: bool = True) -> Bot:
        """A new bot, as @BotFather makes one."""
        bot_id = next(self._bot_ids)
        bot = Bot(bot_id, username, name or username, privacy, make_token(bot_id))
        bot.inbox.on_departure = self._note_departure
        self.bots[bot_id] = bot
        return bot

    def add_user(self, first_name: str, last_name: str = "", username: str = "", language_code: str = "en") -> User:
        """A new person."""
        user = User(next(self._user_ids), first_name, last_name, username, language_code)
        self.users[user.id] = user
        return user

    def bot_of(self, token: str) -> Bot | None:
        """The bot a token belongs to."""
        bot = self.bots.get(int(token.partition(":")[0])) if token.partition(":")[0].isdigit() else None
        return bot if bot is not None and secrets.compare_digest(bot.token.encode(), token.encode()) else None

    def acquainted(self, user: User, bot: Bot) -> bool:
        """Whether the bot has met the person: in private, or in a group that both were in."""
        met = (chat.members for chat in self.chats.values())
        return (bot.id, user.id) in self.privates or any({user.id, bot.id} <= m.keys() for m in met)

    def private_chat(self, user: User, bot: Bot) -> Chat:
        """The chat of a person with a bot, made when first needed."""
        key = (bot.id, user.id)
        if key not in self.privates:
            self.privates[key] = Chat(user.id, "private", person=user, bot=bot, message_ids=bot.message_ids)
        return self.privates[key]

    # -- messages ----------------------------------------------------------------------------------------------

    def store(self, chat: Chat, post: Post) -> Stored:
        """Put a message into a chat; nobody is told yet but the pages that follow along."""
        whisper = post.receiver is not None
        number = 0 if whisper else next(chat.message_ids)
        thread = number if "forum_topic_created" in post.fields else post.thread
        body: Json = {"message_id": number, "date": int(self.clock()), "chat": chat.as_json()}
        body |= self._sender(chat, post) | self._place(chat, thread, post.reply_to) | self._extras(chat, post)
        stored = Stored(chat, body | post.fields, post.sender, thread, post.reply_to, post.service)
        if post.receiver is not None:
            stored.receiver = post.receiver
            chat.whispers[post.receiver.id, body["ephemeral_message_id"]] = stored
        else:
            chat.messages[number] = stored
        self.changes.add("ephemeral" if whisper else "message", chat, message=self.render(stored))
        return stored

    def _sender(self, chat: Chat, post: Post) -> Json:
        if post.as_chat:
            return {"from": ANONYMOUS_ADMIN.as_json() | {"is_bot": True}, "sender_chat": chat.as_json()}
        return {"from": post.sender.as_json()}

    def _place(self, chat: Chat, thread: int | None, reply_to: int | None) -> Json:
        if thread is not None:
            return {"message_thread_id": thread, "is_topic_message": True}
        replied = chat.messages.get(reply_to or 0)
        if replied is None or chat.kind != "supergroup":
            return {}
        # A reply outside topics carries its chain's first message as thread: misleading, and true to the network.
        return {"message_thread_id": replied.body.get("message_thread_id", replied.id)}

    def _extras(self, chat: Chat, post: Post) -> Json:
        shape: Json = {}
        if post.quote is not None:
            shape["quote"] = post.quote
        if post.origin is not None:
            shape["forward_origin"] = post.origin
        if post.receiver is not None:
            shape |= {"ephemeral_message_id": next(chat.whisper_ids), "receiver_user": post.receiver.as_json()}
        return shape

    def render(self, stored: Stored, reader: Bot | None = None, *, nested: bool = False) -> Json:
        """A message as one bot sees it (its own file ids), or neutrally. A nested one shows no further reply."""
        body = dict(stored.body) if reader is None else for_bot(stored.body, reader.id)
        for name in ("entities", "caption_entities"):
            if name in body:
                body[name] = [self._introduced(entity) for entity in body[name]]
        if nested:
            return body
        replied = stored.chat.messages.get(stored.reply_to or stored.thread or 0)
        if replied is not None and replied is not stored:
            body["reply_to_message"] = self.render(replied, reader, nested=True)
        pinned = body.get("pinned_message")
        if isinstance(pinned, int):
            body["pinned_message"] = self._pinned(stored.chat, pinned, reader)
        return body

    def _introduced(self, entity: Json) -> Json:
        """A mention of a person by number, with who that is."""
        known = self.users.get(entity.get("user", {}).get("id", 0))
        return entity | {"user": known.as_json()} if known is not None else entity

    def _pinned(self, chat: Chat, message_id: int, reader: Bot | None) -> Json:
        pinned = chat.messages.get(message_id)
        if pinned is None:
            return {"chat": chat.as_json(), "message_id": message_id, "date": 0}
        return self.render(pinned, reader, nested=True)

    # -- who is told -------------------------------------------------------------------------------------------

    def tell(self, stored: Stored, kind: str = "message") -> None:
        """Queue a message's update for each bot that the network would tell."""
        for bot in stored.chat.bots():
            if self._hears(bot, stored):
                bot.inbox.push(kind, self.render(stored, bot), stored.chat.id)

    def _hears(self, bot: Bot, stored: Stored) -> bool:
        if stored.service:
            return True
        if isinstance(stored.sender, Bot):
            return False
        if stored.chat.bot is bot:
            return True
        member = stored.chat.members[bot.id]
        return not bot.privacy or member.leads() or self._meant_for(bot, stored)

    def _meant_for(self, bot: Bot, stored: Stored) -> bool:
        replied = stored.chat.messages.get(stored.reply_to or 0)
        if replied is not None and replied.sender is bot:
            return True
        text = str(stored.body.get("text") or stored.body.get("caption") or "")
        first = text.split(maxsplit=1)[0] if text.startswith("/") and text.strip() else ""
        named = first.partition("@")[2]
        return bool(first) and (not named or named.lower() == bot.username.lower())

    def announce(self, chat: Chat, sender: Account, fields: Json, thread: int | None = None) -> Stored:
        """A service message: stored, and told to every bot, also to the one that caused it."""
        stored = self.store(chat, Post(sender, fields, thread, service=True))
        self.tell(stored)
        return stored

    def push_reaction(self, stored: Stored, user: User, old: list[str], new: list[str]) -> None:
        """Tell of a person's reaction: only admins and a private chat's bot, and without any topic."""
        shape = {
            "chat": stored.chat.as_json(),
            "message_id": stored.id,
            "user": user.as_json(),
            "date": int(self.clock()),
            "old_reaction": [{"type": "emoji", "emoji": emoji} for emoji in old],
            "new_reaction": [{"type": "emoji", "emoji": emoji} for emoji in new],
        }
        for bot in stored.chat.bots():
            if stored.chat.bot is bot or stored.chat.members[bot.id].leads():
                bot.inbox.push("message_reaction", shape, stored.chat.id + updates.QUEUE_OF_REACTIONS)

    # -- topics ------------------------------------------------------------------------------------------------

    def open_topic(self, chat: Chat, creator: Account, topic: Topic) -> Topic:
        """Create a topic; its service message's number is its id."""
        fields = topic.as_json()
        del fields["message_thread_id"]
        stored = self.store(chat, Post(creator, {"forum_topic_created": fields}, service=True))
        topic.id, topic.creator_id = stored.id, creator.id
        chat.topics[topic.id] = topic
        self.tell(stored)
        self.changes.add("topic", chat, topic=topic.as_json() | {"closed": topic.closed})
        return topic

    def drop_topic(self, chat: Chat, topic_id: int) -> None:
        """Delete a topic with all in it; the network tells no bot."""
        chat.topics.pop(topic_id, None)
        gone = [number for number, stored in chat.messages.items() if stored.thread == topic_id]
        for number in gone:
            del chat.messages[number]
        self.changes.add("topic_deleted", chat, message_thread_id=topic_id)

    # -- settling ----------------------------------------------------------------------------------------------

    def settled_now(self) -> bool:
        """Whether nothing waits for any bot that listens."""
        return not any(bot.inbox.waiting and bot.inbox.listening() for bot in self.bots.values())

    async def settled(self, seconds: float = 10.0) -> None:
        """Wait until every queued update was delivered and acknowledged. TimeoutError after `seconds`.

        Updates held back for reordering are let go first. Bots that neither poll nor have a webhook are not waited for.
        """
        for bot in self.bots.values():
            bot.inbox.release()
        async with asyncio.timeout(seconds):
            while not self.settled_now():
                await self._departed.wait()

    def _note_departure(self) -> None:
        self._departed.set()
        self._departed = asyncio.Event()

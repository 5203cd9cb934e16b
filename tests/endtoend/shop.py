"""A shop that was set up by chat, and the contacts who write to it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from hub.domain.models import Member, Message, Record
from hub.domain.ports import Query
from hub.sandbox.telegram import TelegramStandIn
from hub.sandbox.telegram.accounts import Bot, Chat, Json, Topic, User
from hub.settings import Settings
from tests.endtoend.town import Town, labels, town, until, words_of

_numbers = itertools.count(1)
STEP_DONE = "✓ "
"""How the admin bot begins what it tells an owner of a first step."""
SENDING = ("send", "copy", "forward", "edit", "delete", "setmessagereaction")
"""How the names of methods begin that a contact would notice."""


@dataclass
class Shop:
    """A workspace as its people see it: an owner, an agent, their group, and the bot that contacts write to."""

    town: Town
    name: str = "shop"
    workspace: str = ""
    channel: str = ""

    def __post_init__(self) -> None:
        net, name = self.net, self.name
        self.bot: Bot = net.add_bot(f"{name}_bot", name.capitalize())
        self.olivia: User = net.add_user("Olivia", username=f"olivia_{name}")
        self.bob: User = net.add_user("Bob", username=f"bob_{name}")
        self.group: Chat = net.add_forum(f"{name} team", members=[self.olivia, self.bob], admins=[self.admin])

    @property
    def net(self) -> TelegramStandIn:
        """The network."""
        return self.town.net

    @property
    def admin(self) -> Bot:
        """The admin bot, which all shops share."""
        return self.town.admin

    # -- setting up, by chat --

    async def found(self) -> None:
        """Makes Olivia the owner of a new workspace."""
        code = await self.town.hub.store.directory.issue_token("init", {}, 600)
        await self.ask(self.olivia, f"/start {code}")
        user = await self.town.hub.store.directory.user_by_identity(f"telegram:{self.olivia.id}")
        assert user is not None
        self.workspace = user.workspaces[0]

    async def connect(self) -> None:
        """Connects the shop's bot."""
        said = await self.ask(self.olivia, f"/channel connect telegram {self.bot.token}")
        assert "@" in said, said
        route = await self.town.hub.store.directory.route("channel", f"telegram:{self.bot.id}")
        assert route is not None
        self.channel = route[1]

    async def bind(self, group: Chat | None = None) -> None:
        """Makes the group the desk."""
        group = group or self.group
        self.net.say(self.olivia, group, "/desk here")
        await until(lambda: self.cards(group), "the queue card in General")

    async def invite(self, user: User, role: str = "agent") -> str:
        """Lets somebody in; gives the token of the link."""
        token = await self.invitation(role)
        await self.ask(user, f"/start {token}")
        return token

    async def invitation(self, role: str = "agent") -> str:
        """The token of a new invitation."""
        said = await self.ask(self.olivia, f"/invite {role}")
        return said.partition("start=")[2].split()[0]

    async def set_up(self) -> None:
        """All of it."""
        await self.found()
        await self.connect()
        await self.bind()
        await self.invite(self.bob)

    async def ask(self, user: User, text: str) -> str:
        """Says something to the admin bot in private; gives its answer."""
        before = len(self.told(user))
        self.net.say(user, self.admin, text)
        await until(lambda: len(self.told(user)) > before, f"an answer to {text.split(maxsplit=1)[0]}")
        return self.told(user)[-1]

    def told(self, user: User) -> list[str]:
        """What the admin bot said to somebody in private, but that a first step is done, which comes unasked."""
        said = [words_of(m) for m in self.net.private(user, self.admin) if m["from"]["id"] == self.admin.id]
        return [words for words in said if not words.startswith(STEP_DONE)]

    # -- what is kept --

    async def kept(self, kind: type[Record], **where: object) -> list[Any]:
        """What the workspace keeps of a kind."""
        workspace = self.town.hub.store.workspace(self.workspace)
        return await workspace.query(kind, Query(where=where, order="id"))

    async def member(self, user: User) -> Member:
        """Somebody's part in the workspace."""
        return next(m for m in await self.kept(Member) if f"telegram:{user.id}" in m.identities)

    async def said(self, text: str) -> Message:
        """The one message that says it, as soon as it is kept."""

        async def found() -> list[Message]:
            return [m for m in await self.kept(Message) if m.text.plain == text]

        (message,) = await until(found, f"“{text}” to be kept")
        return message  # type: ignore[no-any-return]

    # -- what is to be seen --

    def cards(self, group: Chat | None = None) -> list[Json]:
        """The queue cards in General."""
        home = self.net.history(group or self.group, 1)
        return [m for m in home if m["from"]["id"] == self.admin.id and "aiting" in words_of(m)]

    def home(self) -> list[Json]:
        """All messages in General, but service messages."""
        return [m for m in self.net.history(self.group, 1) if words_of(m)]

    def whispers(self, user: User, thread: int | None = None) -> list[Json]:
        """What the hub told somebody alone: in that topic, else in General."""
        found = self.net.ephemeral(self.group, user)
        return [m for m in found if m["from"]["id"] == self.admin.id and m.get("message_thread_id") == thread]

    # -- contacts --

    def newcomer(self, name: str = "ann") -> Talk:
        """Somebody who has never written to the shop, under a name that nobody else has."""
        return Talk(self, self.net.add_user(f"{name}{next(_numbers)}"))

    async def arrive(self, text: str = "hello", name: str = "ann") -> Talk:
        """A contact who has just written, with their topic and everything settled."""
        talk = self.newcomer(name)
        talk.say(text)
        await until(talk.there, f"the topic of {talk.name}")
        await until(lambda: text in " ".join(talk.desk()), "the first message on the desk")
        return talk

    # -- calls --

    def outward(self, since: int = 0, user: User | None = None) -> list[Any]:
        """The calls of the shop's bot that a contact would notice."""
        calls = [c for c in self.net.calls[since:] if c.bot == self.bot.username]
        return [
            c
            for c in calls
            if c.method.lower().startswith(SENDING)
            and not c.method.lower().startswith("deletewebhook")
            and (user is None or c.chat_id == user.id)
        ]


@dataclass
class Talk:
    """A contact, and their topic on the desk."""

    shop: Shop
    person: User

    @property
    def net(self) -> TelegramStandIn:
        """The network."""
        return self.shop.net

    @property
    def name(self) -> str:
        """What the contact is called."""
        return self.person.first_name

    @property
    def topic(self) -> Topic:
        """Their newest topic."""
        return self.topics()[-1]

    def topics(self) -> list[Topic]:
        """All topics of that name; a state mark before it does not count."""
        return [t for t in self.net.topics(self.shop.group) if t.name.split(" ")[-1] == self.name]

    def there(self) -> bool:
        """Whether they have a topic."""
        return bool(self.topics())

    # -- the contact --

    def say(self, text: str, **how: Any) -> Json:
        """They write to the shop."""
        return self.net.say(self.person, self.shop.bot, text, **how)

    def send(self, kind: str, data: bytes = b"content", **how: Any) -> Json:
        """They send the shop a file."""
        return self.net.send_media(self.person, self.shop.bot, kind, data, **how)

    def phone(self) -> list[Json]:
        """What the shop's bot said to them."""
        return [m for m in self.net.private(self.person, self.shop.bot) if m["from"]["id"] == self.shop.bot.id]

    def heard(self) -> list[str]:
        """The words of it."""
        return [words_of(m) for m in self.phone()]

    # -- the desk --

    def posts(self) -> list[Json]:
        """What the hub shows in the topic."""
        found = self.net.history(self.shop.group, self.topic.id) if self.there() else []
        mine = [m for m in found if m["from"]["id"] == self.shop.admin.id]
        return [m for m in mine if not any(k.startswith(("forum_topic", "pinned")) for k in m)]

    def desk(self) -> list[str]:
        """The words of it."""
        return [words_of(m) for m in self.posts()]

    def post(self, text: str) -> Json | None:
        """The newest post in the topic that says it; None where there is none."""
        return next((m for m in reversed(self.posts()) if text in words_of(m)), None)

    async def sees(self, text: str) -> Json:
        """That post, as soon as it is there."""
        return await until(lambda: self.post(text), f"“{text}” in the topic of {self.name}; it says {self.desk()}")

    def write(self, text: str, by: User | None = None, **how: Any) -> Json:
        """An agent writes in the topic."""
        return self.net.say(by or self.shop.bob, self.shop.group, text, thread=self.topic.id, **how)

    def answer(self, kind: str, data: bytes = b"content", by: User | None = None, **how: Any) -> Json:
        """An agent sends a file in the topic."""
        how.setdefault("thread", self.topic.id)
        return self.net.send_media(by or self.shop.bob, self.shop.group, kind, data, **how)

    def marks(self, post: Json) -> list[str]:
        """The hub's reactions on a post."""
        return self.net.reactions(self.shop.group, post["message_id"]).get(str(self.shop.admin.id), [])

    def to(self, user: User) -> list[str]:
        """What the hub says here that this person sees: posts, and what is for their eyes alone."""
        return self.desk() + [words_of(m) for m in self.shop.whispers(user, self.topic.id)]

    async def told(self, user: User, text: str) -> str:
        """What the hub says here to this person with these words in it, as soon as it does."""

        def found() -> str | None:
            return next((t for t in reversed(self.to(user)) if text in t), None)

        said = await until(found, f"{user.first_name} to be told “{text}”; is told {self.to(user)[-4:]}")
        return str(said)

    async def press(self, user: User, label: str, within: str = "") -> Any:
        """Presses the newest button that begins so, under words that hold `within`; gives the tap, answered."""

        def found() -> tuple[Json, str] | None:
            return self.button(user, label, within)

        message, full = await until(found, f"a button {label} for {user.first_name}")
        whisper = message.get("ephemeral_message_id")
        if whisper:
            tap = self.net.press_ephemeral(user, self.shop.group, whisper, full)
        else:
            tap = self.net.press(user, self.shop.group, message["message_id"], full)
        await tap.answer(20)
        return tap

    def button(self, user: User, label: str, within: str = "") -> tuple[Json, str] | None:
        """The newest message with such a button, and the whole label."""
        for message in [*reversed(self.shop.whispers(user, self.topic.id)), *reversed(self.posts())]:
            full = next((each for each in labels(message) if each.startswith(label)), None)
            if full is not None and within in words_of(message):
                return message, full
        return None


@asynccontextmanager
async def shop_in(base: Settings, **options: Any) -> AsyncIterator[Shop]:
    """A town with one shop, set up and quiet."""
    async with town(base, **options) as place:
        shop = Shop(place)
        await shop.set_up()
        await place.quiet()
        yield shop

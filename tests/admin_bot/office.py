"""A workspace whose owner is Ann and whose agent is Bob, at one desk, with a channel that a contact writes to: the real
counter and a real store on the one side of the front end, the stand-in on the other.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from hub.admin_bot.call import Services
from hub.admin_bot.counter import Counter as TheCounter
from hub.admin_bot.registry import commands
from hub.app.reception import open_reception
from hub.domain import arrivals, desks, members, standing
from hub.domain.accounts.models import Session, User
from hub.domain.accounts.reception import Reception
from hub.domain.arrivals import Arrival
from hub.domain.ids import Address, ChannelId, DeskId, ExternalId, Identity, PostId, ThreadId, UserId, new_id
from hub.domain.incoming import Person, Said
from hub.domain.models import (
    Category,
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    DeskItem,
    Member,
    Message,
    Place,
    Post,
    Preferences,
    Reach,
    Tag,
    now,
    post_key,
)
from hub.domain.ports import Capabilities, CardView, FrontEnd, Query, RelayView, Tx
from hub.domain.text import Text
from hub.domain.timing import offers
from hub.domain.work import Relay, Send, Work, desk_lane
from hub.settings import Settings
from hub.store import MongoWorkspace, Store, open_store
from tests.admin_bot.counter_desk import ShopConnector
from tests.admin_bot.gallery import Gallery
from tests.admin_bot.hands import INSIDE, Hands, hands_on

CHANNEL, OTHER = ChannelId("shop"), ChannelId("other")
ACCOUNT = "77"
"""Whose token is `counter_desk.TOKEN`."""
_numbers = count(1)


def reception_of(store: Store, front_end: FrontEnd, workspace: MongoWorkspace) -> Reception:
    """A reception whose mail nobody gets."""

    async def the_workspace(id: str) -> MongoWorkspace:
        return workspace if id == workspace.id else store.workspace(id)

    settings = Settings(data_dir=Path(tempfile.gettempdir()), public_url="https://hub.example")
    return open_reception(settings, store, {front_end.network: front_end}, the_workspace)


class Office:
    """What a dialog needs of the workspace."""

    def __init__(self, hands: Hands, workspace: MongoWorkspace) -> None:
        self.hands = hands
        self.workspace = workspace
        self.desk = DeskId("")
        self.written = 0
        self.gallery = Gallery()

    async def open(self, store: Store) -> None:
        """Founds it, and stands at the counter."""
        self.store = store
        self.reception = reception_of(store, self.hands.front_end, self.workspace)
        directory = store.directory
        ann = await directory.ensure_user(self.hands.identity("Ann"), "Ann", "ann")
        bob = await directory.ensure_user(self.hands.identity("Bob"), "Bob", "bob")

        async def deed(tx: Tx) -> DeskItem:
            await members.found(tx, "Shop", ann)
            await members.admit(tx, bob, "agent")
            tx.add(ChannelItem(id=CHANNEL, network="telegram", name="Shop bot", account="5"))
            return await desks.bind(tx, self.hands.network, self.hands.chat, "Team", DeskId("desk1"))

        self.desk = (await self.workspace.run(deed)).id
        await directory.join(ann.id, self.workspace.id, "admin")
        await directory.join(bob.id, self.workspace.id)
        await directory.claim_route("desk", f"{self.hands.network}:{self.hands.chat}", self.workspace.id, self.desk)
        self.restart()

    def restart(self) -> None:
        """Another counter, which knows nothing but what is in the database."""
        self.hands.serve(TheCounter(self._services(self.store)))

    def _services(self, store: Store) -> Services:
        async def nothing(*_: str) -> Any:
            return []

        async def nowhere(*_: str) -> str:
            return ""

        async def the_workspace(id: str) -> MongoWorkspace:
            return self.workspace if id == self.workspace.id else store.workspace(id)

        return Services(
            directory=store.directory,
            organizations=store.organizations,
            workspace=the_workspace,
            vault=store.vault,
            reception=self.reception,
            connectors={"telegram": ShopConnector(ACCOUNT)},
            front_ends={self.hands.network: self.hands.front_end},
            channel_changed=nothing,
            channel_of=lambda _, __: Capabilities(
                text_limit=4096, caption_limit=1024, media={}, can_unsend=True, pictures=self.gallery.open
            ),
            pictures=self.gallery.of,
            installed=nowhere,
            start_link=lambda token: f"https://desk.example/start/{token}",
            public_url="",
            forbidden_accounts=frozenset(),
            clock=now,
        )

    # -- accounts --

    async def user(self, name: str) -> User:
        """Somebody's account."""
        found = await self.reception.whose(Identity(self.hands.identity(name)))
        assert found is not None
        return found

    async def signs_up(self, who: str) -> User:
        """Somebody has signed up by the page a moment ago, with an address of their own company, and is greeted."""
        number = next(_numbers)
        login = User(
            id=UserId(new_id()),
            name=f"{who} Elm",
            first_name=who,
            email=f"{who}@acme-{self.hands.network}-{number}.example".lower(),
            password="a hash",
            verified_at=now(),
            created_at=now(),
        )
        await self.store.users.add(login)
        await self.hands.whisper(who, f"{self.hands.sign}start")
        await self.reception._tying.tie(login, Identity(self.hands.identity(who)), "a test")
        await self.reception.idle()
        return login

    async def leaves(self, login: User) -> None:
        """Their chat account is nobody's again."""
        await self.store.users.change(login.id, lambda user: user.identities.clear())

    async def sign_in_by_browser(self, name: str, browser: str = "Firefox/140.0 (X11; Linux x86_64)") -> None:
        """Somebody is signed in by one more browser."""
        at, user = now(), await self.user(name)
        session = Session(
            id=secrets.token_hex(32),
            user=user.id,
            means="password",
            created_at=at,
            seen_at=at,
            ends_at=at + timedelta(days=30),
            browser=browser,
        )
        await self.store.users.open(session)

    # -- what happens --

    async def receive(self, words: str, name: str = "Carol") -> Message:
        """The contact writes."""
        self.written += 1
        external = ExternalId(str(self.written))
        person = Person(first_name=name)
        came = Said(address=Address(name), at=now(), person=person, external_id=external, text=Text(words))
        arrival = Arrival(channel=CHANNEL, update=external, incoming=(came,))
        await self.workspace.run(lambda tx: arrivals.receive(tx, arrival), arrivals.wants(arrival))
        return (await self.workspace.query(Message, Query(where={"direction": "in"}, order="-id", limit=1)))[0]

    async def relay(self, message: Message) -> tuple[ThreadId, list[PostId]]:
        """Shows it on the desk, as the host does."""
        contact = await self.workspace.get(Contact, message.contact)
        conversation = await self.workspace.get(Conversation, message.conversation)
        assert contact is not None
        assert conversation is not None
        snooze = await offers.snooze_button(self.workspace, conversation, now())
        place = contact.place(self.desk)
        shape = self.hands.desk.shape
        anew = place is None or (shape.thread_per == "conversation" and place.conversation != conversation.id)
        if place is None or anew:
            card = CardView(contact=contact, conversation=conversation, channel="Shop bot", snooze=snooze)
            place = Place(desk=self.desk, thread=await self.hands.desk.open_thread(contact.name, card))
            place.conversation = conversation.id if shape.thread_per == "conversation" else None
        view = RelayView(contact=contact, conversation=conversation, messages=[message], row=True, snooze=snooze)
        thread, posts = place.thread, await self.hands.desk.show(place.thread, view)

        async def deed(tx: Tx) -> None:
            if anew and place is not None:
                await standing.thread_opened(tx, contact.id, place)
            lane = {"state": "waiting", "lane": desk_lane(self.desk, contact.id)}
            shown = [w for w in await tx.query(Work, Query(where=lane)) if isinstance(w.task, Relay)]
            await standing.shown(tx, shown, (self.desk, thread), view, posts)

        await self.workspace.run(deed)
        return thread, posts

    async def arrive(self, words: str = "hello", name: str = "Carol") -> tuple[ThreadId, PostId]:
        """The contact writes, and it is shown."""
        thread, posts = await self.relay(await self.receive(words, name))
        return thread, posts[0]

    async def talk(self, way: str, words: str = "hello") -> Talk:
        """A new contact writes; then commands come by that way."""
        name = f"Cora{self.written + 1}"
        place = await self.arrive(words, name)
        return Talk(self, way.rpartition(" ")[2], place, (name, await self.conversation()))

    async def also_reached(self, talk: Talk) -> None:
        """The contact writes by a second channel, too."""

        async def deed(tx: Tx) -> None:
            if await tx.get(ChannelItem, OTHER) is None:
                tx.add(ChannelItem(id=OTHER, network="telegram", name="Other bot", account="6"))
            contact = await tx.get(Contact, talk.contact)
            assert contact is not None
            contact.reaches = [*contact.reaches, Reach(channel=OTHER, address=Address(talk.name), last_in=now())]

        await self.workspace.run(deed)

    async def fail_sending(self, talk: Talk) -> str:
        """A reply of theirs has not left; gives the name of the work."""
        work = next(w for w in reversed(await self._sendings()) if w.state == "waiting")
        assert isinstance(work.task, Send)

        async def deed(tx: Tx) -> None:
            found = await tx.get(Work, work.id)
            message = await tx.get(Message, work.task.message) if isinstance(work.task, Send) else None
            assert found is not None
            assert message is not None
            assert message.contact == talk.contact
            found.state, found.reason, message.state = "failed", "the network is gone", "failed"

        await self.workspace.run(deed)
        return work.id

    async def _sendings(self) -> list[Work]:
        return [w for w in await self.workspace.query(Work, Query(where={}, order="id")) if isinstance(w.task, Send)]

    async def message_of(self, id: str) -> Message:
        """The message that the work was to send."""
        task = (await self.work(id)).task
        assert isinstance(task, Send)
        found = await self.workspace.get(Message, task.message)
        assert found is not None
        return found

    async def a_while_passes(self, post: PostId) -> None:
        """Since the post was drawn."""

        async def deed(tx: Tx) -> None:
            found = await tx.get(Post, post_key(self.desk, post))
            assert found is not None
            assert found.drawn_at is not None
            found.drawn_at -= timedelta(seconds=10)

        await self.workspace.run(deed)

    async def unplaced(self) -> tuple[str, int]:
        """Somebody who has waited for ten days and is not shown on the desk yet: their name and number."""
        name = f"Zoe{self.written + 1}"
        message = await self.receive("anybody?", name)

        async def deed(tx: Tx) -> int:
            found = await tx.get(Conversation, message.conversation)
            assert found is not None
            found.waiting_since = now() - timedelta(days=10, minutes=1)
            return found.number

        return name, await self.workspace.run(deed)

    async def rename(self, name: str, to: str) -> None:
        """A contact has another name from now on."""

        async def deed(tx: Tx) -> None:
            for found in await tx.query(Contact, Query(where={"first_name": name})):
                found.first_name = to

        await self.workspace.run(deed)

    async def waits_longest(self, who: str) -> int:
        """The number of the conversation that waits longest and is theirs or nobody's."""
        me = next(m.id for m in await self.workspace.items(Member) if m.name == who)
        every = await self.workspace.query(Conversation, Query(where={"state": "open"}))
        waiting = [c for c in every if c.waiting_since is not None and c.assignee in (None, me)]
        return min(waiting, key=lambda c: c.waiting_since or now()).number

    async def work(self, id: str) -> Work:
        found = await self.workspace.get(Work, id)
        assert found is not None
        return found

    async def rule(self, closing_note: Any, *categories: str) -> None:
        """How conversations are closed here."""

        async def deed(tx: Tx) -> None:
            preferences = await tx.get(Preferences, "preferences")
            assert preferences is not None
            preferences.closing_note = closing_note
            for name in categories:
                if await tx.get(Category, name.lower()) is None:
                    tx.add(Category(id=name.lower(), name=name))

        await self.workspace.run(deed)

    # -- what is so --

    async def conversation(self) -> Conversation:
        return (await self.workspace.query(Conversation, Query(where={}, order="-number", limit=1)))[0]

    async def outgoing(self) -> list[str]:
        found = await self.workspace.query(Message, Query(where={"direction": "out"}, order="id"))
        return [m.text.plain for m in found if m.state != "unsent"]

    async def notes(self) -> list[str]:
        return [c.text.plain for c in await self.workspace.query(Comment, Query(where={}, order="id"))]

    async def holder(self) -> str:
        """Who has the conversation, by name."""
        assignee = (await self.conversation()).assignee
        return next((m.name for m in await self.workspace.items(Member) if m.id == assignee), "")


_NAMED = re.compile(r"(?<![\w/:.])/([a-z0-9]+)(?![\w/-])")


def strays(network: str, words: str) -> list[str]:
    """Commands that are named otherwise than they are typed there."""
    verbs = {name for c in commands() for name in (c.name, *c.aliases)}
    return [] if network == "telegram" else [m[0] for m in _NAMED.finditer(words) if m[1] in verbs]


@dataclass(frozen=True)
class Told:
    """What the bot said to one line: to the asker alone, and for all to see."""

    alone: list[str]
    all: list[str]

    @property
    def words(self) -> str:
        return "\n".join([*self.alone, *self.all])


class Talk:
    """A contact who has just written, and people who give commands by one of the ways."""

    def __init__(
        self, office: Office, way: str, place: tuple[ThreadId, PostId], about: tuple[str, Conversation]
    ) -> None:
        self.office = office
        self.hands = office.hands
        self.way = way
        self.thread, self.post = place
        self.name, conversation = about
        self.contact, self.number = conversation.contact, conversation.number

    @property
    def inside(self) -> bool:
        """Whether commands are given in the contact's place."""
        return self.way in INSIDE

    @property
    def sign(self) -> str:
        """What a command is called by in answers there."""
        if self.hands.network == "telegram":
            return "/"
        return "!" if self.inside else "/hub "

    # -- what people do --

    async def line(self, line: str, who: str = "Ann") -> Told:
        """A command about the contact; elsewhere than in their place it needs the number."""
        verb, _, rest = line.partition(" ")
        return await self.plain(line if self.inside else f"{verb} {self.number} {rest}".strip(), who)

    async def plain(self, line: str, who: str = "Ann") -> Told:
        """A command as it is written."""
        return await self._told(who, self.hands.type(who, line, self.way, self.thread))

    async def private(self, line: str, who: str = "Ann") -> list[str]:
        """A command in the private chat; gives what the bot said there."""
        before = Counter(self.hands.confided(who))
        await self.hands.whisper(who, f"{self.hands.sign}{line}")
        return list((Counter(self.hands.confided(who)) - before).elements())

    async def answer(self, words: str, who: str = "Ann", field: str = "") -> Told:
        """The answer to the bot's question; in a dialog, in that field of it or the last."""
        where = self.thread if self.inside else ""
        return await self._told(who, self.hands.answer(who, words, where, field))

    async def press(self, label: str, who: str = "Ann") -> Told:
        """The newest button of that name under what the bot said to them."""
        return await self._told(who, self.hands.press_told(who, label))

    async def press_on(self, post: PostId, label: str, who: str = "Ann") -> Told:
        """A button under a post."""
        return await self._told(who, self.hands.press(who, post, label))

    async def reply(self, words: str, who: str = "Ann") -> Told:
        """Plain words in the contact's place."""
        return await self._told(who, self._reply(who, words))

    async def _reply(self, who: str, words: str) -> None:
        self.hands.say(who, words, self.thread)
        await self.hands.hear()

    async def press_question(self, label: str, who: str = "Ann") -> Told:
        """A button under a question that all can see, or that was asked in private."""
        for post, _ in reversed(self.hands.posted(self.thread)):
            if label in self.hands.labels_of(post, self.thread):
                return await self.press_on(post, label, who)
        return await self._told(who, self.hands.press_confided(who, label))

    def labels(self, who: str = "Ann") -> list[str]:
        """What the newest answer to them alone has to press."""
        return self.hands.labels(who)

    async def _told(self, who: str, doing: Awaitable[None]) -> Told:
        alone, all = Counter(self.hands.told(who)), Counter(self.hands.posted(self.thread))
        await doing
        news = (Counter(self.hands.posted(self.thread)) - all).elements()
        told = Told(list((Counter(self.hands.told(who)) - alone).elements()), [words for _, words in news])
        assert strays(self.hands.network, told.words) == [], told.words
        return told

    # -- what is so --

    async def conversation(self) -> Conversation:
        return (await self.office.workspace.query(Conversation, Query(where={"number": self.number}, limit=1)))[0]

    async def person(self) -> Contact:
        found = await self.office.workspace.get(Contact, self.contact)
        assert found is not None
        return found

    async def holder(self) -> str:
        assignee = (await self.conversation()).assignee
        return next((m.name for m in await self.office.workspace.items(Member) if m.id == assignee), "")

    async def outgoing(self) -> list[str]:
        where = {"direction": "out", "contact": self.contact}
        found = await self.office.workspace.query(Message, Query(where=where, order="id"))
        return [m.text.plain for m in found if m.state != "unsent"]

    async def notes(self) -> list[str]:
        found = await self.office.workspace.query(Comment, Query(where={"contact": self.contact}, order="id"))
        return [c.text.plain for c in found if not c.held]

    async def tags(self) -> list[str]:
        names = {t.id: t.name for t in await self.office.workspace.items(Tag)}
        return [names[t] for t in (await self.person()).tags]


@asynccontextmanager
async def standing_office(where: str, url: str) -> AsyncIterator[Office]:
    """An office at a desk of the way's network that many dialogs share: each has a contact of its own."""
    network = where.partition(" ")[0]
    with tempfile.TemporaryDirectory(prefix="hub-office-") as folder:
        settings = Settings(data_dir=Path(folder), mongo_url=url, port=0)
        store = await open_store(settings, prefix=f"office{next(_numbers)}_{os.getpid()}_")
        entry = await store.directory.create_workspace("", "Shop")
        async with hands_on(network) as hands:
            office = Office(hands, store.workspace(entry.id))
            await office.open(store)
            yield office
        await store.close()
        assert hands.odd() == []

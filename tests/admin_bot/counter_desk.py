"""A desk on paper: people, their groups, and the counter they stand at, on the real store. Every reply that is given
here is drawn by its template as well, and every button must fit into what a network carries.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from hub.admin_bot import drawing
from hub.admin_bot.call import Services
from hub.admin_bot.counter import Counter
from hub.admin_bot.drawing import Templates
from hub.admin_bot.heard import Answer, Asker, ChatMoved, Pressed, ReactedTo, Rewrote, Spot, Wrote
from hub.admin_bot.slack import blocks
from hub.app.reception import open_reception
from hub.domain import arrivals, members, standing
from hub.domain.arrivals import Arrival
from hub.domain.contacts import Terms
from hub.domain.ids import Address, ChannelId, ContactId, ExternalId, Identity, PostId, ThreadId, new_id
from hub.domain.incoming import Person, Said
from hub.domain.models import (
    Attachment,
    ChannelItem,
    Contact,
    Conversation,
    Message,
    Place,
    Post,
    Record,
    Role,
    post_key,
)
from hub.domain.ports import Account, Capabilities, Channel, Connector, Desk, FrontEnd, Query, RelayView, Tx, Workspace
from hub.domain.reply import Button, Reply
from hub.domain.text import Text
from hub.domain.work import Send, Work
from hub.errors import DeliveryError, Refused
from hub.settings import Settings
from hub.store import Store

TEMPLATES = Templates("telegram")
SLACK = Templates("slack")
CHANNEL = ChannelId("ch1")
HOME = ThreadId("")
FIRST = 1
"""The shop that is set up once and put back."""
_numbers = count(FIRST + 1)
TOKEN = "123456789:AAFakeFakeFakeFakeFakeFakeFakeFakeFake"


class PaperDesk:
    """Where the links lead."""

    def __init__(self, chat: str) -> None:
        self.chat = chat

    def link(self, thread: ThreadId, post: PostId | None) -> str:
        return f"https://desk.example/{self.chat}/{thread}/{post or ''}"


class PaperFrontEnd:
    """A front end that only knows addresses, and what is wrong in a group."""

    network = "telegram"

    def __init__(self) -> None:
        self.wrong: dict[str, list[str] | DeliveryError] = {}

    def owns(self, identity: Identity) -> bool:
        return identity.startswith("telegram:")

    async def problems(self, chat: str) -> list[str]:
        found = self.wrong.get(chat, [])
        if isinstance(found, DeliveryError):
            raise found
        return found

    def desk(self, chat: str) -> Desk:
        return PaperDesk(chat)  # type: ignore[return-value]


class ShopConnector:
    """Knows the accounts of two tokens."""

    network = "telegram"
    usage = "TOKEN"

    def __init__(self, account: str) -> None:
        self.accounts = {
            TOKEN: Account(account, "@shop_bot", ("Privacy mode is on.",)),
            "999:admin": Account("999", "@desk_bot"),
        }

    async def examine(self, words: Sequence[str]) -> tuple[Account, str]:
        if words[0] not in self.accounts:
            raise Refused("The network does not know that token; copy it once more.")
        return self.accounts[words[0]], words[0]

    def connect(self, secret: str, hook_secret: str) -> Channel:
        raise NotImplementedError


@dataclass
class Who:
    """A person at a desk."""

    name: str
    asker: Asker
    user: str = ""


@dataclass
class Shop:
    """A workspace with a desk, its people, and what tests look at."""

    store: Store
    counter: Counter = field(init=False)
    workspace: Workspace = field(init=False)
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    can_unsend: bool = True
    terms: Terms = field(default_factory=Terms)
    """On what terms the network lets us answer who arrives."""
    changed: list[str] = field(default_factory=list)
    people: dict[str, Who] = field(default_factory=dict)
    numbers: int = 0
    which: int = field(default_factory=lambda: next(_numbers))
    """Tells shops in one store apart: their people and groups are others."""
    account: str = ""
    """The account that TOKEN belongs to."""
    front_end: PaperFrontEnd = field(default_factory=PaperFrontEnd)
    replies: list[Reply] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        async def workspace(id: str) -> Workspace:
            return self.store.workspace(id)

        async def nowhere(_: str, __: Identity) -> str:
            return ""

        async def changed(_: str, channel: str) -> list[str]:
            self.changed.append(channel)
            return []

        self.account = self.account or f"{self.which}77"
        connector: Connector = ShopConnector(self.account)
        front_end: FrontEnd = self.front_end  # type: ignore[assignment]
        self.counter = Counter(
            Services(
                directory=self.store.directory,
                organizations=self.store.organizations,
                workspace=workspace,
                vault=self.store.vault,
                reception=open_reception(
                    Settings(data_dir=Path(tempfile.gettempdir()), public_url="https://hub.example"),
                    self.store,
                    {"telegram": front_end},
                    workspace,
                ),
                connectors={"telegram": connector},
                front_ends={"telegram": front_end},
                channel_changed=changed,
                channel_of=lambda _, __: Capabilities(
                    text_limit=4096, caption_limit=1024, media={}, can_unsend=self.can_unsend
                ),
                installed=nowhere,
                start_link=lambda token: f"https://t.me/desk_bot?start={token}",
                public_url="",
                forbidden_accounts=frozenset({"telegram:999"}),
                clock=lambda: self.now,
            )
        )

    @property
    def chat(self) -> str:
        """The group that is the desk."""
        return f"-{self.which}00"

    # -- people --

    def somebody(self, name: str, account: int, **more: Any) -> Who:
        who = Who(
            name,
            Asker(
                identity=Identity(f"telegram:{self.which}{account}"),
                name=name,
                username=name.split(maxsplit=1)[0].lower(),
                **more,
            ),
        )
        self.people[name] = who
        return who

    async def set_up(self) -> None:
        """Olivia owns it, Mia manages, Bob and Zoe are agents, Mallory is nobody; the group is the desk."""
        olivia = self._everybody()
        code = await self.store.directory.issue_token("init", {}, 60)
        await self.private(olivia, f"/start {code}")
        user = await self.store.directory.user_by_identity(olivia.asker.identity)
        assert user is not None
        self.workspace = self.store.workspace(user.workspaces[0])
        olivia.user = user.id
        await self._let_in({"Mia": "manager", "Bob Bright": "agent", "Zoe": "agent"})
        await self.say(olivia, "/desk here")

    async def enter(self) -> None:
        """The same shop, which was set up before."""
        self._everybody()
        for who in self.people.values():
            user = await self.store.directory.user_by_identity(who.asker.identity)
            who.user = user.id if user else ""
            if user and user.workspaces:
                self.workspace = self.store.workspace(user.workspaces[0])

    def _everybody(self) -> Who:
        names = ("Olivia Orr", "Mia", "Bob Bright", "Zoe", "Mallory")
        olivia, *_ = (self.somebody(n, 100 + i) for i, n in enumerate(names))
        return olivia

    async def let_in_one(self, who: Who) -> None:
        """One more agent."""
        user = await self.store.directory.ensure_user(who.asker.identity, who.asker.name, who.asker.username)

        async def deed(tx: Tx) -> None:
            await members.admit(tx, user, "agent")

        await self.run(deed)
        await self.store.directory.join(user.id, self.workspace.id)
        who.user = user.id

    async def _let_in(self, roles: dict[str, Role]) -> None:
        """All at once, for the invitations have tests of their own."""
        directory = self.store.directory
        askers = [self.people[name].asker for name in roles]
        users = await asyncio.gather(*(directory.ensure_user(a.identity, a.name, a.username) for a in askers))

        async def deed(tx: Tx) -> None:
            for user, role in zip(users, roles.values(), strict=True):
                await members.admit(tx, user, role)
            tx.add(ChannelItem(id=CHANNEL, network="telegram", name="@shop_bot", account="1"))

        await asyncio.gather(*(directory.join(u.id, self.workspace.id) for u in users), self.run(deed))
        for name, user in zip(roles, users, strict=True):
            self.people[name].user = user.id

    async def run(self, deed: Any) -> Any:
        return await self.workspace.run(deed)

    # -- contacts --

    async def arrive(self, name: str = "Ann", text: str = "Where is my order?", **more: Any) -> Topic:
        """A contact writes, and what they wrote is posted in their topic."""
        await self.receive(name, text, **more)
        return await self.show(name)

    async def receive(self, name: str, text: str, **more: Any) -> None:
        """A contact writes, and nobody can see it yet."""
        self.numbers += 1
        address = Address(f"c-{name}")
        said = Said(
            address=address,
            at=self.now,
            person=Person(first_name=name),
            external_id=ExternalId(f"{address}:{self.numbers}"),
            text=Text(text),
            **more,
        )
        arrival = Arrival(channel=CHANNEL, update=f"u{self.numbers}", incoming=(said,), terms=self.terms)

        async def deed(tx: Tx) -> None:
            await arrivals.receive(tx, arrival)

        await self.workspace.run(deed, arrivals.wants(arrival))

    async def show(self, name: str) -> Topic:
        """What they wrote last is posted in their topic."""
        address = Address(f"c-{name}")
        contact = await self.workspace.find(Contact, "keys", f"{CHANNEL}|{address}")
        assert contact is not None
        desk = (await self.desk()).id
        place = contact.place(desk)
        thread = place.thread if place else ThreadId(str(1000 + self.numbers))
        messages = await self.all(Message, contact=contact.id)
        conversation = await self.workspace.find(Conversation, "live", contact.id)
        assert conversation is not None
        post = PostId(str(self.next_post()))

        async def deed(tx: Tx) -> None:
            if place is None:
                await standing.thread_opened(tx, contact.id, Place(desk=desk, thread=thread, title=name))
            view = RelayView(contact=contact, conversation=conversation, messages=[messages[-1]], row=True)
            works = [w for w in await tx.query(Work, Query(where={})) if w.lane.startswith("desk:")]
            await standing.shown(tx, works, (desk, thread), view, [post])

        await self.workspace.run(deed)
        return Topic(self, contact.id, thread, post)

    def next_post(self) -> int:
        self.numbers += 1
        return 5000 + self.numbers

    # -- what people do --

    def spot(self, thread: ThreadId = HOME, chat: str = "") -> Spot:
        return Spot(network="telegram", chat=chat or self.chat, title="Support", thread=thread)

    def own(self, who: Who) -> Spot:
        return Spot(network="telegram", chat=who.asker.identity, private=True)

    async def say(self, who: Who, text: str | Text, spot: Spot | None = None, **more: Any) -> Answer:
        """Somebody posts a message; by default at the desk's home."""
        return (await self.post(who, text, spot, **more))[1]

    async def post(self, who: Who, text: str | Text, spot: Spot | None = None, **more: Any) -> tuple[PostId, Answer]:
        """The same, and the post's name."""
        post = more.pop("post", PostId(str(self.next_post())))
        heard = Wrote(
            update=more.pop("update", new_id()),
            asker=more.pop("asker", who.asker),
            spot=spot or self.spot(),
            at=self.now,
            post=post,
            text=Text(text) if isinstance(text, str) else text,
            **more,
        )
        return post, await self.hear(heard)

    async def private(self, who: Who, text: str) -> Answer:
        """Somebody writes to the bot in private."""
        return await self.say(who, text, self.own(who))

    async def press(self, who: Who, button: Button, spot: Spot | None = None, post: PostId | None = None) -> Answer:
        """Somebody presses a button, as the network carries it back."""
        carried = drawing.decode(drawing.encode(button)) or drawing.Carried(0, "")
        heard = Pressed(
            update=new_id(),
            asker=who.asker,
            spot=spot or self.spot(),
            at=self.now,
            post=post or PostId(str(self.next_post())),
            line=carried.line,
            version=carried.version,
            home=carried.home,
        )
        return await self.hear(heard)

    async def edit(self, who: Who, post: PostId, text: str, spot: Spot) -> Answer:
        return await self.hear(
            Rewrote(update=new_id(), asker=who.asker, spot=spot, at=self.now, post=post, text=Text(text))
        )

    async def react(self, who: Who, post: PostId, emoji: str) -> Answer:
        return await self.hear(
            ReactedTo(update=new_id(), asker=who.asker, spot=self.spot(), at=self.now, post=post, emoji=emoji)
        )

    async def move(self, to: str) -> Answer:
        mallory = self.people["Mallory"]
        return await self.hear(ChatMoved(update=new_id(), asker=mallory.asker, spot=self.spot(), at=self.now, to=to))

    async def hear(self, heard: Any) -> Answer:
        """What the counter answers: drawn, and with its question posted, as a front end does."""
        answer = await self.counter.hear(heard)
        reply = answer.reply
        if reply is not None:
            assert reply.template != "broken", "the counter failed"
            self.replies.append(reply)
            self.drawn.append(TEMPLATES.render(reply.template, reply.data) if reply.template else "")
            assert blocks.draw(SLACK, reply, "T1")[-1].text, "each network draws each reply, within its limits"
            for row in reply.rows:
                assert not any(b.outward for b in row) or len(row) == 1, "what goes out stands alone"
                for button in row:
                    assert button.url or drawing.encode(button)
        if reply is not None and reply.ask:
            await self.counter.asked(heard, PostId(f"prompt-{self.next_post()}"), reply.ask)
        return answer

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    # -- what is so --

    async def all(self, kind: type[Record], **where: Any) -> list[Any]:
        return await self.workspace.query(kind, Query(where=where, order="id"))

    async def desk(self) -> Any:
        from hub.domain.models import DeskItem

        return (await self.all(DeskItem))[0]

    async def post_kept(self, post: PostId) -> Post | None:
        return await self.workspace.get(Post, post_key((await self.desk()).id, post))

    async def all_posts(self) -> list[Post]:
        return await self.all(Post)

    async def sends(self) -> list[Work]:
        return [w for w in await self.all(Work) if isinstance(w.task, Send)]

    async def out(self) -> list[Message]:
        return [m for m in await self.all(Message) if m.direction == "out"]

    async def nothing_left(self) -> bool:
        """Whether nothing was sent or will be."""
        kinds = {type(w.task).__name__ for w in await self.all(Work)}
        return not await self.out() and not kinds & {"Send", "SendEdit", "SendReaction"}

    def said(self) -> str:
        """The last reply as people read it, without markup."""
        return re.sub(r"<[^>]+>|\u2060", "", self.drawn[-1])


@dataclass
class Topic:
    """A contact's topic, and who writes in it."""

    shop: Shop
    contact: ContactId
    thread: ThreadId
    relay: PostId

    @property
    def spot(self) -> Spot:
        return self.shop.spot(self.thread)

    async def say(self, who: Who, text: str | Text = "", **more: Any) -> Answer:
        return await self.shop.say(who, text, self.spot, **more)

    async def post(self, who: Who, text: str | Text = "", **more: Any) -> tuple[PostId, Answer]:
        return await self.shop.post(who, text, self.spot, **more)

    async def press(self, who: Who, button: Button, post: PostId | None = None) -> Answer:
        return await self.shop.press(who, button, self.spot, post)

    async def conversation(self) -> Any:
        found = await self.shop.all(Conversation, contact=self.contact)
        return found[-1]

    async def person(self) -> Any:
        return await self.shop.workspace.get(Contact, self.contact)


def photo() -> tuple[Attachment, ...]:
    """A picture that lies on the desk."""
    from hub.domain.models import Media

    return (Media(kind="image", source="f1"),)


def buttons(answer: Answer) -> list[Button]:
    """All buttons of the answer."""
    return [b for row in (answer.reply.rows if answer.reply else ()) for b in row]


def button(answer: Answer, label: str) -> Button:
    """The one whose label has these words."""
    found = [b for b in buttons(answer) if label in b.label]
    assert len(found) == 1, f"{label!r} is on {len(found)} of {[b.label for b in buttons(answer)]}"
    return found[0]


__all__ = ["Answer", "Shop", "Topic", "Who", "button", "buttons", "photo"]

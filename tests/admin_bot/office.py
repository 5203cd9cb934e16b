"""A workspace whose owner is Ann and whose agent is Bob, at one desk, with a channel that a contact writes to: the real
counter and a real store on the one side of the front end, the stand-in on the other.
"""

from __future__ import annotations

from typing import Any

from hub.admin_bot.call import Services
from hub.admin_bot.counter import Counter
from hub.domain import arrivals, desks, members, settle
from hub.domain.arrivals import Arrival
from hub.domain.ids import Address, ChannelId, DeskId, ExternalId, PostId, ThreadId
from hub.domain.incoming import Person, Said
from hub.domain.models import (
    Category,
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    DeskItem,
    Message,
    Place,
    Preferences,
    now,
)
from hub.domain.ports import Capabilities, CardView, Query, RelayView, Tx
from hub.domain.text import Text
from hub.store import MongoWorkspace, Store
from tests.admin_bot.hands import Hands

CHANNEL = ChannelId("shop")


class Office:
    """What a dialog needs of the workspace."""

    def __init__(self, hands: Hands, workspace: MongoWorkspace) -> None:
        self.hands = hands
        self.workspace = workspace
        self.desk = DeskId("")
        self.written = 0

    async def open(self, store: Store) -> None:
        """Founds it, and stands at the counter."""
        directory = store.directory
        ann = await directory.ensure_user(self.hands.identity("Ann"), "Ann", "ann")
        bob = await directory.ensure_user(self.hands.identity("Bob"), "Bob", "bob")

        async def deed(tx: Tx) -> DeskItem:
            await members.found(tx, "Shop", ann)
            await members.admit(tx, bob, "agent")
            tx.add(ChannelItem(id=CHANNEL, network="telegram", name="Shop bot", account="5"))
            return await desks.bind(tx, self.hands.network, self.hands.chat, "Team", DeskId("desk1"))

        self.desk = (await self.workspace.run(deed)).id
        for user in (ann, bob):
            await directory.join(user.id, self.workspace.id)
        await directory.claim_route("desk", f"{self.hands.network}:{self.hands.chat}", self.workspace.id, self.desk)
        self.hands.serve(Counter(self._services(store)))

    def _services(self, store: Store) -> Services:
        async def nothing(*_: str) -> Any:
            return []

        async def nowhere(*_: str) -> str:
            return ""

        async def the_workspace(_: str) -> MongoWorkspace:
            return self.workspace

        return Services(
            directory=store.directory,
            workspace=the_workspace,
            vault=store.vault,
            connectors={},
            front_ends={self.hands.network: self.hands.front_end},
            channel_changed=nothing,
            channel_of=lambda _, __: Capabilities(text_limit=4096, caption_limit=1024, media={}, can_unsend=True),
            installed=nowhere,
            start_link=lambda token: f"https://desk.example/start/{token}",
            public_url="",
            forbidden_accounts=frozenset(),
            clock=now,
        )

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
        place = contact.place(self.desk)
        shape = self.hands.desk.shape
        anew = place is None or (shape.thread_per == "conversation" and place.conversation != conversation.id)
        if place is None or anew:
            card = CardView(contact=contact, conversation=conversation, channel="Shop bot")
            place = Place(desk=self.desk, thread=await self.hands.desk.open_thread(contact.name, card))
            place.conversation = conversation.id if shape.thread_per == "conversation" else None
        view = RelayView(contact=contact, conversation=conversation, messages=[message], row=True)
        thread, posts = place.thread, await self.hands.desk.show(place.thread, view)

        async def deed(tx: Tx) -> None:
            if anew and place is not None:
                await settle.thread_opened(tx, contact.id, place)
            await settle.shown(tx, [], (self.desk, thread), view, posts)

        await self.workspace.run(deed)
        return thread, posts

    async def arrive(self, words: str = "hello", name: str = "Carol") -> tuple[ThreadId, PostId]:
        """The contact writes, and it is shown."""
        thread, posts = await self.relay(await self.receive(words, name))
        return thread, posts[0]

    async def rule(self, closing_note: Any, *categories: str) -> None:
        """How conversations are closed here."""

        async def deed(tx: Tx) -> None:
            preferences = await tx.get(Preferences, "preferences")
            assert preferences is not None
            preferences.closing_note = closing_note
            for name in categories:
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
        from hub.domain.models import Member

        assignee = (await self.conversation()).assignee
        return next((m.name for m in await self.workspace.items(Member) if m.id == assignee), "")

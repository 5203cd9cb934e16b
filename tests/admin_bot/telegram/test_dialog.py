"""Dialogs on a desk: the real counter and a real store on the one side of the front end, the stand-in on the other."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.admin_bot.call import Services
from hub.admin_bot.counter import Counter
from hub.domain import arrivals, desks, members, standing
from hub.domain.arrivals import Arrival
from hub.domain.ids import Address, ChannelId, DeskId, ExternalId, PostId, ThreadId
from hub.domain.incoming import Said
from hub.domain.models import ChannelItem, Comment, Contact, Conversation, DeskItem, Message, Place, Preferences, now
from hub.domain.ports import Query, RelayView, Tx, UserRecord
from hub.domain.text import Text
from hub.domain.work import Relay, Work, desk_lane
from hub.errors import ThreadGone
from hub.store import MongoWorkspace, Store
from tests.admin_bot.office import reception_of
from tests.admin_bot.telegram.town import Town

CHANNEL = ChannelId("shop")


class Office:
    """A workspace whose owner is Ann, with the town's forum as its desk and a channel that a contact writes to."""

    def __init__(self, town: Town, workspace: MongoWorkspace) -> None:
        self.town = town
        self.workspace = workspace
        self.desk = DeskId("")
        self._written = 0

    async def open(self, ann: UserRecord) -> None:
        async def deed(tx: Tx) -> DeskItem:
            await members.found(tx, "Shop", ann)
            tx.add(ChannelItem(id=CHANNEL, network="telegram", name="Shop bot", account="5"))
            return await desks.bind(tx, "telegram", str(self.town.forum.id), "Team", DeskId("desk1"))

        self.desk = (await self.workspace.run(deed)).id

    async def receive(self, words: str) -> Message:
        """The contact writes."""
        self._written += 1
        external = ExternalId(str(self._written))
        came = Said(address=Address("77"), at=now(), external_id=external, text=Text(words))
        arrival = Arrival(channel=CHANNEL, update=external, incoming=(came,))
        await self.workspace.run(lambda tx: arrivals.receive(tx, arrival), arrivals.wants(arrival))
        return (await self.workspace.query(Message, Query(where={"direction": "in"}, order="-id", limit=1)))[0]

    async def relay(self, message: Message) -> tuple[ThreadId, PostId]:
        """Shows it on the desk, as the host does."""
        contact = await self.workspace.get(Contact, message.contact)
        conversation = await self.workspace.get(Conversation, message.conversation)
        assert contact is not None
        assert conversation is not None
        place = contact.place(self.desk)
        thread = place.thread if place else await self.town.desk.open_thread(contact.name)
        view = RelayView(contact=contact, conversation=conversation, messages=[message], row=True)
        posts = await self.town.desk.show(thread, view)

        async def deed(tx: Tx) -> None:
            if place is None:
                await standing.thread_opened(tx, contact.id, Place(desk=self.desk, thread=thread, title=contact.name))
            works = await tx.query(Work, Query(where={"lane": desk_lane(self.desk, contact.id)}))
            relays = [work for work in works if isinstance(work.task, Relay)]
            await standing.shown(tx, relays, (self.desk, thread), view, posts)

        await self.workspace.run(deed)
        return thread, posts[0]

    async def conversation(self) -> Conversation:
        (found,) = await self.workspace.query(Conversation, Query(where={}))
        return found

    async def outgoing(self) -> list[str]:
        found = await self.workspace.query(Message, Query(where={"direction": "out"}, order="id"))
        return [m.text.plain for m in found]

    async def notes(self) -> list[str]:
        return [c.text.plain for c in await self.workspace.query(Comment, Query(where={}, order="id"))]

    def seen_by_ann(self) -> list[str]:
        return [m["text"] for m in self.town.world.ephemeral(self.town.forum, self.town.ann)]


@pytest.fixture
async def office(town: Town, store: Store, workspace: MongoWorkspace) -> AsyncIterator[Office]:
    directory = store.directory
    office = Office(town, workspace)
    ann = await directory.ensure_user(f"telegram:{town.ann.id}", "Ann", "ann_w")  # type: ignore[arg-type]
    await directory.join(ann.id, workspace.id)
    await office.open(ann)
    await directory.claim_route("desk", f"telegram:{town.forum.id}", workspace.id, office.desk)

    async def nowhere(_: str, __: str) -> str:
        return ""

    async def nothing(_: str, __: str) -> list[str]:
        return []

    async def the_workspace(_: str) -> MongoWorkspace:
        return workspace

    services = Services(
        directory=directory,
        organizations=store.organizations,
        workspace=the_workspace,
        vault=store.vault,
        reception=reception_of(store, town.front_end, workspace),
        connectors={},
        front_ends={"telegram": town.front_end},
        channel_changed=nothing,
        channel_of=lambda _, __: None,
        installed=nowhere,
        start_link=lambda token: f"https://t.me/desk_bot?start={token}",
        public_url="",
        forbidden_accounts=frozenset(),
        clock=now,
    )
    town.serve(Counter(services))
    yield office
    assert town.odd == []


async def test_a_reply_typed_in_the_topic_goes_out_and_claims(office: Office) -> None:
    """Plain text in a topic is the answer; a note, a command and what is said at home are not."""
    town = office.town
    thread, _ = await office.relay(await office.receive("I can't log in"))
    for words in ("Try again", "//bob look at this", "/whoami"):
        town.world.say(town.ann, town.forum, words, thread=int(thread))
    town.world.say(town.ann, town.forum, "at home")
    await town.hear()
    assert await office.outgoing() == ["Try again"]
    assert await office.notes() == ["bob look at this"]
    assert (await office.conversation()).assignee is not None
    assert office.seen_by_ann()


async def test_take_by_button_once(office: Office) -> None:
    """The button acts on the version it showed; pressed again it is stale and said so."""
    town = office.town
    _, post = await office.relay(await office.receive("hello"))
    message = town.world.message(town.forum, int(post))
    first = town.world.press(town.ann, town.forum, int(post), "✋ Take")
    await town.hear()
    assert (await office.conversation()).assignee is not None
    again = town.world.press(town.ann, town.forum, int(post), "✋ Take")
    await town.hear()
    assert first.answered
    assert again.alert
    assert town.world.message(town.forum, int(post))["text"] == message["text"] == "hello"


async def test_an_edit_and_a_reaction_are_mirrored(office: Office) -> None:
    """An agent's edit changes our message; a reaction on the contact's post is theirs to see."""
    town = office.town
    thread, post = await office.relay(await office.receive("hello"))
    written = town.world.say(town.ann, town.forum, "Helo Dan", thread=int(thread))
    await town.hear()
    town.world.edit(town.ann, town.forum, written["message_id"], "Hello Dan")
    town.world.react(town.ann, town.forum, int(post), "👍")
    await town.hear()
    assert await office.outgoing() == ["Hello Dan"]


async def test_an_album_of_an_agent_stays_together(office: Office) -> None:
    """Each part is a message of the album; its caption decides for all."""
    town = office.town
    thread, _ = await office.relay(await office.receive("show me"))
    pictures = [{"kind": "photo", "data": b"1"}, {"kind": "photo", "data": b"2"}]
    town.world.send_album(town.ann, town.forum, pictures, thread=int(thread))
    await town.hear()
    found = await office.workspace.query(Message, Query(where={"direction": "out"}))
    assert len(found) == 2
    assert len({m.album for m in found}) == 1


async def test_close_asks_for_the_summary_and_keeps_it_inside(office: Office) -> None:
    """A bare command closes nothing; its prompt opens the reply field, and the argument never leaves."""
    town = office.town
    thread, _ = await office.relay(await office.receive("thanks"))

    async def both(tx: Tx) -> None:
        preferences = await tx.get(Preferences, "preferences")
        assert preferences is not None
        preferences.closing_note = "both"

    await office.workspace.run(both)
    town.world.say(town.ann, town.forum, "/close@desk_bot", thread=int(thread))
    await town.hear()
    assert (await office.conversation()).state == "open"
    prompt = town.world.prompt(town.forum, town.ann)
    assert prompt is not None
    answer = "Refunded order 7"
    town.world.say(town.ann, town.forum, answer, thread=int(thread), reply_to=prompt["message_id"])
    await town.hear()
    closed = await office.conversation()
    assert (closed.state, closed.summary) == ("closed", answer)
    assert await office.outgoing() == []


async def test_a_reply_to_a_note_is_a_note(office: Office) -> None:
    """Answering a colleague must not answer the customer."""
    town = office.town
    thread, _ = await office.relay(await office.receive("hello"))
    note = town.world.say(town.ann, town.forum, "// who knows?", thread=int(thread))
    await town.hear()
    town.world.say(town.ann, town.forum, "I do", thread=int(thread), reply_to=note["message_id"])
    await town.hear()
    assert await office.outgoing() == []
    assert await office.notes() == ["who knows?", "I do"]


async def test_a_deleted_topic_is_noticed_at_the_next_message(office: Office) -> None:
    """Telegram tells nobody of it, so the next post does."""
    town = office.town
    thread, _ = await office.relay(await office.receive("one"))
    town.world.delete_topic(town.ann, town.forum, int(thread))
    with pytest.raises(ThreadGone):
        await office.relay(await office.receive("two"))

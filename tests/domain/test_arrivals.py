"""Receive, on the real database: what a channel's update says is kept once, whole and in order."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from hub.domain import arrivals
from hub.domain.arrivals import Arrival
from hub.domain.ids import Address, ChannelId, DeskId, ExternalId, new_id
from hub.domain.incoming import (
    Deleted,
    Echo,
    Edited,
    Ignored,
    Incoming,
    Person,
    Postback,
    Reacted,
    Referral,
    Said,
    WasBlocked,
    WasUnblocked,
)
from hub.domain.models import (
    Contact,
    Conversation,
    DeskItem,
    Event,
    Media,
    Member,
    Message,
    Preferences,
    Seen,
)
from hub.domain.ports import Query, Tx, Workspace
from hub.domain.text import Text
from hub.domain.work import Notify, Redraw, Reflect, Relay, Work
from hub.store import MongoWorkspace
from tests.store.counting import asked

CHANNEL = ChannelId("ch1")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANN = Address("1001")


def said(number: int, text: str = "hello", address: Address = ANN, **more: object) -> Said:
    return Said(
        address=address,
        at=NOON + timedelta(seconds=number),
        person=Person(first_name="Ann"),
        external_id=ExternalId(f"{address}:{number}"),
        text=Text(text),
        **more,  # type: ignore[arg-type]
    )


async def arrive(workspace: Workspace, *incoming: Incoming, update: str = "") -> None:
    arrival = Arrival(channel=CHANNEL, update=update or new_id(), incoming=incoming, raw="{}")

    async def deed(tx: Tx) -> None:
        await arrivals.receive(tx, arrival)

    await workspace.run(deed, arrivals.wants(arrival))


async def all_of(workspace: Workspace, kind: type, **where: object) -> list:  # type: ignore[type-arg]
    return await workspace.query(kind, Query(where=where, order="id"))


async def bind(workspace: Workspace) -> None:
    async def deed(tx: Tx) -> None:
        tx.add(DeskItem(id=DeskId("d1"), network="net", chat="-100"))

    await workspace.run(deed)


async def test_first_message_makes_contact_conversation_and_message(workspace: Workspace) -> None:
    """A contact's first message makes their contact, opens a conversation and keeps it with its payload."""
    await arrive(workspace, said(1, "my order?"))
    (contact,) = await all_of(workspace, Contact)
    (conversation,) = await all_of(workspace, Conversation)
    (message,) = await all_of(workspace, Message)
    assert (contact.name, contact.reaches[0].address) == ("Ann", ANN)
    assert (conversation.number, conversation.live, conversation.state) == (1, contact.id, "open")
    assert (conversation.waiting_since, conversation.incoming, conversation.last_text) == (message.at, 1, "my order?")
    assert (message.text.plain, message.raw, message.contact) == ("my order?", "{}", contact.id)
    assert [e.kind for e in await all_of(workspace, Event)] == ["contact_created", "opened"]


@pytest.mark.parametrize(
    ("person", "name"),
    [
        (Person(first_name="Ann\n✅ closed", last_name="Lee"), "Ann ✅ closed Lee"),
        (Person(first_name="\u200b", last_name="Lee"), "Lee"),
        (Person(first_name="\u200b", username="ann_w"), "@ann_w"),
        (Person(first_name="\u200b"), "Unknown"),
    ],
)
async def test_a_contact_is_called_by_what_can_be_seen(workspace: Workspace, person: Person, name: str) -> None:
    """Whatever somebody calls themselves, the contact has a name of one line that can be seen."""
    await arrive(workspace, msgspec.structs.replace(said(1), person=person))
    (contact,) = await all_of(workspace, Contact)
    assert contact.name == name


async def test_two_first_messages_of_one_contact_in_one_batch(workspace: Workspace) -> None:
    """Two first messages of a contact at the same moment make one contact and one conversation, in order."""
    await asyncio.gather(*(arrive(workspace, said(n, f"m{n}")) for n in range(20)))
    assert len(await all_of(workspace, Contact)) == 1
    (conversation,) = await all_of(workspace, Conversation)
    assert conversation.incoming == 20
    assert [m.text.plain for m in await all_of(workspace, Message)] == [f"m{n}" for n in range(20)]


async def test_many_new_contacts_in_one_moment(workspace: Workspace) -> None:
    """Fifty new contacts at once are fifty contacts with conversations numbered without doubles."""
    people = [Address(str(2000 + n)) for n in range(50)]
    await asyncio.gather(*(arrive(workspace, said(1, "hi", address=a)) for a in people))
    numbers = [c.number for c in await all_of(workspace, Conversation)]
    assert sorted(numbers) == list(range(1, 51))
    assert len(await all_of(workspace, Contact)) == 50


async def test_new_contacts_are_not_asked_for_one_by_one(workspace: MongoWorkspace) -> None:
    """However many new contacts write in one moment, the database is asked the same few questions for all of them
    together: of somebody who is only now made, nothing is looked for.
    """
    await bind(workspace)
    people = [Address(str(2000 + n)) for n in range(50)]
    async with asked(workspace) as questions:
        await asyncio.gather(*(arrive(workspace, said(1, "hi", address=a)) for a in people))
    assert len(await all_of(workspace, Conversation)) == 50
    assert sum(often for question, often in questions.items() if question.startswith("find ")) <= 6, questions


async def test_redelivery_changes_nothing(workspace: Workspace) -> None:
    """The same update, and the same message under another update, are kept once."""
    await arrive(workspace, said(1), update="u1")
    await arrive(workspace, said(1), update="u1")
    await arrive(workspace, said(1), update="u2")
    assert len(await all_of(workspace, Message)) == 1
    assert {s.id for s in await all_of(workspace, Seen)} == {"ch1|u1", "ch1|u2"}


async def test_without_a_desk_it_waits_and_the_owner_is_told_once(workspace: Workspace) -> None:
    """With no desk bound, what arrives waits for one, and every owner is told in private, once."""

    async def found(tx: Tx) -> None:
        tx.add(Preferences(id="preferences", name="Shop"))
        tx.add(Member(id="u1", role="owner", name="Olivia"))  # type: ignore[arg-type]

    await workspace.run(found)
    await arrive(workspace, said(1))
    await arrive(workspace, said(2))
    works = await all_of(workspace, Work)
    assert [w.held for w in works if isinstance(w.task, Relay)] == [True, True]
    assert len([w for w in works if isinstance(w.task, Notify)]) == 1


async def test_binding_a_desk_lets_go_what_waited_in_order(workspace: Workspace) -> None:
    """When a desk is bound, what waited for one is shown there in the order in which it came."""
    from hub.domain import desks

    for number in range(3):
        await arrive(workspace, said(number, f"m{number}"))

    async def deed(tx: Tx) -> str:
        return (await desks.bind(tx, "net", "-100", "Support")).id

    desk = await workspace.run(deed)
    relays = [w for w in await all_of(workspace, Work) if isinstance(w.task, Relay)]
    messages = [m.id for m in await all_of(workspace, Message)]
    assert [w.task.message for w in relays] == messages
    assert {w.task.desk for w in relays} == {desk}
    assert {w.lane for w in relays} == {f"desk:{desk}:{(await all_of(workspace, Contact))[0].id}"}
    assert not any(w.held for w in relays)


async def test_edit_keeps_what_was_said_and_redraws(workspace: Workspace) -> None:
    """An edit changes the text, keeps the earlier one, and redraws the post; an edit to the same text is nothing."""
    await bind(workspace)
    await arrive(workspace, said(1, "tomorow"))
    same = Edited(address=ANN, at=NOON, external_id=ExternalId(f"{ANN}:1"), text=Text("tomorow"))
    await arrive(workspace, same)
    assert not [w for w in await all_of(workspace, Work) if isinstance(w.task, Redraw)]
    await arrive(workspace, Edited(address=ANN, at=NOON, external_id=same.external_id, text=Text("tomorrow")))
    (message,) = await all_of(workspace, Message)
    assert (message.text.plain, [t.plain for t in message.earlier]) == ("tomorrow", ["tomorow"])
    assert [w for w in await all_of(workspace, Work) if isinstance(w.task, Redraw)]


async def test_edit_before_its_message_is_not_lost(workspace: Workspace) -> None:
    """An edit that overtakes its message is kept as the message, and the late original does not undo it."""
    await arrive(workspace, Edited(address=ANN, at=NOON, external_id=ExternalId(f"{ANN}:1"), text=Text("new")))
    await arrive(workspace, said(1, "old"))
    (message,) = await all_of(workspace, Message)
    assert message.text.plain == "new"
    assert message.edited_at is not None


async def test_reply_reaction_and_deletion_find_their_message(workspace: Workspace) -> None:
    """A reply, a reaction and a deletion refer to the message that the network names."""
    await bind(workspace)
    await arrive(workspace, said(1))
    await arrive(workspace, said(2, "and?", reply_to=ExternalId(f"{ANN}:1"), quote="hel"))
    await arrive(workspace, Reacted(address=ANN, at=NOON, external_id=ExternalId(f"{ANN}:1"), emojis=("👍",)))
    await arrive(workspace, Deleted(address=ANN, at=NOON, external_id=ExternalId(f"{ANN}:2")))
    first, second = await all_of(workspace, Message)
    assert (second.reply_to, second.quote) == (first.id, "hel")
    assert first.reactions == ["👍"]
    assert second.deleted_at == NOON
    assert [w for w in await all_of(workspace, Work) if isinstance(w.task, Reflect)]


async def test_blocking_and_writing_again(workspace: Workspace) -> None:
    """Who blocks us is marked unreachable, and reachable again when they unblock or write."""
    await arrive(workspace, said(1))
    await arrive(workspace, WasBlocked(address=ANN, at=NOON))
    assert (await all_of(workspace, Contact))[0].reaches[0].state == "blocked"
    await arrive(workspace, WasUnblocked(address=ANN, at=NOON))
    assert (await all_of(workspace, Contact))[0].reaches[0].state == "active"
    await arrive(workspace, WasBlocked(address=ANN, at=NOON))
    await arrive(workspace, said(2))
    assert (await all_of(workspace, Contact))[0].reaches[0].state == "active"


async def test_files_are_fetched_before_they_are_shown(workspace: Workspace) -> None:
    """Each file of a message has its fetching in the lane ahead of the message's own post."""
    await bind(workspace)
    photo = Media(kind="image", source="f1")
    await arrive(workspace, said(1, attachments=(photo,), album="a"))
    works = [w for w in await all_of(workspace, Work) if w.lane.startswith("desk:")]
    assert [type(w.task).__name__ for w in works] == ["Fetch", "Relay"]
    assert works[1].task.album == "a"
    assert works[1].due > works[0].due


@pytest.mark.parametrize(
    "incoming",
    [
        Postback(address=ANN, at=NOON, external_id=ExternalId("p"), payload="buy", title="Buy"),
        Echo(address=ANN, at=NOON, external_id=ExternalId("e"), text=Text("from the other inbox")),
    ],
)
async def test_other_ways_of_speaking_are_messages(workspace: Workspace, incoming: Incoming) -> None:
    """A pressed button and an answer given elsewhere are kept as messages, once."""
    await arrive(workspace, incoming)
    await arrive(workspace, incoming)
    assert len(await all_of(workspace, Message)) == 1


async def test_what_says_nothing_writes_nothing(workspace: Workspace) -> None:
    """What is ignored opens nothing; a referral makes the contact known but opens no conversation."""
    await arrive(workspace, Ignored(reason="not for us"))
    assert not await all_of(workspace, Contact)
    await arrive(workspace, Referral(address=ANN, at=NOON, source="ad"))
    assert len(await all_of(workspace, Contact)) == 1
    assert not await all_of(workspace, Conversation)

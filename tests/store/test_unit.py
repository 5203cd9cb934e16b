"""The unit of work: what a deed changed is what it, and the next deed in its batch, finds."""

from __future__ import annotations

import asyncio

import pytest

from hub.domain.ids import MessageId, UserId
from hub.domain.models import Comment, Contact, Conversation, Event, Message, Reach, Record, Tag, now
from hub.domain.ports import Cond, Query, Tx
from hub.errors import Refused
from hub.store import MongoWorkspace
from tests.store.counting import asked
from tests.store.records import contact, conversation, message


async def add(workspace: MongoWorkspace, *records: Record) -> None:
    async def deed(tx: Tx) -> None:
        for record in records:
            tx.add(record)

    await workspace.run(deed)


async def test_a_closed_conversation_is_not_found_as_live(workspace: MongoWorkspace) -> None:
    """Close, then write again, in one batch: a new conversation; the old one keeps its number."""
    someone = contact("c|1")
    await add(workspace, someone, conversation(someone, 1))

    async def close(tx: Tx) -> None:
        episode = await tx.find(Conversation, "live", someone.id)
        assert episode is not None
        episode.live, episode.state = None, "closed"
        assert await tx.find(Conversation, "live", someone.id) is None

    async def write(tx: Tx) -> int:
        episode = await tx.find(Conversation, "live", someone.id)
        if episode is None:
            episode = conversation(someone, 2)
            tx.add(episode)
        return episode.number

    results = await asyncio.gather(*(workspace.run(deed) for deed in (write, close, write, write)))
    assert results == [1, None, 2, 2]
    found = await workspace.find(Conversation, "number", "1")
    assert found is not None
    assert (found.live, found.state) == (None, "closed")
    live = await workspace.find(Conversation, "live", someone.id)
    assert live is not None
    assert live.number == 2


async def test_a_reopened_conversation_is_found_as_live(workspace: MongoWorkspace) -> None:
    """A value that a record gets is found at once, also where it was looked up in vain before."""
    someone = contact("c|1")
    old = conversation(someone, 1)
    old.live, old.state = None, "closed"
    await add(workspace, someone, old)

    async def reopen(tx: Tx) -> None:
        assert await tx.find(Conversation, "live", someone.id) is None
        episode = await tx.find(Conversation, "number", "1")
        assert episode is not None
        episode.live, episode.state = someone.id, "open"
        assert await tx.find(Conversation, "live", someone.id) is episode

    async def look(tx: Tx) -> int | None:
        episode = await tx.find(Conversation, "live", someone.id)
        return episode.number if episode else None

    _, number = await asyncio.gather(workspace.run(reopen), workspace.run(look))
    assert number == 1


async def test_a_key_moves_from_one_record_to_another(workspace: MongoWorkspace) -> None:
    """One record may give up a unique value and another take it, in one transaction, whatever their order."""
    first, second = contact("k1"), contact("k2")
    await add(workspace, first, second)

    async def move(tx: Tx) -> None:
        taker, giver = await tx.get(Contact, first.id), await tx.find(Contact, "keys", "k2")
        assert taker is not None
        assert giver is not None
        giver.keys = []
        taker.keys = ["k1", "k2"]
        assert await tx.find(Contact, "keys", "k2") is taker

    await workspace.run(move)
    holder = await workspace.find(Contact, "keys", "k2")
    assert holder is not None
    assert holder.id == first.id

    async def swap(tx: Tx) -> None:
        old = await tx.find(Contact, "keys", "k2")
        assert old is not None
        tx.delete(old)
        tx.add(contact("k2"))

    await workspace.run(swap)
    assert await workspace.get(Contact, first.id) is None
    assert await workspace.find(Contact, "keys", "k2") is not None


async def test_one_record_is_one_object(workspace: MongoWorkspace) -> None:
    """However a deed comes to a record, it is the same object, as it is now; a deleted one is not given any more."""
    someone, other = contact("k1", first_name="Ann"), contact("k2")
    await add(workspace, someone, other)

    async def deed(tx: Tx) -> None:
        found = await tx.get(Contact, someone.id)
        assert found is not None
        found.first_name = "Eve"
        tx.delete(other)
        assert await tx.find(Contact, "keys", "k1") is found
        assert await tx.query(Contact, Query(where={})) == [found]
        assert await tx.get(Contact, other.id) is None
        assert await tx.find(Contact, "keys", "k2") is None

    await workspace.run(deed)
    assert [c.first_name for c in await workspace.query(Contact, Query(where={}))] == ["Eve"]


async def test_only_what_changed_is_written(workspace: MongoWorkspace) -> None:
    """Fields that a newer hub wrote are left alone; a field that is at its default again is taken out."""
    someone = contact("k1", first_name="Ann", reaches=[Reach(channel="c", address="1", last_in=now())])  # type: ignore[arg-type]
    await add(workspace, someone)
    documents = workspace._database.contacts
    await documents.update_one({"_id": someone.id}, {"$set": {"mood": "sunny"}})

    async def rename(tx: Tx) -> None:
        found = await tx.get(Contact, someone.id)
        assert found is not None
        found.first_name, found.last_name = "", "Lee"

    await workspace.run(rename)
    doc = await documents.find_one({"_id": someone.id})
    assert doc is not None
    assert (doc["mood"], doc["last_name"], "first_name" in doc) == ("sunny", "Lee", False)
    someone.first_name, someone.last_name = "", "Lee"
    assert await workspace.get(Contact, someone.id) == someone


async def test_records_come_back_as_they_went(workspace: MongoWorkspace) -> None:
    """Times stay aware, to the millisecond; kinds that share a collection are told apart."""
    said, remark = message("hi", "k1"), Comment(id=MessageId("m2"), contact=contact().id, conversation="v1", at=now())  # type: ignore[arg-type]
    said.edited_at = now()
    await add(workspace, said, remark)
    assert await workspace.get(Message, said.id) == said
    assert await workspace.get(Comment, remark.id) == remark
    assert await workspace.get(Message, remark.id) is None
    assert await workspace.query(Comment, Query(where={"conversation": "v1"})) == [remark]


async def test_the_same_id_twice_is_a_mistake(workspace: MongoWorkspace) -> None:
    """Adding a record under an id that is taken is refused in the deed itself."""
    someone = contact()

    async def twice(tx: Tx) -> None:
        tx.add(someone)
        tx.add(someone)

    with pytest.raises(ValueError, match="already"):
        await workspace.run(twice)


async def test_find_wants_a_unique_field(workspace: MongoWorkspace) -> None:
    """A lookup by what is not unique is a mistake, and not a slow answer."""
    with pytest.raises(TypeError, match="use query"):
        await workspace.find(Contact, "first_name", "Ann")


async def test_numbers_have_no_gaps_while_all_goes_well(workspace: MongoWorkspace) -> None:
    """A lone deed gets the next number; a batch of many gets as many, in order; a refused one leaves no gap."""

    async def take(tx: Tx) -> int:
        return await tx.increment("number")

    async def waste(tx: Tx) -> None:
        await tx.increment("number")
        raise LookupError

    assert [await workspace.run(take) for _ in range(3)] == [1, 2, 3]
    many = await asyncio.gather(*(workspace.run(take) for _ in range(100)))
    assert many == list(range(4, 104))
    with pytest.raises(LookupError):
        await workspace.run(waste)
    assert await workspace.run(take) == 104
    await workspace._counters.close()
    assert await workspace.run(take) == 105


async def test_questions_about_defaults(workspace: MongoWorkspace) -> None:
    """What is at its default is not written, and is found all the same."""
    bob = UserId("u1")
    mine, nobodys = conversation(contact(), 1), conversation(contact(), 2)
    mine.assignee, mine.incoming = bob, 3
    await add(workspace, mine, nobodys, *(Event(id=f"e{n}", kind="k", at=now(), undone=n == 2) for n in range(3)))

    async def numbers(**where: object) -> list[int]:
        return [v.number for v in await workspace.query(Conversation, Query(where=where, order="number"))]

    assert await numbers(assignee=bob) == [1]
    assert await numbers(assignee=None) == [2]
    assert await numbers(assignee=Cond("ne", None)) == [1]
    assert await numbers(incoming=0) == [2]
    assert await numbers(incoming=Cond("ne", 0)) == [1]
    assert await numbers(incoming=Cond("lt", 2)) == [2]
    assert await numbers(incoming=Cond("gte", 0)) == [1, 2]
    assert await numbers(incoming=Cond("in", [0, 3])) == [1, 2]
    assert await workspace.count(Event, {"undone": False}) == 2
    assert await workspace.count(Event, {"undone": True}) == 1
    assert await workspace.count(Event, {}, limit=2) == 2
    assert [e.id for e in await workspace.query(Event, Query(where={}, order="-id", limit=1, skip=1))] == ["e1"]
    await add(workspace, Tag(id="t1", name="vip"), Tag(id="t2", name="very vip"), Tag(id="t3", name="a.*"))
    tags = await workspace.query(Tag, Query(where={"name": Cond("prefix", "v")}, order="name"))
    assert [tag.name for tag in tags] == ["very vip", "vip"]


async def test_nobody_is_asked_who_refers_to_what_is_new(workspace: MongoWorkspace) -> None:
    """What would refer to a record that the deed itself adds is known to be missing, without a question; once it is
    added it is found, and in the next deed as well.
    """
    someone = contact("c|1")

    async def deed(tx: Tx) -> None:
        tx.add(someone)
        assert await tx.find(Conversation, "live", someone.id) is None
        tx.add(conversation(someone, 1))
        assert await tx.find(Conversation, "live", someone.id) is not None

    async with asked(workspace) as questions:
        await workspace.run(deed)
    assert questions["find conversations"] == 0
    assert await workspace.find(Conversation, "live", someone.id) is not None


async def test_what_refers_to_a_record_that_comes_back_is_found(workspace: MongoWorkspace) -> None:
    """A record that is added again, under the id that it had, has what refers to it: where a deed would add another,
    the database stands against it and the deed runs again, and finds it.
    """
    someone = contact("c|1")
    await add(workspace, conversation(someone, 1))

    async def open_one(tx: Tx) -> int:
        if await tx.get(Contact, someone.id) is None:
            tx.add(someone)
        there = await tx.find(Conversation, "live", someone.id)
        if there is None:
            tx.add(there := conversation(someone, 2))
        return there.number

    assert await workspace.run(open_one) == 1


async def test_a_deed_that_fails_leaves_nothing_known(workspace: MongoWorkspace) -> None:
    """What a refused deed took for missing is looked for by the next one in its batch."""
    someone = contact("c|1")
    await add(workspace, conversation(someone, 1))

    async def refused(tx: Tx) -> None:
        tx.add(someone)
        assert await tx.find(Conversation, "live", someone.id) is None
        raise Refused("not today")

    async def look(tx: Tx) -> bool:
        return await tx.find(Conversation, "live", someone.id) is not None

    assert (await asyncio.gather(workspace.run(refused), workspace.run(look), return_exceptions=True))[1] is True

"""Promises: what must be there once is there once, whoever comes at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from hub.domain.models import Contact, Conversation, Event, Message, Post, Record
from hub.domain.ports import Cond, Query, Tx
from hub.domain.work import Work
from hub.errors import Unstorable
from hub.settings import Settings
from hub.store import MongoWorkspace, Store, codec, open_store
from hub.store.layout import INDEXES, SHELF
from tests.store.records import contact, conversation, message


@pytest.fixture
async def rival(store: Store, settings: Settings, tmp_path: Path) -> AsyncIterator[Store]:
    """Another process on the same databases."""
    other = await open_store(
        msgspec.structs.replace(settings, data_dir=tmp_path / "rival"), "motor", prefix=store._prefix
    )
    yield other
    await other.close()


async def ensure(tx: Tx) -> Contact:
    found = await tx.find(Contact, "keys", "c|1")
    if found is None:
        found = contact("c|1")
        tx.add(found)
    return found


async def test_two_first_messages_of_one_contact(workspace: MongoWorkspace) -> None:
    """First messages of one contact in one batch find each other: one contact, one conversation, one number."""

    async def receive(tx: Tx) -> str:
        sender = await ensure(tx)
        episode = await tx.find(Conversation, "live", sender.id)
        if episode is None:
            episode = conversation(sender, await tx.increment("number"))
            tx.add(episode)
        episode.incoming += 1
        return episode.id

    ids = await asyncio.gather(*(workspace.run(receive) for _ in range(20)))
    [episode] = await workspace.query(Conversation, Query(where={}))
    assert set(ids) == {episode.id}
    assert (episode.number, episode.incoming) == (1, 20)
    assert await workspace.count(Contact, {}) == 1


async def test_two_processes_meet_one_new_contact(workspace: MongoWorkspace, rival: Store) -> None:
    """Two processes that see a contact for the first time at the same moment make one contact."""
    other = rival.workspace(workspace.id)
    runs = [side.run(ensure) for side in (workspace, other) for _ in range(10)]
    ids = {found.id for found in await asyncio.gather(*runs)}
    assert len(ids) == 1
    assert await workspace.count(Contact, {}) == 1


async def test_a_duplicate_key_starts_the_batch_afresh(workspace: MongoWorkspace) -> None:
    """A deed that a promise stands against is run again, and then sees what stood in its way."""
    await workspace.run(ensure)
    runs = 0

    async def hasty(tx: Tx) -> str:
        nonlocal runs
        runs += 1
        if runs == 1:
            tx.add(contact("c|1"))
            return "made"
        return (await ensure(tx)).id

    assert await workspace.run(hasty) != "made"
    assert runs == 2
    assert await workspace.count(Contact, {}) == 1


async def test_a_deed_that_breaks_a_promise_fails_alone(workspace: MongoWorkspace) -> None:
    """A deed that always adds what is there already is told so; its neighbours in the batch are written."""
    await workspace.run(ensure)

    async def stubborn(tx: Tx) -> None:
        tx.add(contact("c|1"))

    async def neighbour(tx: Tx) -> None:
        tx.add(contact())

    results = await asyncio.gather(
        *(workspace.run(deed) for deed in (neighbour, stubborn, neighbour)), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), Unstorable, type(None)]
    assert await workspace.count(Contact, {}) == 3


async def test_records_without_keys_do_not_collide(workspace: MongoWorkspace) -> None:
    """Messages without external ids, contacts without keys and closed conversations may be many."""

    async def several(tx: Tx) -> None:
        for number in range(3):
            nobody = contact()
            closed = conversation(nobody, number)
            closed.live = None
            for record in (nobody, closed, message("out")):
                tx.add(record)

    await workspace.run(several)
    assert await workspace.count(Message, {}) == 3
    assert await workspace.count(Conversation, {"live": None}) == 3


async def test_one_of_each(workspace: MongoWorkspace) -> None:
    """One contact per key, one live conversation per contact, one per number, one message per key."""
    someone = contact("c|1")

    async def one(tx: Tx) -> None:
        for record in (someone, conversation(someone, 1), message("hi", "c|m1")):
            tx.add(record)

    await workspace.run(one)
    again = conversation(someone, 2)
    same_number = conversation(contact(), 1)
    for record in (contact("c|2", "c|1"), again, same_number, message("hi", "c|m2", "c|m1")):
        with pytest.raises(Unstorable, match="kept already"):
            await workspace.run(_adding(record))


QUESTIONS: list[tuple[type[Record], dict[str, object], str]] = [
    (Contact, {"keys": "k"}, ""),
    (Contact, {"keys": Cond("in", ["k", "l"])}, ""),
    (Conversation, {"live": "k"}, ""),
    (Conversation, {"live": Cond("ne", None)}, ""),
    (Conversation, {"number": 3}, ""),
    (Conversation, {"waiting_since": Cond("ne", None)}, "waiting_since"),
    (Conversation, {"contact": "k"}, "-number"),
    (Message, {"keys": "k"}, ""),
    (Message, {"conversation": "k"}, "-at"),
    (Message, {"conversation": "k", "album": "a"}, ""),
    (Event, {"conversation": "k"}, "id"),
    (Event, {"actor": "k"}, "-id"),
    (Work, {"state": "waiting"}, "id"),
    (Work, {"state": "waiting", "lane": "l"}, "id"),
    (Post, {"messages": "k"}, ""),
    (Post, {"desk": "d", "thread": "t"}, "-at"),
    (Post, {"desk": "d", "thread": "t", "role": "prompt", "author": "u"}, "-at"),
    (Conversation, {"state": "open"}, "number"),
    (Conversation, {"state": "closed", "assignee": "u"}, "-number"),
    (Message, {"contact": "k"}, "-at"),
]


async def test_questions_are_served_by_an_index(workspace: MongoWorkspace) -> None:
    """The deeds' questions read no more than they answer, also through partial indexes."""
    for kind, where, order in QUESTIONS:
        collection = workspace._database[SHELF[kind].name]
        query = Query(where=where, order=order)
        cursor = collection.find(codec.condition(kind, where), sort=codec.order(query) or None)
        plan = str((await cursor.explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan, where
        assert "COLLSCAN" not in plan, where
        assert "'SORT'" not in plan or order in ("", "id"), where


async def test_a_workspace_is_small(workspace: MongoWorkspace) -> None:
    """Each collection and index is a file of the server: at most 10 and, beside `_id`, 20."""
    names = await workspace._database.list_collection_names()
    assert set(names) == set(INDEXES)
    assert len(names) <= 10
    counts = [len(await workspace._database[name].index_information()) - 1 for name in names]
    assert sum(counts) <= 20


def _adding(record: Record):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a deed
    async def deed(tx: Tx) -> None:
        tx.add(record)

    return deed

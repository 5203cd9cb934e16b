"""What records are found by: derived wherever they are written, and filled up in workspaces of before."""

from __future__ import annotations

import asyncio
from typing import Any

from pymongo import IndexModel

from hub.domain.ids import ContactId, UserId
from hub.domain.models import Comment, Contact, Conversation, Event, Message, Tag
from hub.domain.ports import Cond, Query, Tx
from hub.domain.text import Text
from hub.store import Store, filling
from hub.store.layout import FILLED, FORMER, INDEXES, SHELVES
from hub.store.workspace import MongoWorkspace
from tests.domain.finding.many import AT, contact, conversation, said, write


def test_the_budget_of_collections_and_indexes() -> None:
    """A workspace has at most ten collections and twenty indexes beside the one on ids: each of them is a file."""
    assert len(INDEXES) <= 10
    assert {shelf.name for shelf in SHELVES} <= INDEXES.keys()
    assert sum(len(indexes) for indexes in INDEXES.values()) <= 20


async def terms(workspace: MongoWorkspace, kind: str, id: str, field: str = "terms") -> list[str]:
    doc = await workspace._database[kind].find_one({"_id": id})
    return list((doc or {}).get(field, []))


async def test_terms_follow_what_is_written(store: Store) -> None:
    """No deed has to think of it: a record that is added, changed or merged away is found by what it is now."""
    entry = await store.directory.create_workspace("", "Terms")
    workspace = store.workspace(entry.id)
    person = contact(1)
    talk = conversation(1, person)
    note = said(8, talk)

    async def begin(tx: Tx) -> None:
        for record in (person, talk, note):
            tx.add(record)

    async def change(tx: Tx) -> None:
        someone, there, words = await tx.get(Contact, person.id), await tx.get(Conversation, talk.id), note.id
        remark = await tx.get(Comment, words)
        assert someone is not None
        assert there is not None
        assert remark is not None
        someone.tags, someone.first_name, there.assignee = ["rare"], "Zoë", UserId("zoe")
        remark.text = Text("quite another thing")

    async def merge(tx: Tx) -> None:
        someone = await tx.get(Contact, person.id)
        assert someone is not None
        someone.merged_into = ContactId("other")

    await workspace.run(begin)
    assert {"g:vip", "n:ben", "p:4915"} & {*await terms(workspace, "contacts", person.id)}
    await workspace.run(change)
    now = await terms(workspace, "contacts", person.id)
    assert {"g:rare", "n:zoe"} <= {*now}
    assert not {"g:vip", "n:ben"} & {*now}
    assert "open/a:zoe" in await terms(workspace, "conversations", talk.id)
    assert await terms(workspace, "messages", note.id, "words") == ["quite", "another", "thing", "@ann"]
    await workspace.run(merge)
    assert await terms(workspace, "contacts", person.id) == []


async def make_old(store: Store, workspace: MongoWorkspace) -> None:
    """As a workspace was before there was anything derived."""
    database = workspace._database
    for name, (_, field) in filling.FIELDS.items():
        await database[name].update_many({}, {"$unset": {field: ""}})
        for index in await database[name].index_information():
            if index.startswith(field):
                await database[name].drop_index(index)
    await database["messages"].create_indexes([IndexModel([("album", 1)])])
    old: Any = {"$set": {"layout": 1}, "$unset": {"filled": ""}}
    await store._control.workspaces.update_one({"_id": workspace.id}, old)
    await store.forget(workspace.id)


async def test_a_workspace_of_before_is_filled_up(store: Store, monkeypatch: Any) -> None:
    """What is open is found at once; the rest in steps beside the work, where what is written meanwhile stays; it goes
    on where it was broken off; former indexes go.
    """
    monkeypatch.setattr(filling, "STEP", 7)
    entry = await store.directory.create_workspace("", "Old")
    people = [contact(n) for n in range(30)]
    talks = [conversation(n, c) for n, c in enumerate(people)]
    talks += [conversation(n, c, number=100 + n, closed=True) for n, c in enumerate(people)]
    workspace = store.workspace(entry.id)
    await workspace.items(Tag)
    await write(workspace, [*people, *talks, *(said(n, talk) for n, talk in enumerate(talks))])
    await write(workspace, [Event(id="e1", kind="contact_created", at=AT, contact=people[-1].id)])
    await make_old(store, workspace)

    workspace = store.workspace(entry.id)
    assert await workspace.count(Conversation, {"terms": Cond("in", ["open", "snoozed"])}) == 30
    await store.forget(entry.id)  # as when the hub stops just then

    workspace = store.workspace(entry.id)
    last = people[-1]

    async def rename(tx: Tx) -> None:
        someone = await tx.get(Contact, last.id)
        assert someone is not None
        someone.first_name = "Newname"

    await workspace.run(rename)
    await asyncio.wait_for(store._filling[entry.id], 90)
    assert await workspace.count(Conversation, {"terms": "closed"}) == 30
    assert (
        await workspace.count(Message, {"words": "common"}) + await workspace.count(Comment, {"words": "common"}) == 60
    )
    assert [c.id for c in await workspace.query(Contact, Query(where={"terms": "n:newname"}))] == [last.id]
    assert await workspace.count(Contact, {"terms": Cond("within", ("n:", "n:~"))}) == 30
    there = {i for name in INDEXES for i in await workspace._database[name].index_information()}
    assert not there & {former for each in FORMER.values() for former in each}
    kept = await store._control.workspaces.find_one({"_id": entry.id})
    assert kept is not None
    assert kept["filled"] == FILLED
    assert [e.contact for e in await workspace.query(Event, Query(where={"conversation": last.id}))] == [last.id]
    assert "filling" not in kept


async def test_a_workspace_that_was_filled_up_before_knows_what_is_derived_since(store: Store) -> None:
    """That something was written for later is found at once, and events about a contact alone stand under them; all
    else is left as it is.
    """
    entry = await store.directory.create_workspace("", "Filled")
    person = contact(1)
    talk = conversation(1, person)
    talk.later = ["w1"]
    workspace = store.workspace(entry.id)
    await workspace.items(Tag)
    await write(workspace, [person, talk, Event(id="e1", kind="contact_created", at=AT, contact=person.id)])
    database = workspace._database
    await database["conversations"].update_one({"_id": talk.id}, {"$pull": {"terms": "open/later"}})
    await database["contacts"].update_one({"_id": person.id}, {"$set": {"terms": ["as it was"]}})
    await store._control.workspaces.update_one({"_id": entry.id}, {"$set": {"filled": 2}})
    await store.forget(entry.id)

    workspace = store.workspace(entry.id)
    assert [c.id for c in await workspace.query(Conversation, Query(where={"terms": "open/later"}))] == [talk.id]
    await asyncio.wait_for(store._filling[entry.id], 90)
    assert [e.id for e in await workspace.query(Event, Query(where={"conversation": person.id}))] == ["e1"]
    assert await terms(workspace, "contacts", person.id) == ["as it was"]
    kept = await store._control.workspaces.find_one({"_id": entry.id})
    assert kept is not None
    assert kept["filled"] == FILLED

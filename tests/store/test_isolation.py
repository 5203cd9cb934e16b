"""One workspace never sees another's data."""

from __future__ import annotations

import pytest

from hub.domain.models import Contact, Message, Tag
from hub.domain.ports import Query, Tx
from hub.domain.work import Work
from hub.errors import NotFound
from hub.store import MongoWorkspace, Store
from tests.store.records import contact, message, work


async def test_workspaces_share_nothing(store: Store, workspace: MongoWorkspace) -> None:
    """The same contact, message and number may be in two workspaces; each sees its own."""
    other = store.workspace((await store.directory.create_workspace("", "Other")).id)
    told: list[object] = []
    other.on_commit(told.append)

    async def fill(tx: Tx) -> int:
        for record in (contact("c|1"), message("secret", "c|m1"), Tag(id="t", name="vip"), work()):
            tx.add(record)
        return await tx.increment("number")

    async def blank(tx: Tx) -> tuple[object, ...]:
        found = await tx.find(Contact, "keys", "c|1"), await tx.query(Message, Query(where={})), await tx.items(Tag)
        return *found, await tx.count(Work, {})

    assert await workspace.run(fill) == 1
    assert await other.run(blank) == (None, [], [], 0)
    assert await other.query(Work, Query(where={"state": "waiting"}, order="id")) == []
    assert told == []
    assert await other.run(fill) == 1


@pytest.mark.parametrize("id", ["nosuchworkspace", "../hub", "", "a.b", "A", "x" * 80])
async def test_an_unknown_workspace(store: Store, id: str) -> None:
    """A workspace that is not in the directory is not made by using it."""
    with pytest.raises(NotFound):
        await store.workspace(id).run(lambda tx: tx.increment("number"))
    with pytest.raises(NotFound):
        await store.workspace(id).items(Tag)
    names = await store._client._native.list_database_names()
    assert not any(id and id in name for name in names)

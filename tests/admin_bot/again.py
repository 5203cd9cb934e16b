"""What is in a store's databases, to be put back for the next test: to make them takes the server a while."""

from __future__ import annotations

import asyncio

from hub.store import Store
from hub.store.driver import Database, Doc

Docs = dict[str, list[Doc]]


class Kept:
    """A store as it was at one moment."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._docs: dict[str, Docs] = {}

    @classmethod
    async def of(cls, store: Store) -> Kept:
        """What is in it now."""
        kept = cls(store)
        for database in await kept._databases():
            kept._docs[database.name] = await _read(database)
        return kept

    async def put_back(self) -> None:
        """Everything is as it was, and nobody remembers anything else. Workspaces that came since are dropped."""
        store = self._store
        now = await self._databases()
        await asyncio.gather(*(store.forget(id) for id in list(store._workspaces)))
        store.directory._channels.clear()
        for database in now:
            if database.name in self._docs:
                await asyncio.gather(*(_put(database, name, docs) for name, docs in self._docs[database.name].items()))
            else:
                await store._client.drop(database.name)

    async def _databases(self) -> list[Database]:
        store = self._store
        ids = await store._control.workspaces.distinct("_id")
        return [store._control, *(store._client.database(store._name(id), aware=False) for id in ids)]


async def _read(database: Database) -> Docs:
    names = [name for name in await database.list_collection_names() if not name.startswith("system.")]
    found = await asyncio.gather(*(database[name].find({}).to_list(None) for name in names))
    return dict(zip(names, found, strict=True))


async def _put(database: Database, name: str, docs: list[Doc]) -> None:
    await database[name].delete_many({})
    if docs:
        await database[name].insert_many([*docs])

"""One workspace's database. The tenant is bound once: every query of this object is in that database."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from hub.domain.models import Record
from hub.domain.ports import Deed, Query, Want
from hub.domain.work import Work
from hub.errors import NotFound, Unavailable
from hub.store import codec
from hub.store.catalog import Catalog
from hub.store.commit import Committer, Hooks
from hub.store.counters import Counters
from hub.store.driver import FIRST_BATCH, Client, Database, Doc
from hub.store.entries import Written
from hub.store.faults import guarded
from hub.store.files import MongoFiles
from hub.store.layout import CATALOG, SHELF, Shelf, unique_value

R = TypeVar("R", bound=Record)
T = TypeVar("T")

Committed = Callable[[Sequence[Work]], None]
"""Called after a commit with the work items that are new or changed; must be quick."""
_log = logging.getLogger(__name__)


class MongoWorkspace:
    """A `Workspace` on MongoDB."""

    def __init__(self, id: str, client: Client, database: Database, ready: Callable[[], Awaitable[None]]) -> None:
        """`ready` is awaited once, before the first use: it raises NotFound where there is no such workspace."""
        self.id = id
        self._database = database
        self._ready: Callable[[], Awaitable[None]] | None = ready
        self._catalog = Catalog(database[CATALOG.name])
        self._counters = Counters(database[CATALOG.name])
        self._outside = _Outside(self._catalog, self._counters)
        hooks = Hooks(self._prepare, self._told)
        self._committer = Committer((client, database), self._outside, self._counters, hooks)
        self._files = MongoFiles(client, database, self._prepare)
        self._listeners: list[Committed] = []

    # -- reading -----------------------------------------------------------------------------------------------------

    async def get(self, kind: type[R], id: str) -> R | None:
        """The record with that id, as it is committed."""
        return await self._one(kind, {"_id": id})

    async def find(self, kind: type[R], field: str, value: str) -> R | None:
        """The record with that value in a unique field, as it is committed."""
        if field == "id":
            return await self.get(kind, value)
        wanted = unique_value(SHELF[kind], field, value)
        return None if wanted is None else await self._one(kind, {field: wanted})

    async def query(self, kind: type[R], query: Query) -> list[R]:
        """The records that match."""
        shelf = SHELF[kind]
        condition = codec.condition(kind, query.where)
        options: dict[str, Any] = {"sort": codec.order(query) or None, "limit": query.limit, "skip": query.skip}
        await self._prepare()
        with guarded():
            found = self._database[shelf.name].find(condition, batch_size=FIRST_BATCH, **options)
            docs = await found.to_list(None)
        return _typed(kind, shelf, docs)

    async def count(self, kind: type[R], where: Mapping[str, object], limit: int = 0) -> int:
        """How many match; at most `limit` are counted where it is given."""
        options: dict[str, Any] = {"limit": limit} if limit else {}
        await self._prepare()
        with guarded():
            return await self._database[SHELF[kind].name].count_documents(codec.condition(kind, where), **options)

    async def about(self, kind: type[Record]) -> int:
        """How many the collection has that the kind is in, as its metadata says: after a crash it may be some out."""
        await self._prepare()
        with guarded():
            return await self._database[SHELF[kind].name].estimated_document_count()

    async def items(self, kind: type[R]) -> list[R]:
        """All the catalog's items of a kind, at most a second old. They are shared: for looking, not for changing."""
        found = self._catalog.fresh(kind) if self._ready is None else None  # each message that comes asks
        if found is not None:
            return found
        await self._prepare()
        with guarded():
            return await self._catalog.items(kind)

    # -- writing -----------------------------------------------------------------------------------------------------

    async def run(self, deed: Deed[T], wants: Sequence[Want] = ()) -> T:
        """The only way to write: see `hub.domain.ports.Workspace.run`.

        Raises Unstorable where the deed's records cannot be kept as they are (too large, say).
        """
        return await self._committer.run(deed, wants)

    def on_commit(self, listener: Committed) -> Callable[[], None]:
        """Calls `listener` after each commit of this process that made or changed work; what it gives ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def files(self) -> MongoFiles:
        """Its file store."""
        return self._files

    def end(self) -> None:
        """It is gone: whatever is begun from now on raises NotFound."""

        async def refuse() -> None:
            raise NotFound("There is no such workspace.")

        self._ready = refuse

    async def close(self) -> None:
        """Waits for the commits that run, and gives back what was reserved."""
        await self._committer.close()
        with contextlib.suppress(Unavailable), guarded():
            await self._counters.close()

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        while (ready := self._ready) is not None:
            await ready()
            if self._ready is ready:  # it may have ended meanwhile
                self._ready = None

    async def _one(self, kind: type[R], condition: Doc) -> R | None:
        shelf = SHELF[kind]
        await self._prepare()
        with guarded():
            doc = await self._database[shelf.name].find_one(condition)
        return next(iter(_typed(kind, shelf, [doc] if doc else [])), None)

    def _told(self, written: Written) -> None:
        if CATALOG.name in written.collections:
            self._catalog.forget()
        for listener in list(self._listeners) if written.work else ():
            try:
                listener(written.work)
            except Exception:  # noqa: BLE001 - whatever it is, the commit stands and the others are told
                _log.exception("A listener failed after a commit; the commit stands.")


class _Outside:
    """What a deed may have that is not part of its transaction."""

    def __init__(self, catalog: Catalog, counters: Counters) -> None:
        self.items = catalog.items
        self.take = counters.take
        self.give_back = counters.give_back


def _typed(kind: type[R], shelf: Shelf, docs: Sequence[Doc]) -> list[R]:
    records = (codec.decode(shelf, doc) for doc in docs)
    return [record for record in records if isinstance(record, kind)]

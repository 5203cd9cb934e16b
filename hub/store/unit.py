"""The unit of work: what a batch of deeds reads and changes, as one identity map written in bulk.

Deeds read one by one and the database sees a batch. Parts (deeds) run one after another over the same unit; one that
fails is taken back in memory, record by record, and the others go on as if it had not been.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, cast

from bson.errors import BSONError
from pymongo.errors import PyMongoError

from hub.domain.models import Record
from hub.domain.ports import Query, Want
from hub.domain.work import Work
from hub.errors import HubError
from hub.store import codec, faults
from hub.store.driver import FIRST_BATCH, Database, Doc, Session
from hub.store.entries import Bulk, Entry, Held, Pair, Written, restore
from hub.store.layout import REFERRING, SHELF, SHELVES, WORK, Shelf, unique_value, unique_values

R = TypeVar("R", bound=Record)

MANY = 32
HEAD_START = 0.0015
"""Seconds for which the next documents wait while so many are being sent. Motor sends in a thread, which the making of
documents would keep from the interpreter, and the server idle, until all of them are made.
"""


class Outside(Protocol):
    """What a deed may have that is not part of its transaction."""

    async def items(self, kind: type[R]) -> list[R]:
        """The catalog's items of a kind, from the snapshot."""

    async def take(self, counter: str) -> int:
        """The next number of a counter."""

    def give_back(self, counter: str, number: int) -> None:
        """A number that was taken and is certainly not used."""


def _by_collection(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.shelf.name, []).append(entry)
    return found


class Unit:
    """A `Tx` over one transaction of one workspace's database."""

    def __init__(self, database: Database, session: Session, outside: Outside, *, trusting: bool = False) -> None:
        """`trusting`: what is wanted as new is taken for missing, and what would refer to a record that is added here;
        the database says where it is not.
        """
        self._database = database
        self._session = session
        self._outside = outside
        self._trusting = trusting
        self._held: Mapping[str, Held] = {shelf.name: Held() for shelf in SHELVES}
        self._items: dict[type[Any], list[Any]] = {}
        self._touched: list[Entry] = []
        self._part = 1
        self._handed: list[Entry] = []
        self._added: list[Record] = []
        self._undo: list[tuple[dict[Any, Entry | None], Any, Entry | None, bool]] = []
        self._undelete: list[Entry] = []
        self._taken: list[tuple[str, int]] = []
        self._taken_before = 0
        self.fault: Exception | None = None
        """What the database said, where it failed a deed: that is not the deed's own failure."""

    # -- what a deed sees ------------------------------------------------------------------------------------------

    async def get(self, kind: type[R], id: str) -> R | None:
        """The record with that id."""
        shelf = SHELF[kind]
        entries = self._held[shelf.name].entries
        if id not in entries:
            await self._fetch(shelf, "_id", [id])
        return self._hand(kind, entries[id])

    async def find(self, kind: type[R], field: str, value: str) -> R | None:
        """The record with that value in a unique field."""
        if field == "id":
            return await self.get(kind, value)
        shelf = SHELF[kind]
        wanted = unique_value(shelf, field, value)
        if wanted is None:
            return None
        return self._hand(kind, await self._holder(shelf, (field, wanted)))

    async def query(self, kind: type[R], query: Query) -> list[R]:
        """The records that match in the database; one that the unit has already is given as it is now."""
        shelf = SHELF[kind]
        with self._reading():
            docs = await self._docs(shelf, codec.condition(kind, query.where), query)
        handed = [self._hand(kind, self._keep(shelf, doc)) for doc in docs]
        return [record for record in handed if record is not None]

    async def count(self, kind: type[R], where: Mapping[str, object], limit: int = 0) -> int:
        """How many match in the database."""
        options: dict[str, Any] = {"limit": limit} if limit else {}
        collection = self._database[SHELF[kind].name]
        with self._reading():
            return await collection.count_documents(codec.condition(kind, where), session=self._session, **options)

    async def items(self, kind: type[R]) -> list[R]:
        """The catalog's items of a kind, from the snapshot; the same throughout the unit."""
        if kind not in self._items:
            with self._reading():
                self._items[kind] = await self._outside.items(kind)
        return [*self._items[kind]]

    def add(self, record: Record) -> None:
        """A new record, to be found at once by its id and by all its unique fields."""
        shelf = SHELF[type(record)]
        held = self._held[shelf.name]
        there = held.entries.get(record.id)
        if there is not None and not there.gone:
            raise ValueError(f"{shelf.name} has a record with this id already")
        entry = Entry(shelf, record)
        entry.part = self._part
        self._place(held.entries, record.id, entry)
        for pair in unique_values(shelf, record) if shelf.unique else ():
            self._place(held.index, pair, entry)
        if there is None and self._trusting:
            self._nobody_refers_to(shelf, record.id)
        self._handed.append(entry)
        self._added.append(record)
        self._touched.append(entry)

    def added(self, kind: type[R]) -> list[R]:
        """The records of a kind that this part has added so far."""
        return [record for record in self._added if isinstance(record, kind)]

    def delete(self, record: Record) -> None:
        """Takes a record out; it need not have come from this unit."""
        shelf = SHELF[type(record)]
        held = self._held[shelf.name]
        entry = held.entries.get(record.id)
        if entry is None:
            entry = Entry(shelf, record)
            self._place(held.entries, record.id, entry)
        if not entry.gone:
            self._hand(type(record), entry)
            entry.gone = True
            self._undelete.append(entry)

    async def increment(self, counter: str) -> int:
        """The next number of a counter."""
        with self._reading():
            number = await self._outside.take(counter)
        self._taken.append((counter, number))
        return number

    # -- what the committer does with it ---------------------------------------------------------------------------

    async def load(self, wants: Sequence[Want]) -> None:
        """Loads what the parts will look up, a query a level and field, whatever the number of parts."""
        with self._reading():
            while wants:
                await self._load_level(wants)
                found = ((want, entry) for want in wants if want.then for entry in self._found(want))
                wants = [more for want, entry in found if want.then for more in want.then(entry.record)]

    def end_part(self) -> None:
        """The part is done: what it changed is what the next one finds."""
        for entry in self._handed:
            if entry.shelf.unique and not entry.gone:
                index = self._held[entry.shelf.name].index
                for pair in unique_values(entry.shelf, entry.record):
                    index[pair] = entry
        self._next_part()

    def undo_part(self) -> None:
        """The part failed: everything is as it was before it, also where others hold the same records."""
        for entry in self._undelete:
            entry.gone = False
        for entry in self._handed:
            if entry.before is not None:
                restore(entry.record, codec.revive(entry.shelf, entry.before))
            else:
                entry.gone = True
        for mapping, key, previous, known in reversed(self._undo):
            if known:
                mapping[key] = previous
            else:
                del mapping[key]
        self.give_back(self._taken_before)
        self._next_part()

    def give_back(self, since: int = 0) -> None:
        """Nothing of it will be written: the numbers taken (from the `since`th on) can be used again."""
        for counter, number in self._taken[since:]:
            self._outside.give_back(counter, number)
        del self._taken[since:]

    async def flush(self) -> Written:
        """Writes what changed, in bulk a collection. Raises the database's own errors."""
        written = Written()
        writing: asyncio.Task[None] | None = None
        try:
            for name, entries in _by_collection(self._touched).items():
                bulk = Bulk()
                changed = [entry for entry in entries if bulk.put(entry)]
                if not changed:
                    continue
                written.collections.add(name)
                written.work += [cast("Work", e.record) for e in changed if e.shelf is WORK and not e.gone]
                # One collection is written while the next one's documents are made.
                if writing is not None:
                    await writing
                writing = asyncio.create_task(bulk.write(self._database[name], self._session))
                await asyncio.sleep(HEAD_START if len(changed) >= MANY else 0)
            if writing is not None:
                await writing
        finally:
            if writing is not None and not writing.done():
                await asyncio.wait([writing])  # a session is used by one task at a time: whoever aborts must wait
        return written

    # -- inside ------------------------------------------------------------------------------------------------------

    def _next_part(self) -> None:
        self._part += 1
        self._taken_before = len(self._taken)
        self._handed, self._added, self._undo, self._undelete = [], [], [], []

    def _place(self, mapping: dict[Any, Entry | None], key: Any, entry: Entry | None) -> None:
        self._undo.append((mapping, key, mapping.get(key), key in mapping))
        mapping[key] = entry

    def _nobody_refers_to(self, shelf: Shelf, id: str) -> None:
        for name, field in REFERRING.get(shelf.name, ()):
            index = self._held[name].index
            if (field, id) not in index:
                self._place(index, (field, id), None)

    def _hand(self, kind: type[R], entry: Entry | None) -> R | None:
        if entry is None or entry.gone or not isinstance(entry.record, kind):
            return None
        if entry.part != self._part:
            entry.before = codec.snapshot(entry.record)
            if entry.part == 0:
                entry.base = entry.before
                self._touched.append(entry)
            entry.part = self._part
            self._handed.append(entry)
        return entry.record

    async def _holder(self, shelf: Shelf, pair: Pair) -> Entry | None:
        """Who has the value now: records change, so that what was found under it may have given it up or got it."""
        index = self._held[shelf.name].index
        entry = index.get(pair)
        if entry is not None and entry.holds(pair):
            return entry
        changed = next((e for e in self._handed if e.shelf is shelf and e.holds(pair)), None)
        if changed is not None or pair in index:
            return changed
        await self._fetch(shelf, pair[0], [pair[1]])
        entry = index[pair]
        return entry if entry is not None and entry.holds(pair) else None

    async def _fetch(self, shelf: Shelf, field: str, values: Sequence[Any]) -> None:
        """Loads the records with these values, and notes which values nobody has."""
        held = self._held[shelf.name]
        condition = {field: {"$in": list(values)} if len(values) > 1 else values[0]}
        with self._reading():
            for doc in await self._docs(shelf, condition):
                self._keep(shelf, doc)
        known: Iterable[tuple[dict[Any, Entry | None], Any]] = (
            ((held.entries, value) for value in values)
            if field == "_id"
            else ((held.index, (field, value)) for value in values)
        )
        for mapping, key in known:
            mapping.setdefault(key, None)

    async def _docs(self, shelf: Shelf, condition: Doc, query: Query | None = None) -> list[Doc]:
        options: dict[str, Any] = {"session": self._session, "batch_size": FIRST_BATCH}
        if query is not None:
            options |= {"sort": codec.order(query) or None, "limit": query.limit, "skip": query.skip}
        return await self._database[shelf.name].find(condition, **options).to_list(None)

    def _keep(self, shelf: Shelf, doc: Doc) -> Entry:
        held = self._held[shelf.name]
        there = held.entries.get(doc["_id"])
        if there is not None:
            for pair in unique_values(shelf, codec.decode(shelf, doc)) if shelf.unique else ():
                held.index.setdefault(pair, there)
            return there
        entry = Entry(shelf, codec.decode(shelf, doc))
        held.entries[entry.record.id] = entry
        for pair in unique_values(shelf, entry.record):
            if held.index.get(pair) is None:
                held.index[pair] = entry
        return entry

    async def _load_level(self, wants: Sequence[Want]) -> None:
        missing: dict[tuple[str, str], tuple[Shelf, dict[Any, None]]] = {}
        for want in wants:
            shelf = SHELF[want.kind]
            mapping, field = self._cache(shelf, want.field)
            values = missing.setdefault((shelf.name, field), (shelf, {}))[1]
            for value, key in self._keys(shelf, want):
                if want.new and self._trusting:
                    mapping.setdefault(key, None)
                elif key not in mapping:
                    values[value] = None
        for (_, field), (shelf, unknown) in missing.items():
            if unknown:
                await self._fetch(shelf, field, list(unknown))

    def _cache(self, shelf: Shelf, field: str) -> tuple[dict[Any, Entry | None], str]:
        held = self._held[shelf.name]
        return (held.entries, "_id") if field == "id" else (held.index, field)

    @staticmethod
    def _keys(shelf: Shelf, want: Want) -> Iterator[tuple[Any, Any]]:
        """The values a want asks for, and the key of each in the cache."""
        for given in want.values:
            value = given if want.field == "id" else unique_value(shelf, want.field, given)
            if value is not None:
                yield value, value if want.field == "id" else (want.field, value)

    def _found(self, want: Want) -> Iterator[Entry]:
        shelf = SHELF[want.kind]
        mapping, _ = self._cache(shelf, want.field)
        for _, key in self._keys(shelf, want):
            entry = mapping.get(key)
            if entry is not None and isinstance(entry.record, want.kind):
                yield entry

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (PyMongoError, BSONError, HubError) as error:
            self.fault = self.fault or error
            raise faults.translated(error) from error

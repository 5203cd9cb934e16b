"""Pieces of the unit of work: a record as it stands in one, and the writes that it comes to."""

from __future__ import annotations

import msgspec
from pymongo import DeleteOne, UpdateOne

from hub.domain.models import Record
from hub.domain.work import Work
from hub.store import codec
from hub.store.driver import Collection, Doc, Session
from hub.store.layout import Shelf, carries, unique_values

Pair = tuple[str, object]
"""A unique field and a value in it."""


class Entry:
    """A record in the unit. `base`: as it was loaded (None: new); `before`: as the present part found it."""

    __slots__ = ("base", "before", "gone", "part", "record", "shelf")

    def __init__(self, shelf: Shelf, record: Record) -> None:
        self.shelf = shelf
        self.record = record
        self.base: bytes | None = None
        self.before: bytes | None = None
        self.part = 0
        self.gone = False

    def holds(self, pair: Pair) -> bool:
        """Whether the record is there and has that value now."""
        return not self.gone and carries(self.record, *pair)


class Held:
    """What the unit knows of one collection; None stands for what is known to be missing."""

    __slots__ = ("entries", "index")

    def __init__(self) -> None:
        self.entries: dict[str, Entry | None] = {}
        self.index: dict[Pair, Entry | None] = {}


class Written(msgspec.Struct):
    """What a unit wrote: the collections, and the work items that are new or changed."""

    collections: set[str] = msgspec.field(default_factory=set)
    work: list[Work] = msgspec.field(default_factory=list)


class Bulk:
    """The writes to one collection. What gives up a unique value goes before what may take it."""

    __slots__ = ("changes", "giving", "new")

    def __init__(self) -> None:
        self.giving: list[DeleteOne | UpdateOne] = []
        self.changes: list[DeleteOne | UpdateOne] = []
        self.new: list[Doc] = []

    def put(self, entry: Entry) -> bool:
        """Notes what is to be written of an entry; False: nothing."""
        record = entry.record
        if entry.base is None:
            if not entry.gone:
                self.new.append(codec.encode(record))
            return not entry.gone
        if entry.gone:
            self.giving.append(DeleteOne({"_id": record.id}))
            return True
        after = codec.snapshot(record)
        if after == entry.base:
            return False
        update, fields = codec.changes(entry.base, record, after)
        gives = not fields.isdisjoint(entry.shelf.unique) and _gives_up(entry, entry.base)
        (self.giving if gives else self.changes).append(UpdateOne({"_id": record.id}, update))
        return True

    async def write(self, collection: Collection, session: Session) -> None:
        """Writes it, in two round trips at most."""
        if self.giving or self.changes:
            await collection.bulk_write(self.giving + self.changes, ordered=True, session=session)
        if self.new:
            await collection.insert_many(self.new, ordered=True, session=session)


def _gives_up(entry: Entry, base: bytes) -> bool:
    """Whether the record had a unique value that it has no more."""
    before = codec.revive(entry.shelf, base)
    return not set(unique_values(entry.shelf, before)) <= set(unique_values(entry.shelf, entry.record))


def restore(record: Record, as_it_was: Record) -> None:
    """Makes a record what it was, for all who hold it."""
    for field in record.__struct_fields__:
        setattr(record, field, getattr(as_it_was, field))

"""Where each record lives, and the indexes, as data. Add an index only with its query beside it: each one is a file.

At most 10 collections and 20 indexes beside `_id` a workspace. What is left at its default is not written, so a
partial index on "the field is there" leaves out those without a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from pymongo import ASCENDING, IndexModel

from hub.domain.models import (
    CatalogItem,
    Comment,
    Contact,
    Conversation,
    Event,
    Item,
    Message,
    Post,
    Record,
    Seen,
)
from hub.domain.work import Work

VERSION = 2
"""Grows with each change of the indexes; a workspace behind it is brought up to date when it is first used."""
FILLED = 3
"""Grows with each change of what is derived; a workspace behind it is filled up beside its use, what is open first."""
SEEN_SECONDS = 48 * 3600


class Shelf(msgspec.Struct, frozen=True):
    """A collection: what it holds (one kind, or a union told apart by its tag) and its unique fields' types."""

    name: str
    holds: Any
    unique: Mapping[str, type] = {}


def _unique(field: str) -> IndexModel:
    return IndexModel([(field, ASCENDING)], unique=True, partialFilterExpression={field: {"$exists": True}})


def _index(*fields: str, **options: Any) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], **options)


WORK = Shelf("work", Work)
CATALOG = Shelf("catalog", CatalogItem)
SHELVES = (
    Shelf("contacts", Contact, {"keys": str}),
    Shelf("conversations", Conversation, {"live": str, "number": int}),
    Shelf("messages", Message | Comment, {"keys": str}),
    Shelf("events", Event),
    WORK,
    Shelf("posts", Post),
    Shelf("seen", Seen),
    CATALOG,
)
INDEXES: Mapping[str, tuple[IndexModel, ...]] = {
    "contacts": (
        _unique("keys"),  # one contact per channel and address
        _index("terms", "_id", partialFilterExpression={"terms": {"$exists": True}}),  # filters, the newest first
    ),
    "conversations": (
        _unique("live"),  # one conversation not closed per contact; the inboxes go through those alone
        _index("number", unique=True),  # the number that people type; closed ones, newest first
        _index("waiting_since", partialFilterExpression={"waiting_since": {"$exists": True}}),  # the queue card
        _index("contact", "number"),  # a contact's history
        _index("terms", "number", partialFilterExpression={"terms": {"$exists": True}}),  # the inboxes, and filters
    ),
    "messages": (
        _unique("keys"),  # one message per channel and external id
        _index("conversation", "at"),  # a conversation's transcript; the rest of an album
        _index("contact", "at"),  # a contact's last words, for a place that opens anew
        _index("words", "type", "_id", partialFilterExpression={"words": {"$exists": True}}),  # what was said, newest
    ),
    "events": (
        _index("conversation", "_id"),  # the timeline; what is about a contact; the audit
        _index("actor", "_id"),  # a user's last act, to take it back
    ),
    "work": (_index("state", "lane", "_id"),),  # what waits, when a host takes over; a lane; what failed
    "posts": (
        _index("messages"),  # where a message is shown
        _index("desk", "thread", "at"),  # the newest posts in a place
        _index(
            "author", "at", partialFilterExpression={"role": "prompt"}
        ),  # what a user was asked, each time they write
    ),
    "seen": (_index("at", expireAfterSeconds=SEEN_SECONDS),),
    "catalog": (),
    "fs.files": (IndexModel([("filename", ASCENDING), ("uploadDate", ASCENDING)]),),
    "fs.chunks": (IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], unique=True),),
}
REFERRING: Mapping[str, tuple[tuple[str, str], ...]] = {"contacts": (("conversations", "live"),)}
"""By collection: the unique fields, elsewhere, that hold the id of one of its records."""
FORMER: Mapping[str, tuple[str, ...]] = {"conversations": ("state_1_number_1",), "messages": ("album_1",)}
"""Indexes of earlier layouts, which a workspace of then still has."""


def _shelved() -> dict[type[Record], Shelf]:
    found: dict[type[Record], Shelf] = {Item: CATALOG}
    for shelf in SHELVES:
        for kind in getattr(shelf.holds, "__args__", (shelf.holds,)):
            found[kind] = shelf
    return found


SHELF: Mapping[type[Record], Shelf] = _shelved()
"""Where a kind of record lives."""


def unique_values(shelf: Shelf, record: Record) -> list[tuple[str, object]]:
    """The record's values in its unique fields, as pairs of field and value."""
    pairs: list[tuple[str, object]] = []
    for field in shelf.unique:
        value = getattr(record, field, None)
        if isinstance(value, list):
            pairs += [(field, each) for each in value]
        elif value is not None:
            pairs.append((field, value))
    return pairs


def unique_value(shelf: Shelf, field: str, value: object) -> object | None:
    """`value` as it is kept in a unique field; None: nothing can have it. A field that is not unique is a mistake."""
    if field not in shelf.unique:
        raise TypeError(f"{shelf.name}.{field} is not unique: use query")
    if shelf.unique[field] is int and isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None
    return value


def carries(record: Record, field: str, value: object) -> bool:
    """Whether the record has the value in that field now."""
    held = getattr(record, field, None)
    return value in held if isinstance(held, list) else held == value

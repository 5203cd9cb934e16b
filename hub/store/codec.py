"""Records to documents and back, and questions to filters. `id` is `_id`; times and bytes stay the database's own.

What is at its default is not written, so a question for a default also finds documents without the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from hub.domain.models import Record
from hub.domain.ports import Cond, Query
from hub.errors import HubError
from hub.store.driver import Doc
from hub.store.layout import SHELF, Shelf

R = TypeVar("R", bound=Record)
_NATIVE = (datetime, bytes)
_snapshot = msgspec.msgpack.Encoder()
_NEGATED = {"gt": "$lte", "gte": "$lt", "lt": "$gte", "lte": "$gt"}
_LAST_CHARACTER = "\U0010ffff"


def encode(record: Record) -> Doc:
    """The record as a document."""
    doc: Doc = msgspec.to_builtins(record, builtin_types=_NATIVE)
    doc["_id"] = doc.pop("id")
    return doc


def decode(shelf: Shelf, doc: Doc) -> Record:
    """The document, read with naive times, as a record."""
    doc["id"] = doc.pop("_id")
    _make_aware(doc, _times(shelf))
    try:
        record: Record = msgspec.convert(doc, shelf.holds)
    except msgspec.ValidationError as error:
        raise HubError(f"A record in {shelf.name} is not as it should be: {error}") from error
    return record


def snapshot(record: Record) -> bytes:
    """All of a record in few bytes, to be compared or restored; costs a quarter of `encode`."""
    return _snapshot.encode(record)


def revive(shelf: Shelf, taken: bytes) -> Record:
    """A record as it was when the snapshot was taken."""
    record: Record = msgspec.msgpack.decode(taken, type=shelf.holds)
    return record


def changes(before: bytes, after: bytes) -> tuple[Doc, set[str]]:
    """The update that leads from one snapshot of a record to the other, and the fields it touches; top-level only.

    Compared with what was read, not with the document: fields that a newer hub wrote are left alone.
    """
    old, new = msgspec.msgpack.decode(before), msgspec.msgpack.decode(after)
    assign = {key: value for key, value in new.items() if key not in old or old[key] != value}
    gone = {key: "" for key in old if key not in new}
    update = {op: fields for op, fields in (("$set", assign), ("$unset", gone)) if fields}
    return update, assign.keys() | gone.keys()


# -- questions ---------------------------------------------------------------------------------------------------------


def condition(kind: type[Record], where: Mapping[str, object]) -> Doc:
    """The filter for records of that kind."""
    found: Doc = {("_id" if field == "id" else field): _match(kind, field, value) for field, value in where.items()}
    tag = kind.__struct_config__.tag
    if SHELF[kind].holds is not kind:
        found["type"] = tag if tag is not None else {"$exists": True}
    return found


def order(query: Query) -> list[tuple[str, int]]:
    """The sort for a query; empty: none."""
    if not query.order:
        return []
    field = query.order.removeprefix("-")
    return [("_id" if field == "id" else field, -1 if query.order.startswith("-") else 1)]


def _match(kind: type[Record], field: str, value: object) -> object:
    default = _default(kind, field)
    if not isinstance(value, Cond):
        return value if default is None or value != default else {"$in": [value, None]}
    return _compare(value, default)


def _compare(cond: Cond, default: object) -> Doc:
    value = cond.value
    if cond.op == "in":
        values = list(value) if isinstance(value, Iterable) else [value]
        return {"$in": [*values, None] if default is not None and default in values else values}
    if cond.op == "prefix":
        return {"$gte": value, "$lt": f"{value}{_LAST_CHARACTER}"}
    if cond.op == "ne":
        return {"$nin": [value, None]} if value is not None and value == default else {"$ne": value}
    if default is not None and _SATISFIES[cond.op](default, value):
        return {"$not": {_NEGATED[cond.op]: value}}
    return {f"${cond.op}": value}


_SATISFIES: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}


def _default(kind: type[Record], field: str) -> object:
    """What a document without the field means; None where it means nothing."""
    return _defaults(kind).get(field)


_known: dict[type[Record], dict[str, object]] = {}


def _defaults(kind: type[Record]) -> dict[str, object]:
    if kind not in _known:
        fields = msgspec.structs.fields(kind)
        _known[kind] = {f.name: f.default for f in fields if f.default is not msgspec.NODEFAULT}
    return _known[kind]


# -- times -------------------------------------------------------------------------------------------------------------
# The driver makes an aware time ten times slower than a naive one, and a record has several; so they are read as naive
# ones, and made aware where the shelf's types say that there is one.

Times = dict[str, Any]
"""Fields that are times (with None), or in which there are some (with the same of what is in there)."""
_trees: dict[str, Times] = {}


def _times(shelf: Shelf) -> Times:
    if shelf.name not in _trees:
        _trees[shelf.name] = _tree(inspect.type_info(shelf.holds))
    return _trees[shelf.name]


def _tree(known: inspect.Type) -> Times:
    """The times in a type: in a struct's fields, in a list's items, in any of a union."""
    if isinstance(known, inspect.UnionType):
        return {name: tree for part in known.types for name, tree in _tree(part).items()}
    if isinstance(known, inspect.CollectionType):
        return _tree(known.item_type)
    found: Times = {}
    for field in known.fields if isinstance(known, inspect.StructType) else ():
        inner = _tree(field.type)
        parts = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
        if inner or any(isinstance(part, inspect.DateTimeType) for part in parts):
            found[field.name] = inner or None
    return found


def _make_aware(doc: Doc, times: Times) -> None:
    for field, inner in times.items():
        value = doc.get(field)
        if isinstance(value, datetime):
            doc[field] = value.replace(tzinfo=UTC)
        elif inner and value:
            for part in value if isinstance(value, list) else (value,):
                _make_aware(part, inner)

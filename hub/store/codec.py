"""Records to documents and back, and questions to filters. `id` is `_id`; times and bytes stay the database's own.

What is at its default is not written, so a question for a default also finds documents without the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import msgspec
from msgspec import inspect

from hub.domain.models import Record
from hub.domain.ports import Cond, Query
from hub.domain.ports.storage import EITHER
from hub.errors import HubError
from hub.store.derived import DERIVED
from hub.store.driver import Doc
from hub.store.layout import SHELF, Shelf

R = TypeVar("R", bound=Record)
_NATIVE = (datetime, bytes)
_snapshot = msgspec.msgpack.Encoder()
_plain = msgspec.msgpack.Decoder()
_EPOCH, _NAIVE_EPOCH = datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1)  # noqa: DTZ001 - as the driver reads times
_NEGATED = {"gt": "$lte", "gte": "$lt", "lt": "$gte", "lte": "$gt"}
_LAST_CHARACTER = "\U0010ffff"


def encode(record: Record) -> Doc:
    """The record as a document."""
    doc: Doc = msgspec.to_builtins(record, builtin_types=_NATIVE, str_keys=True)
    doc["_id"] = doc.pop("id")
    derived = DERIVED.get(type(record))
    if derived is not None and (values := derived.make(record)):
        doc[derived.field] = values
    return doc


def decode(shelf: Shelf, doc: Doc) -> Record:
    """The document, read with naive times, as a record."""
    doc["id"] = doc.pop("_id")
    _make_aware(doc, _times(shelf))
    try:
        record: Record = msgspec.convert(doc, shelf.holds, str_keys=True)
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


def changes(before: bytes, record: Record, after: bytes) -> tuple[Doc, set[str]]:
    """The update that leads from one snapshot of a record to the other, and the fields it touches; top-level only.

    Compared with what was read, not with the document: fields that a newer hub wrote are left alone. What is derived
    is written anew whenever something changed that it is made of.
    """
    old, new = _plain.decode(before), _plain.decode(after)
    assign = {key: _named(value) for key, value in new.items() if key not in old or old[key] != value}
    gone = {key: "" for key in old if key not in new}
    touched = assign.keys() | gone.keys()
    derived = DERIVED.get(type(record))
    if derived is not None and derived.differs(old, new, touched):
        assign[derived.field] = derived.make(record)
    update = {op: fields for op, fields in (("$set", assign), ("$unset", gone)) if fields}
    return update, touched


def _named(value: object) -> object:
    """The database's documents have words as keys, and weekdays are numbers."""
    return msgspec.to_builtins(value, builtin_types=_NATIVE, str_keys=True) if isinstance(value, dict) else value


# -- questions ---------------------------------------------------------------------------------------------------------


def condition(kind: type[Record], where: Mapping[str, object]) -> Doc:
    """The filter for records of that kind."""
    plain = {field: value for field, value in where.items() if field != EITHER}
    found: Doc = {("_id" if field == "id" else field): _match(kind, field, value) for field, value in plain.items()}
    if EITHER in where:
        further = cast("Iterable[Mapping[str, object]]", where[EITHER])
        found["$or"] = [condition(kind, each) for each in further]
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
    if cond.op in _PLAIN:
        return _PLAIN[cond.op](value)
    if cond.op == "ne":
        return {"$nin": [value, None]} if value is not None and value == default else {"$ne": value}
    if default is not None and _SATISFIES[cond.op](default, value):
        return {"$not": {_NEGATED[cond.op]: value}}
    return {f"${cond.op}": value}


_PLAIN: Mapping[str, Callable[[Any], Doc]] = {
    "all": lambda values: {"$all": list(values)},
    "within": lambda ends: {"$elemMatch": {"$gte": ends[0], "$lt": ends[1]}},
    "between": lambda ends: {"$gt": ends[0], "$lt": ends[1]},
    "prefix": lambda value: {"$gte": value, "$lt": f"{value}{_LAST_CHARACTER}"},
}
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
    for field in times.keys() & doc.keys():
        value, inner = doc[field], times[field]
        if isinstance(value, datetime):
            doc[field] = _EPOCH + (value - _NAIVE_EPOCH)  # `replace` takes twenty times as long
        elif inner and value:
            for part in value if isinstance(value, list) else (value,):
                _make_aware(part, inner)

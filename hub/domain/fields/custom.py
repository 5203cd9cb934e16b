"""The workspace's own fields: added, renamed, given other options, removed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import get_args

from hub.domain.catalog import Field, FieldKind
from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.fields.values import DEFAULTS
from hub.domain.models import Event, Facts, Preferences
from hub.domain.ports import Tx
from hub.errors import Invalid, NotFound, Refused

KINDS: tuple[FieldKind, ...] = get_args(FieldKind)
LONGEST = 50
LONGEST_OPTION = 50
MOST = 100
"""Fields of a workspace."""
MOST_OPTIONS = 50
RESERVED = frozenset(
    {*(d.id for d in DEFAULTS), "id", "name", "username", "picture", "tag", "tags", "channel", "assignee", "team"}
    | {"block", "created_at", "preferences", "turns"}
)
"""Ids that mean something else: what every contact has, and what there is one of in a catalog."""


async def add(tx: Tx, act: Act, name: str, kind: FieldKind, options: Sequence[str] = ()) -> Field:
    """A new field. Raises Invalid where its name or options are not as they should be, Refused where it is there."""
    every = await tx.items(Field)
    if len(every) >= MOST:
        raise Refused(f"There are {MOST} fields already; remove one first.")
    field = Field(id=await _free_id(tx, name, every), name=_named(name, every), kind=kind)
    field.options = _options(options) if kind == "list" else []
    if await tx.get(Field, field.id) is not None:
        raise Refused(f"Somebody has just added {name}. /fields lists them.")
    tx.add(field)
    _note(tx, act, field.id, field, None)
    return field


async def rename(tx: Tx, act: Act, id: str, name: str) -> Field:
    """Another name; the id stays, and so do all values."""
    field = await _present(tx, id)
    before = _facts(field)
    field.name = _named(name, [f for f in await tx.items(Field) if f.id != id])
    _note(tx, act, field.id, field, before)
    return field


async def choose_from(tx: Tx, act: Act, id: str, options: Sequence[str]) -> Field:
    """Other options of a list; what contacts have stays, also where it is none of them any more."""
    field = await _present(tx, id)
    if field.kind != "list":
        raise Refused(f"{field.name} is no list: it is of the type {field.kind}, which has no options.")
    before = _facts(field)
    field.options = _options(options)
    _note(tx, act, field.id, field, before)
    return field


async def remove(tx: Tx, act: Act, id: str) -> Field:
    """Takes the field away. Its id is never given again, for contacts may still hold values under it."""
    field = await _present(tx, id)
    preferences = await tx.get(Preferences, "preferences")
    if preferences is not None:
        preferences.former_fields = [*preferences.former_fields, field.id]
    tx.delete(field)
    _note(tx, act, field.id, None, _facts(field))
    return field


async def put_back(tx: Tx, act: Act, event: Event) -> str:  # noqa: ARG001 - one signature for all that is undone
    """Takes back what was done to a field."""
    name, id = str(event.facts.get("name")), str(event.facts.get("field"))
    field, kind = await tx.get(Field, id), event.facts.get("kind_before")
    if kind is None:
        if field is not None:
            tx.delete(field)
        return f"The field {name} is gone again."
    was = str(event.facts.get("name_before"))
    options = event.facts.get("options_before")
    if field is None:
        field = Field(id=id, name=was, kind=next(k for k in KINDS if k == kind))
        tx.add(field)
    field.name, field.options = was, options if isinstance(options, list) else []
    return f"The field {was} is as before."


def _facts(field: Field) -> Facts:
    return {"name": field.name, "kind": field.kind, "options": [*field.options]}


def _note(tx: Tx, act: Act, id: str, now: Field | None, before: Facts | None) -> None:
    """The event: what the field is now, and under names of their own what it was."""
    facts: Facts = {"field": id, **(_facts(now) if now else before or {})}
    facts |= {f"{name}_before": value for name, value in (before or {}).items()}
    record(tx, "fields_changed", act.at, act=act, facts=facts)


def _named(name: str, others: Iterable[Field]) -> str:
    called = " ".join(name.split())
    if not called or len(called) > LONGEST or not called[0].isalpha():
        raise Invalid(
            f"A field's name begins with a letter and has at most {LONGEST} characters, such as Order number."
        )
    if ":" in called or "," in called:
        raise Invalid(
            "A field's name has no colon and no comma in it; a list's options stand behind a colon: Plan: Free, Pro"
        )
    every = [*(d.name for d in DEFAULTS), *(f.name for f in others)]
    taken = [n for n in every if n.casefold() == called.casefold()]
    if taken:
        raise Refused(f"There is a field {taken[0]} already.")
    return called


def _options(words: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(" ".join(w.split()) for w in words if w.strip()))
    if not found:
        raise Invalid("A list needs its options, behind a colon and with commas between them: Plan: Free, Pro")
    if len(found) > MOST_OPTIONS or any(len(o) > LONGEST_OPTION for o in found):
        raise Invalid(f"A list has up to {MOST_OPTIONS} options of up to {LONGEST_OPTION} characters.")
    same = [o for o in found if sum(o.casefold() == other.casefold() for other in found) > 1]
    if same:
        raise Invalid(f"{' and '.join(same)} are the same option.")
    return found


async def _free_id(tx: Tx, name: str, every: Iterable[Field]) -> str:
    """Letters, digits and `_`, made of the name; one that was another field's is never given again."""
    preferences = await tx.get(Preferences, "preferences")
    taken = {*RESERVED, *(f.id for f in every), *(preferences.former_fields if preferences else ())}
    bare = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "_", bare).strip("_")[:24] or "field"
    return next(id for id in (slug, *(f"{slug}_{n}" for n in range(2, 10_000))) if id not in taken)


async def _present(tx: Tx, id: str) -> Field:
    field = await tx.get(Field, id)
    if field is None:
        raise NotFound("That field was removed meanwhile. /fields lists them.")
    return field

"""What a row of a file makes of a contact: its values as they are kept, or why it is refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub.domain.carrying.cells import unguarded
from hub.domain.carrying.columns import ALONE, IDENTIFIERS, Column, Plan
from hub.domain.carrying.tables import Row
from hub.domain.catalog import FieldValue
from hub.domain.fields import values
from hub.domain.fields.values import AnyField
from hub.domain.models import Contact
from hub.errors import Invalid

MOST_TAGS = 20
"""Tags of one row."""
LONGEST_TAG = 32
WORDS: Mapping[str, str] = {"id": "contact ID", "phone": "phone", "email": "e-mail"}
Changes = dict[str, FieldValue | None]
"""By target: the value, or None where there is none."""


class Draft(msgspec.Struct, frozen=True):
    """A row as it was read. `keys`: by which identifiers the contact can be known, the chosen one first."""

    line: int
    values: Mapping[str, FieldValue]
    tags: tuple[str, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    problem: str = ""

    @property
    def key(self) -> tuple[str, str] | None:
        """By which it is known."""
        return self.keys[0] if self.keys else None


def drafted(row: Row, plan: Plan, fields: Mapping[str, AnyField]) -> Draft:
    """The row by the plan; where something in it is wrong, with the reason. `fields`: by what columns are taken for."""
    if row.problem:
        return Draft(row.line, {}, problem=row.problem)
    found: dict[str, FieldValue] = {}
    tags: tuple[str, ...] = ()
    try:
        for column, cell in zip(plan.columns, row.cells, strict=True):
            words = unguarded(cell)
            if words and column.target == "tags":
                tags = _tags(words)
            elif words and column.target:
                found[column.target] = _value(column, words, fields)
    except Invalid as error:
        return Draft(row.line, {}, problem=error.text.rstrip("."))
    order = dict.fromkeys((plan.by, *IDENTIFIERS))
    keys = tuple((each, str(found[each])) for each in order if each in found)
    return Draft(row.line, found, tags, keys)


def _value(column: Column, words: str, fields: Mapping[str, AnyField]) -> FieldValue:
    if column.target in ALONE:
        return words.strip()
    field = fields.get(column.target)
    if field is None:
        raise Invalid(f"{column.header}: there is no such field any more.")
    try:
        return values.read(field, words)
    except Invalid as error:
        raise Invalid(f"{column.header}: {error.text}") from error


def _tags(words: str) -> tuple[str, ...]:
    names = [" ".join(part.split()) for part in words.replace(";", ",").replace("|", ",").split(",")]
    found = tuple({name.casefold(): name for name in names if name}.values())
    long = next((name for name in found if len(name) > LONGEST_TAG), None)
    if long is not None:
        raise Invalid(f"The tag “{long[:40]}” has more than {LONGEST_TAG} characters.")
    if len(found) > MOST_TAGS:
        raise Invalid(f"A contact cannot be given more than {MOST_TAGS} tags at once.")
    return found


def refusal(draft: Draft, plan: Plan, known: bool) -> str:
    """Why the row is not taken, by the plan; empty where it is. `known`: whether the contact is there."""
    if draft.problem:
        return draft.problem
    if plan.purpose == "all":
        return _nameless(draft)
    if draft.key is None:
        wanted = " or ".join(WORDS[each] for each in plan.known_by)
        return f"it has no {wanted}, by which it could be known again"
    kind, value = draft.key
    if known:
        return f"somebody has the {WORDS[kind]} {value} already" if plan.purpose == "add" else ""
    if plan.purpose == "update" or kind == "id":
        return f"nobody has the {WORDS[kind]} {value}"
    return _nameless(draft)


def _nameless(draft: Draft) -> str:
    return "" if draft.values.get("first_name") else "it has no first name, which everybody who is added needs"


def held(contact: Contact, target: str) -> FieldValue | None:
    """What the contact has there; None: nothing."""
    if target.startswith("field."):
        return contact.fields.get(target.removeprefix("field."))
    return getattr(contact, target) or None


def put(contact: Contact, target: str, value: FieldValue | None) -> None:
    """Has the contact have that there."""
    if not target.startswith("field."):
        setattr(contact, target, value or "")
        return
    kept = {key: each for key, each in contact.fields.items() if key != target.removeprefix("field.")}
    contact.fields = kept if value is None else {**kept, target.removeprefix("field."): value}


def changes(contact: Contact, draft: Draft, plan: Plan) -> Changes:
    """What the row changes: each target with its new value."""
    kept = {column.target for column in plan.columns if column.keep}
    found: Changes = {}
    for target, value in draft.values.items():
        before = held(contact, target) if target not in ALONE else value
        if before != value and not (target in kept and before is not None):
            found[target] = value
    return found

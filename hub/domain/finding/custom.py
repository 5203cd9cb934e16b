"""The workspace's own fields as keys of filters: `plan:gold`, `age>=18`, `birthday:none`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date

from hub.domain.finding.conditions import Condition, Start, Wrong, one_of
from hub.domain.finding.grammar import Sign, Term, Value
from hub.domain.finding.known import NOBODY, Known, guess
from hub.domain.finding.terms import AFTER, field_term
from hub.domain.finding.words import folded
from hub.domain.models import Field, FieldValue

_ORDERED = ("number", "date", "time")
_YES = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}
_FITS: Mapping[Sign, Callable[[str, str], bool]] = {
    ":": lambda had, wanted: had == wanted,
    ">": lambda had, wanted: had > wanted,
    ">=": lambda had, wanted: had >= wanted,
    "<": lambda had, wanted: had < wanted,
    "<=": lambda had, wanted: had <= wanted,
}


def field_called(known: Known, key: str) -> Field | None:
    """The field whose id or name a key is; in names a space is written as an underscore."""
    for field in known.fields:
        if key in (field.id.casefold(), field.name.casefold().replace(" ", "_")):
            return field
    return None


def of_field(field: Field, term: Term) -> Condition:
    """The condition that a term about the field stands for. Raises Wrong."""
    if term.sign != ":" and field.kind not in _ORDERED:
        raise Wrong(f"{field.name} has no order; compare it with a colon: {term.key}:…", term.where)
    return one_of([_one(field, term.sign, value) for value in term.values])


def _one(field: Field, sign: Sign, value: Value) -> Condition:
    id = field.id
    if value.text.casefold() in NOBODY and sign == ":" and field.kind != "checkbox":
        return Condition(holds=lambda case: case.contact.fields.get(id) in (None, ""), contact=True)
    wanted, fits = _term(field, value), _FITS[sign]

    def had(held: FieldValue | None) -> bool:
        return held is not None and fits(field_term(held), wanted)

    if field.kind == "checkbox" and wanted == "no":  # nobody has said yes
        return Condition(holds=lambda case: not case.contact.fields.get(id), contact=True)
    cover = (_start(f"f:{id}:", sign, wanted),)
    return Condition(
        holds=lambda case: had(case.contact.fields.get(id)), choices=(cover,), exact=sign == ":", contact=True
    )


def _start(prefix: str, sign: Sign, wanted: str) -> Start:
    term = prefix + wanted
    if sign == ":":
        return Start("contacts", (term,))
    between = (term, prefix + AFTER) if sign in (">", ">=") else (prefix, term + AFTER)
    return Start("contacts", between=between)


def _term(field: Field, value: Value) -> str:
    """What is looked for, as terms have it. Raises Wrong."""
    text = value.text
    if field.kind == "checkbox":
        if text.casefold() not in _YES:
            raise Wrong(f"{field.name} is yes or no.", value.where)
        return field_term(_YES[text.casefold()])
    if field.kind == "number":
        return field_term(_number(field, value))
    if field.kind == "date" and not _is_day(text):
        raise Wrong(f"{field.name} is a date: write it as 2026-10-31.", value.where)
    if field.kind == "time":
        return field_term(text.zfill(5))
    if field.kind == "list" and folded(text.replace("_", " ")) not in map(folded, field.options):
        raise Wrong(f"{field.name} is never “{text}”.{guess(text, field.options)}", value.where)
    return field_term(text.replace("_", " ") if field.kind in ("text", "list") else text)


def _number(field: Field, value: Value) -> float:
    try:
        number = float(value.text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Wrong(f"{field.name} is a number, such as 42 or 9.5.", value.where)
    return number


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10

"""Keys that ask when something was: `opened>3d`, `closed:oct`, `seen<2026-10-01`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from hub.domain.finding.conditions import Case, Condition, Cover, Finds, Start, Wrong, one_of
from hub.domain.finding.grammar import Sign, Term, Value
from hub.domain.finding.known import NOBODY, Known
from hub.domain.finding.terms import AFTER
from hub.domain.finding.times import RIGHT, Stretch, stretch

_DAY = timedelta(days=1)


class Moment(msgspec.Struct, frozen=True):
    """A moment of a case; None: it never was.

    `cover`: starts that lead to all that have one. `day`: how the terms begin that say its day (in UTC), `of` whom.
    """

    get: Callable[[Case], datetime | None]
    cover: Cover = ()
    day: str = ""
    of: Finds = "contacts"
    says_state: bool = False
    contact: bool = False
    conversation: bool = False


def moment(known: Known, term: Term, of: Moment) -> Condition:
    """The condition that a term with a moment stands for. Raises Wrong."""
    found = [_one(known, term.sign, value, of) for value in term.values]
    return one_of(found)


def _one(known: Known, sign: Sign, value: Value, of: Moment) -> Condition:
    if value.text.casefold() in NOBODY and sign == ":":
        return _condition(of, lambda case: of.get(case) is None, ())
    wanted = stretch(value.text, known.clock)
    if wanted is None:
        raise Wrong(f"“{value.text}” is no time that I know. {RIGHT}", value.where)
    first, after = _bounds(sign, wanted)

    def holds(case: Case) -> bool:
        at = of.get(case)
        return at is not None and (first is None or at >= first) and (after is None or at < after)

    return _condition(of, holds, _cover(of, first, after, known))


def _bounds(sign: Sign, wanted: Stretch) -> tuple[datetime | None, datetime | None]:
    """From and to (not included). What is older than a duration is more of it; of days, the later ones are more."""
    if wanted.age:
        return (None, wanted.first) if sign in (">", ">=") else (wanted.first, None)
    by_sign: dict[Sign, tuple[datetime | None, datetime | None]] = {
        ":": (wanted.first, wanted.after),
        ">": (wanted.after, None),
        ">=": (wanted.first, None),
        "<": (None, wanted.first),
        "<=": (None, wanted.after),
    }
    return by_sign[sign]


def _cover(of: Moment, first: datetime | None, after: datetime | None, known: Known) -> Cover:
    if not of.day or (of.of == "conversations" and known.finds == "contacts"):
        return of.cover
    low = f"{of.day}{first:%Y-%m-%d}" if first else of.day
    high = f"{of.day}{after + _DAY:%Y-%m-%d}" if after else of.day + AFTER
    return (Start(of.of, between=(low, high)),)


def _condition(of: Moment, holds: Callable[[Case], bool], cover: Cover) -> Condition:
    return Condition(
        holds=holds,
        choices=(cover,) if cover else (),
        says_state=of.says_state,
        contact=of.contact,
        conversation=of.conversation,
    )

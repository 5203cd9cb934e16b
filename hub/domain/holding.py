"""What the gate held, counted by day and by its rule, with what became of it: in the deed that holds or decides, so
that nothing has to be read through for it.

A day is the one on which it was held, so that what came of it never is more than was held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from hub.domain.models import HeldDay
from hub.domain.ports import Reads, Tx
from hub.domain.preferences import seen_preferences

Outcome = Literal["held", "sent", "noted", "lapsed"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
WEEK = 7
KEPT = timedelta(days=31)
ROWS: Mapping[str, str] = {
    "mentions": "mentions a colleague",
    "called": "may answer a colleague's note",
    "not_now": "somebody else's, snoozed, closed or out of reach",
    "greets": "greets another name",
    "late_argument": "may answer a question of mine",
    "own_only": "beyond the writer's limits",
    "moved": "goes on at another desk",
    "command": "an unknown command",
    "marked": "begins like a note",
    "colleagues_words": "a colleague's words, forwarded",
    "for_another": "begins with another's number",
}
"""The gate's rules that hold, and why they do, in words."""


class Shown(msgspec.Struct, frozen=True):
    """So many were held for that, and so many of them were sent as they were, made notes, or expired into notes."""

    of: str
    held: int
    sent: int
    noted: int
    lapsed: int


class Week(msgspec.Struct, frozen=True):
    """The last seven days, the newest first, and why it was held, the most frequent first."""

    days: Sequence[Shown]
    reasons: Sequence[Shown]
    total: Shown


async def count(tx: Tx, row: str, outcome: Outcome, held_at: datetime) -> None:
    """Counts what a rule held, or what became of it. What no rule held, such as a preview, is not counted."""
    if row not in ROWS:
        return
    id = _id(await _day(tx, held_at))
    day = await tx.get(HeldDay, id)
    if day is None:
        day = HeldDay(id=id)
        tx.add(day)
        await _forget(tx, await _day(tx, held_at - KEPT))
    key = f"{row}.{outcome}"
    day.counts = {**day.counts, key: day.counts.get(key, 0) + 1}


async def _forget(tx: Tx, before: date) -> None:
    for old in await tx.items(HeldDay):
        if old.id < _id(before):
            tx.delete(old)


async def week(reads: Reads, at: datetime) -> Week:
    """What was held in the last seven days, as days are in the workspace's zone."""
    today = await _day(reads, at)
    known = {day.id: day.counts for day in await reads.items(HeldDay)}
    days = [today - timedelta(days=ago) for ago in range(WEEK)]
    counts = [known.get(_id(day), {}) for day in days]
    reasons = [_sum(words, counts, row) for row, words in ROWS.items()]
    return Week(
        days=[_sum(f"{day:%a %d}", [of_it]) for day, of_it in zip(days, counts, strict=True)],
        reasons=sorted((r for r in reasons if r.held), key=lambda r: -r.held),
        total=_sum("", counts),
    )


def _sum(of: str, counts: Sequence[Mapping[str, int]], row: str = "") -> Shown:
    rows = (row,) if row else tuple(ROWS)
    held, sent, noted, lapsed = (sum(c.get(f"{r}.{what}", 0) for c in counts for r in rows) for what in OUTCOMES)
    return Shown(of, held, sent, noted, lapsed)


def _id(day: date) -> str:
    return f"held|{day.isoformat()}"


async def _day(reads: Reads, at: datetime) -> date:
    return at.astimezone(ZoneInfo((await seen_preferences(reads)).time_zone)).date()

"""Stretches of the past, as filters name them: `today`, `mon`, `oct`, `2026-11`, `2026-11-21`, `3d` ago."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from hub.domain.timing.phrases import span

RIGHT = "Write 2h, 3d, today, mon, oct, 2026-10 or 2026-10-31."
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_SHORTEST = 3
_STAMP = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_OLDEST = 1970
_LATEST = 9000


class Clock(msgspec.Struct, frozen=True):
    """Now, and the time zone of who asks."""

    at: datetime
    zone: str = "UTC"

    @property
    def today(self) -> date:
        """The day it is there."""
        return self.at.astimezone(ZoneInfo(self.zone)).date()

    def begins(self, day: date) -> datetime:
        """When that day begins there."""
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


class Stretch(msgspec.Struct, frozen=True):
    """From a moment to another, which is not part of it. `age`: it was said as a duration, back from now."""

    first: datetime
    after: datetime
    age: bool = False


def stretch(word: str, clock: Clock) -> Stretch | None:
    """What a word means; None: it means no time. Weekdays and months are the last ones."""
    plain = word.casefold().rstrip(".,;")
    back = span(plain)
    if back is not None:
        return _back(back, clock)
    days = _named(plain, clock.today) or _stamped(plain)
    if days is None:
        return None
    return Stretch(clock.begins(days[0]), clock.begins(days[1]))


def _back(back: timedelta, clock: Clock) -> Stretch:
    longest = clock.at - datetime(_OLDEST, 1, 1, tzinfo=UTC)
    return Stretch(clock.at - min(back, longest), clock.at, age=True)


def _named(word: str, today: date) -> tuple[date, date] | None:
    one = timedelta(days=1)
    if word in ("today", "yesterday"):
        first = today if word == "today" else today - one
        return first, first + one
    if len(word) < _SHORTEST:
        return None
    for number, name in enumerate(_DAYS):
        if name.startswith(word):
            first = today - timedelta(days=(today.weekday() - number) % 7)
            return first, first + one
    for number, name in enumerate(_MONTHS, 1):
        if name.startswith(word):
            return _month(today.year - (number > today.month), number)
    return None


def _stamped(word: str) -> tuple[date, date] | None:
    found = _STAMP.fullmatch(word)
    if found is None or not _OLDEST <= int(found[1]) < _LATEST:
        return None
    year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    try:
        if day:
            return date(year, month, day), date(year, month, day) + timedelta(days=1)
        return _month(year, month) if found[2] else (date(year, 1, 1), date(year + 1, 1, 1))
    except ValueError:
        return None


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)

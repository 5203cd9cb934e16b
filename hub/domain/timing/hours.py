"""Business hours: whether a moment is within them, when they begin next, and how time within them is counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.domain.catalog import Hours
from hub.errors import Invalid

DAY = 24 * 60
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
FAR = 400
"""Days that are looked through: hours that do not open in more than a year never do."""


def open_at(hours: Hours, zone: str, at: datetime) -> bool:
    """Whether the moment is within business hours."""
    return any(start <= at < end for start, end in _spans(hours, zone, at, days=1))


def next_opening(hours: Hours, zone: str, at: datetime) -> datetime | None:
    """The first moment from `at` on that is within business hours: `at` itself where it is. None: there is none within
    a year.
    """
    return next((max(start, at) for start, end in _spans(hours, zone, at, FAR) if end > at), None)


def after_minutes(hours: Hours, zone: str, at: datetime, minutes: float) -> datetime:
    """The moment when so many minutes of business hours have gone by since `at`; in a year, where they never do."""
    left, reached = timedelta(minutes=minutes), at
    if not hours.week and not hours.holidays:
        return at + left
    for start, end in _spans(hours, zone, at, FAR):
        begin = max(start, reached)
        if end - begin >= left:
            return begin + left
        if end > begin:
            left, reached = left - (end - begin), end
    return at + timedelta(days=FAR)


def works_on(hours: Hours, day: date) -> bool:
    """Whether business hours begin on that day."""
    return not _holiday(hours, day) and (not hours.week or bool(hours.week.get(day.weekday())))


def minute_of(clock: str) -> int:
    """Minutes since midnight of a time such as `9:00`; `24:00` is the end of the day. Raises Invalid."""
    found = _CLOCK.fullmatch(clock)
    hour, minute = (int(found[1]), int(found[2])) if found else (99, 0)
    if hour * 60 + minute > DAY or minute > 59:
        raise Invalid(f"“{clock}” is no time of day. Write it as 9:00 or 17:30.")
    return hour * 60 + minute


def _spans(hours: Hours, zone: str, at: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
    """When it is open, in order, from the day before `at` (whose hours may reach past midnight) on."""
    where = ZoneInfo(zone)
    first = at.astimezone(where).date() - timedelta(days=1)
    for day in (first + timedelta(days=n) for n in range(days + 1)):
        if works_on(hours, day):
            yield from (_span(where, day, *each) for each in sorted(_minutes(hours, day)))


def _minutes(hours: Hours, day: date) -> list[tuple[int, int]]:
    if not hours.week:
        return [(0, DAY)]
    spans = ((minute_of(start), minute_of(end)) for start, end in hours.week[day.weekday()])
    return [(start, end if end > start else end + DAY) for start, end in spans]


def _span(zone: ZoneInfo, day: date, start: int, end: int) -> tuple[datetime, datetime]:
    return _moment(zone, day, start), _moment(zone, day, end)


def _moment(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """That time on the wall of that day, whatever the clocks do in its night."""
    days, rest = divmod(minute, DAY)
    wall = time(rest // 60, rest % 60, tzinfo=zone)
    return datetime.combine(day + timedelta(days=days), wall).astimezone(UTC)


def _holiday(hours: Hours, day: date) -> bool:
    return f"{day:%Y-%m-%d}" in hours.holidays or f"{day:%m-%d}" in hours.holidays

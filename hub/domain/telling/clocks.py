"""Times of a day as people type them, and when they come next in a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.domain.timing.hours import DAY, minute_of
from hub.errors import Invalid

_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.|h|uhr)?", re.IGNORECASE)
RIGHT = "Write a time as 9:00, 9 or 5:30pm"


def clock_of(words: str, *, end: bool = False) -> str:
    """A time such as `9:00`, from 9, 9:00, 9.00, 9am or 5:30pm. Raises Invalid. `end`: 24:00 is one, too."""
    found = _CLOCK.fullmatch(words.strip())
    if found is None:
        raise Invalid(f"“{words.strip()[:20]}” is no time. {RIGHT}.")
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "")[:1].lower()
    if half in ("a", "p"):
        if not 1 <= hour <= 12:
            raise Invalid(f"“{words.strip()[:20]}” is no time. {RIGHT}.")
        hour = hour % 12 + (12 if half == "p" else 0)
    if minute > 59 or hour * 60 + minute > (DAY if end else DAY - 1):
        raise Invalid(f"“{words.strip()[:20]}” is no time. {RIGHT}.")
    return f"{hour}:{minute:02}"


def next_at(clock: str, zone: str, at: datetime) -> datetime:
    """When a clock there shows that next, after `at`."""
    where, minute = ZoneInfo(zone), minute_of(clock) % DAY
    day = at.astimezone(where).date()
    for later in range(3):
        wall = datetime.combine(day + timedelta(days=later), time(minute // 60, minute % 60), tzinfo=where)
        if wall.astimezone(UTC) > at:
            return wall.astimezone(UTC)
    raise AssertionError("a day has every time once, or the hour after it")


def within(span: tuple[str, str], zone: str, at: datetime) -> bool:
    """Whether a clock there shows a time of the span, which may reach past midnight."""
    there = at.astimezone(ZoneInfo(zone))
    minute, (start, end) = there.hour * 60 + there.minute, map(minute_of, span)
    return start <= minute < end if start < end else minute >= start or minute < end

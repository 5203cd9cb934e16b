"""Business hours as people write them: `mon-fri 9-17:30`, `sat 10-14`, `sun closed`; and as they are said again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from hub.domain.telling.clocks import clock_of
from hub.domain.timing.hours import DAY, minute_of
from hub.errors import Invalid

Spans = tuple[tuple[str, str], ...]
Week = Mapping[int, Spans]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORT = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ALL_DAY: Spans = (("0:00", "24:00"),)
RIGHT = "Write days and times, such as /hours mon-fri 9-17:30 or /hours sat closed."
_SEVERAL = {"weekdays": (0, 4), "workdays": (0, 4), "weekend": (5, 6), "weekends": (5, 6), "daily": (0, 6)}
_CLOSED = ("closed", "off", "none")
_DASH = re.compile(r"\s*(?:[-\u2013\u2014]|\bto\b|\buntil\b)\s*")
_DATE = re.compile(r"(?:(?P<y>\d{4})-)?(?P<m>\d{1,2})-(?P<d>\d{1,2})")
_DOTTED = re.compile(r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.(?:\s?(?P<y>\d{4}))?")
_NAMED = re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.)? (?P<n>[a-z]{3,9})(?:,? (?P<y>\d{4}))?")
_TURNED = re.compile(r"(?P<n>[a-z]{3,9}) (?P<d>\d{1,2})(?:st|nd|rd|th)?(?:,? (?P<y>\d{4}))?")


def changed(week: Week, words: str) -> dict[int, Spans]:
    """The week with the days that the words name as they say. No day at all means always open. Raises Invalid."""
    now = dict(week) or dict.fromkeys(range(7), ALL_DAY)
    clauses = list(_clauses(_DASH.sub("-", " ".join(words.casefold().replace(",", " ").split())).split()))
    if not week and any(spans for _, spans in clauses):
        now = {}  # the first hours of all say when it is open, and not when it is open besides
    for days, spans in clauses:
        now |= dict.fromkeys(days, spans)
    kept = {day: spans for day, spans in sorted(now.items()) if spans}
    if not kept:
        raise Invalid("Then it would never be open. /hours always has it always open.")
    return kept


def _clauses(words: Sequence[str]) -> Iterator[tuple[list[int], Spans]]:
    """Days, and the spans behind them; none: closed."""
    at = 0
    while at < len(words):
        days: list[int] = []
        while at < len(words) and (found := _days(words[at])):
            days, at = [*days, *found], at + 1
        spans: list[tuple[str, str]] = []
        start = at
        while at < len(words) and not _days(words[at]):
            spans += _span(words[at])
            at += 1
        if not days or start == at:
            raise Invalid(RIGHT)
        yield days, _in_order(spans)


def _days(word: str) -> list[int]:
    """The days that a word names; none: it names none."""
    first, dash, last = word.partition("-")
    if word in _SEVERAL:
        start, end = _SEVERAL[word]
    else:
        one, other = _day(first), _day(last) if dash else _day(first)
        if one is None or other is None:
            return []
        start, end = one, other
    return [day % 7 for day in range(start, (end if end >= start else end + 7) + 1)]


def _day(word: str) -> int | None:
    bare = word.rstrip(".:")
    return next((i for i, name in enumerate(DAYS) if len(bare) >= 2 and name.startswith(bare)), None)


def _span(word: str) -> Spans:
    if word in _CLOSED:
        return ()
    if word in ("24h", "24", "open"):
        return ALL_DAY
    start, dash, end = word.partition("-")
    if not dash:
        raise Invalid(f"“{word[:20]}” says no hours. {RIGHT}")
    return ((clock_of(start), clock_of(end, end=True)),)


def _in_order(spans: Sequence[tuple[str, str]]) -> Spans:
    """Raises Invalid where they overlap, or have no length."""
    ordered = sorted(spans, key=lambda span: minute_of(span[0]))
    last = -1
    for start, end in ordered:
        first, until = minute_of(start), minute_of(end)
        if first < last or until == first:
            raise Invalid(f"{start}-{end} does not fit beside the others. {RIGHT}")
        last = until if until > first else until + DAY
    return tuple(ordered)


def said(week: Week) -> list[tuple[str, str]]:
    """Days and their hours, neighbours with the same together: `Mon-Fri`, `9:00-17:30`."""
    found: list[tuple[list[int], str]] = []
    for day in range(7):
        hours = ", ".join("-".join(span) for span in week.get(day, ())) or "closed"
        if found and found[-1][1] == hours:
            found[-1][0].append(day)
        else:
            found.append(([day], hours))
    return [(SHORT[d[0]] if len(d) == 1 else f"{SHORT[d[0]]}-{SHORT[d[-1]]}", hours) for d, hours in found]


# -- holidays --------------------------------------------------------------------------------------------------------


def holiday_of(words: str) -> str:
    """A day as it is kept: 2026-12-25, or 12-25 for that day of every year. Raises Invalid."""
    flat = " ".join(words.casefold().split())
    found = next((m for p in (_DATE, _DOTTED, _NAMED, _TURNED) if (m := p.fullmatch(flat))), None)
    parts = found.groupdict() if found else {}
    month = int(parts["m"]) if parts.get("m") else _month(parts.get("n") or "")
    try:
        day = date(int(parts.get("y") or 2024), month, int(parts.get("d") or 0))
    except ValueError:
        raise Invalid(f"“{words[:30]}” is no day. Write 25 Dec for every year, or 2026-12-25.") from None
    return f"{day:%Y-%m-%d}" if parts.get("y") else f"{day:%m-%d}"


def _month(name: str) -> int:
    return next((i + 1 for i, short in enumerate(MONTHS) if name.startswith(short)), 0)


def holiday_said(day: str) -> str:
    """`25 Dec` of every year, or `25 Dec 2026`."""
    *year, month, number = day.split("-")
    return " ".join([str(int(number)), MONTHS[int(month) - 1].capitalize(), *year])

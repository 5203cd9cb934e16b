"""Moments and durations as people type them on a phone: `2h`, `fri 14`, `tomorrow 9:00`, `24 nov`, `until reply`.

No case, no order to learn, and what a phone puts behind a word does not matter. What was typed is in the typist's time
zone. A phrase is read as far as it goes, so that free text may follow it.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from hub.domain.catalog import Hours
from hub.domain.timing.hours import works_on
from hub.errors import Invalid

MORNING = time(9)
"""The time of a day of which nobody said one."""
SOONEST = timedelta(hours=1)
"""The next working morning is at least so far away."""
FARTHEST = timedelta(days=2 * 366)
_DAY = timedelta(days=1)
_A_YEAR = timedelta(days=365)
RIGHT = "Write it as 2h, tomorrow 9:00, fri 14:00 or 24 nov."
TOO_FAR = f"That is too far away; two years are the most. {RIGHT}"

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_NAMED = {"morning": time(9), "noon": time(12), "afternoon": time(14), "evening": time(18), "tonight": time(20)}
_FILLERS = ("in", "for", "at", "on", "until", "till", "the", "this")
_REPLIES = ("reply", "replies", "answer", "answers", "response")
_UNITS: dict[str, float] = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 1),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 60),
    **dict.fromkeys(("d", "day", "days"), 24 * 60),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 7 * 24 * 60),
}
_DURATION = re.compile(r"(?:\d{1,6}(?:[.,]\d)?[a-z]+)+")
_PART = re.compile(r"(\d{1,6}(?:[.,]\d)?)([a-z]+)")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|h)?")
_STAMP = re.compile(r"(\d{4}-\d{2}-\d{2})t(\d{2}:\d{2})(z?)")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?")


Reading = Callable[[Sequence[str], "Frame", bool], "tuple[datetime, int] | None"]
"""Gives the moment and how many words say it, if they begin with one of its kind; `True`: free text may follow."""


class Phrase(msgspec.Struct, frozen=True):
    """What a phrase means. `until` None: until the contact writes. `words`: how many were read."""

    until: datetime | None
    words: int


class Frame(msgspec.Struct, frozen=True):
    """What a phrase is read against: now, the typist's zone, and the workspace's hours."""

    at: datetime
    zone: str = "UTC"
    hours: Hours = Hours()

    @property
    def local(self) -> datetime:
        """Now, on the typist's wall."""
        return self.at.astimezone(ZoneInfo(self.zone))


def next_morning(frame: Frame) -> datetime:
    """9:00 of the next working day: of one with business hours or, where there are none, Monday to Friday."""
    first = frame.local.date()
    for day in (first + timedelta(days=n) for n in range(400)):
        moment = _moment(day, MORNING, frame)
        if moment - frame.at >= SOONEST and _working(frame.hours, day):
            return moment
    return _moment(first + timedelta(days=1), MORNING, frame)


def _working(hours: Hours, day: date) -> bool:
    return works_on(hours, day) and (bool(hours.week) or day.weekday() < 5)


def read(words: Sequence[str], frame: Frame, *, text_follows: bool = False) -> Phrase:
    """The phrase at the front of the words; no word read: there is none. Raises Invalid where it means no moment ahead.

    `text_follows`: free text may come next, so a bare number after a day is not taken for a time, nor for text.
    """
    bare = [w.casefold().strip(",;!?") for w in words[:8]]
    skip = next((i for i, w in enumerate(bare) if w not in _FILLERS), len(bare))
    reply = _until_reply(bare)
    if reply:
        return Phrase(None, reply)
    front = [
        f"{w}:00" if i == 0 and bare[:skip][-1:] == ["at"] and w.isdigit() else w for i, w in enumerate(bare[skip:])
    ]
    for reading in (_stamp, _duration, _dated, _timed):
        found = _read(reading, front, frame, text_follows)
        if found is not None:
            moment, used = found
            used += _place_behind(front[used:], frame)
            return Phrase(_ahead(moment, frame), skip + used)
    return Phrase(None, 0)


def _place_behind(words: Sequence[str], frame: Frame) -> int:
    """How many words name the zone behind a moment, as it is shown: `(New York)`."""
    shown = f"({place(frame.zone)})".casefold().split()
    return len(shown) if list(words[: len(shown)]) == shown else 0


def _read(reading: Reading, words: Sequence[str], frame: Frame, text_follows: bool) -> tuple[datetime, int] | None:
    try:
        return reading(words, frame, text_follows)
    except OverflowError:
        raise Invalid(TOO_FAR) from None
    except ValueError:
        raise Invalid(f"There is no such day. {RIGHT}") from None


def span(word: str) -> timedelta | None:
    """A duration such as `2h`, `1h30m`, `7d` or `2 weeks`, written as one word; None: it is none."""
    flat = word.casefold().replace(" ", "")
    if not _DURATION.fullmatch(flat):
        return None
    parts = _PART.findall(flat)
    if any(unit not in _UNITS for _, unit in parts):
        return None
    return timedelta(minutes=sum(float(count.replace(",", ".")) * _UNITS[unit] for count, unit in parts))


def _ahead(moment: datetime, frame: Frame) -> datetime:
    if moment <= frame.at:
        raise Invalid(f"That moment is over: {named(moment, frame)}. {RIGHT}")
    if moment - frame.at > FARTHEST:
        raise Invalid(TOO_FAR)
    return moment


def _until_reply(words: Sequence[str]) -> int:
    """How many words say that: `reply`, `until reply`, `until they answer`."""
    until = bool(words) and words[0] in ("until", "till")
    rest = [w for w in words[until:3] if w not in ("they", "he", "she", "a", "the")]
    if not rest or rest[0] not in _REPLIES:
        return 0
    return words.index(rest[0]) + 1


def _stamp(words: Sequence[str], frame: Frame, _: bool) -> tuple[datetime, int] | None:
    """As buttons carry it, in UTC with a z: 2026-11-24t08:00z."""
    found = _STAMP.fullmatch(words[0]) if words else None
    if found is None:
        return None
    zone = "UTC" if found[3] else frame.zone
    return datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), 1


def _duration(words: Sequence[str], frame: Frame, _: bool) -> tuple[datetime, int] | None:
    used, total = 0, timedelta()
    while used < len(words):
        one, two = span(words[used]), span("".join(words[used : used + 2])) if words[used].isdigit() else None
        if one is None and two is None:
            break
        total += one or two or timedelta()
        used += 1 if one is not None else 2
    return (frame.at + total, used) if used else None


def _dated(words: Sequence[str], frame: Frame, text_follows: bool) -> tuple[datetime, int] | None:
    """A day, and perhaps a time on it, before or behind it."""
    clock, before = _clock(words, alone=False)
    found = _day(words[before:], frame, 3 if text_follows else 2)
    if found is None:
        return None
    if clock is not None and text_follows:
        raise Invalid(f"Is “{words[before]}” the day, or what is to be said? Write the day first, then the time.")
    day, used, again = found
    used += before
    if clock is None:
        clock, more = _clock_behind(words[used:], text_follows)
        used += more
    moment = _moment(day, clock or MORNING, frame)
    if moment <= frame.at and again:
        moment = _moment(day + timedelta(days=again), clock or MORNING, frame)
    return moment, used


def _clock_behind(words: Sequence[str], text_follows: bool) -> tuple[time | None, int]:
    """The time behind a day, where there is one: `14`, `at 14:00`, `in the morning`."""
    joint = next((i for i, w in enumerate(words) if w not in ("at", "in", "the")), 0)
    word = words[joint] if joint < len(words) else ""
    if text_follows and word.isdigit() and len(word) < 3 and int(word) < 24:
        raise Invalid(f"Is {word} the time, or what is to be said? Write the time as {int(word)}:00.")
    clock, used = _clock(words[joint:], alone=True)
    return (clock, joint + used) if clock is not None else (None, 0)


def _timed(words: Sequence[str], frame: Frame, _: bool) -> tuple[datetime, int] | None:
    """A time alone: when the clock shows it next."""
    clock, used = _clock(words, alone=False)
    if clock is None:
        return None
    today = frame.local.date()
    moment = _moment(today, clock, frame)
    return (moment if moment > frame.at else _moment(today + timedelta(days=1), clock, frame)), used


def _clock(words: Sequence[str], *, alone: bool) -> tuple[time | None, int]:
    """A time at the front, and how many words it has. `alone`: a bare number is an hour."""
    if not words:
        return None, 0
    if words[0] in _NAMED:
        return _NAMED[words[0]], 1
    half = len(words) > 1 and words[1] in ("am", "pm") and words[0][-1:].isdigit()
    found = _CLOCK.fullmatch(words[0].rstrip(".") + (words[1] if half else ""))
    if found is None or not (alone or found[2] or found[3]):
        return None, 0
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None, 0
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return (time(hour, minute), 1 + half) if hour < 24 and minute < 60 else (None, 0)


# -- days: the day, how many words name it, and after how many days it comes again --


def _day(words: Sequence[str], frame: Frame, least: int) -> tuple[date, int, int] | None:
    """`least`: how much of a weekday's name must be there."""
    if not words:
        return None
    today = frame.local.date()
    word = words[0].rstrip(".")
    if word == "next" and len(words) > 1:
        return _next(words[1].rstrip("."), today)
    if word in ("today", "tonight"):
        return today, int(word == "today"), 0
    if word in ("tmr", "tmrw") or ("tomorrow".startswith(word) and len(word) > 2):
        return today + timedelta(days=1), 1, 0
    weekday = _one_of(word, _DAYS, least)
    return _calendar(words, today) if weekday is None else _weekday(weekday, words[1:], today)


def _weekday(weekday: int, behind: Sequence[str], today: date) -> tuple[date, int, int]:
    """The next such day, or the one whose date comes behind. Raises Invalid where that is another: one is a slip."""
    found = _calendar(behind, today) if behind else None
    if found is None:
        return today + timedelta(days=(weekday - today.weekday()) % 7), 1, 7
    day, used, again = found
    if day.weekday() != weekday:
        right, said = _DAYS[day.weekday()].capitalize(), _DAYS[weekday].capitalize()
        raise Invalid(f"{day.day} {day:%b} {day.year} is a {right}, not a {said}. {RIGHT}")
    return day, used + 1, again


def _next(word: str, today: date) -> tuple[date, int, int] | None:
    """`next week` is its Monday, `next friday` the first that is not today."""
    weekday = 0 if word == "week" else _one_of(word, _DAYS, 2)
    return None if weekday is None else (today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1), 2, 7)


def _calendar(words: Sequence[str], today: date) -> tuple[date, int, int] | None:
    """`2026-11-24`, `24.11.`, `24 nov`, `nov 24`, with a year or without. Raises ValueError where it is no day."""
    dotted = _DOTTED.fullmatch(words[0])
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words[0]):
        return date.fromisoformat(words[0]), 1, 0
    if dotted:
        return _of_year(int(dotted[1]), int(dotted[2]), int(dotted[3] or 0), today), 1, 0
    if len(words) < 2:
        return None
    first, second = (_one_of(word.rstrip("."), _MONTHS, 3) for word in words[:2])
    month, number = (first, words[1]) if first is not None else (second, words[0])
    ordinal = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|\.)?", number)
    if month is None or ordinal is None:
        return None
    year = int(words[2]) if len(words) > 2 and re.fullmatch(r"20\d\d", words[2]) else 0
    return _of_year(int(ordinal[1]), month + 1, year, today), 3 if year else 2, 0


def _of_year(day: int, month: int, year: int, today: date) -> date:
    """Of no year: the next such day."""
    if year:
        return date(year, month, day)
    years = (y for y in range(today.year, today.year + 9) if (month, day) != (2, 29) or isleap(y))
    return next(d for d in (date(y, month, day) for y in years) if d >= today)


def _one_of(word: str, names: Sequence[str], least: int) -> int | None:
    """Which name the word begins, if it is one and long enough."""
    return next((i for i, name in enumerate(names) if len(word) >= least and name.startswith(word)), None)


def _moment(day: date, clock: time, frame: Frame) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(frame.zone)).astimezone(UTC)


def on_wall(moment: datetime, frame: Frame, zone: str) -> datetime:
    """When the clocks of another zone show what the frame's show at that moment."""
    return _shown_at(_shown(moment, frame.zone), zone)


def same_wall(moment: datetime, frame: Frame, zone: str) -> datetime | None:
    """As `on_wall`; None where clocks are set forward in one of the zones, so that what is shown may not be what was
    said: 2:30, which is skipped, became 3:30.
    """
    there = on_wall(moment, frame, zone)
    moved = _set_forward(moment, frame.zone) or _shown(there, zone) != _shown(moment, frame.zone)
    return None if moved else there


def _set_forward(moment: datetime, zone: str) -> bool:
    """Whether a time that clocks there skip is read as that moment too."""
    shown = _shown(moment, zone)
    leap = shown - _shown(moment - _DAY, zone) - _DAY
    return bool(leap) and _shown_at(shown - leap, zone) == moment


def _shown(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _shown_at(shown: datetime, zone: str) -> datetime:
    return shown.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


# -- and back into words --


def named(moment: datetime, frame: Frame) -> str:
    """A moment with its date and zone: `Tue 24 Nov, 9:00 (Berlin)`."""
    local = moment.astimezone(ZoneInfo(frame.zone))
    return f"{dated(local, frame.local)} ({place(frame.zone)})"


def dated(local: datetime, today: datetime) -> str:
    """A moment as clocks of its own zone show it: `Tue 24 Nov, 9:00`; of another year than today's, with it."""
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local:%a} {local.day} {local:%b}{year}, {local.hour}:{local:%M}"


def label(moment: datetime, frame: Frame) -> str:
    """The same for a button: `Tue 9:00`; with its date where that is more than six days away, and with its year where
    such a day comes before.
    """
    local = moment.astimezone(ZoneInfo(frame.zone))
    away = local.date() - frame.local.date()
    year = f" {local.year}" if away >= _A_YEAR else ""
    day = f"{local:%a}" if away < timedelta(days=7) else f"{local.day} {local:%b}{year}"
    return f"{day} {local.hour}:{local:%M}"


def stamp(moment: datetime) -> str:
    """The same for a button's line, which `read` understands."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def place(zone: str) -> str:
    """What a time zone is called in short: its city."""
    return zone.rpartition("/")[2].replace("_", " ")

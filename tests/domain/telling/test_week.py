"""Business hours as people write them, and as they are said again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.catalog import Hours
from hub.domain.telling import opening
from hub.domain.telling.week import ALL_DAY, Spans, changed, holiday_of, holiday_said, said
from hub.errors import Invalid


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("mon-fri 9-17:30", "Mon-Fri 9:00-17:30, Sat-Sun closed"),
        ("Mon \u2013 Fri 9 \u2013 12, 13 \u2013 17", "Mon-Fri 9:00-12:00, 13:00-17:00, Sat-Sun closed"),
        ("weekdays 8am to 6pm sat 10-14", "Mon-Fri 8:00-18:00, Sat 10:00-14:00, Sun closed"),
        ("mon wed fr 9-17", "Mon 9:00-17:00, Tue closed, Wed 9:00-17:00, Thu closed, Fri 9:00-17:00, Sat-Sun closed"),
        ("fri-mon 22-6", "Mon 22:00-6:00, Tue-Thu closed, Fri-Sun 22:00-6:00"),
        ("daily 24h", "Mon-Sun 0:00-24:00"),
        ("sun closed", "Mon-Sat 0:00-24:00, Sun closed"),
    ],
)
def test_days_and_times_are_read_as_people_write_them(words: str, told: str) -> None:
    """Where it was always open, the first hours say when it is open at all; a closed day closes that day alone."""
    assert opening.in_short(Hours(week=changed({}, words))) == told


def test_other_days_stay_as_they_are() -> None:
    """A line changes the days that it names."""
    week = changed(changed({}, "mon-fri 9-17"), "fri 9-13")
    assert said(week) == [("Mon-Thu", "9:00-17:00"), ("Fri", "9:00-13:00"), ("Sat-Sun", "closed")]
    assert 4 not in changed(week, "fri closed")


@pytest.mark.parametrize(
    "words", ["", "mon", "9-17", "mon-fri", "mon 9", "mon 9-9", "mon 9-12 11-14", "mon 25-26", "soon", "mon-sun closed"]
)
def test_what_says_no_hours_is_told_what_does(words: str) -> None:
    """And nothing is changed; no hours at all would mean always open, which nobody means by closing every day."""
    with pytest.raises(Invalid, match=r"/hours|Write a time as"):
        changed({0: ALL_DAY} if words else {}, words or "9")


_SPANS = st.lists(st.integers(0, 95), min_size=2, max_size=6, unique=True).map(sorted)


def _spans(quarters: list[int]) -> Spans:
    clocks = [f"{q // 4}:{q % 4 * 15:02}" for q in quarters]
    return tuple(zip(clocks[::2], clocks[1::2], strict=False))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.integers(0, 6), _SPANS.map(_spans), min_size=1))
def test_what_is_said_is_read_as_the_same(week: dict[int, Spans]) -> None:
    """Whatever the hours are, their words can be typed again."""
    words = " ".join(f"{days} {hours}" for days, hours in said(week))
    assert changed({}, words) == dict(sorted(week.items()))


@pytest.mark.parametrize(
    ("words", "day", "told"),
    [
        ("25 Dec", "12-25", "25 Dec"),
        ("December 25th", "12-25", "25 Dec"),
        ("24.12.2026", "2026-12-24", "24 Dec 2026"),
        ("2027-01-01", "2027-01-01", "1 Jan 2027"),
        ("29 feb", "02-29", "29 Feb"),
    ],
)
def test_holidays_are_of_a_year_or_of_all(words: str, day: str, told: str) -> None:
    """As they are written with a year or without."""
    assert (holiday_of(words), holiday_said(day)) == (day, told)


@pytest.mark.parametrize("words", ["", "soon", "30 feb", "2026-13-01", "0 jan", "25", "29.2.2026"])
def test_what_is_no_day_is_told_what_is_one(words: str) -> None:
    """And is no holiday."""
    with pytest.raises(Invalid, match="Write 25 Dec for every year, or 2026-12-25"):
        holiday_of(words)

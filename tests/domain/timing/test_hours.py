"""Business hours: what is open when, and how time within them is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.catalog import Hours
from hub.domain.timing.hours import after_minutes, minute_of, next_opening, open_at
from hub.errors import Invalid

BERLIN = "Europe/Berlin"
OFFICE = Hours(week=dict.fromkeys(range(5), (("9:00", "12:30"), ("13:00", "17:30"))), holidays=("2026-12-24", "12-25"))
MOMENTS = st.integers(0, 27 * 30 * 24 * 60).map(
    lambda minutes: datetime(2025, 12, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def berlin(text: str) -> datetime:
    """A moment on the wall there in November."""
    return datetime.fromisoformat(f"{text}+01:00")


def test_open_by_day_and_time() -> None:
    """Open from the first minute of a span up to, not with, its last; not on closed days, nor on holidays of a year
    or of every year.
    """
    assert open_at(OFFICE, BERLIN, berlin("2026-11-23T09:00"))
    assert not open_at(OFFICE, BERLIN, berlin("2026-11-23T08:59"))
    assert not open_at(OFFICE, BERLIN, berlin("2026-11-23T12:30"))
    assert not open_at(OFFICE, BERLIN, berlin("2026-11-23T17:30"))
    assert not open_at(OFFICE, BERLIN, berlin("2026-11-22T10:00"))
    assert not open_at(OFFICE, BERLIN, berlin("2026-12-24T10:00"))
    assert not open_at(OFFICE, BERLIN, berlin("2028-12-25T10:00"))


def test_no_hours_at_all_are_always_open() -> None:
    """A workspace that says nothing is open, but on its holidays."""
    assert open_at(Hours(), BERLIN, berlin("2026-11-22T03:00"))
    closed = Hours(holidays=("2026-11-22",))
    assert next_opening(closed, BERLIN, berlin("2026-11-22T03:00")) == berlin("2026-11-23T00:00")


def test_hours_that_reach_past_midnight() -> None:
    """A span whose end is not after its start goes on the next day, be that a closed day or not."""
    night = Hours(week={4: (("22:00", "6:00"),)})
    assert open_at(night, BERLIN, berlin("2026-11-27T23:00"))
    assert open_at(night, BERLIN, berlin("2026-11-28T05:59"))
    assert not open_at(night, BERLIN, berlin("2026-11-28T06:00"))
    assert after_minutes(night, BERLIN, berlin("2026-11-27T23:00"), 8 * 60) == berlin("2026-12-04T23:00")


def test_minutes_are_counted_while_open() -> None:
    """Over the break, the night, the weekend and holidays; also from a moment that is not within hours."""
    assert after_minutes(OFFICE, BERLIN, berlin("2026-11-23T12:15"), 30) == berlin("2026-11-23T13:15")
    assert after_minutes(OFFICE, BERLIN, berlin("2026-11-27T17:20"), 15) == berlin("2026-11-30T09:05")
    assert after_minutes(OFFICE, BERLIN, berlin("2026-11-28T11:00"), 0.5) == berlin("2026-11-30T09:00:30")
    assert after_minutes(OFFICE, BERLIN, berlin("2026-12-23T17:30"), 1) == berlin("2026-12-28T09:01")


def test_hours_keep_to_the_wall_when_clocks_change() -> None:
    """9:00 is 9:00 before and after the night in which an hour is missing."""
    daily = Hours(week=dict.fromkeys(range(7), (("9:00", "10:00"),)))
    before = datetime(2026, 3, 28, 9, 30, tzinfo=UTC)
    assert next_opening(daily, BERLIN, before) == datetime(2026, 3, 29, 7, tzinfo=UTC)


def test_hours_that_never_open() -> None:
    """All days holidays: there is no next opening, and what is counted in them ends in a year."""
    never = Hours(
        week={0: (("9:00", "10:00"),)}, holidays=tuple(f"{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 32))
    )
    at = berlin("2026-11-23T09:00")
    assert next_opening(never, BERLIN, at) is None
    assert after_minutes(never, BERLIN, at, 5) > at + timedelta(days=365)


@pytest.mark.parametrize("text", ["24:01", "9:60", "x", "-1:00", ""])
def test_what_is_no_time_is_refused(text: str) -> None:
    """Times are kept as they are typed, so whoever reads one checks it."""
    with pytest.raises(Invalid, match="no time of day"):
        minute_of(text)


@settings(max_examples=80, deadline=None)
@given(at=MOMENTS, one=st.integers(0, 2000), two=st.integers(0, 2000))
def test_counting_on_is_counting_at_once(at: datetime, one: int, two: int) -> None:
    """So many minutes and then so many more are their sum; more minutes never end earlier, nor before they began."""
    halfway = after_minutes(OFFICE, BERLIN, at, one)
    both = after_minutes(OFFICE, BERLIN, at, one + two)
    assert after_minutes(OFFICE, BERLIN, halfway, two) == both
    assert at <= halfway <= both


@settings(max_examples=80, deadline=None)
@given(at=MOMENTS)
def test_the_next_opening_is_open(at: datetime) -> None:
    """And it is the moment itself where that is open; nothing between the two is."""
    opening = next_opening(OFFICE, BERLIN, at)
    assert opening is not None
    assert open_at(OFFICE, BERLIN, opening)
    assert (opening == at) is open_at(OFFICE, BERLIN, at)
    assert opening == at or not open_at(OFFICE, BERLIN, at + (opening - at) / 2)

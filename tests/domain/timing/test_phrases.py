"""Moments and durations as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hub.domain.catalog import Hours
from hub.domain.ids import ContactId
from hub.domain.models import Contact
from hub.domain.timing.phrases import (
    FARTHEST,
    Frame,
    dated,
    label,
    named,
    next_morning,
    on_wall,
    read,
    same_wall,
    span,
    stamp,
)
from hub.domain.timing.zones import zone_of
from hub.errors import Invalid

FRIDAY = Frame(datetime(2026, 11, 20, 15, 10, tzinfo=UTC), "Europe/Berlin")
"""16:10 on the wall there."""
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham", "Asia/Tokyo"])
FRAMES = st.builds(
    lambda minutes, zone: Frame(datetime(2025, 12, 1, tzinfo=UTC) + timedelta(minutes=minutes), zone),
    st.integers(0, 3 * 366 * 24 * 60),
    ZONES,
)
DAYS = ["mon", "Tuesday", "wed", "THU", "fri.", "sat", "sunday", "tomorrow", "tomorrow,", "next week", "next fri"]


def whole(text: str, frame: Frame) -> datetime | None:
    """What a text that is a phrase and nothing else means."""
    phrase = read(text.split(), frame)
    if not phrase.words or phrase.words < len(text.split()):
        raise Invalid("not read to its end")
    return phrase.until


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2h", "Fri 20 Nov, 18:10"),
        ("in 90 min", "Fri 20 Nov, 17:40"),
        ("1h30m", "Fri 20 Nov, 17:40"),
        ("2 Weeks", "Fri 4 Dec, 16:10"),
        ("tomorrow", "Sat 21 Nov, 9:00"),
        ("Tomorrow, 9:00.", "Sat 21 Nov, 9:00"),
        ("9 pm tomorrow", "Sat 21 Nov, 21:00"),
        ("fri 14", "Fri 27 Nov, 14:00"),
        ("fri 17", "Fri 20 Nov, 17:00"),
        ("monday in the morning", "Mon 23 Nov, 9:00"),
        ("until monday", "Mon 23 Nov, 9:00"),
        ("next fri", "Fri 27 Nov, 9:00"),
        ("this evening", "Fri 20 Nov, 18:00"),
        ("at 9", "Sat 21 Nov, 9:00"),
        ("17.30", "Fri 20 Nov, 17:30"),
        ("24 nov", "Tue 24 Nov, 9:00"),
        ("Nov 24th 14:30", "Tue 24 Nov, 14:30"),
        ("24.11. 8", "Tue 24 Nov, 8:00"),
        ("2026-11-24 9pm", "Tue 24 Nov, 21:00"),
        ("1 jan", "Fri 1 Jan 2027, 9:00"),
        ("29 feb 2028", "Tue 29 Feb 2028, 9:00"),
        ("tue 24 nov 2:30", "Tue 24 Nov, 2:30"),
        ("Tue 24 Nov, 2:30 (Berlin)", "Tue 24 Nov, 2:30"),
        ("on Tuesday, 24 November 2026, at 14:30", "Tue 24 Nov, 14:30"),
        ("until sun 28 mar", "Sun 28 Mar 2027, 9:00"),
    ],
)
def test_as_people_type(typed: str, meant: str) -> None:
    """In any case and with what phones put behind words; what has no time is 9:00; what is over today comes again."""
    moment = whole(typed, FRIDAY)
    assert moment is not None
    assert named(moment, FRIDAY) == f"{meant} (Berlin)"


@pytest.mark.parametrize("typed", ["until reply", "reply", "Until they answer.", "answer"])
def test_until_the_contact_writes(typed: str) -> None:
    """No moment at all."""
    assert whole(typed.rstrip("."), FRIDAY) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("today 9:00", "That moment is over: Fri 20 Nov, 9:00 (Berlin)."),
        ("2026-01-01", "That moment is over"),
        ("30 feb", "There is no such day."),
        ("31.2.", "There is no such day."),
        ("900d", "two years are the most"),
        ("yesterday", "not read to its end"),
        ("monday sharp", "not read to its end"),
        ("5", "not read to its end"),
        ("", "not read to its end"),
        ("25:00", "not read to its end"),
        ("999999999999h", "not read to its end"),
        ("99999999 h", "not read to its end"),
        ("999999w", "two years are the most"),
        ("9999-12-31 23:59", "two years are the most"),
        ("9999-12-31t23:59", "two years are the most"),
        ("2026-13-40t99:99", "There is no such day."),
    ],
)
def test_what_is_no_moment_ahead(typed: str, said: str) -> None:
    """Each gets a sentence, and what would be right."""
    with pytest.raises(Invalid) as caught:
        whole(typed, FRIDAY)
    assert said in caught.value.text
    assert said == "not read to its end" or "Write it as 2h, tomorrow 9:00, fri 14:00" in caught.value.text


@pytest.mark.parametrize(
    ("line", "used"),
    [("9:00 we ship", 1), ("2h hello", 1), ("tomorrow 14:00 hello", 2), ("24 nov 9:00 x", 3), ("we go", 0), ("hi", 0)],
)
def test_text_may_follow(line: str, used: int) -> None:
    """A phrase ends where the words are none of it any more."""
    assert read(line.split(), FRIDAY, text_follows=True).words == used


@pytest.mark.parametrize("line", ["tomorrow 2 of us come", "9:00 tomorrow we come", "fri 14 Hello"])
def test_what_could_be_text_or_time_is_asked(line: str) -> None:
    """Nothing is sent at a moment, or with words, that were meant otherwise."""
    with pytest.raises(Invalid, match="or what is to be said"):
        read(line.split(), FRIDAY, text_follows=True)


def test_the_next_working_morning() -> None:
    """9:00 of the next day with business hours; without any, Monday to Friday; on holidays never; never within the
    hour.
    """
    assert named(next_morning(FRIDAY), FRIDAY) == "Mon 23 Nov, 9:00 (Berlin)"
    early = Frame(datetime(2026, 11, 20, 4, tzinfo=UTC), "Europe/Berlin")
    assert label(next_morning(early), early) == "Fri 9:00"
    late = Frame(datetime(2026, 11, 20, 7, 30, tzinfo=UTC), "Europe/Berlin")
    assert label(next_morning(late), late) == "Mon 9:00"
    weekends = Hours(week={5: (("10:00", "12:00"),)}, holidays=("2026-11-21",))
    there = Frame(FRIDAY.at, "Europe/Berlin", weekends)
    assert label(next_morning(there), there) == "28 Nov 9:00"


@pytest.mark.parametrize(
    ("word", "minutes"), [("2h", 120), ("1h30m", 90), ("7d", 7 * 1440), ("1.5h", 90), ("2 weeks", 14 * 1440)]
)
def test_durations(word: str, minutes: int) -> None:
    """One number and unit after the other."""
    assert span(word) == timedelta(minutes=minutes)
    assert span("soon") is None
    assert span("5") is None
    assert span("5x") is None


def test_where_a_contact_is() -> None:
    """By the phone number, else by the country; empty where there are several clocks there."""
    one = ContactId("c")
    assert zone_of(Contact(id=one, phone="+12125550123")) == "America/New_York"
    assert zone_of(Contact(id=one, country="DE")) == "Europe/Berlin"
    assert zone_of(Contact(id=one, country="US")) == ""
    assert zone_of(Contact(id=one, phone="call me", country="XX")) == ""


# -- properties --


@settings(max_examples=100, deadline=None)
@given(frame=FRAMES, day=st.sampled_from(DAYS), hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_day_and_a_time_are_shown_by_the_wall(frame: Frame, day: str, hour: int, minute: int) -> None:
    """Whatever moment and zone: it is ahead, at most two weeks, at that time (or, where clocks skip it, an hour on),
    and means the same when it is read again as a button carries it.
    """
    moment = whole(f"{day} {hour}:{minute:02}", frame)
    assert moment is not None
    local = moment.astimezone(ZoneInfo(frame.zone))
    assert frame.at < moment <= frame.at + timedelta(days=14, hours=2)
    skipped = local.replace(hour=hour, minute=minute, fold=0).astimezone(UTC) == moment
    assert (local.hour, local.minute) == (hour, minute) or skipped
    assert whole(stamp(moment), frame) == moment


@settings(max_examples=100, deadline=None)
@given(frame=FRAMES, minutes=st.integers(1, 2 * 365 * 24 * 60))
def test_a_duration_is_exact(frame: Frame, minutes: int) -> None:
    """However it is put into units, and across changes of the clocks."""
    days, rest = divmod(minutes, 1440)
    typed = "".join(f"{n}{unit}" for n, unit in ((days, "d"), (rest // 60, "h"), (rest % 60, "m")) if n)
    assert whole(typed, frame) == frame.at + timedelta(minutes=minutes)
    assert timedelta(minutes=minutes) <= FARTHEST


@settings(max_examples=100, deadline=None)
@given(frame=FRAMES, words=st.lists(st.text(min_size=1, max_size=12), max_size=9), follows=st.booleans())
def test_nothing_typed_breaks_it(frame: Frame, words: list[str], follows: bool) -> None:
    """Any words are a phrase ahead, none, or refused in a sentence."""
    try:
        phrase = read(words, frame, text_follows=follows)
    except Invalid:
        return
    assert 0 <= phrase.words <= len(words)
    assert phrase.until is None or phrase.until > frame.at


@settings(max_examples=100, deadline=None)
@given(
    frame=FRAMES,
    text=st.from_regex(
        r"(in |at |next |[a-z]{2,9} )?[0-9]{1,4}[.:/-]?[0-9]{0,3}[.a-z]{0,3} ?[a-z0-9:]{0,6}", fullmatch=True
    ),
)
def test_nothing_like_a_moment_breaks_it(frame: Frame, text: str) -> None:
    """The same of what looks like one."""
    test_nothing_typed_breaks_it.hypothesis.inner_test(frame, text.split(), True)  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None)
@given(frame=FRAMES, zone=ZONES)
def test_the_same_wall_elsewhere(frame: Frame, zone: str) -> None:
    """What a clock shows here is shown there at the moment that is given, and back again here."""
    there = on_wall(frame.at, frame, zone)
    back = on_wall(there, Frame(there, zone), frame.zone)
    shown = frame.at.astimezone(ZoneInfo(frame.zone)).replace(tzinfo=None, fold=0)
    gap = timedelta(hours=1)
    assert abs(there.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) - shown) <= gap
    assert abs(back - frame.at) <= gap


@settings(max_examples=60, deadline=None)
@given(frame=FRAMES)
def test_the_next_working_morning_is_one(frame: Frame) -> None:
    """At 9:00, Monday to Friday, more than an hour and at most four days ahead."""
    local = next_morning(frame).astimezone(ZoneInfo(frame.zone))
    assert (local.hour, local.minute) == (9, 0)
    assert local.weekday() < 5
    assert timedelta(hours=1) <= local - frame.at <= timedelta(days=4)


@given(frame=FRAMES, minutes=st.integers(1, 2 * 365 * 24 * 60))
def test_what_is_shown_is_read_back(frame: Frame, minutes: int) -> None:
    """Each form in which the hub shows a moment ahead means that moment again, where text follows as well. What clocks
    show twice is the first of both.
    """
    moment = frame.at.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    local = moment.astimezone(ZoneInfo(frame.zone))
    first = local.replace(fold=0).astimezone(UTC)
    assume(first > frame.at)
    for form in {named(moment, frame), dated(local, frame.local), label(moment, frame), stamp(moment)}:
        for behind in ([], ["hello"]):
            phrase = read([*form.split(), *behind], frame, text_follows=bool(behind))
            assert phrase.words == len(form.split()), form
            assert phrase.until == (moment if form == stamp(moment) else first), form


def test_a_weekday_that_is_none_of_the_date() -> None:
    """One of both is a slip: neither is taken."""
    with pytest.raises(Invalid, match="28 Mar 2027 is a Sunday, not a Monday"):
        whole("mon 28 mar 2:30", FRIDAY)


@pytest.mark.parametrize(
    ("utc", "here", "there", "same"),
    [
        ((1, 30), "Europe/Berlin", "Asia/Tokyo", None),
        ((4, 30), "Europe/Berlin", "Asia/Tokyo", "6:30"),
        ((2, 30), "UTC", "Europe/Berlin", None),
        ((3, 30), "UTC", "Europe/Berlin", "3:30"),
    ],
)
def test_no_wall_where_clocks_are_set_forward(utc: tuple[int, int], here: str, there: str, same: str | None) -> None:
    """On 28 March 2027 Berlin's clocks go from 2:00 to 3:00: what is shown there at 3:30 may have been said as 2:30."""
    found = same_wall(datetime(2027, 3, 28, *utc, tzinfo=UTC), Frame(FRIDAY.at, here), there)
    assert same == (found and f"{found.astimezone(ZoneInfo(there)):%-H:%M}")

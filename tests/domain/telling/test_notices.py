"""Notices: who is told of what in private, when, and what is not told any more when its time comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain import conversations, members, notes
from hub.domain.answers import Written
from hub.domain.catalog import Hours, Notices
from hub.domain.conversations import Act
from hub.domain.ids import PostId, UserId
from hub.domain.models import Member, Preferences
from hub.domain.ports import Tx
from hub.domain.telling import wishes
from hub.domain.telling.clocks import clock_of, next_at, within
from hub.domain.text import Text
from hub.domain.work import Work
from hub.errors import Invalid
from hub.host.timekeeping import ring
from hub.store import MongoWorkspace
from tests.domain.telling.town import Town, notices

NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
MORNING = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)


@pytest.fixture
async def town(workspace: MongoWorkspace) -> Town:
    return await Town(workspace).found()


async def give(town: Town, to: str | None, by: str = "Ann", at: datetime | None = None) -> None:
    await town.act(by, lambda tx, act, c: conversations.assign(tx, act, c, UserId(to) if to else None), at)


async def test_who_is_given_a_conversation_is_told_by_whom(town: Town) -> None:
    """With the contact's last words. Who takes one for themselves knows it."""
    await town.write("can't log in")
    await give(town, "Bob")
    (told,) = await town.told("Bob")
    assert (told.data["notice"], told.data["by"], told.data["words"]) == ("assigned", "Ann", "can't log in")
    await give(town, "Ann")
    assert await town.told("Ann") == []


async def test_who_is_mentioned_is_told(town: Town) -> None:
    """With the note's words; nobody tells themselves."""
    await town.write()
    written = Written(post=PostId("1"), text=Text("look at this"), mentions=(UserId("Bob"), UserId("Ann")))
    await town.act("Ann", lambda tx, act, c: notes.note(tx, act, c, written, seen=False))
    (told,) = await town.told("Bob")
    assert (told.data["notice"], told.data["words"]) == ("mentioned", "look at this")
    assert await town.told("Ann") == []


async def test_what_is_off_is_not_told(town: Town) -> None:
    """Of what is nobody's only those hear in private who asked for it, and who may take it."""
    await town.change(Member, "Bob", notices=Notices(off=("assigned",)), limits=["own"])
    await town.change(Member, "Cleo", notices=Notices(off=()))
    await town.write()
    await give(town, "Bob")
    assert await town.told("Bob") == []
    await give(town, None, by="Bob")
    assert notices(await town.told("Cleo")) == ["unassigned", "unassigned"]
    assert await town.told("Ann") == []


async def test_in_quiet_hours_all_waits_until_afterwards(town: Town) -> None:
    """It is told together then, and what does not matter any more is left out."""
    await town.change(Member, "Bob", notices=Notices(quiet=("22:00", "7:00")))
    for name in ("Dora", "Emil", "Finn"):
        await town.write(name=name)
        await give(town, "Bob", at=NIGHT)
    await town.act("Ann", conversations.close)
    assert await town.told("Bob") == []
    assert await ring(town.workspace, MORNING - timedelta(minutes=1)) == 0
    await ring(town.workspace, MORNING)
    (told,) = await town.told("Bob")
    assert [each["name"] for each in told.data["told"]] == ["Dora", "Emil"]  # type: ignore[index,union-attr,call-overload]
    assert [w for w in await town.all(Work) if w.held and w.lane.startswith("kept")] == []


async def test_the_digest_comes_once_a_day_in_the_users_own_zone(town: Town) -> None:
    """Nothing before it; one notice alone is told as itself."""
    await town.change(Member, "Bob", notices=Notices(digest="9:00"), time_zone="Asia/Tokyo")
    await town.write()
    await give(town, "Bob", at=NIGHT)
    assert await ring(town.workspace, NIGHT + timedelta(minutes=29)) == 0
    await ring(town.workspace, NIGHT + timedelta(minutes=30))
    assert notices(await town.told("Bob")) == ["assigned"]


async def test_whoever_wants_to_be_told_at_once_again_is(town: Town) -> None:
    """What was kept back until then does not wait for tomorrow."""
    await town.change(Member, "Bob", notices=Notices(digest="9:00"))
    await town.write()
    await give(town, "Bob")
    await town.act("Bob", lambda tx, act, _: wish(tx, act, Notices()))
    await ring(town.workspace, datetime.now(UTC) + timedelta(seconds=1))
    assert notices(await town.told("Bob")) == ["assigned"]


async def wish(tx: Tx, act: Act, wanted: Notices) -> None:
    member = await tx.get(Member, act.member.id)
    assert member is not None
    await wishes.change(tx, act, member, wanted, member.time_zone)


@pytest.mark.parametrize("words", ["22:00 7:00", "22-7", "from 10 pm to 7 am", "22:00 until 7"])
def test_quiet_hours_are_read_as_people_write_them(words: str) -> None:
    """From and to."""
    assert wishes.quiet_of(words) == ("22:00", "7:00")


async def test_many_at_once_are_told_together(town: Town) -> None:
    """Who inherits a colleague's conversations gets two messages and not a hundred."""
    for name in ("Dora", "Emil", "Finn"):
        await town.write(name=name)
        await give(town, "Cleo", by="Cleo")

    await town.act("Ann", lambda tx, act, _: members.hand_over(tx, act, UserId("Cleo"), UserId("Bob")))
    assert len(await town.told("Bob")) == 1
    await ring(town.workspace, datetime.now(UTC) + timedelta(minutes=1))
    first, rest = await town.told("Bob")
    assert notices([first]) == ["assigned"]
    assert len(rest.data["told"]) == 2  # type: ignore[arg-type]


async def test_personal_data_stays_hidden(town: Town) -> None:
    """From agents who may not see it: what is told in private is for them alone."""
    await town.change(Member, "Bob", limits=["hidden"])
    await town.write("call me at +49 30 1234567")
    await give(town, "Bob")
    assert "1234567" not in str((await town.told("Bob"))[0].data)


# -- waiting too long ------------------------------------------------------------------------------------------------


async def test_who_lets_a_contact_wait_for_too_long_is_told_once(town: Town) -> None:
    """Once in a spell, counted in business hours; an answer ends the spell."""
    hours = Hours(week=dict.fromkeys(range(5), (("9:00", "17:00"),)))
    await town.change(Preferences, "preferences", waiting_minutes=60, hours=hours)
    monday = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    await town.write(at=monday)
    await give(town, "Bob", by="Bob")
    await town.write("anybody?", at=monday + timedelta(minutes=5))
    await ring(town.workspace, monday + timedelta(hours=16))
    assert await town.told("Bob") == []
    await ring(town.workspace, monday + timedelta(hours=17))
    assert notices(await town.told("Bob")) == ["waiting"]
    await town.write("hello??", at=monday + timedelta(hours=18))
    await ring(town.workspace, monday + timedelta(days=3))
    assert notices(await town.told("Bob")) == ["waiting"]


async def test_who_was_answered_in_time_is_nobodys_concern(town: Town) -> None:
    """The timer looks again when it is due: the wait that it was set for may be over, and another have begun."""
    await town.change(Preferences, "preferences", waiting_minutes=60)
    at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    await town.write(at=at)
    await give(town, "Bob", by="Bob")
    conversation = await town.conversation()
    await town.change(type(conversation), conversation.id, waiting_since=at + timedelta(minutes=50))
    await ring(town.workspace, at + timedelta(minutes=60))
    assert await town.told("Bob") == []
    await ring(town.workspace, at + timedelta(minutes=110))
    assert notices(await town.told("Bob")) == ["waiting"]


# -- times of the day ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "clock"),
    [("9", "9:00"), ("09:05", "9:05"), ("9.30", "9:30"), ("5:30pm", "17:30"), ("12 am", "0:00"), ("21 Uhr", "21:00")],
)
def test_times_are_read_as_people_write_them(words: str, clock: str) -> None:
    """On the clock of either half of the world."""
    assert clock_of(words) == clock


@pytest.mark.parametrize("words", ["", "25", "9:60", "13pm", "0pm", "24:00", "nine", "9:5"])
def test_what_is_no_time_is_told_what_is_one(words: str) -> None:
    """And nothing is guessed."""
    with pytest.raises(Invalid, match="Write a time as 9:00, 9 or 5:30pm"):
        clock_of(words)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.integers(0, 1439),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_a_time_comes_within_a_day_and_after_now(at: datetime, minute: int, zone: str) -> None:
    """Also over the nights in which clocks are changed; quiet hours are over at their end."""
    clock = f"{minute // 60}:{minute % 60:02}"
    next_one = next_at(clock, zone, at)
    assert timedelta(0) < next_one - at <= timedelta(hours=25)
    start = f"{(minute + 1) // 60 % 24}:{(minute + 1) % 60:02}"
    assert within((start, clock), zone, next_one) in (False, start == "0:00" and clock == "0:00")

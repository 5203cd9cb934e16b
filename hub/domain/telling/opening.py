"""Changing the business hours, and how they are now."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from hub.domain.catalog import Hours
from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.models import Event, Facts
from hub.domain.ports import Tx
from hub.domain.preferences import preferences_of
from hub.domain.telling import week
from hub.domain.timing.hours import open_at
from hub.errors import Invalid, Refused

MOST_HOLIDAYS = 100
_STEP = timedelta(minutes=1)


def with_days(hours: Hours, words: str) -> Hours:
    """With other hours on the days that the words name. Raises Invalid."""
    return replace(hours, week=week.changed(hours.week, words))


def with_holiday(hours: Hours, words: str) -> Hours:
    """With one more closed day. Raises Invalid."""
    days = sorted({*hours.holidays, week.holiday_of(words)})
    if len(days) > MOST_HOLIDAYS:
        raise Invalid(f"There are {MOST_HOLIDAYS} holidays at most; take some out first.")
    return replace(hours, holidays=tuple(days))


def without_holiday(hours: Hours, words: str) -> Hours:
    """With one closed day less. Raises Invalid."""
    day = week.holiday_of(words)
    if day not in hours.holidays:
        raise Invalid(f"{week.holiday_said(day)} is no holiday. /hours lists them.")
    return replace(hours, holidays=tuple(each for each in hours.holidays if each != day))


async def change(tx: Tx, act: Act, hours: Hours) -> bool:
    """Has the workspace open so from now on. False: it was so."""
    preferences = await preferences_of(tx)
    if preferences.hours == hours:
        return False
    facts: Facts = {"before": _kept(preferences.hours), "after": _kept(hours), "said": in_short(hours)}
    preferences.hours = hours
    record(tx, "hours_changed", act.at, act=act, facts=facts)
    return True


async def take_back(tx: Tx, act: Act, event: Event) -> str:  # noqa: ARG001 - the shape of all of them
    """Undo. Raises Refused where they were changed since."""
    preferences = await preferences_of(tx)
    if _kept(preferences.hours) != event.facts.get("after"):
        raise Refused("The hours were changed again since; nothing was changed.")
    preferences.hours = msgspec.json.decode(str(event.facts.get("before")), type=Hours)
    return f"The business hours are {in_short(preferences.hours)} again."


def _kept(hours: Hours) -> str:
    return msgspec.json.encode(hours).decode()


def in_short(hours: Hours) -> str:
    """In one line: `Mon-Fri 9:00-17:30, Sat-Sun closed`."""
    if not hours.week:
        return "always"
    return ", ".join(f"{days} {spans}" for days, spans in week.said(hours.week))


def closing(hours: Hours, zone: str, at: datetime) -> datetime | None:
    """When the business hours that go on at that moment end; None: not within a week."""
    end = at
    for _ in range(7 * 24):
        later = end + timedelta(hours=1)
        if not open_at(hours, zone, later):
            break
        end = later
    else:
        return None
    while open_at(hours, zone, end):
        end += _STEP
    return end.replace(second=0, microsecond=0)

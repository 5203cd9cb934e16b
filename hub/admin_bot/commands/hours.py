"""Business hours and holidays: when the workspace is open, which away texts and timers go by."""

from __future__ import annotations

from collections.abc import Callable

from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import ALL_SETTINGS, Rows, done
from hub.domain.catalog import Hours
from hub.domain.models import Preferences
from hub.domain.preferences import preferences_of
from hub.domain.reply import Button, Reply, Value
from hub.domain.telling import opening, week
from hub.domain.text import Text
from hub.domain.timing.hours import next_opening, open_at
from hub.domain.timing.phrases import Frame, named
from hub.errors import Invalid

OFTEN = ("mon-fri 9-17", "mon-fri 9-18", "mon-sat 8-20")
"""What buttons offer."""


@command(
    section="Settings",
    permission="manager",
    usage="[mon-fri 9-17:30 | sat closed | holiday 25 Dec | holiday remove 25 Dec | always]",
)
async def hours(call: Call, words: Text | None = None) -> Reply:
    """Show and set the business hours and holidays."""
    typed = " ".join(words.plain.split()) if words else ""
    preferences = await preferences_of(call.tx)
    changed = bool(typed) and await opening.change(call.tx, call.act, _meant(preferences.hours, typed))
    said = _said(call, preferences)
    if typed:
        return await done(call, "hours", {**said, "state": "changed" if changed else "same"})
    return Reply("hours", {**said, "state": ""}, rows=_rows(preferences.hours))


def _meant(now: Hours, typed: str) -> Hours:
    verb, _, rest = typed.partition(" ")
    match verb.casefold():
        case "always":
            return Hours(holidays=now.holidays)
        case "holiday" | "holidays":
            return _holiday(now, rest)
    return opening.with_days(now, typed)


def _holiday(now: Hours, rest: str) -> Hours:
    first, _, day = rest.partition(" ")
    deed: Callable[[Hours, str], Hours] = opening.with_holiday
    if first.casefold() in ("remove", "off", "-"):
        deed, rest = opening.without_holiday, day
    if not rest:
        raise Invalid("Which day? Write /hours holiday 25 Dec, or /hours holiday 2026-12-24 for that year alone.")
    return deed(now, rest)


def _said(call: Call, preferences: Preferences) -> dict[str, Value]:
    its, zone, at = preferences.hours, preferences.time_zone, call.act.at
    is_open = open_at(its, zone, at)
    turn = opening.closing(its, zone, at) if is_open else next_opening(its, zone, at)
    lines: list[Value] = [{"days": days, "spans": spans} for days, spans in week.said(its.week)] if its.week else []
    return {
        "zone": zone,
        "lines": lines,
        "holidays": [week.holiday_said(day) for day in its.holidays],
        "open": is_open,
        "turn": named(turn, Frame(at, zone, its)) if turn else "",
    }


def _rows(now: Hours) -> Rows:
    often = tuple(Button(each.capitalize(), f"hours {each}") for each in OFTEN)
    always = ((Button("Always open", "hours always"),),) if now.week else ()
    return (often, *always, ALL_SETTINGS)


COMMANDS = (hours,)

"""What a user wishes to be told of, and when: changed by themselves alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from hub.domain.catalog import Notice, Notices
from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.models import Event, Facts, Member
from hub.domain.ports import Tx
from hub.domain.telling.clocks import clock_of
from hub.domain.telling.notices import NOTICES, spoken_at, zone_for
from hub.domain.timers import wake_at
from hub.domain.timing.hours import minute_of
from hub.domain.work import Digest
from hub.errors import Invalid, Refused

ON = frozenset({"on", "yes", "1"})
OFF = frozenset({"off", "no", "none", "never", "0", "-"})
_HALF = re.compile(r"\s+(?=[ap]\.?m)")
"""Between an hour and its half of the day."""
_BETWEEN = re.compile(r"\s*(?:-|\u2013|\u2014|\bto\b|\buntil\b|\band\b|\s)\s*", re.IGNORECASE)


def switched(wishes: Notices, notice: Notice, on: bool) -> Notices:
    """The wishes, with such things told, or no more."""
    off = {*wishes.off} - {notice} if on else {*wishes.off, notice}
    return replace(wishes, off=tuple(each for each in NOTICES if each in off))


def on_or_off(words: str, what: str) -> bool:
    """Raises Invalid."""
    word = words.strip().casefold()
    if word not in ON | OFF:
        raise Invalid(f"“{words.strip()[:20]}” should be on or off: /notify {what} off.")
    return word in ON


def quiet_of(words: str) -> tuple[str, str] | None:
    """From and to, as in 22:00 7:00 or 22-7; None: no quiet hours. Raises Invalid."""
    if words.strip().casefold() in OFF:
        return None
    joined = _HALF.sub("", words.strip().casefold().removeprefix("from "))
    clocks = [each for each in _BETWEEN.split(joined) if each]
    if len(clocks) != 2:
        raise Invalid("Write from when to when, such as /notify quiet 22:00 7:00, or /notify quiet off.")
    start, end = map(clock_of, clocks)
    if minute_of(start) == minute_of(end):
        raise Invalid("Quiet hours end at another time than they begin. /notify quiet off ends them.")
    return (start, end)


def digest_of(words: str) -> str:
    """A time of the day; empty: at once. Raises Invalid."""
    return "" if words.strip().casefold() in OFF else clock_of(words)


async def change(tx: Tx, act: Act, member: Member, wishes: Notices, zone: str) -> None:
    """Keeps when the member wishes to be told, and in which zone their days are (empty: the workspace's); the same
    again leaves no event. What was kept back is told as they wish now.
    """
    if (member.notices, member.time_zone) == (wishes, zone):
        return
    facts: Facts = {"before": _kept(member), "zone_before": member.time_zone}
    await _put(tx, member, wishes, zone, act.at)
    facts = {**facts, "after": _kept(member), "zone": zone}
    record(tx, "notices_changed", act.at, act=act, facts=facts)


async def take_back(tx: Tx, act: Act, event: Event) -> str:
    """Undo: they are told as before. Raises Refused where that was changed since."""
    member = await tx.get(Member, event.actor)
    now_so = (_kept(member), member.time_zone) if member else None
    if member is None or now_so != (event.facts.get("after"), event.facts.get("zone")):
        raise Refused("What you are told was changed again since; nothing was changed.")
    before = msgspec.json.decode(str(event.facts.get("before")), type=Notices)
    await _put(tx, member, before, str(event.facts.get("zone_before") or ""), act.at)
    return "You are told in private what you were told before."


async def _put(tx: Tx, member: Member, wishes: Notices, zone: str, at: datetime) -> None:
    member.notices, member.time_zone = wishes, zone
    wake_at(tx, spoken_at(member, await zone_for(tx, member), at) or at, Digest(user=member.id))


def _kept(member: Member) -> str:
    return msgspec.json.encode(member.notices).decode()


def words_of(off: Sequence[Notice]) -> list[str]:
    """What somebody is told of, by name."""
    return [each for each in NOTICES if each not in off]

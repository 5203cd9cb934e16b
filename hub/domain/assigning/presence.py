"""Who is there: online, busy for as long as they said, or offline after some time without a deed.

Presence is kept with the member: when they did something last, to the minute, so that a deed hardly ever costs a write
more. One timer a member looks whether they still count as there; it is set anew where it finds that they do.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from hub.domain.contacts import record
from hub.domain.models import Member, Preferences
from hub.domain.ports import Reads, Tx
from hub.domain.timers import wake_at
from hub.domain.work import LookAway
from hub.errors import Refused

if TYPE_CHECKING:
    from hub.domain.conversations import Act

Presence = Literal["online", "busy", "offline"]
MINUTE = timedelta(minutes=1)
LONGEST = timedelta(days=31)
"""How long somebody may say that they are busy."""


def presence(member: Member, inactivity: int, at: datetime) -> Presence:
    """Whether they are there at that moment; `inactivity`: minutes without a deed that count as being away."""
    if member.away or member.seen_at is None or at - member.seen_at >= timedelta(minutes=inactivity):
        return "offline"
    return "busy" if member.busy_until is not None and at < member.busy_until else "online"


async def inactivity_of(reads: Reads) -> int:
    """The workspace's own number of minutes."""
    return next((p.inactivity for p in await reads.items(Preferences)), 30)


def due_to_note(member: Member, at: datetime) -> bool:
    """Whether a deed of theirs is to be noted: once a minute is enough."""
    return member.seen_at is None or member.away or at - member.seen_at >= MINUTE


async def seen(tx: Tx, who: Member, at: datetime) -> None:
    """They did something here. `who`: as they were a moment ago."""
    member = await tx.get(Member, who.id) if due_to_note(who, at) else None
    if member is None or not due_to_note(member, at):
        return
    inactivity = await inactivity_of(tx)
    before = presence(member, inactivity, at)
    member.seen_at, member.away = at, False
    _look_later(tx, member, inactivity)
    if before == "offline" and presence(member, inactivity, at) == "online":
        _changed(tx, member, at, "came_online")


async def be_busy(tx: Tx, act: Act, until: datetime) -> Member:
    """They are given nothing until then."""
    if until <= act.at:
        raise Refused("That moment is over already. You are given conversations as before.")
    if until - act.at > LONGEST:
        raise Refused("Busy for a month at most: whoever is away for longer need not be here.")
    member = await _self(tx, act)
    member.busy_until, member.seen_at, member.away = until, act.at, False
    _look_later(tx, member, await inactivity_of(tx))
    record(tx, "went_busy", act.at, act=act, facts={"member": member.id, "until": until.isoformat()})
    return member


async def be_online(tx: Tx, act: Act) -> tuple[Member, bool]:
    """They are there again; False: they were already."""
    member, inactivity = await _self(tx, act), await inactivity_of(tx)
    before = presence(member, inactivity, act.at)
    if before == "online":
        return member, False
    member.busy_until, member.seen_at, member.away = None, act.at, False
    _look_later(tx, member, inactivity)
    record(tx, "came_online", act.at, act=act, facts={"member": member.id})
    return member, True


async def look_away(tx: Tx, task: LookAway, at: datetime) -> None:
    """The timer: whoever did nothing for so long is away; whoever is busy no more can be given conversations again."""
    member, inactivity = await tx.get(Member, task.user), await inactivity_of(tx)
    if member is None or member.look_at is None or at < member.look_at:
        return
    member.look_at = None
    gone, free = _gone(member, inactivity, at), member.busy_until is not None and at >= member.busy_until
    if free:
        member.busy_until = None
    if gone and not member.away:
        member.away = True
        _changed(tx, member, at, "went_offline")
    elif free and not gone:
        _changed(tx, member, at, "came_online")
    _look_later(tx, member, inactivity)


async def _self(tx: Tx, act: Act) -> Member:
    member = await tx.get(Member, act.member.id)
    if member is None:
        raise Refused("You are not a member of this workspace any more.")
    return member


def _gone(member: Member, inactivity: int, at: datetime) -> bool:
    return member.seen_at is None or at - member.seen_at >= timedelta(minutes=inactivity)


def _look_later(tx: Tx, member: Member, inactivity: int) -> None:
    """Sets the timer, where none rings before."""
    away = [] if member.away or member.seen_at is None else [member.seen_at + timedelta(minutes=inactivity)]
    due = min([*away, *([member.busy_until] if member.busy_until else [])], default=None)
    if due is not None and (member.look_at is None or due < member.look_at):
        member.look_at = due
        wake_at(tx, due, LookAway(user=member.id))


def _changed(tx: Tx, member: Member, at: datetime, kind: Literal["came_online", "went_offline"]) -> None:
    record(tx, kind, at, facts={"member": member.id})

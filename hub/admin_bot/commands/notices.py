"""What the asker is told in private, and when. Answers by buttons redraw the same list."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec.structs import replace

from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import Rows, grid
from hub.domain.catalog import Notice
from hub.domain.models import Member
from hub.domain.organizations import time_in, zone_of
from hub.domain.preferences import seen_preferences
from hub.domain.reply import Button, Reply, Value
from hub.domain.telling import wishes
from hub.domain.telling.notices import NOTICES, zone_for
from hub.domain.text import Text
from hub.errors import NotFound

SECTION = "Account"
QUIET, DIGEST = "22:00 7:00", "9:00"
"""What buttons offer."""


@command(
    section=SECTION,
    usage="[assigned | mentioned | waiting | unassigned on | off, quiet 22:00 7:00, digest 9:00, timezone CITY]",
)
async def notify(
    call: Call,
    what: Literal["assigned", "mentioned", "waiting", "unassigned", "quiet", "digest", "timezone"] | None = None,
    words: Text | None = None,
) -> Reply:
    """Choose what you are told in private, your quiet hours, and whether it comes together once a day."""
    member = await call.tx.get(Member, call.member.id)
    if member is None:
        raise NotFound("You are not a member of this workspace any more.")
    if what is not None and words is not None:
        await _change(call, member, what, words.plain)
    return await _said(call, member, what if words is None else None)


async def _change(call: Call, member: Member, what: str, words: str) -> None:
    wanted, zone = member.notices, member.time_zone
    match what:
        case "quiet":
            wanted = replace(wanted, quiet=wishes.quiet_of(words))
        case "digest":
            wanted = replace(wanted, digest=wishes.digest_of(words))
        case "timezone":
            zone = "" if words.strip().casefold() in wishes.OFF else zone_of(words)
        case _:
            wanted = wishes.switched(wanted, _notice(what), wishes.on_or_off(words, what))
    await wishes.change(call.tx, call.act, member, wanted, zone)


def _notice(what: str) -> Notice:
    found: Notice = next(each for each in get_args(Notice) if each == what)
    return found


async def _said(call: Call, member: Member, asked: str | None) -> Reply:
    wanted, zone = member.notices, await zone_for(call.tx, member)
    preferences = await seen_preferences(call.tx)
    lines: list[Value] = [{"name": n, "words": words, "on": n not in wanted.off} for n, words in NOTICES.items()]
    said: dict[str, Value] = {
        "lines": lines,
        "minutes": preferences.waiting_minutes,
        "quiet": " to ".join(wanted.quiet) if wanted.quiet else "",
        "digest": wanted.digest,
        "zone": zone,
        "time": time_in(zone, call.act.at),
        "asked": asked if asked in ("quiet", "digest", "timezone") else "",
    }
    return Reply("notices", said, rows=_rows(member))


def _rows(member: Member) -> Rows:
    off = member.notices.off
    switches = [
        Button(f"{'☐' if n in off else '☑'} {n.capitalize()}", f"notify {n} {'on' if n in off else 'off'}")
        for n in NOTICES
    ]
    quiet = ("No quiet hours", "off") if member.notices.quiet else (f"Quiet {QUIET.replace(' ', ' to ')}", QUIET)
    digest = ("Tell me at once", "off") if member.notices.digest else (f"Together at {DIGEST}", DIGEST)
    times = (Button(quiet[0], f"notify quiet {quiet[1]}"), Button(digest[0], f"notify digest {digest[1]}"))
    return (*grid(switches, 2), times)


COMMANDS = (notify,)

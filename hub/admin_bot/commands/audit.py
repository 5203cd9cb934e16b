"""The audit: who changed what about the workspace; and what the gate held, with what became of it."""

from __future__ import annotations

import msgspec

from hub.admin_bot.arguments import Words, one_member
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import Rows, clipped
from hub.domain import holding
from hub.domain.models import Event, Member
from hub.domain.reply import Button, Reply, Value
from hub.domain.telling import auditing
from hub.domain.text import Text

SECTION = "Settings"
LONGEST = 120
HELD = "held"


@command(section=SECTION, permission="manager", usage="[NAME] [page] | held")
async def audit(call: Call, words: Text | None = None) -> Reply:
    """Show who changed what about the workspace, or what the gate held."""
    if words is not None and words.plain.strip().casefold() == HELD:
        return await _held(call)
    who, page = await _whose(call, words)
    found, more = await auditing.entries(call.tx, who.id if who else None, page)
    names = await auditing.names_of(call.tx)
    said: dict[str, Value] = {
        "lines": [_entry(event, names) for event in found],
        "who": who.name if who else "",
        "page": page,
    }
    held = () if who or page > 1 else ((Button("✋ Held before sending", f"audit {HELD}"),),)
    return Reply("audit", said, rows=(*_turning(who, page, more), *held))


def _entry(event: Event, names: auditing.Names) -> Value:
    words = clipped(auditing.words_of(event, names), LONGEST)
    return {"at": event.at.isoformat(), "who": names.get(event.actor, "The hub"), "words": words}


async def _whose(call: Call, words: Text | None) -> tuple[Member | None, int]:
    typed = Words(words or Text())
    name = typed.peek()
    who = None
    if name and not name.isdigit():
        who = one_member(typed.take(), await call.tx.items(Member))
    page = typed.peek()
    return who, max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 5 else 1


def _turning(who: Member | None, page: int, more: bool) -> Rows:
    line = f"audit {who.id} " if who else "audit "
    back = [Button("◂ Newer", f"{line}{page - 1}")] if page > 1 else []
    further = [Button("Older ▸", f"{line}{page + 1}")] if more else []
    return ((*back, *further),) if back or further else ()


async def _held(call: Call) -> Reply:
    found = await holding.week(call.tx, call.act.at)
    days: list[Value] = [_line(day) for day in found.days]
    reasons: list[Value] = [msgspec.to_builtins(reason) for reason in found.reasons]
    said: dict[str, Value] = {"total": msgspec.to_builtins(found.total), "days": days, "reasons": reasons}
    return Reply("audit_held", said, rows=((Button("◂ The audit", "audit"),),))


def _line(day: holding.Shown) -> str:
    """A line of the table, narrow enough for a phone."""
    return f"{day.of:<6} {day.held:>4} {day.sent:>5} {day.noted:>5} {day.lapsed:>7}"


COMMANDS = (audit,)

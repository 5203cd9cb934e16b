"""What was done with a conversation, by pages."""

from __future__ import annotations

from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import about
from hub.domain.reply import Button, Reply, Value
from hub.domain.timing import timeline as chronicle
from hub.domain.timing.zones import frame_for


@command(section="Contacts", about="conversation")
async def timeline(call: Call, page: int = 1) -> Reply:
    """Show what was done with a conversation: who opened, assigned, answered, snoozed, closed it, and when."""
    page = max(1, page)
    frame = await frame_for(call.tx, call.member, call.act.at)
    found, more = await chronicle.entries(call.tx, call.conversation, page, frame)
    name = call.contact.name
    lines: list[Value] = [{"at": e.at.isoformat(), "who": e.who or name, "what": e.what} for e in found]
    return Reply("timeline", {**about(call), "lines": lines, "page": page}, rows=_pager(call, page, more=more))


def _pager(call: Call, page: int, *, more: bool) -> tuple[tuple[Button, ...], ...]:
    line = f"timeline {call.conversation.number}"
    older = [Button("◂ Older", f"{line} {page + 1}")] if more else []
    newer = [Button("Newer ▸", f"{line} {page - 1}")] if page > 1 else []
    return ((*older, *newer),) if older or newer else ()


COMMANDS = (timeline,)

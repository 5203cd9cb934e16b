"""The inbox: conversations that match a filter, by pages."""

from __future__ import annotations

from typing import Literal

from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import clipped, link, waited
from hub.domain import limits
from hub.domain.models import Contact, Conversation, Member
from hub.domain.ports import Cond, Query
from hub.domain.reply import Button, Reply, Value

PAGE = 8
MOST = 1000


@command(section="Inbox")
async def inbox(
    call: Call,
    whose: Literal["mine", "unassigned", "all"] = "all",
    state: Literal["open", "closed"] = "open",
    page: int = 1,
) -> Reply:
    """List conversations, with links."""
    # Those that are not closed have an index of their own, however many were closed before.
    where: dict[str, object] = {"state": state, **({"live": Cond("gt", "")} if state == "open" else {})}
    if whose != "all":
        where["assignee"] = call.member.id if whose == "mine" else None
    wanted = limits.narrowed(call.member, where)
    total = await call.tx.count(Conversation, wanted, limit=MOST)
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    order = "number" if state == "open" else "-number"
    found = await call.tx.query(Conversation, Query(where=wanted, order=order, limit=PAGE, skip=(page - 1) * PAGE))
    lines: list[Value] = [await _line(call, c) for c in found]
    data: dict[str, Value] = {"whose": whose, "state": state, "total": total, "lines": lines, "most": MOST}
    return Reply("inbox", data, rows=_pager(whose, state, page, pages))


async def _line(call: Call, conversation: Conversation) -> dict[str, Value]:
    contact = await call.tx.get(Contact, conversation.contact)
    holder = next((m.name for m in await call.tx.items(Member) if m.id == conversation.assignee), "")
    return {
        "number": conversation.number,
        "name": contact.name if contact else "Unknown",
        "url": await link(call, contact, conversation) if contact else "",
        "text": clipped(conversation.last_text or conversation.summary, 48),
        "assignee": holder,
        "waiting": waited(conversation.waiting_since, call.act.at) if conversation.waiting_since else "",
    }


def _pager(whose: str, state: str, page: int, pages: int) -> tuple[tuple[Button, ...], ...]:
    if pages == 1:
        return ()
    line = f"inbox {whose} {state}"
    back = [Button("◂", f"{line} {page - 1}")] if page > 1 else []
    forth = [Button("▸", f"{line} {page + 1}")] if page < pages else []
    return ((*back, Button(f"{page}/{pages}", f"{line} {page}"), *forth),)


COMMANDS = (inbox,)

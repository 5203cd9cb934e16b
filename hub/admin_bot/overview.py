"""An agent's own overview of who waits, for networks that have a page of their own for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import msgspec

from hub.admin_bot.call import Call
from hub.admin_bot.replies import clipped, link
from hub.domain import limits
from hub.domain.finding.terms import alive
from hub.domain.models import Contact, Conversation, Member, Preferences
from hub.domain.ports import Cond, Query, QueueRow

SHOWN = 20
MOST = 500
Whose = Literal["waiting", "mine", "unassigned"]
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Overview(msgspec.Struct, kw_only=True):
    """Conversations of one filter, who waits longest first; `total` counts those not shown as well."""

    whose: Whose
    rows: list[QueueRow]
    total: int
    workspace: str = ""


async def overview(call: Call, whose: Whose) -> Overview:
    """What the asker is to look at. Raises NotAllowed for whoever is in no workspace."""
    where = limits.narrowed(call.member, _where(call, whose), call.in_teams)
    found = await call.tx.query(Conversation, Query(where=where, order="waiting_since", limit=MOST))
    ordered = sorted(found, key=lambda c: (c.waiting_since is None, c.waiting_since or _LONG_AGO, c.number))
    preferences = await call.tx.items(Preferences)
    return Overview(
        whose=whose,
        rows=[await _row(call, c) for c in ordered[:SHOWN]],
        total=len(found),
        workspace=preferences[0].name if preferences else "",
    )


def _where(call: Call, whose: Whose) -> dict[str, object]:
    me = call.member.id
    if whose == "mine":
        return {"terms": Cond("in", alive("a", me))}
    waits: dict[str, object] = {"waiting_since": Cond("gt", _LONG_AGO)}
    return waits | {"assignee": None} if whose == "unassigned" else waits


async def _row(call: Call, conversation: Conversation) -> QueueRow:
    contact = await call.tx.get(Contact, conversation.contact)
    holder = next((m.name for m in await call.tx.items(Member) if m.id == conversation.assignee), "")
    name, text = contact.name if contact else "Unknown", clipped(conversation.last_text, 120)
    if limits.hides(call.asker):
        name, text = str(limits.masked(name)), str(limits.masked(text))
    return QueueRow(
        number=conversation.number,
        version=conversation.version,
        name=name,
        waiting_since=conversation.waiting_since,
        text=text,
        assignee=holder,
        url=await link(call, contact, conversation) if contact else "",
    )

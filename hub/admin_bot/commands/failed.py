"""What could not be delivered or received, and trying it again."""

from __future__ import annotations

from typing import Literal

from hub.admin_bot.arguments import Word
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import clipped, grid
from hub.domain.models import ChannelItem, Comment, Contact, Message
from hub.domain.ports import Query
from hub.domain.reply import Button, Reply, Value
from hub.domain.work import Quarantined, Timed, Work
from hub.errors import Ambiguous, NotFound

SHOWN = 10
MOST = 500
TAIL = 6
"""Last characters of a work item's id: what people call it by."""


@command(section="Workspace", permission="manager", usage="[retry ID | retry all]")
async def failed(call: Call, what: Literal["retry"] | None = None, which: Word | None = None) -> Reply:
    """Show what could not be received or delivered and why, and try it again."""
    every = await call.tx.query(Work, Query(where={"state": "failed"}, order="id", limit=MOST))
    if what is None or which is None:
        return await _list(call, every)
    meant = every if which.casefold() == "all" else [_named(every, which)]
    for work in meant:
        work.state = "timed" if isinstance(work.task, Timed) else "waiting"
        work.attempts, work.reason, work.due = 0, "", call.act.at
    return Reply("retrying", {"count": len(meant)})


def _named(every: list[Work], word: str) -> Work:
    found = [w for w in every if w.id.endswith(word.casefold())]
    if not found:
        raise NotFound(f"Nothing that failed is called “{clipped(word, 30)}”. /failed lists it.")
    if len(found) > 1:
        raise Ambiguous(f"“{word}” could be several: write more of it.")
    return found[0]


async def _list(call: Call, every: list[Work]) -> Reply:
    lines: list[Value] = [await _line(call, w) for w in every[-SHOWN:]]
    buttons = [Button(f"Retry {w.id[-TAIL:]}", f"failed retry {w.id}") for w in every[-SHOWN:]]
    rows = grid(buttons)
    if len(every) > 1:
        rows = (*rows, (Button(f"Retry all {len(every)}", "failed retry all"),))
    return Reply("failed", {"lines": lines, "total": len(every)}, rows=rows)


async def _line(call: Call, work: Work) -> dict[str, Value]:
    what, who = await _told(call, work)
    return {"id": work.id[-TAIL:], "what": what, "who": who, "reason": work.reason, "at": work.due.isoformat()}


async def _told(call: Call, work: Work) -> tuple[str, str]:
    """What it is, in words, and whom it concerns."""
    task = work.task
    if isinstance(task, Quarantined):
        channel = next((c.name for c in await call.tx.items(ChannelItem) if c.id == task.channel), "a channel")
        return "an update that could not be received", channel
    message_id = getattr(task, "message", "")
    message = await call.tx.get(Message, message_id) or await call.tx.get(Comment, message_id)
    contact = await call.tx.get(Contact, message.contact) if message else None
    words = clipped(message.text.plain, 40) if message else ""
    kind = type(task).__name__
    return f"{_KINDS.get(kind, kind.lower())}{f' “{words}”' if words else ''}", contact.name if contact else ""


_KINDS = {
    "Send": "a reply to the contact",
    "SendEdit": "an edit for the contact",
    "SendDelete": "an unsending",
    "SendReaction": "a reaction for the contact",
    "Relay": "a message for the desk",
    "Fetch": "a file of the contact's",
    "FetchFromDesk": "a file of an agent's",
    "Notify": "a private notice",
    "Tell": "a notice for the desk",
    "SendLater": "a reply written for later",
}

COMMANDS = (failed,)

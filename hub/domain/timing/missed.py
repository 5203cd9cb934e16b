"""What happened with a conversation while it was snoozed, and telling it when it comes back."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hub.domain import desks
from hub.domain.models import Comment, Contact, Conversation, DeskItem, Event, Member, Message
from hub.domain.ports import Query, Reads, Tx
from hub.domain.reply import Button, Reply, Value
from hub.domain.timing import offers
from hub.domain.work import Tell, desk_lane

MOST = 5
"""Lines of each kind that are told."""
_WORDS = 120
_TOLD = {"assigned": "given to somebody else", "via_changed": "answered by another channel", "tagged": "tagged"}


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told: who snoozed it and when, the notes and answers since then, and what else was done."""

    by: str
    since: datetime | None
    lines: tuple[dict[str, Value], ...] = ()


async def since(reads: Reads, conversation: Conversation) -> Missed:
    """What was written and done since it was snoozed; read before it is woken."""
    names = {str(m.id): m.name for m in await reads.items(Member)}
    begin = conversation.snoozed_at
    by = names.get(str(conversation.snoozed_by), "")
    if begin is None:
        return Missed(by=by, since=None)
    newest = Query(where={"conversation": conversation.id}, order="-at", limit=MOST)
    written: list[Message | Comment] = [*await reads.query(Message, newest), *await reads.query(Comment, newest)]
    done = await reads.query(Event, Query(where={"conversation": conversation.id}, order="-id", limit=4 * MOST))
    lines = [(m.at, _written(m, names)) for m in written if m.at > begin and not _inward(m)]
    lines += [(e.at, _done(e, names)) for e in done if e.at > begin and e.kind in _TOLD]
    return Missed(by=by, since=begin, lines=tuple(line for _, line in sorted(lines, key=lambda pair: pair[0])))


def _inward(message: Message | Comment) -> bool:
    return isinstance(message, Message) and message.direction == "in"


def _written(message: Message | Comment, names: dict[str, str]) -> dict[str, Value]:
    note = isinstance(message, Comment)
    words = " ".join(message.text.plain.split())[:_WORDS] or "[file]"
    return {"who": names.get(message.author or "", "Somebody"), "text": words, "note": note, "deed": ""}


def _done(event: Event, names: dict[str, str]) -> dict[str, Value]:
    deed = _TOLD[event.kind]
    if event.kind == "assigned":
        deed = f"given to {names.get(str(event.facts.get('after')), 'nobody')}"
    return {"who": names.get(event.actor, "the hub"), "text": "", "note": False, "deed": deed}


async def tell(tx: Tx, contact: Contact, conversation: Conversation, known: Missed, at: datetime) -> None:
    """Says in the contact's place that it is back, and pings whoever has it there."""
    members = {m.id: m for m in await tx.items(Member)}
    holder = members.get(conversation.assignee) if conversation.assignee else None
    data = _data(contact, conversation, known)
    row = _row(conversation, await offers.snooze_button(tx, conversation, at))
    for desk in await tx.items(DeskItem):
        place = contact.place(desk.id)
        if place is not None and not place.left:
            pinged: dict[str, Value] = {"identity": _identity(holder, desk), "name": holder.name if holder else ""}
            reply = Reply("woken", {**data, "holder": pinged}, rows=(row,), lasting=True)
            task = Tell(contact=contact.id, desk=desk.id, reply=reply)
            desks.enqueue(tx, desk_lane(desk.id, contact.id), task)


def _data(contact: Contact, conversation: Conversation, known: Missed) -> dict[str, Value]:
    return {
        "number": conversation.number,
        "name": contact.name,
        "by": known.by,
        "since": known.since.isoformat() if known.since else "",
        "waiting": conversation.waiting_since.isoformat() if conversation.waiting_since else "",
        "text": conversation.last_text,
        "lines": [*known.lines],
    }


def _identity(member: Member | None, desk: DeskItem) -> str:
    here = (i for i in member.identities if i.startswith(f"{desk.network}:")) if member else iter(())
    return next(here, "")


def _row(conversation: Conversation, again: Button | None) -> tuple[Button, ...]:
    number, version = conversation.number, conversation.version
    take = () if conversation.assignee else (Button("✋ Take", f"take {number}", version),)
    snooze = (again,) if again else ()
    return (*take, Button("✅ Close ▾", f"close {number}", version), *snooze, Button("⋯", f"more {number}", version))

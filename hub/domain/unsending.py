"""Act, on what was sent: taking it out of its lane, or back from the contact."""

from __future__ import annotations

from datetime import datetime

from hub.domain import desks
from hub.domain.arrivals import preview
from hub.domain.contacts import get_contact, record
from hub.domain.conversations import Act
from hub.domain.messages import BY_ITSELF
from hub.domain.models import Contact, Conversation, Event, Facts, Message
from hub.domain.ports import Query, Tx
from hub.domain.timing import metrics
from hub.domain.work import Send, SendDelete, Work, contact_lane
from hub.errors import Invalid, Refused

_LOOK_BACK = 20
"""How many messages of ours may have been taken back one after another."""


async def unqueue(tx: Tx, message: Message) -> bool:
    """Takes a message's unsent work out of its lane. False: it has left, or is just leaving."""
    lane = contact_lane(message.contact, message.channel)
    mine = False
    for found in await tx.query(Work, Query(where={"state": "waiting", "lane": lane})):
        if getattr(found.task, "message", None) == message.id and not found.leaving:
            work = await tx.get(Work, found.id)
            if work is not None:
                tx.delete(work)
                mine = mine or isinstance(found.task, Send)
    return mine


async def unanswer(tx: Tx, message: Message) -> None:
    """The contact got no answer after all: who waited, waits on."""
    conversation = await tx.get(Conversation, message.conversation)
    if conversation is None or message.source in BY_ITSELF:
        return
    conversation.outgoing -= 1
    conversation.last_text = await _last_words(tx, message)
    since = await _waited_before(tx, message)
    metrics.not_answered(conversation, message, since)
    if since is not None and (conversation.waited_since or message.at) >= since:
        _waits_since(conversation, since)


def _waits_since(conversation: Conversation, since: datetime) -> None:
    if conversation.state == "open":
        conversation.waiting_since = since
    elif conversation.state == "snoozed":
        conversation.asleep_since = since


async def _last_words(tx: Tx, besides: Message) -> str:
    """What was said last in the message's conversation, but for it."""
    where = {"conversation": besides.conversation}
    every = await tx.query(Message, Query(where=where, order="-at", limit=_LOOK_BACK))
    last = next((m for m in every if m.id != besides.id and m.state != "unsent"), None)
    if last is None:
        return ""
    return preview(last) if last.direction == "in" else f"↩ {preview(last)}"


async def waits_on(tx: Tx, message: Message) -> None:
    """The answer did not arrive: who waited for it waits on, as long as before."""
    conversation = await tx.get(Conversation, message.conversation)
    since = await _waited_before(tx, message)
    if conversation is None or since is None or conversation.state == "closed":
        return
    if conversation.waited_since is None or conversation.waited_since > since:
        _waits_since(conversation, since)
        await desks.refresh(tx, await get_contact(tx, message.contact))


async def _waited_before(tx: Tx, message: Message) -> datetime | None:
    where = {"conversation": message.conversation, "kind": "sent"}
    for event in await tx.query(Event, Query(where=where, order="-id", limit=50)):
        if event.facts.get("message") == message.id:
            since = event.facts.get("waiting_since")
            return datetime.fromisoformat(str(since)) if since else None
    return None


async def unsend(tx: Tx, act: Act, message: Message, *, can_unsend: bool) -> str:
    """Takes a message back from the contact, with its album; gives what will happen, in words. Refused where that
    cannot be.
    """
    if message.direction != "out":
        raise Invalid("Only messages of ours can be taken back; reply to one of them with /unsend.")
    if message.state == "unsent":
        raise Refused("That message was taken back already.")
    contact = await get_contact(tx, message.contact)
    parts = [message]
    if message.album:
        where = {"album": message.album, "conversation": message.conversation, "direction": "out"}
        parts = [m for m in await tx.query(Message, Query(where=where, order="id")) if m.state != "unsent"]
    there = [part for part in parts if not nowhere(part)] or parts
    said = [await _unsend(tx, contact, part, can_unsend=can_unsend) for part in there]
    facts: Facts = {"message": message.id}
    record(tx, "unsent", act.at, act=act, contact=contact, conversation=message.conversation, facts=facts)
    if len(parts) == 1:
        return said[-1]
    count = f"All {len(parts)}" if there == parts else f"{len(there)} of the {len(parts)}"
    return f"{count} of the album: {said[-1]}"


def nowhere(message: Message) -> bool:
    """Whether nothing of it is known to have arrived: what did arrive of it can be changed and taken back."""
    return message.state in ("failed", "uncertain") and not message.externals


async def _unsend(tx: Tx, contact: Contact, message: Message, *, can_unsend: bool) -> str:
    lane = contact_lane(message.contact, message.channel)
    if message.state == "queued" and await unqueue(tx, message):
        await unanswer(tx, message)
        if message.externals:
            return _stopped(tx, contact, message, can_unsend=can_unsend)
        message.state = "unsent"
        await desks.redraw(tx, contact, message.id)
        return f"Taken back before it left: {contact.name} never saw it."
    if message.state == "failed" and nowhere(message):
        raise Refused(f"That message never reached {contact.name}.")
    if nowhere(message):
        raise Refused("Nobody knows whether that message arrived, so it cannot be taken back.")
    if not can_unsend:
        raise Refused("This network cannot take messages back; the contact has it.")
    for work in await tx.query(Work, Query(where={"state": "waiting", "lane": lane})):
        if isinstance(work.task, SendDelete) and work.task.message == message.id:
            raise Refused("That message is being taken back already.")
    in_part = message.state in ("failed", "uncertain")
    desks.enqueue(tx, lane, SendDelete(message=message.id))
    await unanswer(tx, message)
    return f"Taking {'what is known to have arrived' if in_part else 'it'} back from {contact.name}."


def _stopped(tx: Tx, contact: Contact, message: Message, *, can_unsend: bool) -> str:
    """One of which a part had arrived before does not go out again."""
    if can_unsend:
        desks.enqueue(tx, contact_lane(message.contact, message.channel), SendDelete(message=message.id))
        return f"Taking back from {contact.name} what arrived of it before."
    message.state = "uncertain"
    return f"It is not sent again, but {contact.name} keeps what arrived of it before: this network takes nothing back."


async def last_reply(tx: Tx, act: Act, conversation: Conversation) -> Message | None:
    """The agent's newest reply in the conversation that was not taken back."""
    where = {"conversation": conversation.id, "author": act.member.id, "direction": "out"}
    for found in await tx.query(Message, Query(where=where, order="-at", limit=20)):
        if found.state != "unsent":
            return await tx.get(Message, found.id)
    return None

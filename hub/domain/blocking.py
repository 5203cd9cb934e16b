"""Contacts we do not want to hear: what they write is kept and counted, and shown to nobody."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hub.domain import conversations, desks, timers
from hub.domain.contacts import get_contact, record
from hub.domain.conversations import Act
from hub.domain.ids import ContactId, ConversationId, UserId
from hub.domain.models import Block, Contact, Conversation, Event, Facts
from hub.domain.ports import Query, Tx
from hub.domain.work import Unblock
from hub.errors import Refused


def blocked(contact: Contact, at: datetime) -> bool:
    """Whether the contact is not heard at that moment."""
    return contact.block is not None and contact.block.holds(at)


async def block(tx: Tx, act: Act, contact: Contact, until: datetime | None, reason: str) -> bool:
    """Hears the contact no more until then (None: for good), and closes what is open. False: it was so already."""
    before = contact.block
    if before is not None and (before.until, before.reason) == (until, reason):
        return False
    kept = before.kept if before else 0
    contact.block = Block(at=act.at, by=act.member.id, until=until, reason=reason, kept=kept)
    if until is not None:
        timers.wake_at(tx, until, Unblock(contact=contact.id))
    facts: Facts = {**_facts("after", contact.block), **_facts("before", before), **await _close(tx, act, contact)}
    closed = ConversationId(str(facts["closed"])) if "closed" in facts else None
    record(tx, "blocked", act.at, act=act, contact=contact, conversation=closed, facts=facts)
    await desks.refresh(tx, contact)
    return True


async def _close(tx: Tx, act: Act, contact: Contact) -> Facts:
    """Closes what is open; gives what must be known to have it as before."""
    found = await conversations.live(tx, contact)
    if found is None or contact.block is None:
        return {}
    facts: Facts = {"closed": found.id, "waiting_since": _moment(found.waited_since)}
    facts |= {"summary": found.summary, "category": found.category}
    why = ": ".join(filter(None, ("Blocked", contact.block.reason)))
    await conversations.close(tx, act, found, None, found.summary or why)
    return facts


async def unblock(tx: Tx, act: Act, contact: Contact) -> int:
    """Hears the contact again from now on; gives how many messages came meanwhile, which stay hidden."""
    before = contact.block
    if before is None:
        raise Refused(f"{contact.name} is not blocked.")
    contact.block = None
    record(tx, "unblocked", act.at, act=act, contact=contact, facts=_facts("before", before))
    await desks.refresh(tx, contact)
    return before.kept


async def block_ends(tx: Tx, task: Unblock, at: datetime) -> None:
    """A block that was for a while is over, unless another was put in its stead."""
    contact = await tx.get(Contact, task.contact)
    if contact is None or contact.block is None or blocked(contact, at) or contact.block.until is None:
        return
    facts = _facts("before", contact.block)
    contact.block = None
    record(tx, "unblocked", at, contact=contact, facts=facts)
    await desks.refresh(tx, contact)


def count(contact: Contact) -> None:
    """One more message came that nobody is shown."""
    if contact.block is not None:
        contact.block = msgspec.structs.replace(contact.block, kept=contact.block.kept + 1)


# -- taken back --


async def undo_block(tx: Tx, act: Act, event: Event) -> str:  # noqa: ARG001 - one signature for all that is undone
    """The contact is heard as before, and what the block closed is open again."""
    contact = await get_contact(tx, event.contact or ContactId(""))
    if _facts("after", contact.block) != {k: v for k, v in event.facts.items() if k.startswith("after_")}:
        raise Refused(f"{contact.name} was blocked or unblocked anew since; nothing was changed.")
    contact.block = _block(event, "before", contact.block.kept if contact.block else 0)
    closed = await tx.get(Conversation, str(event.facts.get("closed") or ""))
    if closed is not None and closed.state == "closed" and await conversations.live(tx, contact) is None:
        conversations.revive(closed, contact)
        closed.summary, closed.category = str(event.facts["summary"]), str(event.facts["category"])
        closed.waiting_since = _at(event, "waiting_since")
        closed.version += 1
        await _never_closed(tx, closed)
    return f"{contact.name} is {'blocked as before' if contact.block else 'heard again'}."


async def _never_closed(tx: Tx, conversation: Conversation) -> None:
    """Its closing by the block is undone with the block, or the next undo would stop at it."""
    for event in await tx.query(Event, Query(where={"conversation": conversation.id}, order="-id", limit=20)):
        if event.kind == "closed":
            event.undone = True
            return


async def undo_unblock(tx: Tx, act: Act, event: Event) -> str:  # noqa: ARG001 - one signature for all that is undone
    """The contact is blocked as before."""
    contact = await get_contact(tx, event.contact or ContactId(""))
    if contact.block is not None:
        raise Refused(f"{contact.name} was blocked anew since; nothing was changed.")
    contact.block = _block(event, "before", int(str(event.facts.get("before_kept") or 0)))
    if contact.block is not None and contact.block.until is not None:
        timers.wake_at(tx, contact.block.until, Unblock(contact=contact.id))
    return f"{contact.name} is blocked again."


def _facts(name: str, block: Block | None) -> Facts:
    if block is None:
        return {}
    known = {"at": _moment(block.at), "by": block.by, "until": _moment(block.until), "reason": block.reason}
    counted: Facts = {f"{name}_kept": block.kept} if name == "before" else {}
    return {**{f"{name}_{key}": value for key, value in known.items()}, **counted}


def _block(event: Event, name: str, kept: int) -> Block | None:
    at = _at(event, f"{name}_at")
    if at is None:
        return None
    by, reason = UserId(str(event.facts[f"{name}_by"])), str(event.facts[f"{name}_reason"])
    return Block(at=at, by=by, until=_at(event, f"{name}_until"), reason=reason, kept=kept)


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="milliseconds") if at else ""


def _at(event: Event, name: str) -> datetime | None:
    said = str(event.facts.get(name) or "")
    return datetime.fromisoformat(said) if said else None

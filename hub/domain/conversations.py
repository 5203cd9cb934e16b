"""Deeds on conversations: opened, claimed, assigned, closed, reopened. Each leaves an event and the cards to redraw."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from hub.domain import desks, limits
from hub.domain.contacts import present, record
from hub.domain.ids import ChannelId, ConversationId, DeskId, ThreadId, UserId, new_id
from hub.domain.models import Category, Contact, Conversation, Event, Facts, Member
from hub.domain.ports import Cond, Query, Tx
from hub.errors import Invalid, NotFound, Refused


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something, where and when. `done`: the events of it so far, so that it can be taken back."""

    member: Member
    at: datetime
    desk: DeskId | None = None
    thread: ThreadId | None = None
    done: list[Event] = msgspec.field(default_factory=list)


async def open_conversation(tx: Tx, contact: Contact, channel: ChannelId, at: datetime, source: str) -> Conversation:
    """A new conversation with the contact, who keeps the assignee they had."""
    conversation = Conversation(
        id=ConversationId(new_id()),
        number=await tx.increment("conversation"),
        contact=contact.id,
        live=contact.id,
        state="open",
        channel=channel,
        assignee=contact.assignee,
        opened_at=at,
        opened_source=source,
    )
    tx.add(conversation)
    record(tx, "opened", at, contact=contact, conversation=conversation.id, facts={"source": source})
    return conversation


async def live(tx: Tx, contact: Contact) -> Conversation | None:
    """The contact's conversation that is not closed."""
    return await tx.find(Conversation, "live", contact.id)


async def latest(tx: Tx, contact: Contact) -> Conversation | None:
    """The contact's present conversation, else the last one."""
    now = await live(tx, contact)
    if now is not None:
        return now
    found = await tx.query(Conversation, Query(where={"contact": contact.id}, order="-number", limit=1))
    return await tx.get(Conversation, found[0].id) if found else None


async def contact_of(tx: Tx, conversation: Conversation) -> Contact:
    """Whose conversation it is."""
    contact = await present(tx, conversation.contact)
    if contact is None:
        raise NotFound(f"The contact of conversation #{conversation.number} is gone.")
    return contact


async def assign(tx: Tx, act: Act, conversation: Conversation, to: UserId | None) -> bool:
    """Gives the conversation to a user or, with None, back to nobody. False: it was so already."""
    _not_closed(conversation)
    if conversation.assignee == to:
        return False
    contact = await contact_of(tx, conversation)
    before = conversation.assignee
    set_assignee(contact, conversation, to, act.at)
    await _changed(tx, act, conversation, "assigned", {"before": before, "after": to})
    return True


async def via(tx: Tx, act: Act, conversation: Conversation, channel: ChannelId) -> bool:
    """Has the contact answered by another of their channels. False: it was so already."""
    contact = await contact_of(tx, conversation)
    if contact.reach(channel) is None:
        raise Refused(f"{contact.name} cannot be reached there.")
    if conversation.channel == channel:
        return False
    before, conversation.channel = conversation.channel, channel
    await _changed(tx, act, conversation, "via_changed", {"before": before, "after": channel})
    return True


def set_assignee(contact: Contact, conversation: Conversation, to: UserId | None, at: datetime) -> None:
    """Notes the assignee on both, and when."""
    conversation.assignee = contact.assignee = to
    if to is not None:
        conversation.assignments += 1
        conversation.first_assigned_at = conversation.first_assigned_at or at
        conversation.last_assigned_at = at


async def claim(tx: Tx, act: Act, conversation: Conversation) -> bool:
    """Takes it for oneself; refused where a colleague was quicker. False: had it already."""
    if conversation.assignee not in (None, act.member.id):
        holder = await tx.get(Member, conversation.assignee or "")
        name = holder.name if holder else "Somebody else"
        raise Refused(f"{name} has #{conversation.number} already. /assign me takes it over.")
    return await assign(tx, act, conversation, act.member.id)


async def close(
    tx: Tx, act: Act, conversation: Conversation, category: Category | None = None, summary: str = ""
) -> bool:
    """Ends the conversation with its closing note. On a closed one, changes the note. False: nothing to change."""
    note: Facts = {
        "state": conversation.state,
        "category": conversation.category,
        "summary": conversation.summary,
        "waiting_since": conversation.waiting_since.isoformat() if conversation.waiting_since else None,
    }
    if conversation.state == "closed" and (category.id if category else "", summary) == ("", ""):
        return False
    kind = "closed" if conversation.state != "closed" else "note_changed"
    conversation.category = category.id if category else conversation.category
    conversation.summary = summary or conversation.summary
    if kind == "closed":
        conversation.state, conversation.live = "closed", None
        conversation.closed_at, conversation.closed_by, conversation.closed_source = act.at, act.member.id, "user"
        conversation.waiting_since, conversation.spells = None, {}
    await _changed(tx, act, conversation, kind, note)
    return True


async def reopen(tx: Tx, act: Act, conversation: Conversation) -> bool:
    """Opens a closed conversation again. False: it was open. Refused where the contact has a newer open one."""
    if conversation.state == "open":
        return False
    contact = await contact_of(tx, conversation)
    if contact.id != conversation.contact:
        raise Refused(f"#{conversation.number} was merged into {contact.name}'s; answer there, or /unmerge.")
    newer = await live(tx, contact)
    if newer is not None and newer.id != conversation.id:
        raise Refused(f"{contact.name} already has an open conversation, #{newer.number}; answer there.")
    facts: Facts = {"category": conversation.category, "summary": conversation.summary}
    revive(conversation, contact)
    # It was the note on an ending that is none any more; the event keeps it.
    conversation.category = conversation.summary = ""
    await _changed(tx, act, conversation, "reopened", facts)
    return True


def revive(conversation: Conversation, contact: Contact) -> None:
    """Makes it the contact's open conversation."""
    conversation.state, conversation.live = "open", contact.id
    conversation.closed_at = conversation.closed_by = None
    conversation.closed_source = ""


async def waiting_longest(tx: Tx, member: Member, besides: Conversation | None = None) -> Conversation | None:
    """The longest-waiting conversation that the member may take (unassigned or their own), but not `besides`."""
    takes = [member.id] if limits.limited(member) else [None, member.id]
    for found in await tx.query(Conversation, waiting(limit=10, assignee=Cond("in", takes))):
        other = besides is None or found.id != besides.id
        # What this deed changed is given as it is now, though the database found it as it was.
        if other and found.waiting_since is not None and found.assignee in takes:
            return found
    return None


def waiting(limit: int, **where: object) -> Query:
    """Conversations that wait for an answer, longest wait first."""
    ever = datetime(1970, 1, 1, tzinfo=UTC)
    return Query(where={"waiting_since": Cond("gt", ever), **where}, order="waiting_since", limit=limit)


async def by_number(tx: Tx, number: str) -> Conversation:
    """The conversation that a number means: that number, else the one open one that ends with it."""
    found = await tx.query(Conversation, Query(where={"number": int(number)}, limit=1))
    if not found:
        alive = await tx.query(Conversation, Query(where={"live": Cond("gt", "")}, order="number", limit=1000))
        found = [c for c in alive if str(c.number).endswith(number)]
    if not found:
        raise NotFound(f"There is no conversation #{number}. /inbox lists them.")
    if len(found) > 1:
        raise Invalid(f"#{number} could be " + ", ".join(f"#{c.number}" for c in found[:5]) + ": write more digits.")
    conversation = await tx.get(Conversation, found[0].id)
    if conversation is None:
        raise NotFound(f"There is no conversation #{number}. /inbox lists them.")
    return conversation


def _not_closed(conversation: Conversation) -> None:
    if conversation.state == "closed":
        raise Refused(f"Conversation #{conversation.number} is closed; /reopen it first.")


async def _changed(tx: Tx, act: Act, conversation: Conversation, kind: str, facts: Facts) -> None:
    conversation.version += 1
    contact = await contact_of(tx, conversation)
    record(tx, kind, act.at, act=act, contact=contact, conversation=conversation.id, facts=facts)
    await desks.refresh(tx, contact)

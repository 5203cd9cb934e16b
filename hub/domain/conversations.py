"""Deeds on conversations: opened, claimed, assigned, closed, reopened. Each leaves an event and the cards to redraw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from hub.domain import desks
from hub.domain.contacts import present, record
from hub.domain.ids import ChannelId, ConversationId, DeskId, ThreadId, UserId, new_id
from hub.domain.models import Category, Contact, Conversation, Event, Facts, Handing, Member, Reach, Team
from hub.domain.ports import Cond, Query, Tx
from hub.domain.timing import metrics
from hub.errors import Invalid, NotFound, Refused


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something, where and when. `done`: the events of it so far, so that it can be taken back."""

    member: Member
    at: datetime
    desk: DeskId | None = None
    thread: ThreadId | None = None
    done: list[Event] = msgspec.field(default_factory=list)


async def open_conversation(
    tx: Tx, contact: Contact, channel: ChannelId, at: datetime, by: UserId | None = None
) -> Conversation:
    """A new conversation with the contact, who keeps the assignee and the team they had, and who opened it themselves
    unless it is said who of us did.
    """
    source = "user" if by else "contact"
    conversation = Conversation(
        id=ConversationId(new_id()),
        number=await tx.increment("conversation"),
        contact=contact.id,
        live=contact.id,
        state="open",
        channel=channel,
        assignee=contact.assignee,
        team=next((t.id for t in await tx.items(Team) if t.id == contact.team), None),
        opened_at=at,
        opened_source=source,
    )
    metrics.opened(conversation, by)
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
    before, counted = conversation.assignee, metrics.before_assigning(conversation)
    set_assignee(contact, conversation, to, act.at)
    conversation.handed = Handing(at=act.at, by=act.member.id)
    team = conversation.team
    facts: Facts = {"before": before, "after": to, "team_before": team, "team": team}
    await _changed(tx, act, conversation, "assigned", {**facts, **counted})
    return True


async def via(tx: Tx, act: Act, conversation: Conversation, way: Reach) -> bool:
    """Has the contact answered by another of their channels, or accounts on one. False: it was so already."""
    contact = await contact_of(tx, conversation)
    there = next((r for r in contact.reaches if (r.channel, r.address) == (way.channel, way.address)), None)
    if there is None:
        raise Refused(f"{contact.name} cannot be reached there.")
    before = conversation.channel
    if before == way.channel and contact.reach(before) is there:
        return False
    conversation.channel, there.chosen_at = way.channel, act.at
    contact.reaches = list(contact.reaches)
    facts: Facts = {"before": before, "after": way.channel, "way": way.address}
    await _changed(tx, act, conversation, "via_changed", facts)
    return True


def set_assignee(contact: Contact, conversation: Conversation, to: UserId | None, at: datetime) -> None:
    """Notes the assignee on both, and when."""
    conversation.assignee = contact.assignee = to
    if to is not None:
        metrics.assigned(conversation, to, at)


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
        "waiting_since": conversation.waited_since.isoformat() if conversation.waited_since else None,
    }
    if conversation.state == "closed" and (category.id if category else "", summary) == ("", ""):
        return False
    kind = "closed" if conversation.state != "closed" else "note_changed"
    conversation.category = category.id if category else conversation.category
    conversation.summary = summary or conversation.summary
    note |= {"category_after": conversation.category, "summary_after": conversation.summary}
    if kind == "closed":
        end(conversation, act.at, act.member.id)
    await _changed(tx, act, conversation, kind, note)
    return True


def end(conversation: Conversation, at: datetime, by: UserId | None, source: str = "user") -> None:
    """Makes it a closed one, of which nothing waits; `by`: None where nobody did it."""
    conversation.state, conversation.live = "closed", None
    conversation.closed_at, conversation.closed_by, conversation.closed_source = at, by, source
    conversation.waiting_since, conversation.spells = None, {}
    conversation.snoozed_until = conversation.snoozed_by = None
    conversation.snoozed_at = conversation.asleep_since = None


async def reopen(tx: Tx, act: Act, conversation: Conversation) -> bool:
    """Opens a closed conversation again. False: it was open. Refused where the contact has a newer open one."""
    if conversation.state != "closed":
        return False
    contact = await contact_of(tx, conversation)
    if contact.id != conversation.contact:
        raise Refused(f"#{conversation.number} was merged into {contact.name}'s; answer there, or /unmerge.")
    if contact.block is not None and contact.block.holds(act.at):
        raise Refused(f"{contact.name} is blocked, so nothing of theirs is opened; /unblock first.")
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
    contact.assignee = conversation.assignee  # who may have been forgotten with the closing
    conversation.closed_at = conversation.closed_by = conversation.closed_team = None
    conversation.closed_source = ""


ALIVE: Mapping[str, object] = {"terms": Cond("in", ["open", "snoozed"])}
"""Those that are not closed, by an index that has them in their order."""


async def by_number(tx: Tx, number: str) -> Conversation:
    """The conversation that a number means: that number, else the one open one that ends with it."""
    found = await tx.query(Conversation, Query(where={"number": int(number)}, limit=1))
    if not found:
        alive = await tx.query(Conversation, Query(where=ALIVE, order="number", limit=1000))
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

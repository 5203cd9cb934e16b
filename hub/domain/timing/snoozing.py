"""Snoozing: a conversation is out of sight until a moment, or until the contact writes, and comes back by itself.

While it sleeps nothing of it waits: since when it did is kept apart, so that no list of what waits has to ask.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from hub.domain import desks
from hub.domain.contacts import record
from hub.domain.conversations import Act, contact_of
from hub.domain.ids import UserId
from hub.domain.models import Contact, Conversation, Event, Facts
from hub.domain.ports import Tx
from hub.domain.timers import wake_at
from hub.domain.timing import missed
from hub.domain.work import WakeUp
from hub.errors import Refused

Why = Literal["time", "contact", "user", "answer"]
"""What woke it: its moment, the contact's message, somebody of us by hand, or by answering."""


async def snooze(tx: Tx, act: Act, conversation: Conversation, until: datetime | None) -> bool:
    """Puts it out of sight until then, or (None) until the contact writes. False: it was so already."""
    if conversation.state == "closed":
        raise Refused(f"Conversation #{conversation.number} is closed; nothing of it comes back.")
    asleep = conversation.state == "snoozed"
    if asleep and conversation.snoozed_until == until:
        return False
    facts: Facts = {"state": conversation.state, **_moments(conversation), "after": _iso(until)}
    if not asleep:
        conversation.asleep_since, conversation.waiting_since = conversation.waiting_since, None
        conversation.state, conversation.snoozed_at = "snoozed", act.at
    conversation.snoozed_until, conversation.snoozed_by = until, act.member.id
    await _changed(tx, conversation, "snoozed", act.at, act, facts)
    _set_clock(tx, conversation)
    return True


async def wake(tx: Tx, conversation: Conversation, at: datetime, why: Why, act: Act | None = None) -> bool:
    """Brings it back, and what waited in it waits on. False: it is not snoozed."""
    if conversation.state != "snoozed":
        return False
    facts: Facts = {"why": why, **_moments(conversation)}
    if why == "contact":
        conversation.spells = {}  # the buttons are to stand under what they wrote now
    _awake(conversation)
    await _changed(tx, conversation, "woken", at, act, facts)
    return True


def _awake(conversation: Conversation) -> None:
    conversation.state = "open"
    conversation.waiting_since = conversation.waited_since
    clear(conversation)


def clear(conversation: Conversation) -> None:
    """Nothing of its having been snoozed is left."""
    conversation.snoozed_until = conversation.snoozed_by = None
    conversation.snoozed_at = conversation.asleep_since = None


async def due(tx: Tx, task: WakeUp, at: datetime) -> None:
    """The moment has come, if it is still the one that was chosen last; the desk is told what was missed."""
    conversation = await tx.get(Conversation, task.conversation)
    if conversation is None or conversation.snoozed_until is None or conversation.snoozed_until > at:
        return
    known = await missed.since(tx, conversation)
    if await wake(tx, conversation, at, "time"):
        await missed.tell(tx, await contact_of(tx, conversation), conversation, known, at)


# -- taking back --


async def undo_snooze(tx: Tx, event: Event, contact: Contact, conversation: Conversation) -> str:
    """It is as it was before it was snoozed, or snoozed until what was said before. Raises Refused."""
    after = event.facts.get("after")
    if conversation.state != "snoozed" or _iso(conversation.snoozed_until) != after:
        raise Refused(f"#{conversation.number} is not snoozed so any more; nothing was changed.")
    what = f"#{conversation.number} with {contact.name}"
    conversation.version += 1
    if event.facts.get("state") != "snoozed":
        _awake(conversation)
        return f"{what} is open again."
    _restore(tx, conversation, event)
    return f"{what} is snoozed as before."


async def undo_wake(tx: Tx, event: Event, contact: Contact, conversation: Conversation) -> str:
    """It sleeps on. Raises Refused."""
    if conversation.state != "open" or conversation.waiting_since != _at(event, "waited"):
        raise Refused(f"#{conversation.number} has gone on since; nothing was changed.")
    conversation.version += 1
    conversation.state, conversation.waiting_since = "snoozed", None
    _restore(tx, conversation, event)
    return f"#{conversation.number} with {contact.name} is snoozed again."


def _restore(tx: Tx, conversation: Conversation, event: Event) -> None:
    by = event.facts.get("by")
    conversation.snoozed_until, conversation.snoozed_by = _at(event, "until"), UserId(str(by)) if by else None
    conversation.snoozed_at, conversation.asleep_since = _at(event, "since"), _at(event, "waited")
    _set_clock(tx, conversation)


def _set_clock(tx: Tx, conversation: Conversation) -> None:
    if conversation.snoozed_until is not None:
        wake_at(tx, conversation.snoozed_until, WakeUp(conversation=conversation.id))


# -- what the events hold --


async def _changed(tx: Tx, conversation: Conversation, kind: str, at: datetime, act: Act | None, facts: Facts) -> None:
    conversation.version += 1
    contact = await contact_of(tx, conversation)
    record(tx, kind, at, act=act, contact=contact, conversation=conversation.id, facts=facts)
    await desks.refresh(tx, contact)


def _moments(conversation: Conversation) -> Facts:
    """How it is snoozed, or was not."""
    return {
        "until": _iso(conversation.snoozed_until),
        "by": conversation.snoozed_by,
        "since": _iso(conversation.snoozed_at),
        "waited": _iso(conversation.waited_since),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _at(event: Event, name: str) -> datetime | None:
    said = event.facts.get(name)
    return datetime.fromisoformat(str(said)) if said else None

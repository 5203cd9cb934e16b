"""A conversation's figures, kept with it as things happen, and what is reckoned from them.

First response: the first message of a user. Response times: from the first message that waited to the answer; what the
hub says by itself answers nothing. Assigned is also a conversation that began with the assignee whom its contact had.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from hub.domain.ids import UserId
from hub.domain.models import Conversation, Event, Facts, Message, Team
from hub.domain.ports import Reads


def opened(conversation: Conversation, by: UserId | None) -> None:
    """It was opened just now; `by`: who of us did it."""
    conversation.opened_by, conversation.opened_channel = by, conversation.channel
    if conversation.assignee is not None:
        assigned(conversation, conversation.assignee, conversation.opened_at)


def assigned(conversation: Conversation, to: UserId, at: datetime) -> None:
    """It was given to somebody."""
    if conversation.first_assigned_at is None:
        conversation.first_assigned_at, conversation.first_assignee = at, to
    conversation.last_assigned_at, conversation.last_assignee = at, to
    conversation.answered_assigned_at = None
    conversation.assignments += 1


def before_assigning(conversation: Conversation) -> Facts:
    """What an assigning changes, so that it can be taken back."""
    return {
        "first_assignee": conversation.first_assignee,
        "first_assigned_at": _iso(conversation.first_assigned_at),
        "last_assignee": conversation.last_assignee,
        "last_assigned_at": _iso(conversation.last_assigned_at),
        "answered_assigned_at": _iso(conversation.answered_assigned_at),
        "assignments": conversation.assignments,
    }


def not_assigned(conversation: Conversation, event: Event) -> None:
    """The assigning was taken back: it does not count."""
    facts = event.facts
    if "assignments" not in facts:
        return
    conversation.first_assignee, conversation.first_assigned_at = (
        _user(facts, "first_assignee"),
        _at(facts, "first_assigned_at"),
    )
    conversation.last_assignee, conversation.last_assigned_at = (
        _user(facts, "last_assignee"),
        _at(facts, "last_assigned_at"),
    )
    conversation.answered_assigned_at = _at(facts, "answered_assigned_at")
    conversation.assignments = int(str(facts["assignments"]))


def answered(conversation: Conversation, message: Message) -> None:
    """A user answered: what waited waits no more."""
    since = conversation.waited_since
    if conversation.first_response_at is None:
        conversation.first_response_at, conversation.first_response_by = message.at, message.author
    if conversation.last_assigned_at is not None and conversation.answered_assigned_at is None:
        conversation.answered_assigned_at = message.at
    if since is not None:
        conversation.responses += 1
        conversation.response_seconds += (message.at - since).total_seconds()
    conversation.waiting_since = conversation.asleep_since = None


def not_answered(conversation: Conversation, message: Message, since: datetime | None) -> None:
    """The answer never got there; `since`: when what it answered had begun to wait, if anything did."""
    if conversation.first_response_at == message.at:
        conversation.first_response_at = conversation.first_response_by = None
    if conversation.answered_assigned_at == message.at:
        conversation.answered_assigned_at = None
    if since is not None:
        conversation.responses -= 1
        conversation.response_seconds -= (message.at - since).total_seconds()


async def closed(reads: Reads, conversation: Conversation) -> None:
    """It was closed just now: notes whose team it was, be it by the conversation or by who closed it."""
    mine = [t.id for t in await reads.items(Team) if conversation.closed_by in t.members]
    conversation.closed_team = conversation.team or (mine[0] if len(mine) == 1 else None)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What is reckoned from a conversation, in seconds; None: it has not come to that."""

    first_response: float | None
    resolution: float | None
    first_assignment: float | None
    first_assignment_to_first_response: float | None
    last_assignment_to_response: float | None
    first_assignment_to_close: float | None
    last_assignment_to_close: float | None
    average_response: float | None


def figures(of: Conversation) -> Figures:
    """Reckons them. Only closed conversations have a resolution time."""
    return Figures(
        first_response=_between(of.opened_at, of.first_response_at),
        resolution=_between(of.opened_at, of.closed_at),
        first_assignment=_between(of.opened_at, of.first_assigned_at),
        first_assignment_to_first_response=_between(of.first_assigned_at, of.first_response_at),
        last_assignment_to_response=_between(of.last_assigned_at, of.answered_assigned_at),
        first_assignment_to_close=_between(of.first_assigned_at, of.closed_at),
        last_assignment_to_close=_between(of.last_assigned_at, of.closed_at),
        average_response=of.response_seconds / of.responses if of.responses else None,
    )


def _between(start: datetime | None, end: datetime | None) -> float | None:
    """None also where the one was before the other: an answer that came before anybody was assigned."""
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _at(facts: Facts, name: str) -> datetime | None:
    said = facts.get(name)
    return datetime.fromisoformat(str(said)) if said else None


def _user(facts: Facts, name: str) -> UserId | None:
    said = facts.get(name)
    return UserId(str(said)) if said else None

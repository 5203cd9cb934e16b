"""What follows by rule: new conversations are given to somebody, those of whoever goes offline to others, and those
that are not answered go back.
"""

from __future__ import annotations

from datetime import datetime

from hub.domain.assigning.choosing import Ground, ground
from hub.domain.assigning.giving import by_rule, covers, pass_on
from hub.domain.assigning.presence import presence
from hub.domain.assigning.queue import waiting
from hub.domain.ids import TeamId, UserId
from hub.domain.models import Conversation, Event, Message, Preferences, now
from hub.domain.ports import Reads, Tx
from hub.domain.preferences import seen_preferences
from hub.domain.timers import wake_at
from hub.domain.timing.hours import after_minutes, open_at
from hub.domain.work import HandBack

BATCH = 200
"""Conversations that are handed over by one going offline, those that wait longest."""
QUEUED = 20
"""Of the longest waiting, those that are looked at when somebody can be given more."""
BY_ITSELF = ("contact", "api", "workflow")
"""What opened the conversations that are given by rule; one that a user opens is theirs to give."""


async def give(tx: Tx, event: Event) -> None:
    """Opened, or let go of: whose turn it is has it now."""
    on = await ground(tx)
    conversation = await tx.get(Conversation, event.conversation or "") if on.rule.rule != "off" else None
    if conversation is None or not _to_be_given(event, conversation):
        return
    chosen = await by_rule(tx, on, conversation, event.at, _passed_over(event))
    if chosen is not None:
        # So that whoever let go of it can take that back all the same.
        event.facts = {**event.facts, "given": chosen.id}


def _to_be_given(event: Event, conversation: Conversation) -> bool:
    if event.kind == "opened":
        return conversation.opened_source in BY_ITSELF
    return event.kind != "assigned" or event.facts.get("after") is None


def _passed_over(event: Event) -> list[UserId]:
    """Who had it, where they or somebody else let go of it for them; who gives it to a team means all of that team."""
    before, facts = event.facts.get("before"), event.facts
    moved = facts.get("team") != facts.get("team_before") and before != event.actor
    return [UserId(str(before))] if before and not moved else []


async def fill(tx: Tx, event: Event) -> None:
    """Somebody may be given more than before: the longest waiting that nobody has are given, if there is a cap. Without
    one nobody was passed over for having too many.
    """
    on = await ground(tx)
    if on.rule.rule == "off" or not (on.rule.cap or any(m.cap for m in on.members)):
        return
    full: set[TeamId | None] = set()
    for found in await tx.query(Conversation, waiting(QUEUED, assignee=None)):
        if found.assignee is None and found.team not in full and covers(on, found):
            chosen = await by_rule(tx, on, found, event.at, [])
            full |= set() if chosen else {found.team}


async def leave(tx: Tx, event: Event) -> None:
    """Went offline: what waits for them goes to others, within business hours, if the workspace wants it so."""
    on = await ground(tx)
    if not await _hands_over(tx, on, event.at):
        return
    who = UserId(str(event.facts.get("member")))
    theirs = await tx.query(Conversation, waiting(BATCH, terms=f"open/a:{who}"))
    for conversation in theirs:
        if conversation.assignee == who and conversation.waiting_since is not None:
            await pass_on(tx, on, conversation, conversation.team, event.at, "offline")


async def _hands_over(reads: Reads, on: Ground, at: datetime) -> bool:
    preferences = await seen_preferences(reads)
    return on.rule.hand_over and open_at(preferences.hours, preferences.time_zone, at)


async def heard(tx: Tx, message: Message) -> None:
    """A contact wrote to somebody who is offline, so another one has it; else it is looked whether they answer."""
    preferences = await seen_preferences(tx)
    if not (preferences.assigning.hand_over or preferences.assigning.back_minutes):
        return
    conversation = await tx.get(Conversation, message.conversation)
    if conversation is None or conversation.assignee is None or conversation.state != "open":
        return
    on = await ground(tx)
    holder = on.member(conversation.assignee)
    away = holder is None or presence(holder, on.inactivity, message.at) == "offline"
    if away and await _hands_over(tx, on, message.at):
        await pass_on(tx, on, conversation, conversation.team, message.at, "offline")
    elif preferences.assigning.back_minutes and conversation.waiting_since == message.at:
        # Not from when it was written: it may have come late, and nobody could answer before.
        watch_over(tx, preferences, conversation, max(message.at, now()))


# -- the return timer ------------------------------------------------------------------------------------------------


async def watch(tx: Tx, event: Event) -> None:
    """Given to somebody: has it looked whether they answer in time, if the workspace wants it so."""
    preferences = await seen_preferences(tx)
    conversation = await tx.get(Conversation, event.conversation or "") if preferences.assigning.back_minutes else None
    if conversation is not None and conversation.assignee is not None:
        watch_over(tx, preferences, conversation, max(event.at, now()))


def watch_over(tx: Tx, preferences: Preferences, conversation: Conversation, since: datetime) -> None:
    """Sets the timer."""
    due = _deadline(preferences, since)
    wake_at(tx, due, HandBack(conversation=conversation.id, assignment=conversation.assignments))


def _deadline(preferences: Preferences, since: datetime) -> datetime:
    return after_minutes(preferences.hours, preferences.time_zone, since, preferences.assigning.back_minutes)


async def hand_back(tx: Tx, task: HandBack, at: datetime) -> None:
    """The timer: who has had it for so long while the contact waited gives it back."""
    preferences, conversation = await seen_preferences(tx), await tx.get(Conversation, task.conversation)
    if conversation is None or not preferences.assigning.back_minutes:
        return
    if conversation.assignee is None or conversation.assignments != task.assignment:
        return
    if conversation.state != "open" or conversation.waiting_since is None:
        return
    since = max(conversation.waiting_since, conversation.last_assigned_at or conversation.waiting_since)
    if at < _deadline(preferences, since):
        watch_over(tx, preferences, conversation, since)
        return
    on = await ground(tx)
    team = preferences.assigning.back_team if on.team(preferences.assigning.back_team) else conversation.team
    await pass_on(tx, on, conversation, team, at, "silent")

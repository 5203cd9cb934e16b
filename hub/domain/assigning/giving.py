"""Giving a conversation to a team, or by rule to somebody; what is told of it where it is seen."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from hub.domain import conversations, desks
from hub.domain.assigning.choosing import Ground, choose, had_turn, turns_of
from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.ids import TeamId, UserId
from hub.domain.models import Conversation, Event, Facts, Handing, Member, Team
from hub.domain.ports import Tx
from hub.domain.reply import Reply, Value
from hub.errors import Refused

Why = Literal["rule", "offline", "silent"]
"""By rule because nobody has it; its holder went offline; its holder did not answer."""


async def to_team(tx: Tx, act: Act, conversation: Conversation, team: Team | None) -> bool:
    """Puts it into a team's inbox, where nobody has it yet; None: out of its team's. False: it was so already."""
    if conversation.state == "closed":
        raise Refused(f"Conversation #{conversation.number} is closed; /reopen it first.")
    wanted = team.id if team else None
    if (conversation.team, conversation.assignee) == (wanted, None):
        return False
    await hand(tx, conversation, None, wanted, act.at, act)
    return True


async def hand(  # noqa: PLR0913 - what an assignment consists of
    tx: Tx,
    conversation: Conversation,
    to: UserId | None,
    team: TeamId | None,
    at: datetime,
    act: Act | None = None,
    why: Why | Literal[""] = "",
) -> Event:
    """Gives it to a user, a team's inbox, or to nobody, and records that with what was before."""
    contact = await conversations.contact_of(tx, conversation)
    facts: Facts = {"before": conversation.assignee, "after": to, "team_before": conversation.team, "team": team}
    conversations.set_assignee(contact, conversation, to, at)
    conversation.team = contact.team = team
    conversation.handed = Handing(at=at, by=act.member.id if act else None)
    conversation.version += 1
    told = {**facts, **({"why": why} if why else {})}
    event = record(tx, "assigned", at, act=act, contact=contact, conversation=conversation.id, facts=told)
    await desks.refresh(tx, contact)
    return event


async def by_rule(tx: Tx, on: Ground, conversation: Conversation, at: datetime, besides: list[UserId]) -> Member | None:
    """Gives what nobody has to whose turn it is; None: the rule is off, leaves it alone, or nobody can be given it."""
    if not covers(on, conversation) or conversation.assignee is not None:
        return None
    chosen = await choose(tx, on, conversation.team or on.rule.team, at, besides)
    if chosen is not None:
        await hand(tx, conversation, chosen.id, conversation.team, at, why="rule")
        had_turn(await turns_of(tx), chosen.id, conversation.id)
    return chosen


def covers(on: Ground, conversation: Conversation) -> bool:
    """Whether the rule has a say about it: it is open, and in no other team's inbox than the rule's."""
    elsewhere = conversation.team is not None and on.rule.team not in (None, conversation.team)
    return on.rule.rule != "off" and conversation.state == "open" and not elsewhere


async def pass_on(tx: Tx, on: Ground, conversation: Conversation, team: TeamId | None, at: datetime, why: Why) -> None:
    """Takes it from its holder: by rule somebody else has it then, else it is in the team's inbox or the queue."""
    before = on.member(conversation.assignee)
    await hand(tx, conversation, None, team, at, why=why)
    chosen = await by_rule(tx, on, conversation, at, [before.id] if before else [])
    contact = await conversations.contact_of(tx, conversation)
    named = on.team(team)
    said: dict[str, Value] = {"why": why, "before": before.name if before else "", "minutes": on.rule.back_minutes}
    said |= {"to": chosen.name if chosen else "", "team": named.name if named else "", "number": conversation.number}
    await desks.tell(tx, contact, Reply("passed_on", said))

"""Whom the rule gives a conversation to: of those who may be given one, in turn or who has the fewest."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec

from hub.domain.assigning.presence import presence
from hub.domain.catalog import Assigning
from hub.domain.ids import ConversationId, TeamId, UserId
from hub.domain.models import Conversation, Member, Preferences, Team, Turns
from hub.domain.ports import Cond, Query, Tx

FRESH = 20
"""Conversations given last that are counted by themselves."""
MOST = 1000
"""Open conversations of one user that are counted."""


class Ground(msgspec.Struct, frozen=True):
    """What the choice rests on: the workspace's rule, who is in it, and since when somebody counts as away."""

    rule: Assigning
    members: tuple[Member, ...]
    teams: tuple[Team, ...]
    inactivity: int

    def team(self, id: TeamId | None) -> Team | None:
        """The team with that id, if there still is one."""
        return next((t for t in self.teams if t.id == id), None)

    def member(self, id: UserId | None) -> Member | None:
        """The member with that id, if they still are one."""
        return next((m for m in self.members if m.id == id), None)

    def there(self, member: Member, at: datetime) -> bool:
        """Whether they can be given something now; who is busy never is."""
        busy = member.busy_until is not None and at < member.busy_until
        there = self.rule.offline_too or presence(member, self.inactivity, at) != "offline"
        return there and not busy and bool(member.identities)

    def cap(self, member: Member) -> int:
        """Open conversations up to which they are given more; 0: no end."""
        return member.cap or self.rule.cap


async def ground(tx: Tx) -> Ground:
    """Reads it; where anything is done by rule, who is there is read as this deed left it."""
    found = next(iter(await tx.items(Preferences)), Preferences(id="preferences"))
    ruled = found.assigning.rule != "off" or found.assigning.hand_over
    members = await tx.query(Member, Query(where={}, order="id")) if ruled else await tx.items(Member)
    teams = await tx.items(Team)
    return Ground(found.assigning, tuple(members), tuple(teams), found.inactivity)


async def choose(
    tx: Tx, on: Ground, team: TeamId | None, at: datetime, besides: Collection[UserId] = ()
) -> Member | None:
    """Who is to be given the next conversation of that team, or of all; None: nobody can be."""
    turns = await turns_of(tx)
    able = in_turn([m for m in circle(on, team) if m.id not in besides and on.there(m, at)], turns)
    if on.rule.rule == "turn":
        return await first_under_cap(tx, on, able, turns)
    loads = [(await load(tx, m.id, turns), m) for m in able]
    under = [(count, m) for count, m in loads if not on.cap(m) or count < on.cap(m)]
    return min(under, key=lambda pair: pair[0])[1] if under else None


def circle(on: Ground, team: TeamId | None) -> list[Member]:
    """Among whom: the team's members, else everybody; a team that is no more has nobody."""
    if team is None:
        return [*on.members]
    found = on.team(team)
    return [m for m in on.members if found and m.id in found.members]


def in_turn(able: list[Member], turns: Turns) -> list[Member]:
    """Who was never given anything first, then who was given something longest ago."""
    place = {user: index for index, user in enumerate(turns.last)}
    return sorted(able, key=lambda m: (place.get(m.id, -1), m.id))


async def first_under_cap(tx: Tx, on: Ground, able: list[Member], turns: Turns) -> Member | None:
    """The first who has not as many as they may have."""
    for member in able:
        if not on.cap(member) or await load(tx, member.id, turns) < on.cap(member):
            return member
    return None


async def load(tx: Tx, user: UserId, turns: Turns) -> int:
    """How many open conversations they have, those included that were given in the same commit."""
    theirs = {"state": "open", "assignee": user}
    counted = await tx.count(Conversation, theirs, limit=MOST)
    if not turns.fresh:
        return counted
    known = await tx.count(Conversation, {**theirs, "id": Cond("in", [*turns.fresh])})
    return counted - known + await _fresh_of(tx, user, turns)


async def _fresh_of(tx: Tx, user: UserId, turns: Turns) -> int:
    held = [await tx.get(Conversation, id) for id in turns.fresh]
    return sum(1 for c in held if c is not None and c.state == "open" and c.assignee == user)


async def turns_of(tx: Tx) -> Turns:
    """Whose turn it is. Who reads it to choose writes it, so that no two choices are made beside one another."""
    found = await tx.get(Turns, "turns")
    if found is None:
        found = Turns(id="turns")
        tx.add(found)
    return found


def had_turn(turns: Turns, user: UserId, conversation: ConversationId) -> None:
    """They were given it."""
    turns.last = [*(u for u in turns.last if u != user), user]
    turns.fresh = [*(c for c in turns.fresh if c != conversation), conversation][-FRESH:]

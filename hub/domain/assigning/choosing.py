"""Whom the rule gives a conversation to: of those who may be given one, in turn or who has the fewest."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from hub.domain.assigning.presence import presence
from hub.domain.catalog import Assigning
from hub.domain.ids import ConversationId, TeamId, UserId
from hub.domain.models import Conversation, Member, Team, Turns, now
from hub.domain.ports import Cond, Query, Tx
from hub.domain.preferences import seen_preferences

FRESH = timedelta(seconds=20)
"""Longer than any commit takes: what was given before is in the database's counts."""
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
    found = await seen_preferences(tx)
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
    load = Load(tx, turns)
    if on.rule.rule == "turn":
        return await first_under_cap(on, able, load)
    loads = [(await load.of(m.id), m) for m in able]
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


async def first_under_cap(on: Ground, able: list[Member], load: Load) -> Member | None:
    """The first who has not as many as they may have."""
    for member in able:
        if not on.cap(member) or await load.of(member.id) < on.cap(member):
            return member
    return None


class Load:
    """How many open conversations somebody has, those included that were given in the same commit."""

    def __init__(self, tx: Tx, turns: Turns) -> None:
        self._tx = tx
        self._fresh = [*turns.fresh] if _lately(turns) else []
        self._held: list[Conversation] | None = None

    async def of(self, user: UserId) -> int:
        """Theirs."""
        theirs: dict[str, object] = {"terms": f"open/a:{user}"}
        counted = await self._tx.count(Conversation, theirs, limit=MOST)
        if not self._fresh:
            return counted
        known = await self._tx.count(Conversation, {**theirs, "id": Cond("in", self._fresh)})
        return counted - known + sum(1 for c in await self._given() if c.state == "open" and c.assignee == user)

    async def _given(self) -> list[Conversation]:
        """Those given just now as they are now, also where the database does not have them yet."""
        if self._held is None:
            await self._tx.query(Conversation, Query(where={"id": Cond("in", self._fresh)}))
            held = [await self._tx.get(Conversation, id) for id in self._fresh]
            self._held = [c for c in held if c is not None]
        return self._held


def _lately(turns: Turns) -> bool:
    return turns.given_at is not None and now() - turns.given_at < FRESH


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
    turns.fresh = [*(c for c in turns.fresh if c != conversation), conversation] if _lately(turns) else [conversation]
    turns.given_at = now()

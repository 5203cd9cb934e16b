"""Teams: users who share a goal, and an inbox. Made, changed and dissolved by managers."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hub.domain import desks
from hub.domain.contacts import present, record
from hub.domain.conversations import Act
from hub.domain.finding.terms import alive
from hub.domain.ids import TeamId, UserId, short_id
from hub.domain.models import Conversation, DeskItem, Event, Facts, Member, Preferences, Team
from hub.domain.ports import Cond, Query, Reads, Tx
from hub.domain.text import as_name
from hub.errors import Invalid, NotFound, Refused

LONGEST = 40
MOST = 50
BATCH = 100
"""Conversations that leave a dissolved team's inbox in one transaction."""
_TAKEN = frozenset({"me", "nobody", "none", "all", "mine", "unassigned", "everybody", "everyone", "team", "teams"})
"""What means somebody or something else where a team can be named."""


async def teams_of(reads: Reads, member: Member | None) -> frozenset[TeamId]:
    """The teams that somebody is in."""
    return frozenset(t.id for t in await reads.items(Team) if member is not None and member.id in t.members)


async def create(tx: Tx, act: Act, name: str) -> Team:
    """A new team of nobody. Raises Invalid, Refused."""
    every = await tx.items(Team)
    called = await _free_name(tx, name)
    if len(every) >= MOST:
        raise Refused(f"There are {MOST} teams already, which is as many as there can be. Delete one first.")
    team = Team(id=TeamId(short_id()), name=called)
    tx.add(team)
    _changed(tx, act, team, None)
    return team


async def rename(tx: Tx, act: Act, team: Team, name: str) -> bool:
    """Calls it something else; False: it is called so. Raises Invalid, Refused."""
    if " ".join(name.split()) == team.name:
        return False
    before = msgspec.structs.replace(team)
    team.name = await _free_name(tx, name, besides=team.id)
    _changed(tx, act, team, before)
    return True


async def add(tx: Tx, act: Act, team: Team, member: Member) -> bool:
    """Takes somebody in; False: they were in already."""
    if member.id in team.members:
        return False
    return _members(tx, act, team, [*team.members, member.id])


async def remove(tx: Tx, act: Act, team: Team, member: Member) -> bool:
    """Takes somebody out; False: they were not in. What they have of the team's they keep."""
    if member.id not in team.members:
        return False
    return _members(tx, act, team, [m for m in team.members if m != member.id])


def _members(tx: Tx, act: Act, team: Team, after: list[UserId]) -> bool:
    before = msgspec.structs.replace(team)
    team.members = after
    _changed(tx, act, team, before)
    return True


def _changed(tx: Tx, act: Act, team: Team, before: Team | None) -> Event:
    """What was before is kept, so that it can be taken back; a name that is empty: there was no such team."""
    facts: Facts = {"team": team.id, "name": team.name, "members": [*team.members]}
    facts |= {"name_before": before.name if before else "", "members_before": [*before.members] if before else []}
    return record(tx, "team_changed", act.at, act=act, facts=facts)


async def _free_name(tx: Tx, name: str, besides: TeamId | None = None) -> str:
    called = " ".join(as_name(name).split())
    if not called or len(called) > LONGEST or called.startswith("-"):
        raise Invalid(f"A team's name has 1 to {LONGEST} characters and does not begin with “-”.")
    if called.casefold() in _TAKEN or called.isdigit():
        raise Invalid(f"“{called}” means something else in commands. Choose another name.")
    if any(t.name.casefold() == called.casefold() and t.id != besides for t in await tx.items(Team)):
        raise Refused(f"There is a team {called} already.")
    return called


# -- dissolving ------------------------------------------------------------------------------------------------------


async def open_in(reads: Reads, team: TeamId, limit: int = 1000) -> int:
    """Conversations in its inbox that are not closed; at most `limit` are counted."""
    return await reads.count(Conversation, _inbox(team), limit=limit)


def _inbox(team: TeamId) -> dict[str, object]:
    return {"terms": Cond("in", alive("t", team))}


async def check_dissolving(tx: Tx, team: TeamId) -> Team:
    """The team that would be dissolved. Raises NotFound, and Refused where something else rests on it."""
    found, preferences = await tx.get(Team, team), await tx.get(Preferences, "preferences")
    if found is None:
        raise NotFound("That team is gone already. /team lists those there are.")
    rule = preferences.assigning if preferences else None
    if rule is not None and rule.team == team:
        raise Refused(f"New conversations are given to {found.name} by rule: change that by /settings first.")
    if rule is not None and rule.back_team == team:
        raise Refused(f"What is not answered goes back to {found.name}: change that by /settings first.")
    if any(d.team == team for d in await tx.items(DeskItem)):
        raise Refused(f"{found.name} has a desk of its own: let it go there by /desk off first.")
    return found


async def clear(tx: Tx, team: TeamId, at: datetime) -> int:
    """Has some of its conversations leave its inbox, with whoever has them; how many. 0: it is empty."""
    count = 0
    for found in await tx.query(Conversation, Query(where=_inbox(team), limit=BATCH)):
        if found.team == team:
            found.team = None
            found.version += 1
            count += 1
            await _left(tx, found, team, at)
    return count


async def _left(tx: Tx, conversation: Conversation, team: TeamId, at: datetime) -> None:
    contact = await present(tx, conversation.contact)
    if contact is None:
        return
    if contact.team == team:
        contact.team = None
    record(tx, "team_left", at, contact=contact, conversation=conversation.id, facts={"team": team})
    await desks.refresh(tx, contact)


async def dissolve(tx: Tx, act: Act, team: TeamId) -> Team:
    """The last step: there is no such team any more. Raises as `check_dissolving`."""
    found = await check_dissolving(tx, team)
    record(tx, "team_dissolved", act.at, act=act, facts={"team": team, "name": found.name})
    tx.delete(found)
    return found


# -- taking back -----------------------------------------------------------------------------------------------------


async def undo_change(tx: Tx, _act: Act, event: Event) -> str:
    """The team is as it was before. Raises Refused where somebody has changed it since."""
    team = await tx.get(Team, str(event.facts.get("team")))
    if team is None:
        raise Refused("That team is gone already.")
    if (team.name, team.members) != (event.facts.get("name"), event.facts.get("members")):
        raise Refused(f"{team.name} was changed again since; nothing was changed.")
    before = event.facts.get("name_before")
    if not before:
        if await open_in(tx, team.id, limit=1):
            raise Refused(f"{team.name} has conversations already: /team delete {team.name}.")
        await check_dissolving(tx, team.id)
        tx.delete(team)
        return f"There is no team {team.name} any more."
    members = event.facts.get("members_before")
    team.name, team.members = str(before), [UserId(m) for m in members] if isinstance(members, list) else []
    return f"{team.name} is as before."

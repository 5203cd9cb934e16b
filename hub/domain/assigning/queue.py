"""The queue: who waits for an answer, and may be taken by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from hub.domain import limits
from hub.domain.assigning.teams import teams_of
from hub.domain.finding.terms import NONE
from hub.domain.ids import TeamId, UserId
from hub.domain.models import Conversation, Member
from hub.domain.ports import Cond, Query, Tx

Inboxes = Sequence[Sequence[TeamId | None]]
AT_THE_HEAD = 30
"""Of all who wait, those who are looked at first."""
LOOKED_AT = 10
"""Of each sort, for what this deed changed is not in the database yet."""


def waiting(limit: int, **where: object) -> Query:
    """Conversations that wait for an answer, longest wait first."""
    ever = datetime(1970, 1, 1, tzinfo=UTC)
    return Query(where={"waiting_since": Cond("gt", ever), **where}, order="waiting_since", limit=limit)


async def longest_waiting(
    tx: Tx, member: Member, *, besides: Conversation | None = None, team: TeamId | None = None
) -> Conversation | None:
    """The longest-waiting conversation that the member may take (their own; nobody's, in no inbox or in one of their
    teams'), but not `besides`. With `team`: of nobody's in that one's inbox.
    """
    inboxes = list(_inboxes(member, await teams_of(tx, member), team))
    mine = None if team else member.id
    # Nearly always one of those who wait longest of all will do, however much anybody has.
    first = await tx.query(Conversation, waiting(AT_THE_HEAD))
    found = _able(first, inboxes, mine, besides)
    if not found and len(first) == AT_THE_HEAD:
        found = _able(await _further(tx, inboxes, mine), inboxes, mine, besides)
    return min(found, key=_since, default=None)


async def _further(tx: Tx, inboxes: Inboxes, mine: UserId | None) -> list[Conversation]:
    """Some of those that may fit, where all at the head of the queue are others'."""
    wheres: list[dict[str, object]] = [{"terms": f"open/a:{NONE}", "team": Cond("in", each)} for each in inboxes]
    wheres += [{"terms": f"open/a:{mine}"}] if mine else []
    return [c for where in wheres for c in await tx.query(Conversation, waiting(LOOKED_AT, **where))]


def _able(
    found: Iterable[Conversation], inboxes: Inboxes, mine: UserId | None, besides: Conversation | None
) -> list[Conversation]:
    """What this deed changed is given as it is now, though the database found it as it was."""
    free = [c for c in found if c.waiting_since is not None and (besides is None or c.id != besides.id)]
    nobodys = [c for c in free if c.assignee is None and any(c.team in each for each in inboxes)]
    return nobodys + [c for c in free if mine is not None and c.assignee == mine]


def _inboxes(member: Member, teams: frozenset[TeamId], team: TeamId | None) -> Iterator[list[TeamId | None]]:
    """Out of whose inboxes they may take what nobody has; None is no team's."""
    if team is not None:
        yield [team] if not limits.limited(member) or (limits.by_team(member) and team in teams) else []
    elif not limits.limited(member):
        yield [None, *sorted(teams)]
    elif limits.by_team(member) and teams:
        yield [*sorted(teams)]


def _since(conversation: Conversation) -> datetime:
    return conversation.waiting_since or datetime.max.replace(tzinfo=UTC)


async def waiting_elsewhere(tx: Tx, limit: int = 100) -> int:
    """How many wait that nobody has, in whoever's inbox."""
    return await tx.count(Conversation, waiting(0, assignee=None).where, limit=limit)

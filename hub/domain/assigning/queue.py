"""The queue: who waits for an answer, and may be taken by whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from hub.domain import limits
from hub.domain.assigning.teams import teams_of
from hub.domain.ids import TeamId
from hub.domain.models import Conversation, Member
from hub.domain.ports import Cond, Query, Tx

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
    teams = await teams_of(tx, member)
    mine: dict[str, object] = {"terms": f"open/a:{member.id}"}
    inboxes = _inboxes(member, teams, team)
    free: list[dict[str, object]] = [{"assignee": None, "team": Cond("in", each)} for each in inboxes]
    found: list[Conversation] = []
    for where in free if team else [mine, *free]:
        found += await tx.query(Conversation, waiting(LOOKED_AT, **where))
    able = (c for c in found if besides is None or c.id != besides.id)
    return min(_still(able, member), key=_since, default=None)


def _inboxes(member: Member, teams: frozenset[TeamId], team: TeamId | None) -> Iterator[list[TeamId | None]]:
    """Out of whose inboxes they may take what nobody has; None is no team's."""
    if team is not None:
        yield [team] if not limits.limited(member) or (limits.by_team(member) and team in teams) else []
    elif not limits.limited(member):
        yield [None, *sorted(teams)]
    elif limits.by_team(member) and teams:
        yield [*sorted(teams)]


def _still(found: Iterator[Conversation], member: Member) -> Iterator[Conversation]:
    """What this deed changed is given as it is now, though the database found it as it was."""
    return (c for c in found if c.waiting_since is not None and c.assignee in (None, member.id))


def _since(conversation: Conversation) -> datetime:
    return conversation.waiting_since or datetime.max.replace(tzinfo=UTC)


async def waiting_elsewhere(tx: Tx, limit: int = 100) -> int:
    """How many wait that nobody has, in whoever's inbox."""
    return await tx.count(Conversation, waiting(0, assignee=None).where, limit=limit)

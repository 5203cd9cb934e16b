"""Timers: what is to be looked at or done at a moment. They wait in the database, not in memory, and a workspace
sleeps until the first of them is due.

A timer is not called off when what it waits for changes: it looks, when it is due, whether it still means something.
So one timer a conversation is enough for what every message would put off: it is set anew where it finds that it is
too early.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hub.domain.ids import new_id
from hub.domain.ports import Cond, Query, Reads, Tx
from hub.domain.work import Timed, Work

FAR = 50
"""Timers that are read at once."""


def wake_at(tx: Tx, due: datetime, task: Timed) -> Work:
    """Has the task done at `due`, or a little later; when the hub was down, as soon as it is up."""
    work = Work(id=new_id(), lane=_moment(due), task=task, due=due, state="timed")
    tx.add(work)
    return work


async def ripe(reads: Reads, at: datetime) -> list[Work]:
    """Some of the timers that are due by then, the longest due first."""
    where = {"state": "timed", "lane": Cond("lte", _moment(at))}
    return await reads.query(Work, Query(where=where, order="lane", limit=FAR))


async def next_due(reads: Reads) -> datetime | None:
    """When the first of all timers is due; None: there is none."""
    first = await reads.query(Work, Query(where={"state": "timed"}, order="lane", limit=1))
    return first[0].due if first else None


def _moment(due: datetime) -> str:
    """Sorts as the moments do; the lane is in an index already."""
    return f"at:{due.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"

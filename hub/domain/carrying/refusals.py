"""Which lines of a file an import refused, and why: kept in events until a file is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hub.domain.models import Event
from hub.domain.ports import Cond, Query, Reads, Tx

_AT_ONCE = 50


def note(tx: Tx, job: str, at: datetime, lines: Sequence[str]) -> None:
    """Notes what was refused of a batch: each as its line, a bar and the reason."""
    first = int(lines[0].partition("|")[0])
    tx.add(Event(id=f"{job}|{first:08}", kind="import_refused", at=at, facts={"lines": [*lines]}))


async def noted(reads: Reads, job: str) -> list[str]:
    """All that was refused, in the order of lines."""
    found: list[str] = []
    after = f"{job}|"
    while events := await _some(reads, job, after):
        after = events[-1].id
        for event in events:
            lines = event.facts.get("lines")
            found += lines if isinstance(lines, list) else []
    return found


async def forget(tx: Tx, job: str) -> bool:
    """Forgets some, once the file is made; whether there are more."""
    events = await _some(tx, job, f"{job}|")
    for event in events:
        tx.delete(event)
    return len(events) == _AT_ONCE


async def _some(reads: Reads, job: str, after: str) -> list[Event]:
    where = {"id": Cond("between", (after, f"{job}}}"))}
    return await reads.query(Event, Query(where=where, order="id", limit=_AT_ONCE))

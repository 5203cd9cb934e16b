"""What each timer does when it is due: one entry a task. It looks first whether it still means something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from hub.domain import blocking, notes
from hub.domain.assigning import presence, routing
from hub.domain.ports import Tx
from hub.domain.telling import notices, rating, waiting
from hub.domain.timing import closing, later, snoozing
from hub.domain.work import (
    AskRating,
    CloseIdle,
    Digest,
    HandBack,
    KeepHeld,
    LookAway,
    SendLater,
    Unblock,
    WaitsLong,
    WakeUp,
    WatchIdle,
    Work,
)
from hub.errors import HubError

Ripe = Callable[[Tx, Any, datetime], Awaitable[None]]
"""Given the task and the moment at which it is done, which may be long after it was due."""

RIPE: Mapping[type, Ripe] = {
    AskRating: rating.ask,
    Digest: notices.digest,
    WakeUp: snoozing.due,
    CloseIdle: closing.due,
    WatchIdle: closing.watch_all,
    SendLater: later.due,
    HandBack: routing.hand_back,
    KeepHeld: notes.lapse,
    LookAway: presence.look_away,
    Unblock: blocking.block_ends,
    WaitsLong: waiting.waits_long,
}


async def ripen(tx: Tx, id: str, at: datetime) -> None:
    """Does what the timer is for, once: it is gone with the same commit."""
    work = await tx.get(Work, id)
    if work is not None and work.state == "timed":
        tx.delete(work)
        await RIPE[type(work.task)](tx, work.task, at)


async def spoil(tx: Tx, id: str, error: HubError) -> None:
    """It cannot be done: it is kept with its reason, beside all that failed."""
    work = await tx.get(Work, id)
    if work is not None and work.state == "timed":
        work.state, work.reason = "failed", error.text

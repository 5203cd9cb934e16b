"""Long works over many records, done in steps."""

from __future__ import annotations

from hub.domain.work import Work
from hub.host import delivery
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane


async def step(around: Surroundings, lane: Lane, work: Work) -> None:
    """The next steps of a job."""
    await delivery.end(around, lane, [work])

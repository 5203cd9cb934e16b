"""What is asked for again while it is being done is done again: cards must not go missing."""

from __future__ import annotations

import asyncio

from hub.domain import desks, settle
from hub.domain.ids import DeskId
from hub.domain.ports import Query, Tx
from hub.domain.work import QueueCard, Work, home_lane
from hub.host.lanes import Lane, Lanes
from hub.store import MongoWorkspace
from tests.scene import until


async def test_asked_for_again_in_the_commit_that_ends_it(workspace: MongoWorkspace) -> None:
    """A card whose item ends in the same commit in which another deed asks for it anew is drawn once more."""
    desk = DeskId("d")
    done = 0

    async def ask(tx: Tx) -> None:
        await desks.ask_once(tx, home_lane(desk), QueueCard(desk=desk))

    async def perform(lane: Lane) -> None:
        nonlocal done
        done += 1
        works = lane.works[:1]

        async def end(tx: Tx) -> None:
            await settle.done(tx, works)

        again = [workspace.run(ask)] if done == 1 else []
        await asyncio.gather(workspace.run(end), *again)
        lane.settle(works)

    lanes = Lanes(perform)
    stop = workspace.on_commit(lanes.put)
    await workspace.run(ask)
    await until(lambda: done >= 2 and not lanes.waiting, "the card to be drawn once more", 10)
    assert not await workspace.query(Work, Query(where={"state": "waiting"}))
    stop()
    await lanes.close()

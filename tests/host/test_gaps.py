"""What another process has received comes first in its lane, also where several messages share a post."""

from __future__ import annotations

from typing import Any, cast

from hub.domain.ids import ContactId, DeskId, MessageId
from hub.domain.models import Contact
from hub.domain.ports import Tx
from hub.domain.work import Relay, Work, desk_lane
from hub.host import showing
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane
from hub.host.pacer import Pacer
from hub.store import MongoWorkspace

DESK = DeskId("desk")
LANE = desk_lane(DESK, ContactId("c"))


async def _relays(workspace: MongoWorkspace, count: int) -> list[Work]:
    """That many messages wait to be shown, in this order."""

    async def deed(tx: Tx) -> list[Work]:
        tx.add(Contact(id=ContactId("c")))
        works = [
            Work(id=f"w{n}", lane=LANE, state="waiting", task=Relay(message=MessageId(f"m{n}"), desk=DESK))
            for n in range(1, count + 1)
        ]
        for work in works:
            tx.add(work)
        return works

    return await workspace.run(deed)


async def test_a_post_ends_before_what_is_not_known_here(workspace: MongoWorkspace) -> None:
    """Of three messages the second was received by another process: the third does not go with the first, before it."""
    first, second, third = await _relays(workspace, 3)
    nobody = cast(Any, None)
    around = Surroundings(workspace, nobody, [], Pacer(), nobody, nobody)
    lane = Lane(LANE)
    lane.works = [first, third]
    assert await showing._without_gap(around, lane, [first, third]) == [first]
    lane.works = [first, second, third]
    assert await showing._without_gap(around, lane, lane.works) == [first, second, third]

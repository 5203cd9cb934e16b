"""Lanes: first-in first-out within, side by side without, and nothing done twice or forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from hub.domain.ids import DeskId
from hub.domain.models import now
from hub.domain.work import QueueCard, Work
from hub.host.lanes import Lane, Lanes


def work(id: str, lane: str = "a", **more: object) -> Work:
    return Work(id=id, lane=lane, task=QueueCard(desk=DeskId("d")), state="waiting", **more)  # type: ignore[arg-type]


class Doer:
    """Does items one by one and notes which; stops at a gate while it is shut."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.idle = asyncio.Event()
        self.faults = 0

    async def __call__(self, lane: Lane) -> None:
        await self.gate.wait()
        if self.faults:
            self.faults -= 1
            raise ConnectionError
        head = lane.works[0]
        self.done.append(head.id)
        lane.drop([head])
        if not lane.works:
            self.idle.set()


async def test_a_lane_keeps_the_order_of_making() -> None:
    """Items are done by their id, in whatever order they are put in."""
    doer = Doer()
    doer.gate.clear()
    lanes = Lanes(doer)
    lanes.put([work("3"), work("1")])
    lanes.put([work("2")])
    doer.gate.set()
    await doer.idle.wait()
    assert doer.done == ["1", "2", "3"]


async def test_one_lane_does_not_hold_up_another() -> None:
    """While the head of one lane is not due, other lanes go on."""
    doer = Doer()
    lanes = Lanes(doer)
    lanes.put([work("1", "late", due=now() + timedelta(hours=1)), work("2", "late"), work("3", "b")])
    await doer.idle.wait()
    assert doer.done == ["3"]
    assert lanes.waiting == 2
    await lanes.close()


async def test_a_fault_is_tried_again_and_loses_nothing() -> None:
    """An item whose doing fails stays first in its lane."""
    doer = Doer()
    doer.faults = 1
    lanes = Lanes(doer)
    lanes.put([work("1"), work("2")])
    await doer.idle.wait()
    assert doer.done == ["1", "2"]


async def test_held_and_failed_items_are_not_done() -> None:
    """What is held waits until it is let go; what has failed leaves its lane."""
    doer = Doer()
    lanes = Lanes(doer)
    failed = work("2")
    failed.state = "failed"
    lanes.put([work("1", held=True), failed, work("3")])
    await doer.idle.wait()
    assert doer.done == ["3"]
    lanes.put([work("1")])
    doer.idle.clear()
    await doer.idle.wait()
    assert doer.done == ["3", "1"]


async def test_an_item_asked_for_again_meanwhile_is_done_again() -> None:
    """Settling an item keeps the one that was asked for again while it was being done."""
    lane = Lane("a")
    first = work("card")
    lane.put(first)
    again = work("card", asked=1)
    lane.put(again)
    lane.settle([first])
    assert [w.asked for w in lane.works] == [1]

"""The pacer: rolling windows, fair turns, what it learns from refusals. Short windows; only order is asserted."""

from __future__ import annotations

import asyncio

from hub.domain.ports import Pace
from hub.host.pacer import Pacer, Priority, Window

ACCOUNT = Window("bot", Pace(1000, 1.0))


async def take(pacer: Pacer, windows: list[Window], priority: Priority = Priority.MESSAGE, cost: int = 1) -> None:
    """A turn with a call that takes no time."""
    async with pacer.turn(windows, priority, cost):
        pass


def group(count: int, seconds: float, name: str = "bot/group") -> list[Window]:
    return [ACCOUNT, Window(name, Pace(count, seconds))]


async def test_a_quiet_window_gives_all_its_turns_at_once() -> None:
    """A quiet desk shows as many posts at once as the limit allows: turns are not spaced out."""
    pacer = Pacer()
    turns = [asyncio.create_task(take(pacer, group(20, 60.0))) for _ in range(25)]
    done, waiting = await asyncio.wait(turns, timeout=0.2)
    assert (len(done), len(waiting)) == (20, 5)
    for turn in waiting:
        turn.cancel()


async def test_no_window_of_any_length_holds_more_than_the_limit() -> None:
    """Whenever one looks, the last window holds at most the limit, by the clock of who counts."""
    pacer, moments = Pacer(), []
    loop = asyncio.get_running_loop()

    async def call() -> None:
        await take(pacer, group(5, 0.2))
        moments.append(loop.time())

    await asyncio.gather(*(call() for _ in range(23)))
    for start in moments:
        assert len([m for m in moments if start <= m < start + 0.2]) <= 5


async def test_waiting_lanes_are_served_in_turn() -> None:
    """Who asks anew after each turn lets the others go first."""
    pacer, order = Pacer(), []

    async def lane(name: str) -> None:
        for _ in range(3):
            await take(pacer, group(1, 0.02))
            order.append(name)

    await take(pacer, group(1, 0.02))
    await asyncio.gather(lane("ann"), lane("tom"), lane("eve"))
    assert [set(order[n : n + 3]) for n in (0, 3, 6)] == [{"ann", "tom", "eve"}] * 3


async def test_answers_go_before_messages_and_cards_wait_for_quiet() -> None:
    """An answer to an agent overtakes relays; a card goes only while the window is half empty and nobody waits."""
    pacer, order = Pacer(), []

    async def call(name: str, priority: Priority) -> None:
        await take(pacer, group(2, 0.05), priority)
        order.append(name)

    await take(pacer, group(2, 0.05))
    await take(pacer, group(2, 0.05))
    await asyncio.gather(
        call("card", Priority.CARD),
        call("message", Priority.MESSAGE),
        call("message", Priority.MESSAGE),
        call("answer", Priority.ANSWER),
    )
    assert order == ["answer", "message", "message", "card"]


async def test_a_refusal_closes_the_narrowest_window_for_as_long_as_asked() -> None:
    """After a 429 nothing goes to that chat before the time that the network asked for; other chats go on."""
    pacer = Pacer()
    loop = asyncio.get_running_loop()
    pacer.refused(group(20, 60.0), 0.1)
    asked = loop.time()
    await take(pacer, group(20, 60.0, "bot/other"))
    await take(pacer, group(20, 60.0))
    assert loop.time() - asked >= 0.1


async def test_who_stops_waiting_takes_no_turn() -> None:
    """A cancelled caller leaves its turn to the next."""
    pacer = Pacer()
    await take(pacer, group(1, 0.05))
    first = asyncio.create_task(take(pacer, group(1, 0.05)))
    second = asyncio.create_task(take(pacer, group(1, 0.05)))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert pacer.waiting("bot/group") == 0


async def test_an_album_counts_each_of_its_items() -> None:
    """A call that the network counts as several takes as many turns; one above the limit goes alone."""
    pacer = Pacer()
    await take(pacer, group(5, 60.0), cost=4)
    two = asyncio.create_task(take(pacer, group(5, 60.0), cost=2))
    done, _ = await asyncio.wait([two], timeout=0.05)
    assert not done
    two.cancel()
    await take(pacer, group(5, 60.0, "bot/empty"), cost=9)


async def test_a_call_under_way_counts_until_its_window_has_passed_after_its_end() -> None:
    """The network counts a call when it arrives, some time before it answers: a slow call keeps its place meanwhile."""
    pacer = Pacer()
    loop = asyncio.get_running_loop()
    async with pacer.turn(group(1, 0.05)):
        second = asyncio.create_task(take(pacer, group(1, 0.05)))
        done, _ = await asyncio.wait([second], timeout=0.15)
        assert not done
    ended = loop.time()
    await second
    assert loop.time() - ended >= 0.05

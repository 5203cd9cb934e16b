"""Which desks a conversation is shown on, and its way from one to another."""

from __future__ import annotations

import pytest

from hub.domain.ids import DeskId
from hub.domain.work import MoveIn, Relay
from hub.store import MongoWorkspace
from tests.domain.moved import Moved

GENERAL, SALES, BUYING = DeskId("general"), DeskId("sales"), DeskId("buying")


@pytest.fixture
async def town(workspace: MongoWorkspace) -> Moved:
    return await Moved(workspace).found()


async def test_a_teams_conversation_is_shown_on_the_teams_desk_alone(town: Moved) -> None:
    """What is the team's from the beginning, too; what is nobody's is shown on the desks of nobody."""
    await town.bind(GENERAL)
    await town.bind(SALES, "Sales")
    await town.write("Carol")
    assert await town.shown("Carol") == {GENERAL: 1}
    await town.give("Carol", "Sales")
    await town.write("Carol")
    assert (await town.conversation("Carol")).desks == [SALES]
    assert await town.shown("Carol") == {GENERAL: 1, SALES: 2}


async def test_without_a_desk_of_its_own_a_team_is_shown_on_the_others(town: Moved) -> None:
    """And where every desk is a team's, all of them show what is nobody's: it is shown somewhere."""
    await town.bind(SALES, "Sales")
    await town.write("Carol")
    assert await town.shown("Carol") == {SALES: 1}
    await town.bind(GENERAL)
    await town.write("Dora")
    await town.give("Dora", "Buying")
    assert await town.shown("Dora") == {GENERAL: 1}


async def test_what_moves_begins_with_a_transcript_and_what_nobody_answered(town: Moved) -> None:
    """The new desk is first told where it comes from; the place it left says where it goes, once."""
    await town.bind(GENERAL)
    await town.bind(SALES, "Sales")
    await town.write("Carol", "one")
    await town.placed("Carol", GENERAL)
    await town.write("Carol", "two")
    await town.give("Carol", "Sales")
    tasks = await town.tasks(SALES, "Carol")
    assert [type(t) for t in tasks] == [MoveIn, Relay, Relay]
    assert isinstance(tasks[0], MoveIn)
    assert (tasks[0].origin, tasks[0].until) == ("general", tasks[1].message)  # type: ignore[union-attr]
    told = await town.told(GENERAL, "Carol", "moved_away")
    assert [reply.data["desks"] for reply in told] == [["sales"]]
    place = (await town.contact("Carol")).place(GENERAL)
    assert place is not None
    assert place.left
    await town.write("Carol", "three")
    assert len(await town.told(GENERAL, "Carol", "moved_away")) == 1
    assert await town.shown("Carol") == {GENERAL: 2, SALES: 3}


async def test_undoing_the_assignment_moves_it_back(town: Moved) -> None:
    """What stands there already is not shown again."""
    await town.bind(GENERAL)
    await town.bind(SALES, "Sales")
    await town.write("Carol", "one")
    await town.placed("Carol", GENERAL)
    await town.give("Carol", "Sales")
    await town.give("Carol", "")
    assert (await town.conversation("Carol")).desks == [GENERAL]
    place = (await town.contact("Carol")).place(GENERAL)
    assert place is not None
    assert not place.left
    assert await town.shown("Carol") == {GENERAL: 1, SALES: 1}
    assert isinstance((await town.tasks(GENERAL, "Carol"))[-1], MoveIn)


async def test_what_was_answered_moves_with_its_last_word(town: Moved) -> None:
    """So that the place is opened and bears the card; all before that is in the transcript."""
    await town.bind(GENERAL)
    await town.bind(SALES, "Sales")
    await town.write("Carol", "one")
    await town.write("Carol", "two")
    await town.answered("Carol")
    await town.give("Carol", "Sales")
    assert await town.shown("Carol") == {GENERAL: 2, SALES: 1}


async def test_a_new_desk_of_a_team_gets_what_waits(town: Moved) -> None:
    """At once what waits; what was answered with the contact's next message."""
    await town.bind(GENERAL)
    for name in ("Carol", "Dora"):
        await town.write(name)
        await town.give(name, "Sales")
    await town.answered("Dora")
    await town.bind(SALES, "Sales")
    assert (await town.shown("Carol"), await town.shown("Dora")) == ({GENERAL: 1, SALES: 1}, {GENERAL: 1})
    await town.write("Dora")
    assert await town.shown("Dora") == {GENERAL: 1, SALES: 1}


async def test_a_new_conversation_leaves_where_the_last_one_was(town: Moved) -> None:
    """Who wrote before and is a team's now is shown at its desk; the old place says so. When they come back, it is
    theirs again.
    """
    await town.bind(GENERAL)
    await town.bind(SALES, "Sales")
    await town.write("Carol")
    await town.placed("Carol", GENERAL)
    for team, here in (("Sales", False), ("", True)):
        await town.close("Carol", team)
        await town.write("Carol")
        assert (await town.conversation("Carol")).desks == [GENERAL if here else SALES]
        place = (await town.contact("Carol")).place(GENERAL)
        assert place is not None
        assert place.left is not here
        assert len(await town.told(GENERAL, "Carol", "moved_away")) == 1


async def test_letting_go_of_a_desk_loses_nothing_and_shows_nothing_twice(town: Moved) -> None:
    """What was to be shown there is shown where it belongs then: not again where it stands or waits already."""
    await town.bind(GENERAL)
    await town.bind(BUYING)
    await town.bind(SALES, "Sales")
    await town.write("Carol", "mirrored")
    await town.write("Dora", "for sales")
    await town.give("Dora", "Sales")
    await town.unbind(BUYING)
    assert await town.shown("Carol") == {GENERAL: 1}
    await town.unbind(SALES)
    assert await town.shown("Dora") == {GENERAL: 1}
    await town.unbind(GENERAL)
    assert await town.shown("Carol") == {DeskId(""): 1}
    await town.bind(SALES, "Sales")
    assert await town.shown("Carol") == {SALES: 1}
    assert (await town.conversation("Carol")).desks == [SALES]


async def test_a_queue_card_is_asked_for_where_the_conversation_is_shown(town: Moved) -> None:
    """A message costs nothing on the other desks."""
    await town.bind(GENERAL)
    await town.bind(SALES, "Sales")
    await town.write("Carol")
    before = await town.asked_for()
    await town.write("Carol")
    after = await town.asked_for()
    assert after[GENERAL] > before[GENERAL]
    assert after[SALES] == before[SALES]

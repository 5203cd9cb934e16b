"""What is asked for again while it is being done is done again: cards must not go missing."""

from __future__ import annotations

import asyncio

from hub.domain import desks, settle, standing
from hub.domain.ids import ChannelId, ContactId, ConversationId, DeskId, ThreadId
from hub.domain.models import Contact, Conversation, Place, now
from hub.domain.ports import Query, Tx
from hub.domain.work import Card, QueueCard, Work, home_lane
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
    await until(lambda: done >= 2 and not lanes.waiting, "the card to be drawn once more")
    assert not await workspace.query(Work, Query(where={"state": "waiting"}))
    stop()
    await lanes.close()


async def test_what_changes_while_a_place_is_opened_is_drawn_there(workspace: MongoWorkspace) -> None:
    """A name that the network tells while a place is being opened without it has the card there drawn anew; where
    nothing changed, nothing is drawn twice.
    """
    desk, who = DeskId("d"), ContactId("c")
    contact = Contact(id=who)
    conversation = Conversation(
        id=ConversationId("v"), number=1, contact=who, state="open", channel=ChannelId("n"), opened_at=now()
    )

    async def arrive(tx: Tx) -> None:
        tx.add(contact)
        tx.add(conversation)

    async def name(tx: Tx) -> None:
        kept = await tx.get(Contact, who)
        assert kept is not None
        kept.first_name = "Mia"

    async def open_place(before: Contact, thread: str) -> list[Work]:
        async def deed(tx: Tx) -> None:
            place = Place(desk=desk, thread=ThreadId(thread), title="Unknown")
            await standing.thread_opened(tx, who, place, (before, conversation))

        await workspace.run(deed)
        return await workspace.query(Work, Query(where={"state": "waiting"}))

    await workspace.run(arrive)
    before = await workspace.get(Contact, who)
    assert before is not None
    assert await open_place(before, "7") == []
    await workspace.run(name)
    assert [work.task for work in await open_place(before, "8")] == [Card(contact=who, desk=desk)]

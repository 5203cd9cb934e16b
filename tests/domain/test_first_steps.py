"""The first steps: what is next follows from what is there, and who is led is told it once."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain import desks, first_steps, members
from hub.domain.first_steps import Progress, progress
from hub.domain.ids import ChannelId, DeskId, UserId
from hub.domain.models import ChannelItem, DeskItem, Member, Preferences, Step
from hub.domain.ports import Query, Tx, UserRecord
from hub.domain.work import Notify, Work
from hub.store import MongoWorkspace

ANN, BOB = UserRecord(id="ann", name="Ann"), UserRecord(id="bob", name="Bob")


@pytest.fixture
async def shop(workspace: MongoWorkspace) -> MongoWorkspace:
    """Ann's, who is led."""

    async def deed(tx: Tx) -> None:
        await members.found(tx, "Shop", ANN)
        await first_steps.lead(tx, UserId("ann"))

    await workspace.run(deed)
    return workspace


async def connects(tx: Tx, **how: Any) -> None:
    """A channel is connected."""
    tx.add(ChannelItem(id=ChannelId("c"), network="fax", name="Shop bot", account="1"))
    await first_steps.advance(tx, "channel", "Shop bot", **how)


async def binds(tx: Tx, id: str = "d") -> None:
    """A desk is bound."""
    await desks.bind(tx, "fax", id, "Team", DeskId(id))
    await first_steps.advance(tx, "desk", "Team")


async def told(shop: MongoWorkspace) -> list[tuple[str, str, str]]:
    """Whom it was told, what had become so, and what is next."""
    works = await shop.query(Work, Query(where={}, order="id"))
    notices = [w.task for w in works if isinstance(w.task, Notify)]
    return [(n.user, str(n.reply.data["event"]), str(n.reply.data["next"])) for n in notices]


async def test_what_is_next_follows_from_what_is_there(shop: MongoWorkspace) -> None:
    """A step is done when its thing is there, by whomever and whenever; it is open again when the thing is gone."""
    assert (await progress(shop, named=False)).next == "name"
    assert (await progress(shop, named=True)).next == "channel"
    await shop.run(binds)
    assert (await progress(shop, named=True)).states == {
        "name": "done",
        "channel": "next",
        "desk": "done",
        "people": "open",
    }
    await shop.run(connects)
    now_so = await progress(shop, named=True)
    assert (now_so.next, now_so.channels, now_so.desks) == ("people", ("Shop bot",), ("Team",))

    async def gone(tx: Tx) -> None:
        desk, channel = await tx.get(DeskItem, "d"), await tx.get(ChannelItem, "c")
        assert desk is not None
        assert channel is not None
        channel.state = "paused"
        await desks.unbind(tx, desk)

    await shop.run(gone)
    assert (await progress(shop, named=True)).next == "channel"


@pytest.mark.parametrize("step", ["name", "channel", "desk", "people"])
async def test_what_is_skipped_is_passed_by(shop: MongoWorkspace, step: Step) -> None:
    """A step that was skipped is never next, and is done all the same once its thing is there."""

    async def skip(tx: Tx) -> None:
        await first_steps.skip(tx, UserId("ann"), step)

    for _ in range(2):
        await shop.run(skip)
    now_so = await progress(shop, named=False)
    assert now_so.states[step] == "skipped"
    assert now_so.next == ("channel" if step == "name" else "name")
    assert (await progress(shop, named=False, just=(step,))).states[step] == "done"


async def test_each_step_is_told_once(shop: MongoWorkspace) -> None:
    """Done again, or by several at once, it is told no more; the last one tells that all is set."""
    await shop.run(connects)
    assert await told(shop) == [("ann", "channel", "desk")]
    for id in ("d", "e"):
        await shop.run(lambda tx, chat=id: binds(tx, chat))  # type: ignore[misc]
    assert await told(shop) == [("ann", "channel", "desk"), ("ann", "desk", "people")]

    async def admit(tx: Tx) -> None:
        await members.admit(tx, BOB, "agent")

    await shop.run(admit)
    assert (await told(shop))[2:] == [("ann", "people", "")]


async def test_who_is_told(shop: MongoWorkspace) -> None:
    """Owners who are led, but not the one who is answered anyway; nobody who is owner no more, and no agent."""

    async def more(tx: Tx) -> None:
        await members.admit(tx, BOB, "owner")
        for user in ("bob", "zoe"):
            await first_steps.lead(tx, UserId(user))
        tx.add(Member(id=UserId("zoe"), role="agent", name="Zoe"))

    await shop.run(more)
    assert [user for user, *_ in await told(shop)] == ["ann"]  # that Bob came
    await shop.run(lambda tx: connects(tx, besides=UserId("ann")))
    assert await told(shop) == [("ann", "people", "channel"), ("bob", "channel", "desk")]


async def test_nobody_is_led_who_was_not(workspace: MongoWorkspace) -> None:
    """A workspace that was set up before there were steps tells nobody anything."""

    async def deed(tx: Tx) -> None:
        await members.found(tx, "Old", ANN)

    await workspace.run(deed)
    await workspace.run(connects)
    assert await told(workspace) == []


async def test_the_end_names_what_was_made_just_now(shop: MongoWorkspace) -> None:
    """The desk that was bound in the same moment stands in the last words, though no snapshot shows it yet."""

    async def all_but_the_desk(tx: Tx) -> None:
        await members.admit(tx, BOB, "agent")
        await connects(tx)

    await shop.run(all_but_the_desk)
    await shop.run(binds)
    (last,) = [w.task for w in await shop.query(Work, Query(where={}, order="-id")) if isinstance(w.task, Notify)][:1]
    assert last.reply.data["next"] == ""
    assert last.reply.data["channels"] == ["Shop bot"]
    assert last.reply.data["desks"] == ["Team"]
    assert last.reply.rows == ()


def test_buttons_fit_what_is_next() -> None:
    """A step leads on by its button, and can be skipped by another; at the end there are none."""
    (row,) = first_steps.said(Progress({"name": "done", "channel": "next"}, "Shop")).rows
    assert [b.line for b in row] == ["setup channel", "setup skip channel"]
    assert first_steps.said(Progress({"name": "done", "channel": "done"}, "Shop")).rows == ()


async def test_it_is_kept_small(shop: MongoWorkspace) -> None:
    """Being led again and again leaves one name."""

    async def again(tx: Tx) -> None:
        await first_steps.lead(tx, UserId("ann"), unnamed="Ann's organization")

    for _ in range(3):
        await shop.run(again)
    (preferences,) = await shop.items(Preferences)
    assert preferences.first_steps.led == ("ann",)
    assert preferences.first_steps.unnamed == "Ann's organization"

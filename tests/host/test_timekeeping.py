"""Timers: done once, when they are due, whoever hosts the workspace; one that cannot be done stands in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from hub.domain import consequences, ripening, timers
from hub.domain.contacts import record
from hub.domain.ids import UserId
from hub.domain.models import Event, Tag, now
from hub.domain.ports import Query, Tx
from hub.domain.work import Digest, LookAway, Work
from hub.errors import Refused
from hub.host.timekeeping import Timekeeper, ring
from hub.store import MongoWorkspace
from tests.scene import until

SOON = timedelta(minutes=10)


async def _tagged(tx: Tx, task: Digest, at: datetime) -> None:
    tx.add(Tag(id=task.user, name=f"{at:%H:%M}"))


async def _refused(tx: Tx, task: LookAway, at: datetime) -> None:  # noqa: ARG001 - the shape of all of them
    tx.add(Tag(id="half", name="half"))
    raise Refused("It cannot be done.")


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the timers of these tests do."""
    monkeypatch.setattr(ripening, "RIPE", {Digest: _tagged, LookAway: _refused})


async def wake(workspace: MongoWorkspace, due: datetime, name: str, kind: type[Digest | LookAway] = Digest) -> None:
    async def deed(tx: Tx) -> None:
        timers.wake_at(tx, due, kind(user=UserId(name)))

    await workspace.run(deed)


async def names(workspace: MongoWorkspace) -> list[str]:
    return sorted(t.id for t in await workspace.items(Tag))


async def test_a_timer_is_done_once_and_not_before_it_is_due(workspace: MongoWorkspace) -> None:
    """What is due together is done in the order in which it is due; what is not due stays."""
    at = now()
    await wake(workspace, at + SOON, "second")
    await wake(workspace, at + 2 * SOON, "third")
    await wake(workspace, at, "first")
    assert await timers.next_due(workspace) == at
    assert await ring(workspace, at + SOON) == 2
    assert await names(workspace) == ["first", "second"]
    assert await ring(workspace, at + SOON) == 0
    assert await timers.next_due(workspace) == at + 2 * SOON


async def test_two_hosts_do_a_timer_once(workspace: MongoWorkspace) -> None:
    """Also where two processes hold the workspace for a moment."""
    await wake(workspace, now(), "once")
    await asyncio.gather(ring(workspace, now()), ring(workspace, now()))
    assert await names(workspace) == ["once"]
    assert await workspace.count(Work, {}) == 0


async def test_one_that_cannot_be_done_stands_in_nobodys_way(workspace: MongoWorkspace) -> None:
    """It does nothing by halves, and is kept with its reason among what failed."""
    at = now()
    await wake(workspace, at, "bad", LookAway)
    await wake(workspace, at + timedelta(seconds=1), "good")
    assert await ring(workspace, at + SOON) == 2
    assert await names(workspace) == ["good"]
    (failed,) = await workspace.query(Work, Query(where={"state": "failed"}))
    assert failed.reason == "It cannot be done."


@pytest.fixture
async def keeper(workspace: MongoWorkspace) -> AsyncIterator[Timekeeper]:
    keeper = Timekeeper(workspace)
    stop = workspace.on_commit(lambda works: keeper.put([w for w in works if w.state == "timed"]))
    await keeper.start()
    yield keeper
    stop()
    await keeper.close()


async def test_a_timer_that_is_set_meanwhile_is_heard_of(workspace: MongoWorkspace, keeper: Timekeeper) -> None:
    """The clock sleeps until the first is due, and wakes when an earlier one is set."""
    await wake(workspace, now() + SOON, "late")
    assert keeper.next is not None
    await wake(workspace, now() + timedelta(milliseconds=50), "early")

    async def rung() -> bool:
        return await workspace.get(Tag, "early") is not None

    await until(rung, "the early timer to ring")
    assert await workspace.get(Tag, "late") is None


async def test_what_follows_from_a_deed_is_done_with_it(
    workspace: MongoWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule answers to the event of any deed, in its transaction; what it does is followed in its turn; a deed
    that fails is followed by nothing.
    """

    async def first(tx: Tx, event: Event) -> None:
        tx.add(Tag(id=f"after-{event.kind}", name="x"))
        record(tx, "second", event.at)

    async def second(tx: Tx, event: Event) -> None:
        tx.add(Tag(id=f"after-{event.kind}", name="x"))

    monkeypatch.setattr(consequences, "RULES", {"first": (first,), "second": (second,)})

    async def deed(tx: Tx) -> None:
        record(tx, "first", now())

    async def failing(tx: Tx) -> None:
        record(tx, "first", now())
        raise Refused("No.")

    with pytest.raises(Refused):
        await workspace.run(failing)
    assert await names(workspace) == []
    await workspace.run(deed)
    assert await names(workspace) == ["after-first", "after-second"]

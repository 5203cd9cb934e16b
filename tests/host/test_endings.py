"""The end of a workspace: closed, forgotten by every process, dropped, and never brought back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from hub.domain.ids import Identity
from hub.domain.models import Tag, now
from hub.domain.ports import Tx, Workspace
from hub.errors import NotFound, Unstorable
from hub.host import endings, host
from hub.host.endings import Endings
from hub.host.host import Host
from hub.settings import Settings
from hub.store import MongoWorkspace, Store, open_store
from hub.store.leases import Leases
from tests.scene import until

LONG_AGO = timedelta(days=2)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that looks around without resting, and drops what it closed."""
    monkeypatch.setattr(host, "TICK", 0.02)
    monkeypatch.setattr(host, "SWEEP_EVERY", 1)
    monkeypatch.setattr(endings, "SETTLES", timedelta(0))


async def tagged(workspace: Workspace, id: str = "vip") -> None:
    """Writes something to the workspace."""

    async def deed(tx: Tx) -> None:
        tx.add(Tag(id=id, name=id))

    await workspace.run(deed)


async def databases(store: Store) -> list[str]:
    """The workspaces that have a database."""
    names: Iterable[str] = await store._client._native.list_database_names()
    return [name.removeprefix(f"{store._prefix}ws_") for name in names if name.startswith(f"{store._prefix}ws_")]


def nothing_to_host(_: object) -> object:
    raise AssertionError("there is nothing to be done")


@asynccontextmanager
async def hosting(store: Store, parted: list[str]) -> AsyncIterator[Host]:
    """A host with nothing but its sweep to do."""

    async def part(workspace: Workspace) -> None:
        parted.append(workspace.id)
        await workspace.items(Tag)  # which can still be looked at

    async def opened(id: str) -> None:
        made.observe(store.workspace(id))

    made = Host(
        store.leases,
        store.directory,
        nothing_to_host,  # type: ignore[arg-type]  # there is nothing to be hosted
        polls=False,
        endings=Endings(store.directory, part, store.forget),
    )
    await made.start(opened)
    try:
        yield made
    finally:
        await made.stop()


@asynccontextmanager
async def another_process(store: Store, settings: Settings) -> AsyncIterator[Store]:
    """The same databases, as another process has them open."""
    other = await open_store(settings, prefix=store._prefix, exclusive=False)
    try:
        yield other
    finally:
        await other.close()


@pytest.mark.usefixtures("quick")
async def test_an_ended_workspace_is_dropped_with_all_that_leads_to_it(store: Store, workspace: MongoWorkspace) -> None:
    """Its database, routes, entry and everybody's being in it; the neighbour in the same organization keeps its own."""
    directory = store.directory
    entry = await directory.workspace(workspace.id)
    assert entry is not None
    kin = await directory.create_workspace(entry.organization, "Kin")
    user = await directory.ensure_user(Identity("t|1"), "Ann", "")
    for each in (workspace.id, kin.id):
        await directory.join(user.id, each)
    await directory.claim_route("channel", "t:1", workspace.id, "c1")
    await directory.claim_route("desk", "t:2", workspace.id, "d1")
    await directory.claim_route("channel", "t:3", kin.id, "c3")
    await tagged(workspace)
    await directory.end_workspace(workspace.id, now())
    parted: list[str] = []
    async with hosting(store, parted):
        await until(lambda: _only(store, [kin.id]), "the database to go")
    assert parted == [workspace.id]
    assert [each.id for each in await directory.workspaces()] == [kin.id]
    assert await directory.channel_workspace("c1") is None
    assert await directory.route("desk", "t:2") is None
    assert await directory.channel_workspace("c3") == kin.id
    found = await directory.user(user.id)
    assert found is not None
    assert found.workspaces == [kin.id]
    for use in (workspace.items(Tag), tagged(workspace, "again"), tagged(store.workspace(workspace.id), "again")):
        with pytest.raises(NotFound):
            await use
    assert await databases(store) == [kin.id]


async def _only(store: Store, ids: list[str]) -> bool:
    return await databases(store) == ids


@pytest.mark.usefixtures("quick")
async def test_another_process_hears_of_it_before_it_is_dropped(
    store: Store, workspace: MongoWorkspace, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that has the workspace open can write to it until it hears that it is closed, and never after: so the
    database is dropped later than that, and stays gone.
    """
    monkeypatch.setattr(endings, "SETTLES", timedelta(days=1))
    async with another_process(store, settings) as other:
        theirs = other.workspace(workspace.id)
        await tagged(theirs, "before")
        await store.directory.end_workspace(workspace.id, now())
        async with hosting(store, []):
            await until(store.directory.gone, "the closing")
            await tagged(theirs, "late")
            assert await databases(store) == [workspace.id]
            async with hosting(other, []):
                await until(lambda: _refuses(theirs), "the other process to hear of it")
            monkeypatch.setattr(endings, "SETTLES", timedelta(0))
            await until(lambda: _only(store, []), "the database to go")
        for late in (theirs, other.workspace(workspace.id)):
            with pytest.raises(NotFound):
                await tagged(late, "never")
        assert await databases(store) == []


async def _refuses(workspace: MongoWorkspace) -> bool:
    try:
        await workspace.items(Tag)
    except NotFound:
        return True
    return False


@pytest.mark.usefixtures("quick")
async def test_what_was_brought_back_is_dropped_again(
    store: Store, workspace: MongoWorkspace, settings: Settings
) -> None:
    """A process that stood still since before the closing writes once more when it wakes: that goes, too, in the end,
    and then nothing tells of the workspace any more.
    """
    async with another_process(store, settings) as asleep:
        theirs = asleep.workspace(workspace.id)
        await tagged(theirs)
        await store.directory.end_workspace(workspace.id, now())
        async with hosting(store, []):
            await until(lambda: _only(store, []), "the database to go")
        await until(lambda: _brings_back(theirs), "the sleeper's write")
        assert await databases(store) == [workspace.id]
        await store._control.workspaces.update_one({"_id": workspace.id}, {"$set": {"gone_at": now() - LONG_AGO}})
        async with hosting(store, []):
            await until(lambda: _only(store, []), "the database to go again")
            await until(lambda: _nothing_gone(store), "the entry to go")
    assert await store._control.leases.find({}).to_list(None) == []


async def _brings_back(workspace: MongoWorkspace) -> bool:
    """The server takes nothing for a database while it is dropping it."""
    try:
        await tagged(workspace, "again")
    except Unstorable:
        return False
    return True


async def _nothing_gone(store: Store) -> bool:
    return await store.directory.gone() == []


@pytest.mark.usefixtures("quick")
async def test_a_workspace_that_another_process_hosts_is_left_to_it(store: Store, workspace: MongoWorkspace) -> None:
    """Hosting ends first: what was being sent is not cut off by somebody else."""
    rival = Leases(store._control, "rival")
    assert await rival.acquire(f"host:{workspace.id}", 60)
    await store.directory.end_workspace(workspace.id, now())
    parted: list[str] = []
    async with hosting(store, parted) as watching:
        for _ in range(3):
            await watching._end_some()
        assert parted == []
        assert await store.directory.gone() == []
        await rival.release(f"host:{workspace.id}")
        await until(lambda: parted, "the closing")


async def test_a_hub_that_starts_later_goes_on(
    store: Store, workspace: MongoWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was closed, and not yet dropped when the hub stopped, is dropped by the next one."""
    monkeypatch.setattr(host, "TICK", 0.02)
    monkeypatch.setattr(host, "SWEEP_EVERY", 1)
    await store.directory.end_workspace(workspace.id, now())
    async with hosting(store, []):
        await until(store.directory.gone, "the closing")
    assert await databases(store) == [workspace.id]
    monkeypatch.setattr(endings, "SETTLES", timedelta(0))
    async with hosting(store, []):
        await until(lambda: _only(store, []), "the database to go")


async def test_what_is_kept_at_the_last_moment_stays(store: Store, workspace: MongoWorkspace) -> None:
    """Closing looks once more: between the look and the closing somebody may have kept it."""
    parted: list[str] = []

    async def part(found: Workspace) -> None:
        parted.append(found.id)

    ending = Endings(store.directory, part, store.forget)
    await store.directory.end_workspace(workspace.id, now())
    assert await ending.due() == [workspace.id]
    await store.directory.end_workspace(workspace.id, None)
    assert await ending.close(workspace) is False
    await store.directory.end_workspace(workspace.id, now() + timedelta(days=7))
    assert await ending.due() == []
    assert await ending.close(workspace) is False
    assert parted == []
    await tagged(workspace)

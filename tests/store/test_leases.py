"""Leases: one holder at a time, taken over when it lapses, taken back at once by its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec

from hub.domain.models import now
from hub.settings import Settings
from hub.store import Store, open_store
from hub.store.leases import Leases


async def test_one_holder_at_a_time(store: Store) -> None:
    """Of ten that want a lease one gets it, renews it, and gives it up for the next."""
    rivals = [Leases(store._control, f"hub{number}") for number in range(10)]
    got = await asyncio.gather(*(rival.acquire("w1", 60) for rival in rivals))
    assert sum(got) == 1
    winner = rivals[got.index(True)]
    other = rivals[got.index(False)]
    assert await winner.acquire("w1", 60)
    assert await other.holder_of("w1") == winner.holder
    await other.release("w1")
    assert not await other.acquire("w1", 60)
    await winner.release("w1")
    assert await other.acquire("w1", 60)
    assert await other.acquire("w2", 60)


async def test_a_lease_lapses(store: Store) -> None:
    """Who does not renew loses it to who asks next, and learns so."""
    first, second = Leases(store._control, "first"), Leases(store._control, "second")
    assert await first.acquire("w1", 0.05)
    async with asyncio.timeout(60):
        while not await second.acquire("w1", 60):
            pass
    assert not await first.acquire("w1", 60)


async def test_a_hub_takes_its_own_leases_back(store: Store, settings: Settings) -> None:
    """A hub that was killed and starts again on its data directory need not wait for its own leases."""
    assert await store.leases.acquire("w1", 600)
    again = await open_store(settings, exclusive=False, prefix=store._prefix)
    elsewhere = msgspec.structs.replace(settings, data_dir=settings.data_dir / "other")
    stranger = await open_store(elsewhere, prefix=store._prefix)
    assert await again.leases.acquire("w1", 600)
    assert not await stranger.leases.acquire("w1", 600)
    await again.close()
    await stranger.close()


async def test_workspaces_are_woken_when_due(store: Store) -> None:
    """The directory says who is to be woken; the earliest time noted counts, until its host has done what was due."""
    names = [(await store.directory.create_workspace("o", str(n))).id for n in range(3)]
    moment = now()
    for name, minutes in zip(names, (5, -5, -1), strict=True):
        await store.leases.wake_by(name, moment + timedelta(minutes=minutes))
    await store.leases.wake_by(names[1], moment + timedelta(hours=1))
    assert await store.leases.due(moment) == [names[1], names[2]]
    assert await store.leases.due(moment, limit=1) == [names[1]]
    await store.leases.slept(names[1], moment + timedelta(hours=1))
    await store.leases.slept(names[2], None)
    assert await store.leases.due(moment) == []
    assert await store.leases.due(moment + timedelta(hours=2)) == [names[0], names[1]]

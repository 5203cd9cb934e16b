"""What somebody began of an account and left: cleared when it is of no use to anybody, and nothing else with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hub.domain.accounts.models import SecondFactor, User
from hub.domain.ids import Identity, OrganizationId, UserId
from hub.domain.models import now
from hub.host import clearing
from hub.host.clearing import Clearing
from hub.store import Store
from hub.store.leases import Leases
from tests.endtoend.town import until

EIGHT, SIX = timedelta(days=8), timedelta(days=6)
STAY: dict[str, Callable[[User], object]] = {
    "verified": lambda user: setattr(user, "verified_at", now()),
    "in a chat": lambda user: user.identities.append(Identity("telegram:1")),
    "vouched for": lambda user: user.subjects.append("google|1"),
    "in a workspace": lambda user: user.workspaces.append("w1"),
    "in an organization": lambda user: user.organizations.update({OrganizationId("o1"): "member"}),
    "without an address": lambda user: setattr(user, "email", ""),
    "of late": lambda user: setattr(user, "created_at", now() - SIX),
}


def somebody(name: str) -> User:
    email = f"{name.replace(' ', '.')}@shop.example"
    return User(id=UserId(name), name=name, email=email, password="a hash", created_at=now() - EIGHT)


async def test_who_never_verified_is_forgotten(store: Store) -> None:
    """After seven days the address is free again; whoever is known by anything else stays."""
    await store.users.add(somebody("nobody"))
    for name, known in STAY.items():
        user = somebody(name)
        known(user)
        await store.users.add(user)
    left = somebody("left a workspace")
    left.workspaces = ["w2"]
    await store.users.add(left)
    await store.directory.leave(left.id, "w2")
    await Clearing(store.users, store.leases.acquire).clear()
    assert await store.users.user(UserId("nobody")) is None
    assert await store.users.user(left.id) is None
    for name in STAY:
        assert await store.users.user(UserId(name)) is not None, name


@pytest.mark.parametrize(("age", "stays"), [(timedelta(minutes=61), False), (timedelta(minutes=59), True)])
async def test_a_key_that_nobody_confirmed_goes(store: Store, age: timedelta, stays: bool) -> None:
    """After the hour in which it can be confirmed; a second factor that is on is left alone."""
    user = somebody("drafting")
    user.verified_at = now()
    user.second = SecondFactor(seed="sealed", since=now() - EIGHT)
    user.draft = SecondFactor(seed="sealed too", since=now() - age)
    await store.users.add(user)
    await Clearing(store.users, store.leases.acquire).clear()
    kept = await store.users.user(user.id)
    assert kept is not None
    assert kept.second is not None
    assert (kept.draft is not None) is stays
    assert kept.version == (0 if stays else 1), "who changes it at the same moment looks again"


async def test_one_process_clears(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is due, unless another does so already."""
    monkeypatch.setattr(clearing, "FIRST", timedelta(0))
    monkeypatch.setattr(clearing, "EVERY", timedelta(0))
    await store.users.add(somebody("nobody"))
    rival = Leases(store._control, "rival")
    assert await rival.acquire("clear:users", 60)
    ours = Clearing(store.users, store.leases.acquire)
    ours.consider()
    assert ours._task is not None
    await ours._task
    assert await store.users.user(UserId("nobody")) is not None
    await rival.release("clear:users")

    async def gone() -> bool:
        ours.consider()
        return await store.users.user(UserId("nobody")) is None

    await until(gone, "the clearing")
    await ours.close()

"""A reception for each test."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, Type

from hub.domain.accounts import passwords
from hub.store import Store
from tests.domain.accounts.house import House


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hashes for less effort: for who tries a hundred passwords."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=Type.ID)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_NOBODYS", hasher.hash("nobody's"))

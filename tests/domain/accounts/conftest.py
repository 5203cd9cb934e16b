"""A reception for each test."""

from __future__ import annotations

import pytest

from hub.store import Store
from tests.domain.accounts.house import House


@pytest.fixture
def house(store: Store) -> House:
    return House(store)

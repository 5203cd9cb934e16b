"""The shop of the dialogs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.store import Store
from tests.admin_bot.counter_desk import Shop, Who


@pytest.fixture
async def shop(store: Store) -> AsyncIterator[Shop]:
    made = Shop(store)
    await made.set_up()
    yield made


@pytest.fixture
def olivia(shop: Shop) -> Who:
    return shop.people["Olivia Orr"]


@pytest.fixture
def mia(shop: Shop) -> Who:
    return shop.people["Mia"]


@pytest.fixture
def bob(shop: Shop) -> Who:
    return shop.people["Bob Bright"]


@pytest.fixture
def zoe(shop: Shop) -> Who:
    return shop.people["Zoe"]


@pytest.fixture
def mallory(shop: Shop) -> Who:
    return shop.people["Mallory"]

"""The shops of the dialogs. Making a database takes the server a while, so shops share a store, and where nothing that
is counted can come from another test, the tests of a module share a shop.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.admin_bot.telegram.loading import load_aiogram
from hub.settings import Settings
from hub.store import Store, open_store
from hub.store.embedded import Embedded
from tests.admin_bot.again import Kept
from tests.admin_bot.counter_desk import FIRST, Shop, Who
from tests.admin_bot.office import Office, Talk, standing_office

load_aiogram()


@pytest.fixture(scope="session")
async def counter_store(mongod: Embedded) -> AsyncIterator[Store]:
    """One store for all shops."""
    with tempfile.TemporaryDirectory(prefix="hub-counter-") as folder:
        settings = Settings(data_dir=Path(folder), mongo_url=mongod.url, port=0)
        opened = await open_store(settings, prefix="counter_")
        yield opened
        await opened.close()


@pytest.fixture(scope="session")
async def opening_day(mongod: Embedded) -> AsyncIterator[tuple[Store, Kept]]:
    """A store with one shop that has just been set up."""
    with tempfile.TemporaryDirectory(prefix="hub-counter-") as folder:
        store = await open_store(Settings(data_dir=Path(folder), mongo_url=mongod.url, port=0), prefix="again_")
        await Shop(store, which=FIRST).set_up()
        yield store, await Kept.of(store)
        await store.close()


@pytest.fixture
async def shop(opening_day: tuple[Store, Kept]) -> AsyncIterator[Shop]:
    """A shop of the test's own."""
    store, kept = opening_day
    made = Shop(store, which=FIRST)
    await made.enter()
    yield made
    await kept.put_back()


@pytest.fixture(scope="module")
async def standing_shop(counter_store: Store) -> Shop:
    """A shop that the tests of a module share."""
    made = Shop(counter_store)
    await made.set_up()
    return made


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


# -- dialogs over HTTP -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def way(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[tuple[str, Office]]:
    """A way, and an office at a desk of its network, which the module's dialogs share; `in_ways` says which ways."""
    async with standing_office(request.param, mongod.url) as office:
        yield request.param, office


@pytest.fixture
async def talk(way: tuple[str, Office]) -> Talk:
    """A contact of the test's own, who has just written."""
    return await way[1].talk(way[0])

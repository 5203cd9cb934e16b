"""One lobby for all tests of a module; each has people of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.settings import Settings
from hub.store import open_store
from hub.store.embedded import Embedded
from tests.web.doorway import Doorway, doorway_over
from tests.web.lobby import Browser, Lobby, lobby_over


@pytest.fixture(scope="module")
async def lobby(
    mongod: Embedded, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Lobby]:
    """The pages over a database of the module's own."""
    folder: Path = tmp_path_factory.mktemp("lobby")
    prefix = f"{request.module.__name__.rpartition('.')[2].removeprefix('test_')}_"
    store = await open_store(Settings(data_dir=folder, mongo_url=mongod.url, port=0), "motor", prefix=prefix)
    try:
        async with lobby_over(store) as made:
            yield made
    finally:
        await store.drop()
        await store.close()


@pytest.fixture(scope="module")
async def door(
    mongod: Embedded, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Doorway]:
    """The pages beside providers of sign-ins, over a database of the module's own."""
    folder = tmp_path_factory.mktemp("doorway")
    prefix = f"{request.module.__name__.rpartition('.')[2].removeprefix('test_')}_door_"
    store = await open_store(Settings(data_dir=folder, mongo_url=mongod.url, port=0), "motor", prefix=prefix)
    try:
        async with doorway_over(store) as made:
            yield made
    finally:
        await store.drop()
        await store.close()


@pytest.fixture
async def browser(lobby: Lobby) -> AsyncIterator[Browser]:
    """A browser that nobody has used yet."""
    async with Browser(lobby.url) as made:
        yield made

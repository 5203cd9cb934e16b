"""The store's tests run on both drivers, each with one store that is emptied for each test: that is quicker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from hub.settings import Settings
from hub.store import MongoWorkspace, Store, open_store
from hub.store.control import INDEXES as CONTROL_INDEXES
from hub.store.driver import DriverName
from hub.store.embedded import Embedded
from hub.store.layout import INDEXES
from tests.conftest import empty


@pytest.fixture(scope="session", params=["motor", "pymongo"])
def driver_name(request: pytest.FixtureRequest) -> DriverName:
    return cast("DriverName", request.param)


class Opened(NamedTuple):
    """A store that is emptied for each test."""

    settings: Settings
    store: Store
    entry: dict[str, Any]
    """The one workspace in the directory."""


@pytest.fixture(scope="session")
async def opened(
    mongod: Embedded, driver_name: DriverName, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Opened]:
    folder: Path = tmp_path_factory.mktemp(driver_name)
    settings = Settings(data_dir=folder / "data", mongo_url=mongod.url)
    store = await open_store(settings, driver_name, prefix=f"{driver_name}_")
    await store.directory.create_workspace("", "Test")
    entry = await store._control.workspaces.find_one({})
    assert entry is not None
    yield Opened(settings, store, entry)
    await store.close()


@pytest.fixture
def settings(opened: Opened) -> Settings:
    return opened.settings


@pytest.fixture
async def store(opened: Opened) -> Store:
    await empty(opened.store._control, CONTROL_INDEXES)
    opened.store.directory._channels.clear()
    return opened.store


@pytest.fixture
async def workspace(store: Store, opened: Opened) -> MongoWorkspace:
    await store._control.workspaces.insert_one(opened.entry)
    store._workspaces.clear()
    workspace = store.workspace(opened.entry["_id"])
    await empty(workspace._database, INDEXES)
    return workspace

"""What all tests share: one real mongod, and on it a store and a workspace of each test's own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from hub.settings import Settings
from hub.store import MongoWorkspace, Store, open_store
from hub.store.driver import DriverName
from hub.store.embedded import Embedded, ended

ROOM = 4_000_000_000
"""Bytes that a run's databases may grow to."""
TEST_COMMANDS = ("--setParameter", "enableTestCommands=1")
_numbers = count(1)
_dropping: list[asyncio.Task[None]] = []


def _in_memory() -> str | None:
    """A folder in memory, where there is one with room: the server waits for no disk there."""
    folder = Path("/dev/shm")  # noqa: S108 - the run's own folder is made in it
    return str(folder) if folder.is_dir() and shutil.disk_usage(folder).free > ROOM else None


@pytest.fixture(scope="session")
async def mongod() -> AsyncIterator[Embedded]:
    """One server for the whole run, with fail points."""
    with tempfile.TemporaryDirectory(prefix="hub-tests-", dir=_in_memory()) as folder:
        server = Embedded(Path(folder), TEST_COMMANDS)
        await server.start()
        yield server
        for task in _dropping:
            task.cancel()
        await asyncio.gather(*_dropping, return_exceptions=True)
        os.kill(server.pid, signal.SIGKILL)  # quicker than to stop it, and nobody will miss what it has not written
        await ended(server.pid)


@pytest.fixture
def driver_name() -> DriverName:
    """The driver that the product uses; the store's own tests run on both."""
    return "motor"


@pytest.fixture
def settings(mongod: Embedded, tmp_path: Path) -> Settings:
    """Settings with the shared server and a data directory of the test's own."""
    return Settings(data_dir=tmp_path / "data", mongo_url=mongod.url, port=0)


@pytest.fixture
async def store(settings: Settings, driver_name: DriverName) -> AsyncIterator[Store]:
    """A store whose databases no other test sees."""
    opened = await open_store(settings, driver_name, prefix=f"t{next(_numbers)}_")
    yield opened
    _dropping.append(asyncio.create_task(_drop(opened)))


async def _drop(store: Store) -> None:
    """Forgetting databases takes the server a while; the next test need not wait for it."""
    await store.drop()
    await store.close()


@pytest.fixture
async def workspace(store: Store) -> MongoWorkspace:
    """A workspace, new and empty."""
    entry = await store.directory.create_workspace("", "Test")
    return store.workspace(entry.id)

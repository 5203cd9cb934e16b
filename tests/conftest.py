"""What all tests share: one real mongod, and on it a store and a workspace that are empty for each test."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher, Type

from hub.domain.accounts import passwords
from hub.settings import Settings
from hub.store import MongoWorkspace, Store, open_store
from hub.store.control import INDEXES as CONTROL_INDEXES
from hub.store.driver import Client, Database, DriverName, connect
from hub.store.embedded import Embedded, ended
from hub.store.layout import INDEXES

ROOM = 8_000_000_000
"""Bytes that a run's databases may grow to."""
TRUE_HASHER, TRUE_NOBODYS = passwords._hasher, passwords._NOBODYS
TEST_COMMANDS = ("--setParameter", "enableTestCommands=1")
LONG = ("_browser.py", "tests/faults/", "tests/bench/", "tests/demo/test_running", "fuzz.py")
"""In the names of modules that take long."""
STANDING = "0standing"
"""The workspace whose database stays, for one test after the other."""
_dropping: list[asyncio.Task[None]] = []


def _in_memory() -> str | None:
    """A folder in memory, where there is one with room: servers wait for no disk there."""
    folder = Path("/dev/shm")  # noqa: S108 - the run's own folders are made in it
    return str(folder) if folder.is_dir() and shutil.disk_usage(folder).free > ROOM else None


if kept := _in_memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", kept)  # `tmp_path` is there: hubs with servers of their own, too


class Patient(Embedded):
    """A server that a busy machine may let wait; the product's own limits are what tests of the store are about."""

    @property
    def url(self) -> str:
        return f"{super().url}&serverSelectionTimeoutMS=60000&connectTimeoutMS=60000&waitQueueTimeoutMS=60000"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that take long begin first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: not any(part in item.nodeid for part in LONG))


def pytest_collection_finish() -> None:
    """What was collected stays for the whole run: looking through it for what nobody holds is work for nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
async def mongod() -> AsyncIterator[Embedded]:
    """One server for the whole run, with fail points."""
    with tempfile.TemporaryDirectory(prefix="hub-tests-", dir=_in_memory()) as folder:
        server = Patient(Path(folder), TEST_COMMANDS)
        await server.start()
        yield server
        os.kill(server.pid, signal.SIGKILL)  # quicker than to stop it, and nobody will miss what it has not written
        await ended(server.pid)


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Passwords' hashes of the same kind for less effort: most tests are about something else."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=Type.ID)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", hasher)
        patched.setattr(passwords, "_NOBODYS", hasher.hash("nobody's"))
        yield


@pytest.fixture
def true_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords' hashes as the product makes them."""
    monkeypatch.setattr(passwords, "_hasher", TRUE_HASHER)
    monkeypatch.setattr(passwords, "_NOBODYS", TRUE_NOBODYS)


@pytest.fixture
def driver_name() -> DriverName:
    """The driver that the product uses; the store's own tests run on both."""
    return "motor"


@pytest.fixture
def settings(mongod: Embedded, tmp_path: Path) -> Settings:
    """Settings with the shared server and a data directory of the test's own."""
    return Settings(data_dir=tmp_path / "data", mongo_url=mongod.url, port=0)


@pytest.fixture(scope="session")
async def sweeper(mongod: Embedded) -> AsyncIterator[Client]:
    """Who empties the databases after each test."""
    client = connect(mongod.url)
    yield client
    await asyncio.gather(*_dropping)
    await client.close()


@pytest.fixture
async def store(settings: Settings, driver_name: DriverName, sweeper: Client) -> AsyncIterator[Store]:
    """A store in which nothing is. Making databases takes the server a while: they are emptied, and used again."""
    opened = await open_store(settings, driver_name, prefix="t_")
    yield opened
    await opened.close()  # first of all: it may write
    control = sweeper.database("t_hub")
    others = [id for id in await control.workspaces.distinct("_id") if id != STANDING]
    await asyncio.gather(empty(control, CONTROL_INDEXES), empty(sweeper.database(f"t_ws_{STANDING}"), INDEXES))
    # The next test need not wait for it.
    _dropping.extend(asyncio.create_task(sweeper.drop(f"t_ws_{id}")) for id in others)


async def empty(database: Database, collections: Iterable[str]) -> None:
    """What is in them is forgotten."""
    await asyncio.gather(*(database[name].delete_many({}) for name in collections))


@pytest.fixture
async def workspace(store: Store) -> MongoWorkspace:
    """A workspace, new and empty."""
    return store.workspace((await store.directory.create_workspace("", "Shop", STANDING)).id)

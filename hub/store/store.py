"""Opens the store: the lock on the data directory, the server, the control database, the workspaces."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Sequence

from pymongo.errors import ConfigurationError, InvalidURI

from hub.errors import AlreadyRunning, Misconfigured, NotFound
from hub.settings import Settings
from hub.store import filling
from hub.store.accounts import MongoUsers
from hub.store.control import INDEXES as CONTROL_INDEXES
from hub.store.control import MongoDirectory, lay_out
from hub.store.driver import Client, DriverName, connect
from hub.store.embedded import Embedded
from hub.store.faults import guarded
from hub.store.installations import MongoInstallations
from hub.store.layout import FORMER, INDEXES
from hub.store.leases import Leases
from hub.store.locks import FileLock
from hub.store.organizations import MongoOrganizations
from hub.store.vault import KeyVault, open_vault, private_file
from hub.store.workspace import MongoWorkspace

_NO_TRANSACTIONS = (
    "HUB_MONGO_URL must lead to a replica set or a sharded cluster: one server alone has no transactions."
    " Start it with --replSet, or leave HUB_MONGO_URL empty."
)
_ID = re.compile(r"[0-9a-z]{1,40}")


class Store:
    """All that is kept: `directory`, `users`, `organizations`, `leases`, `vault`, and each `workspace(id)`."""

    def __init__(self, client: Client, prefix: str, vault: KeyVault, holder: str) -> None:
        self._client = client
        self._prefix = prefix
        self._control = client.database(f"{prefix}hub")
        self._workspaces: dict[str, MongoWorkspace] = {}
        self._filling: dict[str, asyncio.Task[None]] = {}
        self._embedded: Embedded | None = None
        self._lock: FileLock | None = None
        self.vault = vault
        self.directory = MongoDirectory(self._control, self._lay_out, self._drop)
        self.users = MongoUsers(client, self._control)
        self.organizations = MongoOrganizations(self._control)
        self.leases = Leases(self._control, holder)
        self.installations = MongoInstallations(self._control, vault)

    def workspace(self, id: str) -> MongoWorkspace:
        """The workspace with that id; its first use raises NotFound where there is none."""
        if id not in self._workspaces:
            if not _ID.fullmatch(id):
                raise NotFound("There is no such workspace.")
            database = self._client.database(self._name(id), aware=False)
            self._workspaces[id] = MongoWorkspace(id, self._client, database, lambda: self._make_ready(id))
        return self._workspaces[id]

    async def ping(self) -> None:
        """Returns when the database has answered. Raises Unavailable."""
        with guarded():
            await self._control.command("ping")

    async def prepare(self) -> None:
        """Checks the server and makes the control database. Raises Misconfigured where it can do no transactions."""
        with guarded():
            hello = await self._control.command("hello")
            if "setName" not in hello and hello.get("msg") != "isdbgrid":
                raise Misconfigured(_NO_TRANSACTIONS)
            await lay_out(self._control, CONTROL_INDEXES)

    async def close(self) -> None:
        """Waits for what is being committed, and lets go of everything; stops the embedded server."""
        try:
            await asyncio.gather(*(self._stop_filling(id) for id in list(self._filling)))
            await asyncio.gather(*(workspace.close() for workspace in self._workspaces.values()))
        finally:
            await self._client.close()
            await _let_go(self._embedded, self._lock)

    def keep(self, embedded: Embedded | None, lock: FileLock | None) -> None:
        """What is to be let go of with the store."""
        self._embedded, self._lock = embedded, lock

    async def drop(self) -> None:
        """Forgets everything that is in the directory: for tests and benchmarks."""
        lives, gone = await self.directory.workspaces(), await self.directory.gone()
        for id in [*(entry.id for entry in lives), *(entry.id for entry in gone)]:
            await self._client.drop(self._name(id))
        await self._client.drop(f"{self._prefix}hub")

    def _name(self, id: str) -> str:
        return f"{self._prefix}ws_{id}"

    async def _make_ready(self, id: str) -> None:
        await self.directory.make_ready(id)
        if id not in self._filling:
            with guarded():
                task = await filling.begin(self._control, self._client.database(self._name(id), aware=False), id)
            if task is not None and self._filling.setdefault(id, task) is not task:
                task.cancel()  # another first use was quicker

    async def _lay_out(self, id: str) -> None:
        database = self._client.database(self._name(id))
        await lay_out(database, INDEXES)
        for name, former in FORMER.items():
            there = await database[name].index_information()
            for index in there.keys() & {*former}:
                await database[name].drop_index(index)

    async def forget(self, id: str) -> None:
        """The workspace is gone: whoever still holds it gets NotFound, and nothing is written to it any more."""
        await self._stop_filling(id)
        workspace = self._workspaces.pop(id, None)
        if workspace is not None:
            workspace.end()
            await workspace.close()

    async def _stop_filling(self, id: str) -> None:
        """How far it came is kept."""
        task = self._filling.pop(id, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _drop(self, id: str) -> None:
        await self.forget(id)
        await self._client.drop(self._name(id))


async def open_store(
    settings: Settings,
    driver: DriverName = "motor",
    *,
    exclusive: bool = True,
    prefix: str = "",
    server_options: Sequence[str] = (),
) -> Store:
    """Opens the store, starting the embedded server where no other database is set.

    `exclusive`: as the hub itself does, which raises AlreadyRunning where another hub has the data directory; else
    beside one that may be running. `prefix` (of the databases' names) and `server_options` are for tests.
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        said = error.strerror or "it cannot be made"
        raise Misconfigured(f"HUB_DATA_DIR is {settings.data_dir}: {said}. It must be a folder of ours.") from error
    lock = FileLock(settings.data_dir / "hub.lock") if exclusive else None
    if lock is not None and not lock.take():
        lock.release()
        raise AlreadyRunning
    embedded = None if settings.mongo_url else Embedded(settings.data_dir, server_options)
    try:
        vault = open_vault(settings.secret_key, settings.data_dir)
        holder = private_file(settings.data_dir / "holder", secrets.token_hex(8))
        if embedded is not None:
            await embedded.start()
        store = Store(_client(embedded.url if embedded else settings.mongo_url, driver), prefix, vault, holder)
    except BaseException:
        await _let_go(embedded, lock)
        raise
    store.keep(embedded, lock)
    try:
        await store.prepare()
    except BaseException:
        await store.close()
        raise
    if embedded is not None and exclusive:
        embedded.watch()
    return store


def _client(url: str, driver: DriverName) -> Client:
    try:
        return connect(url, driver)
    except (ConfigurationError, InvalidURI, ValueError) as error:
        raise Misconfigured("HUB_MONGO_URL is not an address such as mongodb://host:27017/?replicaSet=rs0.") from error


async def _let_go(embedded: Embedded | None, lock: FileLock | None) -> None:
    try:
        if embedded is not None:
            await embedded.stop()
    finally:
        if lock is not None:
            lock.release()

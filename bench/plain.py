"""What the hub is compared with: the same records, read and written one awaited operation at a time.

It is what one would write first: no transaction, no batch. It shares everything else with the hub: the HTTP server,
the channel, the deed, the documents and the driver. Its catalog is cached as the hub's is, which favours it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiohttp import web
from pymongo import ReturnDocument

from hub.app import Hub
from hub.domain import arrivals
from hub.domain.arrivals import Arrival
from hub.domain.models import Record
from hub.domain.ports import Query, Workspace
from hub.errors import NotFound
from hub.host.doors import NOTHING, HookAnswer
from hub.settings import Settings
from hub.store import codec, open_store
from hub.store.driver import Client, Database, DriverName, connect
from hub.store.faults import guarded
from hub.store.layout import CATALOG, SHELF, Shelf, carries, unique_value
from hub.web.server import Entrance, make_app

R = TypeVar("R", bound=Record)


class PlainTx:
    """A `Tx` for one deed. What it gave is remembered, so that nothing is read twice; `flush` writes what changed."""

    def __init__(self, workspace: Workspace, database: Database) -> None:
        self._workspace = workspace
        self._database = database
        self._loaded: dict[tuple[str, str], tuple[Record, bytes]] = {}
        self._added: list[Record] = []
        self._deleted: list[Record] = []

    async def get(self, kind: type[R], id: str) -> R | None:
        """The record with that id."""
        shelf = SHELF[kind]
        known = self._loaded.get((shelf.name, id))
        record = known[0] if known else self._new(lambda r: SHELF[type(r)] is shelf and r.id == id)
        return _of(kind, record or await self._one(shelf, "_id", id))

    async def find(self, kind: type[R], field: str, value: str) -> R | None:
        """The record with that value in a unique field."""
        shelf = SHELF[kind]
        wanted = unique_value(shelf, field, value)
        record = self._new(lambda r: SHELF[type(r)] is shelf and carries(r, field, wanted))
        return _of(kind, record or await self._one(shelf, field, wanted))

    async def query(self, kind: type[R], query: Query) -> list[R]:
        """The records that match in the database."""
        shelf = SHELF[kind]
        found = self._database[shelf.name].find(
            codec.condition(kind, query.where), sort=codec.order(query) or None, limit=query.limit, skip=query.skip
        )
        records = [self._keep(shelf, doc) for doc in await found.to_list(None)]
        return [record for record in records if isinstance(record, kind)]

    async def count(self, kind: type[R], where: Mapping[str, object], limit: int = 0) -> int:
        """How many match in the database."""
        options: dict[str, Any] = {"limit": limit} if limit else {}
        return await self._database[SHELF[kind].name].count_documents(codec.condition(kind, where), **options)

    async def items(self, kind: type[R]) -> list[R]:
        """The catalog's items of a kind."""
        return await self._workspace.items(kind)

    def add(self, record: Record) -> None:
        """A new record."""
        self._added.append(record)

    def added(self, kind: type[R]) -> list[R]:
        """The records of a kind that were added."""
        return [record for record in self._added if isinstance(record, kind)]

    def delete(self, record: Record) -> None:
        """Takes a record out."""
        self._deleted.append(record)

    async def increment(self, counter: str) -> int:
        """The next number of a counter."""
        moved: Any = await self._database[CATALOG.name].find_one_and_update(
            {"_id": f"counter:{counter}"}, {"$inc": {"value": 1}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        return int(moved["value"])

    async def flush(self) -> None:
        """Writes, one record after the other."""
        for record in self._added:
            await self._database[SHELF[type(record)].name].insert_one(codec.encode(record))
        for (name, id), (record, taken) in self._loaded.items():
            after = codec.snapshot(record)
            if after != taken:
                update, _ = codec.changes(taken, record, after)
                await self._database[name].update_one({"_id": id}, update)
        for record in self._deleted:
            await self._database[SHELF[type(record)].name].delete_one({"_id": record.id})

    async def _one(self, shelf: Shelf, field: str, value: object) -> Record | None:
        doc = await self._database[shelf.name].find_one({field: value})
        return self._keep(shelf, doc) if doc else None

    def _keep(self, shelf: Shelf, doc: dict[str, Any]) -> Record:
        record = codec.decode(shelf, doc)
        return self._loaded.setdefault((shelf.name, record.id), (record, codec.snapshot(record)))[0]

    def _new(self, fits: Callable[[Record], bool]) -> Record | None:
        return next((record for record in self._added if fits(record)), None)


def _of(kind: type[R], record: Record | None) -> R | None:
    return record if isinstance(record, kind) else None


class PlainIntake:
    """Takes in what is posted to a hook, as `hub.app.Hub.take_in` does, but plainly."""

    def __init__(self, hub: Hub, client: Client, prefix: str) -> None:
        self._hub = hub
        self._client = client
        self._prefix = prefix

    async def take_in(self, name: str, headers: Mapping[str, str], body: bytes) -> HookAnswer:
        """Verifies, reads, keeps."""
        line = await self._hub.switchboard.line(name)
        if line is None:
            raise NotFound("No channel listens here.")
        line.channel.verify(headers, body)
        arrival = Arrival(
            channel=line.item.id,
            update=line.channel.update_id(body),
            incoming=tuple(line.channel.translate(body)),
            raw=body.decode("utf-8", "replace"),
        )
        with guarded():
            tx = PlainTx(line.workspace, self._client.database(f"{self._prefix}ws_{line.workspace.id}", aware=False))
            await arrivals.receive(tx, arrival)
            await tx.flush()
        return NOTHING


@asynccontextmanager
async def running_plainly(settings: Settings, driver: DriverName, prefix: str) -> AsyncIterator[Hub]:
    """The hub's parts and its HTTP entrance, with the plain intake behind it, until the block ends."""
    store = await open_store(settings, driver, prefix=prefix)
    client = connect(settings.mongo_url, driver)
    hub = Hub(settings, store)
    intake = PlainIntake(hub, client, prefix)
    runner = web.AppRunner(make_app(Entrance(intake.take_in, hub.doors.greet, store.ping, dict)), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port, backlog=1024).start()
        hub.port = runner.addresses[0][1]
        yield hub
    finally:
        await runner.cleanup()
        await hub.stop()
        await client.close()
        await store.close()

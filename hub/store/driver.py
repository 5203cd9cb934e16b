"""The seam to MongoDB: the one module that imports Motor, and the one where its successor differs from it.

Everything else in the store speaks to what both have in common, written with PyMongo's own asynchronous types.
Motor's objects have the same methods where they are used here; where they do not, there is a function below.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, Literal, cast

from bson.codec_options import CodecOptions
from gridfs.asynchronous import AsyncGridFSBucket
from pymongo import WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern

Doc = dict[str, Any]
Database = AsyncDatabase[Doc]
Collection = AsyncCollection[Doc]
Session = AsyncClientSession
Bucket = AsyncGridFSBucket
DriverName = Literal["motor", "pymongo"]

DURABLE = WriteConcern(w="majority", j=True)
"""Acknowledged only when a kill of the server, or of the primary, cannot take it back."""
TRANSACTIONS = 8
"""Transactions that run at once: more are slower in all, and waiting ones grow into larger batches."""
FIRST_BATCH = 5000
"""Documents asked for in a find's first answer, so that a bulk load is one round trip."""
_AWARE: CodecOptions[Doc] = CodecOptions(tz_aware=True, tzinfo=UTC)
_NAIVE: CodecOptions[Doc] = CodecOptions(tz_aware=False)
_OPTIONS: dict[str, Any] = {
    "serverSelectionTimeoutMS": 2000,
    "connectTimeoutMS": 5000,
    "heartbeatFrequencyMS": 2000,
    "socketTimeoutMS": 20000,
    "waitQueueTimeoutMS": 5000,
    "appname": "hub",
}


class Client:
    """A connection to one cluster, through either driver."""

    def __init__(self, native: Any, *, motor: bool) -> None:
        self._native = native
        self._motor = motor
        self.turn = asyncio.Semaphore(TRANSACTIONS)

    def database(self, name: str, *, aware: bool = True) -> Database:
        """A database of the cluster; writes are durable, reads see what is.

        Times are in UTC, and aware unless `aware` is false: that is ten times quicker for who makes them so later.
        """
        codec = _AWARE if aware else _NAIVE
        options = {"codec_options": codec, "write_concern": DURABLE, "read_concern": ReadConcern("majority")}
        return cast("Database", self._native.get_database(name, **options))

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A session; used by one task at a time."""
        session = await self._native.start_session() if self._motor else self._native.start_session()
        try:
            yield session
        finally:
            await session.end_session()

    async def begin(self, session: Session) -> None:
        """Starts a transaction that sees one moment and is durable when its commit returns."""
        begun: Any = session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=DURABLE)
        if not self._motor:
            await begun

    def bucket(self, database: Database, chunk: int) -> Bucket:
        """The database's file store, in chunks of `chunk` bytes. It takes part in no transaction."""
        if self._motor:
            from motor.motor_asyncio import AsyncIOMotorGridFSBucket

            return cast("Bucket", AsyncIOMotorGridFSBucket(cast("Any", database), chunk_size_bytes=chunk))
        return AsyncGridFSBucket(database, chunk_size_bytes=chunk)

    async def aggregate(self, collection: Collection, steps: Sequence[Doc]) -> list[Doc]:
        """What the steps make of the collection."""
        cursor: Any = collection.aggregate(steps)
        return list(await (cursor if self._motor else await cursor).to_list(None))

    async def drop(self, name: str) -> None:
        """Forgets a whole database."""
        await self._native.drop_database(name)

    async def close(self) -> None:
        """Lets go of all connections; may take as long as finding a server that is away."""
        if self._motor:
            await asyncio.to_thread(self._native.close)
        else:
            await self._native.close()


def connect(url: str, driver: DriverName = "motor", *, direct: bool = False) -> Client:
    """A client for the cluster at `url` (`direct`: for the one server there); does not speak to it yet.

    Must be called where the event loop runs. What the url says of time limits counts.
    """
    options = {key: value for key, value in _OPTIONS.items() if f"{key}=".lower() not in url.lower()}
    if direct:
        options["directConnection"] = True
    if driver == "motor":
        from motor.motor_asyncio import AsyncIOMotorClient

        return Client(AsyncIOMotorClient(url, **options), motor=True)
    from pymongo import AsyncMongoClient

    return Client(AsyncMongoClient(url, **options), motor=False)

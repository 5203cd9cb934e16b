"""A workspace's file store: GridFS in its own database. Files are streamed, never whole in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from gridfs.errors import NoFile

from hub.domain.ids import FileId, new_id
from hub.errors import NotFound, TooLarge
from hub.store.driver import Bucket, Client, Database, Doc
from hub.store.faults import guarded

CHUNK = 255 * 1024
_FILES, _CHUNKS = "fs.files", "fs.chunks"
_MISSING = "The file is not kept any more."


class MongoFiles:
    """A `Files` on GridFS. It takes part in no transaction: keep the file first, then the record that names it."""

    def __init__(self, client: Client, database: Database, prepare: Callable[[], Awaitable[None]]) -> None:
        self._client = client
        self._database = database
        self._prepare = prepare
        self._made: Bucket | None = None

    async def save(self, name: str, mime: str, chunks: AsyncIterator[bytes], limit: int) -> tuple[FileId, int]:
        """Keeps a stream; gives its id and size in bytes. Raises TooLarge past `limit`, keeping nothing."""
        await self._prepare()
        file = FileId(new_id())
        with guarded():
            stream: Any = self._bucket().open_upload_stream_with_id(file, name, metadata={"mime": mime})
            try:
                size = await _pour(chunks, stream, limit)
                await stream.close()
            except BaseException:
                await stream.abort()
                raise
        return file, size

    async def open(self, file: FileId) -> AsyncIterator[bytes]:
        """The file in chunks. Raises NotFound."""
        await self._prepare()
        stream = await self._stream(file)
        while True:
            with guarded():
                chunk = await stream.readchunk()
            if not chunk:
                return
            yield chunk

    async def size(self, file: FileId) -> int:
        """Bytes. Raises NotFound."""
        await self._prepare()
        return int((await self._stream(file)).length)

    async def drop(self, file: FileId) -> None:
        """Forgets a file, and whatever is left of a broken one; one that is gone already counts as done.

        What it is made of goes first: where the hub dies in between, the file is still listed and dropped again.
        """
        await self._prepare()
        with guarded():
            await self._database[_CHUNKS].delete_many({"files_id": file})
            await self._database[_FILES].delete_one({"_id": file})

    async def saved(self, after: FileId, before: FileId, limit: int) -> list[tuple[FileId, str]]:
        """Files between two ids, oldest first, each with its name."""
        await self._prepare()
        where, fields = {"_id": {"$gt": after, "$lt": before}}, {"filename": 1}
        with guarded():
            found = self._database[_FILES].find(where, fields, sort=[("_id", 1)], limit=limit)
            return [(FileId(doc["_id"]), doc["filename"]) for doc in await found.to_list(None)]

    async def scraps(self, after: FileId, before: FileId) -> list[FileId]:
        """What is left of files between two ids that were never whole, or are not any more."""
        await self._prepare()
        steps: list[Doc] = [
            {"$match": {"files_id": {"$gt": after, "$lt": before}}},
            {"$group": {"_id": "$files_id"}},
            {"$lookup": {"from": _FILES, "localField": "_id", "foreignField": "_id", "as": "file"}},
            {"$match": {"file": []}},
        ]
        with guarded():
            found = await self._client.aggregate(self._database[_CHUNKS], steps)
        return [FileId(doc["_id"]) for doc in found]

    def _bucket(self) -> Bucket:
        if self._made is None:
            self._made = self._client.bucket(self._database, CHUNK)
        return self._made

    async def _stream(self, file: FileId) -> Any:
        with guarded():
            try:
                return await self._bucket().open_download_stream(file)
            except NoFile as error:
                raise NotFound(_MISSING) from error


async def _pour(chunks: AsyncIterator[bytes], stream: Any, limit: int) -> int:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"The file is larger than {limit // (1024 * 1024)} MB.")
        await stream.write(chunk)
    return size

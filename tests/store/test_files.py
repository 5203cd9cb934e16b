"""Files: streamed in and out, whole or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hub.domain.ids import FileId, id_at, new_id
from hub.domain.models import now
from hub.errors import NotFound, TooLarge
from hub.store import MongoWorkspace, Store


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(workspace: MongoWorkspace, file: FileId) -> list[bytes]:
    return [chunk async for chunk in workspace.files.open(file)]


async def chunks_kept(workspace: MongoWorkspace) -> int:
    return await workspace._database["fs.chunks"].count_documents({})


async def test_a_file_comes_back_in_chunks(workspace: MongoWorkspace) -> None:
    """What was kept comes back byte by byte, in pieces, line ends or not."""
    parts = [b"line\n" * 20_000, b"\x00\xff" * 300_000, b"end"]
    file, size = await workspace.files.save("a.bin", "application/octet-stream", pieces(*parts), 10_000_000)
    chunks = await read(workspace, file)
    assert b"".join(chunks) == b"".join(parts)
    assert size == await workspace.files.size(file) == sum(map(len, parts))
    assert len(chunks) > 1
    assert max(map(len, chunks)) <= 256 * 1024


async def test_an_empty_file(workspace: MongoWorkspace) -> None:
    """A file may be empty."""
    file, size = await workspace.files.save("empty", "text/plain", pieces(), 10)
    assert (size, await read(workspace, file)) == (0, [])


async def test_too_large_keeps_nothing(workspace: MongoWorkspace) -> None:
    """A stream past the limit is stopped, and nothing of it is kept."""
    with pytest.raises(TooLarge, match="1 MB"):
        await workspace.files.save("big", "video/mp4", pieces(*[b"x" * 400_000] * 10), 1_048_576)
    assert await chunks_kept(workspace) == 0


async def test_a_broken_stream_keeps_nothing(workspace: MongoWorkspace) -> None:
    """A stream that breaks leaves nothing behind, and says what broke it."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 3_000_000
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await workspace.files.save("cut", "image/png", broken(), 10_000_000)
    assert await chunks_kept(workspace) == 0


async def test_a_dropped_file(store: Store, workspace: MongoWorkspace) -> None:
    """A dropped file is gone, may be dropped again, and was never another workspace's."""
    other = store.workspace((await store.directory.create_workspace("", "Other")).id)
    file, _ = await workspace.files.save("a", "text/plain", pieces(b"a"), 10)
    await other.files.drop(file)
    with pytest.raises(NotFound):
        await read(other, file)
    assert await read(workspace, file) == [b"a"]
    await workspace.files.drop(file)
    await workspace.files.drop(file)
    with pytest.raises(NotFound):
        await workspace.files.size(file)


async def test_files_are_listed_by_their_age(workspace: MongoWorkspace) -> None:
    """Between two ids, oldest first, with the names they were saved under; an id tells when it was made."""
    kept = [(await workspace.files.save(name, "", pieces(b"x"), 10))[0] for name in ("m1", "m2", "m3")]
    ever, later = FileId(""), FileId(id_at(now() + timedelta(seconds=1)))
    assert await workspace.files.saved(ever, later, 10) == list(zip(kept, ("m1", "m2", "m3"), strict=True))
    assert await workspace.files.saved(kept[0], kept[2], 10) == [(kept[1], "m2")]
    assert await workspace.files.saved(ever, later, 1) == [(kept[0], "m1")]
    assert await workspace.files.saved(ever, FileId(id_at(now() - timedelta(seconds=60))), 10) == []
    assert id_at(now() - timedelta(seconds=1)) < new_id() < id_at(now() + timedelta(seconds=1))


async def test_pieces_without_a_file_are_found_and_dropped(workspace: MongoWorkspace) -> None:
    """What a crash in the middle of an upload, or of a drop, leaves behind is told from what is whole."""
    ever, later = FileId(""), FileId(id_at(now() + timedelta(seconds=60)))
    whole, _ = await workspace.files.save("m1", "", pieces(b"x" * 600_000), 1_000_000)
    cut, _ = await workspace.files.save("m2", "", pieces(b"y" * 600_000), 1_000_000)
    await workspace._database["fs.files"].delete_one({"_id": cut})
    assert await workspace.files.scraps(ever, later) == [cut]
    assert await workspace.files.scraps(cut, later) == []
    await workspace.files.drop(cut)
    assert await workspace.files.scraps(ever, later) == []
    assert b"".join(await read(workspace, whole)) == b"x" * 600_000
    assert await chunks_kept(workspace) == 3

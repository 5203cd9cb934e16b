"""The embedded server: started, shared, adopted, started again, and stopped by the last who uses it."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from hub.domain.models import Message
from hub.domain.ports import Query, Tx
from hub.errors import AlreadyRunning, Misconfigured, Unavailable
from hub.settings import Settings
from hub.store import MongoWorkspace, Store, open_store
from hub.store.embedded import Embedded, ended
from hub.store.mongod import admin, cache_gb, find, listens, raise_file_limit, workspaces_that_fit
from tests.store.records import message

HUB = """
import asyncio, sys
from pathlib import Path
from hub.settings import Settings
from hub.store import open_store

async def main():
    store = await open_store(Settings(data_dir=Path(sys.argv[1])))
    entry = await store.directory.create_workspace("", "Acme")
    async with store._client.session() as session:
        await store._client.begin(session)
        await store._client.database("left").get_collection("begun").insert_one({"_id": 1}, session=session)
        print(entry.id, store._embedded.pid, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def embedded_pid(store: Store) -> int:
    assert store._embedded is not None
    return store._embedded.pid


async def test_it_is_shared_and_stopped_by_the_last(tmp_path: Path) -> None:
    """A second hub is told so in one sentence; `hub init` works beside the hub, and after it; then nothing is left."""
    settings = Settings(data_dir=tmp_path / "data")
    hub = await open_store(settings)
    with pytest.raises(AlreadyRunning, match="Another hub already uses this data directory"):
        await open_store(settings)
    init = await open_store(settings, exclusive=False)
    pid = embedded_pid(hub)
    assert embedded_pid(init) == pid
    assert os.getsid(pid) != os.getsid(0)
    await hub.close()
    token = await init.directory.issue_token("init", {}, 60)
    assert await init.directory.use_token("init", token) == {}
    assert settings.data_dir.stat().st_mode & 0o777 == 0o700
    await init.close()
    await asyncio.wait_for(ended(pid), 60)


async def test_a_killed_hub_and_a_killed_server(tmp_path: Path) -> None:
    """A server left by a killed hub is adopted, without what that hub had begun; one that is killed is started again,
    and nothing written is lost.
    """
    settings = Settings(data_dir=tmp_path / "data")
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HUB, str(settings.data_dir), stdout=asyncio.subprocess.PIPE
    )
    assert killed.stdout is not None
    id, pid = (await killed.stdout.readline()).decode().split()
    killed.kill()
    await killed.communicate()
    store = await open_store(settings)
    assert embedded_pid(store) == int(pid)
    assert store._embedded is not None
    async with admin(store._embedded.port) as database:
        assert (await database.command("serverStatus"))["transactions"]["currentOpen"] == 0
    workspace = store.workspace(id)
    kept, asked = await under_load(workspace, int(pid))
    assert len(kept) > 100
    assert embedded_pid(store) != int(pid)
    found = {each.text.plain for each in await workspace.query(Message, Query(where={}))}
    assert set(kept) <= found <= set(asked)
    assert len(found) == await workspace.count(Message, {})
    await store.close()


async def under_load(workspace: MongoWorkspace, pid: int) -> tuple[list[str], list[str]]:
    """Writes through 20 callers while the server is killed twice over; gives what was kept and what was asked for."""
    kept: list[str] = []
    asked: list[str] = []
    again = asyncio.Event()

    async def write(words: str) -> None:
        async def deed(tx: Tx) -> None:
            tx.add(message(words, words))

        asked.append(words)
        try:
            await workspace.run(deed)
        except Unavailable:
            return
        kept.append(words)
        if killed.is_set():
            again.set()

    async def caller(number: int) -> None:
        count = 0
        while not again.is_set():
            await write(f"{number}-{count}")
            count += 1

    killed = asyncio.Event()
    callers = [asyncio.create_task(caller(number)) for number in range(20)]
    while len(kept) < 100:
        await asyncio.wait(callers, timeout=0.01)
    os.kill(pid, signal.SIGKILL)
    await ended(pid)
    killed.set()
    async with asyncio.timeout(90):
        await asyncio.gather(*callers)
    return kept, asked


async def test_a_server_killed_while_it_starts(tmp_path: Path) -> None:
    """However often it dies before it answers, it is started again."""
    store = await open_store(Settings(data_dir=tmp_path / "data"))
    entry = await store.directory.create_workspace("", "Acme")
    pid = embedded_pid(store)
    for _ in range(3):
        os.kill(pid, signal.SIGKILL)
        await ended(pid)
        pid = await asyncio.wait_for(another_pid(tmp_path / "data" / "mongo" / "mongod.lock", pid), 90)
    async with asyncio.timeout(90):
        while await is_away(store):
            await asyncio.sleep(0.05)
    assert await store.workspace(entry.id).run(_number) == 1
    await store.close()


async def another_pid(lock: Path, pid: int) -> int:
    """The server that was started in the place of that one; it does not answer yet."""
    while (found := lock.read_text().strip()) in ("", str(pid)):  # noqa: ASYNC240 - a few bytes of our own
        await asyncio.sleep(0.001)
    return int(found)


async def is_away(store: Store) -> bool:
    """Whether the database does not answer."""
    try:
        await store.ping()
    except Unavailable:
        return True
    return False


async def test_a_server_that_is_away(tmp_path: Path) -> None:
    """While the server is away, reading and writing say Unavailable, soon; a port that somebody took is changed."""
    settings = Settings(data_dir=tmp_path / "data")
    store = await open_store(settings, exclusive=False)
    entry = await store.directory.create_workspace("", "Acme")
    workspace = store.workspace(entry.id)
    assert await workspace.run(_number) == 1
    server = store._embedded
    assert server is not None
    os.kill(server.pid, signal.SIGKILL)
    await ended(server.pid)
    attempts = (workspace.run(_number), workspace.count(Message, {}), store.directory.workspaces(), store.ping())
    async with asyncio.timeout(15):  # not as long as an answer is waited for
        results = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * 4
    await store._client.close()
    await server.stop()
    async with await asyncio.start_server(_hang_up, "127.0.0.1", server.port):
        again = await open_store(settings)
        assert again._embedded is not None
        assert again._embedded.port != server.port
        assert await again.workspace(entry.id).run(_number) == 2
        await again.close()


async def test_its_port_is_somebody_elses_connection(tmp_path: Path) -> None:
    """Who connects may have got the port meanwhile, on which nobody listens then: the server gets another."""
    async with await asyncio.start_server(_hang_up, "127.0.0.1", 0) as other:
        with socket.create_connection(other.sockets[0].getsockname()) as connected:
            server = Embedded(tmp_path)
            taken = server._keep_port(connected.getsockname()[1])
            await server.start()
            assert server.port != taken
            assert await listens(server.port)
            await server.stop()


async def test_no_mongod_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there is no server program, or it lacks a library, one sentence says how to get one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Misconfigured, match="HUB_MONGO_URL"):
        find()
    program = tmp_path / "mongod"
    complaint = "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file"
    program.write_text(f"#!/bin/sh\necho '{complaint}' >&2\nexit 127\n")
    program.chmod(0o755)
    with pytest.raises(Misconfigured, match=r"libcurl\.so\.4.*HUB_MONGO_URL"):
        await open_store(Settings(data_dir=tmp_path / "data"))
    assert not await listens(1)


@pytest.mark.parametrize("url", ["mongodb://", "mongodb://u:secret@h:notaport/", "mongodb://u:p@ss@h/"])
async def test_a_wrong_address(url: str, tmp_path: Path) -> None:
    """An address that is none is refused, without showing the password in it."""
    with pytest.raises(Misconfigured, match="HUB_MONGO_URL") as error:
        await open_store(Settings(data_dir=tmp_path, mongo_url=url))
    assert "secret" not in error.value.text


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    """A database that does not answer is Unavailable."""
    with pytest.raises(Unavailable):
        await open_store(Settings(data_dir=tmp_path, mongo_url="mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"))


def test_how_many_workspaces_fit() -> None:
    """Each workspace's collections and indexes are open files."""
    assert raise_file_limit() > 1024
    assert workspaces_that_fit(1024) < 30
    assert workspaces_that_fit(64_000) > 1500


async def _number(tx: Tx) -> int:
    return await tx.increment("number")


def _hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize(
    ("limit", "cache"),
    [("536870912", 0.25), ("4294967296\n", 1.0), ("8589934592", 2.0), (str(2**50), None), ("max", None), (None, None)],
)
def test_its_cache_is_a_quarter_of_the_memory_there_is(tmp_path: Path, limit: str | None, cache: float | None) -> None:
    """A container's limit counts where it is less than the machine has; never less than 0.25 GB, nor more than 2."""
    file = tmp_path / "memory.max"
    if limit is not None:
        file.write_text(limit)
    machine = cache_gb(())
    assert 0.25 <= machine <= 2.0
    assert cache_gb((file,)) == min(machine, cache or machine)

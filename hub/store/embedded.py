"""The embedded server: a mongod of our own in the data directory, as a replica set of one, for transactions need one.

It is shared by all processes on the data directory (a hub, a `hub init` beside it) and stopped by the last one. One
left behind by a killed hub is adopted. While a hub watches it, it is started again when it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError

from hub.errors import HubError, Misconfigured, Unavailable
from hub.store import mongod
from hub.store.driver import Database
from hub.store.locks import FileLock

_log = logging.getLogger(__name__)
_START_SECONDS = 30.0
_STOP_SECONDS = 7.0
"""The hub stops within ten seconds: a server that takes longer is killed, which loses nothing that was acknowledged."""


class Embedded:
    """The server of one data directory."""

    def __init__(self, data_dir: Path, options: Sequence[str] = ()) -> None:
        """`options` are further arguments of mongod; tests switch fail points on with them."""
        self._folder = data_dir
        self._options = options
        self._users = FileLock(data_dir / "mongod.users")
        self._starting = FileLock(data_dir / "mongod.starting")
        self._watcher: asyncio.Task[None] | None = None
        self.port = 0
        self.pid = 0

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"mongodb://{mongod.HOST}:{self.port}/?replicaSet={mongod.REPLICA_SET}"

    async def start(self) -> None:
        """Starts or adopts the server and waits until it takes writes. Raises Misconfigured with what would mend it."""
        await self._starting.wait()
        try:
            alone = self._users.take()
            if not alone:
                await self._users.wait(shared=True)
            await self._run()
            if alone:
                await self._end_orphans()
                await self._users.wait(shared=True)
        except BaseException:
            self._users.release()
            raise
        finally:
            self._starting.release()

    async def _end_orphans(self) -> None:
        """Ends what a killed hub has begun: the server would keep it for a minute, and all that it wrote locked."""
        async with mongod.admin(self.port) as database:
            await database.command({"killAllSessions": []})

    def watch(self) -> None:
        """From now on the server is started again when it dies."""
        self._watcher = asyncio.create_task(self._keep(), name="mongod")

    async def stop(self) -> None:
        """Stops the server, unless another process uses it."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        try:
            if self._users.take():
                await self._shut_down()
        finally:
            self._users.release()

    # -- starting ----------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        """Makes sure that a server of ours runs and is primary."""
        until = time.monotonic() + _START_SECONDS
        self.port = self._kept_port() or self._keep_port(mongod.free_port())
        while not await self._found():
            if time.monotonic() > until:
                raise Misconfigured(f"A mongod runs on {self._files} but does not answer; stop it and start again.")
            if await mongod.listens(self.port):
                self._keep_port(mongod.free_port())  # the port is somebody else's now
            try:
                if not await mongod.launch(self._folder, self.port, self._options):
                    await asyncio.sleep(0.2)  # one left behind is still starting, or stopping
            except mongod.PortTaken:
                self._keep_port(mongod.free_port())
        await self._become_primary(until)

    async def _found(self) -> bool:
        self.pid = await mongod.pid_of(self.port, self._files) or 0
        return self.pid != 0

    async def _become_primary(self, until: float) -> None:
        async with mongod.admin(self.port) as database:
            while time.monotonic() < until:
                with contextlib.suppress(PyMongoError):
                    hello = await database.command("hello")
                    if hello.get("isWritablePrimary"):
                        return
                    await self._configure(database, hello)
                await asyncio.sleep(0.02)
        raise Unavailable(f"The embedded database does not become ready; its log is {self._folder / 'mongod.log'}.")

    async def _configure(self, database: Database, hello: dict[str, Any]) -> None:
        """Makes it a replica set of one, or tells it that its port has changed."""
        if hello.get("setName"):
            return
        me = {"_id": 0, "host": f"{mongod.HOST}:{self.port}"}
        config = await database.client.get_database("local").get_collection("system.replset").find_one()
        if config is None:
            await database.command({"replSetInitiate": {"_id": mongod.REPLICA_SET, "members": [me]}})
        elif config["members"][0]["host"] != me["host"]:
            config["members"][0]["host"] = me["host"]
            config["version"] += 1
            await database.command({"replSetReconfig": config, "force": True})

    @property
    def _files(self) -> Path:
        return self._folder / "mongo"

    def _kept_port(self) -> int:
        try:
            return int(json.loads((self._folder / "mongod.json").read_text())["port"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def _keep_port(self, port: int) -> int:
        """On another port a replica set has to be told, so the port is chosen once."""
        draft = self._folder / "mongod.json.new"
        draft.write_text(json.dumps({"port": port}))
        draft.replace(self._folder / "mongod.json")
        self.port = port
        return port

    # -- watching and stopping ---------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        pause = 0.1
        while True:
            try:
                await ended(self.pid)
                _log.warning("The embedded database ended; starting it again.")
                await self._starting.wait()
                await self._run()
                pause = 0.1
            except (HubError, PyMongoError, OSError) as error:
                _log.error("The embedded database cannot be started: %s", error)
                await asyncio.sleep(pause := min(pause * 2, 5))
            finally:
                self._starting.release()

    async def _shut_down(self) -> None:
        if not await self._found():
            return
        async with mongod.admin(self.port) as database:
            with contextlib.suppress(PyMongoError):  # it hangs up instead of answering
                await database.command({"shutdown": 1, "force": True, "timeoutSecs": 0})
        try:
            await asyncio.wait_for(ended(self.pid), _STOP_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


async def ended(pid: int) -> None:
    """Waits until that process, which need not be our child, has ended; 0 is nobody, who has."""
    if not pid:
        return
    if not hasattr(os, "pidfd_open"):
        while _alive(pid):  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.5)
        return
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

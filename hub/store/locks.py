"""Locks on files of the data directory: the kernel lets go of them when their holder dies, however it dies."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from pathlib import Path

from hub.errors import Unavailable


class FileLock:
    """A lock on a file, held by one process (or by many, shared) until it is let go."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self, *, shared: bool = False) -> bool:
        """Takes it at once, or changes how it is held; False: others hold it."""
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    async def wait(self, *, shared: bool = False, seconds: float = 20) -> None:
        """Takes it when it is free. Raises Unavailable where that takes too long."""
        until = time.monotonic() + seconds
        while not self.take(shared=shared):
            if time.monotonic() > until:
                self.release()
                raise Unavailable("Another process is starting or stopping the database; try again in a moment.")
            await asyncio.sleep(0.05)

    def release(self) -> None:
        """Lets go of it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

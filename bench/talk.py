"""How the bench's processes speak with each other: the parent sends a JSON line, the child answers with one.

A child ends when its standard input does, so that none outlives the parent.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
LONGEST_LINE = 64 * 1024 * 1024
"""Bytes: a load's answer names when each message was sent."""
STOP_SECONDS = 20.0
ROOT = Path(__file__).parent.parent

Answering = Callable[[bytes], Awaitable[object]]


class ChildFailed(Exception):
    """A process of the bench ended, or could not do what it was asked to; its text says which and where its log is."""


async def answer_lines(answering: Answering) -> None:
    """The child's loop: answers each line of standard input on standard output, until there are no more."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        say(await answering(line))


def say(answer: object) -> None:
    """Writes one line to the parent."""
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()


class Child:
    """A process of the bench, as the parent sees it. `hello`: the first line it said, when it was ready."""

    def __init__(
        self, name: str, log: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pid: int
    ) -> None:
        self.name = name
        self.log = log
        self.pid = pid
        self.hello: Any = None
        self._reader = reader
        self._writer = writer
        self._process: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()

    @classmethod
    async def start(cls, module: str, folder: Path, spec: object = None, keep: Collection[int] = ()) -> Child:
        """Starts `python -m module spec`, its log in `folder`, and waits until it is ready. It inherits `keep`."""
        log = folder / f"{module.rpartition('.')[2]}-{os.urandom(3).hex()}.log"
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, msgspec.json.encode(spec).decode()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                limit=LONGEST_LINE,
                cwd=ROOT,
                pass_fds=keep,
                start_new_session=True,  # what is typed at the terminal reaches the parent, which ends its children
            )
        if process.stdin is None or process.stdout is None:
            raise ChildFailed(f"{module} was started without pipes.")
        child = cls(module, log, process.stdout, process.stdin, process.pid)
        child._process = process
        child.hello = await child.answer()
        return child

    async def ask(self, request: object, kind: type[T]) -> T:
        """Sends a request and waits for its answer; one at a time."""
        async with self._asking:
            self._writer.write(msgspec.json.encode(request) + b"\n")
            await self._writer.drain()
            return msgspec.convert(await self.answer(), kind)

    async def answer(self) -> Any:
        """The next line that it says. Raises ChildFailed where it ended instead."""
        line = await self._reader.readline()
        if not line:
            said = self.log.read_text(errors="replace")[-2000:]
            raise ChildFailed(f"{self.name} ended. The end of its log:\n{said}")
        return msgspec.json.decode(line)

    async def stop(self) -> None:
        """Ends it: gently, and if that takes too long, not."""
        self._writer.close()
        try:
            await asyncio.wait_for(self._reader.read(), STOP_SECONDS)
        except TimeoutError:
            os.kill(self.pid, signal.SIGKILL)
        if self._process is not None:
            await self._process.wait()

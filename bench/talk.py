"""How the bench's processes speak with each other: the parent sends a JSON line, the child answers with one.

A child ends when its standard input does, so that none outlives the parent.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
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

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self._process = process
        self._log = log
        self.hello: Any = None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @classmethod
    async def start(cls, module: str, folder: Path, spec: object = None) -> Child:
        """Starts `python -m module spec`, its log in `folder`, and waits until it is ready."""
        log = folder / f"{module.rpartition('.')[2]}-{os.urandom(3).hex()}.log"
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, msgspec.json.encode(spec).decode()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                limit=LONGEST_LINE,
                cwd=ROOT,
                start_new_session=True,  # what is typed at the terminal reaches the parent, which ends its children
            )
        child = cls(module, process, log)
        child.hello = await child._line()
        return child

    async def ask(self, request: object, kind: type[T]) -> T:
        """Sends a request and waits for its answer."""
        if self._process.stdin is None:
            raise ChildFailed(f"{self.name} was started without a pipe.")
        self._process.stdin.write(msgspec.json.encode(request) + b"\n")
        await self._process.stdin.drain()
        return msgspec.convert(await self._line(), kind)

    async def stop(self) -> None:
        """Ends it: gently, and if that takes too long, not."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    async def _line(self) -> Any:
        line = await self._process.stdout.readline() if self._process.stdout is not None else b""
        if not line:
            said = self._log.read_text(errors="replace")[-2000:]
            raise ChildFailed(f"{self.name} ended. The end of its log:\n{said}")
        return msgspec.json.decode(line)

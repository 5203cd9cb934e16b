"""Processes with the hub already imported: importing it takes seconds, and the bench runs it many times.

The nursery imports it once and forks. A fork has the ends of two pipes as its standard input and output, so that it
cannot be told from a process that was started by itself.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import msgspec

from bench.talk import LONGEST_LINE, Child

_LONGEST_SPEC = 65536


class Nursery:
    """The parent's side."""

    def __init__(self, child: Child, control: socket.socket) -> None:
        self._child = child
        self._control = control
        self._making = asyncio.Lock()

    @classmethod
    async def start(cls, folder: Path) -> Nursery:
        """Starts it; returns when the hub is imported."""
        ours, theirs = socket.socketpair()
        with theirs:
            child = await Child.start("bench.nursery", folder, theirs.fileno(), keep=(theirs.fileno(),))
        return cls(child, ours)

    async def serve(self, spec: object) -> Child:
        """A new process that runs `bench.serve` with that spec. Returns when it is ready."""
        (their_in, our_out), (our_in, their_out) = os.pipe(), os.pipe()
        async with self._making:
            socket.send_fds(self._control, [msgspec.json.encode(spec)], [their_in, their_out])
            os.close(their_in)
            os.close(their_out)
            pid = int(await self._child.answer())
        child = Child("bench.serve", self._child.log, await _reader(our_in), await _writer(our_out), pid)
        child.hello = await child.answer()
        return child

    async def stop(self) -> None:
        """Ends it. What it made must be ended before."""
        self._control.close()
        await self._child.stop()


async def _reader(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    pipe = open(descriptor, "rb", buffering=0)  # noqa: ASYNC230, SIM115 - a pipe's end, closed by its transport
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader


async def _writer(descriptor: int) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    pipe = open(descriptor, "wb", buffering=0)  # noqa: ASYNC230, SIM115 - a pipe's end, closed by its transport
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, pipe)
    return asyncio.StreamWriter(transport, protocol, None, loop)


def main() -> None:
    """The nursery's own side: forks for each request, until the parent hangs up."""
    from hub.admin_bot.telegram.loading import load_aiogram

    load_aiogram()
    import hub.app.telegram  # noqa: F401 - this is what it is for
    from bench import serve
    from bench.talk import say

    say("ready")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks: the parent sees their pipes close
    with socket.socket(fileno=int(sys.argv[1])) as control:
        while True:
            spec, ends, _, _ = socket.recv_fds(control, _LONGEST_SPEC, 2)
            if not spec:
                return
            pid = os.fork()
            if pid == 0:
                break
            for end in ends:
                os.close(end)
            say(pid)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for standard, end in enumerate(ends):
        os.dup2(end, standard)
        os.close(end)
    serve.main(spec)


if __name__ == "__main__":
    main()

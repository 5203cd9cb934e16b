"""What the measurements share: a folder, a database server, the load, and a way to run the hub."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from bench.load import LoadResult, LoadSpec
from bench.nursery import Nursery
from bench.report import Report
from bench.sizes import Sizes
from bench.specs import Made, ServeSpec, Wish
from bench.talk import Child
from bench.updates import Hook
from hub.store.driver import DriverName
from hub.store.embedded import Embedded


class Served:
    """A running hub (or the plain one), and the workspaces in it. `first`: the next update's number."""

    def __init__(self, child: Child, server: Embedded, prefix: str) -> None:
        self.child = child
        self.server = server
        self.prefix = prefix
        self.port = int(child.hello)

    async def make(self, workspaces: int = 1) -> list[Made]:
        """New workspaces."""
        return await self.wish(Wish(workspaces=workspaces))

    async def wish(self, wish: Wish) -> list[Made]:
        """New workspaces as they are wished for."""
        return await self.child.ask(wish, list[Made])


class Makers(NamedTuple):
    """What makes the load, and what makes hubs."""

    load: Child
    nursery: Nursery


class Bench:
    """One run of the bench."""

    def __init__(self, sizes: Sizes, report: Report, folder: Path, driver: DriverName, makers: Makers) -> None:
        self.sizes = sizes
        self.report = report
        self.folder = folder
        self.driver = driver
        self._load, self._nursery = makers
        self._first = 1
        self._prefixes = 0

    @asynccontextmanager
    async def mongod(self) -> AsyncIterator[Embedded]:
        """A database server of its own."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        server = Embedded(folder)
        await server.start()
        try:
            yield server
        finally:
            await server.stop()

    @asynccontextmanager
    async def serve(
        self, server: Embedded, *, plain: bool = False, networks: Mapping[str, str] | None = None, profile: str = ""
    ) -> AsyncIterator[Served]:
        """The hub on that server, in databases of its own; with the settings of a stage's networks."""
        self._prefixes += 1
        spec = ServeSpec(
            data_dir=tempfile.mkdtemp(dir=self.folder),
            mongo_url=server.url,
            prefix=f"b{self._prefixes}_",
            plain=plain,
            driver=self.driver,
            profile=profile,
            **({"networks": dict(networks)} if networks else {}),
        )
        child = await self._nursery.serve(spec)
        try:
            yield Served(child, server, spec.prefix)
        finally:
            await child.stop()

    async def flood(self, served: Served, hooks: Iterable[Hook], connections: int) -> LoadResult:
        """Posts as fast as it is acknowledged."""
        return await self.load(served, hooks, connections=connections, warm=self.sizes.warm, seconds=self.sizes.seconds)

    async def introduce(self, served: Served, hooks: Iterable[Hook]) -> None:
        """Has every contact write for the first time, which costs more than what comes later."""
        await self.load(served, hooks, connections=32, each=1)

    async def load(self, served: Served, hooks: Iterable[Hook], **how: float) -> LoadResult:
        """Makes that load, with numbers that were not used before. Raises AssertionError where any was refused."""
        spec = LoadSpec(
            port=served.port,
            hooks=[*hooks],
            first=self._first,
            pids={"hub": served.child.pid, "mongod": served.server.pid},
            **{"contacts": self.sizes.contacts, **how},  # type: ignore[arg-type]  # counts are whole
        )
        result = await self._load.ask(spec, LoadResult)
        self._first = result.next
        assert not result.refused, f"{result.refused} updates were refused: {result.refusal}"
        return result


@asynccontextmanager
async def prepared(sizes: Sizes, report: Report, driver: DriverName = "motor") -> AsyncIterator[Bench]:
    """A bench whose folder and processes are gone afterwards."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-bench-")))
        load = await Child.start("bench.load", folder)
        stack.push_async_callback(load.stop)
        nursery = await Nursery.start(folder)
        stack.push_async_callback(nursery.stop)
        yield Bench(sizes, report, folder, driver, Makers(load, nursery))


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """The middle one of the rounds' own ratios: the two of a round were measured one right after the other."""
    return median(a / b for a, b in zip(over, under, strict=True))


def median(values: Iterable[float]) -> float:
    """The middle one."""
    return statistics.median(values)

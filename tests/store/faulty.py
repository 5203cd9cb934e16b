"""Makes the real server fail on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hub.store.embedded import Embedded
from hub.store.mongod import admin


@asynccontextmanager
async def failing(server: Embedded, commands: list[str], *, times: int = 1, **how: Any) -> AsyncIterator[None]:
    """Inside, the next `times` such commands fail as `how` says; a fault that was not met is an error of the test."""
    async with admin(server.port) as database:
        point = {"configureFailPoint": "failCommand"}
        await database.command({**point, "mode": {"times": times}, "data": {"failCommands": commands, **how}})
        try:
            yield
        finally:
            left = await database.command({**point, "mode": "off"})
    assert left["count"] >= times

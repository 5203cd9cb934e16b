"""A town of each test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.sandbox.telegram import Limits, TelegramStandIn, serve
from tests.admin_bot.telegram.town import Town


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    world = TelegramStandIn(Limits.off())
    server = await serve(world, port=0, retry_scale=0.01)
    town = Town(world, server.url)
    yield town
    await town.front_end.close()
    await server.close()

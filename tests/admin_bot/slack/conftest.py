"""A town of each test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from hub.sandbox.slack import Limits, SlackStandIn, serve
from tests.admin_bot.slack.town import Town


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    world = SlackStandIn(Limits.off())
    server = await serve(world, port=0, retry_scale=0.001)
    town = Town(world, server.api)
    application = web.Application()
    application.router.add_post("/hooks/slack", town.entrance)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await world.set_request_url(town.app, f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/slack")
    yield town
    await town.front_end.close()
    await runner.cleanup()
    await server.close()

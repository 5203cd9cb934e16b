"""A served stand-in for each test, with the real client pointed at it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from hub.sandbox.slack import Limits, SlackStandIn, serve
from tests.sandbox.slack.place import Hook, Place


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """No limits; retries in milliseconds."""
    world = SlackStandIn(Limits.off())
    team = world.add_team("Acme")
    app = world.add_app("Hub", shortcuts=["note", "close"])
    hub = world.install(app, team)
    ann, bob = world.add_user(team, "Ann Wood", display_name="ann"), world.add_user(team, "Bob Lee", is_admin=True)
    desk = world.add_channel(team, "desk", [ann, bob, app])
    server = await serve(world, retry_scale=0.0001, answer_seconds=0.5)
    async with aiohttp.ClientSession() as http:
        client = AsyncWebClient(hub.token, base_url=server.api, session=http, retry_handlers=[])
        yield Place(world, server, team, app, hub, ann, bob, desk, client, http)
    await server.close()


@pytest.fixture
async def hook(place: Place) -> AsyncIterator[Hook]:
    """The app's own server, to which everything goes."""
    hook = Hook()
    application = web.Application()
    application.router.add_post("/hooks/slack", hook.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/slack"
    await place.world.set_request_url(place.app, hook.url)
    yield hook
    await runner.cleanup()

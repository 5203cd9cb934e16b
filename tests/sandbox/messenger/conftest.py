"""A served stand-in for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from hub.sandbox.messenger import Limits, MessengerStandIn, serve
from tests.sandbox.messenger.place import Place


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """No limits; retries in milliseconds."""
    world = MessengerStandIn(Limits.off())
    app = world.add_app("Hub")
    page, ann = world.add_page("Shop", app), world.add_person("Ann", "Wood")
    server = await serve(world, retry_scale=0.0005)
    world.subscribe(page, app)
    world.say(ann, page, "hello")
    async with aiohttp.ClientSession() as http:
        yield Place(world, server, app, page, ann, http)
    await server.close()

"""A page of all three networks, with nobody's app behind it yet."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from hub.sandbox import messenger, slack
from hub.sandbox.page.scene import make_scene
from hub.sandbox.server import serve_page
from hub.sandbox.telegram import Limits, TelegramStandIn
from tests.demo.visitor import Visitor


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    scene = make_scene(
        TelegramStandIn(Limits.off()),
        slack.SlackStandIn(slack.Limits.off()),
        messenger.MessengerStandIn(messenger.Limits.off()),
    )
    page = await serve_page(scene, 0)
    async with aiohttp.ClientSession(page.url) as session:
        yield Visitor(scene, session)
    await page.close()

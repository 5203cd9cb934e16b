"""A served stand-in for each test, with both real client libraries pointed at it."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiogram import Bot as Aiogram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram import Bot as Ptb
from telegram.request import HTTPXRequest

from hub.sandbox.telegram import Bot, Limits, TelegramStandIn, serve
from tests.sandbox.scene import Scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """No limits; retries at once."""
    world = TelegramStandIn(Limits.off())
    desk, channel = world.add_bot("desk_bot", "Desk"), world.add_bot("shop_bot", "Shop")
    bob, ann = world.add_user("Bob", username="bobby"), world.add_user("Ann", "Lee")
    forum = world.add_forum("Team", members=[bob], admins=[desk])
    server = await serve(world, retry_scale=0.005)
    yield Scene(world, server, desk, channel, bob, ann, forum)
    await server.close()


@pytest.fixture
async def aiogram(scene: Scene) -> AsyncIterator[Callable[[Bot], Aiogram]]:
    """Make an aiogram client of a bot."""
    made: list[Aiogram] = []

    def make(bot: Bot) -> Aiogram:
        session = AiohttpSession(api=TelegramAPIServer.from_base(scene.server.url))
        made.append(Aiogram(bot.token, session=session))
        return made[-1]

    yield make
    for client in made:
        await client.session.close()


@pytest.fixture
async def ptb(scene: Scene) -> AsyncIterator[Callable[[Bot], Awaitable[Ptb]]]:
    """Make a python-telegram-bot client of a bot."""
    made: list[Ptb] = []

    async def make(bot: Bot) -> Ptb:
        url = scene.server.url
        requests = [HTTPXRequest(read_timeout=5), HTTPXRequest(read_timeout=5)]
        client = Ptb(bot.token, f"{url}/bot", f"{url}/file/bot", request=requests[0], get_updates_request=requests[1])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            await client.initialize()
        made.append(client)
        return client

    yield make
    for client in made:
        await client.shutdown()


@pytest.fixture
async def raw(scene: Scene) -> AsyncIterator[Callable[..., Awaitable[dict[str, Any]]]]:
    """Call a method with plain HTTP: the whole answer."""
    async with aiohttp.ClientSession() as session:

        async def call(method: str, bot: Bot | None = None, **values: Any) -> dict[str, Any]:
            url = f"{scene.server.url}/bot{(bot or scene.desk).token}/{method}"
            async with session.post(url, json=values) as response:
                answer: dict[str, Any] = await response.json()
                assert response.status == answer.get("error_code", 200)
                return answer

        yield call

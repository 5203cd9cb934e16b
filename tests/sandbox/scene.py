"""What the stand-in's tests share: a picture, and who is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from hub.sandbox.telegram import Bot, Chat, Server, TelegramStandIn, User

# A one-pixel picture.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0500f0004850180a8c9d7730000000049454e44ae426082"
)


@dataclass
class Scene:
    """A desk bot that leads a forum, a channel's bot, an agent and a contact."""

    world: TelegramStandIn
    server: Server
    desk: Bot
    channel: Bot
    bob: User
    ann: User
    forum: Chat


async def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until a condition holds that nothing announces. TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0)

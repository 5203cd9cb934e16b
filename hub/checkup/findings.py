"""What the checks find, and what they share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import aiohttp
import msgspec

from hub.settings import Settings
from hub.store import Store

Mark = Literal["ok", "wrong", "note"]


class Finding(msgspec.Struct, frozen=True):
    """One line of the answer."""

    mark: Mark
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.mark:<6} {self.about:<14} {self.text}"


class Surroundings(msgspec.Struct):
    """What the checks share."""

    settings: Settings
    http: aiohttp.ClientSession
    running: bool = False
    """Whether a hub runs on the data directory."""
    telegram: bool = False
    """Whether the Bot API answers."""
    admin_bot: int = 0
    sees_all: bool = False
    """Whether the admin bot's privacy mode is off."""
    store: Store | None = None


Check = Callable[[Surroundings], Awaitable[Sequence[Finding]]]


async def asked(around: Surroundings, url: str) -> str:
    """What is said there, in short; empty: nobody answers."""
    try:
        async with around.http.get(url) as answer:
            return (await answer.content.read(200)).decode(errors="replace").strip()
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return ""

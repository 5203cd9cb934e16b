"""A webhook receiver on loopback that does as a test tells it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Hook:
    """Keeps what was posted; `answers` are statuses to give first, then 200. `gate` holds requests back."""

    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    posts: list[dict[str, Any]] = field(default_factory=list)
    bytes: list[bytes] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: int = 0
    most_under_way: int = 0
    url: str = ""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        """Open by default."""
        self.gate.set()

    async def receive(self, request: web.Request) -> web.Response:
        """One post."""
        self.bytes.append(await request.read())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.times.append(asyncio.get_running_loop().time())
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        async with self.changed:
            self.posts.append(json.loads(self.bytes[-1]))
            self.changed.notify_all()
        await self.gate.wait()
        self.under_way -= 1
        status = self.answers.pop(0) if self.answers else 200
        if status == 0 and request.transport is not None:
            request.transport.abort()
        headers = self.headers if status != 200 else {}
        return web.json_response(self.body or {}, status=status or 200, headers=headers)

    async def has(self, count: int) -> None:
        """Wait until so many posts came."""
        async with asyncio.timeout(60), self.changed:
            await self.changed.wait_for(lambda: len(self.posts) >= count)

    async def serve(self) -> web.AppRunner:
        """Listen on a free port."""
        application = web.Application()
        application.router.add_post("/hook", self.receive)
        runner = web.AppRunner(application, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        return runner

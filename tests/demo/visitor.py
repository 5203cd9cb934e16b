"""Somebody with the page of the demo open, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from hub.sandbox.page.scene import OnMessenger, OnSlack, Scene

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
PAGE = {"X-Page": "1"}


class Visitor:
    """Asks the page what is to be seen, and has people do something on it."""

    def __init__(self, scene: Scene, session: aiohttp.ClientSession) -> None:
        self.scene = scene
        self.session = session

    @property
    def slack(self) -> OnSlack:
        assert self.scene.slack is not None
        return self.scene.slack

    @property
    def messenger(self) -> OnMessenger:
        assert self.scene.messenger is not None
        return self.scene.messenger

    async def state(self, **query: str) -> Any:
        async with self.session.get("/api/state", params=query) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def phone(self, network: str, person: Any) -> Any:
        """What somebody's phone shows."""
        found = (await self.state(phone=f"{network}:{person.id}"))["phone"]
        assert (found["network"], found["person"]) == (network, person.id)
        return found

    async def do(self, status: int = 200, **wish: Any) -> Any:
        async with self.session.post("/api/do", json=wish, headers=PAGE) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def send(self, files: Mapping[str, bytes], kind: str = "image/png", **wish: Any) -> None:
        """Does it with files of that kind, by name."""
        form = aiohttp.FormData()
        form.add_field("wish", json.dumps(wish))
        for name, content in files.items():
            form.add_field("file", content, filename=name, content_type=kind)
        async with self.session.post("/api/do", data=form, headers=PAGE) as answer:
            assert answer.status == 200, await answer.text()

    async def file(self, media: Any) -> bytes:
        """The content of a file that is shown."""
        async with self.session.get(f"/api/file/{media['file']}") as answer:
            assert answer.status == 200
            return await answer.read()

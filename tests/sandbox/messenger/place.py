"""What the Messenger stand-in's tests share: who is there, and a way to call the Graph API by plain HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp

from hub.sandbox.messenger import App, MessengerStandIn, Page, Person, Server

PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452")


@dataclass
class Answer:
    """What the network answered."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def code(self) -> tuple[int, int]:
        """Code and subcode of a refusal; (0, 0) where it was done."""
        error = self.body.get("error", {})
        return error.get("code", 0), error.get("error_subcode", 0)


@dataclass
class Place:
    """An app with a page, and a contact who has written to it once."""

    world: MessengerStandIn
    server: Server
    app: App
    page: Page
    ann: Person
    http: aiohttp.ClientSession

    @property
    def psid(self) -> str:
        """The contact's number on the page."""
        return self.world.psid(self.ann, self.page)

    async def call(
        self, method: str, path: str, token: str | None = None, version: str = "v26.0", **how: Any
    ) -> Answer:
        """One call; `how` as aiohttp takes it."""
        params = {"access_token": self.page.token if token is None else token, **how.pop("params", {})}
        url = f"{self.server.url}/{version}/{path}"
        async with self.http.request(method, url, params=params, **how) as response:
            return Answer(response.status, await response.json(content_type=None), dict(response.headers))

    async def send(self, message: Any, **fields: Any) -> Answer:
        """The Send API: a message as a response to the contact."""
        body = {"recipient": {"id": self.psid}, "messaging_type": "RESPONSE", "message": message, **fields}
        given = {name: value for name, value in body.items() if value is not None}
        return await self.call("POST", f"{self.page.id}/messages", json=given)

"""The custom channel on a customer's system, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from hub.adapters.custom.channel import CustomChannel
from hub.adapters.custom.connector import CustomConnector
from hub.domain.ids import Address
from hub.settings import Settings
from tests.adapters.custom.system import OwnSystem
from tests.adapters.wire import SECRET_OF_HOOK

SECRET = "s3cret-of-the-own-system"
ADDRESS = Address("c7")


@dataclass
class CustomWire:
    """Fulfils Wire; `system` and `connector` are for tests of this channel alone."""

    system: OwnSystem
    connector: CustomConnector
    channel: CustomChannel
    kept: str
    address: Address = ADDRESS
    secret: str = SECRET
    _events: int = 0

    def event(self, type: str, **fields: Any) -> bytes:
        """An event of the contact's, as the system would post it."""
        self._events += 1
        frame = {"type": type, "id": f"e{self._events}", "from": {"id": self.address}, "at": "2026-08-01T10:00:00Z"}
        return json.dumps({**frame, **fields}).encode()

    def incoming(self, text: str) -> bytes:
        return self.event("message", text=text)

    def headers(self, payload: bytes) -> Mapping[str, str]:
        return self.system.sign(payload)

    def seen(self) -> list[str]:
        return [m.call["text"] or m.call["attachments"][0]["kind"] for m in self.system.shown()]

    def lose_next_answer(self) -> None:
        self.system.lose_answer = True

    def limit_next(self, seconds: int) -> None:
        self.system.next_answers.append(web.Response(status=429, headers={"Retry-After": str(seconds)}))

    def fail_next(self) -> None:
        self.system.next_answers.append(web.Response(status=503))

    def go_away(self) -> None:
        # A port that nobody listens on: the connection is refused before anything is sent.
        kept = json.loads(self.kept) | {"url": "http://127.0.0.1:9/hub"}
        self.channel = self.connector.connect(json.dumps(kept), SECRET_OF_HOOK)

    def block(self) -> None:
        self.system.blocked = True

    def revoke(self) -> None:
        self.system.secret = "another-secret-by-now"

    async def close(self) -> None:
        await self.channel.close()
        await self.system.stop()


def settings(**more: Any) -> Settings:
    """Settings of a hub that has a public address, and may call this machine."""
    given = {"public_url": "https://hub.example.com", "custom_networks": ("loopback",), **more}
    return Settings(data_dir=Path("unused"), **given)


async def custom_wire(answer_seconds: float = 10.0) -> CustomWire:
    """A system connected, and a contact of its."""
    system = OwnSystem(SECRET, contacts={ADDRESS})
    await system.start()
    connector = CustomConnector(settings(), answer_seconds)
    _, kept = await connector.examine([system.url, SECRET])
    return CustomWire(system, connector, connector.connect(kept, SECRET_OF_HOOK), kept)

"""The Messenger channel on the stand-in, over HTTP."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.adapters.messenger.channel import MessengerChannel
from hub.adapters.messenger.connector import MessengerConnector
from hub.adapters.messenger.signature import HEADER
from hub.domain.ids import Address
from hub.sandbox.messenger import App, Limits, MessengerStandIn, Page, Person, Server, serve
from hub.settings import Settings
from tests.adapters.wire import SECRET_OF_HOOK


@dataclass
class MessengerWire:
    """Fulfils Wire; `net`, `ann`, `page` and `app` are for tests of Messenger alone."""

    net: MessengerStandIn
    server: Server
    app: App
    page: Page
    ann: Person
    connector: MessengerConnector
    channel: MessengerChannel
    kept: str
    address: Address = field(init=False)
    secret: str = field(init=False)

    def __post_init__(self) -> None:
        self.address = Address(self.net.psid(self.ann, self.page))
        self.secret = self.page.token

    def incoming(self, text: str) -> bytes:
        self.net.say(self.ann, self.page, text)
        return self.last()

    def last(self) -> bytes:
        """The newest body that the network would post."""
        return self.net.notices_of(self.app)[-1]

    def headers(self, payload: bytes) -> Mapping[str, str]:
        return {HEADER: "sha256=" + hmac.new(self.app.secret.encode(), payload, hashlib.sha256).hexdigest()}

    def messages(self) -> list[dict[str, Any]]:
        """Ours on the contact's phone."""
        return [m for m in self.net.phone(self.ann, self.page) if m["from"] == "page"]

    def seen(self) -> list[str]:
        return [m["text"] or m["attachments"][0]["type"] for m in self.messages()]

    def lose_next_answer(self) -> None:
        self.net.drop_answer()

    def limit_next(self, seconds: int) -> None:
        self.net.fail(retry_after=seconds)

    def fail_next(self) -> None:
        self.net.fail(code=2)

    def go_away(self) -> None:
        # A port that nobody listens on: the connection is refused before anything is sent.
        self.channel = MessengerConnector(settings("http://127.0.0.1:9")).connect(self.kept, SECRET_OF_HOOK)

    def block(self) -> None:
        self.net.block(self.ann, self.page)

    def revoke(self) -> None:
        self.net.spoil_token(self.page)

    async def close(self) -> None:
        await self.channel.close()
        await self.server.close()


def settings(url: str, **more: Any) -> Settings:
    """Settings that lead to a stand-in."""
    given = {"public_url": "https://hub.example.com", **more}
    return Settings(data_dir=Path("unused"), messenger_api_url=url, **given)


async def messenger_wire(answer_seconds: float = 10.0, *, human_agent: bool = False) -> MessengerWire:
    """A page connected, and a contact who has written to it once."""
    net = MessengerStandIn(Limits.off())
    app = net.add_app("Hub", human_agent=human_agent)
    page, ann = net.add_page("Shop", app), net.add_person("Ann", "Wood")
    server = await serve(net, retry_scale=0.001)
    connector = MessengerConnector(settings(server.url, messenger_human_agent=human_agent), answer_seconds)
    _, kept = await connector.examine([page.id, page.token, app.secret])
    net.say(ann, page, "hello")
    return MessengerWire(net, server, app, page, ann, connector, connector.connect(kept, SECRET_OF_HOOK), kept)

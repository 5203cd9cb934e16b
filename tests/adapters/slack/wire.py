"""The Slack channel on the stand-in, over HTTP."""

from __future__ import annotations

import html
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.adapters.slack import ids
from hub.adapters.slack.channel import SlackChannel
from hub.adapters.slack.connector import SlackConnector
from hub.adapters.slack.signature import HEADER, STAMP_HEADER, sign
from hub.domain.ids import Address, ExternalId
from hub.domain.incoming import Incoming
from hub.sandbox.slack import App, Channel, Installation, Limits, Server, SlackStandIn, Team, User, serve
from hub.settings import Settings
from tests.adapters.wire import SECRET_OF_HOOK

Json = dict[str, Any]


@dataclass
class SlackWire:
    """Fulfils Wire; `net` and who is in it are for tests of Slack alone. `lobby` is shared with Bob's workspace."""

    net: SlackStandIn
    server: Server
    team: Team
    other: Team
    app: App
    shop: Installation
    ann: User
    bob: User
    lobby: Channel
    connector: SlackConnector
    channel: SlackChannel
    kept: str
    address: Address = field(init=False)
    secret: str = field(init=False)

    def __post_init__(self) -> None:
        self.address = ids.address(self.team.id, self.ann.id)
        self.secret = self.shop.token

    def incoming(self, text: str) -> bytes:
        self.net.say(self.ann, self.app, text)
        return self.last()

    def last(self) -> bytes:
        """The newest body that the network would post."""
        return self.net.notices_of(self.app)[-1]

    def read(self) -> list[Incoming]:
        """What the channel reads in the newest body."""
        return self.channel.translate(self.last())

    def headers(self, payload: bytes) -> Mapping[str, str]:
        stamp = str(int(time.time()))
        return {STAMP_HEADER: stamp, HEADER: sign(payload, self.app.signing_secret, stamp)}

    def messages(self) -> list[Json]:
        """Ours in the private chat."""
        return [m for m in self.net.private(self.ann, self.app) if m["user"] == self.shop.bot.id]

    def thread(self, root: str) -> list[Json]:
        """Ours in a thread of the lobby."""
        return [m for m in self.net.thread(self.lobby, root) if m["user"] == self.shop.bot.id and m["ts"] != root]

    def seen(self) -> list[str]:
        return [html.unescape(m["text"]) or m["files"][0]["name"].partition(".")[0] for m in self.messages()]

    def named(self, message: Mapping[str, Any], channel: Channel | None = None) -> ExternalId:
        """A message's name as the middle knows it."""
        place = channel.id if channel else self.private
        return ids.external(place, message["ts"], message.get("thread_ts", ""))

    @property
    def private(self) -> str:
        """The channel of Ann's private chat with the app."""
        return self.net.direct(self.shop, self.ann).id

    def lose_next_answer(self) -> None:
        self.net.drop_answer("chat.postMessage")

    def limit_next(self, seconds: int) -> None:
        self.net.fail(retry_after=seconds)

    def fail_next(self) -> None:
        self.net.fail(error="service_unavailable")

    def go_away(self) -> None:
        # A port that nobody listens on: the connection is refused before anything is sent.
        self.channel = SlackConnector(settings("http://127.0.0.1:9/api")).connect(self.kept, SECRET_OF_HOOK)

    def block(self) -> None:
        self.net.fail(error="user_not_visible")

    def revoke(self) -> None:
        self.net.spoil_token(self.shop, "token_revoked")

    async def close(self) -> None:
        await self.channel.close()
        await self.server.close()


def settings(api: str, **more: Any) -> Settings:
    """Settings that lead to a stand-in."""
    given = {"public_url": "https://hub.example.com", **more}
    return Settings(data_dir=Path("unused"), slack_api_url=api.rstrip("/"), **given)


async def slack_wire(answer_seconds: float = 10.0, *, socket: bool = False) -> SlackWire:
    """An app connected in Ann's workspace, by a socket or not, and a channel that Bob's workspace shares."""
    net = SlackStandIn(Limits.off())
    team, other = net.add_team("Acme"), net.add_team("Customer")
    app = net.add_app("Shop", socket_mode=True)
    shop = net.install(app, team)
    ann, bob = net.add_user(team, "Ann Wood"), net.add_user(other, "Bob Lee")
    lobby = net.add_channel(team, "lobby", [ann, app])
    net.share(lobby, other, [bob])
    server = await serve(net, retry_scale=0.001, answer_seconds=0.5)
    connector = SlackConnector(
        settings(server.api, public_url="" if socket else "https://hub.example.com"), answer_seconds
    )
    words = [shop.token, app.signing_secret, *([app.app_token] if socket else [])]
    _, kept = await connector.examine(words)
    channel = connector.connect(kept, SECRET_OF_HOOK)
    return SlackWire(net, server, team, other, app, shop, ann, bob, lobby, connector, channel, kept)


def fields(payload: bytes) -> Json:
    """An event's fields."""
    event: Json = json.loads(payload)["event"]
    return event

"""What every test of the stand-in of Slack starts from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import msgspec
from aiohttp import ClientSession, web
from slack_sdk.web.async_client import AsyncWebClient

from hub.sandbox.slack import App, Channel, Installation, Server, SlackStandIn, Team, User


@dataclass
class Place:
    """A workspace with an app in a channel, and two people."""

    world: SlackStandIn
    server: Server
    team: Team
    app: App
    hub: Installation
    ann: User
    bob: User
    desk: Channel
    web: AsyncWebClient
    http: ClientSession

    def client(self, token: str, **how: Any) -> AsyncWebClient:
        """The real client with some token."""
        return AsyncWebClient(token, base_url=self.server.api, session=self.http, retry_handlers=[], **how)


@dataclass
class Posted:
    """One request that an app got."""

    headers: dict[str, str]
    body: bytes
    content_type: str

    @property
    def event(self) -> dict[str, Any]:
        """The event within."""
        envelope = msgspec.json.decode(self.body)
        event: dict[str, Any] = envelope["event"]
        return event


@dataclass
class Hook:
    """An app's server. `answers`: what to answer next, by (status, body, headers); then 200 and nothing."""

    got: list[Posted] = field(default_factory=list)
    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        """Keep it and answer."""
        body = await request.read()
        self.got.append(Posted({k.lower(): v for k, v in request.headers.items()}, body, request.content_type))
        if b'"url_verification"' in body:
            return web.json_response({"challenge": msgspec.json.decode(body)["challenge"]})
        status, said, headers = self.answers.pop(0) if self.answers else (200, b"", {})
        return web.Response(status=status, body=said, headers=headers)

    def events(self, type: str = "") -> list[dict[str, Any]]:
        """The events that came, of one type if given."""
        found = [p.event for p in self.got if p.content_type == "application/json" and b'"event"' in p.body]
        return [e for e in found if not type or e["type"] == type]

    @property
    def form(self) -> dict[str, Any]:
        """The newest of what came as a form: the payload within, or its fields."""
        posted = next(p for p in reversed(self.got) if p.content_type == "application/x-www-form-urlencoded")
        fields = {name: values[0] for name, values in parse_qs(posted.body.decode(), keep_blank_values=True).items()}
        found: dict[str, Any] = msgspec.json.decode(fields["payload"]) if "payload" in fields else fields
        return found

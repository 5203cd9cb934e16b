"""Socket Mode: apps connect, are told over the connection, and acknowledge there."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from hub.sandbox.slack.accounts import App, Json
from hub.sandbox.slack.outbox import Answered, Notice
from hub.sandbox.slack.standin import SlackStandIn

MOST = 10
"""Connections of one app."""


@dataclass(eq=False)
class Link:
    """One connection, and what was told over it without an acknowledgement yet."""

    app: App
    socket: web.WebSocketResponse
    open: dict[str, asyncio.Future[Any]] = field(default_factory=dict)

    def cut(self) -> None:
        """Whoever waits for an acknowledgement waits in vain."""
        for future in self.open.values():
            if not future.done():
                future.set_exception(ConnectionError("the connection was lost"))


class Sockets:
    """All connections of one served stand-in. Notices go to the app's connections in turn."""

    def __init__(self, stand_in: SlackStandIn) -> None:
        self._world = stand_in
        self._links: list[Link] = []
        self._turn = 0
        self._ending: set[asyncio.Task[Any]] = set()

    def of(self, app: App) -> list[Link]:
        """An app's connections."""
        return [link for link in self._links if link.app is app and not link.socket.closed]

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """A connection, from its beginning to its end."""
        app = self._world.apps.get(self._world.tickets.pop(request.query.get("ticket", ""), ""))
        if app is None:
            return web.Response(status=401, text="this address was used already, or never given out")
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        if not app.socket_mode or len(self.of(app)) >= MOST:
            reason = "too_many_websockets" if app.socket_mode else "link_disabled"
            await socket.send_bytes(msgspec.json.encode({"type": "disconnect", "reason": reason}))
            await socket.close()
            return socket
        link = Link(app, socket)
        self._links.append(link)
        try:
            await self._talk(link)
        finally:
            self._links.remove(link)
            link.cut()
        return socket

    async def _talk(self, link: Link) -> None:
        hello: Json = {"type": "hello", "num_connections": len(self.of(link.app))}
        hello |= {"debug_info": {"host": "applink-0", "build_number": 1, "approximate_connection_time": 18060}}
        await _say(link, hello | {"connection_info": {"app_id": link.app.id}})
        async for message in link.socket:
            if message.type == WSMsgType.TEXT:
                _acknowledged(link, message.data)

    async def send(self, app: App, notice: Notice, seconds: float) -> Answered:
        """One attempt: tell it over one connection, and wait for the acknowledgement."""
        links = self.of(app)
        if not links:
            return Answered("connection_failed" if notice.retries else "dispatch_failed")
        self._turn += 1
        link, id = links[self._turn % len(links)], str(uuid.uuid4())
        future = link.open[id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await _say(link, _envelope(notice, id))
                return Answered(payload=await future)
        except TimeoutError:
            return Answered("http_timeout" if notice.retries else "operation_timeout")
        except ConnectionError:
            return Answered("connection_failed" if notice.retries else "dispatch_failed")
        finally:
            link.open.pop(id, None)

    def disconnect(self, app: App, reason: str) -> None:
        """End an app's connections, with a word if a reason is given; a warning ends nothing yet."""
        for link in self.of(app):
            task = asyncio.get_running_loop().create_task(_end(link, reason))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End all of them."""
        for link in list(self._links):
            link.cut()
            with suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(link.socket.close(), 0.5)
        await asyncio.gather(*self._ending, return_exceptions=True)


async def _say(link: Link, message: Json) -> None:
    await link.socket.send_str(msgspec.json.encode(message).decode())


async def _end(link: Link, reason: str) -> None:
    with suppress(ConnectionError):
        if reason:
            await _say(link, {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-0"}})
        if reason != "warning":
            await link.socket.close()


def _envelope(notice: Notice, id: str) -> Json:
    envelope: Json = {"envelope_id": id, "type": notice.kind, "payload": notice.payload}
    envelope["accepts_response_payload"] = notice.answered
    if notice.retries:
        reason = {"http_timeout": "timeout"}.get(notice.errors[-1], notice.errors[-1]) if notice.errors else ""
        envelope |= {"retry_attempt": notice.attempts, "retry_reason": reason}
    return envelope


def _acknowledged(link: Link, data: str) -> None:
    try:
        said = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    future = link.open.get(str(said.get("envelope_id"))) if isinstance(said, dict) else None
    if future is not None and not future.done():
        future.set_result(said.get("payload") or None)

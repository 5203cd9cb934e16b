"""A customer's own system, as its developers would write it from the documentation: it shares no code with the hub."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

_FIELDS = {
    "ping": {"type"},
    "message": {"type", "to", "text", "markdown", "attachments", "reply_to", "choices"},
    "edit": {"type", "to", "message", "text", "markdown"},
    "delete": {"type", "to", "message"},
    "react": {"type", "to", "message", "emoji"},
}


@dataclass
class Received:
    """One message of the hub's, as the system keeps it."""

    id: str
    call: dict[str, Any]
    deleted: bool = False


@dataclass
class OwnSystem:
    """Takes signed calls at `/hub`, gives files at `/files/…`; strict about signatures, shapes and sizes."""

    secret: str
    contacts: set[str] = field(default_factory=set)
    received: list[Received] = field(default_factory=list)
    reactions: dict[str, str] = field(default_factory=dict)
    """The hub's on the contact's messages, by message."""
    files: dict[str, bytes] = field(default_factory=dict)
    calls: int = 0
    blocked: bool = False
    lose_answer: bool = False
    silent: bool = False
    next_answers: list[web.Response] = field(default_factory=list)
    pong: Any = None
    url: str = ""
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listens on a port of its own."""
        app = web.Application(client_max_size=20 * 1024 * 1024)
        app.router.add_post("/hub", self._called)
        app.router.add_get("/files/{name}", self._asked)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/hub"

    async def stop(self) -> None:
        """Lets go of the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    def sign(self, body: bytes, at: float | None = None) -> dict[str, str]:
        """The headers of a call to the hub, or from it."""
        stamp = str(int(time.time() if at is None else at))
        digest = hmac.new(self.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"x-hub-timestamp": stamp, "x-hub-signature": f"sha256={digest}"}

    def shown(self) -> list[Received]:
        """What the contact sees of the hub's."""
        return [message for message in self.received if not message.deleted]

    # -- the hub's calls ---------------------------------------------------------------------------------------------

    async def _called(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.calls += 1
        if not self._genuine(request, body):
            return web.json_response({"error": "wrong signature"}, status=401)
        if self.silent:
            await asyncio.sleep(30)
        if self.next_answers:
            return self.next_answers.pop(0)
        answer = self._answer(json.loads(body))
        if self.lose_answer:
            self.lose_answer = False
            assert request.transport is not None
            request.transport.abort()
        return answer

    async def _asked(self, request: web.Request) -> web.StreamResponse:
        if not self._genuine(request, request.path_qs.encode()):
            return web.Response(status=401)
        if self.next_answers:
            return self.next_answers.pop(0)
        content = self.files.get(request.match_info["name"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    def _genuine(self, request: web.Request, signed: bytes) -> bool:
        stamp = request.headers.get("X-Hub-Timestamp", "")
        if not stamp.isdigit() or abs(time.time() - int(stamp)) > 300:
            return False
        right = self.sign(signed, int(stamp))["x-hub-signature"]
        return hmac.compare_digest(right, request.headers.get("X-Hub-Signature", ""))

    def _answer(self, call: dict[str, Any]) -> web.Response:
        allowed = _FIELDS.get(call.get("type", ""), set())
        if not allowed or not set(call) <= allowed:
            return web.json_response({"error": f"not understood: {sorted(set(call) - allowed)}"}, status=422)
        if call["type"] == "ping":
            return web.json_response(self.pong or {"ok": True, "name": "Own shop", "id": "shop-1"})
        if call["to"] not in self.contacts:
            return web.json_response({"error": "no such contact"}, status=410)
        if self.blocked:
            return web.json_response({"error": "blocked"}, status=403)
        return self._take(call) if call["type"] == "message" else self._change(call)

    def _take(self, call: dict[str, Any]) -> web.Response:
        for attachment in call["attachments"]:
            if "content" in attachment:
                assert len(base64.b64decode(attachment["content"], validate=True)) == attachment["size"]
        if not call["text"].strip() and not call["attachments"]:
            return web.json_response({"error": "empty"}, status=422)
        self.received.append(Received(f"s{len(self.received) + 1}|x", call))
        return web.json_response({"id": self.received[-1].id})

    def _change(self, call: dict[str, Any]) -> web.Response:
        if call["type"] == "react":
            self.reactions[call["message"]] = call["emoji"]
            return web.json_response({})
        message = next((m for m in self.received if m.id == call["message"]), None)
        if message is None:
            return web.json_response({"error": "no such message"}, status=404)
        if call["type"] == "edit":
            message.call |= {"text": call["text"], "markdown": call["markdown"]}
        message.deleted = message.deleted or call["type"] == "delete"
        return web.json_response({})

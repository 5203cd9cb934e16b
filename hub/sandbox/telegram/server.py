"""The stand-in over HTTP: /bot{token}/{method} and /file/bot{token}/{path}, as lenient in form as the real server."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import BodyPartReader, web

from hub.sandbox.telegram.accounts import Bot, Json
from hub.sandbox.telegram.control import Control
from hub.sandbox.telegram.delivery import Deliveries
from hub.sandbox.telegram.files import UPLOAD_LIMIT, Upload
from hub.sandbox.telegram.refusals import Refusal, bad, no_such_method, too_large, unauthorized
from hub.sandbox.telegram.standin import TelegramStandIn, chat_of

_LOG = logging.getLogger(__name__)

Routes = Callable[[web.Application], None]
"""Adds routes to an application."""


@dataclass
class Request:
    """What came in one request: fields of query and body, and files by part name."""

    fields: Json = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)


async def read_request(request: web.Request) -> Request:
    """Query, form, multipart or JSON. Raises Refusal for a body that is too large or is no JSON object."""
    found = Request(dict(request.query))
    kind = request.content_type
    if kind.startswith("multipart/"):
        await _read_parts(request, found)
    elif kind == "application/x-www-form-urlencoded":
        found.fields |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    elif kind == "application/json" and request.can_read_body:
        found.fields |= _json_object(await request.read())
    return found


def _json_object(body: bytes) -> Json:
    try:
        value = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = None
    if not isinstance(value, dict):
        raise bad("can't parse request: JSON object expected")
    return {name: given for name, given in value.items() if given is not None}


async def _read_parts(request: web.Request, found: Request) -> None:
    size = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = await part.read(decode=True)
        size += len(content)
        if size > UPLOAD_LIMIT:
            raise too_large()
        if part.filename is None:
            found.fields[part.name] = content.decode("utf-8", "replace")
        else:
            mime = part.headers.get("Content-Type", "")
            found.uploads[part.name] = Upload(bytes(content), part.filename, mime)
            found.fields.setdefault(part.name, f"attach://{part.name}")


class Server:
    """A served stand-in. `url` is the base to give to clients; `close` stops it."""

    def __init__(self, stand_in: TelegramStandIn, retry_scale: float, also: Routes | None = None) -> None:
        self.stand_in = stand_in
        self.url = ""
        self._deliveries = Deliveries(stand_in, retry_scale)
        self._closing = asyncio.Event()
        application = web.Application(client_max_size=UPLOAD_LIMIT * 2)
        application.router.add_route("*", r"/bot{token:[^/]+}/{method:[^/]*}", self._api)
        application.router.add_get(r"/file/bot{token:[^/]+}/{path:.+}", self._download)
        Control(stand_in, self._closing).add_to(application)
        if also is not None:
            also(application)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, backlog=1024)
        await site.start()
        address = self._runner.addresses[0]
        self.url = f"http://{address[0]}:{address[1]}"
        for bot in self.stand_in.bots.values():
            self._deliveries.attend(bot)

    async def close(self) -> None:
        """Stop delivering and listening."""
        self._closing.set()
        self.stand_in.heal()
        await self._deliveries.close()
        await self._runner.cleanup()

    # -- the Bot API -------------------------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if self.stand_in.faults.away:
            return _hang_up(request)
        bot = self.stand_in.bot_of(request.match_info["token"])
        if bot is None:
            return _refused(unauthorized())
        self._deliveries.attend(bot)
        try:
            asked = await read_request(request)
        except Refusal as refusal:
            return _refused(refusal)
        return await self._answer(request, bot, asked)

    async def _answer(self, request: web.Request, bot: Bot, asked: Request) -> web.StreamResponse:
        method, chat_id = request.match_info["method"], chat_of(asked.fields)
        faults = self.stand_in.faults
        try:
            await faults.let_pass(method.lower(), chat_id)
            result = await self._result(bot, method, asked)
        except Refusal as refusal:
            self.stand_in.record(bot, method, asked.fields, refusal)
            return _refused(refusal)
        lost = faults.drops(method.lower(), chat_id) or faults.away
        if method.lower() != "getupdates":
            self.stand_in.record(bot, method, asked.fields, None, 0 if lost else 200)
        if lost:
            return _hang_up(request)
        return web.Response(body=b'{"ok":true,"result":' + result + b"}", content_type="application/json")

    async def _result(self, bot: Bot, method: str, asked: Request) -> bytes:
        if not method:
            raise no_such_method()
        if method.lower() == "getupdates":
            return await self._deliveries.poll(bot).fetch(asked.fields)
        try:
            return msgspec.json.encode(self.stand_in.call(bot, method, asked.fields, asked.uploads))
        except Refusal:
            raise
        except Exception:  # noqa: BLE001 - a fault of ours must look to the client like one of the network's
            _LOG.exception("the Telegram stand-in failed at %s", method)
            raise Refusal(500, "Internal Server Error") from None

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if self.stand_in.faults.away:
            return _hang_up(request)
        if self.stand_in.bot_of(request.match_info["token"]) is None:
            return _refused(unauthorized())
        file = self.stand_in.files.at(request.match_info["path"])
        try:
            await self.stand_in.faults.let_pass("download", None)
        except Refusal as refusal:
            return _refused(refusal)
        if file is None:
            return _refused(Refusal(404, "Not Found"))
        return web.Response(body=file.content, content_type="application/octet-stream")


def _refused(refusal: Refusal) -> web.Response:
    headers = {}
    if "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    body: Any = msgspec.json.encode(refusal.as_json())
    return web.Response(status=refusal.code, body=body, headers=headers, content_type="application/json")


def _hang_up(request: web.Request) -> web.Response:
    """Close the connection without a word: the transport goes before anything is written."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def serve(
    stand_in: TelegramStandIn,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    retry_scale: float = 1.0,
    also: Routes | None = None,
) -> Server:
    """Serve a stand-in. `retry_scale` shortens the waits between webhook retries, so that tests run fast.

    `also` adds routes of its own to the same address. Raises OSError where the port is in use.
    """
    server = Server(stand_in, retry_scale, also)
    try:
        await server.start(host, port)
    except OSError:
        await server.close()
        raise
    return server

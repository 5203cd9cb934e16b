"""The stand-in over HTTP: /{version}/{path} of the Graph API, and /messenger-files/{key}/{name}."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp import BodyPartReader, web

from hub.sandbox.messenger import nodes, sending
from hub.sandbox.messenger.accounts import Json
from hub.sandbox.messenger.control import Control
from hub.sandbox.messenger.delivery import ANSWER_SECONDS, Deliveries
from hub.sandbox.messenger.files import PREFIX, UPLOAD_LIMIT, Upload
from hub.sandbox.messenger.graph import Ask, Operation, Request, check_version, identify
from hub.sandbox.messenger.refusals import Refusal, bad, no_such
from hub.sandbox.messenger.standin import MessengerStandIn
from hub.sandbox.messenger.world import Call

_LOG = logging.getLogger(__name__)

Routes = Callable[[web.Application], None]
"""Adds routes to an application."""

_EDGES: dict[str, Operation] = {
    "messages": sending.messages,
    "message_attachments": sending.message_attachments,
    "subscribed_apps": nodes.subscribed_apps,
    "subscriptions": nodes.subscriptions,
}
_NODES: dict[str, Operation] = {"me": nodes.me, "app": nodes.app_node, "debug_token": nodes.debug_token}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Mounted:
    """A stand-in on an application. `base_url` must be set to where that is served before files are sent."""

    def __init__(self, stand_in: MessengerStandIn, retry_scale: float, answer_seconds: float) -> None:
        self.stand_in = stand_in
        self.closing = asyncio.Event()
        self._deliveries = Deliveries(stand_in, retry_scale, answer_seconds)

    def add_to(self, application: web.Application) -> None:
        """Add the routes, and begin and end with the application."""
        application.router.add_route("*", r"/{version:v\d+\.\d+}/{path:.*}", self._graph)
        application.router.add_get(PREFIX + "/{key}/{name}", self._download)
        Control(self.stand_in, self.closing).add_to(application)
        application.cleanup_ctx.append(self._life)

    async def _life(self, _: web.Application) -> AsyncIterator[None]:
        self._deliveries.start()
        yield
        self.closing.set()
        self.stand_in.heal()
        await self._deliveries.close()

    # -- the Graph API -----------------------------------------------------------------------------------------

    async def _graph(self, request: web.Request) -> web.StreamResponse:
        if self.stand_in.faults.away:
            return _hang_up(request)
        try:
            check_version(request.match_info["version"])
            asked = await read_request(request)
        except Refusal as refusal:
            return _refused(refusal)
        operation = _operation(self.stand_in, asked)
        return await self._answer(request, operation, asked)

    async def _answer(self, request: web.Request, operation: str, asked: Request) -> web.StreamResponse:
        faults, psid = self.stand_in.faults, _psid(asked)
        try:
            await faults.let_pass(operation, psid)
            result = await self._result(operation, asked)
        except Refusal as refusal:
            self._record(operation, asked, refusal.status, refusal)
            return _refused(refusal)
        lost = faults.drops(operation, psid) or faults.away
        self._record(operation, asked, 0 if lost else 200)
        return _hang_up(request) if lost else _json(result, headers=self._usage(asked))

    async def _result(self, operation: str, asked: Request) -> Json:
        world = self.stand_in
        ask = Ask(world, asked, identify(world, asked))
        known = _EDGES.get(operation) or _NODES.get(operation) or (nodes.profile if operation == "profile" else None)
        if known is None:
            name = "/".join(asked.path)
            world.unimplemented.append(f"{asked.method} {name}")
            _LOG.warning("the Messenger stand-in has no %s %r", asked.method, name)
            raise no_such(name, asked.method)
        await self._fetch_addresses(ask)
        try:
            return await known(ask)
        except Refusal:
            raise
        except Exception:  # noqa: BLE001 - a fault of ours must look to the client like one of the network's
            _LOG.exception("the Messenger stand-in failed at %s", operation)
            raise Refusal(1) from None

    async def _fetch_addresses(self, ask: Ask) -> None:
        """A file given by address is fetched as the network does; from loopback only."""
        if "messag" not in ask.request.path[-1] or "message" not in ask.fields:
            return
        attachment = (ask.object("message") or {}).get("attachment")
        payload = attachment.get("payload") if isinstance(attachment, dict) else None
        url = payload.get("url") if isinstance(payload, dict) else None
        if not isinstance(url, str) or urlsplit(url).hostname not in _LOOPBACK:
            return
        try:
            async with self._deliveries.session.get(url) as response:
                if response.status == 200:
                    name = urlsplit(url).path.rpartition("/")[2]
                    ask.request.uploads[url] = Upload(await response.read(), name, response.content_type)
        except aiohttp.ClientError:
            return

    def _record(self, operation: str, asked: Request, status: int, refusal: Refusal | None = None) -> None:
        code, subcode = (refusal.code, refusal.subcode) if refusal is not None else (0, 0)
        token = self.stand_in.token_of(asked.token)
        page = token.page.id if token is not None else ""
        call = (self.stand_in.now(), page, operation, asked.method, dict(asked.fields), status)
        self.stand_in.calls.append(Call(*call, code, subcode, _psid(asked)))

    def _usage(self, asked: Request) -> dict[str, str]:
        token = self.stand_in.token_of(asked.token)
        return self.stand_in.meter.headers(token.page.id, self.stand_in.engaged(token.page)) if token else {}

    # -- files -------------------------------------------------------------------------------------------------

    async def _download(self, request: web.Request) -> web.StreamResponse:
        world = self.stand_in
        if world.faults.away:
            return _hang_up(request)
        try:
            await world.faults.let_pass("download", "")
        except Refusal as refusal:
            return web.Response(status=refusal.status, text=refusal.message)
        query = request.query
        file = world.files.at(request.match_info["key"], query.get("oe", ""), query.get("oh", ""), world.now())
        if file is None:
            return web.Response(status=403, text="URL signature expired")
        if world.faults.drops("download", ""):
            return await _break_off(request, file.content)
        return web.Response(body=file.content, content_type=file.mime)


def _operation(world: MessengerStandIn, asked: Request) -> str:
    """What is asked for, by the path."""
    match asked.path:
        case (_, edge) if edge in _EDGES:
            return edge
        case (node,) if node in _NODES:
            return node
        case (node,) if node in world.pages:
            return "me"
        case (node,) if node.isdigit():
            return "profile"
    return "unknown"


def _psid(asked: Request) -> str:
    recipient = asked.fields.get("recipient")
    if isinstance(recipient, str):
        try:
            recipient = msgspec.json.decode(recipient)
        except ValueError:
            recipient = None
    if isinstance(recipient, dict):
        return str(recipient.get("id", ""))
    return asked.path[0] if len(asked.path) == 1 and asked.path[0].isdigit() else ""


# -- reading and answering -----------------------------------------------------------------------------------------


async def read_request(request: web.Request) -> Request:
    """Query, form, multipart or JSON. Raises Refusal for a body that is too large or is no JSON object."""
    path = tuple(word for word in request.match_info["path"].split("/") if word)
    found = Request(request.method, path or ("",), dict(request.query))
    kind = request.content_type
    if kind.startswith("multipart/"):
        await _read_parts(request, found)
    elif kind == "application/x-www-form-urlencoded":
        found.fields |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    elif kind == "application/json" and request.can_read_body:
        found.fields |= _json_object(await request.read())
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    found.token = str(found.fields.pop("access_token", bearer if scheme in ("Bearer", "OAuth") else ""))
    return found


def _json_object(body: bytes) -> Json:
    try:
        value = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = None
    if not isinstance(value, dict):
        raise bad("Unsupported body: a JSON object is expected.")
    return {name: given for name, given in value.items() if given is not None}


async def _read_parts(request: web.Request, found: Request) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = bytes(await part.read(decode=True))
        if len(content) > UPLOAD_LIMIT:
            raise Refusal(100, 2018109)
        if part.filename is None:
            found.fields[part.name] = content.decode("utf-8", "replace")
        else:
            found.uploads[part.name] = Upload(content, part.filename, part.headers.get("Content-Type", ""))


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    body = msgspec.json.encode(value)
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def _refused(refusal: Refusal) -> web.Response:
    if not refusal.code:
        return web.Response(status=refusal.status, text="<html>Sorry, something went wrong.</html>")
    return _json(refusal.as_json(), refusal.status, refusal.headers)


def _hang_up(request: web.Request) -> web.Response:
    """Close the connection without a word: the transport goes before anything is written."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _break_off(request: web.Request, content: bytes) -> web.StreamResponse:
    """Half of a file, and then nothing."""
    response = web.StreamResponse(headers={"Content-Length": str(len(content))})
    await response.prepare(request)
    await response.write(content[: len(content) // 2])
    return _hang_up(request)


# -- serving -------------------------------------------------------------------------------------------------------


@dataclass
class Server:
    """A served stand-in. `url` is the base to give to clients; `close` stops it."""

    stand_in: MessengerStandIn
    url: str
    runner: web.AppRunner

    async def close(self) -> None:
        """Stop delivering and listening."""
        await self.runner.cleanup()


def mount(
    stand_in: MessengerStandIn,
    application: web.Application,
    *,
    retry_scale: float = 1.0,
    answer_seconds: float = ANSWER_SECONDS,
) -> Mounted:
    """Put a stand-in on an application beside others; set `stand_in.base_url` once its address is known."""
    mounted = Mounted(stand_in, retry_scale, answer_seconds)
    mounted.add_to(application)
    return mounted


async def serve(
    stand_in: MessengerStandIn,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    retry_scale: float = 1.0,
    also: Routes | None = None,
) -> Server:
    """Serve a stand-in. `retry_scale` shortens the waits between webhook retries, so that tests run fast.

    `also` adds routes of its own to the same address. Raises OSError where the port is in use.
    """
    application = web.Application(client_max_size=UPLOAD_LIMIT * 2)
    mount(stand_in, application, retry_scale=retry_scale)
    if also is not None:
        also(application)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
    except OSError:
        await runner.cleanup()
        raise
    address = runner.addresses[0]
    stand_in.base_url = f"http://{address[0]}:{address[1]}"
    return Server(stand_in, stand_in.base_url, runner)

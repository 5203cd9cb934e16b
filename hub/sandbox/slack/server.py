"""The stand-in over HTTP: /api/{method}, /oauth/v2/authorize, and where files, sockets and answers go."""

from __future__ import annotations

import asyncio
import html
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from hub.sandbox.slack.accounts import Json, User
from hub.sandbox.slack.calling import Answer, call, caller
from hub.sandbox.slack.control import Control
from hub.sandbox.slack.delivery import ANSWER_SECONDS, Deliveries
from hub.sandbox.slack.files import LIMIT, PREFIX, UPLOAD_PREFIX
from hub.sandbox.slack.interactions import RESPONSE_PREFIX
from hub.sandbox.slack.reading import as_json, read_request, refused
from hub.sandbox.slack.refusals import Refusal
from hub.sandbox.slack.serving_files import FileRoutes, hang_up
from hub.sandbox.slack.standin import SlackStandIn
from hub.sandbox.slack.world import Call

_LOG = logging.getLogger(__name__)

Routes = Callable[[web.Application], None]
"""Adds routes to an application."""


class Mounted:
    """A stand-in on an application. `base_url` of the stand-in must be set to where that is served."""

    def __init__(self, stand_in: SlackStandIn, retry_scale: float, answer_seconds: float) -> None:
        self.stand_in = stand_in
        self.closing = asyncio.Event()
        self.deliveries = Deliveries(stand_in, retry_scale, answer_seconds)

    def add_to(self, application: web.Application) -> None:
        """Add the routes, and begin and end with the application."""
        router = application.router
        router.add_route("*", r"/api/{method:[^/]*}", self._api)
        router.add_get("/oauth/v2/authorize", self._authorize)
        router.add_post(RESPONSE_PREFIX + "/{team}/{key}", self._respond)
        router.add_get("/slack-ws/link", self._socket)
        FileRoutes(self.stand_in).add_to(application, PREFIX, UPLOAD_PREFIX)
        Control(self.stand_in, self.closing).add_to(application)
        application.cleanup_ctx.append(self._life)

    async def _life(self, _: web.Application) -> AsyncIterator[None]:
        self.deliveries.start()
        yield
        self.closing.set()
        self.stand_in.heal()
        await self.deliveries.close()

    # -- the Web API -------------------------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if self.stand_in.faults.away:
            return hang_up(request)
        method = request.match_info["method"]
        try:
            token, fields = await read_request(request)
        except Refusal as refusal:
            return refused(refusal)
        channel = str(fields.get("channel") or fields.get("channel_id") or "")
        faults = self.stand_in.faults
        try:
            await faults.let_pass(method, channel)
            answer = self._answer(method, token, fields)
        except Refusal as refusal:
            self._record(method, token, fields, refusal.status, refusal.error)
            return refused(refusal)
        lost = faults.drops(method, channel) or faults.away
        self._record(method, token, fields, 0 if lost else 200)
        return hang_up(request) if lost else as_json(answer.body, headers=answer.headers)

    def _answer(self, method: str, token: str, fields: Json) -> Answer:
        try:
            return call(self.stand_in, method, token, fields)
        except Refusal:
            raise
        except Exception:  # noqa: BLE001 - a fault of ours must look to the client like one of the network's
            _LOG.exception("the Slack stand-in failed at %s", method)
            raise Refusal("internal_error", status=500) from None

    def _record(self, method: str, token: str, fields: Json, status: int, error: str = "") -> None:
        app, by = caller(self.stand_in, token)
        name = by.app.name if by is not None else app.name if app is not None else ""
        channel = str(fields.get("channel") or fields.get("channel_id") or "")
        params = {key: value for key, value in fields.items() if key not in ("client_secret", "code")}
        team = by.team.id if by is not None else ""
        self.stand_in.calls.append(Call(self.stand_in.now(), name, team, method, params, status, error, channel))

    # -- answers to interactions, sockets ----------------------------------------------------------------------

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        faults = self.stand_in.faults
        if faults.away:
            return hang_up(request)
        try:
            await faults.let_pass("response_url", "")
            message = msgspec.json.decode(await request.read(), type=dict[str, Any])
            self.stand_in.respond(request.match_info["key"], message)
        except Refusal as refusal:
            return refused(Refusal(refusal.error, status=refusal.status if refusal.status != 200 else 400))
        except ValueError:
            return refused(Refusal("invalid_payload", status=400))
        return hang_up(request) if faults.drops("response_url", "") else web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self.stand_in.faults.away:
            return hang_up(request)
        return await self.deliveries.sockets.accept(request)

    # -- installing --------------------------------------------------------------------------------------------

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        """The page of consent. `as_user` stands for who is signed in; without it, everybody can be chosen."""
        world, asked = self.stand_in, dict(request.query)
        user = world.users.get(asked.pop("as_user", ""))
        denied = asked.pop("deny", "")
        try:
            app, _ = world.asked_app(asked)
            if denied:
                raise web.HTTPFound(world.decline(asked))
            if user is not None:
                raise web.HTTPFound(world.agree(user, asked))
        except ValueError as error:
            return web.Response(status=400, text=f"<p>{html.escape(str(error))}</p>", content_type="text/html")
        people = [u for t in world.teams_of(asked) for u in t.users.values() if not u.is_bot and not u.guest]
        return web.Response(text=_consent(app.name, asked, people), content_type="text/html")


def _consent(name: str, asked: dict[str, str], people: list[User]) -> str:
    """Who might agree, each with a link."""
    links = [f"<li>{_link(asked, 'as_user', u.id, f'{u.real_name} allows it in {u.team.name}')}</li>" for u in people]
    head = f"<!doctype html><title>{html.escape(name)}</title><h1>{html.escape(name)} wants to be installed</h1>"
    return f"{head}<ul>{''.join(links)}</ul><p>{_link(asked, 'deny', '1', 'Cancel')}</p>"


def _link(asked: dict[str, str], key: str, value: str, words: str) -> str:
    return f'<a href="?{html.escape(urlencode({**asked, key: value}))}">{html.escape(words)}</a>'


# -- serving -------------------------------------------------------------------------------------------------------


@dataclass
class Server:
    """A served stand-in. `url` is its root, `api` the base to give to clients; `close` stops it."""

    stand_in: SlackStandIn
    url: str
    runner: web.AppRunner

    @property
    def api(self) -> str:
        """The base address of the Web API, with its slash."""
        return f"{self.url}/api/"

    async def close(self) -> None:
        """Stop delivering and listening."""
        await self.runner.cleanup()


def mount(
    stand_in: SlackStandIn,
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
    stand_in: SlackStandIn,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    retry_scale: float = 1.0,
    answer_seconds: float = ANSWER_SECONDS,
    also: Routes | None = None,
) -> Server:
    """Serve a stand-in. `retry_scale` shortens the waits between retries of events, so that tests run fast.

    `also` adds routes of its own to the same address. Raises OSError where the port is in use.
    """
    application = web.Application(client_max_size=LIMIT)
    mount(stand_in, application, retry_scale=retry_scale, answer_seconds=answer_seconds)
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

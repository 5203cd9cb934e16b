"""The routes, and what each error means in HTTP."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import msgspec
from aiohttp import web

from hub.errors import HubError, NotFound, NotGenuine, Unavailable
from hub.web.account.pages import AccountPages
from hub.web.install import Installer, InstallPages
from hub.web.proxies import PROXIES, Proxies

log = logging.getLogger(__name__)

LARGEST_BODY = 5 * 1024 * 1024
"""Bytes; networks send far less, and files never come by webhook."""


class Answer(Protocol):
    """What to say beside the acknowledgement."""

    @property
    def body(self) -> bytes:
        """Its bytes; may be none."""

    @property
    def content_type(self) -> str:
        """What they are."""


TakeIn = Callable[[str, Mapping[str, str], bytes], Awaitable[Answer]]
"""Takes in a request body for a hook by its name; headers are found in lower case. Returns when it may be acknowledged.

Raises NotFound for a name that is nobody's, NotGenuine, or Unavailable.
"""
Greet = Callable[[str, Mapping[str, str]], Awaitable[Answer]]
"""Answers a handshake at a hook, by its name and the address's query. Raises NotFound, NotGenuine, Unavailable."""


class Entrance(msgspec.Struct, frozen=True):
    """What the routes lead to."""

    take_in: TakeIn
    greet: Greet
    ready: Callable[[], Awaitable[None]]
    """Raises Unavailable while the hub cannot do its work."""
    figures: Callable[[], Mapping[str, float]]
    installer: Installer | None = None
    accounts: AccountPages | None = None
    proxies: Proxies = Proxies()


def make_app(entrance: Entrance) -> web.Application:
    """The web application."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app[_ENTRANCE] = entrance
    app[PROXIES] = entrance.proxies
    app.router.add_post("/hooks/{name}", _hook)
    app.router.add_get("/hooks/{name}", _greet)
    if entrance.installer is not None:
        InstallPages(entrance.installer).add_to(app)
    if entrance.accounts is not None:
        entrance.accounts.add_to(app)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    app.router.add_get("/metrics", _metrics)
    return app


_ENTRANCE = web.AppKey("entrance", Entrance)


async def _hook(request: web.Request) -> web.Response:
    try:
        body = await request.read()
    except (ConnectionError, web.RequestPayloadError):
        return web.Response(status=400, text="The request's body did not arrive whole.")
    try:
        answer = await request.app[_ENTRANCE].take_in(request.match_info["name"], request.headers, body)
    except HubError as error:
        return _refusal(error, genuine=401)
    if not answer.body:
        return web.Response()
    return web.Response(body=answer.body, content_type=answer.content_type, charset="utf-8")


async def _greet(request: web.Request) -> web.Response:
    try:
        answer = await request.app[_ENTRANCE].greet(request.match_info["name"], request.query)
    except HubError as error:
        return _refusal(error, genuine=403)
    return web.Response(body=answer.body, content_type=answer.content_type, charset="utf-8")


def _refusal(error: HubError, *, genuine: int) -> web.Response:
    """What an error means in HTTP; `genuine`: the status for a request that does not prove itself."""
    if isinstance(error, NotFound):
        return web.Response(status=404, text=error.text)
    if isinstance(error, NotGenuine):
        return web.Response(status=genuine, text=error.text)
    if isinstance(error, Unavailable):
        return web.Response(status=503, text=error.text, headers={"Retry-After": "1"})
    return web.Response(status=400, text=error.text)


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _readyz(request: web.Request) -> web.Response:
    try:
        await request.app[_ENTRANCE].ready()
    except Unavailable as error:
        return web.Response(status=503, text=error.text)
    return web.Response(text="ready")


async def _metrics(request: web.Request) -> web.Response:
    figures = request.app[_ENTRANCE].figures()
    lines = [f"hub_{name} {value}" for name, value in sorted(figures.items())]
    return web.Response(text="\n".join(lines) + "\n")

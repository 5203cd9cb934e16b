"""The routes, and what each error means in HTTP."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from aiohttp import web

from hub.errors import HubError, NotFound, NotGenuine, Unavailable

log = logging.getLogger(__name__)

LARGEST_BODY = 5 * 1024 * 1024
"""Bytes; networks send far less, and files never come by webhook."""

TakeIn = Callable[[str, Mapping[str, str], bytes], Awaitable[None]]
"""Takes in a request body for a hook by its name, headers in lower case. Returns when it may be acknowledged.

Raises NotFound for a name that is nobody's, NotGenuine, or Unavailable.
"""


class Entrance(msgspec.Struct, frozen=True):
    """What the routes lead to."""

    take_in: TakeIn
    ready: Callable[[], Awaitable[None]]
    """Raises Unavailable while the hub cannot do its work."""
    figures: Callable[[], Mapping[str, float]]


def make_app(entrance: Entrance) -> web.Application:
    """The web application."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app[_ENTRANCE] = entrance
    app.router.add_post("/hooks/{name}", _hook)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    app.router.add_get("/metrics", _metrics)
    return app


_ENTRANCE = web.AppKey("entrance", Entrance)


async def _hook(request: web.Request) -> web.Response:
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        body = await request.read()
        await request.app[_ENTRANCE].take_in(request.match_info["name"], headers, body)
    except web.HTTPException:
        raise
    except NotFound as error:
        return web.Response(status=404, text=error.text)
    except NotGenuine as error:
        return web.Response(status=401, text=error.text)
    except Unavailable as error:
        return web.Response(status=503, text=error.text, headers={"Retry-After": "1"})
    except HubError as error:
        return web.Response(status=400, text=error.text)
    return web.Response()


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

"""The page's own routes: its files, what it shows, what happens, and what people do."""

from __future__ import annotations

import asyncio
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import BodyPartReader, hdrs, web

from hub.sandbox.page import looking, verbs
from hub.sandbox.page.scene import Scene
from hub.sandbox.page.wishes import NotPossible, Upload, Wish

LARGEST_BODY = 64 * 1024 * 1024
HEARTBEAT = 10.0
"""Seconds of silence after which a page that follows along gets a sign of life."""
OWN_HEADER = "X-Page"
"""Only a script of the page itself can set it: another site's page cannot act here behind the person's back."""

_SCRIPTS = (
    *("page", "talk", "phone", "telegram", "slack"),
    *("draw", "bubbles", "rows", "blocks", "modal", "composer", "parts"),
)
_FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/slack.css": ("slack.css", "text/css"),
    **{f"/{name}.js": (f"{name}.js", "text/javascript") for name in _SCRIPTS},
}
_GUARDS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
# What a browser shows and cannot run; anything else that people send is only ever downloaded.
_SHOWN = {f"image/{kind}" for kind in ("png", "jpeg", "gif", "webp")} | {
    *("video/mp4", "video/webm", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/wav")
}
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})

SCENE = web.AppKey("scene", Scene)
STOPPING = web.AppKey("stopping", asyncio.Event)


def add_page(app: web.Application, scene: Scene) -> None:
    """Puts the page into an application. Set `app[STOPPING]` before the end, so that pages let go."""
    app[SCENE] = scene
    app[STOPPING] = asyncio.Event()
    for path in _FILES:
        app.router.add_get(path, _file)
    app.router.add_get("/api/state", _state)
    app.router.add_get("/api/changes", _changes)
    app.router.add_get("/api/file/{network}/{key}", _media)
    app.router.add_post("/api/do", _do)
    app.on_shutdown.append(_let_go)


async def _let_go(app: web.Application) -> None:
    app[STOPPING].set()


def make_page(scene: Scene) -> web.Application:
    """An application of the page alone."""
    app = web.Application(client_max_size=LARGEST_BODY)
    add_page(app, scene)
    return app


def _trusted(request: web.Request) -> None:
    """Refuses a foreign name for this machine (a site that points its own name here would read the page)."""
    bound = (request.transport.get_extra_info("sockname") if request.transport else None) or ("",)
    local = str(bound[0]) in _LOCAL
    if local and urlsplit(f"//{request.host}").hostname not in _LOCAL:
        raise web.HTTPForbidden(text="Open this page as http://127.0.0.1 or http://localhost.")


async def _file(request: web.Request) -> web.Response:
    _trusted(request)
    name, kind = _FILES[request.path]
    content = resources.files("hub.sandbox.page").joinpath(name).read_text("utf-8")
    return web.Response(text=content, content_type=kind, charset="utf-8", headers=_GUARDS)


def _json(value: object, status: int = 200) -> web.Response:
    body = msgspec.json.encode(value)
    return web.Response(body=body, status=status, content_type="application/json", headers=_GUARDS)


async def _state(request: web.Request) -> web.Response:
    _trusted(request)
    seen = {name: request.query[name] for name in looking.Look.__struct_fields__ if request.query.get(name)}
    return _json(looking.state(request.app[SCENE], looking.Look(**seen)))


async def _changes(request: web.Request) -> web.StreamResponse:
    """Tells the page that something happened, as server-sent events; the page then asks for what it shows."""
    _trusted(request)
    scene, stopping = request.app[SCENE], request.app[STOPPING]
    response = web.StreamResponse(headers={**_GUARDS, "Content-Type": "text/event-stream"})
    await response.prepare(request)
    ended = asyncio.ensure_future(stopping.wait())
    try:
        while not stopping.is_set():
            events = looking.came(scene)  # taken before the cursor is told: nothing can fall between
            await response.write(b"data: %d\n\n" % looking.cursor(scene))
            await _either([asyncio.ensure_future(came.wait()) for came in events], ended)
    except (ConnectionError, RuntimeError):
        pass  # the page was closed
    finally:
        ended.cancel()
    return response


async def _either(came: list[asyncio.Future[Any]], ended: asyncio.Future[Any]) -> None:
    try:
        await asyncio.wait({*came, ended}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in came:
            each.cancel()


async def _media(request: web.Request) -> web.Response:
    _trusted(request)
    try:
        content, mime = looking.file(request.app[SCENE], request.match_info["network"], request.match_info["key"])
    except KeyError:
        raise web.HTTPNotFound(text="There is no such file.") from None
    if mime in _SHOWN:
        return web.Response(body=content, content_type=mime, headers=_GUARDS)
    headers = {**_GUARDS, hdrs.CONTENT_DISPOSITION: "attachment"}
    return web.Response(body=content, content_type="application/octet-stream", headers=headers)


async def _do(request: web.Request) -> web.Response:
    _trusted(request)
    if request.headers.get(OWN_HEADER) != "1":
        raise web.HTTPForbidden(text="Only the page itself may do this.")
    try:
        wish, files = await _read(request)
        return _json(await verbs.do(request.app[SCENE], wish, files))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _json({"error": f"That is no wish: {error}."}, 400)
    except NotPossible as error:
        return _json({"error": str(error)}, 400)


async def _read(request: web.Request) -> tuple[Wish, list[Upload]]:
    """A wish as JSON, or a form whose part `wish` is that JSON and whose parts `file` are what is sent with it."""
    if not request.content_type.startswith("multipart/"):
        return msgspec.json.decode(await request.read(), type=Wish), []
    wish, files, size = b"", list[Upload](), 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read(decode=False))
        size += len(content)
        if size > LARGEST_BODY:
            raise NotPossible("These files are too large together.")
        if part.name == "wish":
            wish = content
        elif part.name == "file":
            kind = part.headers.get(hdrs.CONTENT_TYPE, "application/octet-stream")
            files.append(Upload(part.filename or "file", kind, content))
    return msgspec.json.decode(wish, type=Wish), files

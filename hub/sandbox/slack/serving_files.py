"""Where files are posted to and fetched from."""

from __future__ import annotations

from aiohttp import BodyPartReader, web

from hub.sandbox.slack.calling import caller
from hub.sandbox.slack.files import AVATAR_PREFIX, LIMIT, File
from hub.sandbox.slack.refusals import Refusal
from hub.sandbox.slack.standin import SlackStandIn

_LOGIN = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in to your workspace</body></html>"


class FileRoutes:
    """The routes of one stand-in's files."""

    def __init__(self, stand_in: SlackStandIn) -> None:
        self._world = stand_in

    def add_to(self, application: web.Application, prefix: str, upload_prefix: str) -> None:
        """Add the routes."""
        application.router.add_post(upload_prefix + "/{key}", self._upload)
        application.router.add_get(prefix + "/{file}/{name:.+}", self._download)
        application.router.add_get(AVATAR_PREFIX + "/{name}_{size:[^_]+}", self._avatar)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        world = self._world
        if world.faults.away:
            return hang_up(request)
        try:
            await world.faults.let_pass("upload", "")
        except Refusal as refusal:
            return web.Response(status=refusal.status, text=refusal.error, headers=refusal.headers)
        slot = world.files.slots.get(request.match_info["key"])
        if slot is None:
            return web.Response(status=404, text="no such upload")
        content = await _content(request)
        if len(content) > LIMIT:
            return web.Response(status=413, text="too large")
        if len(content) != slot.announced:
            return web.Response(status=400, text=f"{len(content)} bytes came, {slot.announced} were announced")
        slot.file.content, slot.file.size, slot.filled = content, len(content), True
        return hang_up(request) if world.faults.drops("upload", "") else web.Response(text=f"OK - {len(content)}")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        world = self._world
        if world.faults.away:
            return hang_up(request)
        try:
            await world.faults.let_pass("download", "")
            file = self._allowed(request)
        except Refusal as refusal:
            return web.Response(status=refusal.status, text=refusal.error, headers=refusal.headers)
        if file is None:
            return web.Response(text=_LOGIN, content_type="text/html")
        if world.faults.drops("download", ""):
            return await _break_off(request, file.content)
        return web.Response(body=file.content, content_type=file.mimetype)

    async def _avatar(self, request: web.Request) -> web.StreamResponse:
        """Somebody's picture: open to everybody, and the same in all sizes."""
        if self._world.faults.away:
            return hang_up(request)
        content = self._world.files.avatars.get(request.match_info["name"])
        return web.Response(status=404) if content is None else web.Response(body=content, content_type="image/png")

    def _allowed(self, request: web.Request) -> File | None:
        """The file; None: the page to sign in at. Raises Refusal where the file is gone."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        _, by = caller(self._world, token)
        if scheme != "Bearer" or by is None or by.gone or token in by.ended or "files:read" not in by.scopes:
            return None
        try:
            file = self._world.file_for(by, request.match_info["file"].partition("-")[2])
        except Refusal:
            raise Refusal("file_not_found", status=404) from None
        if file.deleted:
            raise Refusal("file_deleted", status=404)
        return file


async def _content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader):
            return bytes(await part.read(decode=True))
    return b""


def hang_up(request: web.Request) -> web.Response:
    """Close the connection without a word: the transport goes before anything is written."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _break_off(request: web.Request, content: bytes) -> web.StreamResponse:
    """Half of a file, and then nothing."""
    response = web.StreamResponse(headers={"Content-Length": str(len(content))})
    await response.prepare(request)
    await response.write(content[: len(content) // 2])
    return hang_up(request)

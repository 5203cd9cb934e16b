"""Controls over HTTP, for a page or another process: the same verbs as the Python methods, by id.

POST /control/messenger/{verb} takes a JSON object and answers {"ok": true, "result": …} or {"ok": false, "error": …}.
GET …/state tells what there is, GET …/events?cursor=N waits for what is newer, GET …/file/{key} gives a file.
People, pages and apps are named by `person`, `page`, `app`; a file's content is given in base64 as `data`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import msgspec
from aiohttp import web

from hub.sandbox.messenger.accounts import App, Json, Page, Person, Thread, Token
from hub.sandbox.messenger.standin import MessengerStandIn
from hub.sandbox.messenger.world import Call

LONGEST_WAIT = 25.0
PREFIX = "/control/messenger"
_VERBS = (
    "add_app add_page add_person grant subscribe unsubscribe set_webhook dashboard_test spoil_token renew_token "
    "limit_rights set_picture say send_media send_album send_sticker send_location share send_attachments "
    "press_quick_reply press_button get_started open_link opt_in edit unsend react read block unblock mute leave "
    "offline age inbox_reply hand_over release restrict phone psid typing seen calls_of forward fail drop_answer "
    "delay hang unreachable heal expire_files redeliver duplicate_notices reorder_notices batch_notices raw_event "
    "raw_body settled"
)
VERBS = frozenset(_VERBS.split())


def shown(value: Any) -> Any:
    """A result as JSON."""
    match value:
        case App():
            return value.as_json() | {"secret": value.secret, "human_agent": value.human_agent}
        case Page():
            return value.as_json() | {"token": value.token, "app": value.app.id}
        case Person():
            return value.as_json()
        case Token():
            return {"token": value.text, "page": value.page.id, "app": value.app.id}
        case list():
            return [shown(item) for item in value]
        case _:
            return asdict(value) if isinstance(value, Call) else value


class Control:
    """The routes of one stand-in's controls."""

    def __init__(self, stand_in: MessengerStandIn, closing: asyncio.Event) -> None:
        self._stand_in = stand_in
        self._closing = closing

    def add_to(self, application: web.Application) -> None:
        """Add the routes."""
        application.router.add_get(f"{PREFIX}/state", self._state)
        application.router.add_get(f"{PREFIX}/events", self._events)
        application.router.add_get(f"{PREFIX}/file/{{key}}", self._file)
        application.router.add_post(f"{PREFIX}/{{verb}}", self._verb)

    async def _verb(self, request: web.Request) -> web.Response:
        try:
            given = msgspec.json.decode(await request.read() or b"{}", type=dict[str, Any])
            result = self._call(request.match_info["verb"], given)
            if inspect.isawaitable(result):
                result = await result
        except (ValueError, TypeError, KeyError, LookupError, TimeoutError, msgspec.DecodeError) as error:
            return _json({"ok": False, "error": str(error) or type(error).__name__}, 400)
        return _json({"ok": True, "result": shown(result)})

    def _call(self, name: str, given: Json) -> Any:
        """Call a verb with objects in place of ids. ValueError when there is no such verb."""
        if name not in VERBS:
            raise ValueError(f"there is no verb {name!r}; there are: {', '.join(sorted(VERBS))}")
        verb: Callable[..., Any] = getattr(self._stand_in, name)
        return verb(**{key: self._object(key, value) for key, value in given.items()})

    def _object(self, name: str, value: Any) -> Any:
        world = self._stand_in
        things: dict[str, dict[str, Any]] = {"person": world.people, "page": world.pages, "app": world.apps}
        kind = "app" if name == "to" else name
        if kind in things:
            return None if value is None else _found(things[kind], value, kind)
        if name == "data":
            return _content(value)
        if name == "items":
            return [item | {"data": _content(item["data"])} for item in value]
        return tuple(value) if name == "fields" else value

    # -- reading -----------------------------------------------------------------------------------------------

    async def _state(self, _: web.Request) -> web.Response:
        world = self._stand_in
        threads = [self._thread(thread) for page in world.pages.values() for thread in page.threads.values()]
        return _json(
            {
                "cursor": world.changes.cursor,
                "apps": [self._app(app) for app in world.apps.values()],
                "pages": [self._page(page) for page in world.pages.values()],
                "people": [shown(person) for person in world.people.values()],
                "threads": threads,
                "calls": len(world.calls),
                "provoked_limits": world.provoked_limits,
                "limits": asdict(world.meter.limits),
                "alerts": world.alerts,
                "unimplemented": world.unimplemented,
                "settled": world.settled_now(),
            }
        )

    def _app(self, app: App) -> Json:
        hook = {"url": app.hook.url, "fields": sorted(app.hook.fields)} if app.hook is not None else None
        return dict(shown(app)) | {"webhook": hook, "waiting": len(app.outbox.waiting)}

    def _page(self, page: Page) -> Json:
        subscriptions = {id: sorted(fields) for id, fields in page.subscriptions.items()}
        return dict(shown(page)) | {"subscriptions": subscriptions, "restricted": page.restricted}

    def _thread(self, thread: Thread) -> Json:
        world = self._stand_in
        shape: Json = {"page": thread.page.id, "person": thread.person.id, "psid": thread.psid}
        shape["messages"] = world.phone(thread.person, thread.page)
        shape |= {"blocked": thread.blocked, "typing": thread.typing, "owner": thread.owner}
        return shape | {"seen": world.seen(thread.person, thread.page), "last_act": thread.last_act}

    async def _events(self, request: web.Request) -> web.StreamResponse:
        try:
            cursor = int(request.query.get("cursor", request.headers.get("Last-Event-ID", "0")) or 0)
            seconds = min(float(request.query.get("timeout", "0")), LONGEST_WAIT)
        except ValueError:
            return _json({"ok": False, "error": "cursor and timeout are numbers"}, 400)
        if "text/event-stream" in request.headers.get("Accept", ""):
            return await self._stream(request, cursor)
        await self._newer(cursor, seconds)
        return _json({"cursor": self._stand_in.changes.cursor, "events": self._stand_in.changes.after(cursor)})

    async def _newer(self, cursor: int, seconds: float) -> None:
        changes = self._stand_in.changes
        if changes.cursor > cursor or not seconds:
            return
        waits = [asyncio.ensure_future(changes.came.wait()), asyncio.ensure_future(self._closing.wait())]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _stream(self, request: web.Request, cursor: int) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        with suppress(ConnectionError):
            while not self._closing.is_set():
                for entry in self._stand_in.changes.after(cursor):
                    cursor = entry["cursor"]
                    await response.write(b"id: %d\ndata: %s\n\n" % (cursor, msgspec.json.encode(entry)))
                await self._newer(cursor, LONGEST_WAIT)
                await response.write(b": still here\n\n")
        return response

    async def _file(self, request: web.Request) -> web.Response:
        try:
            file = self._stand_in.files.by_key(request.match_info["key"])
        except KeyError:
            return _json({"ok": False, "error": "there is no such file"}, 404)
        return web.Response(body=file.content, content_type=file.mime)


def _found(things: dict[str, Any], id: Any, what: str) -> Any:
    if str(id) not in things:
        raise ValueError(f"there is no {what} with the id {id!r}")
    return things[str(id)]


def _content(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise ValueError("a file's content is given in base64") from None


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")

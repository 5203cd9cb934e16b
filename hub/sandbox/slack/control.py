"""Controls over HTTP, for a page or another process: the same verbs as the Python methods, by id.

POST /control/slack/{verb} takes a JSON object and answers {"ok": true, "result": …} or {"ok": false, "error": …}.
GET …/state tells what there is, GET …/events?cursor=N waits for what is newer, GET …/file/{id} gives a file.
Teams, users, apps and channels are named by `team`, `user`, `app`, `channel`; `where` is a channel or an app;
a file's content is given in base64 as `data`.
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

from hub.sandbox.slack.accounts import App, Channel, Installation, Json, Team, User
from hub.sandbox.slack.interactions import Knock
from hub.sandbox.slack.refusals import Refusal
from hub.sandbox.slack.standin import SlackStandIn
from hub.sandbox.slack.world import Call

LONGEST_WAIT = 25.0
PREFIX = "/control/slack"
_VERBS = (
    "add_team add_user add_app app_from_manifest install uninstall revoke add_channel share unshare join invite leave "
    "kick archive rename set_picture say mention upload upload_many edit delete unfurl react unreact deactivate press "
    "choose press_view slash shortcut submit close_modal open_home history thread private ephemerals modal home "
    "reactions calls_of events_of set_request_url forward fail drop_answer delay hang unreachable heal redeliver "
    "duplicate reorder disconnect raw_event settled"
)
VERBS = frozenset(_VERBS.split())


def user_json(user: User) -> Json:
    """A user, or a bot."""
    told: Json = {"id": user.id, "team": user.team.id, "name": user.name, "real_name": user.real_name}
    return told | {"display_name": user.display_name, "is_bot": user.is_bot, "deleted": user.deleted}


def app_json(app: App) -> Json:
    """An app with all that its settings page shows, secrets included: this is a sandbox."""
    told: Json = {"id": app.id, "name": app.name, "client_id": app.client_id, "client_secret": app.client_secret}
    told |= {"signing_secret": app.signing_secret, "app_token": app.app_token, "socket_mode": app.socket_mode}
    told |= {"request_url": app.request_url, "commands": list(app.commands), "waiting": len(app.outbox.waiting)}
    told["shortcuts"] = [{"callback_id": s.callback_id, "name": s.name, "type": s.kind} for s in app.shortcuts]
    return told | {"installations": [installation_json(i) for i in app.installations.values()]}


def installation_json(made: Installation) -> Json:
    """An app in a team."""
    told: Json = {"app": made.app.id, "team": made.team.id, "bot": made.bot.id, "token": made.token}
    return told | {"scopes": sorted(made.scopes), "gone": made.gone}


def channel_json(channel: Channel) -> Json:
    """A channel without its messages."""
    told: Json = {"id": channel.id, "name": channel.name, "kind": channel.kind, "members": list(channel.members)}
    return told | {"teams": [team.id for team in channel.teams], "archived": channel.archived}


_SHAPES: dict[type, Callable[[Any], Any]] = {
    Team: lambda team: {"id": team.id, "name": team.name, "domain": team.domain},
    User: user_json,
    App: app_json,
    Installation: installation_json,
    Channel: channel_json,
    Call: asdict,
    Knock: lambda knock: {"trigger_id": knock.trigger_id, "trouble": knock.trouble},
    list: lambda items: [shown(item) for item in items],
}


def shown(value: Any) -> Any:
    """A result as JSON."""
    shape = _SHAPES.get(type(value))
    return shape(value) if shape is not None else value


class Control:
    """The routes of one stand-in's controls."""

    def __init__(self, stand_in: SlackStandIn, closing: asyncio.Event) -> None:
        self._stand_in = stand_in
        self._closing = closing

    def add_to(self, application: web.Application) -> None:
        """Add the routes."""
        application.router.add_get(f"{PREFIX}/state", self._state)
        application.router.add_get(f"{PREFIX}/events", self._events)
        application.router.add_get(f"{PREFIX}/file/{{id}}", self._file)
        application.router.add_post(f"{PREFIX}/{{verb}}", self._verb)

    async def _verb(self, request: web.Request) -> web.Response:
        try:
            given = msgspec.json.decode(await request.read() or b"{}", type=dict[str, Any])
            result = self._call(request.match_info["verb"], given)
            if inspect.isawaitable(result):
                result = await result
        except (ValueError, TypeError, AttributeError, LookupError, TimeoutError, Refusal) as error:
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
        things: dict[str, dict[str, Any]] = {"team": world.teams, "user": world.users, "inviter": world.users}
        things |= {"app": world.apps, "channel": world.channels, "where": {**world.apps, **world.channels}}
        if name in things:
            return None if value is None else _found(things[name], value, name)
        if name in ("member", "members"):
            everybody = {**world.users, **world.apps}
            return [_found(everybody, each, "member") for each in value]
        if name == "data":
            return _content(value)
        if name == "items":
            return [item | {"data": _content(item["data"])} for item in value]
        return value

    # -- reading -----------------------------------------------------------------------------------------------

    async def _state(self, _: web.Request) -> web.Response:
        world = self._stand_in
        whispers = [w for u in world.users.values() for w in self._whispers(u)]
        return _json(
            {
                "cursor": world.changes.cursor,
                "teams": shown(list(world.teams.values())),
                "users": shown(list(world.users.values())),
                "apps": shown(list(world.apps.values())),
                "channels": [self._channel(channel) for channel in world.channels.values()],
                "ephemerals": whispers,
                "modals": {id: world.modal(user) for id, user in world.users.items() if world.modal(user)},
                "homes": [{"app": a, "user": u, "view": s.body} for (a, u), s in world.homes.items()],
                "calls": len(world.calls),
                "provoked_429": world.provoked_429,
                "limits": asdict(world.meter.limits),
                "alerts": world.alerts,
                "unimplemented": world.unimplemented,
                "unknown_parameters": sorted(world.unknown_parameters),
                "settled": world.settled_now(),
            }
        )

    def _channel(self, channel: Channel) -> Json:
        messages = [self._stand_in.shown(channel, stored) for stored in channel.ordered()]
        return channel_json(channel) | {"messages": messages}

    def _whispers(self, user: User) -> list[Json]:
        return [message | {"reader": user.id} for message in self._stand_in.ephemerals(user)]

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
            file = self._stand_in.files.by_id(request.match_info["id"])
        except KeyError:
            return _json({"ok": False, "error": "there is no such file"}, 404)
        return web.Response(body=file.content, content_type=file.mimetype)


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

"""Controls over HTTP, for a page or another process: the same verbs as the Python methods, by id.

POST /control/telegram/{verb} takes a JSON object and answers {"ok": true, "result": …} or {"ok": false, "error": …}.
GET …/state tells what there is, GET …/events?cursor=N waits for what is newer, GET …/file/{key} gives a file.
People and bots are named by `user`, `bot`, `account`; a place by `chat` (a group) or `bot` (the private chat with it).
"""

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

from hub.sandbox.telegram.accounts import Account, Bot, Chat, Json, Topic, User
from hub.sandbox.telegram.standin import TelegramStandIn
from hub.sandbox.telegram.world import CallbackTap

LONGEST_WAIT = 25.0
PREFIX = "/control/telegram"
_VERBS = (
    "add_bot add_user add_forum add_supergroup add_group add_to_chat remove_from_chat migrate "
    "delete_group deactivate rename_chat create_topic close_topic reopen_topic rename_topic delete_topic "
    "lose_topics pin say start send_media send_album send_contact send_location send_venue send_poll "
    "send_dice forward edit delete react press press_ephemeral block unblock history private message "
    "add_picture hide_pictures topics reactions ephemeral menus prompt tap "
    "fail drop_answer delay hang unreachable heal redeliver "
    "duplicate_updates reorder_updates raw_update settled "
)
VERBS = frozenset(_VERBS.split())
# These name a chat by its id as the bot does, a private one by the person's.
_BY_ID = frozenset({"fail", "drop_answer"})


def shown(value: Any) -> Any:
    """A result as JSON: objects by their Bot API shape."""
    match value:
        case Bot():
            return value.as_json() | {"token": value.token, "privacy": value.privacy}
        case User() | Chat() | Topic():
            closed = {"closed": value.closed} if isinstance(value, Topic) else {}
            return value.as_json() | closed
        case CallbackTap():
            return {"id": value.id, "data": value.data, "url": value.url, "answered": value.answered} | {
                "text": value.text,
                "alert": value.alert,
            }
        case list():
            return [shown(item) for item in value]
        case _:
            return value


class Control:
    """The routes of one stand-in's controls."""

    def __init__(self, stand_in: TelegramStandIn, closing: asyncio.Event) -> None:
        self._stand_in = stand_in
        self._closing = closing

    def add_to(self, application: web.Application) -> None:
        """Add the routes."""
        application.router.add_get(f"{PREFIX}/state", self._state)
        application.router.add_get(f"{PREFIX}/events", self._events)
        application.router.add_get(f"{PREFIX}/file/{{key}}", self._file)
        application.router.add_post(f"{PREFIX}/{{verb}}", self._verb)

    async def _verb(self, request: web.Request) -> web.Response:
        verb = request.match_info["verb"]
        try:
            given = msgspec.json.decode(await request.read() or b"{}", type=dict[str, Any])
            result = self._call(verb, given)
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
        parameters = inspect.signature(verb).parameters
        given = self._places(dict(given), set(parameters))
        if name in _BY_ID:
            return verb(**given)
        return verb(**{key: self._object(key, value) for key, value in given.items()})

    def _places(self, given: Json, wanted: set[str]) -> Json:
        """Name a place by what the caller gave: a group's `chat`, or the `bot` of a private chat."""
        for place in wanted & {"place", "to", "source"}:
            if place in given:
                continue
            name = "chat" if "chat" in given else "bot"
            if name in given and place != "to":
                given[place] = given.pop(name)
        if "chat" in wanted and "chat" not in given and {"user", "bot"} <= given.keys() and "bot" not in wanted:
            given["chat"] = [given.pop("user"), given.pop("bot")]
        return given

    def _object(self, name: str, value: Any) -> Any:
        match name:
            case "user" | "bot" | "account" | "receiver":
                return self._account(value)
            case "place" | "to" | "source" | "chat" | "group":
                return self._place(value)
            case "members" | "admins":
                return [self._account(item) for item in value]
            case "data" if isinstance(value, str):
                return _content(value)
            case "items":
                return [item | {"data": _content(item["data"])} for item in value]
            case _:
                return value

    def _account(self, account_id: Any) -> Account:
        found = self._stand_in.bots.get(account_id) or self._stand_in.users.get(account_id)
        if found is None:
            raise ValueError(f"there is nobody with the id {account_id!r}")
        return found

    def _place(self, place: Any) -> Chat | Bot:
        if isinstance(place, list):
            user, bot = (self._account(one) for one in place)
            if isinstance(user, User) and isinstance(bot, Bot):
                return self._stand_in.private_chat(user, bot)
        elif place in self._stand_in.chats:
            return self._stand_in.chats[place]
        elif place in self._stand_in.bots:
            return self._stand_in.bots[place]
        raise ValueError(f"there is no group or bot with the id {place!r}")

    # -- reading -----------------------------------------------------------------------------------------------

    async def _state(self, _: web.Request) -> web.Response:
        world = self._stand_in
        return _json(
            {
                "cursor": world.changes.cursor,
                "users": [user.as_json() for user in world.users.values()],
                "bots": [shown(bot) for bot in world.bots.values()],
                "chats": [self._chat(chat) for chat in world.chats.values()],
                "private_chats": [self._chat(chat) for chat in world.privates.values()],
                "calls": len(world.calls),
                "provoked_429": world.provoked_429,
                "counters": world.meter.counters(),
                "limits": asdict(world.meter.limits),
                "unimplemented": world.unimplemented,
                "settled": world.settled_now(),
            }
        )

    def _chat(self, chat: Chat) -> Json:
        world = self._stand_in
        shape = chat.as_json() | {"messages": world.history(chat), "topics": [shown(one) for one in world.topics(chat)]}
        if chat.bot is not None:
            return shape | {"bot_id": chat.bot.id, "started": chat.started, "blocked": chat.blocked}
        whispers = [world.render(stored) for stored in chat.whispers.values()]
        members = [member.as_json() for member in chat.members.values()]
        return shape | {"members": members, "ephemeral": whispers, "pinned": chat.pinned}

    async def _events(self, request: web.Request) -> web.StreamResponse:
        cursor = int(request.query.get("cursor", request.headers.get("Last-Event-ID", "0")) or 0)
        if "text/event-stream" in request.headers.get("Accept", ""):
            return await self._stream(request, cursor)
        seconds = min(float(request.query.get("timeout", "0")), LONGEST_WAIT)
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


def _content(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError("a file's content is given in base64") from None


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")

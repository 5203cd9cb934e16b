"""The world itself: who there is, which messages stand where, and what is told of them to those who look."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hub.sandbox.slack.accounts import App, Channel, Installation, Json, Stored, Team, User, base36
from hub.sandbox.slack.faults import Faults
from hub.sandbox.slack.files import Files
from hub.sandbox.slack.limits import Limits, Meter
from hub.sandbox.slack.refusals import Refusal

MISSING_USER = "user_not_found"


@dataclass(frozen=True)
class Call:
    """One request to the Web API. `params` never hold a token; `status` 0 means that no answer was given."""

    at: float
    app: str
    team: str
    method: str
    params: Json
    status: int
    error: str = ""
    channel: str = ""


class Changes:
    """What happened, with a cursor, for pages that follow along. Old entries fall off the far end."""

    def __init__(self, keep: int = 10_000) -> None:
        self.cursor = 0
        self.came = asyncio.Event()
        self._entries: deque[Json] = deque(maxlen=keep)

    def add(self, kind: str, channel: str = "", **what: Any) -> None:
        """Note one change."""
        self.cursor += 1
        self._entries.append({"cursor": self.cursor, "kind": kind, "channel": channel, **what})
        self.came.set()
        self.came = asyncio.Event()

    def after(self, cursor: int) -> list[Json]:
        """All that is newer than the cursor."""
        newer = itertools.takewhile(lambda entry: entry["cursor"] > cursor, reversed(self._entries))
        return list(newer)[::-1]


class World:
    """State and its plainest changes. SlackStandIn adds what people and tests do."""

    def __init__(self, limits: Limits | None = None, *, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970; `forward` moves the world ahead of it."""
        self.faults = Faults()
        self.files = Files()
        self.meter = Meter(limits if limits is not None else Limits())
        self.changes = Changes()
        self.calls: list[Call] = []
        self.alerts: list[str] = []
        self.unimplemented: list[str] = []
        self.unknown_parameters: set[str] = set()
        self.teams: dict[str, Team] = {}
        self.users: dict[str, User] = {}
        self.apps: dict[str, App] = {}
        self.channels: dict[str, Channel] = {}
        self.base_url = ""
        """What the addresses begin with that are handed out; set by whoever serves the stand-in."""
        self.on_app: Callable[[App], None] = lambda _: None
        """Called with each new app by whoever delivers its notices."""
        self.on_disconnect: Callable[[App, str], None] = lambda _app, _reason: None
        """Called to end an app's Socket Mode connections, by whoever holds them; no reason: without a word."""
        self.on_handshake: Callable[[App, str], Awaitable[None]] | None = None
        """Asks an address whether it takes an app's events. ValueError where it does not."""
        self._clock = clock
        self._ahead = 0.0
        self._last = 0
        self._ids: Iterator[int] = itertools.count(36**9 + 1_000_003, 7_919)
        self._departed = asyncio.Event()

    # -- time, names -------------------------------------------------------------------------------------------

    def now(self) -> float:
        """The world's time in seconds since 1970."""
        return self._clock() + self._ahead

    def wall(self) -> float:
        """The time by which requests are signed: apps have their own clocks."""
        return self._clock()

    def forward(self, seconds: float) -> None:
        """Let time pass: triggers and answers' addresses expire."""
        self._ahead += seconds

    def stamp(self) -> str:
        """A message's name: the world's time, later than all before it."""
        self._last = max(self._last + 1, int(self.now() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def id(self, letter: str) -> str:
        """A new id."""
        return letter + base36(next(self._ids))

    # -- who sees what -----------------------------------------------------------------------------------------

    def installation(self, token: str) -> Installation | None:
        """Whose token that is, or was."""
        every = (each for app in self.apps.values() for each in app.installations.values())
        return next((each for each in every if token == each.token or token in each.ended), None)

    def visible(self, by: Installation, id: str) -> Channel:
        """A channel that the app can see. Raises Refusal."""
        channel = self.channels.get(id)
        if channel is None or by.team not in channel.teams:
            raise Refusal("channel_not_found")
        if channel.kind != "channel" and by.bot.id not in channel.members:
            raise Refusal("channel_not_found")
        return channel

    def known(self, by: Installation, id: str) -> User:
        """Somebody of the app's workspace, or who shares a channel with it. Raises Refusal."""
        user = self.users.get(id)
        if user is None or not self.acquainted(by.team, user):
            raise Refusal(MISSING_USER)
        return user

    def acquainted(self, team: Team, user: User) -> bool:
        """Whether a workspace knows a user."""
        if user.team is team:
            return True
        return any(team in c.teams and user.id in c.members for c in self.channels.values())

    def direct(self, installation: Installation, user: User) -> Channel:
        """The direct messages between a person and an app, made when first needed."""
        pair = {installation.bot.id, user.id}
        found = (c for c in self.channels.values() if c.kind == "im" and set(c.members) == pair)
        known = next(found, None)
        if known is None:
            teams = list(dict.fromkeys([installation.team, user.team]))
            members = [installation.bot.id, user.id]
            known = Channel(self.id("D"), "", "im", teams, members, int(self.now()))
            self.channels[known.id] = known
        return known

    # -- messages ----------------------------------------------------------------------------------------------

    def message(self, channel: Channel, ts: str) -> Stored:
        """A message that stands there. ValueError when there is none of this name."""
        if ts not in channel.messages:
            raise ValueError(f"there is no message {ts} in {channel.id}")
        return channel.messages[ts]

    def store(self, channel: Channel, stored: Stored) -> Stored:
        """Put a message into a channel; no app is told yet, only the pages that follow along."""
        channel.messages[stored.ts] = stored
        root = channel.messages.get(stored.thread_ts)
        if root is not None and root is not stored:
            root.thread_ts = root.ts
            root.replies.append(stored.ts)
        self.changes.add("message", channel.id, message=self.shown(channel, stored))
        return stored

    def shown(self, channel: Channel, stored: Stored, viewer: Team | None = None) -> Json:
        """A message as history gives it, to an app of that workspace."""
        shape: Json = {"type": "message", "ts": stored.ts, "user": stored.user, "team": stored.team, **stored.fields}
        if stored.subtype:
            shape["subtype"] = stored.subtype
        if stored.files:
            shape["files"] = [self.file_json(id, viewer) for id in stored.files]
        if stored.edited:
            shape["edited"] = stored.edited
        if stored.thread_ts:
            shape["thread_ts"] = stored.thread_ts
            shape |= self._thread(channel, stored)
        if stored.reactions:
            shape["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in stored.reactions.items()]
        return shape

    def file_json(self, id: str, viewer: Team | None = None) -> Json:
        """A file; an app of another workspace than the uploader's has to ask for it."""
        file = self.files.by_id(id)
        if viewer is not None and file.team != viewer.id:
            hidden: Json = {"id": id, "mode": "file_access", "file_access": "check_file_info"}
            return hidden | {"created": 0, "timestamp": 0, "user": ""}
        return file.as_json(self.base_url)

    def _thread(self, channel: Channel, stored: Stored) -> Json:
        if stored.thread_ts != stored.ts:
            root = channel.messages.get(stored.thread_ts)
            return {"parent_user_id": root.user} if root is not None else {}
        replies = [channel.messages[ts] for ts in stored.replies if ts in channel.messages]
        users = list(dict.fromkeys(reply.user for reply in replies))
        shape: Json = {"reply_count": len(replies), "reply_users_count": len(users), "reply_users": users[:5]}
        return shape | ({"latest_reply": replies[-1].ts} if replies else {})

    # -- settling ----------------------------------------------------------------------------------------------

    def settled_now(self) -> bool:
        """Whether nothing waits for any app that can be told."""
        return not any(app.outbox.waiting for app in self.apps.values())

    async def settled(self, seconds: float = 10.0) -> None:
        """Wait until every notice was delivered, or given up. TimeoutError after `seconds`.

        What is held back for reordering is let go first.
        """
        for app in self.apps.values():
            app.outbox.release()
        async with asyncio.timeout(seconds):
            while not self.settled_now():
                await self._departed.wait()

    def note_departure(self) -> None:
        """Something was delivered, or given up."""
        self._departed.set()
        self._departed = asyncio.Event()

"""The Slack desk and front end over HTTP against the stand-in; the other side of the seam records what it hears."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from hub.admin_bot.forms import Form
from hub.admin_bot.heard import SILENCE, Answer, Heard, Pressed, Wrote
from hub.admin_bot.overview import Overview, Whose
from hub.admin_bot.registry import commands
from hub.admin_bot.slack.front_end import Hears, SlackFrontEnd
from hub.admin_bot.slack.manifest import manifest
from hub.domain.ids import PostId
from hub.domain.reply import Reply
from hub.errors import ChannelDead, HubError, NotGenuine, Unavailable
from hub.sandbox.slack import Limits, SlackStandIn, serve
from hub.settings import Settings
from tests.admin_bot.drawn import draw_also

SAID = Reply("said", {"words": "<it> & /close"})


class Recorder:
    """The seam's other side: keeps what it hears and says what a test tells it to."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.asks: list[tuple[Heard, PostId, str]] = []
        self.answer: Answer | Exception = SILENCE
        self.made: Form | Exception | None = None
        self.formed: list[Wrote | Pressed] = []
        self.seen: Overview | None = None
        self.looked: list[Whose] = []

    async def hear(self, heard: Heard) -> Answer:
        self.heard.append(heard)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def asked(self, heard: Heard, post: PostId, line: str) -> None:
        self.asks.append((heard, post, line))

    async def form(self, heard: Wrote | Pressed) -> Form | None:
        self.formed.append(heard)
        if isinstance(self.made, Exception):
            raise self.made
        return self.made

    async def overview(self, heard: Pressed, whose: Whose) -> Overview | None:
        assert heard.spot.private
        self.looked.append(whose)
        return msgspec.structs.replace(self.seen, whose=whose) if self.seen else None


class Both:
    """A counter, and the recorder beside it."""

    def __init__(self, recorder: Recorder, counter: Hears) -> None:
        self._recorder, self._counter = recorder, counter

    async def hear(self, heard: Heard) -> Answer:
        self._recorder.heard.append(heard)
        return await self._counter.hear(heard)

    async def asked(self, heard: Heard, post: PostId, line: str) -> None:
        await self._counter.asked(heard, post, line)

    async def form(self, heard: Wrote | Pressed) -> Form | None:
        return await self._counter.form(heard)

    async def overview(self, heard: Pressed, whose: Whose) -> Overview | None:
        return await self._counter.overview(heard, whose)


class Town:
    """A stand-in with a workspace, its people, the app made from our manifest, and the front end that speaks to it."""

    def __init__(self, world: SlackStandIn, api: str, here: str, *, patience: float = 0.5) -> None:
        self.world = world
        self.team = world.add_team("Acme")
        self.ann = world.add_user(self.team, "Ann Wood", display_name="ann")
        self.bob = world.add_user(self.team, "Bob Bright", display_name="bob")
        self.app = world.app_from_manifest(manifest(commands(), here))
        self.hub = world.install(self.app, self.team)
        self.channel = world.add_channel(self.team, "desk", [self.ann, self.bob, self.app])
        self.chat = f"{self.team.id}:{self.channel.id}"
        self.counter = Recorder()
        self.odd: list[tuple[bytes, str]] = []
        self.turns: list[tuple[str, str, int]] = []
        self.statuses: list[int] = []
        self.tokens = {self.team.id: self.hub.token}
        settings = Settings(
            data_dir=Path(),
            slack_api_url=api.rstrip("/"),
            slack_signing_secret=self.app.signing_secret,
            slack_app_token=self.app.app_token,
        )
        self.front_end = SlackFrontEnd(
            settings, self.counter, self._slot, self._keep_odd, self._token, patience=patience
        )
        self.desk = self.front_end.desk(self.chat)
        draw_also(self.front_end._templates)

    def serve(self, counter: Hears) -> None:
        """Lets a real counter hear, in place of the recorder, which only listens."""
        both = Both(self.counter, counter)
        self.front_end._counter = both
        self.front_end._interactions._counter = both
        self.front_end._answerer._asks = both

    async def _token(self, team: str) -> str:
        if team not in self.tokens:
            raise ChannelDead("The app is not installed there.")
        return self.tokens[team]

    @asynccontextmanager
    async def _slot(self, account: str, chat: str, cost: int) -> AsyncIterator[None]:
        self.turns.append((account, chat, cost))
        yield

    async def _keep_odd(self, raw: bytes, reason: str) -> None:
        self.odd.append((raw, reason))

    async def entrance(self, request: web.Request) -> web.Response:
        """What the hub's own entrance does with Slack's requests."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        try:
            self.front_end.verify(headers, body)
            said = await self.front_end.take(body, headers.get("content-type", ""))
            response = _response(said)
        except NotGenuine:
            response = web.Response(status=401)
        except Unavailable:
            response = web.Response(status=503)
        except HubError as error:
            response = web.Response(status=400, text=error.text)
        self.statuses.append(response.status)
        return response

    async def hear(self) -> list[Heard]:
        """Waits until all was told; gives what the counter heard since last time."""
        await self.world.settled()
        heard, self.counter.heard = self.counter.heard, []
        return heard

    async def settle(self) -> None:
        """Waits until what was heard is answered."""
        await asyncio.gather(*self.front_end._tasks, return_exceptions=True)

    async def one(self) -> Any:
        """The one thing heard."""
        (heard,) = await self.hear()
        return heard

    def thread(self, ts: str) -> list[str]:
        """What stands in a thread, its opening included, as its words are seen."""
        return [shown(m) for m in self.world.thread(self.channel, ts)]

    def whispers(self, who: Any = None) -> list[dict[str, Any]]:
        """What somebody alone sees in the channel."""
        found: list[dict[str, Any]] = self.world.ephemerals(who or self.ann, self.channel)
        return found

    def root(self) -> dict[str, Any]:
        """The channel's newest message."""
        message: dict[str, Any] = self.world.history(self.channel)[-1]
        return message


@asynccontextmanager
async def slack_town() -> AsyncIterator[Town]:
    """A town, at whose entrance Slack calls."""
    world = SlackStandIn(Limits.off())
    server = await serve(world, port=0, retry_scale=0.001)
    application = web.Application()
    runner = web.AppRunner(application, access_log=None)
    towns: list[Town] = []

    async def entrance(request: web.Request) -> web.Response:
        return await towns[0].entrance(request)

    application.router.add_post("/hooks/slack", entrance)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here = f"http://127.0.0.1:{runner.addresses[0][1]}"
    towns.append(Town(world, server.api, here))
    await world.set_request_url(towns[0].app, f"{here}/hooks/slack")
    towns[0].statuses.clear()
    yield towns[0]
    await towns[0].front_end.close()
    await runner.cleanup()
    await server.close()


def _response(said: bytes | dict[str, Any] | None) -> web.Response:
    if isinstance(said, dict):
        return web.Response(body=json.dumps(said).encode(), content_type="application/json")
    return web.Response(body=said or b"", content_type="text/plain")


def shown(message: dict[str, Any]) -> str:
    """A message's words as a client shows them: of its blocks where it has any."""
    blocks = message.get("blocks") or []
    rich = [b for b in blocks if b.get("type") == "rich_text"]
    return "\n".join(_plain(b) for b in rich) if blocks else str(message.get("text", ""))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "".join(_plain(v) for v in value)
    if value.get("type") in ("text", "link"):
        return str(value["text"])
    if value.get("type") == "user":
        return f"<{value['user_id']}>"
    return str(value.get("fallback", "")) or _plain(value.get("elements", []))


def labels(message: dict[str, Any]) -> list[str]:
    """What can be pressed below a message."""
    elements = [e for b in message.get("blocks") or [] if b.get("type") == "actions" for e in b["elements"]]
    return [e["text"]["text"] if "text" in e else e["type"] for e in elements]

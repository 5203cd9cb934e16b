"""The Slack front end: desks, private notices, and the doors by which Slack comes in: a request, or a socket."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from hub.admin_bot.drawing import templates
from hub.admin_bot.forms import Form
from hub.admin_bot.heard import SILENCE, Answer, Heard, Pressed, Wrote
from hub.admin_bot.overview import Overview, Whose
from hub.admin_bot.slack import blocks, entry, hearing
from hub.admin_bot.slack.answering import Answerer, Slot
from hub.admin_bot.slack.client import Client, Tokens
from hub.admin_bot.slack.desk import SlackDesk
from hub.admin_bot.slack.files import file_name
from hub.admin_bot.slack.hearing import NETWORK, Context, channel_of, user_of
from hub.admin_bot.slack.interacting import Interactions
from hub.admin_bot.slack.manifest import SCOPES
from hub.admin_bot.slack.people import People
from hub.admin_bot.slack.socket_mode import listen
from hub.domain.ids import Identity, PostId
from hub.domain.ports import OutgoingMedia
from hub.domain.reply import Reply
from hub.errors import ChannelDead, DeliveryError, Unavailable
from hub.settings import Settings

log = logging.getLogger(__name__)

Odd = Callable[[bytes, str], Awaitable[None]]
"""Keeps an update that cannot be read, with the reason."""
PATIENCE = 2.5
"""Seconds after which a press or a command is acknowledged, done or not: Slack tells of an error after three."""
_SAID_WITHIN = 1.0
"""Seconds that an event waits for its answer to be said."""
_ANY = re.compile("")
_REMEMBERED = 2000
_CONTEXT = "hub"
_FAILED = "hub_failed"


class Hears(Protocol):
    """The counter, as this front end knows it."""

    async def hear(self, heard: Heard) -> Answer:
        """Does what was asked and gives what to say, after the commit. Raises Unavailable."""

    async def asked(self, heard: Heard, post: PostId, line: str) -> None:
        """The post asks the one who was heard to complete the line."""

    async def form(self, heard: Wrote | Pressed) -> Form | None:
        """The form of what was heard. Raises Refused."""

    async def overview(self, heard: Pressed, whose: Whose) -> Overview | None:
        """What the asker is to look at."""


class SlackFrontEnd:
    """The admin bot on Slack, in all workspaces where its app is installed."""

    network = NETWORK

    def __init__(
        self,
        settings: Settings,
        counter: Hears,
        slot: Slot,
        odd: Odd,
        tokens: Tokens,
        *,
        patience: float = PATIENCE,
    ) -> None:
        """`slot` waits for the account's turn in a chat; `odd` keeps what cannot be read; `tokens` gives the bot's
        token in a workspace; `patience`: seconds that Slack waits for a press to be acknowledged.
        """
        self._secret = settings.slack_signing_secret
        self._app_token = settings.slack_app_token
        self._limits = settings.slack_limits
        self._odd = odd
        self._counter = counter
        self.client = Client(settings.slack_api_url, tokens)
        self.people = People(self.client)
        self._templates = templates(NETWORK)
        self._answerer = Answerer(self.client, self._templates, slot, counter)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._interactions = Interactions(counter, self._answerer, self.client, self._keep, patience)
        self._desks: dict[str, SlackDesk] = {}
        self._taken: dict[str, asyncio.Lock] = {}
        self._done: OrderedDict[str, None] = OrderedDict()
        self._bolt = self._app()

    # -- ports.FrontEnd --------------------------------------------------------------------------------------------

    def desk(self, chat: str) -> SlackDesk:
        """The hands on the desk in that channel."""
        if chat not in self._desks:
            self._desks[chat] = SlackDesk(self.client, chat, self._templates, self._limits)
        return self._desks[chat]

    async def notify(self, identity: Identity, reply: Reply) -> PostId:
        """Says something to a user in their private chat with the app; gives the message that has its buttons."""
        team, user = user_of(identity)
        channel = await self.client.direct(team, user)
        answer = None
        for said in blocks.draw(self._templates, reply, team):
            answer = await self.client.call(
                team,
                lambda web, s=said: web.chat_postMessage(channel=channel, text=s.text, blocks=s.blocks),  # type: ignore[misc]
            )
        return PostId(str(answer.get("ts", ""))) if answer is not None else PostId("")

    async def renotify(self, identity: Identity, post: PostId, reply: Reply) -> None:
        """Puts that in the place of what was said to a user in private, as far as it fits into one message."""
        team, user = user_of(identity)
        channel = await self.client.direct(team, user)
        said, *_ = blocks.draw(self._templates, reply, team)
        await self.client.call(
            team,
            lambda web: web.chat_update(channel=channel, ts=post, text=said.text, blocks=said.blocks),
            repeatable=True,
        )

    async def hand_over(self, identity: Identity, file: OutgoingMedia) -> None:
        """Gives a user a file in their private chat with the app."""
        team, user = user_of(identity)
        await self.client.share(team, await self.client.direct(team, user), file_name(file.media), file)

    async def title(self, chat: str) -> str:
        """What that channel is called; empty where Slack does not say."""
        return await self.people.title(*channel_of(chat))

    async def problems(self, chat: str) -> list[str]:
        """What keeps the app from working in that channel."""
        team, channel = channel_of(chat)
        me = await self.client.look(team)
        answer = await self.client.ask(team, lambda web: web.conversations_info(channel=channel))
        told: Any = answer.get("channel") or {}
        found = []
        if told.get("is_archived"):
            found.append("The channel is archived: unarchive it, or make another one the desk.")
        elif not told.get("is_member"):
            found.append("I am not in this channel: invite me (/invite, or @ and my name).")
        missing = sorted(set(SCOPES) - me.scopes) if me.scopes else []
        if missing:
            named = ", ".join(missing)
            found.append(f"I lack the rights {named}: update the app from its manifest and install it again.")
        return found

    def owns(self, identity: Identity) -> bool:
        """Whether the identity is Slack's."""
        return identity.startswith(f"{NETWORK}:")

    # -- the doors -------------------------------------------------------------------------------------------------

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Called before anything is parsed; header names are in lower case. Raises NotGenuine."""
        entry.verify(headers, body, self._secret, time.time())

    def team_of(self, body: bytes, content_type: str = "application/json") -> str:
        """The workspace that a genuine request is for. Raises Anomalous."""
        return hearing.team_of(entry.read(body, content_type))

    async def take(self, body: bytes, content_type: str = "application/json") -> bytes | dict[str, Any] | None:
        """Hears one request whole, and gives what to answer. Raises Unavailable, and then it must not be acknowledged;
        and Anomalous for what Slack would not send.
        """
        read = entry.read(body, content_type)
        try:
            context = await self._context(read)
            request = AsyncBoltRequest(mode="socket_mode", body=read)
            request.context[_CONTEXT] = context
            response = await self._bolt.async_dispatch(request)
        except Unavailable:
            raise
        except Exception as error:  # a fault of ours must not block what comes after it
            log.exception("a request of Slack's failed")
            await self._odd(body, f"This update of the Slack app failed in the hub: {type(error).__name__}.")
            return None
        failed = request.context.get(_FAILED)
        if isinstance(failed, Unavailable):
            raise failed
        if failed is not None:
            await self._odd(body, f"This update of the Slack app failed in the hub: {type(failed).__name__}.")
        elif response.status >= 500:
            await self._odd(body, "This update of the Slack app cannot be read.")
        return _answered(response)

    async def listen(self, take: Callable[[bytes], Awaitable[object]]) -> None:
        """Connects by Socket Mode and hands over each update until cancelled; see ports.Listens."""
        await listen(self.client, self._app_token, take)

    async def close(self) -> None:
        """Lets go of connections and of what is still to be said."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.client.close()

    # -- who and where -----------------------------------------------------------------------------------------------

    async def _context(self, body: Mapping[str, Any]) -> Context | None:
        """What must be known to read it; None for what is of no workspace, or of one that has thrown the app out."""
        team = hearing.team_of(body)
        event = body.get("event")
        if isinstance(event, dict) and event.get("type") in ("app_uninstalled", "tokens_revoked"):
            self.client.forget(team)
            return None
        if not team or body.get("type") in ("url_verification", "app_rate_limited"):
            return None
        try:
            me = await self.client.me(team)
            names = await self.people.named(team, hearing.people_in(body))
        except ChannelDead as error:
            log.warning("an update of the workspace %s is passed by: %s", team, error.text)
            return None
        except DeliveryError as error:
            raise Unavailable(error.text) from error
        return Context(team, me.user, me.bot, names, datetime.now(UTC))

    # -- Bolt --------------------------------------------------------------------------------------------------------

    def _app(self) -> AsyncApp:
        """Bolt's app. Whatever comes has a listener, so that nothing is answered by an error."""
        web = AsyncWebClient(base_url=self.client.base_url, retry_handlers=[])
        app = AsyncApp(
            name="hub",
            client=web,
            process_before_response=True,
            request_verification_enabled=False,  # done before anything is parsed
            ignoring_self_events_enabled=False,  # done in hearing, which wants to know of the app's own deleted cards
            authorize=_authorize,
        )
        app.event(_ANY)(self._event)
        app.action(_ANY)(self._interaction)
        app.command(_ANY)(self._interaction)
        app.shortcut(_ANY)(self._interaction)
        app.view(_ANY)(self._interaction)
        app.options(_ANY)(self._interaction)
        return app

    async def _event(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await self._guarded(context, self._hear_event(body, context.get(_CONTEXT)))

    async def _interaction(self, body: dict[str, Any], ack: AsyncAck, context: AsyncBoltContext) -> None:
        known = context.get(_CONTEXT)
        answer: dict[str, Any] = {}
        if isinstance(known, Context):
            answer = await self._guarded(context, self._interactions.attend(body, known)) or {}
        await ack(**answer)

    async def _guarded(self, context: AsyncBoltContext, doing: Coroutine[Any, Any, Any]) -> Any:
        """A fault is kept for `take`: Bolt would make an answer of its own of it."""
        try:
            return await doing
        except Exception as error:
            if not isinstance(error, Unavailable):
                log.exception("an update of Slack's failed")
            context[_FAILED] = error
            return None

    # -- events ------------------------------------------------------------------------------------------------------

    async def _hear_event(self, body: dict[str, Any], context: Context | None) -> None:
        if context is None:
            return
        event = body.get("event") or {}
        if event.get("type") == "app_home_opened":
            if event.get("tab") == "home":
                self._keep(self._interactions.show_home(str(event.get("user") or ""), context))
            return
        heard = hearing.hear_event(body, context)
        if heard is not None:
            await self._hear_once(heard)

    async def _hear_once(self, heard: Heard) -> None:
        """A message that mentions the app is told of twice, and what was told late is told again."""
        try:
            async with self._taken.setdefault(heard.update, asyncio.Lock()):
                if heard.update in self._done:
                    return
                answer = await self._counter.hear(heard)
                self._done[heard.update] = None
        finally:
            self._taken.pop(heard.update, None)
        while len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)
        if answer != SILENCE:
            await asyncio.wait([self._keep(self._answerer.answer(heard, answer))], timeout=_SAID_WITHIN)

    def _keep(self, doing: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _answered(response: BoltResponse) -> bytes | dict[str, Any] | None:
    """What Bolt would answer, but for its errors: where nobody listens, Slack has done nothing wrong."""
    body = response.body
    if response.status != 200 or not body:
        return None
    kinds = response.headers.get("content-type") or [""]
    if kinds[0].startswith("application/json"):
        read = json.loads(body)
        return read if isinstance(read, dict) else None
    return body.encode()


async def _authorize(context: AsyncBoltContext) -> AuthorizeResult:
    """From what is known already: no call for each event. Tokens are found when something is to be said."""
    known = context.get(_CONTEXT)
    bot = known.bot_user if isinstance(known, Context) else None
    return AuthorizeResult(enterprise_id=context.enterprise_id, team_id=context.team_id, bot_user_id=bot)

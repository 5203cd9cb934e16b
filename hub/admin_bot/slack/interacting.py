"""What people press, type behind the slash and fill in: acknowledged within three seconds, after the commit."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from slack_sdk.models.views import View

from hub.admin_bot import dispatch, forms, replies
from hub.admin_bot.drawing import Carried
from hub.admin_bot.forms import Form
from hub.admin_bot.heard import Answer, Heard, Pressed, Spot, Wrote
from hub.admin_bot.overview import Overview, Whose
from hub.admin_bot.slack import blocks, hearing, modals
from hub.admin_bot.slack.answering import Answerer, Knock
from hub.admin_bot.slack.client import Client
from hub.admin_bot.slack.hearing import NETWORK, Context, chat_of, presser
from hub.admin_bot.slack.home import home_view, shown, whose_of
from hub.domain.gate import command_text
from hub.domain.ids import PostId
from hub.domain.reply import Reply
from hub.domain.text import Text
from hub.errors import DeliveryError, HubError, Unavailable

log = logging.getLogger(__name__)

Keep = Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]]
"""Begins something that goes on after the acknowledgement."""
AWAY = "Nothing was done: the database cannot be reached just now. Please try again in a moment."
TOO_OLD = "This button is too old. Type the command instead; /help lists them."
_REMEMBERED = 2000
_REFUSALS = ("refused", "stale", "broken", "fresh_wrong")


class Serves(Protocol):
    """The counter."""

    async def hear(self, heard: Heard) -> Answer:
        """Does what was asked and gives what to say, after the commit. Raises Unavailable."""

    async def form(self, heard: Wrote | Pressed) -> Form | None:
        """The form of what was heard. Raises Refused."""

    async def overview(self, heard: Pressed, whose: Whose) -> Overview | None:
        """What the asker is to look at."""


class Interactions:
    """Attends to presses, commands, shortcuts and dialogs. Slack never tells of them twice, so no fault is left to it:
    whoever asked is told.
    """

    def __init__(self, counter: Serves, answerer: Answerer, client: Client, keep: Keep, patience: float) -> None:
        self._counter = counter
        self._answerer = answerer
        self._client = client
        self._keep = keep
        self._patience = patience
        self._opened: OrderedDict[str, None] = OrderedDict()

    async def attend(self, body: Mapping[str, Any], context: Context) -> dict[str, Any] | None:
        """Does it; gives what the acknowledgement is to say."""
        kind = body.get("type")
        if kind == "view_submission":
            return await self._submitted(body, context)
        doing: Coroutine[Any, Any, None] | None = None
        if kind == "block_actions":
            doing = self._actions(body, context)
        elif kind == "message_action":
            doing = self._shortcut(body, context)
        elif "command" in body:
            doing = self._command(body, context)
        if doing is not None:
            await self._within(doing)
        return None

    async def _within(self, doing: Coroutine[Any, Any, Any]) -> None:
        """Waits for it as long as Slack does; it goes on after that."""
        task = self._keep(doing)
        await asyncio.wait([task], timeout=self._patience)
        if task.done() and not task.cancelled() and task.exception():
            raise task.exception() or RuntimeError

    # -- presses -----------------------------------------------------------------------------------------------------

    async def _actions(self, body: Mapping[str, Any], context: Context) -> None:
        for action in body.get("actions") or ():
            if isinstance(action, dict):
                await self._action(body, action, context)

    async def _action(self, body: Mapping[str, Any], action: Mapping[str, Any], context: Context) -> None:
        id = str(action.get("action_id") or "")
        if id.startswith(f"{blocks.OPEN}:") or _nobody_picked(id, action):
            return
        whose = whose_of(id)
        if whose is not None:
            await self._publish(body, context, whose)
            return
        heard = hearing.hear_action(body, action, context)
        if heard is None:
            await self._too_old(body, context)
        elif _in_home(body):
            await self._press_home(body, heard, context)
        else:
            knock = _knock(body)
            if not await self._opened_form(heard, knock):
                await self._serve(heard, knock)

    async def _too_old(self, body: Mapping[str, Any], context: Context) -> None:
        """Never silence."""
        heard = hearing.pressed(body, Carried(0, "help"), context)
        await self._answerer.answer(heard, Answer(reply=replies.refused(TOO_OLD)), _knock(body))

    async def _serve(self, heard: Heard, knock: Knock) -> None:
        await self._answerer.answer(heard, await self._hear(heard), knock)

    async def _hear(self, heard: Heard) -> Answer:
        try:
            return await self._counter.hear(heard)
        except Unavailable:
            return Answer(reply=replies.refused(AWAY))

    # -- dialogs -----------------------------------------------------------------------------------------------------

    async def _opened_form(self, heard: Wrote | Pressed, knock: Knock, *, always: bool = False) -> bool:
        """Opens the dialog of a command that has one; False: it has none, or Slack opens none any more."""
        try:
            line = dispatch.read(Text(heard.line) if isinstance(heard, Pressed) else command_text(heard.text))
            if not always and not forms.asks(line.command, line.rest.plain):
                return False
            form = await self._counter.form(heard)
        except HubError:
            return False
        return await self._open_once(heard, modals.form_view(form, heard) if form is not None else None, knock)

    async def _open_once(self, heard: Wrote | Pressed, view: View | None, knock: Knock) -> bool:
        """What is told again must not be done without the dialog that it has opened already."""
        if heard.update in self._opened:
            return True
        self._opened[heard.update] = None
        while len(self._opened) > _REMEMBERED:
            self._opened.popitem(last=False)
        opened = await self._answerer.open_dialog(heard, view, knock)
        if not opened:
            self._opened.pop(heard.update, None)
        return opened

    async def _submitted(self, body: Mapping[str, Any], context: Context) -> dict[str, Any] | None:
        view = body.get("view")
        heard = (
            modals.submitted(view, hearing.trigger_of(body, context), presser(body, context), context.now)
            if isinstance(view, dict)
            else None
        )
        if heard is None or not isinstance(view, dict):
            return None
        task = self._keep(self._hear(heard))
        await asyncio.wait([task], timeout=self._patience)
        if not task.done():
            self._keep(self._afterwards(heard, task))
            return None
        reply = task.result().reply
        if reply is not None and reply.template in _REFUSALS:
            return modals.refusal(view, self._answerer.words(reply))
        self._keep(self._answerer.answer(heard, task.result()))
        return None

    async def _afterwards(self, heard: Heard, task: asyncio.Task[Answer]) -> None:
        await self._answerer.answer(heard, await task)

    # -- commands ----------------------------------------------------------------------------------------------------

    async def _command(self, body: Mapping[str, Any], context: Context) -> None:
        heard, knock = hearing.hear_command(body, context), _knock(body)
        if not await self._opened_form(heard, knock):
            await self._serve(heard, knock)

    async def _shortcut(self, body: Mapping[str, Any], context: Context) -> None:
        heard, knock = hearing.hear_shortcut(body, context), _knock(body)
        if heard is not None and not await self._opened_form(heard, knock, always=True):
            await self._serve(heard, knock)

    # -- App Home ----------------------------------------------------------------------------------------------------

    async def show_home(self, user: str, context: Context) -> None:
        """Shows the agent who opened it their inbox."""
        await self._publish({"user": {"id": user, "team_id": context.team}}, context, "waiting")

    async def _press_home(self, body: Mapping[str, Any], heard: Pressed, context: Context) -> None:
        answer = await self._hear(heard)
        await self._publish(body, context, shown(body.get("view")), answer.reply)

    async def _publish(
        self, body: Mapping[str, Any], context: Context, whose: Whose, said: Reply | None = None
    ) -> None:
        asker = presser(body, context)
        user = asker.identity.rpartition(":")[2]
        spot = Spot(network=NETWORK, chat=chat_of(context.team, user), private=True)
        heard = Pressed(
            update="", asker=asker, spot=spot, at=context.now, post=PostId(hearing.HIDDEN), line="", version=0
        )
        try:
            overview = await self._counter.overview(heard, whose)
            view = home_view(overview, self._answerer.words(said) if said else "")
            await self._client.call(
                context.team, lambda web: web.views_publish(user_id=user, view=view), repeatable=True
            )
        except (DeliveryError, Unavailable) as error:
            log.warning("the inbox of %s was not shown: %s", asker.identity, error.text)


def _nobody_picked(id: str, action: Mapping[str, Any]) -> bool:
    return id.startswith(f"{blocks.PICK}:") and not action.get("selected_user")


def _in_home(body: Mapping[str, Any]) -> bool:
    view = body.get("view")
    return isinstance(view, dict) and view.get("type") == "home"


def _knock(body: Mapping[str, Any]) -> Knock:
    message = body.get("message")
    return Knock(
        trigger=str(body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
        message=message if isinstance(message, dict) else {},
    )

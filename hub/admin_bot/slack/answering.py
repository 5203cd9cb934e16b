"""Saying the counter's answers: to the asker alone where Slack can. What is answered is committed already, so that
nothing here may fail the update.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import aiohttp
import msgspec
from slack_sdk.models.views import View

from hub.admin_bot.drawing import Templates
from hub.admin_bot.heard import Answer, Heard, Pressed, Spot, Wrote
from hub.admin_bot.replies import CANCEL
from hub.admin_bot.slack import blocks, modals
from hub.admin_bot.slack.blocks import CARD_ID, ROW_ID, Words
from hub.admin_bot.slack.client import Client
from hub.admin_bot.slack.format import fallback, joined, styled
from hub.admin_bot.slack.hearing import channel_of, chat_of, hidden, user_of
from hub.domain.ids import PostId, ThreadId
from hub.domain.reply import Reply, unseen
from hub.domain.text import Text
from hub.errors import DeliveryError, TemporaryFailure, Unavailable, Undeliverable

log = logging.getLogger(__name__)

Slot = Callable[[str, str, int], AbstractAsyncContextManager[None]]
"""Enters when the account (first) may post that many (last) in the chat (second), which is to be done within."""

_TRIES = 3
_LONGEST_WAIT = 60.0


class Asks(Protocol):
    """Who must know which post asks for an argument."""

    async def asked(self, heard: Heard, post: PostId, line: str) -> None:
        """The post asks the one who was heard to complete the line."""


class Knock(msgspec.Struct, frozen=True):
    """How whoever was heard can be answered besides by posting. `message`: the one whose button was pressed."""

    trigger: str = ""
    response_url: str = ""
    message: Mapping[str, Any] = {}


class Answerer:
    """Says answers. `close` ends what is still to be said."""

    def __init__(self, client: Client, templates: Templates, slot: Slot, asks: Asks) -> None:
        self._client = client
        self._templates = templates
        self._slot = slot
        self._asks = asks

    async def answer(self, heard: Heard, answer: Answer, knock: Knock | None = None) -> None:
        """Says it. Never raises: what was done is done."""
        try:
            await self._say(heard, answer, knock or Knock())
        except (DeliveryError, Unavailable) as error:
            log.warning("an answer in %s was not said: %s", heard.spot.chat, error.text)
        except Exception:  # committed is committed: a fault of ours while answering is for the log
            log.exception("an answer in %s was not said", heard.spot.chat)

    async def _say(self, heard: Heard, answer: Answer, knock: Knock) -> None:
        if answer.delete_post and not hidden(answer.delete_post):
            await self._delete(heard, answer.delete_post)
        reply = answer.reply
        if reply is None:
            return
        if answer.redraw and isinstance(heard, Pressed) and _replaceable(heard, reply, knock):
            await self._redraw(heard, reply, knock)
        elif reply.ask and isinstance(heard, (Wrote, Pressed)):
            await self._ask(heard, reply, knock)
        else:
            await self._tell(heard, reply, knock)

    async def _delete(self, heard: Heard, post: PostId) -> None:
        team, channel = channel_of(heard.spot.chat)
        try:
            await self._client.call(team, lambda web: web.chat_delete(channel=channel, ts=post), repeatable=True)
        except DeliveryError as error:
            log.info("a message in %s was not taken away: %s", heard.spot.chat, error.text)

    # -- drawing -----------------------------------------------------------------------------------------------------

    def words(self, reply: Reply) -> str:
        """The reply in plain words, for a dialog."""
        try:
            return blocks.told(self._templates, reply, thread=False).plain
        except Exception:
            log.exception("the reply %r cannot be drawn", reply.template)
            return "Heard, but the hub could not show the answer; its log says why."

    def _draw(self, heard: Heard, reply: Reply) -> list[Words]:
        """What was done is done: the asker hears of it even where it cannot be told well."""
        team, _ = channel_of(heard.spot.chat)
        try:
            return blocks.draw(self._templates, reply, team, thread=bool(heard.spot.thread))
        except Undeliverable as error:
            return [blocks.words(Text(error.text), team)]

    # -- in place of what was pressed --------------------------------------------------------------------------------

    async def _redraw(self, heard: Pressed, reply: Reply, knock: Knock) -> None:
        """In place of the pressed message's words; with an empty template only its buttons change."""
        drawn = self._draw(heard, reply)
        said = drawn[0] if reply.template else _with_rows(knock.message, drawn[-1].blocks)
        if hidden(heard.post):
            await self._respond(knock, said, replace_original=True)
            return
        team, channel = channel_of(heard.spot.chat)
        await self._patiently(
            heard,
            lambda: self._client.call(
                team,
                lambda web: web.chat_update(channel=channel, ts=heard.post, text=said.text, blocks=said.blocks),
                repeatable=True,
            ),
        )

    # -- questions ---------------------------------------------------------------------------------------------------

    async def _ask(self, heard: Wrote | Pressed, reply: Reply, knock: Knock) -> None:
        """A dialog where whoever pressed still waits for one, else a prompt where they can answer it."""
        if knock.trigger and all(button.label == CANCEL for row in reply.rows for button in row):
            question = blocks.told(self._templates, reply, thread=bool(heard.spot.thread))
            if await self.open_dialog(heard, modals.ask_view(question, reply.ask, heard), knock):
                return
        spot = await self._where_to_ask(heard)
        *_, said = self._draw(heard, reply)
        if not spot.private:
            said = _addressed(said, heard)
        stamp = await self._post(heard, spot, said)
        if stamp:
            await self._asks.asked(msgspec.structs.replace(heard, spot=spot), stamp, reply.ask)

    async def open_dialog(self, heard: Heard, view: View | None, knock: Knock) -> bool:
        """Opens it, if Slack still lets us."""
        if view is None or not knock.trigger:
            return False
        team, _ = channel_of(heard.spot.chat)
        try:
            await self._client.call(team, lambda web: web.views_open(trigger_id=knock.trigger, view=view))
        except DeliveryError as error:
            log.info("a dialog was not opened: %s", error.text)
            return False
        return True

    async def _where_to_ask(self, heard: Wrote | Pressed) -> Spot:
        """In the thread; below a message of the channel in its own; else in private, where the answer is seen."""
        spot = heard.spot
        if spot.private or (spot.thread and not spot.whispered):
            return spot
        if isinstance(heard, Wrote) and not hidden(heard.post):
            return msgspec.structs.replace(spot, thread=ThreadId(heard.post))
        team, user = user_of(heard.asker.identity)
        return Spot(network=spot.network, chat=chat_of(team, await self._client.direct(team, user)), private=True)

    # -- the ways of telling -----------------------------------------------------------------------------------------

    async def _tell(self, heard: Heard, reply: Reply, knock: Knock) -> None:
        if reply.picture and not await self._show(heard, reply.picture):
            reply = unseen(reply)
        for said in self._draw(heard, reply):
            if heard.spot.private or (reply.lasting and not heard.spot.whispered):
                await self._post(heard, heard.spot, said)
            elif reply.lasting:
                await self._for_all(heard, said, knock)
            else:
                await self._to_asker(heard, said, knock)

    async def _show(self, heard: Heard, picture: bytes) -> bool:
        """In the asker's private chat, wherever they asked; whether it is there."""
        team, user = user_of(heard.asker.identity)
        try:
            await self._client.show(team, await self._client.direct(team, user), picture)
        except DeliveryError as error:
            log.warning("a picture for somebody was not shown: %s", error.text)
            return False
        return True

    async def _for_all(self, heard: Heard, said: Words, knock: Knock) -> None:
        """To be seen by all who are in the channel; where the app is not, by the asker."""
        try:
            await self._post(heard, heard.spot, said)
        except DeliveryError:
            await self._to_asker(heard, said, knock)

    async def _to_asker(self, heard: Heard, said: Words, knock: Knock) -> None:
        """Seen by the asker alone; where that is refused, in their private chat."""
        if heard.asker.writer in ("bot", "service"):
            return
        if heard.spot.whispered and knock.response_url:
            await self._respond(knock, said)
            return
        try:
            await self._ephemeral(heard, said)
        except DeliveryError as error:
            log.info("an answer in %s is told in private: %s", heard.spot.chat, error.text)
            team, user = user_of(heard.asker.identity)
            own, _ = channel_of(heard.spot.chat)
            if team != own:
                return
            chat = chat_of(team, await self._client.direct(team, user))
            await self._post(heard, Spot(network=heard.spot.network, chat=chat, private=True), said)

    async def _ephemeral(self, heard: Heard, said: Words) -> None:
        team, channel = channel_of(heard.spot.chat)
        _, user = user_of(heard.asker.identity)
        await self._patiently(
            heard,
            lambda: self._client.call(
                team,
                lambda web: web.chat_postEphemeral(
                    channel=channel,
                    user=user,
                    text=said.text,
                    blocks=said.blocks,
                    thread_ts=heard.spot.thread or None,
                ),
            ),
        )

    async def _post(self, heard: Heard, spot: Spot, said: Words) -> PostId:
        team, channel = channel_of(spot.chat)
        thread = spot.thread or (heard.answers if isinstance(heard, Wrote) and spot.private else None)
        answer = await self._patiently(
            heard,
            lambda: self._client.call(
                team,
                lambda web: web.chat_postMessage(
                    channel=channel,
                    text=said.text,
                    blocks=said.blocks,
                    thread_ts=thread or None,
                    unfurl_links=False,
                    unfurl_media=False,
                ),
            ),
        )
        return PostId(str(answer.get("ts", ""))) if answer is not None else PostId("")

    async def _respond(self, knock: Knock, said: Words, *, replace_original: bool = False) -> None:
        """By the address that came with the press or the command; five times within half an hour."""
        if not knock.response_url:
            raise Undeliverable("Slack gave no address to answer at.")
        body = {
            "response_type": "ephemeral",
            "replace_original": replace_original,
            "text": said.text,
            "blocks": said.blocks,
        }
        try:
            async with self._client.session().post(knock.response_url, json=body) as response:
                await response.read()
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise TemporaryFailure("Slack cannot be reached.") from None
        if status != 200:
            raise Undeliverable(f"Slack answered {status}.")

    async def _patiently(self, heard: Heard, doing: Callable[[], Awaitable[Any]]) -> Any:
        """Calls in its turn, and again where Slack asks to wait; a lost answer is not said twice."""
        team, _ = channel_of(heard.spot.chat)
        for attempt in range(_TRIES):
            try:
                async with self._slot(f"slack:{team}", heard.spot.chat, 1):
                    return await doing()
            except TemporaryFailure as error:
                if not error.limited and error.retry_after is None and attempt:
                    raise
                wait = error.retry_after if error.retry_after is not None else 0.5 * 2**attempt
                if attempt == _TRIES - 1 or wait > _LONGEST_WAIT:
                    raise
                await asyncio.sleep(wait)
        return None


def _replaceable(heard: Pressed, reply: Reply, knock: Knock) -> bool:
    """Whether the reply can take the place of what was pressed: not of a contact's words, nor of what only the asker
    sees where no address came along, as after a dialog.
    """
    if hidden(heard.post) and not knock.response_url:
        return False
    return not (reply.template and _shows_contact(knock.message))


def _shows_contact(message: Mapping[str, Any]) -> bool:
    """Whether the message is a conversation's card, or carries the buttons of a spell: then its words are no answer."""
    for block in _blocks(message):
        if block.get("block_id") == CARD_ID:
            return True
        values = [str(e.get("value") or "") for e in block.get("elements") or () if isinstance(e, dict)]
        if any(v.partition(":")[2].startswith("more ") for v in values):
            return True
    return False


def _with_rows(message: Mapping[str, Any], rows: Sequence[dict[str, Any]]) -> Words:
    """The message with other buttons."""
    kept = [b for b in _blocks(message) if not str(b.get("block_id") or "").startswith(ROW_ID)]
    return Words(str(message.get("text") or "…"), [*kept, *rows])


def _blocks(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = message.get("blocks")
    return [b for b in found if isinstance(b, dict)] if isinstance(found, list) else []


def _addressed(said: Words, heard: Heard) -> Words:
    """With the asker's name, who is notified so."""
    team, _ = channel_of(heard.spot.chat)
    name = styled(f"@{heard.asker.name}", "mention", heard.asker.identity)
    named = blocks.words(name, team)
    return Words(said.text + "\n" + fallback(joined([name])), [*named.blocks, *said.blocks])

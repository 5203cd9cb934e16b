"""Saying the counter's answers: to the asker alone where Telegram can. What is answered is committed already, so that
nothing here may fail the update.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import msgspec
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    EditEphemeralMessageText,
    EditMessageCaption,
    EditMessageReplyMarkup,
    EditMessageText,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.types import (
    BufferedInputFile,
    EphemeralMessageParameters,
    ForceReply,
    InlineKeyboardMarkup,
    ReplyParameters,
)
from aiogram.types import Message as Posted

from hub.admin_bot.drawing import Templates
from hub.admin_bot.heard import Answer, Heard, Pressed, Rewrote, Wrote
from hub.admin_bot.telegram.client import Client
from hub.admin_bot.telegram.format import CAPTION_LIMIT, clipped, read_html, shortened
from hub.admin_bot.telegram.hearing import ephemeral_id, post_id
from hub.admin_bot.telegram.keyboard import draw
from hub.admin_bot.telegram.markup import mention
from hub.domain.ids import PostId
from hub.domain.pictures import file_name
from hub.domain.reply import Reply, unseen
from hub.errors import DeliveryError, TemporaryFailure, Unavailable, Undeliverable

log = logging.getLogger(__name__)

Slot = Callable[[str, str, int], AbstractAsyncContextManager[None]]
"""Enters when the account (first) may post that many (last) in the chat (second), which is to be done within."""

ALERT_LIMIT = 200
FLEETING_SECONDS = 20.0
"""How long an answer for the asker alone stays where Telegram cannot show it to them alone."""
PATIENCE = 3.0
"""Seconds that an update waits for its answer to be said; a full group must not keep the next update waiting."""
_TRIES = 3
_LONGEST_WAIT = 60.0


class Asks(Protocol):
    """Who must know which post asks for an argument."""

    async def asked(self, heard: Heard, post: PostId, line: str) -> None:
        """The post asks the one who was heard to complete the line."""


class Query(msgspec.Struct, frozen=True):
    """The press of a button, as Telegram wants it answered. `media`: its message's words are a caption; `relay`: they
    are a contact's.
    """

    id: str
    media: bool = False
    relay: bool = False


class Answerer:
    """Says answers. `close` ends what is still to be said or taken away."""

    def __init__(self, client: Client, templates: Templates, slot: Slot, asks: Asks, fleeting: float) -> None:
        self._client = client
        self._templates = templates
        self._slot = slot
        self._asks = asks
        self._fleeting = fleeting
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, heard: Heard, answer: Answer, query: Query | None = None) -> None:
        """Says it now, or soon: returns after a few seconds at most."""
        task = asyncio.create_task(self._quietly(heard, answer, query))
        self._keep(task)
        await asyncio.wait([task], timeout=PATIENCE)

    async def close(self) -> None:
        """Ends what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, heard: Heard, answer: Answer, query: Query | None) -> None:
        try:
            await self._say(heard, answer, query)
        except (DeliveryError, Unavailable) as error:
            log.warning("an answer in %s was not said: %s", heard.spot.chat, error.text)
        except Exception:  # committed is committed: a fault of ours while answering is for the log
            log.exception("an answer in %s was not said", heard.spot.chat)

    async def _say(self, heard: Heard, answer: Answer, query: Query | None) -> None:
        if answer.delete_post:
            await self._delete(heard, answer.delete_post)
        reply = answer.reply
        alert = reply if reply is not None and reply.alert else None
        if query is not None:
            await self._answer_query(query, alert)
        if reply is None or (query is not None and alert is not None):
            return
        # A contact's words are never replaced, whatever the counter knows of the post yet.
        if answer.redraw and isinstance(heard, Pressed) and not (query and query.relay and reply.template):
            await self._redraw(heard, reply, query)
        elif reply.ask:
            await self._ask(heard, reply)
        else:
            await self._tell(heard, reply, query)

    # -- the ways of saying ----------------------------------------------------------------------------------------

    async def _answer_query(self, query: Query, reply: Reply | None) -> None:
        await self._alert(query, self._alert_words(reply) if reply else "")

    def _alert_words(self, reply: Reply) -> str:
        """Never empty: whoever pressed is told something."""
        return read_html(self._draw(reply)[0][0]).plain or "…"

    def _draw(self, reply: Reply) -> tuple[list[str], InlineKeyboardMarkup | None]:
        """What was done is done: the asker hears of it even where it cannot be told well."""
        try:
            return draw(self._templates, reply)
        except Undeliverable as error:
            return [error.text], None

    async def _alert(self, query: Query, words: str) -> None:
        text = clipped(words, ALERT_LIMIT) if words else None
        method = AnswerCallbackQuery(callback_query_id=query.id, text=text, show_alert=bool(text))
        try:
            await self._client.call(method, repeatable=True)
        except DeliveryError as error:
            log.info("a button's press was not answered: %s", error.text)

    async def too_old(self, query: Query) -> None:
        """Tells whoever pressed a button of no use any more; never silence."""
        await self._alert(query, "This button is too old. Type the command instead, or /help.")

    async def _delete(self, heard: Heard, post: PostId) -> None:
        if ephemeral_id(post) is not None:
            return
        try:
            await self._patiently(heard, DeleteMessage(chat_id=heard.spot.chat, message_id=int(post)), cost=0)
        except DeliveryError as error:
            log.warning("a message in %s was not taken away: %s", heard.spot.chat, error.text)

    async def _redraw(self, heard: Pressed, reply: Reply, query: Query | None) -> None:
        """In place of the pressed message's words; with an empty template only its buttons change."""
        await self._patiently(heard, self._redrawn(heard, reply, media=query is not None and query.media))

    def _redrawn(self, heard: Pressed, reply: Reply, *, media: bool) -> TelegramMethod[Any]:
        chat, ephemeral = heard.spot.chat, ephemeral_id(heard.post)
        (text, *_), rows = self._draw(reply)
        if ephemeral is not None:
            return EditEphemeralMessageText(
                chat_id=chat,
                receiver_user_id=_user(heard),
                ephemeral_message_id=ephemeral,
                text=text,
                reply_markup=rows,
            )
        post = int(heard.post)
        if not text:
            return EditMessageReplyMarkup(chat_id=chat, message_id=post, reply_markup=rows)
        if media:
            words = shortened(text, CAPTION_LIMIT)
            return EditMessageCaption(chat_id=chat, message_id=post, caption=words, reply_markup=rows)
        return EditMessageText(chat_id=chat, message_id=post, text=text, reply_markup=rows)

    async def _ask(self, heard: Heard, reply: Reply) -> None:
        """A prompt. The reply field opens for the asker alone: for whom it answers, or whom it names."""
        (text, *_), rows = self._draw(reply)
        replied = _replied(heard)
        if replied is None and not heard.spot.private:
            text = f"{text}\n{mention(heard.asker.identity, heard.asker.name)}"
        force = ForceReply(force_reply=True, selective=not heard.spot.private)
        method = SendMessage(
            chat_id=heard.spot.chat,
            message_thread_id=_topic(heard),
            text=text,
            reply_parameters=replied,
            reply_markup=rows or force,
        )
        posted = await self._patiently(heard, method)
        if isinstance(posted, Posted):
            await self._asks.asked(heard, post_id(posted), reply.ask)

    async def _tell(self, heard: Heard, reply: Reply, query: Query | None) -> None:
        if reply.picture and not await self._show(heard, reply.picture):
            reply = unseen(reply)
        parts, rows = self._draw(reply)
        alone = not reply.lasting and not heard.spot.private and heard.asker.writer == "person"
        for place, text in enumerate(parts):
            below = rows if place == len(parts) - 1 else None
            method = SendMessage(
                chat_id=heard.spot.chat, message_thread_id=_topic(heard), text=text, reply_markup=below
            )
            if alone:
                await self._to_asker(heard, method, query)
            else:
                replied = _replied(heard) if not place else None
                await self._patiently(heard, method.model_copy(update={"reply_parameters": replied}))

    async def _show(self, heard: Heard, picture: bytes) -> bool:
        """In the asker's private chat, wherever they asked; whether it is there."""
        photo = BufferedInputFile(picture, file_name(picture))
        try:
            await self._patiently(heard, SendPhoto(chat_id=_user(heard), photo=photo))
        except DeliveryError as error:
            log.warning("a picture for somebody was not shown: %s", error.text)
            return False
        return True

    async def _to_asker(self, heard: Heard, method: SendMessage, query: Query | None) -> None:
        """Seen by the asker alone; where that is refused, a reply that takes itself away."""
        only = EphemeralMessageParameters(receiver_user_id=_user(heard), callback_query_id=query.id if query else None)
        update: dict[str, Any] = {"ephemeral_message_parameters": only}
        hidden = ephemeral_id(heard.post) if isinstance(heard, Wrote) else None
        if hidden is not None:
            update["reply_parameters"] = ReplyParameters(ephemeral_message_id=hidden)
        try:
            await self._patiently(heard, method.model_copy(update=update))
        except Undeliverable:
            posted = await self._patiently(heard, method.model_copy(update={"reply_parameters": _replied(heard)}))
            if isinstance(posted, Posted):
                self._keep(asyncio.create_task(self._take_away(heard, post_id(posted))))

    async def _take_away(self, heard: Heard, post: PostId) -> None:
        await asyncio.sleep(self._fleeting)
        await self._delete(heard, post)

    async def _patiently(self, heard: Heard, method: TelegramMethod[Any], cost: int = 1) -> Any:
        """Calls in its turn, and again where Telegram asks to wait; a lost answer is not said twice."""
        for attempt in range(_TRIES):
            try:
                async with self._slot(self._client.account, heard.spot.chat, cost):
                    return await self._client.call(method)
            except TemporaryFailure as error:
                wait = error.retry_after if error.retry_after is not None else 0.5 * 2**attempt
                if attempt == _TRIES - 1 or wait > _LONGEST_WAIT:
                    raise
                await asyncio.sleep(wait)
        return None


def _user(heard: Heard) -> int:
    return int(heard.asker.identity.partition(":")[2])


def _topic(heard: Heard) -> int | None:
    return int(heard.spot.thread) if heard.spot.thread else None


def _replied(heard: Heard) -> ReplyParameters | None:
    """Answers what was written; a pressed message's author is the bot, so that is not answered."""
    if not isinstance(heard, (Wrote, Rewrote)) or ephemeral_id(heard.post) is not None or heard.spot.private:
        return None
    return ReplyParameters(message_id=int(heard.post), allow_sending_without_reply=True)

"""The Telegram front end: desks, private notices, and the loop's three doors: poll, verify, take."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from aiogram import Dispatcher, Router
from aiogram.methods import (
    DeleteWebhook,
    EditMessageText,
    GetChat,
    GetChatMember,
    GetMe,
    SendDocument,
    SendMessage,
    SetWebhook,
    TelegramMethod,
)
from aiogram.types import CallbackQuery, Message, MessageReactionUpdated, Update
from pydantic import ValidationError

from hub.admin_bot.drawing import templates
from hub.admin_bot.heard import Answer, Heard
from hub.admin_bot.telegram import hearing, relaying, rights
from hub.admin_bot.telegram.answering import FLEETING_SECONDS, Answerer, Query, Slot
from hub.admin_bot.telegram.client import ALLOWED_UPDATES, Client
from hub.admin_bot.telegram.desk import TelegramDesk
from hub.admin_bot.telegram.files import Streamed
from hub.admin_bot.telegram.hearing import NETWORK, Context
from hub.admin_bot.telegram.keyboard import UNFOLD, draw
from hub.admin_bot.telegram.menus import Listed, set_menus
from hub.domain.ids import Identity, PostId
from hub.domain.ports import Account, OutgoingMedia
from hub.domain.reply import Reply
from hub.errors import DeliveryError, Gone, NotGenuine, Refused, TemporaryFailure, Unavailable
from hub.settings import Limits, Settings

T = TypeVar("T")
log = logging.getLogger(__name__)

_LOOK_SECONDS = 10
"""An agent waits for what Telegram says of a group."""
_UPLOAD_SECONDS = 180
Odd = Callable[[bytes, str], Awaitable[None]]
"""Keeps an update that cannot be read, with the reason."""


class Hears(Protocol):
    """The counter, as this front end knows it."""

    async def hear(self, heard: Heard) -> Answer:
        """Does what was asked and gives what to say, after the commit. Raises Unavailable."""

    async def asked(self, heard: Heard, post: PostId, line: str) -> None:
        """The post asks the one who was heard to complete the line."""


class TelegramFrontEnd:
    """The admin bot on Telegram. The hub owns the loop: `take` returns when an update is committed and answered."""

    network = NETWORK

    def __init__(
        self, settings: Settings, counter: Hears, slot: Slot, odd: Odd, *, fleeting: float = FLEETING_SECONDS
    ) -> None:
        """`slot` waits for the account's turn in a chat; `odd` keeps what cannot be read; `fleeting`: seconds that an
        answer for one person stays where all see it.
        """
        self.client = Client(settings.telegram_token, settings.telegram_api_url)
        self._limits: Limits = settings.telegram_limits
        self._counter = counter
        self._odd = odd
        self._templates = templates(NETWORK)
        self._answerer = Answerer(self.client, self._templates, slot, counter, fleeting)
        self._hook_secret = ""
        self._desks: dict[str, TelegramDesk] = {}
        self._api = settings.telegram_api_url
        self._relays: dict[str, Client] = {}
        self._dispatcher = Dispatcher(disable_fsm=True)
        self._dispatcher.include_router(self._router())
        # aiogram tells of every update, and of nothing that the hub does not.
        logging.getLogger("aiogram.event").setLevel(logging.WARNING)

    @property
    def account(self) -> str:
        """Names the bot's account, whose limits all desks share."""
        return self.client.account

    # -- ports.FrontEnd --------------------------------------------------------------------------------------------

    def desk(self, chat: str) -> TelegramDesk:
        """The hands on the desk in that group."""
        if chat not in self._desks:
            self._desks[chat] = TelegramDesk(self.client, chat, self._limits, self._templates)
        return self._desks[chat]

    async def examine_relay(self, chat: str, token: str) -> Account:
        """Whose bot it is, where it may post in the group. Raises Refused with what to mend."""
        if not relaying.is_token(token):
            raise Refused("That is no bot's token: @BotFather shows it, such as 123456789:AAF… .")
        return await relaying.examine(self.client, self._relay_client(token), chat)

    def relay_desk(self, chat: str, token: str) -> relaying.RelayDesk:
        """A further bot's hands on the desk in that group."""
        return relaying.RelayDesk(self._relay_client(token), chat, self._limits, self._templates)

    def _relay_client(self, token: str) -> Client:
        if token not in self._relays:
            self._relays[token] = Client(token, self._api)
        return self._relays[token]

    async def notify(self, identity: Identity, reply: Reply) -> PostId:
        """Says something to a user in their private chat with the bot; gives the message that has its buttons."""
        parts, rows = draw(self._templates, reply)
        posted: Message | None = None
        for place, text in enumerate(parts):
            below = rows if place == len(parts) - 1 else None
            posted = await self.client.call(SendMessage(chat_id=_chat(identity), text=text, reply_markup=below))
        return PostId(str(posted.message_id)) if posted is not None else PostId("")

    async def renotify(self, identity: Identity, post: PostId, reply: Reply) -> None:
        """Puts that in the place of what was said to a user in private, as far as it fits into one message."""
        (text, *_), rows = draw(self._templates, reply)
        method = EditMessageText(chat_id=_chat(identity), message_id=int(post), text=text, reply_markup=rows)
        await self.client.call(method, repeatable=True)

    async def hand_over(self, identity: Identity, file: OutgoingMedia) -> None:
        """Gives a user a file in their private chat with the bot."""
        streamed = Streamed(file)
        try:
            await self.client.call(SendDocument(chat_id=_chat(identity), document=streamed), seconds=_UPLOAD_SECONDS)
        except DeliveryError:
            if streamed.failure is not None:
                raise Gone(streamed.failure.text) from streamed.failure
            raise

    async def problems(self, chat: str) -> list[str]:
        """What keeps the hub from working in that group, each with how to mend it. Raises DeliveryError."""
        group = await self._look(GetChat(chat_id=int(chat)))
        mine = await self._look(GetChatMember(chat_id=int(chat), user_id=self.client.bot.id))
        me = await self._look(GetMe())
        return rights.problems(group.model_dump(), mine.model_dump(), sees_all=bool(me.can_read_all_group_messages))

    async def _look(self, method: TelegramMethod[T]) -> T:
        found = await self.client.call(method, repeatable=True, seconds=_LOOK_SECONDS)
        if found is None:
            raise TemporaryFailure("Telegram did not say how things are there.")
        return found

    def owns(self, identity: Identity) -> bool:
        """Whether the identity is Telegram's."""
        return identity.startswith(f"{NETWORK}:")

    # -- the loop's doors ------------------------------------------------------------------------------------------

    async def poll(self, offset: int, wait: float) -> list[tuple[int, bytes]]:
        """Updates from `offset` on, raw, each with its number. Asking for an offset confirms all before it."""
        return await self.client.updates(offset, wait)

    async def set_hook(self, url: str, secret: str) -> None:
        """Asks Telegram to call `url`, proving itself by `secret`. Harmless when repeated."""
        self._hook_secret = secret
        method = SetWebhook(url=url, secret_token=secret, allowed_updates=list(ALLOWED_UPDATES))
        await self.client.call(method, repeatable=True)

    async def delete_hook(self) -> None:
        """Ends the calls, so that updates can be polled. Nothing that waits is lost."""
        await self.client.call(DeleteWebhook(drop_pending_updates=False), repeatable=True)

    async def set_menus(self, commands: Sequence[Listed]) -> None:
        """Shows the commands in Telegram's menus. Harmless when it fails, and when repeated."""
        await set_menus(self.client, commands)

    def queue_of(self, raw: bytes) -> str:
        """Names what must be taken one after another: updates of one topic, or of one chat's home."""
        try:
            update = json.loads(raw)
        except (ValueError, RecursionError):
            return ""
        return hearing.queue_of(update)

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:  # noqa: ARG002 - the interface of channels
        """Called before anything is parsed; header names are in lower case. Raises NotGenuine."""
        given = headers.get("x-telegram-bot-api-secret-token", "")
        proof = given.encode("utf-8", "surrogatepass")
        if not self._hook_secret or not hmac.compare_digest(proof, self._hook_secret.encode()):
            raise NotGenuine

    async def take(self, raw: bytes) -> None:
        """Hears one update whole. Raises Unavailable, and then it must not be acknowledged; else it is done with."""
        name = await self._name()
        try:
            read = hearing.forgiven(json.loads(raw))
            update = Update.model_validate(read, context={"bot": self.client.bot})
        except (ValueError, ValidationError, RecursionError) as error:
            await self._odd(raw, f"This update of the admin bot cannot be read: {_reason(error)}.")
            return
        if not any(getattr(update, kind) for kind in ALLOWED_UPDATES):
            log.info("the update %s is of a kind that the hub has no use for", update.update_id)
            return
        context = Context(f"{self.account}:{update.update_id}", self.client.bot.id, name)
        try:
            await self._dispatcher.feed_update(self.client.bot, update, context=context)
        except Unavailable:
            raise
        except Exception as error:  # a fault of ours must not block what comes after it
            log.exception("the admin bot's update %s failed", update.update_id)
            await self._odd(raw, f"This update of the admin bot failed in the hub: {type(error).__name__}.")

    async def _name(self) -> str:
        """The bot's user name. Without it nobody knows whether `/close@that_bot` is meant for us."""
        try:
            return await self.client.name()
        except DeliveryError as error:
            raise Unavailable(error.text) from error

    async def close(self) -> None:
        """Lets go of connections and of what is still to be said."""
        await self._answerer.close()
        for client in (self.client, *self._relays.values()):
            await client.close()

    # -- handlers --------------------------------------------------------------------------------------------------

    def _router(self) -> Router:
        router = Router(name="admin bot")
        router.message.register(self._message)
        router.edited_message.register(self._edited)
        router.callback_query.register(self._pressed)
        router.message_reaction.register(self._reacted)
        return router

    async def _message(self, message: Message, context: Context) -> None:
        await self._hear(hearing.hear_message(message, context))

    async def _edited(self, message: Message, context: Context) -> None:
        await self._hear(hearing.hear_edit(message, context))

    async def _reacted(self, change: MessageReactionUpdated, context: Context) -> None:
        await self._hear(hearing.hear_reaction(change, context))

    async def _pressed(self, query: CallbackQuery, context: Context) -> None:
        heard = hearing.hear_press(query, context)
        if heard is None:
            await self._answerer.too_old(Query(query.id))
            return
        await self._hear(heard, Query(query.id, _has_caption(query.message), _shows_contact(query.message)))

    async def _hear(self, heard: Heard | None, query: Query | None = None) -> None:
        if heard is not None:
            answer = await self._counter.hear(heard)
            await self._answerer.answer(heard, answer, query)


def _chat(identity: Identity) -> int:
    """A user's private chat with the bot has the user's number."""
    return int(identity.partition(":")[2])


def _has_caption(message: Any) -> bool:
    return isinstance(message, Message) and message.text is None


def _shows_contact(message: Any) -> bool:
    """Whether the message carries the buttons of a spell, so that its words are a contact's."""
    markup = message.reply_markup if isinstance(message, Message) else None
    buttons = [b for row in markup.inline_keyboard for b in row] if markup else []
    return any(b.text == UNFOLD and (b.callback_data or "").partition(":")[2].startswith("more ") for b in buttons)


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(p) for p in first['loc'])}: {first['msg']}"
    return "it is no JSON"

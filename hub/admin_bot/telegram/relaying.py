"""Relay bots: further bots that post on a Telegram desk, for Telegram lets each post twenty times a minute in a group.

They only post, and edit and react on what they posted. Nothing is heard through them, so that their posts carry no
buttons; what people do in the group, also to these posts, the desk's own bot hears.
"""

from __future__ import annotations

import re

from aiogram.methods import GetChat, GetChatMember, GetMe

from hub.admin_bot.telegram.client import Client
from hub.admin_bot.telegram.desk import TelegramDesk
from hub.admin_bot.telegram.errors import ADMIN_RIGHTS
from hub.domain.ids import PostId, ThreadId
from hub.domain.ports import Account, RelayView
from hub.errors import Blocked, BotUnfit, ChannelDead, DeliveryError, Gone, Refused, TemporaryFailure

_TOKEN = re.compile(r"[0-9]{3,}:[A-Za-z0-9_-]{3,}")
_DEAD = "Telegram refuses its token; give it a new one by /desk relay."
_OUT = "it is not in the group any more, or may not post there; add it again, as an administrator."


class RelayDesk(TelegramDesk):
    """The hands of a relay bot in one group."""

    async def show(self, thread: ThreadId, view: RelayView) -> list[PostId]:
        """Posts it. Raises BotUnfit where the bot may not."""
        try:
            return await super().show(thread, view)
        except DeliveryError as error:
            raise unfit(error, posting=True) from error

    async def redraw(self, thread: ThreadId, post: PostId, view: RelayView, media: bool) -> None:
        """Edits what the bot itself posted. Raises BotUnfit where it may not."""
        try:
            await super().redraw(thread, post, view, media)
        except DeliveryError as error:
            raise unfit(error, posting=False) from error

    async def react(self, post: PostId, emoji: str, *others: str) -> None:
        """Reacts on what the bot itself posted. Raises BotUnfit where it may not."""
        try:
            await super().react(post, emoji, *others)
        except DeliveryError as error:
            raise unfit(error, posting=False) from error


def unfit(error: DeliveryError, *, posting: bool) -> DeliveryError:
    """What it means that Telegram refused the bot. A post that is gone says nothing of the bot that would edit it."""
    if isinstance(error, ChannelDead):
        return BotUnfit(_DEAD)
    rights = isinstance(error, TemporaryFailure) and error.text == ADMIN_RIGHTS
    if posting and (rights or isinstance(error, (Gone, Blocked))):
        return BotUnfit(_OUT)
    return error


async def examine(main: Client, bot: Client, chat: str) -> Account:
    """Whose bot it is, if it is fit for that group; `main` is the desk's own. Raises Refused with what to mend."""
    try:
        me = await bot.call(GetMe(), repeatable=True)
    except ChannelDead:
        raise Refused("Telegram does not know that token: copy it once more from @BotFather.") from None
    name = f"@{me.username}" if me and me.username else "That bot"
    if bot.account == main.account:
        raise Refused(f"{name} is the desk's own bot already: make another one at @BotFather, and add it to the group.")
    group = await main.call(GetChat(chat_id=int(chat)), repeatable=True)
    title = group.title if group and group.title else "the group"
    status = await _status(main, bot, chat)
    if status in ("", "left", "kicked"):
        raise Refused(f"{name} is not in {title}: add it there as an administrator, then send its token once more.")
    if status not in ("administrator", "creator"):
        raise Refused(f"{name} is no administrator of {title}: make it one, then send its token once more.")
    return Account(bot.account, name)


async def _status(main: Client, bot: Client, chat: str) -> str:
    try:
        found = await main.call(GetChatMember(chat_id=int(chat), user_id=bot.bot.id), repeatable=True)
    except TemporaryFailure:
        raise
    except DeliveryError:
        return ""
    return str(found.status.value if hasattr(found.status, "value") else found.status) if found else ""


def is_token(token: str) -> bool:
    """Whether it looks like one."""
    return _TOKEN.fullmatch(token) is not None

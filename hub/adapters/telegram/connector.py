"""Makes Telegram channels: asks whose a token is, and connects it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from telegram import Bot, User

from hub.adapters.telegram.channel import TelegramChannel
from hub.adapters.telegram.errors import delivery_error
from hub.adapters.telegram.transport import ANSWER_SECONDS, RefusedByNetwork, Transport
from hub.domain.ports import Account
from hub.errors import Refused
from hub.settings import Settings

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{10,100}")
_WHAT_IS_RIGHT = "BotFather gives a token like 123456:ABC-DEF…, and /token there shows it again."


class TelegramConnector:
    """Fulfils Connector."""

    network = "telegram"
    usage = "TOKEN"
    guides = (
        "In Telegram, send /newbot to @BotFather; its last message has it. Of a bot you have: /mybots, API Token.",
    )

    def __init__(self, settings: Settings, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Uses the settings' address of the Bot API, limits, and public address. Waits `answer_seconds` for answers."""
        self._settings = settings
        self._answer_seconds = answer_seconds

    async def examine(self, words: Sequence[str]) -> tuple[Account, str]:
        """Asks whose token it is. Raises Refused in one sentence, which never holds the token."""
        if len(words) != 1 or not _TOKEN.fullmatch(words[0]):
            raise Refused(f"That is not a bot's token. {_WHAT_IS_RIGHT}")
        token = words[0]
        transport = Transport(self._answer_seconds)
        try:
            return await self._account(self._bot(token, transport)), token
        except Refused:
            raise
        except Exception as error:  # noqa: BLE001 - the library raises what its types raise on odd answers
            raise _refused(error, token) from None
        finally:
            await transport.shutdown()

    def connect(self, secret: str, hook_secret: str) -> TelegramChannel:
        """The channel for a token."""
        transport = Transport(self._answer_seconds)
        return TelegramChannel(self._bot(secret, transport), transport, hook_secret, self._settings.telegram_limits)

    def _bot(self, token: str, transport: Transport) -> Bot:
        """The library's client, with one set of connections for all calls and no rate limiter."""
        base = self._settings.telegram_api_url
        return Bot(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=transport,
            get_updates_request=transport,
        )

    async def _account(self, bot: Bot) -> Account:
        user = await bot.get_me()
        if not user.is_bot:
            raise Refused(f"That token is not a bot's. {_WHAT_IS_RIGHT}")
        return Account(id=str(user.id), name=_name(user), problems=tuple(await self._problems(bot)))

    async def _problems(self, bot: Bot) -> list[str]:
        """Another program that gets the bot's messages would lose them to the hub."""
        host = urlsplit((await bot.get_webhook_info()).url).hostname
        if not host or host == urlsplit(self._settings.public_url).hostname:
            return []
        return [f"Until now {host} received this bot's messages; from now on the hub does. Stop the program there."]


def _name(user: User) -> str:
    return f"@{user.username}" if user.username else user.first_name


def _refused(error: Exception, token: str) -> Refused:
    if isinstance(error, RefusedByNetwork) and error.code in (401, 404) and error.description:
        return Refused(f"Telegram does not know that token. {_WHAT_IS_RIGHT}")
    why = delivery_error(error, token, repeatable=True).text.partition("; it will")[0].rstrip(".")
    return Refused(f"{why}: send the token again later, or have HUB_TELEGRAM_API_URL and the network checked.")

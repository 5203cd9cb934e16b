"""Calls to the Bot API: aiogram's client, with one place for errors, and raw updates that one odd one cannot block."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramNetworkError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetFile, Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import LinkPreviewOptions
from aiohttp import ClientError, ClientTimeout

from hub.admin_bot.telegram.errors import already_done, translated
from hub.domain.models import Media
from hub.errors import ChannelDead, DeliveryError, Gone, TemporaryFailure, TooLarge, Undeliverable

T = TypeVar("T")
log = logging.getLogger(__name__)

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "message_reaction")
FETCH_LIMIT = 20 * 1024 * 1024
"""Bytes of the largest file that Telegram lets a bot fetch."""
_NUMBERS = ("message_id", "ephemeral_message_id", "date", "chat", "message_thread_id", "is_topic_message", "name")


class _Session(AiohttpSession):
    """Reads what it can of an answer: a message was posted even where the client has no words for what is in it."""

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        try:
            return super().check_response(bot, method, status_code, content)
        except ClientDecodeError as error:
            result = error.data.get("result") if isinstance(error.data, dict) and error.data.get("ok") is True else None
            if not isinstance(result, (dict, list)):
                raise
            log.warning("an answer to %s was odd, only its numbers were read", method.__api_method__)
            return super().check_response(bot, method, status_code, json.dumps({"ok": True, "result": _bare(result)}))


def _bare(result: Any) -> Any:
    if isinstance(result, list):
        return [_bare(r) for r in result]
    return {k: v for k, v in result.items() if k in _NUMBERS} if isinstance(result, dict) else result


class Client:
    """One bot at one Bot API. Raises DeliveryErrors only; never retries, never waits for a limit."""

    def __init__(self, token: str, base_url: str) -> None:
        session = _Session(api=TelegramAPIServer.from_base(base_url), timeout=30)
        preview = LinkPreviewOptions(is_disabled=True)
        self.bot = Bot(token, session=session, default=DefaultBotProperties(parse_mode="HTML", link_preview=preview))
        self._session = session
        self._name = ""

    @property
    def account(self) -> str:
        """Names the bot's account; not a secret."""
        return f"telegram:{self.bot.id}"

    async def call(self, method: TelegramMethod[T], *, repeatable: bool = False, seconds: int = 30) -> T | None:
        """Calls once. None: what was asked for is so already. `repeatable`: twice does no harm."""
        try:
            return await self.bot(method, request_timeout=seconds)
        except TelegramAPIError as error:
            if already_done(error):
                return None
            # `from None`: the client's own errors carry the call's address, and the token stands in it.
            raise translated(error, repeatable=repeatable) from None
        except AiogramError as error:
            raise translated(error, repeatable=repeatable) from None
        except (ClientError, TimeoutError):
            raise translated(_lost(method), repeatable=repeatable) from None

    async def name(self) -> str:
        """The bot's user name, without @; asked once."""
        if not self._name:
            try:
                self._name = (await self.bot.me()).username or ""
            except AiogramError as error:
                raise translated(error, repeatable=True) from None
        return self._name

    async def updates(self, offset: int, wait: float) -> list[tuple[int, bytes]]:
        """Updates from `offset` on, each as it came, so that one that cannot be read does not block the others."""
        asked = {"offset": offset, "timeout": int(wait), "limit": 100, "allowed_updates": list(ALLOWED_UPDATES)}
        answer = await self._post("getUpdates", asked, wait + 15)
        return [_numbered(update, offset + place) for place, update in enumerate(answer)]

    async def _post(self, method: str, body: dict[str, Any], seconds: float) -> Sequence[Any]:
        session = await self._session.create_session()
        url = self._session.api.api_url(token=self.bot.token, method=method)
        try:
            async with session.post(url, json=body, timeout=ClientTimeout(total=seconds)) as response:
                answer = json.loads(await response.read())
        except (ClientError, TimeoutError, OSError):
            raise TemporaryFailure("Telegram cannot be reached.") from None
        except ValueError:
            raise TemporaryFailure("Telegram's answer could not be read.") from None
        if not isinstance(answer, dict) or answer.get("ok") is not True or not isinstance(answer.get("result"), list):
            raise _poll_error(answer)
        result: Sequence[Any] = answer["result"]
        return result

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """A file that somebody sent to the bot, in chunks."""
        if (media.size or 0) > FETCH_LIMIT:
            raise TooLarge("The file is larger than the 20 MB that a bot may fetch.")
        try:
            file = await self.call(GetFile(file_id=media.source), repeatable=True)
        except (TooLarge, TemporaryFailure):
            raise
        except Undeliverable as error:
            raise Gone(error.text) from None
        if file is None or not file.file_path:
            raise Gone("Telegram no longer has this file.")
        async for chunk in self._stream(file.file_path):
            yield chunk

    async def _stream(self, path: str) -> AsyncIterator[bytes]:
        session = await self._session.create_session()
        url = self._session.api.file_url(token=self.bot.token, path=path)
        try:
            async with session.get(url, timeout=ClientTimeout(total=None, sock_connect=15, sock_read=30)) as response:
                if response.status in (400, 404):
                    raise Gone("Telegram no longer has this file.")
                if response.status != 200:
                    raise TemporaryFailure(f"Telegram answered {response.status} when asked for the file.")
                async for chunk in response.content.iter_chunked(64 * 1024):
                    yield chunk
        except (ClientError, TimeoutError, OSError):
            raise TemporaryFailure("The connection was lost while the file was fetched.") from None

    async def close(self) -> None:
        """Lets go of the connections."""
        session = self._session
        if session._session is not None and not session._session.closed:  # noqa: SLF001 - its own close() sleeps
            await session._session.close()  # noqa: SLF001
            await asyncio.sleep(0)


def _lost(method: TelegramMethod[Any]) -> TelegramNetworkError:
    return TelegramNetworkError(method=method, message="connection lost")


def _numbered(update: Any, otherwise: int) -> tuple[int, bytes]:
    number = update.get("update_id") if isinstance(update, dict) else None
    raw = json.dumps(update).encode()
    return (number, raw) if isinstance(number, int) and not isinstance(number, bool) else (otherwise, raw)


def _poll_error(answer: Any) -> DeliveryError:
    said = str(answer.get("description", "")) if isinstance(answer, dict) else ""
    parameters = answer.get("parameters") if isinstance(answer, dict) else None
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    code = answer.get("error_code") if isinstance(answer, dict) else None
    if code == 401:
        unauthorized = TelegramUnauthorizedError(method=GetFile(file_id=""), message=said)
        error = translated(unauthorized)
        return error if isinstance(error, ChannelDead) else ChannelDead()
    if code == 409:
        return TemporaryFailure("Another program asks for this bot's updates, or a webhook is set: " + said)
    seconds = float(wait) if isinstance(wait, int) else None
    return TemporaryFailure(f"Telegram gave no updates: {said or 'no reason given'}.", seconds, seconds is not None)

"""What Telegram refuses, in the hub's errors: the one place where its words are understood.

No text here names a token: addresses of calls hold it, so a client's own words about a connection are never shown.
"""

from __future__ import annotations

import re

from aiogram import exceptions
from aiohttp import ClientConnectorError, ConnectionTimeoutError

from hub.errors import (
    Blocked,
    ChannelDead,
    DeliveryError,
    DeskMoved,
    Gone,
    TemporaryFailure,
    ThreadGone,
    TooLarge,
    Uncertain,
    Undeliverable,
)

_THREAD_GONE = ("message thread not found", "topic_deleted", "topic_closed", "topic_id_invalid", "topic_not_found")
_MISSING = (
    "message to edit not found",
    "message to react not found",
    "message to be replied not found",
    "message_id_invalid",
    "chat not found",
)
_RIGHTS = ("not enough rights", "have no rights", "need administrator rights", "chat_admin_required")
_TOO_LARGE = ("file is too big", "request entity too large", "too large")
_DONE = ("message is not modified", "topic_not_modified", "message to delete not found")
_TOKEN = re.compile(r"\d{5,}:[A-Za-z0-9_-]{20,}")
ADMIN_RIGHTS = (
    "The bot lacks rights in this group: make it an administrator that may manage topics and delete messages."
)


def words(error: exceptions.AiogramError) -> str:
    """Telegram's own words, without what the client put around them."""
    text = str(getattr(error, "message", "")) or type(error).__name__
    text = text.rsplit("Original description: ", maxsplit=1)[-1]
    for prefix in ("Bad Request: ", "Forbidden: ", "Not Found: ", "Conflict: "):
        text = text.removeprefix(prefix)
    return _TOKEN.sub("(token)", text)


def already_done(error: exceptions.TelegramAPIError) -> bool:
    """Whether what was asked for is so already."""
    return _says(error, _DONE)


def _says(error: exceptions.AiogramError, phrases: tuple[str, ...]) -> bool:
    said = words(error).lower()
    return any(phrase in said for phrase in phrases)


def translated(  # noqa: PLR0911 - a table
    error: exceptions.AiogramError, *, repeatable: bool = False
) -> DeliveryError:
    """The error the host decides by. `repeatable`: doing it twice does no harm, so a lost answer is tried again."""
    match error:
        case exceptions.TelegramRetryAfter():
            return TemporaryFailure("Telegram asked to wait.", float(error.retry_after), limited=True)
        case exceptions.TelegramMigrateToChat():
            return DeskMoved("The group became a supergroup.", str(error.migrate_to_chat_id))
        case exceptions.TelegramEntityTooLarge():
            return TooLarge("The file is larger than the 50 MB that a bot may send.")
        case exceptions.TelegramNetworkError():
            return _connection(error, repeatable=repeatable)
        case exceptions.TelegramUnauthorizedError():
            return ChannelDead("Telegram refuses the admin bot's token; set HUB_TELEGRAM_TOKEN to a valid one.")
        case exceptions.TelegramConflictError() | exceptions.TelegramServerError():
            return TemporaryFailure(f"Telegram could not take it just now: {words(error)}.")
        case exceptions.TelegramForbiddenError():
            return _forbidden(error)
        case exceptions.TelegramAPIError():
            return _refused(error)
    lost = "Telegram's answer could not be read"
    return TemporaryFailure(f"{lost}.") if repeatable else Uncertain(f"{lost}: it may have been posted, or not.")


def _connection(error: exceptions.TelegramNetworkError, *, repeatable: bool) -> DeliveryError:
    cause = error.__cause__
    if isinstance(cause, (ClientConnectorError, ConnectionTimeoutError)):  # it never left
        return TemporaryFailure("Telegram cannot be reached.")
    if repeatable:
        return TemporaryFailure("The connection to Telegram was lost.")
    return Uncertain("The connection to Telegram was lost: it may have been posted, or not.")


def _forbidden(error: exceptions.TelegramAPIError) -> DeliveryError:
    said = words(error)
    if "blocked by the user" in said or "can't initiate" in said:
        return Blocked(f"Telegram says: {said}.")
    if _says(error, _RIGHTS):
        return TemporaryFailure(ADMIN_RIGHTS)
    return Gone(f"Telegram says: {said}.")


def _refused(error: exceptions.TelegramAPIError) -> DeliveryError:  # noqa: PLR0911 - a table
    said = words(error)
    if _says(error, _THREAD_GONE):
        return ThreadGone(f"Telegram says: {said}.")
    if _says(error, _MISSING):
        return Gone(f"Telegram says: {said}.")
    if "too many requests" in said.lower():
        return TemporaryFailure("Telegram asked to wait.", limited=True)
    if _says(error, _RIGHTS):
        # Somebody has to mend this in the group; until then everything waits, and nothing is lost.
        return TemporaryFailure(ADMIN_RIGHTS)
    if "is not a forum" in said:
        return TemporaryFailure("Topics are switched off in this group: switch them on in its settings.")
    if _says(error, _TOO_LARGE):
        return TooLarge(f"Telegram says: {said}.")
    return Undeliverable(f"Telegram says: {said}.")

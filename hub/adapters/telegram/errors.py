"""What each way of failing means to the middle. The one place where the network's words are read."""

from __future__ import annotations

import httpx
from telegram.error import NetworkError

from hub.adapters.telegram.parts import TOO_LARGE
from hub.adapters.telegram.transport import RefusedByNetwork
from hub.errors import (
    Blocked,
    ChannelDead,
    DeliveryError,
    Gone,
    TemporaryFailure,
    TooLarge,
    Uncertain,
    Undeliverable,
)

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    # The request was not complete when this arose, and the network does nothing before it is.
    httpx.WriteTimeout,
)
_NOBODY_THERE = "Telegram could not be reached; it will be tried again."
_ANSWER_LOST = "Telegram's answer was lost: the message may have arrived, or not."
_REPEATED = "Telegram's answer was lost; it will be tried again."
_FOREIGN = "What answers at HUB_TELEGRAM_API_URL is not the Bot API; it will be tried again."

_FORBIDDEN: tuple[tuple[str, type[Undeliverable], str], ...] = (
    ("blocked by the user", Blocked, ""),
    ("user_is_blocked", Blocked, ""),
    ("can't initiate conversation", Blocked, "The contact stopped the bot; they must write first."),
    ("user is deactivated", Gone, "The contact's Telegram account was deleted."),
    ("input_user_deactivated", Gone, "The contact's Telegram account was deleted."),
    ("chat not found", Gone, "Telegram does not know this chat for this bot: the contact must write to it first."),
    ("peer_id_invalid", Gone, "Telegram does not know this chat for this bot: the contact must write to it first."),
    ("user not found", Gone, "Telegram does not know this contact any more."),
    ("upgraded to a supergroup", Gone, "That chat became another one."),
    ("bot was kicked", Gone, "The bot was removed from that chat."),
    ("chat was deleted", Gone, "That chat was deleted."),
    ("is too big", TooLarge, ""),
    ("too large", TooLarge, ""),
    ("reaction_invalid", Undeliverable, "Telegram has no such reaction; choose another emoji."),
)
"""Words of 400 and 403 answers; the first that fits."""


def delivery_error(error: Exception, secret: str, *, repeatable: bool = False) -> DeliveryError:
    """The error to raise instead, without the secret. `repeatable`: doing it twice is the same as doing it once."""
    if isinstance(error, RefusedByNetwork):
        return _of_answer(error, secret, repeatable=repeatable)
    cause = error.__cause__ if isinstance(error, NetworkError) and error.__cause__ else error
    if isinstance(cause, _NOT_SENT):
        return TemporaryFailure(_NOBODY_THERE)
    # Whatever else happens, happens after the request was sent, or while its answer was read.
    return TemporaryFailure(_REPEATED) if repeatable else Uncertain(_ANSWER_LOST)


def words_of(error: Exception) -> str:
    """What the network said, in lower case; empty where it said nothing."""
    return error.description.lower() if isinstance(error, RefusedByNetwork) else ""


def _of_answer(error: RefusedByNetwork, secret: str, *, repeatable: bool) -> DeliveryError:
    said = _sentence(error.description, secret)
    if error.code == 429:
        seconds = error.retry_after or 1.0
        return TemporaryFailure(f"Telegram asks to wait {seconds:g} seconds.", retry_after=seconds, limited=True)
    if error.code == 401:
        return ChannelDead("Telegram does not accept this bot's token any more; connect the channel again.")
    if error.code == 413:
        return TooLarge(TOO_LARGE)
    if error.code == 409:
        return TemporaryFailure(f"Another program uses this bot at the same time: {said}")
    if error.code == 404 or error.code < 400:
        # Not a matter of the token, which has been accepted before: something else answers at that address.
        return TemporaryFailure(_FOREIGN)
    return _of_fault(error, repeatable=repeatable) if error.code >= 500 else _of_refusal(said)


def _of_fault(error: RefusedByNetwork, *, repeatable: bool) -> DeliveryError:
    """504 is the gateway saying that it passed the request on and got no answer in time: nobody knows. All others say
    that the request was not served (500 with "restart" when the server goes down, 502 and 503 from the gateway when
    nobody is behind it), and holding those for uncertain would leave agents to repeat whatever met a short outage.
    """
    if error.code == 504 and not repeatable:
        return Uncertain(_ANSWER_LOST)
    return TemporaryFailure(f"Telegram has trouble of its own (error {error.code}); it will be tried again.")


def _of_refusal(said: str) -> DeliveryError:
    lower = said.lower()
    for words, kind, text in _FORBIDDEN:
        if words in lower:
            return kind(text or (f"Telegram refused it: {said}" if kind is TooLarge else ""))
    return Undeliverable(f"Telegram refused it: {said}")


def _sentence(description: str, secret: str) -> str:
    """The network's words as a sentence: one line, without its prefix and without the secret."""
    words = " ".join(description.split())
    if secret:
        words = words.replace(secret, "…").replace(secret.partition(":")[2] or secret, "…")
    for prefix in ("Bad Request: ", "Forbidden: ", "Conflict: "):
        words = words.removeprefix(prefix)
    return words[:200].rstrip(". ") + "."

"""What each way of failing means to the middle: the one place where the system's statuses are read."""

from __future__ import annotations

import aiohttp

from hub.adapters.custom.parts import TOO_LARGE
from hub.adapters.custom.system import CallFailed, RefusedBySystem
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
from hub.reach import out_of_reach

_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientProxyConnectionError,
    aiohttp.InvalidURL,
)
_NOBODY_THERE = "The system could not be reached; it will be tried again."
_OUT_OF_REACH = (
    "The system's address leads into a private network now, which this hub does not call; have it mended, or allowed by"
    " HUB_CUSTOM_NETWORKS."
)
_ANSWER_LOST = "The system's answer was lost or cannot be read: the message may have arrived, or not."
_REPEATED = "The system's answer was lost or cannot be read; it will be tried again."
_TROUBLE = "The system has trouble of its own; it will be tried again."
_BY_STATUS: dict[int, tuple[type[DeliveryError], str]] = {
    401: (ChannelDead, "The system does not accept the channel's secret; connect the channel again."),
    403: (Blocked, "The contact does not want messages from us; they must write first."),
    408: (TemporaryFailure, _TROUBLE),
    410: (Gone, "The system knows no such contact any more."),
    413: (TooLarge, TOO_LARGE),
}
_GATEWAY_GAVE_UP = 504


def delivery_error(error: Exception, secret: str, *, repeatable: bool = False) -> DeliveryError:
    """The error to raise instead, without the secret. `repeatable`: doing it twice is the same as doing it once."""
    if isinstance(error, RefusedBySystem):
        return _of_answer(error, secret, repeatable=repeatable)
    if out_of_reach(error):
        return Undeliverable(_OUT_OF_REACH)
    if isinstance(error, _NOT_SENT) and not isinstance(error, CallFailed):
        return TemporaryFailure(_NOBODY_THERE)
    # Whatever else happens, happens after the request was sent, or while its answer was read.
    return TemporaryFailure(_REPEATED) if repeatable else Uncertain(_ANSWER_LOST)


def _of_answer(error: RefusedBySystem, secret: str, *, repeatable: bool) -> DeliveryError:
    known = _BY_STATUS.get(error.status)
    if known is not None:
        kind, text = known
        return kind(text)
    if error.status == 429:
        asks = f"asks to wait {error.retry_after:g} seconds" if error.retry_after else "says that this goes too fast"
        return TemporaryFailure(f"The system {asks}.", retry_after=error.retry_after, limited=True)
    if error.status == _GATEWAY_GAVE_UP and not repeatable:
        # A gateway passed the call on and got no answer in time: nobody knows.
        return Uncertain(_ANSWER_LOST)
    if error.status >= 500:
        return TemporaryFailure(_TROUBLE, retry_after=error.retry_after)
    if 300 <= error.status <= 399:
        return Undeliverable("The system's address leads elsewhere now; connect the channel with the new one.")
    return Undeliverable(f"The system refused it ({error.status}): {sentence(error.message, secret)}")


def sentence(message: str, secret: str) -> str:
    """The system's words as a sentence: one line, without the secret."""
    words = " ".join(message.encode("utf-8", "replace").decode().replace(secret, "…").split())
    return words[:200].rstrip(". ") + "." if words else "it does not say why."

"""What each way of failing means to the middle: the one place where the network's codes are read."""

from __future__ import annotations

from urllib.parse import quote

import aiohttp

from hub.adapters.messenger.graph import GraphError, NotAllowedThere, RefusedByGraph
from hub.adapters.messenger.parts import TOO_LARGE
from hub.errors import (
    Blocked,
    ChannelDead,
    DeliveryError,
    Gone,
    TemporaryFailure,
    TooLarge,
    Uncertain,
    Undeliverable,
    WindowClosed,
)

_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientProxyConnectionError,
    aiohttp.InvalidURL,
)
_NOBODY_THERE = "Messenger could not be reached; it will be tried again."
_ANSWER_LOST = "Messenger's answer was lost: the message may have arrived, or not."
_REPEATED = "Messenger's answer was lost; it will be tried again."
_FOREIGN = "What answers at HUB_MESSENGER_API_URL is not the Graph API; it will be tried again."
_TROUBLE = "Messenger has trouble of its own; it will be tried again."

_WINDOW = (
    "The time in which Messenger lets a page answer is over: 24 hours after the contact's last act, or seven days"
    " where the app may use HUMAN_AGENT. They must write again first."
)
_UNREACHABLE = "The contact is not available to this page: they blocked it, or left Messenger. They must write first."
_NO_SUCH = "Messenger knows no such contact on this page: their account is gone, or the page is another one."
_DEAD_TAG = "Messenger does not take that message tag any more (since 27 April 2026); only HUMAN_AGENT is left."
_HIDDEN = "Messenger does not show this contact's profile: they hide it, or the page's app may not see it."
_RESTRICTED = "Messenger has restricted this page; Facebook's Page Quality says why, and how to object."
_OTHER_OWNER = (
    "Another app has this conversation now; take it back in the page's inbox, or make the hub's app the default one"
    " in the page's settings (Conversation Routing)."
)
_RIGHTS = "The page's token lacks a right that this needs (pages_messaging above all); connect the channel again."
_SUSPENDED = "Messenger has stopped this page or app for a while, because of its policy; the app's dashboard says why."
_VERSION = "Messenger has ended this version of the Graph API: have HUB_MESSENGER_VERSION set to another one."
_SECRET = "The app secret does not belong to the token's app; connect the channel again."  # noqa: S105 - a sentence
_AGAIN = "connect the channel again with a new one."
_TOKEN = "Messenger does not accept this page's token any more"  # noqa: S105 - a sentence

Meaning = tuple[type[DeliveryError], str]
"""An error and its words; empty: the network's own."""

_BY_SUBCODE: dict[tuple[int, int], Meaning] = {
    (10, 2018278): (WindowClosed, _WINDOW),
    (10, 2018065): (WindowClosed, _WINDOW),
    (10, 2534022): (WindowClosed, _WINDOW),
    (10, 2018108): (Undeliverable, "The contact cannot get messages from this page just now; they must write first."),
    (10, 1893063): (Undeliverable, _RESTRICTED),
    (10, 2018300): (Undeliverable, _OTHER_OWNER),
    (100, 2018001): (Gone, _NO_SUCH),
    (100, 33): (Gone, _NO_SUCH),
    (100, 2018034): (Undeliverable, "Messenger found nothing in the message to deliver."),
    (100, 2018047): (Undeliverable, "Messenger cannot use the file as what it is sent as."),
    (100, 2018109): (Undeliverable, ""),
    (100, 1893061): (Undeliverable, _DEAD_TAG),
    (100, 2018218): (Undeliverable, _HIDDEN),
    (190, 458): (ChannelDead, f"{_TOKEN}: the app was removed from the page or the account; {_AGAIN}"),
    (190, 459): (ChannelDead, f"{_TOKEN}: its owner must sign in to Facebook and pass a check, then {_AGAIN}"),
    (190, 460): (ChannelDead, f"{_TOKEN}: its owner changed the password; {_AGAIN}"),
    (190, 463): (ChannelDead, f"{_TOKEN}: it expired; {_AGAIN}"),
    (190, 464): (ChannelDead, f"{_TOKEN}: its owner's account is not confirmed; {_AGAIN}"),
    (190, 467): (ChannelDead, f"{_TOKEN}: it was revoked; {_AGAIN}"),
    (190, 492): (ChannelDead, f"{_TOKEN}: its owner is no admin of the page any more; {_AGAIN}"),
    (200, 1545041): (Blocked, _UNREACHABLE),
    (551, 1545041): (Blocked, _UNREACHABLE),
}
_BY_CODE: dict[int, Meaning] = {
    1: (TemporaryFailure, _TROUBLE),
    2: (TemporaryFailure, _TROUBLE),
    1200: (TemporaryFailure, _TROUBLE),
    3: (Undeliverable, _RIGHTS),
    10: (Undeliverable, _RIGHTS),
    200: (Undeliverable, _RIGHTS),
    210: (Undeliverable, _RIGHTS),
    230: (Undeliverable, _RIGHTS),
    102: (ChannelDead, f"{_TOKEN}; {_AGAIN}"),
    104: (ChannelDead, f"{_TOKEN}; {_AGAIN}"),
    190: (ChannelDead, f"{_TOKEN}; {_AGAIN}"),
    368: (Undeliverable, _SUSPENDED),
    551: (Blocked, _UNREACHABLE),
    2022: (Undeliverable, _SUSPENDED),
    2500: (Undeliverable, _VERSION),
    2635: (Undeliverable, _VERSION),
}
_LIMITS = frozenset({4, 17, 32, 341, 613, 80001, 80006})
"""Rate limits: of the app, of its user, of the page, of a spell, of a call, of the page's use."""
_LEAST_WAIT = 1.0


def delivery_error(error: Exception, secrets: tuple[str, ...], *, repeatable: bool = False) -> DeliveryError:
    """The error to raise instead, without the secrets. `repeatable`: doing it twice is the same as doing it once."""
    if isinstance(error, RefusedByGraph):
        return _of_answer(error, secrets, repeatable=repeatable)
    if isinstance(error, NotAllowedThere):
        return Gone("The file's address does not lead to Messenger, so it is not fetched.")
    if isinstance(error, _NOT_SENT) and not isinstance(error, GraphError):
        return TemporaryFailure(_NOBODY_THERE)
    # Whatever else happens, happens after the request was sent, or while its answer was read.
    return TemporaryFailure(_REPEATED) if repeatable else Uncertain(_ANSWER_LOST)


def _of_answer(error: RefusedByGraph, secrets: tuple[str, ...], *, repeatable: bool) -> DeliveryError:
    if not error.code:
        return _of_stranger(error, repeatable=repeatable)
    if error.code in _LIMITS:
        return _limited(error)
    if error.code == 100 and "appsecret_proof" in error.message:
        return ChannelDead(_SECRET)
    known = _BY_SUBCODE.get((error.code, error.subcode)) or _BY_CODE.get(error.code)
    if known is None and error.transient:
        known = (TemporaryFailure, _TROUBLE)
    kind, text = known or (Undeliverable, "")
    return kind(text or f"Messenger refused it: {sentence(error.message, secrets)}")


def _of_stranger(error: RefusedByGraph, *, repeatable: bool) -> DeliveryError:
    """A gateway's answer. 504 says that it passed the request on and got no answer in time: nobody knows. All others
    say that the request was not served, and holding those for uncertain would leave agents to repeat whatever met a
    short outage.
    """
    if error.status == 413:
        return TooLarge(TOO_LARGE)
    if error.status == 429:
        return _limited(error)
    if error.status == 504 and not repeatable:
        return Uncertain(_ANSWER_LOST)
    return TemporaryFailure(_TROUBLE if error.status >= 500 else _FOREIGN)


def _limited(error: RefusedByGraph) -> TemporaryFailure:
    seconds = max(error.retry_after or _LEAST_WAIT, _LEAST_WAIT)
    asks = f"asks to wait {seconds:g} seconds" if error.retry_after else "says that this goes too fast"
    return TemporaryFailure(f"Messenger {asks}.", retry_after=error.retry_after, limited=True)


def sentence(message: str, secrets: tuple[str, ...]) -> str:
    """The network's words as a sentence: one line, without their number and without any secret."""
    words = " ".join(message.split())
    for secret in filter(None, secrets):
        words = words.replace(secret, "…").replace(quote(secret, safe=""), "…")
    if words.startswith("(#"):
        words = words.partition(")")[2].strip()
    return words[:200].rstrip(". ") + "." if words else "it does not say why."

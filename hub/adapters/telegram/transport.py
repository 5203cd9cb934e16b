"""The client library's HTTP, with what it leaves out: the network's own words for a refusal, and downloads in chunks.

It neither retries nor waits for a limit. The library turns every 404 into "invalid token" and drops the status of
what it does not know, so refusals are read here, before it sees them.
"""

from __future__ import annotations

import functools
import logging
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
from telegram.error import TelegramError
from telegram.request import HTTPXRequest, RequestData

CHUNK = 256 * 1024
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
UPLOAD_ANSWER_SECONDS = 120.0
"""The network answers an upload when it has worked through the file."""

_TALKATIVE = ("httpx", "httpcore", "telegram")
"""These log addresses and parameters, and with them the bot's token and the hook's secret."""


class RefusedByNetwork(TelegramError):
    """The network answered, and not with a result. `code` is HTTP's, or the answer's own where HTTP's says success."""

    def __init__(self, code: int, description: str, retry_after: float | None = None) -> None:
        """`description` is empty where the answer is none of the Bot API."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


class Garbled(TelegramError):
    """The network answered with success and something that cannot be read: what was asked for may have been done."""


class _Parameters(msgspec.Struct):
    retry_after: float | None = None


class _Answer(msgspec.Struct):
    ok: bool
    error_code: int | None = None
    description: str | None = None
    parameters: _Parameters | None = None


_ANSWER = msgspec.json.Decoder(_Answer)


class Transport(HTTPXRequest):
    """One channel's connections. Raises RefusedByNetwork and Garbled beside the library's own errors."""

    __slots__ = ()

    def __init__(self, answer_seconds: float = ANSWER_SECONDS) -> None:
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        super().__init__(
            read_timeout=answer_seconds,
            write_timeout=answer_seconds,
            media_write_timeout=answer_seconds,
            connect_timeout=CONNECT_SECONDS,
            pool_timeout=answer_seconds,
            httpx_kwargs={"verify": _trust()},
        )

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **timeouts: Any
    ) -> tuple[int, bytes]:
        """Called by the library for each request."""
        code, payload = await super().do_request(url, method, request_data, *args, **timeouts)
        _judge(code, payload)
        return code, payload

    async def stream(self, url: str) -> AsyncIterator[bytes]:
        """A file, in chunks. Raises RefusedByNetwork, and httpx.HTTPError where the connection fails."""
        async with self._client.stream("GET", url) as response:
            if not response.is_success:
                raise RefusedByNetwork(response.status_code, response.reason_phrase)
            async for chunk in response.aiter_bytes(CHUNK):
                yield chunk


@functools.cache
def _trust() -> ssl.SSLContext:
    """Which certificates are trusted; loading them takes a while, so all channels share them."""
    return httpx.create_ssl_context()


def _judge(code: int, payload: bytes) -> None:
    try:
        answer = _ANSWER.decode(payload)
    except (ValueError, RecursionError):
        answer = None
    if not 200 <= code <= 299 or (answer is not None and not answer.ok):
        raise _refusal(code, answer)
    # An answer with something odd deep in its result is left to whoever asked; what is no answer at all stops here.
    if b'"result"' not in payload or payload.lstrip()[:1] != b"{":
        raise Garbled("The answer cannot be read.")


def _refusal(code: int, answer: _Answer | None) -> RefusedByNetwork:
    if answer is None:
        return RefusedByNetwork(code, "")
    retry_after = answer.parameters.retry_after if answer.parameters else None
    return RefusedByNetwork(answer.error_code or code, answer.description or f"error {code}", retry_after)

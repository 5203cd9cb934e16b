"""A customer's system over HTTP: one place through which all calls leave, signed.

It neither retries nor waits. Addresses may hold what only their owner should know, so none is shown or logged, and
nothing is fetched or posted where a redirect leads.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, cast

import aiohttp
from yarl import URL

from hub.adapters.custom.signature import signed
from hub.reach import guard

CHUNK = 256 * 1024
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
LONGEST_CALL = 4
"""So many times longer for the whole of a call, its file included."""
KEEP_SECONDS = 10.0
"""Connections that rest longer are let go: one that the system closes meanwhile would lose an answer."""
LONGEST_ANSWER = 64 * 1024


class CallFailed(Exception):
    """The system did not do what was asked."""


class RefusedBySystem(CallFailed):
    """The system answered, and not with success."""

    def __init__(self, status: int, message: str = "", retry_after: float | None = None) -> None:
        """`status` is HTTP's, `message` the system's own words."""
        super().__init__()
        self.status = status
        self.message = message
        self.retry_after = retry_after


class Garbled(CallFailed):
    """The system answered with success and something that cannot be read: what was asked for may have been done."""


class System:
    """One system. Raises CallFailed and aiohttp's errors."""

    def __init__(self, url: str, secret: str, answer_seconds: float, networks: Sequence[str]) -> None:
        """Connects with the first call only, and to addresses in `networks` only: see `reach`."""
        self._guard = guard(networks)
        self._url = URL(url, encoded=True)
        self._secret = secret
        self._answer_seconds = answer_seconds
        self._session: aiohttp.ClientSession | None = None

    async def post(self, call: Mapping[str, object]) -> dict[str, Any]:
        """Calls it; gives its answer."""
        body = json.dumps(call).encode()
        headers = {"Content-Type": "application/json", **signed(body, self._secret, time.time())}
        content = io.BytesIO(body)
        async with self._open().post(self._url, data=content, headers=headers, allow_redirects=False) as response:
            return _judged(response, await _read(response))

    async def stream(self, url: str) -> AsyncIterator[bytes]:
        """A file in chunks; the caller checks whose address it is, and counts."""
        address = URL(url, encoded=True)
        headers = signed(address.raw_path_qs.encode(), self._secret, time.time())
        async with self._open().get(address, headers=headers, allow_redirects=False) as response:
            if response.status != 200:
                raise RefusedBySystem(response.status)
            async for chunk in response.content.iter_chunked(CHUNK):
                yield chunk

    async def close(self) -> None:
        """Lets go of its connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS, socket_factory=self._guard)
            seconds = self._answer_seconds
            timeout = aiohttp.ClientTimeout(
                total=seconds * LONGEST_CALL, sock_connect=CONNECT_SECONDS, sock_read=seconds
            )
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=jar)
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The answer; of a longer one than any should be, the beginning."""
    found = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        found += chunk
        if len(found) > LONGEST_ANSWER:
            response.close()
            break
    return bytes(found)


def _judged(response: aiohttp.ClientResponse, body: bytes) -> dict[str, Any]:
    answer = _object(body)
    if not 200 <= response.status <= 299:
        said = (answer or {}).get("error")
        wait = _seconds(response.headers.get("Retry-After", ""))
        raise RefusedBySystem(response.status, said if isinstance(said, str) else "", wait)
    if answer is None:
        raise Garbled
    return answer


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast(dict[str, Any], answer) if isinstance(answer, dict) else None


def _seconds(header: str) -> float | None:
    return float(header) if header.isascii() and header.isdigit() and len(header) < 6 else None

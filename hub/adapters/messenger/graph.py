"""The Graph API over HTTP: one place through which all calls leave, with the network's own words for a refusal.

It neither retries nor waits for a limit. Token and proof stand in the addresses, as the network documents it, so no
address and no error of the HTTP client may be shown or logged.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast
from urllib.parse import urljoin

import aiohttp
import msgspec
from yarl import URL

from hub.adapters.messenger.signature import sign

CHUNK = 256 * 1024
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
UPLOAD_PATIENCE = 4
"""So many times longer for uploads: the network answers one when it has worked through the file."""
KEEP_SECONDS = 10.0
"""Connections that rest longer are let go: one that the network closes meanwhile would lose an answer."""
REDIRECTS = 3


class GraphError(Exception):
    """The network did not do what was asked."""


class RefusedByGraph(GraphError):
    """The network answered, and not with a result. `code` is 0 where the answer is none of the Graph API."""

    def __init__(self, status: int, fault: Fault, retry_after: float | None = None) -> None:
        """`status` is HTTP's."""
        super().__init__()
        self.status = status
        self.code = fault.code
        self.subcode = fault.error_subcode or 0
        self.message = fault.error_user_msg or fault.message or ""
        self.transient = bool(fault.is_transient)
        self.retry_after = retry_after


class Garbled(GraphError):
    """The network answered with success and something that cannot be read: what was asked for may have been done."""


class NotAllowedThere(GraphError):
    """A file's address leads where the network keeps no files."""


class Fault(msgspec.Struct):
    """What the Graph API says of a refusal."""

    code: int = 0
    error_subcode: int | None = None
    message: str | None = None
    error_user_msg: str | None = None
    is_transient: bool | None = None


class _Refusal(msgspec.Struct):
    error: Fault


class _Usage(msgspec.Struct):
    estimated_time_to_regain_access: float = 0


_REFUSAL = msgspec.json.Decoder(_Refusal, strict=False)
_USAGE = msgspec.json.Decoder(dict[str, list[_Usage]])


class Graph:
    """One token's way to the network. Raises GraphError and aiohttp's errors."""

    def __init__(self, base: str, version: str, token: str, app_secret: str, answer_seconds: float) -> None:
        """`base` has no slash at its end. Connects with the first call only."""
        self._base = f"{base}/{version}/"
        self._token = token
        self._proof = sign(token.encode(), app_secret)
        self._answer_seconds = answer_seconds
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, **params: str) -> dict[str, Any]:
        """Reads a node or edge."""
        return await self._call("GET", path, params=params)

    async def delete(self, path: str) -> dict[str, Any]:
        """Deletes."""
        return await self._call("DELETE", path)

    async def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Sends JSON, with every character beyond ASCII escaped."""
        content = json.dumps(body).encode()
        return await self._call("POST", path, data=content, headers={"Content-Type": "application/json"})

    async def upload(self, path: str, form: aiohttp.FormData) -> dict[str, Any]:
        """Sends a form with a file, in pieces."""
        return await self._call("POST", path, data=form, seconds=self._answer_seconds * UPLOAD_PATIENCE)

    async def stream(self, url: str, hosts: re.Pattern[str]) -> AsyncIterator[bytes]:
        """A file in chunks, without the token; its length in bytes, where it is told, is checked by the caller."""
        for _ in range(REDIRECTS + 1):
            if not hosts.fullmatch(url):
                raise NotAllowedThere
            # As it stands: signed addresses do not survive being written otherwise.
            async with self._open().get(URL(url, encoded=True), allow_redirects=False) as response:
                if response.status in (301, 302, 303, 307, 308):
                    url = urljoin(url, response.headers.get("Location", ""))
                    continue
                if response.status != 200:
                    raise RefusedByGraph(response.status, Fault())
                async for chunk in response.content.iter_chunked(CHUNK):
                    yield chunk
                return
        raise NotAllowedThere

    async def close(self) -> None:
        """Lets go of its connections."""
        if self._session is not None:
            await self._session.close()

    async def _call(
        self, method: str, path: str, params: Mapping[str, str] | None = None, seconds: float | None = None, **how: Any
    ) -> dict[str, Any]:
        query = dict(params or {})
        if "access_token" not in query:
            query |= {"access_token": self._token, "appsecret_proof": self._proof}
        timeout = self._timeout(seconds or self._answer_seconds)
        url = self._base + path
        async with self._open().request(method, url, params=query, timeout=timeout, **how) as response:
            return _judged(response.status, await response.read(), response.headers)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS)
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout(self._answer_seconds))
        return self._session

    def _timeout(self, seconds: float) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=seconds)


def _judged(status: int, payload: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """The answer. Raises RefusedByGraph, also where the status says success and the body does not; Garbled."""
    fault = _fault(payload)
    if fault is not None or not 200 <= status <= 299:
        raise RefusedByGraph(status, fault or Fault(), _retry_after(headers))
    try:
        answer = msgspec.json.decode(payload)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise Garbled
    return cast(dict[str, Any], answer)


def _fault(payload: bytes) -> Fault | None:
    try:
        return _REFUSAL.decode(payload).error
    except (ValueError, RecursionError):
        return None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the network asks to wait: in the usual header, or in minutes among the page's usage figures."""
    plain = headers.get("Retry-After", "")
    if plain.isascii() and plain.isdigit() and len(plain) < 6:
        return float(plain)
    try:
        usage = _USAGE.decode(headers.get("X-Business-Use-Case-Usage", ""))
    except ValueError:
        return None
    minutes = max((each.estimated_time_to_regain_access for all_ in usage.values() for each in all_), default=0.0)
    return minutes * 60 if minutes > 0 else None

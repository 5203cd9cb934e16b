"""One token's way to Slack: the library's client without its retries, uploads and downloads in chunks.

It neither retries nor waits for a limit. The library repeats a request whose connection broke off, which would post
twice, so its retry handlers are left out.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from hub.adapters.slack.errors import RefusedFile

CHUNK = 256 * 1024
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
UPLOAD_PATIENCE = 4
"""So many times longer for uploads: the network answers one when it has all of the file."""
KEEP_SECONDS = 10.0
"""Connections that rest longer are let go: one that the network closes meanwhile would lose an answer."""
REDIRECTS = 3
_HOSTS = r"https://(?:[a-z0-9-]+\.)*(?:slack\.com|slack-files\.com|slack-edge\.com|slack-gov\.com)(?::443)?/\S*"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

# It logs what it sends, which is what people write.
logging.getLogger("slack_sdk").setLevel(logging.WARNING)


class NotAllowedThere(Exception):
    """A file's address leads where the network keeps no files: the token must not be shown there."""


class SignInPage(Exception):
    """In a file's place there was the page at which people sign in: the token does not open it."""


class Web:
    """Raises the library's errors, aiohttp's, RefusedFile, NotAllowedThere and SignInPage."""

    def __init__(self, base: str, token: str, answer_seconds: float = ANSWER_SECONDS) -> None:
        """`base`: the Web API's address, without a slash at its end. Connects with the first call only."""
        self._base = base
        self._token = token
        self._answer_seconds = answer_seconds
        self._hosts = _hosts(base)
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None

    @property
    def client(self) -> AsyncWebClient:
        """The library's client."""
        if self._client is None:
            base = f"{self._base}/"
            self._client = AsyncWebClient(self._token, base_url=base, session=self._open(), retry_handlers=[])
        return self._client

    async def upload(self, url: str, content: BinaryIO, size: int) -> None:
        """Sends a file's bytes to where the network wants them."""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        timeout = self._timeout(self._answer_seconds * UPLOAD_PATIENCE)
        async with self._open().post(url, data=_chunks(content), headers=headers, timeout=timeout) as response:
            await response.read()
            if response.status != 200:
                raise RefusedFile(response.status)

    def keeps(self, url: str) -> bool:
        """Whether the address leads to the network."""
        return self._hosts.fullmatch(url) is not None

    async def stream(self, url: str, *, page: bool, public: bool = False) -> AsyncIterator[bytes]:
        """A file in chunks; `page`: it is a web page itself; `public`: it is there for everybody, without the token."""
        headers = {} if public else {"Authorization": f"Bearer {self._token}"}
        for _ in range(REDIRECTS + 1):
            if not self.keeps(url):
                raise NotAllowedThere
            # As it stands: an address must not be written otherwise than the network wrote it.
            where = URL(url, encoded=True)
            async with self._open().get(where, headers=headers, allow_redirects=False) as response:
                if response.status in (301, 302, 303, 307, 308):
                    url = urljoin(url, response.headers.get("Location", ""))
                    continue
                if response.status != 200:
                    raise RefusedFile(response.status)
                if response.content_type == "text/html" and not page:
                    raise SignInPage
                async for chunk in response.content.iter_chunked(CHUNK):
                    yield chunk
                return
        raise NotAllowedThere

    async def close(self) -> None:
        """Lets go of its connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS)
            timeout = self._timeout(self._answer_seconds)
            cookies = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=cookies)
        return self._session

    def _timeout(self, seconds: float) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=seconds)


async def _chunks(content: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := content.read(CHUNK):
        yield chunk


def _hosts(base: str) -> re.Pattern[str]:
    """What a file's address must look like: on the network's own hosts, or on that of the API of the settings."""
    name = urlsplit(base).hostname or ""
    names = _LOOPBACK if name in _LOOPBACK else (name,)
    own = "|".join(re.escape(f"[{n}]" if ":" in n else n) for n in names)
    return re.compile(rf"{_HOSTS}|https?://(?:{own})(?::[0-9]+)?/\S*", re.IGNORECASE)

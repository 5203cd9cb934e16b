"""Calls to a provider: short, small, nowhere but where its address says, and never a failure without a sentence.

Nothing of what a provider answers is repeated to people or logged: it may hold what proves who they are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp
import msgspec
from yarl import URL

from hub.errors import Invalid, NotGenuine, Unavailable
from hub.reach import guard, out_of_reach

T = TypeVar("T")
SECONDS = 10.0
"""For a call, all of it."""
LARGEST = 256 * 1024
"""Bytes of an answer; the fullest key set has a tenth."""


class Refusal(msgspec.Struct):
    """What a provider answers where it refuses."""

    error: str = ""


class Calls:
    """Asks providers. `networks`: where those of organizations may be; see `reach`."""

    def __init__(self, networks: Sequence[str], seconds: float = SECONDS) -> None:
        self._guard = guard(networks)
        self._seconds = seconds

    async def get(self, url: str, whose: str, kind: type[T], *, bearer: str = "", trusted: bool = False) -> T:
        """What is there. `whose`: the provider, as people know it; `trusted`: it may be in any network."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        status, body = await self._ask("GET", url, whose, headers, None, trusted)
        if 400 <= status < 500 and status != 429:
            raise NotGenuine(f"{whose} has not what the hub asks for (error {status}). Is the address right?")
        if status != 200:
            raise _away(whose, f"it answered with error {status}")
        return _read(body, whose, kind)

    async def post(
        self, url: str, whose: str, kind: type[T], form: Mapping[str, str], *, basic: str = "", trusted: bool = False
    ) -> T:
        """What it answers to a form. Raises NotGenuine with the reason where it refuses."""
        headers = {"Authorization": f"Basic {basic}"} if basic else {}
        status, body = await self._ask("POST", url, whose, headers, form, trusted)
        if 400 <= status < 500 and status != 429:
            raise _refused(body, whose)
        if status != 200:
            raise _away(whose, f"it answered with error {status}")
        return _read(body, whose, kind)

    async def _ask(
        self,
        method: str,
        url: str,
        whose: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
        trusted: bool,
    ) -> tuple[int, bytes]:
        try:
            async with (
                self._open(trusted) as session,
                session.request(
                    method,
                    URL(url, encoded=True),
                    data=form,
                    headers={"Accept": "application/json", **headers},
                    allow_redirects=False,
                ) as answer,
            ):
                return answer.status, await _body(answer, whose)
        except TimeoutError:
            raise _away(whose, "it took too long to answer") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if out_of_reach(error):
                raise Invalid(f"{whose}'s address leads into a network that this hub does not call.") from None
            raise _away(whose, "it cannot be reached") from None

    @asynccontextmanager
    async def _open(self, trusted: bool) -> AsyncIterator[aiohttp.ClientSession]:
        """A session for one call: they are few, and no connection is kept that the other side may close."""
        connector = aiohttp.TCPConnector() if trusted else aiohttp.TCPConnector(socket_factory=self._guard)
        timeout = aiohttp.ClientTimeout(total=self._seconds)
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=jar) as session:
            yield session


async def _body(answer: aiohttp.ClientResponse, whose: str) -> bytes:
    found = bytearray()
    async for chunk in answer.content.iter_chunked(16 * 1024):
        found += chunk
        if len(found) > LARGEST:
            raise NotGenuine(f"{whose} answered with far more than a provider says.")
    return bytes(found)


def _read(body: bytes, whose: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise NotGenuine(f"What {whose} answered is not what an OpenID provider says. Is the address right?") from None


_REASONS = {
    "invalid_client": "it does not know the hub by the client id and secret that are set",
    "invalid_grant": "it does not take the code that came back; start again",
    "unauthorized_client": "the hub may not sign people in there; allow the authorization code for its client",
    "redirect_uri_mismatch": "it does not know the hub's return address",
}


def _refused(body: bytes, whose: str) -> NotGenuine:
    """Its reason, where it is one of those there are."""
    try:
        error = msgspec.json.decode(body, type=Refusal).error
    except (msgspec.DecodeError, ValueError, RecursionError):
        error = ""
    return NotGenuine(f"{whose} refused to say who you are: {_REASONS.get(error, 'it gave no reason that is known')}.")


def _away(whose: str, why: str) -> Unavailable:
    return Unavailable(f"{whose} cannot sign you in just now: {why}. Try again in a minute.")

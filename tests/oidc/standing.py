"""The provider as a process, and what a test tells it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from hub.domain.ports import Provider
from tests.oidc.provider import CLIENT, SECRET

ANN = {
    "sub": "ann-1",
    "email": "ann@acme.example",
    "email_verified": True,
    "given_name": "Ann",
    "family_name": "Lee",
    "name": "Ann Lee",
}


class Standing:
    """A provider that runs. `url`: where; realms are below it."""

    def __init__(self, url: str, session: ClientSession) -> None:
        self.url = url
        self._session = session

    def issuer(self, realm: str) -> str:
        return f"{self.url}/{realm}"

    async def tell(self, realm: str, **what: Any) -> list[str]:
        """Tells it how to be from now on; gives what it refused since it was told last."""
        async with self._session.post(f"{self.url}/control", json={"realm": realm, **what}) as answer:
            return list((await answer.json())["refused"])

    async def honest(self, realm: str, *redirects: str, **person: Any) -> None:
        """It does nothing wrong, and vouches for Ann with these changes."""
        plain = {"lie": "", "asks": False, "algorithm": "RS256", "by_post": False, "thin": False}
        await self.tell(realm, **plain, redirects=list(redirects), person={**ANN, **person})

    def as_google(self, realm: str = "google") -> Provider:
        """As the operator's settings name it."""
        discovery = f"{self.issuer(realm)}/.well-known/openid-configuration"
        return Provider(name="Google", client=CLIENT, secret=SECRET, discovery=discovery, trusted=True)


@asynccontextmanager
async def standing() -> AsyncIterator[Standing]:
    """A provider until the block ends."""
    pipe = asyncio.subprocess.PIPE
    program = str(Path(__file__).with_name("provider.py"))
    process = await asyncio.create_subprocess_exec(sys.executable, program, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
        async with ClientSession() as session:
            yield Standing(url, session)
    finally:
        process.kill()
        await process.wait()

"""The pages while the database is away: a real server is killed, hangs, and comes back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

from hub.settings import Settings
from hub.store import open_store
from hub.store.embedded import ended
from tests.web.lobby import PASSWORD, Browser, Page, join, lobby_over

GET = (
    *("", "/signup", "/signin", "/check", "/verify", "/code", "/forgot", "/reset"),
    *("/invitation", "/chat", "/sso", "/google", "/return/google"),
)
SOON = 8.0
"""Seconds within which each page says that it cannot come."""


async def test_every_page_says_so_and_comes_back(tmp_path: Path) -> None:
    """Each answers 503, soon, with a page in words and in its style; when the database is back, the same browser goes
    on where it was.
    """
    settings = Settings(data_dir=tmp_path / "data")
    store = await open_store(settings, exclusive=False)  # so that nobody starts the server again before it is wanted
    server = store._embedded
    assert server is not None
    async with lobby_over(store) as house, Browser(house.url) as browser, Browser(house.url) as stranger:
        await join(house, browser, "ann@shop.example")
        form = await stranger.get("/account/signin")
        os.kill(server.pid, signal.SIGSTOP)
        await _all_say_so(browser)
        os.kill(server.pid, signal.SIGKILL)
        await ended(server.pid)
        await _all_say_so(browser)
        page, seconds = await _timed(stranger.fill(form, email="ann@shop.example", password=PASSWORD))
        assert page.status == 503
        assert seconds < SOON
        again = await open_store(settings)
        assert again._embedded is not None
        assert again._embedded.port == server.port
        assert "Ann Lee" in (await _back(browser, "/account")).words
        assert (await stranger.fill(form, email="ann@shop.example", password=PASSWORD)).path == "/account"
        await house.reception.idle()
    await store._client.close()
    await again.close()


async def _all_say_so(browser: Browser) -> None:
    found = await asyncio.gather(*(_timed(browser.get(f"/account{path}")) for path in GET))
    for (page, seconds), path in zip(found, GET, strict=True):
        assert page.status == 503, path
        assert seconds < SOON, path
        assert "Nothing is lost" in page.words, path
        assert page.headers["Retry-After"] == "5"
        assert "Traceback" not in page.text
    assert (await browser.get("/account/style.css")).status == 200
    assert browser.cookie("hub_session"), "nobody is signed out by that"


async def _timed(asked: asyncio.Future[Page] | object) -> tuple[Page, float]:
    begun = time.monotonic()
    page: Page = await asked  # type: ignore[misc]
    return page, time.monotonic() - begun


async def _back(browser: Browser, path: str) -> Page:
    async with asyncio.timeout(90):
        while (page := await browser.get(path)).status == 503:
            await asyncio.sleep(0.1)
    return page

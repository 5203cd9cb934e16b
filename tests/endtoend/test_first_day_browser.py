"""The manual's whole way with nothing left out: a real browser, a real mail server, codes of an authenticator app, and
the bot's dialogs; from `/start` to the first customer's message on the desk, and in again by a code.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pyotp
import pytest
from aiosmtpd.smtp import SMTP
from playwright.async_api import Browser as Chromium
from playwright.async_api import async_playwright, expect

from hub.settings import Settings
from tests.endtoend.first_day import day_on_slack, day_on_telegram
from tests.endtoend.newcomers import PASSWORD, Chat, Place, place_in
from tests.endtoend.town import until

FOUND = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
pytestmark = pytest.mark.skipif(not FOUND, reason="needs chromium, chromium-browser or google-chrome on the path")


class LetterBox:
    """A mail server that takes everything and keeps it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, *given: Any) -> str:  # noqa: N802 - the library's name
        """Takes it."""
        self.mails.append(email.message_from_bytes(given[2].content, policy=email.policy.default))
        return "250 OK"

    def link(self, to: str, path: str) -> str:
        """The link to that page in the newest mail to somebody; empty where there is none."""
        mine = [mail for mail in reversed(self.mails) if mail["To"] == to]
        words = [mail.get_body(("plain",)).get_content() for mail in mine]  # type: ignore[union-attr]
        return next((found[0] for each in words if (found := re.search(rf"http\S+/account/{path}\S*", each))), "")


@pytest.fixture(scope="module")
async def letters() -> AsyncIterator[tuple[LetterBox, str]]:
    """The mail server, and where it is."""
    box, loop = LetterBox(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="mail.example.com"), "127.0.0.1", 0)
    yield box, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()


@pytest.fixture(scope="module")
async def place(own_settings: Settings, letters: tuple[LetterBox, str]) -> AsyncIterator[Place]:
    """One hub for both stories."""
    async with place_in(own_settings, smtp_url=letters[1]) as made:
        yield made


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Chromium]:
    """One browser for both stories."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=FOUND)
        yield started
        await started.close()


class Visitor:
    """Somebody at the browser."""

    def __init__(self, chromium: Chromium, box: LetterBox) -> None:
        self.chromium = chromium
        self.box = box
        self.email = ""

    async def comes_in(self, place: Place, chat: Chat, name: str, mail: str) -> None:
        """Opens the page that the bot leads to, fills it in, and follows the mail's link."""
        del place
        self.email, (first, last) = mail, name.split()
        self.page = await self.chromium.new_page()
        self.page.set_default_timeout(90_000)
        page = self.page
        await page.goto(await chat.page())
        labels = {"Work e-mail": mail, "First name": first, "Last name": last, "Password": PASSWORD}
        for label, words in labels.items():
            await page.get_by_label(label).fill(words)
        await page.get_by_role("button", name="Sign up", exact=True).click()
        await expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
        await page.goto(await until(lambda: self.box.link(mail, "verify"), "the mail"))
        await page.get_by_role("button", name="Verify my e-mail").click()
        await expect(page.get_by_role("status")).to_contain_text("Your address is verified.")
        await chat.hears(f"Hello {first}")

    async def comes_back(self, chat: Chat) -> None:
        """Has a code asked for from now on, signs out, and signs in with one."""
        shown = chat.words(await chat.ask("/2fa", "type this key into it"))
        totp = pyotp.TOTP(re.findall(r"\b[A-Z2-7]{32}\b", shown)[0])
        await chat.ask(f"/2fa {totp.now()}", "Keep these recovery codes")
        page = self.page
        await page.get_by_role("button", name="Sign out").click()
        await page.get_by_label("E-mail").fill(self.email)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        # The code of now was used to confirm; the next one is good already.
        await page.get_by_label("Six digits").fill(totp.at(datetime.now(UTC) + timedelta(seconds=30)))
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        await page.close()


async def test_on_telegram(place: Place, chromium: Chromium, letters: tuple[LetterBox, str]) -> None:
    """Whoever comes from Telegram."""
    visitor = Visitor(chromium, letters[0])
    await visitor.comes_back(await day_on_telegram(place, visitor.comes_in))


async def test_on_slack(place: Place, chromium: Chromium, letters: tuple[LetterBox, str]) -> None:
    """Whoever comes from Slack."""
    visitor = Visitor(chromium, letters[0])
    await visitor.comes_back(await day_on_slack(place, visitor.comes_in))

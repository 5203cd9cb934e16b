"""The account pages in a real browser: the whole way, by keyboard alone, without scripts, and on a narrow phone."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, async_playwright, expect
from pyotp import TOTP

from hub.domain.ids import Identity
from tests.web.lobby import PASSWORD, Lobby, sign_up
from tests.web.lobby import Browser as Blind

FOUND = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
pytestmark = pytest.mark.skipif(not FOUND, reason="needs chromium, chromium-browser or google-chrome on the path")
_addresses = count(1)
PAGES = (
    "/signup",
    "/signin",
    "/forgot",
    "/reset?token=" + "x" * 43,
    "/verify?token=" + "x" * 43,
    "/verify",
    "/nowhere",
)
CONTRAST = """() => {
  const part = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map(part);
    return .2126 * x + .7152 * y + .0722 * z; };
  const parts = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const ground = node => { for (; node; node = node.parentElement) {
    const c = parts(getComputedStyle(node).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const poor = [];
  for (const node of document.querySelectorAll('h1,h2,p,label,a,button,span,summary,small,b')) {
    if (!node.innerText || !node.getClientRects().length || node.matches('.skip')) continue;
    const [a, b] = [light(parts(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.push(node.innerText.slice(0, 40) + ' ' + ((a + .05) / (b + .05)).toFixed(2));
  }
  return poor;
}"""


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Chromium]:
    """One browser for all tests of the module."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=FOUND)
        yield started
        await started.close()


async def opened(chromium: Chromium, **how: Any) -> Page:
    """A window of its own, with an address of its own; everything that its console says is kept in `said`."""
    headers = {"X-Forwarded-For": f"2001:db8:b::{next(_addresses):x}"}
    context = await chromium.new_context(**{"extra_http_headers": headers, **how})
    context.set_default_timeout(90_000)
    return await context.new_page()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_the_whole_way(lobby: Lobby, chromium: Chromium, scripts: bool) -> None:
    """Sign-up, the mail's link, verified, signed out, signed in with a code: on screen, with and without scripts."""
    page = await opened(chromium, java_script_enabled=scripts)
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    email, chat = f"way{scripts}@shop.example".lower(), Identity(f"telegram:80{scripts:d}")
    link = await lobby.reception.invite_in(chat, "Ann", "annlee")
    await page.goto(f"{lobby.url}/account/signup?link={link}")
    await expect(page.get_by_text("Ann (@annlee) on Telegram")).to_be_visible()
    await page.get_by_label("Work e-mail").fill(email)
    await page.get_by_label("First name").fill("Ann")
    await page.get_by_label("Last name").fill("Lee")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign up").click()
    await expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    await page.goto(lobby.url + await lobby.mailed(email, "verify"))
    await page.get_by_role("button", name="Verify my e-mail").click()
    await expect(page.get_by_role("status")).to_contain_text("Your address is verified.")
    assert (chat, "Ann Lee") in lobby.greeted.said
    key = await _second_factor(lobby, email)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_label("Six digits").fill(TOTP(key).at(datetime.now(UTC) + timedelta(seconds=30)))
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Ann Lee")).to_be_visible()
    await expect(page.get_by_text("Chrome on Linux")).to_be_visible()
    assert said == []  # nothing that the content security policy had to stop
    await page.context.close()


async def test_by_keyboard_alone(lobby: Lobby, chromium: Chromium) -> None:
    """The first field has the focus, Tab goes through all in their order, Enter hands in; faults get the focus."""
    page = await opened(chromium)
    await page.goto(f"{lobby.url}/account/signup")
    await page.wait_for_selector("input:focus")
    for text in ("keys@shop.example", "Ann", "", PASSWORD):
        await page.keyboard.type(text)
        await page.keyboard.press("Tab")
    assert await _focus(page) == "Sign up"
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#last_name-fault")
    await page.wait_for_selector("#last_name:focus")
    await page.keyboard.type("Lee")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/account/check")
    await page.goto(lobby.url + await lobby.mailed("keys@shop.example", "verify"))
    await page.wait_for_selector("button:focus")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/account")
    await page.keyboard.press("Tab")
    assert await _focus(page) == "Skip to the page"
    for _ in range(2):
        await page.keyboard.press("Tab")
    assert await _focus(page) == "Sign out"
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/account/signin")
    await page.wait_for_selector("input:focus")
    await page.keyboard.type("keys@shop.example")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/account")
    await page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1280])
async def test_every_page_fits_and_can_be_read(lobby: Lobby, chromium: Chromium, width: int, scheme: Any) -> None:
    """No page scrolls sideways, long addresses included; all words stand out from their ground by 4.5 to 1."""
    page = await opened(chromium, viewport={"width": width, "height": 700}, color_scheme=scheme)
    for path in PAGES:
        await page.goto(f"{lobby.url}/account{path}")
        await _fits(page, width)
    email = f"{'long' * 12}.{width}.{scheme}@a-very-long-name-of-a-shop.example"
    await page.goto(f"{lobby.url}/account/signup")
    await page.get_by_role("button", name="Sign up").click()
    await page.wait_for_selector("#email-fault")
    await _fits(page, width)
    for field, text in (("email", email), ("first_name", "W" * 60), ("last_name", "i"), ("password", PASSWORD)):
        await page.fill(f"#{field}", text)
    await page.get_by_role("button", name="Sign up").click()
    await page.wait_for_url("**/account/check")
    await page.locator("summary").click()
    await _fits(page, width)
    await page.goto(lobby.url + await lobby.mailed(email, "verify"))
    await page.get_by_role("button", name="Verify").click()
    await page.wait_for_url("**/account")
    await _fits(page, width)
    await page.context.close()


async def test_fields_say_what_they_are(lobby: Lobby, chromium: Chromium) -> None:
    """Each field that can be seen has a name for screen readers, and says to password keepers what belongs into it."""
    page = await opened(chromium)
    wanted = {
        "/signup": {
            "Work e-mail": "email",
            "First name": "given-name",
            "Last name": "family-name",
            "Password": "new-password",
        },
        "/signin": {"E-mail": "username", "Password": "current-password"},
        "/forgot": {"E-mail": "username"},
        "/reset?token=" + "x" * 43: {"New password": "new-password"},
    }
    for path, fields in wanted.items():
        await page.goto(f"{lobby.url}/account{path}")
        assert await page.locator("input:not([type=hidden])").count() == len(fields)
        for label, purpose in fields.items():
            field = page.get_by_label(label)
            await expect(field).to_have_attribute("autocomplete", purpose)
            await expect(field).to_have_accessible_name(label)
    async with Blind(lobby.url) as blind:
        faulty = await sign_up(blind, "no address")
    await page.set_content(faulty.text)
    await expect(page.get_by_label("Work e-mail")).to_have_accessible_description(
        "Fill in an e-mail address such as ann@example.com."
    )
    await page.context.close()


async def _fits(page: Page, width: int) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert await page.evaluate(CONTRAST) == [], page.url


async def _focus(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.innerText")).strip()


async def _second_factor(lobby: Lobby, email: str) -> str:
    user = await lobby.store.users.by_email(email)
    assert user is not None
    key = (await lobby.reception.propose(user.id)).key.replace(" ", "")
    await lobby.reception.confirm(user.id, TOTP(key).now(), "telegram:1")
    return key

"""Google's and an organization's sign-in in a real browser, whose own policies decide which redirects are followed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, async_playwright, expect

from hub.domain.ids import Identity
from tests.web.doorway import Doorway
from tests.web.lobby import PASSWORD, Browser, join
from tests.web.test_account_browser import CONTRAST, FOUND

pytestmark = pytest.mark.skipif(not FOUND, reason="needs chromium, chromium-browser or google-chrome on the path")


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Chromium]:
    """One browser for all tests of the module."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=FOUND)
        yield started
        await started.close()


@pytest.fixture
async def page(chromium: Chromium, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """A window of its own; without scripts where the test says so."""
    context = await chromium.new_context(java_script_enabled=getattr(request, "param", True))
    context.set_default_timeout(90_000)
    yield await context.new_page()
    await context.close()


async def test_through_google(door: Doorway, page: Page) -> None:
    """From the chat's link by Google's page to one's account: the chat account is tied, and no policy is in the way."""
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    name = f"g{id(page)}"
    chat = Identity(f"telegram:{id(page)}")
    await door.google(sub=name, email=f"{name}@gmail.example", given_name="Gil", family_name="Ray")
    await door.provider.tell("google", asks=True)
    link = await door.lobby.reception.invite_in(chat, "Gil", "gil")
    await page.goto(f"{door.lobby.url}/account/signup?link={link}")
    await page.get_by_role("link", name="Continue with Google").click()
    await page.get_by_role("link", name="Deny").click()
    await expect(page.get_by_role("alert")).to_contain_text("Google was not allowed to tell who you are.")
    await page.get_by_role("link", name="Back to signing in").click()
    await expect(page.get_by_text("Gil (@gil) on Telegram")).to_be_visible()
    await page.get_by_role("link", name="Continue with Google").click()
    await page.get_by_role("link", name="Allow").click()
    await page.wait_for_url("**/account")
    await expect(page.get_by_role("status")).to_contain_text("Welcome, Gil.")
    assert (chat, "Gil Ray") in door.lobby.greeted.said
    assert not [line for line in said if "Policy" in line]


@pytest.mark.parametrize("page", [False], ids=["no scripts"], indirect=True)
async def test_through_the_organization(door: Doorway, page: Page) -> None:
    """From one's work address by the organization's page to the account that one had, tied by its password."""
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    email = f"s{id(page)}@acme.example"
    async with Browser(door.lobby.url) as before:
        await join(door.lobby, before, email)
    await door.sso(sub=email, email=email)
    await door.provider.tell("acme", asks=True)
    await page.goto(f"{door.lobby.url}/account/signin")
    await page.get_by_role("link", name="Sign in with your organization").click()
    await page.get_by_label("Work e-mail").fill(email)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=email)).to_be_visible()  # the provider's page was given the address
    await page.get_by_role("link", name="Allow").click()
    await expect(page.get_by_role("status")).to_contain_text("has an account already: sign in to it as you do")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_contain_text("Acme's sign-in opens this account from now on.")
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.goto(f"{door.lobby.url}/account/sso")
    await page.get_by_label("Work e-mail").fill(email)
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_role("link", name="Allow").click()
    await page.wait_for_url("**/account")
    assert not [line for line in said if "Policy" in line]


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
async def test_the_pages_fit_and_can_be_read(door: Doorway, chromium: Chromium, width: int, scheme: str) -> None:
    """No page scrolls sideways, and all words stand out from their ground by 4.5 to 1."""
    context = await chromium.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)  # type: ignore[arg-type]
    page = await context.new_page()
    await door.sso()
    for path in ("signin", "signup", "sso", "google", "return/google?state=x"):
        await page.goto(f"{door.lobby.url}/account/{path}")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert await page.evaluate(CONTRAST) == [], path
    async with Browser(door.lobby.url) as blind:
        leaving = await blind.fill("/account/sso", email="ann@acme.example")
    await page.set_content(leaving.text.replace("http-equiv", "data-was"))
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await context.close()

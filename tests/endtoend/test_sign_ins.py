"""Google's and an organization's sign-in in a whole hub: from the chat over the provider back into the chat."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator

import pytest

from hub.settings import Settings
from tests.endtoend.newcomers import Browser, Chat, Place, browser, comes_in, on_slack, on_telegram, place_in
from tests.oidc.provider import CLIENT, SECRET
from tests.oidc.standing import Standing, standing


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[Standing]:
    """It stands for Google and for an organization's provider."""
    async with standing() as started:
        yield started


@pytest.fixture(scope="module")
async def place(own_settings: Settings, provider: Standing) -> AsyncIterator[Place]:
    """One hub for all stories; its Google is the provider."""
    google = provider.as_google()
    changes = {
        "google_client_id": google.client,
        "google_client_secret": google.secret,
        "google_discovery_url": google.discovery,
        "custom_networks": ("loopback",),
    }
    async with place_in(own_settings, **changes) as made:
        yield made


async def test_google_from_the_chat_and_back(place: Place, provider: Standing) -> None:
    """The bot's button, Google, and the chat greets by name: nothing was typed, and no mail was sent."""
    await provider.honest("google", _at(place, "return/google"), sub="g", email="gil@gmail.example", given_name="Gil")
    chat = on_telegram(place, place.town.net.add_user("Gilbert"))
    link = await chat.page()
    async with browser() as firefox:
        await firefox.open(link)
        await firefox.open(_at(place, "google") + _found(firefox, r'href="/account/google([^"]*)"'))
        assert firefox.address.endswith("/account")
        assert "Welcome, Gil." in firefox.page
    await chat.hears("Hello Gil")
    assert "gil@gmail.example" in chat.words(await chat.ask("/me", "gil@gmail.example"))
    await chat.ask("/sessions", "by Google")
    assert not place.mailed("gil@gmail.example", "verify")


async def test_an_organizations_own_sign_in(place: Place, provider: Standing) -> None:
    """The admin sets it up in the private chat; a colleague comes in by it from Slack, and is out when it is off."""
    admin = on_telegram(place, place.town.net.add_user("Rooty"))
    await comes_in(place, admin, "Root Acorn", "root@acorn.example")
    await admin.press("Acorn", "Acorn stands, and in it your first workspace")
    told = admin.words(await admin.ask("/organization sso", "people back to"))
    back = re.search(r"http\S+/account/return/\w+", told)
    assert back
    person = {"sub": "cy", "email": "cy@acorn.example", "given_name": "Cy", "family_name": "Oak"}
    await provider.honest("acorn", back[0], **person)
    line = f"/organization sso {provider.issuer('acorn')} {CLIENT}"
    await admin.ask(f"{line} {SECRET} bank.example", "verified address at bank.example first")
    await admin.ask(f"{line} {SECRET} acorn.example", "can sign in by")
    colleague = on_slack(place, place.slack.add_user(place.team, "Cyrus"))
    async with browser() as firefox:
        await _by_organization(place, firefox, colleague, "cy@acorn.example")
        await colleague.hears("Hello Cy")
        await colleague.ask("/sessions", "by your organization")
        await admin.ask("/organization sso off", "signed out by that: 1")
        await firefox.open(_at(place, ""))
        assert firefox.address.endswith("/account/signin")


async def _by_organization(place: Place, firefox: Browser, chat: Chat, email: str) -> None:
    link = (await chat.page()).partition("link=")[2]
    await firefox.open(_at(place, f"sso?link={link}"))
    await firefox.send(email=email)
    await firefox.open(_found(firefox, r'content="0;url=([^"]*)"'))
    assert firefox.address.endswith("/account")


def _at(place: Place, page: str) -> str:
    return f"http://127.0.0.1:{place.town.hub.port}/account/{page}".rstrip("/")


def _found(firefox: Browser, pattern: str) -> str:
    found = re.search(pattern, firefox.page)
    assert found is not None, firefox.page
    return html.unescape(found[1])

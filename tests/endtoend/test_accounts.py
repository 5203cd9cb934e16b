"""Accounts in a whole hub: from `/start` in a private chat over the pages and the mail back into the chat."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pyotp
import pytest

from hub.domain.models import Member
from hub.settings import Settings
from tests.endtoend.newcomers import PASSWORD, Chat, Place, browser, comes_in, on_slack, on_telegram, place_in
from tests.endtoend.shop import Shop
from tests.endtoend.town import until, words_of


@pytest.fixture(scope="module")
async def place(own_settings: Settings) -> AsyncIterator[Place]:
    """One hub for all stories."""
    async with place_in(own_settings) as made:
        yield made


@pytest.fixture(params=["telegram", "slack"])
def chat_of(place: Place, request: pytest.FixtureRequest) -> Callable[[str], Chat]:
    """Makes somebody with a chat on one of the networks."""
    if request.param == "telegram":
        return lambda name: on_telegram(place, place.town.net.add_user(name))
    return lambda name: on_slack(place, place.slack.add_user(place.team, name))


async def test_from_start_to_being_known(place: Place, chat_of: Callable[[str], Chat]) -> None:
    """Whoever is nobody is led to the page, signs up, verifies by the mail, is greeted by name in the chat that asked,
    and is known there from then on.
    """
    chat = chat_of("Zed")
    network = "t" if chat.words is words_of else "s"
    mail = f"mary.{network}@shop.example"
    await comes_in(place, chat, "Mary Poppins", mail)
    assert mail in chat.words(await chat.ask("/me", "Mary Poppins"))
    await chat.ask("/start", "Hello Mary")
    listed = chat.words(await chat.ask("/sessions", "Firefox on Linux"))
    assert "by mail" in listed
    await chat.ask("/sessions end all", "The one browser that was signed in is signed out")


async def test_the_code_is_wanted_at_sign_in(place: Place, chat_of: Callable[[str], Chat]) -> None:
    """The picture and the key come into the private chat; once confirmed, the page wants a code, and a recovery code
    does, too; it goes off only by a code.
    """
    chat = chat_of("Hugo")
    mail = f"hugo.{'t' if chat.words is words_of else 's'}@shop.example"
    await comes_in(place, chat, "Hugo Cap", mail)
    shown = await chat.ask("/2fa", "type this key into it")
    key = re.search(r"\b[A-Z2-7]{32}\b", chat.words(shown))
    assert key
    await until(lambda: [m for m in chat.said() if m.get("photo") or m.get("files")], "the picture")
    codes = chat.words(await chat.ask(f"/2fa {pyotp.TOTP(key[0]).now()}", "Keep these recovery codes"))
    recovery = re.findall(r"\b[2-9a-z]{5}-[2-9a-z]{5}-[2-9a-z]{5}\b", codes)
    async with browser() as firefox:
        await firefox.open(f"http://127.0.0.1:{place.town.hub.port}/account/signin")
        await firefox.send(email=mail, password=PASSWORD)
        assert firefox.address.endswith("/account/code")
        await firefox.send(code=recovery[0])
        assert firefox.address.endswith("/account")
    await chat.ask("/2fa off 000000", "That code is not right")
    await chat.ask(f"/2fa off {recovery[1]}", "No code is asked for any more")


async def test_an_owner_gains_an_account_and_keeps_the_workspace(place: Place) -> None:
    """Somebody who became the owner by a code signs up by /start, stays the owner, and parts and ties the chat account
    again; parted, it is nobody's, in the workspace too.
    """
    shop = Shop(place.town)
    await shop.found()
    chat = on_telegram(place, shop.olivia)
    identity = f"telegram:{shop.olivia.id}"
    (link,) = chat.links(await chat.ask("/start", "This chat is your only way in so far"))
    await chat.ask("/logout now", "This chat account is your only way in")
    async with browser() as firefox:
        await firefox.sign_up(link, "Olivia Owner", "olivia@shop.example")
        await firefox.open(await place.letter("olivia@shop.example", "verify"))
        await firefox.send()
        await chat.hears("Hello Olivia, you are signed in as olivia@shop.example")
        me = words_of(await chat.ask("/me", "olivia@shop.example"))
        assert "wner of Olivia's workspace" in me
        assert [(m.role, m.name) for m in await shop.kept(Member)] == [("owner", "Olivia Owner")]

        await chat.ask("/logout", "Log out here?")
        await chat.ask("/logout now", "You are logged out here")
        assert [m.identities for m in await shop.kept(Member)] == [[]]
        link = await chat.page()
        await firefox.open(link.replace("signup", "signin"))
        await firefox.send(email="olivia@shop.example", password=PASSWORD)
    await _until_kept(lambda: shop.kept(Member), lambda found: found[0].identities == [identity])
    await chat.ask("/start", "You are an owner of Olivia's workspace")


async def test_a_second_chat_account_acts_as_the_same_person(place: Place) -> None:
    """Who signs in from Slack, too, is the same member of the same workspace there, and no other one."""
    shop = Shop(place.town, "other")
    await shop.found()
    one = on_telegram(place, shop.olivia)
    (link,) = one.links(await one.ask("/start", "This chat is your only way in so far"))
    two = on_slack(place, place.slack.add_user(place.team, "Liv"))
    async with browser() as firefox:
        await firefox.sign_up(link, "Livia Two", "livia@shop.example")
        await firefox.open(await place.letter("livia@shop.example", "verify"))
        await firefox.send()
        await one.hears("Hello Livia")
        await firefox.open((await two.page()).replace("signup", "signin"))
        await firefox.send(email="livia@shop.example", password=PASSWORD)
    await two.hears("Hello Livia")
    assert "an owner of" in two.words(await two.ask("/start", "Hello Livia Two"))
    assert [len(m.identities) for m in await shop.kept(Member)] == [2]


async def _until_kept(look: Callable[[], Awaitable[Any]], fits: Callable[[Any], bool]) -> None:
    async def found() -> bool:
        return fits(await look())

    await until(found, "what is kept to be so")

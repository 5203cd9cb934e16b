"""Invited by mail, in a whole hub: from the owner's line over mail and page into the chat, and out of the workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.domain.models import Member
from hub.settings import Settings
from tests.endtoend.newcomers import PASSWORD, Chat, Place, browser, on_slack, on_telegram, place_in
from tests.endtoend.shop import Shop
from tests.endtoend.town import words_of


@pytest.fixture(scope="module")
async def place(own_settings: Settings) -> AsyncIterator[Place]:
    """One hub for both ways in."""
    async with place_in(own_settings) as made:
        yield made


@pytest.mark.parametrize("network", ["telegram", "slack"])
async def test_from_the_mail_into_the_chat_and_out_again(place: Place, network: str) -> None:
    """Who signs up by the mail is told how the bot is opened, is known there by one tap, and is nobody once removed."""
    shop = Shop(place.town, network)
    await shop.found()
    owner, email = on_telegram(place, shop.olivia), f"nora.{network}@acme.example"
    await owner.ask(f"/invite {email} agent own", f"An invitation is on its way to {email}")
    chat = _chat(place, network)
    async with browser() as firefox:
        await firefox.open(await place.letter(email, "invitation"))
        assert "own contacts only" in firefox.page
        await firefox.send(first_name="Nora", last_name="Nix", password=PASSWORD)
        assert firefox.address.endswith("/account/chat")
    token = firefox.page.partition("?start=")[2].partition('"')[0]
    await chat.ask(f"/start {token}", "This chat account is yours now")
    await chat.hears("Hello Nora")
    await chat.ask("/whoami", "You are ")
    assert [(m.role, m.limits) for m in await shop.kept(Member) if m.name == "Nora Nix"] == [("agent", ["own"])]
    assert "Nora Nix, agent (own contacts only)" in words_of(await owner.ask("/users", "Nora Nix"))

    await owner.ask("/remove Nora Nix", "Nothing has changed yet")
    await owner.press("Remove Nora Nix", "is no member of")
    await chat.hears("has taken you out of")
    await chat.ask("/me", "In no workspace yet")
    assert [m.name for m in await shop.kept(Member) if m.role == "agent"] == []


def _chat(place: Place, network: str) -> Chat:
    if network == "telegram":
        return on_telegram(place, place.town.net.add_user("Nora"))
    return on_slack(place, place.slack.add_user(place.team, "Nora"))

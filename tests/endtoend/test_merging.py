"""One person with two channels, in a whole hub: whichever they write from, it is one talk."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.domain.models import Contact, Conversation
from hub.sandbox.telegram.accounts import Json
from hub.settings import Settings
from tests.endtoend.mixed import Customer, Mixed, Place, Typed, mixed_in, present
from tests.endtoend.town import until, words_of


@pytest.fixture(scope="module")
async def mixed(own_settings: Settings) -> AsyncIterator[Mixed]:
    async with mixed_in(own_settings) as made:
        yield made


async def arrived(mixed: Mixed, network: str, words: str) -> tuple[Customer, Place]:
    """Somebody new wrote from there, and stands on both desks."""
    customer = mixed.somebody(network)
    await customer.write([Typed(words)])
    for desk in ("slack", "telegram"):
        place = mixed.agents(desk, customer)
        await present(place)
        await until(lambda: said(place, words), f"{words} on the {desk} desk")  # noqa: B023 - waited for at once
    return customer, place


def said(place: Place, words: str) -> bool:
    return any(words in f"{words_of(p)} {p.get('blocks', '')}" for p in place.posts())


def heard(customer: Customer) -> list[str]:
    return [words_of(m) for m in customer.phone()]


def told(mixed: Mixed, place: Place, words: str) -> Json | None:
    """What Bob alone was told in a topic."""
    shop = mixed.shop
    thread = next(t.id for t in shop.net.topics(shop.group) if place.name in t.name)
    return next((m for m in reversed(shop.whispers(shop.bob, thread)) if words in words_of(m)), None)


async def number(mixed: Mixed, customer: Customer) -> int:
    contact = next(c for c in await mixed.shop.kept(Contact) if c.first_name == customer.name)
    (found,) = await mixed.shop.kept(Conversation, contact=contact.id, state="open")
    return int(found.number)


async def test_one_person_on_two_networks(mixed: Mixed) -> None:
    """Merged by an agent, what they write from either network stands in one place on both desks; answers go where they
    wrote last, or where a button on the card says; and they can be told apart again.
    """
    phone, topic = await arrived(mixed, "telegram", "from my phone")
    page, old = await arrived(mixed, "messenger", "from my page")
    topic.answer([Typed(f"/merge #{await number(mixed, page)}")])
    shop = mixed.shop
    asked = await until(lambda: told(mixed, topic, "would become"), "the preview")
    tap = shop.net.press_ephemeral(shop.bob, shop.group, asked["ephemeral_message_id"], "⇄ Merge")
    await tap.answer(20)
    await mixed.shop.town.quiet()
    await until(lambda: said(old, f"This is {phone.name}"), "the word in the old place")

    await page.write([Typed("and from my page again")])
    await until(lambda: said(topic, "and from my page again"), "it in the one topic")
    await until(lambda: said(mixed.agents("slack", phone), "and from my page again"), "it in the one thread")
    assert not said(old, "and from my page again")
    topic.answer([Typed("To your page.")])
    await until(lambda: heard(page) == ["To your page."], "the answer on Messenger")

    topic.answer([Typed(f"/via {shop.bot.username}")])
    await until(lambda: told(mixed, topic, "now, until they write"), "the switch")
    topic.answer([Typed("To your phone.")])
    await until(lambda: heard(phone) == ["To your phone."], "the answer on Telegram")

    topic.answer([Typed("/unmerge")])
    await until(lambda: told(mixed, topic, "told apart again"), "that they are two")
    await page.write([Typed("who am I?")])
    await until(lambda: said(old, "who am I?"), "it in the old place")
    assert not said(topic, "who am I?")

"""A contact rates a closed conversation by buttons of their own network, and a colleague hears in private of theirs."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.domain import answers
from hub.domain.models import Contact, Conversation
from hub.domain.telling import rating
from tests.endtoend.mixed import NETWORKS, Customer, Mixed, OnMessenger, OnSlack, OnTelegram, Typed, present
from tests.endtoend.town import until, words_of

FOUR = "4 ★"


async def _on_telegram(customer: OnTelegram, message: dict[str, Any]) -> None:
    """The button spins until the bot says that it heard the press."""
    shop = customer.mixed.shop
    tap = shop.net.press(customer.user, shop.bot, message["message_id"], FOUR)
    await tap.answer(20)


async def _on_slack(customer: OnSlack, message: dict[str, Any]) -> None:
    knock = customer.mixed.slack.press(customer.user, customer.mixed.help_app, message["ts"], FOUR)
    await knock.answer(20)
    assert not knock.trouble


async def _on_messenger(customer: OnMessenger, message: dict[str, Any]) -> None:
    assert message["quick_replies"][3] == FOUR
    customer.mixed.pages.press_quick_reply(customer.person, customer.mixed.page, FOUR)


async def _on_custom(customer: Customer, message: dict[str, Any]) -> None:
    chosen = next(choice for choice in message["choices"] if choice["label"] == FOUR)
    event = {"type": "postback", "id": f"p-{customer.name}", "message": "m1", "from": {"id": customer.name}, **chosen}
    body = json.dumps({**event, "at": datetime.now(UTC).isoformat()}).encode()
    mixed = customer.mixed
    async with mixed.http.post(mixed.hooks["custom"], data=body, headers=mixed.system.sign(body)) as said:
        assert said.status == 200


PRESS: dict[str, Callable[[Any, dict[str, Any]], Awaitable[None]]] = {
    "telegram": _on_telegram,
    "slack": _on_slack,
    "messenger": _on_messenger,
    "custom": _on_custom,
}


def heard(customer: Customer) -> list[str]:
    return [str(m.get("text") or "") for m in customer.phone()]


@pytest.mark.parametrize("network", NETWORKS)
async def test_a_rating_by_button(mixed: Mixed, network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked after closing in the contact's own channel; the press is answered as the network wants it, kept, shown on
    the desks, and opens nothing.
    """
    monkeypatch.setattr(rating, "PAUSE", timedelta(0))
    monkeypatch.setattr(answers, "HOLD", timedelta(0))
    await mixed.shop.ask(mixed.shop.olivia, "/rating on")
    customer = mixed.somebody(network)
    await customer.write([Typed("Where is it?")])
    place = mixed.agents("telegram", customer)
    await present(place)
    place.answer([Typed("On its way.")])
    await until(lambda: len(customer.phone()) == 1, "the answer")
    place.answer([Typed("/close -")])
    await until(lambda: "1 is bad, 5 is very good" in heard(customer)[-1], f"the question; heard {heard(customer)}")
    await PRESS[network](customer, customer.phone()[-1])
    await until(lambda: "Thank you: 4 of 5." in heard(customer), f"thanks; heard {heard(customer)}")
    for desk in ("telegram", "slack"):
        there = mixed.agents(desk, customer)
        await until(lambda there=there: any("4 of 5" in str(m) for m in there.posts()), f"it on the {desk} desk")
    (contact,) = await mixed.shop.kept(Contact, first_name=customer.name)
    (conversation,) = await mixed.shop.kept(Conversation, contact=contact.id)
    assert (conversation.state, conversation.rating.score) == ("closed", 4)


async def test_a_notice_leads_to_the_place(mixed: Mixed) -> None:
    """Who is given a conversation is told in private, with a button that opens it on their desk."""
    customer = mixed.somebody("telegram")
    await customer.write([Typed("Help me")])
    place = mixed.agents("telegram", customer)
    await present(place)
    shop, number = mixed.shop, (await mixed.shop.kept(Conversation))[-1].number
    await shop.ask(shop.olivia, f"/assign {number} bob")

    def told() -> Any:
        found = [m for m in shop.net.private(shop.bob, shop.admin) if "gave you" in words_of(m)]
        return found[-1] if found else None

    notice = await until(told, "Bob to be told")
    assert f"gave you #{number} with {customer.name}" in words_of(notice)
    (button,) = notice["reply_markup"]["inline_keyboard"][0]
    assert button["text"] == f"Open #{number} ▸"
    assert button["url"].startswith("https://t.me/c/")

"""The budget of the desk: each task by exactly these inputs and not one more, and the state that they must lead to.

An action is one tap, one typed group up to its Enter, or one change of screen. From a phone's lock screen an answer
is two: Reply on the notification, and the words; from the open inbox, the link on the card and the words.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from hub.domain.models import Contact, Conversation, now
from hub.host.timekeeping import ring
from hub.sandbox.telegram.accounts import Json
from hub.settings import Settings
from tests.endtoend.shop import Shop, Talk, shop_in
from tests.endtoend.town import until


@pytest.fixture(scope="module")
async def shop(own_settings: Settings) -> AsyncIterator[Shop]:
    """A shop that has been in use: with a snippet, a category and a tag."""
    async with shop_in(own_settings) as made:
        await made.ask(made.olivia, "/snippet add hi Hello {{ contact.first_name }}, how can we help?")
        await made.ask(made.olivia, "/category add Billing")
        talk = await made.arrive()
        talk.write("/tag +vip")
        await talk.sees("🏷 vip")
        talk.write("/close bil done")
        await talk.sees("✅ closed")
        await made.town.quiet()
        yield made


class Hands:
    """Bob's hands: they count what they do, and do no more than they may."""

    def __init__(self, talk: Talk, budget: int) -> None:
        self.talk = talk
        self.budget = budget
        self.used = 0
        self.where: int | None = None

    def _use(self, actions: int) -> None:
        self.used += actions
        assert self.used <= self.budget, "over the budget"

    def reply_on_the_notification(self, text: str) -> None:
        """Tap Reply on the lock screen, type and send. The app sends it as a reply to what was notified, in its
        topic.
        """
        self._use(2)
        self.talk.write(text, reply_to=self.talk.posts()[-1]["message_id"])

    def follow(self, url: str) -> None:
        """Tap a link: it opens a topic at a message, both of which must be there."""
        self._use(1)
        _, thread, post = re.fullmatch(r"https://t\.me/c/(\d+)/(\d+)(?:/(\d+))?", url).groups()  # type: ignore[union-attr]
        self.where = int(thread)
        assert post is None or self.talk.net.message(self.talk.shop.group, int(post))["message_thread_id"] == self.where

    def stand_in_the_topic(self) -> None:
        """The topic is open already."""
        self.where = self.talk.topic.id

    def type(self, text: str) -> None:
        """Type and Enter, where one is."""
        self._use(1)
        assert self.where is not None
        shop = self.talk.shop
        shop.net.say(shop.bob, shop.group, text, thread=self.where)

    async def tap(self, label: str) -> None:
        """Tap a button in the topic."""
        self._use(1)
        await self.talk.press(self.talk.shop.bob, label)


async def state(talk: Talk) -> tuple[Conversation, Contact]:
    """What is kept of the contact, when everything is done."""
    await talk.shop.town.quiet()
    (contact,) = [c for c in await talk.shop.kept(Contact) if c.first_name == talk.name]
    return (await talk.shop.kept(Conversation, contact=contact.id))[-1], contact


def row_of(talk: Talk) -> list[Json]:
    """The contact's row on the queue card."""
    rows = talk.shop.cards()[-1]["reply_markup"]["inline_keyboard"]
    return list(next(r for r in rows if talk.name in r[0]["text"]))


async def waiting(shop: Shop, name: str = "ann") -> Talk:
    """A new contact who stands on the queue card, alone there."""
    for earlier in await shop.kept(Conversation, state="open"):
        await shop.ask(shop.bob, f"/close {earlier.number} bil done")
    talk = await shop.arrive(name=name)
    await shop.town.quiet()
    await until(lambda: talk.name in str(shop.cards()[-1]), "the row on the queue card")
    return talk


async def bobs(shop: Shop) -> str:
    """Bob's id."""
    return (await shop.member(shop.bob)).id


async def test_1_answer_from_the_phone(shop: Shop) -> None:
    """Answering a new message from the lock screen takes 2 actions, and claims."""
    talk = await waiting(shop)
    hands = Hands(talk, 2)
    hands.reply_on_the_notification("On its way!")
    await until(lambda: talk.heard() == ["On its way!"], "the answer")
    conversation, _ = await state(talk)
    assert conversation.assignee == await bobs(shop)
    assert conversation.waiting_since is None


async def test_1_answer_from_the_inbox(shop: Shop) -> None:
    """Answering from the open inbox takes at most 3: the link on the card, (the field,) the words."""
    talk = await waiting(shop)
    hands = Hands(talk, 3)
    hands.follow(row_of(talk)[0]["url"])
    assert hands.where == talk.topic.id
    hands.type("On its way!")
    await until(lambda: talk.heard() == ["On its way!"], "the answer")


async def test_2_claim(shop: Shop) -> None:
    """Claiming takes one tap on the card of the queue, one under the message, or a line from the phone."""
    talk = await waiting(shop)
    take = row_of(talk)[1]
    tap = shop.net.press(shop.bob, shop.group, shop.cards()[-1]["message_id"], take["callback_data"])
    await tap.answer()
    assert (await state(talk))[0].assignee == await bobs(shop)
    talk = await waiting(shop)
    hands = Hands(talk, 1)
    await hands.tap("✋ Take")
    assert (await state(talk))[0].assignee == await bobs(shop)
    talk = await waiting(shop)
    hands = Hands(talk, 2)
    hands.reply_on_the_notification("/take")
    await talk.sees("✋ Bob")
    assert (await state(talk))[0].assignee == await bobs(shop)
    assert talk.heard() == []


@pytest.mark.parametrize("budget", [1, 2], ids=["inbox", "phone"])
@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("/a olivia", "assigned"),
        ("/t vip", "tagged"),
        ("/close bil Refunded order 7", "closed"),
        ("/z", "snoozed"),
    ],
    ids=["3 assign", "4 tag", "7 close", "8 snooze"],
)
async def test_3_4_7_8_one_line(shop: Shop, line: str, check: str, budget: int) -> None:
    """Assigning, tagging, closing with category and summary, and snoozing to the next morning take one typed line; two
    actions from the lock screen.
    """
    talk = await waiting(shop)
    hands = Hands(talk, budget)
    if budget == 1:
        hands.stand_in_the_topic()
        hands.type(line)
    else:
        hands.reply_on_the_notification(line)
    shows = {"assigned": "✋ Olivia", "tagged": "🏷 vip", "closed": "Billing: Refunded order 7"}
    shows["snoozed"] = "💤 snoozed until"
    await talk.sees(shows[check])
    conversation, contact = await state(talk)
    reached: dict[str, Any] = {
        "assigned": conversation.assignee == (await shop.member(shop.olivia)).id,
        "tagged": len(contact.tags) == 1,
        "closed": conversation.state == "closed" and conversation.summary == "Refunded order 7",
        "snoozed": conversation.state == "snoozed" and conversation.snoozed_until is not None,
    }
    assert reached[check]
    assert talk.heard() == []


async def test_8_snooze_by_its_button(shop: Shop) -> None:
    """Under the message stands a button that names the moment: one tap, and the conversation is off the queue card."""
    talk = await waiting(shop)
    (label,) = [
        b["text"] for row in talk.posts()[-1]["reply_markup"]["inline_keyboard"] for b in row if "💤" in b["text"]
    ]
    hands = Hands(talk, 1)
    await hands.tap(label)
    await talk.sees("💤 snoozed until")
    conversation, _ = await state(talk)
    assert conversation.snoozed_until is not None
    assert label.endswith(f"{conversation.snoozed_until:%H:%M}".lstrip("0"))
    await until(lambda: talk.name not in str(shop.cards()[-1]), "the row to be gone from the queue card")
    await ring(shop.town.hub.store.workspace(shop.workspace), now() + timedelta(days=5))
    await talk.sees(f"with {talk.name} is back")
    await until(lambda: talk.name in str(shop.cards()[-1]), "the row on the queue card again")
    assert talk.heard() == []


async def test_5_saved_reply(shop: Shop) -> None:
    """A saved reply with the contact's name takes one line in the topic, two actions from the lock screen."""
    talk = await waiting(shop)
    hands = Hands(talk, 2)
    hands.stand_in_the_topic()
    hands.type("/s hi")
    await until(lambda: talk.heard() == [f"Hello {talk.name}, how can we help?"], "the saved reply")
    talk = await waiting(shop)
    hands = Hands(talk, 2)
    hands.reply_on_the_notification("/s hi")
    await until(lambda: talk.heard() == [f"Hello {talk.name}, how can we help?"], "the saved reply")
    assert (await state(talk))[0].assignee == await bobs(shop)


async def test_10_who_waited_longest(shop: Shop) -> None:
    """From the open app, General and its last message's first row open who waited longest: 2 actions; as Next does."""
    first = await waiting(shop, "first")
    second = await shop.arrive(name="second")
    await shop.town.quiet()
    await until(lambda: second.name in str(shop.cards()[-1]), "both on the card")
    hands = Hands(first, 2)
    hands._use(1)  # General is opened
    assert shop.cards()[-1]["message_id"] in [m["message_id"] for m in shop.home()[-5:]]
    hands.follow(shop.cards()[-1]["reply_markup"]["inline_keyboard"][0][0]["url"])
    assert hands.where == first.topic.id
    first.write("/take")
    await first.told(shop.bob, "yours")
    found = first.button(shop.bob, "Next: ")
    assert found is not None
    rows = found[0]["reply_markup"]["inline_keyboard"]
    url = next(b["url"] for row in rows for b in row if b["text"] == found[1])
    hands = Hands(second, 2)
    hands.follow(url)
    assert hands.where == second.topic.id


async def test_every_confirmation_ends_with_undo(shop: Shop) -> None:
    """Each inward deed is confirmed with Undo, which takes one tap and leads back; nothing of it reaches the
    contact.
    """
    talk = await waiting(shop)
    for line, done, back in (
        ("/a olivia", "✋ Olivia", "✋ nobody"),
        ("/t vip", "🏷 vip", ""),
        ("/close bil over", "✅ closed", "🟢 open"),
    ):
        talk.write(line)
        await talk.sees(done)
        await shop.town.quiet()
        hands = Hands(talk, 1)
        await hands.tap("↩ Undo")
        await until(lambda d=done: d not in talk.desk()[0], f"{line} to be undone")
        assert not back or back in talk.desk()[0] or "waiting" in talk.desk()[0]
    assert talk.heard() == []


async def test_a_menus_tap_is_harmless(shop: Shop) -> None:
    """Every command of the desk's menu sent bare, as a tap in the menu does, changes no conversation and sends
    nothing.
    """
    talk = await waiting(shop)
    talk.write("first things first")
    await until(talk.heard, "an answer, so that there is something to take back")
    talk.say("and then?")
    await talk.sees("and then?")
    conversation, contact = await state(talk)
    menu = {
        entry["command"]
        for each in shop.net.menus(shop.admin)
        if each["scope"]["type"] != "all_private_chats"
        for entry in each["commands"]
    }
    assert {"assign", "close", "tag", "next", "inbox", "help", "note"} <= menu
    since = len(shop.net.calls)
    for command in sorted(menu - {"undo", "unsend", "take", "reopen", "snooze"}):
        talk.write(f"/{command}", by=shop.olivia)
        await shop.town.net.settled()
    after, person = await state(talk)
    assert (after.state, after.assignee, after.summary) == (
        conversation.state,
        conversation.assignee,
        conversation.summary,
    )
    assert person.tags == contact.tags
    assert not shop.outward(since)

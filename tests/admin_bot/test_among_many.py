"""Few among many: what is somebody's own is right, and found without looking through what everybody else has."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.admin_bot.commands import presence
from hub.admin_bot.heard import Pressed
from hub.domain.ids import ContactId, ConversationId, PostId, UserId, new_id
from hub.domain.models import Contact, Conversation
from hub.domain.ports import Tx
from tests.admin_bot.counter_desk import CHANNEL, Shop, Who
from tests.store.counting import asked

MANY = 300
FEW = 60
"""What one question may look at here, where many have nothing to do with it."""


async def crowd(shop: Shop, whose: Who, count: int, phone: str = "", *, waiting: bool = True) -> None:
    """So many contacts with an open conversation of theirs; `phone`: with what the numbers begin."""

    async def deed(tx: Tx) -> None:
        for place in range(count):
            who = Contact(id=ContactId(new_id()), first_name=f"Nr{place}", assignee=UserId(whose.user))
            who.phone = f"{phone}{place:05}" if phone else ""
            tx.add(who)
            talk = Conversation(
                id=ConversationId(new_id()),
                number=await tx.increment("conversation"),
                contact=who.id,
                live=who.id,
                state="open",
                assignee=who.assignee,
                channel=CHANNEL,
                opened_at=shop.now,
            )
            talk.waiting_since = shop.now - timedelta(hours=1) if waiting else None
            tx.add(talk)

    await shop.run(deed)


async def test_who_leaves_hands_over_what_is_theirs(shop: Shop, olivia: Who, bob: Who, zoe: Who) -> None:
    """Whoever is removed hands over their conversations and contacts, a snoozed one too; those of everybody else are
    not looked through for it, however many there are.
    """
    await crowd(shop, zoe, MANY)
    topics = [await shop.arrive(name) for name in ("Ann", "Ben")]
    for topic in topics:
        await topic.say(bob, "/take")
    await topics[1].say(bob, "/z 2h")
    async with asked(shop.workspace) as questions:
        await shop.private(olivia, "/remove bob now mia")
    assert "2 open conversations went to Mia" in shop.said()
    assert {(await topic.conversation()).assignee for topic in topics} == {shop.people["Mia"].user}
    assert {(await topic.person()).assignee for topic in topics} == {shop.people["Mia"].user}
    assert questions.examined <= FEW


async def test_the_overview_of_mine(shop: Shop, bob: Who, zoe: Who) -> None:
    """The overview's page of mine has all that I have, and nobody else's are looked through for it."""
    await crowd(shop, zoe, MANY)
    for name in ("Ann", "Ben"):
        await (await shop.arrive(name)).say(bob, "/take")
    post = PostId("1")
    heard = Pressed(update="u", asker=bob.asker, spot=shop.own(bob), at=shop.now, post=post, line="", version=0)
    async with asked(shop.workspace) as questions:
        seen = await shop.counter.overview(heard, "mine")
    assert seen is not None
    assert {row.name for row in seen.rows} == {"Ann", "Ben"}
    assert questions.examined <= FEW


async def test_who_goes_busy_hears_what_still_waits(shop: Shop, bob: Who, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of mine that wait are counted among all that I have, not among the first of them."""
    monkeypatch.setattr(presence, "MOST", 10)
    await crowd(shop, bob, 20, waiting=False)
    await crowd(shop, bob, 3)
    await shop.private(bob, "/busy 2h")
    assert "3 conversations of yours still wait for an answer" in shop.said()


async def test_a_number_is_found_by_any_ending(shop: Shop, bob: Who, zoe: Who) -> None:
    """Whoever has a telephone number is found by any ending of it from three digits on, however it is written, among
    contacts and conversations alike, without looking through those that end otherwise.
    """
    await crowd(shop, zoe, MANY, "+49151777")
    for ending in ("242", "700242", "777.00242", "0151/777-00242", "+4915177700242", "phone:242"):
        for verb in ("contacts", "filter"):
            async with asked(shop.workspace) as questions:
                answer = await shop.private(bob, f"/{verb} {ending}")
            assert answer.reply is not None
            assert "Nr242" in shop.said(), (verb, ending)
            assert shop.said().count("Nr") == 1, shop.said()
            assert questions.examined <= FEW, (verb, ending)

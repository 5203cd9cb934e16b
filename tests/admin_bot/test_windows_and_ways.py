"""Dialogs: until when a contact may be answered, what cannot be taken back, and by which channel."""

from __future__ import annotations

from datetime import timedelta

from hub.domain.contacts import Terms
from hub.domain.ids import Address, ChannelId
from hub.domain.models import ChannelItem, Contact, Reach
from hub.domain.ports import Tx
from hub.domain.work import Send
from tests.admin_bot.counter_desk import CHANNEL, Shop, Topic, Who, button

DAY = 86400.0
OTHER = ChannelId("ch2")


async def test_after_the_window_nothing_is_sent(shop: Shop, bob: Who) -> None:
    """Past the time in which the network lets us answer, a reply is held and the reason says until when and what would
    open it; when the contact writes again, it goes.
    """
    shop.terms = Terms(open_seconds=DAY)
    topic = await shop.arrive()
    shop.now += timedelta(days=1, minutes=1)
    await topic.post(bob, "Too late?")
    assert "they must write again first" in shop.said()
    assert f"{shop.now - timedelta(minutes=1):%a %d %b %H:%M} UTC" in shop.said()
    assert await shop.nothing_left()
    await topic.say(bob, "/s hello")
    assert await shop.nothing_left()
    await shop.arrive(text="Hello again")
    await topic.post(bob, "In time.")
    assert [m.text.plain for m in await shop.out()] == ["In time."]


async def test_a_person_may_answer_later(shop: Shop, bob: Who) -> None:
    """Where the network gives people longer, what they write goes until then."""
    shop.terms = Terms(open_seconds=DAY, late_seconds=7 * DAY)
    topic = await shop.arrive()
    shop.now += timedelta(days=6)
    await topic.post(bob, "Still in time.")
    assert len(await shop.out()) == 1
    shop.now += timedelta(days=1, minutes=1)
    await topic.post(bob, "Not now.")
    assert len(await shop.out()) == 1


async def test_what_cannot_be_taken_back_waits(shop: Shop, bob: Who) -> None:
    """Where nothing can be unsent, a reply waits five seconds, and one press stops it."""
    shop.terms = Terms(final=True)
    topic = await shop.arrive()
    _, answer = await topic.post(bob, "Oops")
    (work,) = await shop.sends()
    assert work.due - shop.now == timedelta(seconds=5)
    assert isinstance(work.task, Send)
    assert "in 5 seconds" in shop.said()
    await topic.press(bob, button(answer, "Stop"))
    assert await shop.sends() == []


async def _second_way(shop: Shop, topic: Topic) -> None:
    async def deed(tx: Tx) -> None:
        tx.add(ChannelItem(id=OTHER, network="slack", name="Shop on Slack", account="T1"))
        contact = await tx.get(Contact, topic.contact)
        assert contact is not None
        contact.reaches = [*contact.reaches, Reach(channel=OTHER, address=Address("U1"))]

    await shop.run(deed)


async def test_answering_by_another_channel(shop: Shop, bob: Who) -> None:
    """/via chooses by which of the contact's channels they are answered; bare it only asks; when they write, theirs is
    taken again. It can be undone.
    """
    topic = await shop.arrive()
    await _second_way(shop, topic)
    answer = await topic.say(bob, "/via")
    assert "can be answered by @shop_bot and by Shop on Slack" in shop.said()
    await topic.press(bob, button(answer, "via Shop on Slack"))
    assert (await topic.conversation()).channel == OTHER
    await topic.post(bob, "Over here")
    assert [m.channel for m in await shop.out()] == [OTHER]
    await topic.say(bob, "/via shop_bot")
    assert (await topic.conversation()).channel == CHANNEL
    await topic.say(bob, "/undo")
    assert (await topic.conversation()).channel == OTHER
    await shop.arrive(text="Back here")
    assert (await topic.conversation()).channel == CHANNEL


async def test_a_channel_they_do_not_use(shop: Shop, bob: Who) -> None:
    """A channel on which the contact is not reached is refused with those on which they are."""
    topic = await shop.arrive()
    await topic.say(bob, "/via pigeon")
    assert "but by @shop_bot" in shop.said()
    assert (await topic.conversation()).channel == CHANNEL

"""Dialogs: until when a contact may be answered, what cannot be taken back, and by which channel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.domain import settle
from hub.domain.contacts import Terms
from hub.domain.ids import Address, ChannelId
from hub.domain.models import ChannelItem, Comment, Contact, Message, Reach
from hub.domain.ports import Query, Tx
from hub.domain.timing.phrases import dated
from hub.domain.work import Send, SendEdit, Work
from tests.admin_bot.counter_desk import CHANNEL, Shop, Topic, Who, button, photo

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
    assert f"{dated(shop.now - timedelta(minutes=1), shop.now)} UTC" in shop.said()
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


@pytest.mark.parametrize("words", ["//Oops", "/close bil"])
async def test_an_edit_inward_stops_what_waits(shop: Shop, bob: Who, words: str) -> None:
    """What has not left yet and is edited into a note or a command is a note, and does not leave; who waited, waits."""
    shop.terms = Terms(final=True)
    topic = await shop.arrive()
    post, _ = await topic.post(bob, "Oops")
    await shop.edit(bob, post, words, topic.spot)
    assert "It had not left yet" in shop.said()
    assert await shop.nothing_left()
    assert [c.held for c in await shop.all(Comment)] == [False]
    assert (await topic.conversation()).waiting_since is not None


async def test_an_album_edited_inward_stops_whole(shop: Shop, bob: Who) -> None:
    """One part of an album that waits, edited into a note, keeps the others from leaving."""
    shop.terms = Terms(final=True)
    topic = await shop.arrive()
    post, _ = await topic.post(bob, "Look", attachments=photo(), album="g1")
    await topic.post(bob, "", attachments=photo(), album="g1")
    await shop.edit(bob, post, "//Look", topic.spot)
    assert await shop.nothing_left()
    assert len(await shop.all(Comment)) == 2


async def test_what_was_corrected_in_time_leaves_corrected(shop: Shop, bob: Who) -> None:
    """An edit before it left needs nothing more: what leaves says it already. One made while it leaves follows."""
    shop.terms = Terms(final=True)
    topic = await shop.arrive()
    post, _ = await topic.post(bob, "Ops")
    await shop.edit(bob, post, "Oops", topic.spot)
    (leaving,) = await shop.run(_leaves)
    assert leaving.text.plain == "Oops"
    assert not await _edits(shop)
    await shop.edit(bob, post, "Oops!", topic.spot)
    assert len(await _edits(shop)) == 1


async def test_what_was_stopped_is_not_what_was_said_last(shop: Shop, bob: Who) -> None:
    """After a reply was taken back, inbox and queue show the contact's words again, and the history says so of it."""
    shop.terms = Terms(final=True)
    topic = await shop.arrive(text="Where is it?")
    _, answer = await topic.post(bob, "Who cares")
    assert (await topic.conversation()).last_text == "↩ Who cares"
    await topic.press(bob, button(answer, "Stop"))
    assert (await topic.conversation()).last_text == "Where is it?"
    await topic.say(bob, "/history")
    assert "Who cares [taken back]" in shop.said()


async def _leaves(tx: Tx) -> list[Message]:
    return await settle.take(tx, [w for w in await tx.query(Work, Query(where={})) if isinstance(w.task, Send)])


async def _edits(shop: Shop) -> list[Work]:
    return [w for w in await shop.all(Work) if isinstance(w.task, SendEdit)]


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

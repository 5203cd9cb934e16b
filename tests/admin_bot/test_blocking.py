"""Dialogs: contacts whom we do not hear, for a while or for good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.domain import standing
from hub.domain.models import Contact, Conversation, Event, Message
from hub.domain.work import Relay, Work
from hub.host.timekeeping import ring
from tests.admin_bot.counter_desk import Shop, Topic, Who


async def relays(shop: Shop) -> int:
    return sum(isinstance(w.task, Relay) for w in await shop.all(Work))


async def number(topic: Topic) -> int:
    found: int = (await topic.conversation()).number
    return found


async def test_what_a_blocked_contact_writes_is_kept_and_shown_to_nobody(shop: Shop, bob: Who) -> None:
    """No post, no conversation, no wait; counted, and not shown later either, not even in a transcript."""
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/block 7d spam")
    assert "is blocked until" in shop.said()
    before = await relays(shop)
    await shop.receive("Ann", "buy this")
    await shop.receive("Ann", "and that")
    person = await ann.person()
    assert (await relays(shop), person.block.kept) == (before, 2)
    assert [c.state for c in await shop.all(Conversation)] == ["closed"]
    assert [m.unheard for m in await shop.all(Message)] == [False, True, True]
    await ann.say(bob, "/unblock")
    assert "2 messages came meanwhile and stay hidden" in shop.said()
    await shop.receive("Ann", "sorry")
    live = await shop.workspace.find(Conversation, "live", ann.contact)
    assert live is not None
    assert (live.incoming, live.last_text) == (1, "sorry")
    last = (await shop.all(Message))[-1]
    told = await standing.transcript(shop.workspace, await ann.person(), last.id, 8)
    assert [m.text.plain for m in told] == ["Where is my order?"]
    await ann.say(bob, "/history")
    assert "buy this" not in shop.said()


async def test_a_block_ends_by_itself(shop: Shop, bob: Who) -> None:
    """When its time is over, the contact is heard; a longer block put meanwhile is not cut short."""
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/block 1h")
    await ann.say(bob, "/block 2 days very rude")
    await ring(shop.workspace, shop.now + timedelta(hours=2))
    person = await ann.person()
    assert person.block is not None
    assert person.block.reason == "very rude"
    await ring(shop.workspace, shop.now + timedelta(days=2, minutes=1))
    assert (await ann.person()).block is None
    (ended,) = [e for e in await shop.all(Event) if e.kind == "unblocked"]
    assert ended.actor == ""


async def test_a_message_after_the_end_is_heard_though_no_timer_rang(shop: Shop, bob: Who) -> None:
    """What counts is the moment."""
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/block 1h")
    shop.later(hours=2)
    await shop.receive("Ann", "hello again")
    assert [m.unheard for m in await shop.all(Message)] == [False, False]


async def test_undo_of_a_block_opens_what_it_closed(shop: Shop, bob: Who) -> None:
    """The conversation waits as long as it did; who unblocked by mistake takes that back, too."""
    ann = await shop.arrive("Ann")
    since = (await ann.conversation()).waiting_since
    await ann.say(bob, "/block ever")
    await ann.say(bob, "/undo")
    conversation = await ann.conversation()
    assert (conversation.state, conversation.waiting_since, conversation.summary) == ("open", since, "")
    assert (await ann.person()).block is None
    await ann.say(bob, "/block ever scam")
    await ann.say(bob, "/unblock")
    await ann.say(bob, "/undo")
    person = await ann.person()
    assert person.block is not None
    assert (person.block.reason, person.block.until) == ("scam", None)


async def test_nothing_of_a_blocked_contact_is_opened(shop: Shop, bob: Who) -> None:
    """Neither by hand."""
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/block ever")
    await ann.say(bob, "/reopen")
    assert "Ann is blocked, so nothing of theirs is opened; /unblock first." in shop.said()
    await ann.say(bob, "/unblock")
    await ann.say(bob, "/reopen")
    assert (await ann.conversation()).state == "open"


async def test_a_reply_to_a_blocked_contact_is_held(shop: Shop, bob: Who) -> None:
    """The gate says what would let it out."""
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/block ever")
    await ann.post(bob, "One more thing")
    assert "Ann is blocked here, and /unblock ends that" in shop.said()
    assert await shop.out() == []


@pytest.mark.parametrize(
    ("line", "until", "reason"),
    [
        ("7d spam", 7, "spam"),
        ("2 weeks", 14, ""),
        ("1w sends links", 7, "sends links"),
        ("ever", None, ""),
        ("Forever rude", None, "rude"),
        ("spam offers", None, "spam offers"),
    ],
)
async def test_how_long_comes_first(standing_shop: Shop, line: str, until: int | None, reason: str) -> None:
    """Without a time in front it is for good, and all words are the reason."""
    shop, bob = standing_shop, standing_shop.people["Bob Bright"]
    ann = await shop.arrive(f"Ann {line}")
    await ann.say(bob, f"/block {line}")
    block = (await ann.person()).block
    assert block is not None
    assert (block.until, block.reason) == (shop.now + timedelta(days=until) if until else None, reason)


async def test_a_blocked_contact_is_kept_out_by_merging_into_them(shop: Shop, bob: Who) -> None:
    """Merging tells whether somebody would be heard again; the kept one's block holds for both ways."""
    ann, spammer = await shop.arrive("Ann"), await shop.arrive("Spammer")
    await spammer.say(bob, "/block ever")
    await ann.say(bob, f"/merge #{await number(spammer)}")
    assert "Spammer is blocked; as Ann they would be heard again" in shop.said()
    assert (await shop.all(Contact))[0].merged_into is None


async def test_a_slip_in_the_duration_blocks_nobody(shop: Shop, bob: Who) -> None:
    """For good is too long for a slip; a reason alone is still for good."""
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/block 7x spam")
    assert "“7x” is no duration. Write it as 2h, 7d or 2 weeks, or ever" in shop.said()
    assert (await ann.person()).block is None
    await ann.say(bob, "/block spam")
    assert "is blocked for good" in shop.said()


async def test_undo_goes_on_behind_an_undone_block(shop: Shop, bob: Who) -> None:
    """What the block closed is undone with it, so the next undo takes back the deed before."""
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/tag +vip")
    await ann.say(bob, "/block 7d")
    await ann.say(bob, "/undo")
    assert "is heard again" in shop.said()
    assert (await ann.conversation()).state == "open"
    await ann.say(bob, "/undo")
    assert "The tags of Ann are as before" in shop.said()

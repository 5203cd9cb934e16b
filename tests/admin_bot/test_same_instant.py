"""Two agents in the same instant over one conversation: nothing is lost, and each hears what the other did."""

from __future__ import annotations

import asyncio

from hub.domain.models import Comment, Conversation, Event, Message
from tests.admin_bot.counter_desk import Shop, Who


async def outgoing(shop: Shop) -> list[str]:
    return sorted(m.text.plain for m in await shop.all(Message) if m.direction == "out")


async def test_two_close_it(shop: Shop, bob: Who, zoe: Who) -> None:
    """Closed once. The later words are the note, and who wrote them sees whose they took the place of, and can undo."""
    topic = await shop.arrive("Fred")
    number = (await topic.conversation()).number
    lines = {bob.user: (bob, "Sent a new one"), zoe.user: (zoe, "Refunded")}
    await asyncio.gather(*(shop.private(who, f"/close {number} {words}") for who, words in lines.values()))
    (closing,) = [e for e in await shop.all(Event) if e.kind == "closed"]
    first, words = lines.pop(closing.actor)
    ((second, later),) = lines.values()
    (conversation,) = await shop.all(Conversation)
    assert (conversation.closed_by, conversation.summary) == (first.user, later)
    assert f"Before, by {first.name}: {words}" in " ".join(shop.drawn)
    await shop.private(second, "/undo")
    (conversation,) = await shop.all(Conversation)
    assert (conversation.state, conversation.summary) == ("closed", words)


async def test_two_answer_it(shop: Shop, bob: Who, zoe: Who) -> None:
    """Who answers first has the conversation, and it goes out. The other's words are held, not lost: they are told who
    has it, and may send them all the same.
    """
    topic = await shop.arrive("Fred")
    answers = await asyncio.gather(topic.say(bob, "It is on its way"), topic.say(zoe, "Let me look"))
    assert len(await outgoing(shop)) == 1
    winner = bob if await outgoing(shop) == ["It is on its way"] else zoe
    assert (await topic.conversation()).assignee == winner.user
    held = [c.text.plain for c in await shop.all(Comment) if c.held]
    assert sorted([*held, *await outgoing(shop)]) == ["It is on its way", "Let me look"]
    loser = next(a.reply for a in answers if a.reply is not None and a.reply.rows)
    assert winner.name in " ".join(shop.drawn)
    assert any("Send" in b.label for row in loser.rows for b in row)


async def test_one_closes_while_another_answers(shop: Shop, bob: Who, zoe: Who) -> None:
    """The answer goes out and the conversation is closed after it, or it is held because it was closed: never is the
    answer lost, and never is it closed without the one who answers hearing of it.
    """
    topic = await shop.arrive("Fred")
    number = (await topic.conversation()).number
    await asyncio.gather(topic.say(bob, "It is on its way"), shop.private(zoe, f"/close {number} Solved"))
    held = [c.text.plain for c in await shop.all(Comment) if c.held]
    assert [*held, *await outgoing(shop)] == ["It is on its way"]
    (conversation,) = await shop.all(Conversation)
    if held:
        assert conversation.state == "closed"
        assert "Zoe closed" in " ".join(shop.drawn)

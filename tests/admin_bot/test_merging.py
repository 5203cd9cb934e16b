"""Dialogs: two contacts who are one person."""

from __future__ import annotations

import pytest

from hub.domain.models import Contact, Conversation, Message
from tests.admin_bot.counter_desk import Shop, Topic, Who, button


async def pair(shop: Shop) -> tuple[Topic, Topic]:
    """Two contacts who wrote from two accounts."""
    return await shop.arrive("Ann", "from my phone"), await shop.arrive("Anna", "from my desk")


async def number(topic: Topic) -> int:
    found: int = (await topic.conversation()).number
    return found


async def merged(bob: Who, ann: Topic, anna: Topic) -> None:
    """Bob says that they are one, and is asked once."""
    asked = await ann.say(bob, f"/merge #{await number(anna)}")
    await ann.press(bob, button(asked, "Merge"))


async def test_nothing_changes_before_it_is_confirmed(shop: Shop, bob: Who) -> None:
    """What would become of both is shown first; names are not said to be taken over where there is one already."""
    ann, anna = await pair(shop)
    await ann.say(bob, f"/merge {await number(anna)}")
    assert "Anna would become Ann" in shop.said()
    assert "First name: Ann, not Anna" in shop.said()
    assert "Nothing has changed yet" in shop.said()
    assert (await anna.person()).merged_into is None


async def test_both_ways_lead_to_one_place(shop: Shop, bob: Who) -> None:
    """Whatever the merged one writes from then on is the kept one's; one conversation is open, and no message lost."""
    ann, anna = await pair(shop)
    closed = await anna.conversation()
    await merged(bob, ann, anna)
    assert "Anna is Ann" in shop.said()
    later = await shop.arrive("Anna", "and again")
    assert later.contact == ann.contact
    (live,) = [c for c in await shop.all(Conversation) if c.state == "open"]
    assert live.contact == ann.contact
    assert [m.text.plain for m in await shop.all(Message, conversation=live.id)] == ["from my phone", "and again"]
    old = await shop.workspace.get(Conversation, closed.id)
    assert old is not None
    assert (old.state, old.summary) == ("closed", f"Merged into #{live.number}")
    person = await ann.person()
    assert [str(r.address) for r in person.reaches] == ["c-Ann", "c-Anna"]
    await ann.say(bob, "/history")
    assert f"Merged into #{live.number}" in shop.said()


async def test_the_old_place_answers_the_same_person(shop: Shop, bob: Who) -> None:
    """What an agent still writes where the merged one was goes to the kept one, by the way that they wrote last."""
    ann, anna = await pair(shop)
    await merged(bob, ann, anna)
    shop.later(minutes=1)
    await shop.arrive("Anna", "here I am")
    await anna.post(bob, "Here too.")
    (message,) = await shop.out()
    assert message.contact == ann.contact
    assert (await ann.person()).reach(message.channel).address == "c-Anna"


@pytest.mark.parametrize("how", ["/unmerge", "/undo"])
async def test_they_can_be_told_apart_again(shop: Shop, bob: Who, how: str) -> None:
    """Either way each has their own conversation and ways again, with what they said."""
    ann, anna = await pair(shop)
    first = await anna.conversation()
    await merged(bob, ann, anna)
    await ann.say(bob, how)
    one, other = await ann.person(), await anna.person()
    assert ([str(r.address) for r in one.reaches], [str(r.address) for r in other.reaches]) == (["c-Ann"], ["c-Anna"])
    assert (one.absorbed, other.merged_into) == ([], None)
    again = await shop.workspace.get(Conversation, first.id)
    assert again is not None
    assert (again.state, again.live, again.summary) == ("open", anna.contact, "")
    later = await shop.arrive("Anna", "me again")
    assert later.contact == anna.contact
    await ann.say(bob, "/unmerge")
    assert "Nobody was merged" in shop.said()


async def test_a_closed_one_leaves_what_waits(shop: Shop, bob: Who) -> None:
    """Where the kept one's conversation is closed, another is opened, and the merged one goes on waiting in it."""
    ann, anna = await pair(shop)
    await ann.say(bob, "/close")
    await ann.say(bob, "/close done")
    since = (await anna.conversation()).waiting_since
    await merged(bob, ann, anna)
    live = await shop.workspace.find(Conversation, "live", ann.contact)
    assert live is not None
    assert live.waiting_since == since


async def test_what_cannot_be(shop: Shop, bob: Who) -> None:
    """Oneself, nobody, a word that is no number: each is told what would be right, and nothing changes."""
    ann, anna = await pair(shop)
    own = await number(ann)
    for line in (f"/merge #{own} #{own}", f"/merge #{own}", f"/merge {own}"):
        await ann.say(bob, line)
        assert f"#{own} is Ann already: write the number of a conversation of somebody else." in shop.said()
    await ann.say(bob, "/merge #99")
    assert "no conversation #99" in shop.said()
    await ann.say(bob, "/merge Johanna")
    assert "/merge #12" in shop.said()
    assert [c.merged_into for c in await shop.all(Contact)] == [None, None]
    assert anna.contact != ann.contact


async def test_who_it_may_be_is_offered(shop: Shop, bob: Who) -> None:
    """Others of the same name are offered; where there is none, how to name one."""
    ann, anna = await pair(shop)
    await ann.say(bob, "/merge")
    assert "Nobody of those who wrote lately" in shop.said()

    async def deed(tx: object) -> None:
        person = await tx.get(Contact, anna.contact)  # type: ignore[attr-defined]
        person.first_name = "ANN"

    await shop.run(deed)
    answer = await ann.say(bob, "/merge")
    assert button(answer, "ANN")


async def test_two_in_one_and_apart_again(shop: Shop, bob: Who) -> None:
    """Several can be merged into one, and are told apart last first; who waited, waits again."""
    ann, anna = await pair(shop)
    third = await shop.arrive("Hannah", "me too")
    waits = [(await each.conversation()).waiting_since for each in (ann, anna, third)]
    for other in (anna, third):
        await merged(bob, ann, other)
    assert len((await ann.person()).reaches) == 3
    await ann.say(bob, "/unmerge")
    assert "Hannah and Ann" in shop.said()
    await ann.say(bob, "/unmerge")
    assert [len((await each.person()).reaches) for each in (ann, anna, third)] == [1, 1, 1]
    assert [(await each.conversation()).waiting_since for each in (ann, anna, third)] == waits


async def test_what_is_done_to_the_old_conversation(shop: Shop, bob: Who) -> None:
    """It is not opened again beside the one that goes on; a tag is the kept one's."""
    ann, anna = await pair(shop)
    old = await number(anna)
    await merged(bob, ann, anna)
    await ann.say(bob, f"/reopen #{old}")
    assert "was merged into Ann's" in shop.said()
    await ann.say(bob, f"/tag #{old} +vip")
    assert len((await ann.person()).tags) == 1
    assert (await anna.person()).tags == []


async def test_the_name_stays(shop: Shop, bob: Who) -> None:
    """What the merged account calls itself does not rename the one they are now."""
    ann, anna = await pair(shop)
    await merged(bob, ann, anna)
    await shop.arrive("Anna", "again")
    assert (await ann.person()).name == "Ann"

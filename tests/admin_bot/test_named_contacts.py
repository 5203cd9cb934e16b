"""Dialogs: whoever has no conversation is tagged, corrected, blocked and forgotten all the same, by name or button."""

from __future__ import annotations

import pytest

from hub.domain.ids import PostId
from hub.domain.models import Contact, Member
from hub.domain.ports import Tx
from hub.domain.work import GiveDossier, Work
from tests.admin_bot.counter_desk import Shop, Who, button, buttons
from tests.admin_bot.dialog_table import in_ways
from tests.admin_bot.office import Talk


async def by_hand(shop: Shop, who: Who, name: str = "Hanna", reached: str = "hanna@x.com") -> str:
    """A contact without a conversation; gives their id."""
    await shop.private(who, f"/contact new {name} {reached}")
    return str((await shop.all(Contact))[-1].id)


async def person(shop: Shop, id: str) -> Contact:
    found = await shop.workspace.get(Contact, id)
    assert found is not None
    return found


@pytest.mark.parametrize("where", ["home", "private"])
async def test_a_name_comes_first(shop: Shop, bob: Who, where: str) -> None:
    """At home and in private; what is said back names nobody by a number that they do not have."""
    hanna = await by_hand(shop, bob)
    say = shop.say if where == "home" else shop.private
    await say(bob, "/tag Hanna +vip")
    assert "Hanna: " in shop.said()
    assert "#" not in shop.said()
    await say(bob, "/undo")
    assert (await person(shop, hanna)).tags == []
    await say(bob, "/field hanna first name Johanna")
    assert "First name of Johanna: Johanna" in shop.said()
    await say(bob, "/block Johanna 7d spam")
    assert "Johanna is blocked until" in shop.said()
    await say(bob, "/unblock Johanna")
    assert "Johanna is heard again" in shop.said()
    assert ((await person(shop, hanna)).first_name, (await person(shop, hanna)).block) == ("Johanna", None)


async def test_a_name_of_several_words(shop: Shop, bob: Who) -> None:
    """The longest beginning that is one: what follows is the argument."""
    hanna = await by_hand(shop, bob, "Hanna van Dyke")
    await by_hand(shop, bob, "Hanna Fox", "fox@x.com")
    await shop.private(bob, "/field Hanna van Dyke phone +43 660 1234567")
    assert (await person(shop, hanna)).phone == "+436601234567"


async def test_namesakes_have_a_button_each(shop: Shop, bob: Who) -> None:
    """With what was to be done, which is done for the one alone."""
    first, second = await by_hand(shop, bob), await by_hand(shop, bob, "Hanna", "other@x.com")
    answer = await shop.private(bob, "/tag Hanna +vip")
    assert "“Hanna” could be 2 contacts. Which one?" in shop.said()
    await shop.press(bob, button(answer, "other@x.com"), shop.own(bob))
    assert [len((await person(shop, id)).tags) for id in (first, second)] == [0, 1]
    answer = await shop.private(bob, "/field Hanna phone +43 660 1234567")
    question = PostId(f"prompt-{5000 + shop.numbers}")
    await shop.press(bob, button(answer, "hanna@x.com"), shop.own(bob), question)
    assert [(await person(shop, id)).phone for id in (first, second)] == ["+436601234567", ""]


async def test_the_card_has_the_buttons(shop: Shop, bob: Who) -> None:
    """Also where it is asked for in somebody else's place, whom they do not concern; once forgotten they do nothing."""
    await by_hand(shop, bob)
    ann = await shop.arrive("Ann")
    card = await ann.say(bob, "/contact Hanna")
    assert [b.label for b in buttons(card)] == ["🏷 Tags…", "✎ Fields…", "⛔ Block…", "✕ Forget…"]
    for deed, said in (("Tags", "Hanna: no tags"), ("Fields", "👤 Hanna"), ("Block", "Block Hanna?")):
        await ann.press(bob, button(card, deed))
        assert said in shop.said()
    answer = await ann.press(bob, button(card, "Block"))
    for_good = button(answer, "For good")
    answer = await ann.press(bob, button(card, "Forget"))
    assert "Forget Hanna for good? 0 messages" in shop.said()
    await ann.press(bob, button(answer, "Forget Hanna for good"))
    assert [c.name for c in await shop.all(Contact)] == ["Ann"]
    await ann.press(bob, for_good)
    assert "That contact is forgotten already." in shop.said()
    assert (await ann.person()).block is None


async def test_in_a_place_the_name_is_no_other_contact(shop: Shop, bob: Who) -> None:
    """There words are arguments: the reason of a block is nobody's name."""
    hanna = await by_hand(shop, bob)
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/block Hanna")
    assert (await person(shop, hanna)).block is None
    assert (await ann.person()).block is not None


async def test_a_field_is_asked_for_by_button(shop: Shop, bob: Who) -> None:
    """The answer to the question is the value, of whoever the button meant."""
    hanna = await by_hand(shop, bob)
    card = await shop.private(bob, "/contact Hanna")
    fields = await shop.press(bob, button(card, "Fields"), shop.own(bob))
    await shop.press(bob, button(fields, "Phone"), shop.own(bob))
    await shop.private(bob, "+43 660 1234567")
    assert (await person(shop, hanna)).phone == "+436601234567"


async def test_forgotten_by_name_after_a_question(shop: Shop, bob: Who) -> None:
    """A name alone, with whatever behind it, erases nobody; nobody of that name is said."""
    hanna = await by_hand(shop, bob)
    await shop.private(bob, "/forget Hanna now")
    assert "Which contact? Here, a conversation's number or a name comes after it" in shop.said()
    await shop.private(bob, "/forget Johanna")
    assert "Which contact?" in shop.said()
    answer = await shop.private(bob, "/forget Hanna")
    assert (await person(shop, hanna)).name == "Hanna"
    await shop.press(bob, button(answer, "Forget Hanna for good"), shop.own(bob))
    assert await shop.all(Contact) == []


async def test_export_and_merge_by_name(shop: Shop, bob: Who) -> None:
    """What is known is exported; and the other one of a merge may be named."""
    hanna = await by_hand(shop, bob)
    await shop.private(bob, "/contact export Hanna")
    assert [w.task.contact for w in await shop.all(Work) if isinstance(w.task, GiveDossier)] == [hanna]
    await shop.private(bob, "/contact export Nobody")
    assert "There is no contact “Nobody”." in shop.said()
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/merge Hanna")
    assert "Hanna would become Ann" in shop.said()


async def test_no_name_finds_what_is_not_theirs(shop: Shop, bob: Who, olivia: Who) -> None:
    """Who works on their own contacts only finds nobody else's by naming them."""
    await by_hand(shop, olivia)

    async def limit(tx: Tx) -> None:
        member = await tx.get(Member, bob.user)
        assert member is not None
        member.limits = ["own"]

    await shop.run(limit)
    for line in ("/tag Hanna vip", "/block Hanna", "/forget Hanna"):
        await shop.private(bob, line)
        assert "number" in shop.said()
    assert all(c.block is None and not c.tags for c in await shop.all(Contact))


@in_ways("telegram topic", "slack thread")
async def test_on_both_desks(talk: Talk) -> None:
    """The same on every network: a name, the card's button, and no number in what is said."""
    await talk.private(f"contact new Petra{talk.number} p{talk.number}@x.com")
    (said,) = await talk.private(f"tag Petra{talk.number} +n{talk.number}")
    assert f"Petra{talk.number}: n{talk.number}" in said
    (said,) = await talk.private(f"block Petra{talk.number}")
    assert f"Block Petra{talk.number}?" in said

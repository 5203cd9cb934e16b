"""Dialogs: claiming, assigning, closing, reopening, tagging, and who waits next."""

from __future__ import annotations

import pytest

from hub.domain.models import Category, Conversation, Event, Member, Preferences, Tag
from hub.domain.ports import Tx
from tests.admin_bot.counter_desk import Shop, Who, button, buttons


async def categories(shop: Shop, *names: str) -> dict[str, str]:
    for name in names:
        await shop.private(shop.people["Mia"], f"/category add {name}")
    return {c.id: c.name for c in await shop.all(Category)}


async def rule(shop: Shop, closing_note: str) -> None:
    async def deed(tx: Tx) -> None:
        preferences = await tx.get(Preferences, "preferences")
        assert preferences is not None
        preferences.closing_note = closing_note  # type: ignore[assignment]

    await shop.run(deed)


# -- claiming and assigning --


@pytest.mark.parametrize("line", ["/a zoe", "/assign Zoe", "/ASS @zoe", "!a zo", "/a zoe."])
async def test_assigning_is_one_line(standing_shop: Shop, line: str) -> None:
    """A colleague is named by the beginning of a name, in any case; verbs by theirs; the answer says how it is."""
    shop = standing_shop
    topic = await shop.arrive(f"Ann {line.encode().hex()}")
    answer = await topic.say(shop.people["Bob Bright"], line)
    conversation = await topic.conversation()
    assert conversation.assignee == shop.people["Zoe"].user
    assert shop.said().startswith(f"✋ Zoe has #{conversation.number} with Ann")
    assert button(answer, "Undo")


async def test_me_nobody_and_take(shop: Shop, bob: Who) -> None:
    """`me`, `-` and /take say whom without a name; the same again says that it is so already."""
    topic = await shop.arrive()
    await topic.say(bob, "/a me")
    assert (await topic.conversation()).assignee == bob.user
    assert shop.said() == "✋ #1 with Ann is yours."
    await topic.say(bob, "/take")
    assert shop.said() == "#1 with Ann: you have it already."
    await topic.say(bob, "/a -")
    assert (await topic.conversation()).assignee is None


async def test_bare_assign_offers_names(shop: Shop, bob: Who, zoe: Who) -> None:
    """Bare /assign changes nothing and offers colleagues, oneself first; a tap does it and replaces the question."""
    topic = await shop.arrive()
    answer = await topic.say(bob, "/a")
    assert [b.label for b in buttons(answer)] == ["Me", "Mia", "Olivia Orr", "Zoe"]
    assert (await topic.conversation()).assignee is None
    answer = await topic.press(bob, button(answer, "Zoe"))
    assert (await topic.conversation()).assignee == zoe.user
    assert answer.redraw


async def test_two_of_one_name_are_told_apart(shop: Shop, bob: Who, zoe: Who, mia: Who) -> None:
    """Colleagues of one name stand on buttons with their usernames; whose name is theirs alone has none."""

    async def renamed(tx: Tx) -> None:
        for member in await tx.items(Member):
            if member.id in (zoe.user, mia.user):
                member.name = "Alex Ames"

    await shop.run(renamed)
    topic = await shop.arrive()
    answer = await topic.say(bob, "/assign")
    assert {b.label for b in buttons(answer)} == {"Me", "Alex Ames @zoe", "Alex Ames @mia", "Olivia Orr"}


async def test_an_unknown_colleague_is_asked_about(shop: Shop, bob: Who) -> None:
    """A name of nobody changes nothing, guesses, and offers colleagues."""
    topic = await shop.arrive()
    answer = await topic.say(bob, "/a zoey")
    assert "Did you mean Zoe?" in shop.said()
    await topic.press(bob, button(answer, "Zoe"))
    assert (await topic.conversation()).assignee == shop.people["Zoe"].user


async def test_two_take_one(shop: Shop, bob: Who, zoe: Who) -> None:
    """The first to claim has it; the second is told who."""
    topic = await shop.arrive()
    await topic.say(bob, "/take")
    await topic.say(zoe, "/take")
    assert (await topic.conversation()).assignee == bob.user
    assert shop.said() == "Bob Bright has #1 already. /assign me takes it over."


async def test_a_stale_button_does_nothing(shop: Shop, bob: Who, zoe: Who) -> None:
    """A button that showed what is no more does nothing and says what is so now; so does one pressed too soon."""
    topic = await shop.arrive()
    answer = await topic.say(zoe, "/a")
    await topic.say(bob, "/take")
    pressed = await topic.press(zoe, button(answer, "Me"))
    assert (await topic.conversation()).assignee == bob.user
    assert pressed.reply is not None
    assert pressed.reply.alert
    assert "Bob Bright has it" in shop.said()

    async def redrawn(tx: Tx) -> None:
        from hub.domain import standing

        post = await shop.post_kept(topic.relay)
        assert post is not None
        await standing.redrawn(tx, [], post.id, "x")

    await shop.run(redrawn)
    post = await shop.post_kept(topic.relay)
    assert post is not None
    assert post.drawn_at is not None
    shop.now = post.drawn_at
    fresh = button(await topic.say(bob, "/a"), "Zoe")
    pressed = await topic.press(bob, fresh, topic.relay)
    assert (await topic.conversation()).assignee == bob.user
    assert not pressed.redraw
    shop.later(seconds=2)
    await topic.press(bob, fresh, topic.relay)
    assert (await topic.conversation()).assignee == zoe.user


# -- numbers --


async def test_a_number_comes_first_elsewhere(shop: Shop, bob: Who) -> None:
    """At home and in private a conversation is named by its number, or its shortest ending; in a topic with its #."""
    ann = await shop.arrive("Ann")
    tom = await shop.arrive("Tom")
    await shop.say(bob, "/take 2")
    assert (await tom.conversation()).assignee == bob.user
    await shop.private(bob, "/a #1 me")
    assert (await ann.conversation()).assignee == bob.user
    await ann.say(bob, "/note #2 about Tom")
    assert shop.said().startswith("🗒 Noted on #2; Tom")
    await ann.say(bob, "/note 2 parcels lost")
    assert shop.said().startswith("🗒 Noted on #1; Ann")
    await shop.say(bob, "/take")
    assert "Which conversation? Here, its number comes first: /take 123" in shop.said()
    await shop.say(bob, "/take 99")
    assert "There is no conversation #99" in shop.said()


# -- closing --


async def test_closing_with_category_and_summary_is_one_line(shop: Shop, bob: Who) -> None:
    """`/close bil Refunded order 7` closes with category and summary; numbers in the summary are words."""
    names = await categories(shop, "Billing", "Delivery", "Delivery late")
    topic = await shop.arrive()
    answer = await topic.say(bob, "/close bil Refunded order 7")
    conversation = await topic.conversation()
    assert (conversation.state, conversation.live) == ("closed", None)
    assert (names[conversation.category], conversation.summary) == ("Billing", "Refunded order 7")
    assert shop.said() == "✅ #1 with Ann is closed: Billing - Refunded order 7"
    assert button(answer, "Undo")
    assert await shop.nothing_left()
    await topic.say(bob, "/close delivery late came on Monday")
    conversation = await topic.conversation()
    assert (names[conversation.category], conversation.summary) == ("Delivery late", "came on Monday")
    assert "has a new closing note" in shop.said()


async def test_bare_close_offers_categories(shop: Shop, bob: Who) -> None:
    """Bare /close closes nothing; a category's button does, and a summary can be added afterwards."""
    await categories(shop, "Billing", "Other")
    topic = await shop.arrive()
    answer = await topic.say(bob, "/close")
    assert (await topic.conversation()).state == "open"
    assert [b.label for b in buttons(answer)] == ["Billing", "Other", "Close without a note"]
    answer = await topic.press(bob, button(answer, "Billing"))
    assert (await topic.conversation()).state == "closed"
    await topic.press(bob, button(answer, "Add a summary"))
    await topic.say(bob, "Refunded")
    conversation = await topic.conversation()
    assert (conversation.summary, bool(conversation.category)) == ("Refunded", True)
    assert await shop.nothing_left()


async def test_without_categories_closing_asks_for_the_summary(shop: Shop, bob: Who) -> None:
    """Without categories the whole rest is the summary; the answer to the question never leaves."""
    topic = await shop.arrive()
    answer = await topic.say(bob, "/close")
    assert button(answer, "Close without a summary")
    await topic.say(bob, "2 parcels were lost")
    conversation = await topic.conversation()
    assert (conversation.state, conversation.summary) == ("closed", "2 parcels were lost")
    assert await shop.nothing_left()


async def test_a_wrong_category_keeps_the_summary(shop: Shop, bob: Who) -> None:
    """A category that does not exist closes nothing; choosing the right one uses the words that were typed."""
    names = await categories(shop, "Billing", "Delivery")
    topic = await shop.arrive()
    answer = await topic.say(bob, "/close bling Refunded order 7")
    assert (await topic.conversation()).state == "open"
    assert "Did you mean Billing?" in shop.said()
    assert "Your words behind it are kept." in shop.said()
    prompt = next(p for p in await shop.all_posts() if p.role == "prompt")
    await topic.press(bob, button(answer, "Billing"), prompt.post)
    conversation = await topic.conversation()
    assert (conversation.state, names[conversation.category]) == ("closed", "Billing")
    assert conversation.summary == "Refunded order 7"
    await topic.press(bob, button(answer, "Delivery"), prompt.post)
    assert names[(await topic.conversation()).category] == "Billing"


@pytest.mark.parametrize(
    ("closing_note", "line", "closes"),
    [
        ("off", "/close -", True),
        ("optional", "/close bil", True),
        ("category", "/close bil", True),
        ("category", "/close -", False),
        ("both", "/close bil", False),
        ("both", "/close bil done", True),
    ],
)
async def test_the_workspaces_rule_for_closing_notes(
    standing_shop: Shop, closing_note: str, line: str, closes: bool
) -> None:
    """What the workspace asks for must be given; what is missing is asked for."""
    shop = standing_shop
    if not await shop.all(Category):
        await categories(shop, "Billing")
    await rule(shop, closing_note)
    topic = await shop.arrive(f"Ann {closing_note} {line}")
    answer = await topic.say(shop.people["Bob Bright"], line)
    assert (await topic.conversation()).state == ("closed" if closes else "open")
    assert closes or answer.reply is not None


async def test_reopening(shop: Shop, bob: Who) -> None:
    """/reopen opens the closed one; when the contact has written since, it is refused and says where to answer."""
    topic = await shop.arrive()
    await topic.say(bob, "/close done")
    await topic.say(bob, "/reopen")
    assert (await topic.conversation()).state == "open"
    await topic.say(bob, "/close done")
    await shop.arrive(text="One more thing")
    await topic.say(bob, "/reopen #1")
    assert "already has an open conversation, #2" in shop.said()


async def test_a_reopened_one_has_no_closing_note(shop: Shop, bob: Who) -> None:
    """The note told of an ending that is none any more: it is gone from the conversation, kept in the event, and comes
    back with an undo.
    """
    await categories(shop, "Billing")
    topic = await shop.arrive()
    await topic.say(bob, "/close bil Refunded order 7")
    noted = (await topic.conversation()).category
    await topic.say(bob, "/reopen")
    conversation = await topic.conversation()
    assert (conversation.category, conversation.summary) == ("", "")
    (event,) = [e for e in await shop.all(Event) if e.kind == "reopened"]
    assert (event.facts["category"], event.facts["summary"]) == (noted, "Refunded order 7")
    await topic.say(bob, "/undo")
    conversation = await topic.conversation()
    assert (conversation.state, conversation.category, conversation.summary) == ("closed", noted, "Refunded order 7")


# -- tags --


async def test_tags_are_never_made_by_a_slip(shop: Shop, bob: Who) -> None:
    """An unknown tag is made only by its button or a plus sign; -name takes a tag off."""
    topic = await shop.arrive()
    answer = await topic.say(bob, "/t vip")
    assert not await shop.all(Tag)
    await topic.press(bob, button(answer, "Create “vip”"))
    (tag,) = await shop.all(Tag)
    assert (tag.name, (await topic.person()).tags) == ("vip", [tag.id])
    await topic.say(bob, "/t -vip")
    assert (await topic.person()).tags == []
    await topic.say(bob, "/t VIP")
    assert (await topic.person()).tags == [tag.id]
    answer = await topic.say(bob, "/t vipp")
    assert "did you mean vip?" in shop.said()
    answer = await topic.say(bob, "/t")
    await topic.press(bob, button(answer, "- vip"))
    assert (await topic.person()).tags == []


async def test_the_likeliest_come_first(shop: Shop, bob: Who, zoe: Who) -> None:
    """Of tags and colleagues those come first that were used most of late, by the asker before all; what was taken back
    does not count. What nobody used comes by its name.
    """
    tags = ("aa", "bb", "cc", "dd", "ee", "ff", "gg")
    first = await shop.arrive("First")
    await first.say(bob, "/t " + " ".join(f"+{t}" for t in tags))
    shop.later(seconds=1)
    await first.say(bob, "/undo")
    for name, line in (("Second", "/t gg"), ("Third", "/t gg ff"), ("Fourth", "/a zoe"), ("Fifth", "/a olivia")):
        await (await shop.arrive(name)).say(bob, line)
    await (await shop.arrive("Sixth")).say(zoe, "/t cc")
    for name in ("Seventh", "Eighth"):
        await (await shop.arrive(name)).say(zoe, "/a zoe")
    new = await shop.arrive("New")
    shown = [b.label for b in buttons(await new.say(bob, "/t"))]
    assert shown == ["+ gg", "+ ff", "+ cc", "+ aa", "+ bb", "+ dd"]
    assert [b.label for b in buttons(await new.say(bob, "/a"))] == ["Me", "Zoe", "Olivia Orr", "Mia"]


# -- who is next --


async def test_next_and_the_way_on(shop: Shop, bob: Who, zoe: Who) -> None:
    """/next shows who waited longest of those one may take; every confirmation links to the next."""
    ann = await shop.arrive("Ann")
    shop.later(minutes=42)
    tom = await shop.arrive("Tom")
    await shop.arrive("Uma")
    await shop.say(bob, "/next")
    assert shop.said().startswith("Ann #1 · open · waiting 42 min")
    answer = await ann.say(bob, "/take")
    further = button(answer, "Next: Tom 0 min ▸")
    assert further.url == f"https://desk.example/{shop.chat}/{tom.thread}/{tom.relay}"
    await tom.say(zoe, "/take")
    answer = await ann.say(bob, "/a -")
    assert button(answer, "Next: Uma")


async def test_unfolding(shop: Shop, bob: Who) -> None:
    """The ⋯ button unfolds in place: assignees, tags and snippets, under the contact's words, which stay."""
    topic = await shop.arrive()
    await shop.private(bob, "/snippet add hi Hello!")
    await topic.say(bob, "/t +vip")
    from hub.domain.reply import Button

    version = (await topic.conversation()).version
    answer = await topic.press(bob, Button("⋯", "more 1", version), topic.relay)
    assert answer.redraw
    assert answer.reply is not None
    assert not answer.reply.template
    take, close, snooze, *others = [b.label for b in buttons(answer)]
    assert (take, close, snooze[:2]) == ("✋ Take", "✅ Close ▾", "💤 ")
    assert others == ["Me", "Mia", "Olivia Orr", "Zoe", "- vip", "hi"]
    await topic.press(bob, button(answer, "Zoe"), topic.relay)
    assert "just as you pressed" in shop.said()
    shop.later(seconds=2)
    answer = await topic.press(bob, button(answer, "Zoe"), topic.relay)
    assert (await topic.conversation()).assignee == shop.people["Zoe"].user
    assert not answer.redraw


async def test_a_number_means_the_same_conversation_always(shop: Shop, bob: Who) -> None:
    """A number is the conversation's own, never a position: it means the same after lists have changed."""
    for name in ("Ann", "Tom", "Uma"):
        await shop.arrive(name)
    await shop.say(bob, "/close 1 done")
    await shop.say(bob, "/take 2")
    (tom,) = [c for c in await shop.all(Conversation) if c.number == 2]
    assert tom.assignee == bob.user


async def test_nothing_is_closed_over_unread_words(shop: Shop, bob: Who) -> None:
    """What the contact wrote and nobody could see yet keeps the conversation open; once it stands there, it closes."""
    topic = await shop.arrive("Ann")
    await shop.receive("Ann", "Wait, one thing more")
    await topic.say(bob, "/close Refunded")
    assert shop.said() == "Ann has just written something more. Nothing was closed: read it first."
    assert (await topic.conversation()).state == "open"
    await shop.show("Ann")
    await topic.say(bob, "/close Refunded")
    assert (await topic.conversation()).state == "closed"

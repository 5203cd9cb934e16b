"""Dialogs: what is written now and goes out later."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hub.domain.contacts import Terms
from hub.domain.ids import PostId
from hub.domain.models import Comment, Contact, Message
from hub.domain.ports import Tx
from hub.domain.work import Notify, SendLater, Tell, Work
from hub.host.timekeeping import ring
from tests.admin_bot.counter_desk import SLACK, TEMPLATES, Shop, Topic, Who, button, buttons
from tests.admin_bot.test_snoozing import set_zone

LINE = "/later 9:00 Your parcel has left."


async def waiting(shop: Shop) -> list[Work]:
    """What is to be sent later."""
    return [w for w in await shop.all(Work) if isinstance(w.task, SendLater)]


async def sent(shop: Shop) -> list[str]:
    return [m.text.plain for m in await shop.all(Message) if m.direction == "out"]


async def phone(shop: Shop, topic: Topic, number: str) -> None:
    async def deed(tx: Tx) -> None:
        contact = await tx.get(Contact, topic.contact)
        assert contact is not None
        contact.phone = number

    await shop.run(deed)


@pytest.fixture
async def topic(shop: Shop) -> Topic:
    """A contact wrote, on a Friday afternoon in Berlin."""
    shop.now = datetime(2027, 11, 19, 15, 10, tzinfo=UTC)
    topic = await shop.arrive()
    await set_zone(shop, "Europe/Berlin")
    return topic


async def test_it_is_sent_at_its_moment(shop: Shop, bob: Who, topic: Topic) -> None:
    """Not before and once, as who wrote it; the answer names date and place, and nothing leaves when it is written."""
    await set_zone(shop, "Asia/Tokyo", bob)
    answer = await topic.say(bob, LINE)
    assert shop.said() == "🕘 It goes to Ann (#1) on Sat 20 Nov, 9:00 (Berlin):\nYour parcel has left."
    assert [b.label for b in buttons(answer)] == ["✖ Call it off", "↩ Undo"]
    assert await shop.nothing_left()
    shop.now = datetime(2027, 11, 20, 8, tzinfo=UTC)
    await asyncio.gather(ring(shop.workspace, shop.now), ring(shop.workspace, shop.now))
    (message,) = [m for m in await shop.all(Message) if m.direction == "out"]
    assert (message.text.plain, message.author, message.at) == ("Your parcel has left.", bob.user, shop.now)
    conversation = await topic.conversation()
    assert (conversation.later, conversation.waiting_since, conversation.assignee) == ([], None, bob.user)
    assert [type(w.task).__name__ for w in await shop.sends()] == ["Send"]


async def test_on_the_contacts_own_clock(shop: Shop, bob: Who, topic: Topic) -> None:
    """`their 9:00` is 9:00 where the contact is, by phone number or country; where that is not known it is said."""
    await topic.say(bob, "/later their 9:00 Good morning!")
    assert "Nobody knows the time zone of Ann: it follows from their phone number or country." in shop.said()
    await phone(shop, topic, "+12125550123")
    await topic.say(bob, "/later their 9:00 Good morning!")
    assert "on Sat 20 Nov, 9:00 (New York)" in shop.said()
    answer = await topic.say(bob, LINE)
    await topic.press(bob, button(answer, "Sat 20 Nov, 9:00 (New York) instead"))
    assert "on Sat 20 Nov, 9:00 (New York)" in shop.said()
    assert {w.due for w in await waiting(shop)} == {datetime(2027, 11, 20, 9, tzinfo=ZoneInfo("America/New_York"))}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/later 9:00", "What is to be sent? Write it behind the moment"),
        ("/later soonish Your parcel", "“soonish” is no moment that I know."),
        ("/later tomorrow 2 parcels left", "Is 2 the time, or what is to be said? Write the time as 2:00."),
        ("/later 9:00 tomorrow we come", "Write the day first, then the time."),
        ("/later reply Hello", "“reply” is no moment that I know."),
        ("/later 9:00 //not for her", "Nothing was kept for later: what begins with / never goes out."),
        ("/later 9:00 /close", "Nothing was kept for later: what begins with / never goes out."),
    ],
)
async def test_slips_keep_nothing(shop: Shop, bob: Who, topic: Topic, line: str, said: str) -> None:
    """It is said what would be right; nothing is kept and nothing leaves."""
    await topic.say(bob, line)
    assert said in shop.said()
    assert await waiting(shop) == []
    assert await shop.nothing_left()


async def test_the_words_are_kept_where_the_moment_is_wrong(shop: Shop, bob: Who, topic: Topic) -> None:
    """A likely moment is one tap, with what was written; its button names no contact, so it is shown first."""
    answer = await topic.say(bob, "/later soonish Your parcel has left.")
    answer = await topic.press(bob, button(answer, "Mon 9:00"), PostId(f"prompt-{5000 + shop.numbers}"))
    assert "on Mon 22 Nov, 9:00 (Berlin):\nYour parcel has left." in shop.said()
    assert await waiting(shop) == []
    await topic.press(bob, button(answer, "Send to Ann Mon 9:00"))
    assert len(await waiting(shop)) == 1


@pytest.mark.parametrize(
    ("words", "said"), [("Hi Tom, your parcel has left", "Tom"), ("@zoe can you look at this", "@zoe")]
)
async def test_slips_of_the_gate_are_shown_first(shop: Shop, bob: Who, topic: Topic, words: str, said: str) -> None:
    """What greets another contact or calls a colleague is not kept by the line alone: no reply would leave with it."""
    await shop.arrive("Tom")
    await topic.say(bob, f"/later 9:00 {words}")
    assert "Nothing is kept for later yet, for" in shop.said()
    assert said in shop.said()
    assert await waiting(shop) == []


@pytest.mark.usefixtures("topic")
async def test_elsewhere_it_is_only_previewed(shop: Shop, bob: Who, zoe: Who) -> None:
    """At home the contact and the words are shown first, and a button that names both sends; nobody else may press it,
    and after 15 minutes it is a note.
    """
    await shop.say(bob, LINE)
    assert "Which conversation? Here, its number comes first" in shop.said()
    answer = await shop.say(bob, "/later 1 9:00 Your parcel has left.")
    assert "To Ann (#1) on Sat 20 Nov, 9:00 (Berlin)" in shop.said()
    assert "Nothing is kept for later yet" in shop.said()
    assert await waiting(shop) == []
    go = button(answer, "Send to Ann Sat 9:00")
    assert go.outward
    await shop.press(zoe, go)
    assert "is not held any more" in shop.said()
    await shop.press(bob, go)
    assert len(await waiting(shop)) == 1
    assert await shop.all(Comment) == []
    await shop.press(bob, go)
    assert len(await waiting(shop)) == 1
    answer = await shop.say(bob, "/later 1 9:00 Again.")
    shop.later(minutes=16)
    await shop.press(bob, button(answer, "Send to Ann"))
    assert "become notes after 15 minutes" in shop.said()


async def test_list_and_call_off(shop: Shop, bob: Who, zoe: Who, topic: Topic) -> None:
    """Alone it lists what waits here; at home what one wrote oneself, anywhere. Each can be called off, once."""
    await topic.say(bob, "/later")
    assert "Nothing waits to be sent later." in shop.said()
    await topic.say(bob, LINE)
    await topic.say(zoe, "/later mon 14:00 Any news?")
    answer = await topic.say(bob, "/later")
    assert "Sat 20 Nov, 9:00 (Berlin) · #1 Ann · Bob Bright: Your parcel has left." in shop.said()
    assert "Mon 22 Nov, 14:00 (Berlin) · #1 Ann · Zoe: Any news?" in shop.said()
    await shop.say(bob, "/later")
    assert "Any news?" not in shop.said()
    await topic.press(bob, button(answer, "✖ #1 Sat 9:00"))
    assert "✖ Called off. It does not go to Ann (#1):\nYour parcel has left." in shop.said()
    await topic.press(bob, button(answer, "✖ #1 Sat 9:00"))
    assert "sent or called off already" in shop.said()
    assert len(await waiting(shop)) == 1
    await topic.say(zoe, "/undo")
    assert shop.said() == "↩ Not sent later: “Any news?”"
    assert await waiting(shop) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [("/close -", "this conversation is closed"), ("/a zoe", "Zoe has this conversation")],
)
async def test_what_may_not_go_is_held(shop: Shop, bob: Who, topic: Topic, line: str, reason: str) -> None:
    """What the gate would hold is not sent at its moment either: the place and, in private, its author are told why,
    and it can be sent from there.
    """
    await topic.say(bob, LINE)
    await topic.say(bob, line)
    shop.later(days=1)
    await ring(shop.workspace, shop.now)
    assert await shop.nothing_left()
    (comment,) = await shop.all(Comment)
    assert comment.held
    tasks = [w.task for w in await shop.all(Work)]
    (told,) = [t.reply for t in tasks if isinstance(t, Tell)]
    (notice,) = [t for t in tasks if isinstance(t, Notify) and t.reply.template == "later_held"]
    assert (told.data["reason"], notice.user) == (reason, bob.user)
    for templates in (TEMPLATES, SLACK):
        assert reason in templates.render("later_held", told.data)
    send = next(b for row in told.rows for b in row if b.outward)
    await topic.press(bob, send)
    assert await sent(shop) == ["Your parcel has left."]


async def test_what_the_network_will_not_let_through_then(shop: Shop, bob: Who) -> None:
    """A moment at which the window is shut is refused when it is written."""
    shop.terms = Terms(open_seconds=24 * 3600)
    topic = await shop.arrive()
    await topic.say(bob, "/later 2d Any news?")
    assert "Nothing was kept for later: the network let us answer Ann until" in shop.said()
    assert await waiting(shop) == []


async def test_a_snoozed_conversation_sleeps_on(shop: Shop, bob: Who, topic: Topic) -> None:
    """What goes out later does not wake it; the contact's answer does."""
    await topic.say(bob, LINE)
    await topic.say(bob, "/z reply")
    shop.later(days=1)
    await ring(shop.workspace, shop.now)
    conversation = await topic.conversation()
    assert await sent(shop) == ["Your parcel has left."]
    assert (conversation.state, conversation.asleep_since, conversation.responses) == ("snoozed", None, 1)
    await shop.receive("Ann", "Thanks")
    conversation = await topic.conversation()
    assert (conversation.state, conversation.waiting_since) == ("open", shop.now)


async def test_what_is_no_moment_never_mixes_with_the_kept_words(shop: Shop, bob: Who, topic: Topic) -> None:
    """Replies that a question about the moment meets are held, and its button sends the first line's words alone."""
    asked = await topic.say(bob, "/later soonish hello Petra")
    question = PostId(f"prompt-{5000 + shop.numbers}")
    await topic.say(bob, "Your parcel is on its way")
    assert "a question of mine waited here, and this is no answer to it" in shop.said()
    assert await shop.nothing_left()
    await topic.say(bob, "It left today.")
    assert [m.text.plain for m in await shop.out()] == ["It left today."]
    await topic.press(bob, button(asked, "Mon 9:00"), question)
    assert "on Mon 22 Nov, 9:00 (Berlin):\nhello Petra" in shop.said()


async def test_the_answer_is_the_moment_alone(shop: Shop, bob: Who, topic: Topic) -> None:
    """A moment answers; a moment with further words is held, for whom they are is not known."""
    await topic.say(bob, "/later soonish hello Petra")
    await topic.say(bob, "tomorrow 9:00 and bring cake")
    assert "this is no answer to it" in shop.said()
    await topic.say(bob, "/later soonish hello Petra")
    await topic.say(bob, "tomorrow 9:00")
    assert "on Sat 20 Nov, 9:00 (Berlin):\nhello Petra" in shop.said()


@pytest.mark.usefixtures("topic")
async def test_in_private_the_question_goes_on(shop: Shop, bob: Who) -> None:
    """There is nobody whom the words could be for: it is said, and the next answer is taken."""
    await shop.private(bob, "/later 1 soonish hello Petra")
    await shop.private(bob, "whenever it suits")
    assert "“whenever” is no moment that I know." in shop.said()
    assert "the question still waits" in shop.said()
    await shop.private(bob, "tomorrow 9:00")
    assert "hello Petra" in shop.said()
    assert "whenever" not in shop.said()


async def test_what_is_missing_behind_their_is_named(shop: Shop, bob: Who, topic: Topic) -> None:
    """The moment is, not a word that nobody wrote."""
    await phone(shop, topic, "+12125550123")
    await topic.say(bob, "/later their")
    assert "When, on their clock? The moment comes behind it: /later their 9:00" in shop.said()


async def test_no_other_clock_is_offered_where_the_time_is_skipped(shop: Shop, bob: Who, topic: Topic) -> None:
    """2:30 is 3:30 on the day when Berlin's clocks are set forward; in Tokyo that is not what was said."""
    await phone(shop, topic, "+81312345678")
    answer = await topic.say(bob, "/later sun 26 mar 2028 2:30 x")
    assert "on Sun 26 Mar 2028, 3:30 (Berlin)" in shop.said()
    assert not [b for b in buttons(answer) if "instead" in b.label]
    answer = await topic.say(bob, "/later sun 26 mar 2028 9:30 x")
    assert button(answer, "Sun 26 Mar 2028, 9:30 (Tokyo) instead")

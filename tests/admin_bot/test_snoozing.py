"""Dialogs: snoozing a conversation, and how it comes back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hub.domain.models import Event, Member, Preferences
from hub.domain.ports import Tx
from hub.domain.reply import Reply
from hub.domain.timing import offers
from hub.domain.work import Tell, Work
from hub.host.timekeeping import ring
from tests.admin_bot.counter_desk import SLACK, TEMPLATES, Shop, Topic, Who, button, buttons

BERLIN = ZoneInfo("Europe/Berlin")


async def set_zone(shop: Shop, zone: str, who: Who | None = None) -> None:
    """The workspace's, or somebody's own."""

    async def deed(tx: Tx) -> None:
        preferences = await tx.get(Preferences, "preferences")
        member = await tx.get(Member, who.user) if who else None
        assert preferences is not None
        if member is not None:
            member.time_zone = zone
        else:
            preferences.time_zone = zone

    await shop.run(deed)


async def told(shop: Shop) -> list[Reply]:
    """What was said in contacts' places by itself."""
    return [w.task.reply for w in await shop.all(Work) if isinstance(w.task, Tell)]


@pytest.fixture
async def topic(shop: Shop) -> Topic:
    """A contact wrote, on a Friday afternoon in Berlin."""
    shop.now = datetime(2027, 11, 19, 15, 10, tzinfo=UTC)
    topic = await shop.arrive()
    await set_zone(shop, "Europe/Berlin")
    return topic


async def test_alone_it_is_the_next_working_morning(shop: Shop, bob: Who, topic: Topic) -> None:
    """`z` needs no argument: next working day, 9:00, on the agent's own wall; the answer names the date and the
    place, ends with Undo, and offers the likeliest other moments.
    """
    answer = await topic.say(bob, "/z")
    assert shop.said() == "💤 #1 with Ann is snoozed until Mon 22 Nov, 9:00 (Berlin), or until they write."
    assert (await topic.conversation()).snoozed_until == datetime(2027, 11, 22, 9, tzinfo=BERLIN)
    assert [b.label for b in buttons(answer)] == ["💤 In 2 h", "💤 Until they write", "↩ Undo"]
    await set_zone(shop, "America/New_York", bob)
    await topic.say(bob, "/z mon 9:00")
    assert "Mon 22 Nov, 9:00 (New York)" in shop.said()
    await topic.press(bob, button(answer, "Until they write"))
    assert (await topic.conversation()).snoozed_until is not None, "the button is of an older version"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/z 2h", "until Fri 19 Nov, 18:10 (Berlin), or"),
        ("/snooze tomorrow 9:00", "until Sat 20 Nov, 9:00 (Berlin), or"),
        ("/z fri 14", "until Fri 26 Nov, 14:00 (Berlin), or"),
        ("!z Monday.", "until Mon 22 Nov, 9:00 (Berlin), or"),
        ("/z 24 nov", "until Wed 24 Nov, 9:00 (Berlin), or"),
        ("/z 3 hours", "until Fri 19 Nov, 19:10 (Berlin), or"),
        ("/z 1 2h", "#1 with Ann is snoozed until Fri 19 Nov, 18:10 (Berlin), or"),
        ("/z until reply", "is snoozed until they write."),
    ],
)
async def test_moments_as_they_are_typed(shop: Shop, bob: Who, topic: Topic, line: str, said: str) -> None:
    """Durations, days, times, and until the contact answers."""
    await topic.say(bob, line)
    assert said in shop.said()
    assert (await topic.conversation()).state == "snoozed"


async def test_what_is_no_moment_ahead(shop: Shop, bob: Who, topic: Topic) -> None:
    """It is said what would be right, likely moments are offered, and nothing is changed."""
    await topic.say(bob, "/z 31 feb")
    assert "There is no such day." in shop.said()
    answer = await topic.say(bob, "/z soonish")
    assert "“soonish” is no moment that I know. Write it as 2h, tomorrow 9:00, fri 14:00 or 24 nov." in shop.said()
    await topic.say(bob, "/z today 9:00")
    assert "That moment is over: Fri 19 Nov, 9:00 (Berlin)." in shop.said()
    assert (await topic.conversation()).state == "open"
    await topic.press(bob, button(answer, "Mon 9:00"))
    assert (await topic.conversation()).state == "snoozed"


async def test_what_sleeps_waits_on_no_list(shop: Shop, bob: Who, topic: Topic) -> None:
    """Neither /next nor the inbox of open ones shows it; when it wakes it waits as long as before."""
    before = (await topic.conversation()).waiting_since
    await topic.say(bob, "/z 2h")
    assert (await topic.conversation()).waiting_since is None
    await shop.say(bob, "/next")
    assert "Ann" not in shop.said()
    await topic.say(bob, "/z -")
    assert shop.said() == "⏰ #1 with Ann is back."
    assert (await topic.conversation()).waiting_since == before
    await topic.say(bob, "/z off")
    assert shop.said() == "#1 with Ann is not snoozed."


async def test_it_comes_back_with_what_was_missed(shop: Shop, bob: Who, zoe: Who, topic: Topic) -> None:
    """At its moment and not before, once; the desk is told who snoozed it, what waits, and what colleagues did."""
    await topic.say(bob, "/take")
    await topic.say(bob, "/z 2h")
    shop.later(minutes=30)
    await topic.say(zoe, "//she called about it")
    await topic.say(zoe, "/a zoe")
    await ring(shop.workspace, shop.now)
    assert (await topic.conversation()).state == "snoozed"
    shop.later(minutes=90)
    await ring(shop.workspace, shop.now)
    await ring(shop.workspace, shop.now)
    conversation = await topic.conversation()
    assert (conversation.state, conversation.snoozed_until, conversation.asleep_since) == ("open", None, None)
    assert conversation.waiting_since is not None
    (reply,) = [r for r in await told(shop) if r.template == "woken"]
    assert reply.data["by"] == "Bob Bright"
    assert [(line["who"], line["text"] or line["deed"]) for line in reply.data["lines"]] == [  # type: ignore[index,call-overload,union-attr]
        ("Zoe", "she called about it"),
        ("Zoe", "given to Zoe"),
    ]
    assert reply.data["holder"]["name"] == "Zoe"  # type: ignore[index,call-overload]
    for templates in (TEMPLATES, SLACK):
        assert "Where is my order?" in templates.render("woken", reply.data)


async def test_the_contacts_message_wakes_it_at_once(shop: Shop, bob: Who, topic: Topic) -> None:
    """Whatever moment was chosen; it waits since the first word that nobody answered, and the moment passes unheard."""
    since = (await topic.conversation()).waiting_since
    await topic.say(bob, "/z 2h")
    shop.later(minutes=10)
    await shop.receive("Ann", "Anybody?")
    conversation = await topic.conversation()
    assert (conversation.state, conversation.snoozed_until, conversation.waiting_since) == ("open", None, since)
    assert conversation.spells == {}
    woken = [e for e in await shop.all(Event, conversation=conversation.id) if e.kind == "woken"]
    assert [e.facts["why"] for e in woken] == ["contact"]
    shop.later(hours=3)
    await ring(shop.workspace, shop.now)
    assert [r for r in await told(shop) if r.template == "woken"] == []


async def test_only_the_moment_chosen_last_counts(shop: Shop, bob: Who, topic: Topic) -> None:
    """Snoozing anew puts it off; the earlier moment passes unheard."""
    await topic.say(bob, "/z 1h")
    await topic.say(bob, "/z 3h")
    await topic.say(bob, "/z 3h")
    assert "already" in shop.said()
    shop.later(hours=2)
    await ring(shop.workspace, shop.now)
    assert (await topic.conversation()).state == "snoozed"
    shop.later(hours=1)
    await ring(shop.workspace, shop.now)
    assert (await topic.conversation()).state == "open"


async def test_undo(shop: Shop, bob: Who, topic: Topic) -> None:
    """What was open is open and waits again; what was snoozed otherwise is snoozed so again; what was woken sleeps."""
    since = (await topic.conversation()).waiting_since
    first = await topic.say(bob, "/z 2h")
    await topic.press(bob, button(first, "Undo"))
    assert shop.said() == "↩ #1 with Ann is open again."
    assert (await topic.conversation()).waiting_since == since
    await topic.say(bob, "/z 2h")
    until = (await topic.conversation()).snoozed_until
    await topic.say(bob, "/z reply")
    await topic.say(bob, "/undo")
    assert shop.said() == "↩ #1 with Ann is snoozed as before."
    assert (await topic.conversation()).snoozed_until == until
    await topic.say(bob, "/reopen")
    assert shop.said() == "⏰ #1 with Ann is back."
    await topic.say(bob, "/undo")
    assert shop.said() == "↩ #1 with Ann is snoozed again."
    shop.later(hours=2)
    await ring(shop.workspace, shop.now)
    assert (await topic.conversation()).waiting_since == since


async def test_undo_does_not_undo_what_came_later(shop: Shop, bob: Who, topic: Topic) -> None:
    """The contact wrote meanwhile: it is open, and Undo says so."""
    answer = await topic.say(bob, "/z 2h")
    await shop.receive("Ann", "Anybody?")
    await topic.press(bob, button(answer, "Undo"))
    assert "is not snoozed so any more; nothing was changed" in shop.said()


async def test_answering_wakes_it(shop: Shop, bob: Who, topic: Topic) -> None:
    """A reply to what is snoozed is held; sent all the same, it wakes the conversation, and its wait is answered."""
    await topic.say(bob, "/z 2h")
    answer = await topic.say(bob, "It left today.")
    assert "snoozed" in shop.said()
    shop.later(seconds=30)
    await topic.press(bob, button(answer, "Send to Ann"))
    conversation = await topic.conversation()
    assert (conversation.state, conversation.waiting_since, conversation.responses) == ("open", None, 1)
    assert conversation.response_seconds == 30


async def test_closing_ends_it(shop: Shop, bob: Who, topic: Topic) -> None:
    """A closed conversation does not come back by itself, and cannot be snoozed; Undo has it open and waiting."""
    since = (await topic.conversation()).waiting_since
    await topic.say(bob, "/z 2h")
    await topic.say(bob, "/close -")
    conversation = await topic.conversation()
    assert (conversation.state, conversation.snoozed_until, conversation.snoozed_by) == ("closed", None, None)
    await topic.say(bob, "/z 1h")
    assert "is closed; nothing of it comes back" in shop.said()
    await topic.say(bob, "/undo")
    conversation = await topic.conversation()
    assert (conversation.state, conversation.waiting_since) == ("open", since)


async def test_mistaps(shop: Shop, bob: Who, zoe: Who, mallory: Who, topic: Topic) -> None:
    """The button under the contact's words does what it names, once: a second tap, one after closing, and one of
    somebody who is nobody here do nothing and are answered; one whose moment is over offers another.
    """
    conversation = await topic.conversation()
    offered = await offers.snooze_button(shop.workspace, conversation, shop.now)
    assert offered is not None
    assert offered.label == "💤 Mon 9:00"
    await topic.press(mallory, offered, topic.relay)
    assert (await topic.conversation()).state == "open"
    await topic.press(bob, offered, topic.relay)
    assert "until Mon 22 Nov, 9:00 (Berlin)" in shop.said()
    until = (await topic.conversation()).snoozed_until
    await topic.press(zoe, offered, topic.relay)
    assert "has changed meanwhile" in shop.said()
    assert (await topic.conversation()).snoozed_until == until
    wake = await offers.snooze_button(shop.workspace, await topic.conversation(), shop.now)
    assert wake is not None
    await topic.press(zoe, wake)
    late = await offers.snooze_button(shop.workspace, await topic.conversation(), shop.now)
    assert late is not None
    shop.later(days=4)
    answer = await topic.press(bob, late, topic.relay)
    assert "That moment is over: Mon 22 Nov, 9:00 (Berlin)" in shop.said()
    assert button(answer, "Wed 9:00")
    await topic.say(bob, "/close -")
    assert await offers.snooze_button(shop.workspace, await topic.conversation(), shop.now) is None
    await topic.press(bob, late, topic.relay)
    assert (await topic.conversation()).state == "closed"


async def test_two_at_once(shop: Shop, bob: Who, zoe: Who, topic: Topic) -> None:
    """Two agents snooze in the same instant: both are done one after the other, and the later one counts."""
    await asyncio.gather(topic.say(bob, "/z 1h"), shop.private(zoe, "/z 1 3h"))
    conversation = await topic.conversation()
    found = [e for e in await shop.all(Event, conversation=conversation.id) if e.kind == "snoozed"]
    assert len(found) == 2
    assert found[1].facts["until"] == found[0].facts["after"]
    shop.later(hours=4)
    await ring(shop.workspace, shop.now)
    assert (await topic.conversation()).state == "open"
    assert len([e for e in await shop.all(Event, conversation=conversation.id) if e.kind == "woken"]) == 1


async def test_the_moment_and_the_contact_at_once(shop: Shop, bob: Who, topic: Topic) -> None:
    """It wakes once, whoever is first."""
    await topic.say(bob, "/z 1h")
    shop.now += timedelta(hours=1)
    await asyncio.gather(ring(shop.workspace, shop.now), shop.receive("Ann", "Anybody?"))
    conversation = await topic.conversation()
    assert conversation.state == "open"
    assert len([e for e in await shop.all(Event, conversation=conversation.id) if e.kind == "woken"]) == 1

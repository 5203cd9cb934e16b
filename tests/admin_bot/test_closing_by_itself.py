"""Conversations that close by themselves, and what follows from every closing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.domain.catalog import Closing
from hub.domain.models import Contact, Event, Preferences
from hub.domain.ports import Tx
from hub.domain.reply import Reply
from hub.domain.timing.metrics import figures
from hub.domain.work import CloseIdle, Tell, Work
from hub.host.timekeeping import ring
from tests.admin_bot.counter_desk import SLACK, TEMPLATES, Shop, Topic, Who, button

HOUR, DAY = 60, 24 * 60


async def closing(shop: Shop, after_us: int = 0, after_them: int = 0, *, keep: bool = True) -> None:
    """After how many minutes."""

    async def deed(tx: Tx) -> None:
        preferences = await tx.get(Preferences, "preferences")
        assert preferences is not None
        preferences.closing = Closing(after_us=after_us, after_them=after_them, keep_assignee=keep)

    await shop.run(deed)


async def later(shop: Shop, topic: Topic, **time: float) -> str:
    """Time goes by; gives how the conversation stands."""
    shop.later(**time)
    await ring(shop.workspace, shop.now)
    return str((await topic.conversation()).state)


async def told(shop: Shop) -> list[Reply]:
    found = [w.task.reply for w in await shop.all(Work) if isinstance(w.task, Tell)]
    return [r for r in found if r.template == "closed_idle"]


async def test_after_our_last_word(shop: Shop, bob: Who) -> None:
    """A contact who does not answer us: closed by nobody, source auto_close; the place is told and can reopen."""
    await closing(shop, after_us=HOUR)
    topic = await shop.arrive()
    assert await later(shop, topic, hours=5) == "open", "they wait for us"
    await topic.say(bob, "It left today.")
    assert await later(shop, topic, minutes=59) == "open"
    assert await later(shop, topic, minutes=1) == "closed"
    conversation = await topic.conversation()
    assert (conversation.closed_source, conversation.closed_by, conversation.live) == ("auto_close", None, None)
    (reply,) = await told(shop)
    for templates in (TEMPLATES, SLACK):
        assert "was closed by itself: the contact did not answer for 60 min." in templates.render(
            "closed_idle", reply.data
        )
    await topic.press(bob, reply.rows[0][0])
    assert (await topic.conversation()).state == "open"
    assert await later(shop, topic, minutes=59) == "open", "its being opened again counts as a stir"
    assert await later(shop, topic, minutes=1) == "closed"


async def test_after_the_contacts_last_word(shop: Shop, bob: Who) -> None:
    """Where nobody answered for so long; each word of theirs puts it off, and ours puts it under the other rule."""
    await closing(shop, after_us=HOUR, after_them=DAY)
    topic = await shop.arrive()
    assert await later(shop, topic, hours=23) == "open"
    await shop.receive("Ann", "Anybody?")
    assert await later(shop, topic, hours=23) == "open"
    assert await later(shop, topic, hours=1) == "closed"
    assert (await told(shop))[0].data["theirs"]
    topic = await shop.arrive("Tom")
    await topic.say(bob, "Hello Tom")
    assert await later(shop, topic, hours=1) == "closed", "though a later timer was set first"


async def test_off_is_off(shop: Shop, bob: Who) -> None:
    """By default nothing closes by itself, and no timer is set for it."""
    topic = await shop.arrive()
    await topic.say(bob, "It left today.")
    assert [w for w in await shop.all(Work) if isinstance(w.task, CloseIdle)] == []
    assert await later(shop, topic, days=400) == "open"


async def test_switched_on_it_holds_for_what_is_open(shop: Shop, bob: Who, mia: Who) -> None:
    """Also conversations that nobody touches any more are closed; switched off, those with a timer stay open."""
    topic = await shop.arrive()
    await topic.say(bob, "It left today.")
    shop.later(days=3)
    await shop.private(mia, "/settings afterus 60")
    assert await later(shop, topic, minutes=1) == "closed"
    other = await shop.arrive("Tom")
    await other.say(bob, "Hello Tom")
    await shop.private(mia, "/settings afterus 0")
    assert await later(shop, other, days=3) == "open"


async def test_what_sleeps_is_not_closed(shop: Shop, bob: Who) -> None:
    """A snoozed conversation is not idle; when it wakes, time begins anew."""
    await closing(shop, after_us=HOUR, after_them=HOUR)
    topic = await shop.arrive()
    await topic.say(bob, "/z 5h")
    assert await later(shop, topic, hours=4) == "snoozed"
    assert await later(shop, topic, hours=1) == "open"
    assert await later(shop, topic, minutes=59) == "open"
    assert await later(shop, topic, minutes=1) == "closed"


async def test_one_timer_counts(shop: Shop, bob: Who) -> None:
    """However much is said, timers do not pile up."""
    await closing(shop, after_us=HOUR, after_them=HOUR)
    topic = await shop.arrive()
    for _ in range(5):
        shop.later(minutes=5)
        await topic.say(bob, "One moment")
        await shop.receive("Ann", "Thanks")
    assert len([w for w in await shop.all(Work) if isinstance(w.task, CloseIdle)]) == 1


@pytest.mark.parametrize("keep", [True, False])
async def test_the_assignee_stays_or_does_not(shop: Shop, bob: Who, keep: bool) -> None:
    """By the setting, the contact's next conversation begins with the same assignee or with nobody; the closed one
    says whose it was all the same, and is theirs again when it is reopened or its closing taken back.
    """
    await closing(shop, keep=keep)
    topic = await shop.arrive()
    await topic.say(bob, "/take")
    answer = await topic.say(bob, "/close -")
    assert (await topic.conversation()).assignee == bob.user
    assert ((await topic.person()).assignee == bob.user) is keep
    await topic.press(bob, button(answer, "Undo"))
    assert (await topic.person()).assignee == bob.user
    await topic.say(bob, "/close -")
    await shop.receive("Ann", "One more thing")
    assert ((await topic.conversation()).assignee == bob.user) is keep


async def test_metrics_of_a_conversation(shop: Shop, bob: Who, zoe: Who) -> None:
    """What happened, when, by whom and how often is kept with it, as it happens."""
    topic = await shop.arrive()
    start = shop.now
    shop.later(minutes=2)
    await topic.say(bob, "/a zoe")
    shop.later(minutes=3)
    await topic.say(bob, "/a me")
    shop.later(minutes=5)
    await topic.say(bob, "Hello Ann")
    shop.later(minutes=10)
    await shop.arrive("Ann", "Where is it?")
    shop.later(minutes=20)
    await topic.say(bob, "On its way")
    shop.later(minutes=20)
    await topic.say(zoe, "/close -")
    kept = await topic.conversation()
    assert (kept.opened_source, kept.opened_by, kept.opened_channel) == ("contact", None, kept.channel)
    assert (kept.first_assignee, kept.last_assignee, kept.assignments) == (zoe.user, bob.user, 2)
    assert (kept.first_response_by, kept.incoming, kept.outgoing, kept.responses) == (bob.user, 2, 2, 2)
    assert (kept.closed_by, kept.closed_source, kept.closed_at) == (zoe.user, "user", start + timedelta(minutes=60))
    reckoned = figures(kept)
    assert reckoned.first_response == 10 * 60
    assert reckoned.first_assignment == 2 * 60
    assert reckoned.first_assignment_to_first_response == 8 * 60
    assert reckoned.last_assignment_to_response == 5 * 60
    assert reckoned.average_response == (10 + 20) / 2 * 60
    assert reckoned.resolution == 60 * 60
    assert reckoned.first_assignment_to_close == 58 * 60
    assert reckoned.last_assignment_to_close == 55 * 60


async def test_what_was_taken_back_does_not_count(shop: Shop, bob: Who) -> None:
    """An assigning, an answer and a closing that were taken back leave the figures as they were."""
    topic = await shop.arrive()
    before = await topic.conversation()
    shop.later(minutes=1)
    await topic.say(bob, "/a zoe")
    await topic.say(bob, "/undo")
    await topic.say(bob, "/close -")
    await topic.say(bob, "/undo")
    after = await topic.conversation()
    names = ("assignments", "first_assignee", "first_assigned_at", "last_assignee", "last_assigned_at", "closed_at")
    assert [getattr(after, n) for n in names] == [getattr(before, n) for n in names]
    await topic.say(bob, "Hello Ann")
    await topic.say(bob, "/unsend")
    after = await topic.conversation()
    names = ("first_response_at", "first_response_by", "responses", "response_seconds", "answered_assigned_at")
    assert [getattr(after, n) for n in names] == [getattr(before, n) for n in names]
    assert after.waiting_since == before.waiting_since


async def test_a_kept_assignee_counts_as_assigned_from_the_start(shop: Shop, bob: Who) -> None:
    """A conversation that begins with its contact's assignee was assigned when it was opened."""
    topic = await shop.arrive()
    await topic.say(bob, "/take")
    await topic.say(bob, "/close -")
    shop.later(minutes=5)
    await shop.receive("Ann", "One more thing")
    again = await topic.conversation()
    assert (again.first_assignee, again.first_assigned_at, again.assignments) == (bob.user, again.opened_at, 1)
    opened = [e for e in await shop.all(Event, conversation=again.id) if e.kind == "opened"]
    assert len(opened) == 1
    assert (await shop.workspace.get(Contact, topic.contact)).assignee == bob.user  # type: ignore[union-attr]

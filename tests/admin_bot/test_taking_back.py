"""What /undo takes back, and what it never does: an older reply instead of a deed that cannot be undone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from hub.domain.catalog import Notices
from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.models import Comment, DeskItem, HeldDay, Member, Preferences
from hub.domain.ports import Tx
from hub.domain.ripening import ripen
from hub.domain.timers import ripe
from tests.admin_bot.counter_desk import Shop, Topic, Who, button

CANNOT = "What you did last here cannot be undone. A reply is taken back by /unsend."


async def states(shop: Shop) -> list[str]:
    return [message.state for message in await shop.out()]


async def answered(shop: Shop, bob: Who, name: str = "Ann") -> Topic:
    """Bob has answered somebody just now."""
    topic = await shop.arrive(name)
    await topic.say(bob, "It leaves today.")
    return topic


DEEDS = {
    "/busy 2h": "/online ends it.",
    "/filter save late waiting>2h": "/filter remove takes a filter away.",
    "@Zoe is that so?": "What I hold is sent or kept by the buttons below it.",
}


async def test_a_deed_that_cannot_be_undone_stops_it(shop: Shop, bob: Who) -> None:
    """It is said so, with what to do instead; the reply before it stays."""
    for number, (line, instead) in enumerate(DEEDS.items()):
        topic = await answered(shop, bob, f"Ann {number}")
        await topic.say(bob, line)
        await topic.say(bob, "/undo")
        assert shop.said() == f"{CANNOT} {instead}"
    assert await states(shop) == ["queued"] * len(DEEDS)


async def test_a_kind_that_nobody_thought_of_stops_it(shop: Shop, bob: Who) -> None:
    """Safe by default: an event of a new kind is taken for a deed that cannot be undone."""
    topic = await answered(shop, bob)
    (desk,) = await shop.all(DeskItem)

    async def deed(tx: Tx) -> None:
        member = await tx.get(Member, bob.user)
        assert member is not None
        record(tx, "something_new", shop.now, act=Act(member=member, at=shop.now, desk=desk.id, thread=topic.thread))

    await shop.run(deed)
    await topic.say(bob, "/undo")
    assert shop.said() == CANNOT
    assert await states(shop) == ["queued"]


async def test_what_was_unsent_is_no_way_to_an_older_reply(shop: Shop, bob: Who) -> None:
    """/undo right after /unsend takes nothing back; after an /undo the next one goes on with the deed before."""
    topic = await answered(shop, bob)
    await topic.say(bob, "Or tomorrow.")
    await topic.say(bob, "/unsend")
    await topic.say(bob, "/undo")
    assert shop.said() == CANNOT
    assert await states(shop) == ["queued", "unsent"]


async def test_undoing_goes_on_behind_what_was_undone(shop: Shop, bob: Who) -> None:
    """What an undo did itself is no deed that stands in the way of the next one."""
    topic = await answered(shop, bob)
    await topic.say(bob, "Or tomorrow.")
    for there in (["queued", "unsent"], ["unsent", "unsent"]):
        await topic.say(bob, "/undo")
        assert await states(shop) == there, shop.said()


async def test_a_reply_that_became_a_note_stops_it(shop: Shop, bob: Who) -> None:
    """Edited into a note before it left, it is no reply any more, and the one before it stays."""
    topic = await answered(shop, bob)
    post, _ = await topic.post(bob, "Or tomorrow.")
    await shop.edit(bob, post, "//or tomorrow?", topic.spot)
    await topic.say(bob, "/undo")
    assert shop.said() == CANNOT
    assert await states(shop) == ["queued"]


async def test_what_was_held_and_taken_back_stands_in_no_ones_way(shop: Shop, bob: Who) -> None:
    """Once that is undone, the deed before it is next."""
    topic = await answered(shop, bob)
    held = await topic.say(bob, "@Zoe is that so?")
    await topic.press(bob, button(held, "Keep"))
    await topic.say(bob, "/undo")
    assert shop.said() == "↩ The note is taken out."
    await topic.say(bob, "/undo")
    assert await states(shop) == ["unsent"]


async def test_what_expired_into_a_note_is_nobodys_last_deed(shop: Shop, bob: Who) -> None:
    """The timer made it a note, so /undo in private does not take it out."""
    topic = await shop.arrive()
    await topic.say(bob, "@Zoe is that so?")
    shop.later(minutes=16)
    for work in await ripe(shop.workspace, shop.now):
        await shop.run(lambda tx, work=work: ripen(tx, work.id, shop.now))
    await shop.private(bob, "/undo")
    assert shop.said() == "There is nothing of yours to undo here."
    assert [comment.held for comment in await shop.all(Comment)] == [False]


# -- what is changed besides conversations --


async def test_undo_right_after_notify_undoes_that(shop: Shop, bob: Who, mia: Who) -> None:
    """Nothing else is taken back, and nothing of it is in the audit."""
    topic = await answered(shop, bob)
    for line in ("/notify assigned off", "/notify quiet 22-7", "/notify timezone tokyo"):
        await topic.say(bob, line)
        await topic.say(bob, "/undo")
        assert shop.said() == "↩ You are told in private what you were told before."
        (member,) = [m for m in await shop.all(Member) if m.id == bob.user]
        assert (member.notices, member.time_zone) == (Notices(), "")
    assert await states(shop) == ["queued"]
    await shop.private(mia, "/audit")
    assert "otices" not in shop.said()


async def test_undo_of_notify_does_not_undo_what_came_later(shop: Shop, bob: Who) -> None:
    """Changed again elsewhere meanwhile, it stays as it is now."""
    topic = await shop.arrive()
    await topic.say(bob, "/notify digest 9")
    await shop.private(bob, "/notify digest 10")
    await topic.say(bob, "/undo")
    assert shop.said() == "What you are told was changed again since; nothing was changed."
    assert [m.notices.digest for m in await shop.all(Member) if m.id == bob.user] == ["10:00"]


SETTINGS = {
    "/settings mode explicit": "↩ Plain text: goes to the contact again.",
    "/settings hold 10": "↩ Hold before sending: off again.",
    "/settings timezone Berlin": "↩ Time zone: UTC again.",
    "/workspace timezone Berlin": "↩ Time zone: UTC again.",
    "/workspace inactivity 15": "↩ Away after: 30 min again.",
}


async def test_settings_are_undone_within_ten_minutes(shop: Shop, olivia: Who) -> None:
    """As they were, whichever command changed them; later they are changed by their own command."""
    before = (await shop.all(Preferences))[0]
    for line, said in SETTINGS.items():
        await shop.private(olivia, line)
        await shop.private(olivia, "/undo")
        assert shop.said() == said
    (after,) = await shop.all(Preferences)
    assert after == before
    await shop.private(olivia, "/settings hold 10")
    shop.later(minutes=11)
    await shop.private(olivia, "/undo")
    assert shop.said() == "That was more than ten minutes ago; change it by its own command."


async def test_a_new_name_is_said_not_to_be_undone(shop: Shop, olivia: Who) -> None:
    """With what gives it another one; what was done before it stays."""
    await shop.private(olivia, "/settings hold 10")
    await shop.private(olivia, "/workspace rename Our shop")
    await shop.private(olivia, "/undo")
    assert shop.said() == f"{CANNOT} /workspace rename gives it another name."
    assert (await shop.all(Preferences))[0].hold == 10


# -- what the gate held --


async def test_managers_see_what_was_held_and_what_came_of_it(shop: Shop, mia: Who, bob: Who) -> None:
    """By day and by rule, for seven days; counted on the day on which it was held."""
    topic = await shop.arrive()
    sent = await topic.say(bob, "@Zoe is that so?")
    await topic.press(bob, button(sent, "Send"))
    kept = await topic.say(bob, "@Zoe and that?")
    await topic.press(bob, button(kept, "Keep"))
    await topic.say(bob, "Hi Tom, and that?")
    shop.later(minutes=16)
    for work in await ripe(shop.workspace, shop.now + timedelta(seconds=1)):
        await shop.run(lambda tx, work=work: ripen(tx, work.id, shop.now))
    answer = await shop.private(mia, "/audit")
    await shop.press(mia, button(answer, "Held before sending"), shop.own(mia))
    said = shop.said()
    assert "Held before sending, the last 7 days: 3" in said
    held_at = shop.now - timedelta(minutes=16)
    assert f"{held_at:%a %d}    3     1     1       1" in said
    assert "2 mentions a colleague · 1 sent\n1 greets another name" in said
    shop.later(days=8)
    await shop.private(mia, "/audit held")
    assert "Nothing was held." in shop.said()


async def test_two_held_at_the_same_instant_are_both_counted(shop: Shop, bob: Who, zoe: Who) -> None:
    """Also where they are the first of the day."""
    one, other = await shop.arrive("Ann"), await shop.arrive("Cleo")
    await asyncio.gather(one.say(bob, "@Zoe is that so?"), other.say(zoe, "@Bob is that so?"))
    assert [day.counts for day in await shop.all(HeldDay)] == [{"mentions.held": 2}]


async def test_a_preview_is_not_counted_as_held(shop: Shop, mia: Who, bob: Who) -> None:
    """/reply from elsewhere always shows first what it would send: the gate had no objection."""
    await shop.arrive()
    await shop.say(bob, "/reply 1 It leaves today.")
    await shop.private(mia, "/audit held")
    assert "Nothing was held." in shop.said()

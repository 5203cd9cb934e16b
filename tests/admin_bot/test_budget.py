"""The desk's budget: how many actions each task may take. An action is a line up to its Enter, or a tap.

Opening a conversation by its link counts as one; from the open topic the line alone remains.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from hub.domain.models import Comment, Message, Tag, Team
from hub.domain.reply import Button
from hub.domain.timing import offers
from tests.admin_bot.counter_desk import Shop, Topic, Who, button

Check = Callable[[Shop, Topic], Awaitable[bool]]


async def _answered(_: Shop, topic: Topic) -> bool:
    conversation = await topic.conversation()
    return conversation.waiting_since is None and conversation.assignee is not None


async def _assigned(shop: Shop, topic: Topic) -> bool:
    return bool((await topic.conversation()).assignee == shop.people["Zoe"].user)


async def _the_teams(shop: Shop, topic: Topic) -> bool:
    conversation = await topic.conversation()
    return [t.name for t in await shop.all(Team) if t.id == conversation.team] == ["Sales"]


async def _claimed(shop: Shop, topic: Topic) -> bool:
    return bool((await topic.conversation()).assignee == shop.people["Bob Bright"].user)


async def _tagged(shop: Shop, topic: Topic) -> bool:
    return [t.name for t in await shop.all(Tag) if t.id in (await topic.person()).tags] == ["vip"]


async def _snippet_sent(shop: Shop, topic: Topic) -> bool:
    out = await shop.all(Message, contact=topic.contact)
    return bool(out[-1].text.plain == f"Hello {(await topic.person()).first_name}!")


async def _noted(shop: Shop, topic: Topic) -> bool:
    (comment,) = await shop.all(Comment, contact=topic.contact)
    return bool(comment.mentions == [shop.people["Zoe"].user])


async def _closed(_: Shop, topic: Topic) -> bool:
    conversation = await topic.conversation()
    return bool(conversation.state == "closed" and conversation.category and conversation.summary)


async def _snoozed(_: Shop, topic: Topic) -> bool:
    conversation = await topic.conversation()
    return bool(conversation.state == "snoozed" and conversation.snoozed_until.hour == 9)


LINES: dict[str, tuple[int, list[str], Check]] = {
    "1 answer": (1, ["It left today."], _answered),
    "2 claim": (1, ["/take"], _claimed),
    "3 assign": (1, ["/a zoe"], _assigned),
    "3 assign to a team": (1, ["/a sales"], _the_teams),
    "4 tag": (1, ["/t vip"], _tagged),
    "5 saved reply": (2, ["/s hi"], _snippet_sent),
    "6 note": (1, ["//zoe check the refund"], _noted),
    "7 close": (1, ["/close bil Refunded order 7"], _closed),
    "8 snooze": (1, ["/z"], _snoozed),
}
TAPS: dict[str, tuple[int, list[str], Check]] = {
    "2 claim": (2, ["Take"], _claimed),
    "3 assign": (2, ["⋯", "Zoe"], _assigned),
    "3 assign to a team": (2, ["⋯", "👥 Sales"], _the_teams),
    "4 tag": (2, ["⋯", "+ vip"], _tagged),
    "8 snooze": (1, ["💤"], _snoozed),
}


async def _furnished(shop: Shop, task: str) -> Topic:
    if not await shop.all(Tag):
        first = await shop.arrive("First")
        bob = shop.people["Bob Bright"]
        await first.say(bob, "/t +vip")
        await shop.private(bob, "/snippet add hi Hello {{ contact.first_name }}!")
        await shop.private(shop.people["Mia"], "/category add Billing")
        await shop.private(shop.people["Mia"], "/team create Sales")
    return await shop.arrive(f"Ann{task.split(maxsplit=1)[0]}{shop.numbers}")


@pytest.mark.parametrize("task", LINES)
async def test_one_line_does_it(standing_shop: Shop, task: str) -> None:
    """Each frequent task is one typed line in the topic."""
    topic = await _furnished(standing_shop, task)
    budget, lines, check = LINES[task]
    assert len(lines) <= budget
    for line in lines:
        await topic.say(standing_shop.people["Bob Bright"], line)
    assert await check(standing_shop, topic)


@pytest.mark.parametrize("task", TAPS)
async def test_two_taps_do_it(standing_shop: Shop, task: str) -> None:
    """Each frequent deed has a second path of at most two taps, from the row under the contact's words."""
    topic = await _furnished(standing_shop, task)
    budget, labels, check = TAPS[task]
    assert len(labels) <= budget
    await _tap(standing_shop, topic, standing_shop.people["Bob Bright"], labels)
    assert await check(standing_shop, topic)


async def _tap(shop: Shop, topic: Topic, who: Who, labels: list[str]) -> None:
    number, version = (await topic.conversation()).number, (await topic.conversation()).version
    row = {"Take": Button("✋ Take", f"take {number}", version), "⋯": Button("⋯", f"more {number}", version)}
    asleep = await offers.snooze_button(shop.workspace, await topic.conversation(), shop.now)
    answer = await topic.press(who, (row | {"💤": asleep})[labels[0]], topic.relay)
    for label in labels[1:]:
        shop.later(seconds=2)
        answer = await topic.press(who, button(answer, label), topic.relay)


async def test_the_next_one_is_one_tap_away(shop: Shop, bob: Who) -> None:
    """Who waited longest is opened by one tap from every confirmation, or by one line and its link."""
    await shop.arrive("Tom")
    shop.later(minutes=5)
    topic = await shop.arrive("Ann")
    answer = await topic.say(bob, "/take")
    assert button(answer, "Next: Tom 5 min").url
    answer = await shop.say(bob, "/next")
    assert button(answer, "Open Tom").url

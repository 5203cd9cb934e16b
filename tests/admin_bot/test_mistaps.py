"""The mis-tap suite: a button that shows what is no more, is tapped twice, during an edit, by the wrong hand, or after
the conversation was closed, does nothing that was not meant.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hub.domain.models import Category, Comment, Contact, Conversation, Member, Message, Post, Preferences, Snippet, Tag
from hub.domain.ports import Tx
from hub.domain.reply import Button
from hub.domain.timing import offers
from tests.admin_bot.counter_desk import Shop, Topic, Who, button

Making = Callable[[Shop, Topic, Who], Awaitable[Button]]
MAKERS: dict[str, Making] = {}
"""By deed, a button of it as it is drawn now."""


def made(deed: str) -> Callable[[Making], Making]:
    def keep(making: Making) -> Making:
        MAKERS[deed] = making
        return making

    return keep


@made("take")
async def _take(shop: Shop, topic: Topic, who: Who) -> Button:  # noqa: ARG001 - one signature for all
    conversation = await topic.conversation()
    return Button("✋ Take", f"take {conversation.number}", conversation.version)


@made("assign")
async def _assign(shop: Shop, topic: Topic, who: Who) -> Button:  # noqa: ARG001
    return button(await topic.say(who, "/assign"), "Mia")


@made("close")
async def _close(shop: Shop, topic: Topic, who: Who) -> Button:  # noqa: ARG001
    return button(await topic.say(who, "/close"), "Solved")


@made("tag")
async def _tag(shop: Shop, topic: Topic, who: Who) -> Button:  # noqa: ARG001
    return button(await topic.say(who, "/tag"), "vip")


@made("snooze")
async def _snooze(shop: Shop, topic: Topic, who: Who) -> Button:  # noqa: ARG001
    found = await offers.snooze_button(shop.workspace, await topic.conversation(), shop.now)
    assert found is not None
    return found


@made("snippet")
async def _snippet(shop: Shop, topic: Topic, who: Who) -> Button:  # noqa: ARG001
    return button(await topic.say(who, "/s"), "hi")


@made("deliver")
async def _deliver(shop: Shop, topic: Topic, who: Who) -> Button:  # noqa: ARG001
    return button(await topic.say(who, "/s h"), "Send to")


@made("send")
async def _send(shop: Shop, topic: Topic, who: Who) -> Button:  # noqa: ARG001
    return button(await topic.say(who, "Hi Bartholomew!"), "Send to")


@made("send a preview")
async def _send_preview(shop: Shop, topic: Topic, who: Who) -> Button:
    number = (await topic.conversation()).number
    return button(await shop.say(who, f"/reply {number} It is here"), "Send to")


OUTWARD = ("deliver", "send", "send a preview")
BOUND = [deed for deed in MAKERS if deed != "tag"]
"""Deeds that mean the conversation as it was; a tag means the contact, whatever became of the conversation."""


@pytest.fixture
async def topic(standing_shop: Shop) -> Topic:
    """A new contact in a shop that is furnished."""

    async def furnish(tx: Tx) -> None:
        if await tx.get(Tag, "vip") is None:
            tx.add(Tag(id="vip", name="vip"))
            tx.add(Category(id="sol", name="Solved"))
            tx.add(Snippet(id="hi", name="hi", text="Hello!"))

    await standing_shop.run(furnish)
    standing_shop.later(hours=1)
    return await standing_shop.arrive(f"Ann {standing_shop.numbers}")


async def so(topic: Topic) -> list[Any]:
    """What is so of a contact: what was done, said and noted."""
    shop, where = topic.shop, {"contact": topic.contact}
    conversation: Conversation = await topic.conversation()
    person: Contact = await topic.person()
    said = [(m.text.plain, m.state) for m in await shop.all(Message, **where) if m.direction == "out"]
    notes = [(c.text.plain, c.held) for c in await shop.all(Comment, **where)]
    now = (conversation.state, conversation.assignee, conversation.category, conversation.snoozed_until)
    return [*now, sorted(person.tags), said, notes]


def bob(shop: Shop) -> Who:
    return shop.people["Bob Bright"]


@pytest.mark.parametrize("deed", BOUND)
async def test_an_old_version_is_not_done(topic: Topic, deed: str) -> None:
    """What somebody changed since the button was drawn is shown anew; the tap does nothing."""
    shop = topic.shop
    tap = await MAKERS[deed](shop, topic, bob(shop))
    await topic.say(shop.people["Zoe"], "/take")
    before = await so(topic)
    await topic.press(bob(shop), tap)
    assert await so(topic) == before


@pytest.mark.parametrize("deed", MAKERS)
async def test_a_tap_during_an_edit_is_not_done(topic: Topic, deed: str) -> None:
    """Within a second after the post was drawn anew, the finger meant what it showed before."""
    shop = topic.shop
    tap = await MAKERS[deed](shop, topic, bob(shop))

    async def redrawn(tx: Tx) -> None:
        post = await tx.get(Post, f"{(await shop.desk()).id}|{topic.relay}")
        assert post is not None
        post.drawn_at = shop.now

    await shop.run(redrawn)
    before = await so(topic)
    await topic.press(bob(shop), tap, topic.relay)
    assert "It changed just as you pressed" in shop.said()
    assert await so(topic) == before
    shop.later(seconds=2)
    await topic.press(bob(shop), tap, topic.relay)
    assert (await so(topic) != before) == (deed != "snippet")


@pytest.mark.parametrize("deed", MAKERS)
@pytest.mark.parametrize("taken", [True, False])
async def test_a_double_tap_is_one_deed(topic: Topic, deed: str, *, taken: bool) -> None:
    """The second tap on the same button adds nothing, whether the first one claimed the conversation or not."""
    shop = topic.shop
    if taken:
        await topic.say(bob(shop), "/take")
    tap = await MAKERS[deed](shop, topic, bob(shop))
    await topic.press(bob(shop), tap)
    before = await so(topic)
    await topic.press(bob(shop), tap)
    assert await so(topic) == before
    if deed in OUTWARD:
        assert len(before[5]) == 1


@pytest.mark.parametrize("deed", MAKERS)
async def test_another_hand_does_nothing(topic: Topic, deed: str) -> None:
    """Somebody who is no member, or works on their own contacts only, may tap what others see, in vain."""
    shop = topic.shop
    tap = await MAKERS[deed](shop, topic, bob(shop))
    await _limit(shop, "Zoe", limits=["own"])
    before = await so(topic)
    for name in ("Mallory", "Zoe"):
        await topic.press(shop.people[name], tap)
        assert await so(topic) == before, name
    await _limit(shop, "Zoe", limits=[])


@pytest.mark.parametrize("deed", BOUND)
async def test_after_closing_nothing_goes_out_or_opens_it(topic: Topic, deed: str) -> None:
    """A button from before the closing leaves it closed, and the contact alone."""
    shop = topic.shop
    tap = await MAKERS[deed](shop, topic, bob(shop))
    await topic.say(shop.people["Zoe"], "/close sol done")
    before = await so(topic)
    await topic.press(bob(shop), tap)
    assert await so(topic) == before


async def test_keeping_twice_and_sending_after_it(topic: Topic) -> None:
    """What was kept as a note is one for good: neither button under it does anything more."""
    shop = topic.shop
    answer = await topic.say(bob(shop), "Hi Bartholomew!")
    await topic.press(bob(shop), button(answer, "Keep"))
    before = await so(topic)
    for label in ("Keep", "Send to"):
        await topic.press(bob(shop), button(answer, label))
        assert "was sent or kept as a note already" in shop.said()
    assert await so(topic) == before


async def test_stop_is_once_and_ones_own(topic: Topic) -> None:
    """A colleague cannot stop what another sent; the second tap of the sender finds nothing to stop."""
    shop = topic.shop

    async def wish(tx: Tx) -> None:
        preferences = await tx.get(Preferences, "preferences")
        assert preferences is not None
        preferences.hold = 10

    await shop.run(wish)
    answer = await topic.say(bob(shop), "It is here")
    stop, before = button(answer, "Stop"), await so(topic)
    await topic.press(shop.people["Zoe"], stop)
    assert await so(topic) == before
    for _ in range(2):
        await topic.press(bob(shop), stop)
        assert [state for _, state in (await so(topic))[5]] == ["unsent"]


async def _limit(shop: Shop, name: str, *, limits: list[Any]) -> None:
    async def deed(tx: Tx) -> None:
        member = await tx.get(Member, shop.people[name].user)
        assert member is not None
        member.limits = limits

    await shop.run(deed)

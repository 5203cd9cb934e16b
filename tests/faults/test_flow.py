"""Messages on their way through the whole product: bursts, limits and faults, over the real HTTP path."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from hub.domain.models import Contact, Message
from hub.sandbox.telegram import Limits
from tests.scene import Scene, kept, scene, until, words


def shown(shop: Scene, name: str) -> list[str]:
    """The numbered words of a contact on the desk, in the order of their posts, over all topics of that name."""
    texts = [t for topic in shop.net.topics(shop.group) for t in shop.desk_texts(topic.id)]
    return [w for w in words(texts) if w.split("-")[0] == name]


async def test_fifty_messages_of_one_contact_at_twenty_a_second(tmp_path: Path) -> None:
    """One contact sends 50 messages at 20 a second: each stands on the desk once, in order, in one topic."""
    async with scene(tmp_path) as shop:
        ann = shop.net.add_user("ann")
        for number in range(50):
            shop.net.say(ann, shop.shop, f"ann-{number}")
            await asyncio.sleep(0.05)
        said = [f"ann-{n}" for n in range(50)]
        await until(lambda: len(shown(shop, "ann")) >= 50, "all 50 on the desk")
        assert shown(shop, "ann") == said
        assert [t.name for t in shop.net.topics(shop.group)].count("ann") == 1


async def test_fifty_new_contacts_in_one_moment(tmp_path: Path) -> None:
    """Fifty new contacts write at once, some twice: every message is on the desk once, one topic a contact."""
    async with scene(tmp_path, webhooks=True) as shop:
        people = [shop.net.add_user(f"n{n}") for n in range(50)]
        for person in people:
            shop.net.say(person, shop.shop, f"{person.first_name}-1")
            shop.net.say(person, shop.shop, f"{person.first_name}-2")
        names = [p.first_name for p in people]
        await until(lambda: all(len(shown(shop, n)) >= 2 for n in names), "all on the desk")
        for name in names:
            assert shown(shop, name) == [f"{name}-1", f"{name}-2"]
        topics = Counter(t.name for t in shop.net.topics(shop.group))
        assert {n: topics[n] for n in names} == dict.fromkeys(names, 1)
        contacts = await kept(shop, Contact)
        assert len(contacts) == 50


async def test_busy_group_within_its_limit(tmp_path: Path) -> None:
    """With 20 posts a minute a group, enforced, 50 contacts with 3 messages each are all on the desk, none lost or out
    of order, not one 429 provoked, and in few posts: what waits for a turn is shown together.
    """
    scale = 0.05
    limits = Limits(window_scale=scale)
    async with scene(tmp_path, limits=limits, limits_setting=f"30,1,20,{scale}") as shop:
        people = [shop.net.add_user(f"p{n}") for n in range(50)]
        before = len(shop.net.calls)
        refused = shop.net.provoked_429
        for number in range(3):
            for person in people:
                shop.net.say(person, shop.shop, f"{person.first_name}-{number}")
            await asyncio.sleep(20 * scale)
        names = [p.first_name for p in people]
        await until(lambda: all(len(shown(shop, n)) >= 3 for n in names), "all 150 on the desk")
        for name in names:
            assert shown(shop, name) == [f"{name}-{n}" for n in range(3)]
        assert shop.net.provoked_429 == refused
        posts = [c for c in shop.net.calls[before:] if c.method == "sendMessage" and c.chat_id == shop.group.id]
        assert len(posts) <= 120


async def test_faults_on_the_way_in_and_out(tmp_path: Path) -> None:
    """429, 5xx, lost connections, duplicates and disorder: everything arrives, in order within a lane; an answer whose
    delivery is uncertain is told as such and not repeated.
    """
    async with scene(tmp_path) as shop:
        ann = shop.net.add_user("ann")
        shop.net.say(ann, shop.shop, "ann-0")
        topic = await until(lambda: shop.topic("ann"), "the topic")
        await until(lambda: shown(shop, "ann") == ["ann-0"], "the first message")
        shop.net.fail(method="sendMessage", chat=shop.group, times=1, code=429, retry_after=1)
        shop.net.fail(method="sendMessage", chat=shop.group, times=2, code=500, description="Internal Server Error")
        shop.net.duplicate_updates(shop.shop, 5)
        for number in range(1, 6):
            shop.net.say(ann, shop.shop, f"ann-{number}")
        await until(lambda: len(shown(shop, "ann")) >= 6, "all on the desk after 429 and 5xx")
        assert shown(shop, "ann") == [f"ann-{n}" for n in range(6)]
        shop.net.fail(method="sendMessage", chat=ann, times=1, code=429, retry_after=1)
        for number in range(3):
            shop.net.say(shop.olivia, shop.group, f"olivia-{number}", thread=topic.id)
        await until(lambda: len(words(shop.contact_sees(ann))) >= 3, "the answers")
        assert words(shop.contact_sees(ann)) == ["olivia-0", "olivia-1", "olivia-2"]
        shop.net.drop_answer(method="sendMessage", chat=ann, times=1)
        shop.net.say(shop.olivia, shop.group, "olivia-3", thread=topic.id)
        told = "may have"
        await until(lambda: any(told in t for t in shop.desk_texts(topic.id)), "the agent to be told so")
        assert words(shop.contact_sees(ann)) == [f"olivia-{n}" for n in range(4)]
        (message,) = await kept(shop, Message, {"state": "uncertain"})
        assert message.text.plain == "olivia-3"


async def test_a_post_whose_answer_is_lost_is_not_lost(tmp_path: Path) -> None:
    """When the desk's network loses its answer, the message is posted again, and says that it may stand there twice."""
    async with scene(tmp_path) as shop:
        ann = shop.net.add_user("ann")
        shop.net.say(ann, shop.shop, "ann-0")
        await until(lambda: shown(shop, "ann") == ["ann-0"], "the first message")
        shop.net.drop_answer(method="sendMessage", chat=shop.group, times=1)
        shop.net.say(ann, shop.shop, "ann-1")
        await until(lambda: shown(shop, "ann").count("ann-1") == 2, "the message again")
        topic = shop.topic("ann")
        assert "may stand here twice" in shop.desk_texts(topic.id)[-1]


async def test_a_lost_topic_heals_itself(tmp_path: Path) -> None:
    """A topic deleted by hand: the next message opens another, with a short transcript, and is posted once."""
    async with scene(tmp_path) as shop:
        ann = shop.net.add_user("ann")
        shop.net.say(ann, shop.shop, "ann-0")
        await until(lambda: shown(shop, "ann") == ["ann-0"], "the first message")
        old = shop.topic("ann")
        shop.net.delete_topic(shop.olivia, shop.group, old.id)
        shop.net.say(ann, shop.shop, "ann-1")
        await until(lambda: "ann-1" in shown(shop, "ann"), "the message in a new topic")
        new = shop.topic("ann")
        texts = shop.desk_texts(new.id)
        assert new.id != old.id
        assert words(texts).count("ann-1") == 1
        assert "ann-0" in " ".join(texts)

"""The hub, and its database, killed under load: nothing accepted is lost, nothing goes twice but what was in flight."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from hub.domain.models import Message
from tests.scene import Scene, kept, scene, until, words

KILLS = int(os.environ.get("KILLS", "5"))
CONTACTS = 6


class Load:
    """Contacts write and agents answer, each with numbered words, until told to stop."""

    def __init__(self, shop: Scene) -> None:
        self.shop = shop
        self.people = [shop.net.add_user(f"c{n}") for n in range(CONTACTS)]
        self.said: list[str] = []
        self.answered: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = asyncio.Event()

    def begin(self) -> None:
        """Everybody starts."""
        self._tasks = [asyncio.create_task(self._contact(p)) for p in self.people]
        self._tasks.append(asyncio.create_task(self._agents()))

    async def end(self) -> None:
        """Everybody stops."""
        self._stopped.set()
        await asyncio.gather(*self._tasks)

    async def _contact(self, person: Any) -> None:
        number = 0
        while not self._stopped.is_set():
            number += 1
            word = f"{person.first_name}-{number}"
            self.shop.net.say(person, self.shop.shop, word)
            self.said.append(word)
            await asyncio.sleep(random.uniform(0.1, 0.5))  # noqa: S311 - the load's own rhythm

    async def _agents(self) -> None:
        number = 0
        while not self._stopped.is_set():
            await asyncio.sleep(0.3)
            named = [t for t in (self.shop.topic(p.first_name) for p in self.people) if t]
            # One that the hub opened as it was killed stands empty: there is nothing in it to be answered.
            topics = [t for t in named if any(self.shop.desk_texts(t.id))]
            if topics:
                number += 1
                topic = topics[number % len(topics)]
                word = f"a-{number}"
                self.shop.net.say(self.shop.olivia, self.shop.group, word, thread=topic.id)
                self.answered.append(word)


def on_desk(shop: Scene, people: Iterable[Any]) -> dict[str, list[str]]:
    """The numbered words that the hub shows, by contact, over all topics of that name."""
    seen: dict[str, list[str]] = {p.first_name: [] for p in people}
    for topic in shop.net.topics(shop.group):
        texts = shop.desk_texts(topic.id)
        for word in words(texts):
            name = word.split("-")[0]
            if name in seen:
                seen[name].append(word)
    return seen


def desk_posts(shop: Scene, person: Any) -> list[str]:
    """What the hub posted about a contact, in order."""
    named = (t for t in shop.net.topics(shop.group) if t.name.split(" ")[-1] == person.first_name)
    return [text for topic in named for text in shop.desk_texts(topic.id)]


def said_again(posts: Iterable[str]) -> int:
    """How many posts carry a word that a later post carries too: one call in flight is one post, however many words."""
    carried = [set(words([post])) for post in posts]
    return sum(1 for n, here in enumerate(carried) if any(here & later for later in carried[n + 1 :]))


def check_order(said: list[str]) -> None:
    """Numbers never go back, but for a repetition of what was in flight."""
    numbers = [int(w.split("-")[1]) for w in dict.fromkeys(said)]
    assert numbers == sorted(numbers)


async def everything_arrived(shop: Scene, load: Load) -> None:
    """Waits until every word said stands on the desk and every answer has reached a contact."""

    def desk() -> bool:
        return {w for ws in on_desk(shop, load.people).values() for w in ws} >= set(load.said)

    def contacts() -> bool:
        return {w for p in load.people for w in words(shop.contact_sees(p))} >= set(load.answered)

    await until(desk, "every message on the desk", 150)
    await until(contacts, "every answer at its contact", 150)


@pytest.mark.parametrize("webhooks", [False, True], ids=["polling", "webhooks"])
async def test_hub_killed_at_random_moments(tmp_path: Path, webhooks: bool) -> None:
    """SIGKILL at random moments, in both directions: no accepted message is lost or out of order; what goes twice was
    in flight at a kill, so there is at most one such per lane and kill.
    """
    kills = (KILLS + 1) // 2 if webhooks else KILLS // 2
    async with scene(tmp_path, apart=True, webhooks=webhooks) as shop:
        load = Load(shop)
        load.begin()
        for _ in range(kills):
            await asyncio.sleep(random.uniform(0.3, 1.5))  # noqa: S311 - the moment is what is tested
            shop.kill(signal.SIGKILL)
            await shop.spawn()
        await load.end()
        await everything_arrived(shop, load)
        for said in on_desk(shop, load.people).values():
            check_order(said)
        lanes = [desk_posts(shop, p) for p in load.people] + [shop.contact_sees(p) for p in load.people]
        assert max(said_again(posts) for posts in lanes) <= kills
        messages = await kept(shop, Message, {"direction": "in"})
        assert Counter(m.text.plain for m in messages) == Counter(load.said)


async def kill_mongod(shop: Scene) -> None:
    """Kills the embedded server of the scene's data directory, at whatever stage of its start it is."""
    (lock,) = (shop.folder / "data").rglob("mongod.lock")

    def strike() -> bool:
        """One that was killed before may not have been started again."""
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(lock.read_text()), signal.SIGKILL)
            return True
        return False

    await until(strike, "a mongod to kill")


async def test_mongod_killed_under_load(tmp_path: Path) -> None:
    """Mongod killed and started again under load: no loss, no traceback to anyone, the hub recovers by itself."""
    async with scene(tmp_path, apart=True, webhooks=True) as shop:
        load = Load(shop)
        load.begin()
        for _ in range(2):
            await asyncio.sleep(1.0)
            await kill_mongod(shop)
            await asyncio.sleep(0.5)
        await asyncio.sleep(1.0)
        await load.end()
        await everything_arrived(shop, load)
        for said in on_desk(shop, load.people).values():
            check_order(said)
            assert max(Counter(said).values()) == 1
        shown = [text for topic in shop.net.topics(shop.group) for text in shop.desk_texts(topic.id)]
        assert not [text for text in shown if "Traceback" in text or "pymongo" in text]

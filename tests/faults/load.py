"""People who write and agents who answer while the hub is killed, and what must be so afterwards."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Callable, Sequence

from tests.faults.mixed import Customer, Mixed
from tests.faults.test_kill import said_again
from tests.scene import until, words

FEW = 1
KILLS = int(os.environ.get("KILLS", FEW))
"""For each of the networks."""
MOST_SAID_IN_VAIN = 2.0
"""Seconds for which people go on writing to a hub that is not there."""
Look = Callable[[str], list[str]]
"""What is to be seen of a contact of that name, post by post."""


class Load:
    """Contacts write and agents answer on both desks, each with numbered words, until told to stop."""

    def __init__(self, shop: Mixed, people: Sequence[Customer]) -> None:
        self.shop = shop
        self.people = people
        self.said: list[str] = []
        self.answered: list[str] = []
        self.late: set[str] = set()
        """What a network may have brought late, and out of order: it was said to a hub that was not there."""
        self._talkative = True
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = asyncio.Event()

    def begin(self) -> None:
        """Everybody starts."""
        self._tasks = [asyncio.create_task(self._contact(p)) for p in self.people]
        self._tasks.append(asyncio.create_task(self._agents("t", self.shop.answer_on_telegram, self.people[::2])))
        self._tasks.append(asyncio.create_task(self._agents("s", self.shop.answer_on_slack, self.people[1::2])))

    async def end(self) -> None:
        """Everybody stops."""
        self._stopped.set()
        await asyncio.gather(*self._tasks)

    async def kill(self) -> None:
        """The hub is killed at a random moment, and started again."""
        # Slack gives up after three tries: a hub that dies at each of them is told nothing, whatever it does.
        await until(self._delivered, "Slack to have delivered what it held")
        await asyncio.sleep(random.uniform(0.3, 1.5))  # noqa: S311 - the moment is what is tested
        self.shop.kill(signal.SIGKILL)
        self.late |= set(self.shop.undelivered())
        here = len(self.said), len(self.answered)
        quiet = asyncio.get_running_loop().call_later(MOST_SAID_IN_VAIN, self._hush)
        await self.shop.spawn()
        quiet.cancel()
        self.late |= {*self.said[here[0] :], *self.answered[here[1] :]}
        self._talkative = True

    async def _delivered(self) -> bool:
        await asyncio.sleep(0.2)
        return not self.shop.retried()

    def _hush(self) -> None:
        """A hub that is long away on a busy machine is not to be met by as much as it cannot take at once."""
        self._talkative = False

    async def _contact(self, person: Customer) -> None:
        number = 0
        while not self._stopped.is_set():
            if self._talkative:
                number += 1
                word = f"{person.name}-{number}"
                person.say(word)
                self.said.append(word)
            await asyncio.sleep(random.uniform(0.4, 1.0))  # noqa: S311 - the load's own rhythm

    async def _agents(self, who: str, answer: Callable[[str, str], bool], people: Sequence[Customer]) -> None:
        """Each contact has one agent: what another answers would be held until that one agrees."""
        number = 0
        while not self._stopped.is_set():
            await asyncio.sleep(0.6)
            word = f"{who}-{number + 1}"
            if self._talkative and answer(people[number % len(people)].name, word):
                number += 1
                self.answered.append(word)

    async def everything_arrived(self) -> None:
        """Waits until every word said stands on both desks, and every answer has reached a contact and stands on the
        other desk.
        """
        shop = self.shop
        places = {
            "Telegram": (shop.topic_posts, self.said + self._answers("s")),
            "Slack": (shop.thread_posts, self.said + self._answers("t")),
            "the phones": (self._phone, self.answered),
        }
        for place, (look, wanted) in places.items():
            await self._all_there(place, look, wanted)

    async def _all_there(self, place: str, look: Look, wanted: Sequence[str]) -> None:
        async def there() -> bool:
            # Looking is work too, and the hub beside us needs the machine.
            await asyncio.sleep(0.2)
            return not self._missing(look, wanted)

        try:
            await until(there, place, 150)
        except AssertionError as error:
            log = self.shop.log.read_text().splitlines()
            odd = [line[:300] for line in log if "WARNING" in line or "ERROR" in line or line.startswith("Traceback")]
            missing = sorted(self._missing(look, wanted))
            raise AssertionError(f"on {place} there is no {missing}; the hub's log says {odd[-8:]}") from error

    def _answers(self, who: str) -> list[str]:
        return [w for w in self.answered if w.startswith(f"{who}-")]

    def _phone(self, name: str) -> list[str]:
        return next(p.phone() for p in self.people if p.name == name)

    def _missing(self, look: Look, wanted: Sequence[str]) -> set[str]:
        return set(wanted) - {w for p in self.people for w in words(look(p.name))}


def check_lanes(load: Load, kills: int) -> None:
    """What each lane shows is in order, but for what the network itself brought late, and no more calls were repeated
    in it than there were kills.
    """
    shop = load.shop
    late = load.late | shop.overtaken()
    for person in load.people:
        for posts in (shop.topic_posts(person.name), shop.thread_posts(person.name), person.phone()):
            assert said_again(posts) <= kills, posts
            for who in (person.name, "t", "s"):
                said = [w for w in words(posts) if w.startswith(f"{who}-") and w not in late]
                assert in_order(said), said


def in_order(said: Sequence[str]) -> bool:
    """Numbers never go back, but for a repetition of what was in flight."""
    numbers = [int(w.split("-")[1]) for w in dict.fromkeys(said)]
    return numbers == sorted(numbers)

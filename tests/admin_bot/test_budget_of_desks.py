"""The desk's budget on both networks, from a phone's notification and at the open desk: each task by exactly the inputs
of the table, each of which counts, over the network against its stand-in.

An action is a tap, a typed group up to its Enter, or a change of the screen. Where a network lets one answer in the
notification itself, that is two: Reply, and the words; elsewhere a tap on it opens the place, and one more its field.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import pytest

from hub.domain.ids import PostId, ThreadId
from hub.domain.models import Comment, Contact, Conversation, Member, Tag
from hub.domain.ports import Query
from hub.store.embedded import Embedded
from tests.admin_bot.hands import SlackHands, TelegramHands
from tests.admin_bot.office import Office, Talk, standing_office

BUDGET = {
    "1 answer": {"telegram": (2, 3), "slack": (4, 3)},
    "2 claim": {"telegram": (2, 1), "slack": (3, 1)},
    "3 assign": {"telegram": (2, 1), "slack": (4, 1)},
    "4 tag": {"telegram": (2, 1), "slack": (4, 1)},
    "5 saved reply": {"telegram": (2, 2), "slack": (4, 2)},
    "6 note": {"telegram": (2, 1), "slack": (4, 1)},
    "7 close": {"telegram": (2, 1), "slack": (4, 1)},
    "8 snooze": {"telegram": (2, 1), "slack": (3, 1)},
    "9 find": {"telegram": (6, 3), "slack": (6, 3)},
    "10 next": {"telegram": (5, 2), "slack": (5, 3)},
}
"""Actions from the phone and at the open desk, by network."""
WORD = "zebra"
_PLACES = (
    re.compile(r"https://t\.me/c/\d+/(?P<thread>\d+)/(?P<post>\d+)"),
    re.compile(r"/archives/\w+/p(?P<post>\d+)(?:\?thread_ts=(?P<thread>[\d.]+))?"),
)
"""How links look that open a place at a message."""


class Place(NamedTuple):
    """Where a screen stands: in a contact's place, at a message of it."""

    thread: ThreadId
    post: PostId


class Fingers:
    """Bob's: they count what they do, and do no more than they may."""

    def __init__(self, talk: Talk, may: int) -> None:
        self._talk, self._hands = talk, talk.hands
        self.left = may
        self.place: Place | None = None
        self.at_the_field = False

    def _act(self) -> None:
        assert self.left, "over the budget"
        self.left -= 1

    def sit_at_the_desk(self) -> None:
        """The place is open, and its field waits; that was not today's doing."""
        self.place, self.at_the_field = Place(self._talk.thread, self._talk.post), True

    async def tap_reply(self) -> None:
        """On the notification: its own field opens over the lock screen. What is sent answers what it told of."""
        assert isinstance(self._hands, TelegramHands), "no other app's notification sends into the right thread"
        self._act()
        self.at_the_field = True

    async def open(self) -> None:
        """A tap on the notification, or on the link to it: the place, at what was told of."""
        self._act()
        self.place = Place(self._talk.thread, self._talk.post)

    async def tap_the_field(self) -> None:
        """Where one writes."""
        self._act()
        assert self.place is not None
        self.at_the_field = True

    async def type(self, words: str) -> None:
        """Up to the Enter, which sends it."""
        self._act()
        assert self.at_the_field
        if isinstance(self._hands, TelegramHands) and self.place is None:
            town, (thread, post) = self._hands.town, (int(self._talk.thread), int(self._talk.post))
            town.world.say(self._hands._who("Bob"), town.forum, words, thread=thread, reply_to=post)
        else:
            self._hands.say("Bob", words, self._talk.thread)
        await self._hands.hear()

    async def tap(self, label: str) -> None:
        """A button under what the contact wrote."""
        self._act()
        assert self.place is not None
        under = self._hands.labels_of(self._talk.post, self._talk.thread)
        (full,) = [each for each in under if each.startswith(label)]
        await self._hands.press("Bob", self._talk.post, full)

    async def follow(self) -> None:
        """The first link in the newest answer to Bob: it opens a place at a message, both of which are there."""
        self._act()
        drawn = json.dumps(newest_answer(self._talk))
        found = min((each for pattern in _PLACES if (each := pattern.search(drawn))), key=lambda each: each.start())
        post = found["post"] if "t.me" in found[0] else f"{found['post'][:-6]}.{found['post'][-6:]}"
        self.place = Place(ThreadId(found["thread"] or post), PostId(post))
        assert self._hands.words(*self.place)


def newest_answer(talk: Talk) -> Any:
    """What the bot told Bob alone, as it was sent."""
    hands = talk.hands
    if isinstance(hands, TelegramHands):
        return hands.town.world.ephemeral(hands.town.forum, hands._who("Bob"))[-1]
    assert isinstance(hands, SlackHands)
    return hands.town.whispers(hands._who("Bob"))[-1]


Step = Callable[[Fingers], Awaitable[None]]
Reached = Callable[[Talk, Fingers], Awaitable[bool]]


def typed(words: str) -> Step:
    """That, sent."""
    return lambda fingers: fingers.type(words)


def tapped(label: str) -> Step:
    """The button that begins so."""
    return lambda fingers: fingers.tap(label)


# -- what is reached ---------------------------------------------------------------------------------------------------


async def named(talk: Talk, name: str) -> str:
    """A colleague's id."""
    return next(m.id for m in await talk.office.workspace.items(Member) if m.name == name)


async def _answered(talk: Talk, fingers: Fingers) -> bool:
    conversation = await talk.conversation()
    said = await talk.outgoing() == ["It left today."]
    return said and conversation.waiting_since is None and await _bobs(talk, fingers)


async def _bobs(talk: Talk, _: Fingers) -> bool:
    return await talk.holder() == "Bob"


async def _anns(talk: Talk, _: Fingers) -> bool:
    return await talk.holder() == "Ann"


async def _tagged(talk: Talk, _: Fingers) -> bool:
    return await talk.tags() == ["vip"]


async def _greeted(talk: Talk, _: Fingers) -> bool:
    return await talk.outgoing() == [f"Hello {talk.name}!"]


async def _noted(talk: Talk, _: Fingers) -> bool:
    notes = await talk.office.workspace.query(Comment, Query(where={"contact": talk.contact}))
    return [(n.mentions, n.held) for n in notes] == [([await named(talk, "Ann")], False)] and not await talk.outgoing()


async def _closed(talk: Talk, _: Fingers) -> bool:
    conversation = await talk.conversation()
    reached = (conversation.state, conversation.category, conversation.summary)
    return reached == ("closed", "billing", "Refunded order 7") and not await talk.outgoing()


async def _asleep(talk: Talk, _: Fingers) -> bool:
    conversation = await talk.conversation()
    until = conversation.snoozed_until
    return conversation.state == "snoozed" and until is not None and (until.hour, until.minute) == (9, 0)


async def _at_the_word(talk: Talk, fingers: Fingers) -> bool:
    return (
        fingers.place is not None
        and fingers.place.thread != talk.thread
        and WORD in talk.hands.words(fingers.place.thread, fingers.place.post)
    )


async def _at_the_longest(talk: Talk, fingers: Fingers) -> bool:
    number = await talk.office.waits_longest("Bob")
    (longest,) = await talk.office.workspace.query(Conversation, Query(where={"number": number}))
    contact = await talk.office.workspace.get(Contact, longest.contact)
    place = contact.place(talk.office.desk) if contact else None
    return place is not None and fingers.place is not None and fingers.place.thread == place.thread != talk.thread


# -- the table ---------------------------------------------------------------------------------------------------------

LINES: dict[str, tuple[str, Reached]] = {
    "1 answer": ("It left today.", _answered),
    "2 claim": ("{sign}take", _bobs),
    "3 assign": ("{sign}a ann", _anns),
    "4 tag": ("{sign}t vip", _tagged),
    "5 saved reply": ("{sign}s hi", _greeted),
    "6 note": ("//ann check the refund", _noted),
    "7 close": ("{sign}close bil Refunded order 7", _closed),
    "8 snooze": ("{sign}z", _asleep),
    "9 find": ("{sign}find " + WORD, _at_the_word),
    "10 next": ("{sign}next", _at_the_longest),
}
TAPS: dict[str, tuple[str, Reached]] = {"2 claim": ("✋", _bobs), "8 snooze": ("💤", _asleep)}
READING = ("9 find", "10 next")
"""What ends with a link that is followed: the answer is read on the screen, so the notification's field is not used."""
STANCES = ("phone", "desk")


def steps(network: str, stance: str, task: str) -> list[Step]:
    """Exactly what is done to do the task by a line."""
    line = typed(LINES[task][0].format(sign={"telegram": "/", "slack": "!"}[network]))
    then: list[Step] = [Fingers.follow] if task in READING else []
    if stance == "phone" and network == "telegram" and not then:
        return [Fingers.tap_reply, line]
    if stance == "phone":
        return [Fingers.open, Fingers.tap_the_field, line, *then]
    return [Fingers.open, Fingers.tap_the_field, line] if task == "1 answer" else [line, *then]


def taps(stance: str, task: str) -> list[Step]:
    """Exactly what is done to do the task by a button."""
    return [*([Fingers.open] if stance == "phone" else []), tapped(TAPS[task][0])]


@pytest.fixture(scope="module", params=["telegram", "slack"])
async def office(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[Office]:
    """A desk that has been in use: with a tag, a category, a snippet, and somebody who said the word long ago."""
    async with standing_office(request.param, mongod.url) as made:
        await made.rule("optional", "Billing")
        first = await made.talk("telegram topic", f"my {WORD} has not come")
        for line in ("snippet add hi Hello {{ contact.first_name }}!", "tag +vip"):
            await made.hands.type("Ann", line, "topic" if made.hands.network == "telegram" else "thread", first.thread)
        assert [t.name for t in await made.workspace.items(Tag)] == ["vip"]
        yield made


async def done_exactly(office: Office, wanted: Sequence[Step], reached: Reached, *, seated: bool) -> None:
    """Takes these steps and no action besides; only with the last one it is reached."""
    talk = await office.talk(office.hands.network)
    fingers = Fingers(talk, len(wanted))
    if seated:
        fingers.sit_at_the_desk()
    for step in wanted:
        assert not await reached(talk, fingers), "it takes less"
        await step(fingers)
    assert await reached(talk, fingers)
    assert fingers.left == 0


@pytest.mark.parametrize("stance", STANCES)
@pytest.mark.parametrize("task", LINES)
async def test_a_line_does_it_within_the_budget(office: Office, task: str, stance: str) -> None:
    """Each task takes exactly these inputs, no more than its budget on the network, and none that could be left out:
    from a notification on the phone, and at the open desk.
    """
    wanted = steps(office.hands.network, stance, task)
    assert len(wanted) <= BUDGET[task][office.hands.network][STANCES.index(stance)]
    await done_exactly(office, wanted, LINES[task][1], seated=stance == "desk" and task != "1 answer")


@pytest.mark.parametrize("stance", STANCES)
@pytest.mark.parametrize("task", TAPS)
async def test_a_tap_does_it_within_the_budget(office: Office, task: str, stance: str) -> None:
    """What has its button under the contact's words takes one tap where they are on the screen."""
    wanted = taps(stance, task)
    assert len(wanted) <= BUDGET[task][office.hands.network][STANCES.index(stance)]
    await done_exactly(office, wanted, TAPS[task][1], seated=stance == "desk")


async def test_one_input_more_fails(office: Office) -> None:
    """Who counts, counts: an input that the table does not have fails the task, and so does one that is not needed."""
    wanted = steps(office.hands.network, "desk", "2 claim")
    with pytest.raises(AssertionError, match="it takes less"):
        await done_exactly(office, [*wanted, *wanted], _bobs, seated=True)
    fingers = Fingers(await office.talk(office.hands.network), len(wanted))
    fingers.sit_at_the_desk()
    await wanted[0](fingers)
    with pytest.raises(AssertionError, match="over the budget"):
        await fingers.tap("✅")

"""Dialogs: a team has a desk on the other network, and conversations move there and back; the same on both."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from hub.domain.models import DeskItem, Team
from hub.store.embedded import Embedded
from tests.admin_bot.hands import Hands
from tests.admin_bot.two_desks import HOME, INSIDE, TwoDesks, two_desks

pytestmark = pytest.mark.parametrize("office", ["telegram", "slack"], indirect=True, scope="module")
TITLES = {"telegram": "Team", "slack": "#desk"}
"""What the chats are called by their networks."""


@pytest.fixture(scope="module")
async def office(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[TwoDesks]:
    """The office's desk is on that network, and the team's is to be on the other; each test lets go of that again."""
    other = "slack" if request.param == "telegram" else "telegram"
    async with two_desks(request.param, other, mongod.url) as made:
        yield made


async def told(hands: Hands, line: str, who: str = "Ann", thread: str = "") -> str:
    """What is said to a line: to its writer alone, and for all to see."""
    alone, all = Counter(hands.told(who)), Counter(hands.posted(thread))
    await hands.type(who, line, (INSIDE if thread else HOME)[hands.network], thread)
    news = (Counter(hands.posted(thread)) - all).elements()
    return "\n".join([*(Counter(hands.told(who)) - alone).elements(), *(words for _, words in news)])


async def says(hands: Hands, words: str, thread: str, who: str = "Bob") -> str:
    """Plain words in a contact's place, and what comes back."""
    alone, all = Counter(hands.told(who)), Counter(hands.posted(thread))
    hands.say(who, words, thread)
    await hands.hear()
    news = (Counter(hands.posted(thread)) - all).elements()
    return "\n".join([*(Counter(hands.told(who)) - alone).elements(), *(words for _, words in news)])


async def writes(office: TwoDesks, words: str, name: str = "Carol") -> None:
    """A contact writes, and it is shown."""
    await office.receive(words, name)
    await office.show()


async def sales(office: TwoDesks) -> None:
    """The chat on the other network is the team's desk."""
    await told(office.hands, "team create Sales")
    assert "is the desk of Sales now" in await told(office.other, "desk here team Sales")


async def test_a_chat_becomes_a_teams_desk(office: TwoDesks) -> None:
    """Not by a wrong name nor by an agent; bound twice it is bound once, and stays the team's where nothing is said."""
    home, other = office.hands, office.other
    assert "The team Sales is there now" in await told(home, "team create Sales")
    assert "There is no team “Slaes”. Did you mean Sales?" in await told(other, "desk here team Slaes")
    assert "for a manager" in await told(other, "desk here team Sales", "Bob")
    assert await office.bound(other) is None
    assert "is the desk of Sales now" in await told(other, "desk here team sal")
    assert "is the desk of Sales now" in await told(other, "desk here team Sales")
    assert "is the desk already" in await told(other, "desk here")
    (team,) = await office.workspace.items(Team)
    whose = {d.network: d.team for d in await office.workspace.items(DeskItem)}
    assert whose == {home.network: None, other.network: team.id}
    assert "of the team Sales" in await told(other, "desk")
    assert "all who have none of their own" in await told(other, "desk here team -")
    assert [d.team for d in await office.workspace.items(DeskItem)] == [None, None]
    await told(other, "desk off")


async def test_a_conversation_moves_to_a_teams_desk_on_the_other_network_and_back(office: TwoDesks) -> None:
    """Each time with what was said meanwhile, and once; what is written in the place that it left goes to nobody."""
    home, other = office.hands, office.other
    await sales(office)
    await writes(office, "I want to buy")
    assert await office.place(other) == ""
    topic = await office.place(home)
    await says(home, "what do you want?", topic)
    await writes(office, "two lamps")
    assert "Sales's inbox" in await told(home, "assign Sales", thread=topic)
    await office.show()
    assert f"Carol goes on at {TITLES[other.network]}" in await office.read(home)
    arrived = await office.read(other)
    assert "comes from Team" in arrived
    assert "I want to buy" in arrived
    assert "what do you want?" in arrived
    assert arrived.count("two lamps") >= 1
    thread = await office.place(other)
    await says(other, "which colour?", thread)
    await writes(office, "blue")
    assert "blue" in await office.read(other)
    assert "blue" not in await office.read(home)
    assert "goes on at the desk" in await says(home, "green is nicer", topic)
    assert await office.outgoing() == ["what do you want?", "which colour?"]
    await told(other, "assign -", thread=thread)
    assert (await office.conversation()).team is not None, "it is Bob's no more, but the team's still"
    await told(other, "assign -", thread=thread)
    await office.show()
    back = await office.read(home)
    assert "comes from" in back
    assert "which colour?" in back
    assert "blue" in back
    await says(home, "blue it is", topic)
    await writes(office, "thanks")
    assert "thanks" in await office.read(home)
    assert "thanks" not in await office.read(other)
    assert await office.outgoing() == ["what do you want?", "which colour?", "blue it is"]
    await told(other, "desk off")


async def test_a_desk_that_is_let_go_of_sends_its_conversations_home(office: TwoDesks) -> None:
    """They wait at everyone's desk at once, and the contact's next words are shown there."""
    home, other = office.hands, office.other
    await sales(office)
    await writes(office, "I want to buy", "Dora")
    await told(home, "assign Sales", thread=await office.place(home, "Dora"))
    await writes(office, "are you there?", "Dora")
    assert "are you there?" in await office.read(other, "Dora")
    assert "shown on the other desk: Team" in await told(other, "desk off")
    await office.show()
    assert "are you there?" in await office.read(home, "Dora")
    await writes(office, "hello?", "Dora")
    assert "hello?" in await office.read(home, "Dora")
    await says(home, "here we are", await office.place(home, "Dora"))
    assert (await office.outgoing())[-1] == "here we are"

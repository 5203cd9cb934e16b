"""Dialogs: further bots that post on a desk, given, looked at and taken off from either network alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.domain.models import DeskItem
from hub.store.embedded import Embedded
from tests.admin_bot.hands import Hands
from tests.admin_bot.two_desks import HOME, TwoDesks, two_desks

STRANGE = "123456789:AAStrangeStrangeStrangeStrangeStrange"
pytestmark = pytest.mark.parametrize("office", ["telegram", "slack"], indirect=True, scope="module")


@pytest.fixture(scope="module")
async def office(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[TwoDesks]:
    """Ann sits on that network; there is a desk on it, and none on the other."""
    other = "slack" if request.param == "telegram" else "telegram"
    async with two_desks(request.param, other, mongod.url) as made:
        yield made


async def confided(hands: Hands, line: str, who: str = "Ann") -> str:
    """What is said to a line in the private chat."""
    before = Counter(hands.confided(who))
    await hands.whisper(who, f"{hands.sign}{line}")
    return "\n".join((Counter(hands.confided(who)) - before).elements())


def world(office: TwoDesks) -> Any:
    """Telegram, wherever Ann sits."""
    return next(h.town for h in (office.hands, office.other) if h.network == "telegram")  # type: ignore[attr-defined]


async def relays(office: TwoDesks) -> list[str]:
    """The further bots of all desks, by name."""
    return [bot.name for d in await office.workspace.items(DeskItem) for bot in d.relays]


async def test_a_desk_that_needs_no_further_bots_says_so(office: TwoDesks) -> None:
    """One sentence, for a look and for a token alike; where it needs them, a token that is none is refused."""
    listed, given = (
        await confided(office.hands, "desk relay"),
        await confided(office.hands, f"desk relay {STRANGE}"),
    )
    if office.hands.network == "slack":
        assert "A desk on Slack needs no further bots" in listed
        assert "A desk on Slack needs no further bots" in given
    else:
        assert "up to 20 posts a minute" in listed
        assert "does not know that token" in given
    assert STRANGE not in listed + given
    assert await relays(office) == []


async def test_a_token_in_the_group_is_taken_away_and_not_used(office: TwoDesks) -> None:
    """Everybody there could see it; where it is to be sent is said."""
    hands, post = office.hands, len(office.hands.posted(""))
    bot = world(office).world.add_bot(f"spilt_{hands.network}_bot", "Spilt")
    before = Counter(hands.told("Ann"))
    await hands.type("Ann", f"desk relay {bot.token}", HOME[hands.network])
    told = "\n".join([*(Counter(hands.told("Ann")) - before).elements(), *(w for _, w in hands.posted("")[post:])])
    assert "the token is compromised" in told
    assert f"{hands.sign}desk relay" in told or "/hub desk relay" in told
    assert bot.token not in told
    if hands.network == "telegram":  # on Slack no app may take away what people wrote
        assert bot.token not in str(world(office).world.history(world(office).forum))
    assert await relays(office) == []


async def test_further_bots_are_given_looked_at_and_taken_off(office: TwoDesks) -> None:
    """By a manager alone, in private. What a bot lacks is said in a sentence; how busy each is, is listed."""
    hands, town = office.hands, world(office)
    telegram = next(h for h in (office.hands, office.other) if h.network == "telegram")
    await telegram.type("Ann", "desk here", "general")
    bot = town.world.add_bot(f"extra_{hands.network}_bot", "Extra")
    name = f"@{bot.username}"
    assert "is for a manager" in await confided(hands, f"desk relay {bot.token}", "Bob")
    assert f"{name} is not in Team" in await confided(hands, f"desk relay {bot.token}")
    town.world.add_to_chat(town.forum, bot)
    assert f"{name} is no administrator of Team" in await confided(hands, f"desk relay {bot.token}")
    town.world.add_to_chat(town.forum, bot, admin=True)
    assert "is the desk's own bot already" in await confided(hands, f"desk relay {town.bot.token}")
    assert "that is no bot's token" in (await confided(hands, "desk relay nonsense")).lower()
    assert await relays(office) == []
    for _ in range(2):
        said = await confided(hands, f"desk relay {bot.token}")
        assert "posts on the desk Team as well from now on: up to 40" in said
    assert await relays(office) == [name]
    for words in ("hello", "is anybody there?", "hello?"):
        await office.receive(words, f"Cleo{hands.network}")
        await office.show_now()
    listed = await confided(hands, "desk relay")
    assert "Team: up to 40 posts a minute" in listed
    assert f"{name}: 2 of them in the last minute" in listed
    assert "the desk's own bot: " in listed
    assert f"Did you mean {name}?" in await confided(hands, f"desk relay off {bot.username[:-1]}z")
    assert "Which bot?" in await confided(hands, "desk relay off")
    await confided(hands, "desk relay")
    await hands.press_confided("Ann", f"Take off {name}")
    assert "posts no more on the desk Team" in "\n".join(hands.confided("Ann"))
    assert await relays(office) == []
    await office.receive("still there?", f"Cleo{hands.network}")
    await office.show()
    assert "still there?" in await office.read(telegram, f"Cleo{hands.network}")

"""Two organizations, three workspaces and five people with different roles, all at once: each sees just what is theirs.

Acme has North and South; Rival has a shop of its own. Olivia owns Acme's two, Mia manages South, Bob is an agent in
North and at Rival's, Zoe is an agent in South, and Rita owns Rival.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from hub.domain.models import Member, Message
from hub.sandbox.telegram.accounts import User
from hub.settings import Settings
from tests.endtoend.shop import Shop, Talk
from tests.endtoend.town import Town, town, until, words_of


@dataclass
class Companies:
    """The three workspaces, each with its bot and its group, and the people."""

    town: Town
    north: Shop
    south: Shop
    rival: Shop
    mia: User
    bob: User
    zoe: User

    @property
    def shops(self) -> dict[str, Shop]:
        """By what is said in them, and nowhere else."""
        return {"northern": self.north, "southern": self.south, "rivalling": self.rival}


async def _open_south(north: Shop, south: Shop) -> None:
    """The second workspace of an organization: made by its admin, who is then in it."""
    await north.ask(north.olivia, "/workspace new South")
    user = await north.town.hub.store.directory.user_by_identity(f"telegram:{north.olivia.id}")
    assert user is not None
    south.olivia, south.workspace = north.olivia, user.workspaces[0]
    assert south.workspace != north.workspace
    for shop in (south, north):
        shop.net.add_to_chat(south.group, shop.olivia)
    await south.connect()
    await south.bind()


@pytest.fixture(scope="module")
async def companies(own_settings: Settings) -> AsyncIterator[Companies]:
    async with town(own_settings) as place:
        north, south, rival = (Shop(place, name) for name in ("north", "south", "rival"))
        bob, mia, zoe = north.bob, south.bob, place.net.add_user("Zoe", username="zoe")
        mia.first_name = "Mia"
        for shop, who in ((rival, bob), (south, zoe)):
            place.net.add_to_chat(shop.group, who)
        for shop in (north, rival):
            await shop.found()
            await shop.connect()
            await shop.bind()
        await north.invite(bob)
        await _open_south(north, south)
        await south.invite(mia, "manager")
        await south.invite(zoe)
        await rival.invite(bob)
        await place.quiet()
        yield Companies(place, north, south, rival, mia, bob, zoe)


async def test_all_at_once(companies: Companies) -> None:
    """The same person writes to all three; agents answer at the same moment: words stay where they were said."""
    person, answerers = companies.town.net.add_user("Paula"), {"southern": companies.zoe}
    talks = {word: Talk(shop, person) for word, shop in companies.shops.items()}
    for word, talk in talks.items():
        talk.say(f"{word} question")
    await asyncio.gather(*(until(talk.there, f"{word} topic") for word, talk in talks.items()))
    await asyncio.gather(*(talk.sees(f"{word} question") for word, talk in talks.items()))
    for word, talk in talks.items():
        talk.write(f"{word} answer", answerers.get(word, companies.bob))
    await asyncio.gather(*(until(talk.heard, f"{word} answer") for word, talk in talks.items()))
    await companies.town.quiet()
    for word, talk in talks.items():
        assert talk.heard() == [f"{word} answer"]
        kept = {message.text.plain for message in await talk.shop.kept(Message)}
        assert kept == {f"{word} question", f"{word} answer"}
        shown = " ".join(words_of(m) for t in talk.topics() for m in talk.net.history(talk.shop.group, t.id))
        assert not [other for other in companies.shops if other != word and other in shown]


async def test_each_private_chat_is_about_one_workspace(companies: Companies) -> None:
    """`/inbox` shows the workspace in use; switching is one line; who is in one alone cannot even name the others."""
    for word, shop in companies.shops.items():
        talk = Talk(shop, companies.town.net.add_user(f"Cora{word}"))
        talk.say(f"{word} wish")
        await until(talk.there, f"the topic in {word}")
    await companies.town.quiet()
    north, south, rival = companies.north, companies.south, companies.rival
    for word, shop, who in (("southern", south, companies.mia), ("rivalling", rival, rival.olivia)):
        said = await shop.ask(who, "/inbox all open")
        assert f"Cora{word}" in said
        assert not [other for other in companies.shops if other != word and f"Cora{other}" in said]
    assert "Coranorthern" not in await north.ask(north.olivia, "/inbox all open"), "South is in use since it was made"
    await north.ask(north.olivia, f"/workspace {await _name(north)}")
    assert "Coranorthern" in await north.ask(north.olivia, "/inbox all open")
    assert "None of your workspaces" in await south.ask(companies.mia, f"/workspace {await _name(north)}")


async def test_a_role_is_one_workspaces(companies: Companies) -> None:
    """Mia manages South and is nobody elsewhere; Olivia, who owns both of Acme's, is nobody at Rival's; a line in a
    group is about that group's workspace, whatever is in use.
    """
    north, south, rival = companies.north, companies.south, companies.rival
    people = {name: {m.name: m.role for m in await shop.kept(Member)} for name, shop in companies.shops.items()}
    assert people["northern"] == {"Olivia": "owner", "Bob": "agent"}
    assert people["southern"] == {"Olivia": "owner", "Mia": "manager", "Zoe": "agent"}
    assert people["rivalling"] == {"Olivia": "owner", "Bob": "agent"}
    rival.net.add_to_chat(rival.group, north.olivia)
    talk = await rival.arrive("only rivals read this")
    before = len(talk.heard())
    talk.write("I am from Acme", by=north.olivia)
    talk.write("/close", by=north.olivia)
    talk.write("rivalling reply", by=companies.bob)
    await until(lambda: len(talk.heard()) > before, "Bob's answer")
    await companies.town.quiet()
    assert talk.heard() == ["rivalling reply"]
    mine = await south.arrive("a southern case")
    mine.write("/assign me", by=companies.zoe)
    await mine.told(companies.zoe, "Zoe")


async def _name(shop: Shop) -> str:
    entry = await shop.town.hub.store.directory.workspace(shop.workspace)
    assert entry is not None
    return entry.name

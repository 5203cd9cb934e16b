"""The first steps of whoever signed up, in private with the bot, on either desk: what is written or pressed, what comes
back, and what a slip gets.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable

import pytest

from hub.domain import founding
from hub.domain.accounts.models import User
from hub.domain.ids import OrganizationId
from hub.domain.ports import WorkspaceEntry
from hub.store.embedded import Embedded
from tests.admin_bot.counter_desk import TOKEN
from tests.admin_bot.office import Office, standing_office

SKIPPED = "\u2013"


@pytest.fixture(scope="module", params=["telegram", "slack"])
async def office(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[Office]:
    async with standing_office(request.param, mongod.url) as made:
        yield made


class Newcomer:
    """Eve, who has signed up and is in no workspace, and what the bot says to her in private."""

    def __init__(self, office: Office, user: User) -> None:
        self.office, self.user, self.hands = office, user, office.hands

    async def says(self, words: str) -> str:
        """What she is told to that."""
        return await self._told(self.hands.confide("Eve", words))

    async def commands(self, line: str) -> str:
        """The same, of a command without its sign."""
        return await self.says(f"{self.sign}{line}")

    async def presses(self, label: str, of: str = "") -> str:
        """What she is told when she presses that, under words that hold `of`."""
        return await self._told(self.hands.press_confided("Eve", label, of))

    async def _told(self, doing: Awaitable[None]) -> str:
        before, alerts = len(self.hands.confided("Eve")), len(self.hands.told("Eve"))
        await doing
        return "\n".join([*self.hands.confided("Eve")[before:], *self.hands.told("Eve")[alerts:]])

    async def workspaces(self) -> list[WorkspaceEntry]:
        """All that she is in."""
        found = await self.office.store.users.user(self.user.id)
        assert found is not None
        entries = [await self.office.store.directory.workspace(id) for id in found.workspaces]
        return [entry for entry in entries if entry is not None]

    async def organization(self) -> str:
        """What the organization of the workspace in use is called."""
        entry = (await self.workspaces())[0]
        found = await self.office.store.organizations.organization(OrganizationId(entry.organization))
        assert found is not None
        return found.name

    @property
    def sign(self) -> str:
        return self.hands.sign

    @property
    def guess(self) -> str:
        """What her address says of her company."""
        return founding.suggestion(self.user.email)

    @property
    def last(self) -> str:
        return self.hands.confided("Eve")[-1]


@pytest.fixture
async def eve(office: Office) -> AsyncIterator[Newcomer]:
    """Signed in a moment ago, with an address of her own company."""
    login = await office.signs_up("Eve")
    yield Newcomer(office, login)
    await office.leaves(login)


async def test_the_greeting_asks_for_the_name(eve: Newcomer) -> None:
    """Whoever is in no workspace is asked how their organization is called; a tap answers it, and both stand."""
    assert "Hello Eve, you are signed in as" in eve.last
    assert "What is your organization called?" in eve.last
    said = await eve.presses(eve.guess)
    assert f"{eve.guess} stands, and in it your first workspace, {eve.guess}. You are its owner." in said
    assert "▸ Connect a channel" in said
    (entry,) = await eve.workspaces()
    assert entry.name == eve.guess
    assert await eve.organization() == eve.guess


async def test_plain_words_are_the_name(eve: Newcomer) -> None:
    """What is written after the question is the name, but a greeting, a question, a code or what cannot be one: each
    gets a sentence that says what would be right, and nothing is founded on it.
    """
    slips = {
        "hello?": "What is your organization called?",
        "Hi!": "What is your organization called?",
        "x" * 300: "can have up to 60 characters; that has 300",
        "...": "A name needs a letter or a digit",
        "p_AZvIuRYuXlEQMgYCH5lVtVLrdgunN9": "That looks like a code. Send it behind",
    }
    for words, answer in slips.items():
        assert answer in await eve.says(words), words
        assert await eve.workspaces() == []
    assert "Umbrella & <Sons> stands" in await eve.says("  Umbrella &\n<Sons> ")
    assert await eve.organization() == "Umbrella & <Sons>"


async def test_a_name_is_asked_for_and_given_later(eve: Newcomer) -> None:
    """Skipped, it is called by its founder; /setup name asks, and the answer names it. The workspace keeps its name."""
    said = await eve.presses("Skip")
    assert "Eve's organization stands, and in it your first workspace, Eve's workspace" in said
    assert f"{SKIPPED} Name your organization" in said
    assert await eve.organization() == "Eve's organization"
    await eve.commands("setup name")
    assert "Your organization is called Umbrella now" in await eve.says("Umbrella")
    assert "✓ Name your organization" in await eve.commands("setup")
    assert await eve.organization() == "Umbrella"
    assert "can have up to 60 characters" in await eve.commands("setup name " + "x" * 300)
    assert [entry.name for entry in await eve.workspaces()] == ["Eve's workspace"]


async def test_old_buttons_are_told_so(eve: Newcomer) -> None:
    """The question's buttons found nothing more once it stands; a step that is done cannot be skipped."""
    await eve.presses(eve.guess)
    before = await eve.workspaces()
    assert "Your workspace stands already" in await eve.presses(eve.guess)
    assert await eve.workspaces() == before
    assert "That is done already: name your organization" in await eve.commands("setup skip name")
    await eve.commands(f"channel connect telegram {TOKEN}")
    assert "That is done already: connect a channel" in await eve.presses("Skip", of="What do your customers write to?")
    assert "✓ A channel is connected already: @shop_bot" in await eve.commands("setup channel")
    await eve.commands("channel disconnect @shop_bot")


async def test_each_step_can_be_skipped_and_taken_up_again(eve: Newcomer) -> None:
    """Skipping leads to the next one, to the end; what was skipped can be looked at and done all the same."""
    await eve.presses(eve.guess)
    for step, following in (("connect a channel", "desk"), ("bind a desk", "people"), ("invite people", "")):
        said = await eve.presses("Skip")
        assert f"Skipped: {step}" in said
        assert f"{SKIPPED} {step.capitalize()}" in said
        assert not following or "▸" in said
    assert "That is all for now" in said
    assert "▸ Invite people" in await eve.commands("setup people"), "it is taken up again, and can be skipped again"
    assert "Skipped: invite people" in await eve.presses("Skip")
    assert "Nothing is left to skip" in await eve.commands("setup skip")
    assert "“boat” is no step" in await eve.commands("setup skip boat")
    assert "▸ Connect a channel" in await eve.commands("setup channel")
    await eve.presses("Telegram")
    connected = await eve.says(TOKEN)
    assert "@shop_bot is connected" in connected
    assert "✓ Connect a channel" in await eve.commands("setup")
    await eve.commands("channel disconnect @shop_bot")
    assert f"{SKIPPED} Connect a channel" in await eve.commands("setup")


async def test_it_goes_on_where_it_was_left(eve: Newcomer) -> None:
    """After a restart too: where one stands is in the database, not in the process."""
    await eve.presses(eve.guess)
    await eve.presses("Skip")
    left = await eve.commands("setup")
    eve.office.restart()
    assert await eve.commands("setup") == left
    assert "▸ Bind a desk" in left
    assert f"{eve.sign}desk here" in left.replace("/hub ", eve.sign)


async def test_before_the_workspace_all_lines_lead_to_the_name(eve: Newcomer) -> None:
    """Whoever is in no workspace is asked for the name again by /setup and /start."""
    for line in ("setup", "start", "setup skip"):
        assert "What is your organization called?" in await eve.commands(line), line
    assert await eve.workspaces() == []


async def test_agents_are_not_led(office: Office) -> None:
    """Setting up is for owners: an agent is told so, and an invited one is greeted shortly instead of being led."""
    talk = await office.talk(f"{office.hands.network} {'topic' if office.hands.network == 'telegram' else 'thread'}")
    assert "setup is for an owner of this workspace; you are an agent" in "".join(await talk.private("setup", "Bob"))
    (invitation,) = await talk.private("invite agent")
    told = "".join(await talk.private(f"start {invitation.rpartition('/')[2]}", who="Eve"))
    assert "You are an agent of Shop now" in told
    assert "▸" not in told
    assert "▸" not in "".join(await talk.private("start", who="Eve"))

"""Something dangerous waits for a code of now: the dialog, on both networks, at the real counter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pyotp
import pytest

from hub.admin_bot.command import command
from hub.admin_bot.registry import commands
from hub.domain.accounts.models import User
from hub.domain.ids import ChannelId
from hub.domain.models import ChannelItem, Post, now
from hub.domain.ports import Query, Tx
from hub.store.embedded import Embedded
from tests.admin_bot.counter_desk import TOKEN
from tests.admin_bot.office import Office, standing_office

ASKED = "needs a code of now"
DONE = "is disconnected"


@pytest.fixture(scope="module", params=["telegram", "slack"])
async def house(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[Office]:
    async with standing_office(request.param, mongod.url) as made:
        yield made


class Ann:
    """The owner, with an authenticator app, recovery codes, and a channel to be disconnected."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.recovery: list[str] = []

    async def begin(self) -> None:
        reception, user = self.office.reception, await self.office.user("Ann")
        await self.office.store.users.change(user.id, _without_second)
        proposal = await reception.propose(user.id)
        self.recovery = await reception.confirm(user.id, pyotp.TOTP(proposal.key).now(), "a test")
        await self.office.store.users.forgive(f"row|steps|{user.id}|{self.identity}")
        await self.office.store.users.forgive(f"wait|steps|{user.id}|{self.identity}")
        await self.channel("Spare")

    @property
    def identity(self) -> str:
        return self.office.hands.identity("Ann")

    async def channel(self, name: str) -> None:
        async def deed(tx: Tx) -> None:
            item = await tx.get(ChannelItem, name)
            if item is None:
                tx.add(ChannelItem(id=ChannelId(name), network="telegram", name=name, account=name))
            else:
                item.state = "active"

        await self.office.workspace.run(deed)

    async def line(self, line: str) -> str:
        """Says a command in private."""
        return await self._said(self.office.hands.whisper("Ann", f"{self.office.hands.sign}{line}"))

    async def code(self, code: str) -> str:
        """Answers the question."""
        return await self._said(self.office.hands.confide("Ann", code))

    async def line_as_it_is(self, words: str) -> str:
        """Says something in private that is no command."""
        return await self._said(self.office.hands.whisper("Ann", words))

    async def press(self, label: str) -> str:
        """Presses the newest button of that name in private; gives what is said then."""
        await self.office.hands.press_confided("Ann", label)
        return self.office.hands.confided("Ann")[-1]

    async def _said(self, doing: object) -> str:
        before = len(self.office.hands.confided("Ann"))
        await doing  # type: ignore[misc]
        return "\n".join(self.office.hands.confided("Ann")[before:])

    async def state(self, name: str = "Spare") -> str:
        return next(c.state for c in await self.office.workspace.items(ChannelItem) if c.name == name)

    async def traced(self) -> list[str]:
        return [t.kind for t in await self.office.reception.traces((await self.office.user("Ann")).id)]


@pytest.fixture
async def ann(house: Office) -> Ann:
    made = Ann(house)
    await made.begin()
    return made


def _without_second(user: User) -> None:
    user.second = None


async def test_it_waits_for_a_code_and_is_done_then(ann: Ann) -> None:
    """The command is kept, a wrong code leaves it waiting, a right one does it at once, and none is wanted for the next
    five minutes; then one is again.
    """
    assert ASKED in await ann.line("channel disconnect Spare")
    assert await ann.state() == "active"
    wrong = await ann.code("000000")
    assert "That code is not right" in wrong
    assert await ann.state() == "active"
    assert "disconnected" in await ann.code(ann.recovery[0])
    assert await ann.state() == "disconnected"
    assert {"stepped_up", "code_refused"} <= set(await ann.traced())
    await ann.channel("Spare")
    assert ASKED not in await ann.line("channel disconnect Spare")
    assert await ann.state() == "disconnected"
    await _five_minutes_pass(ann)
    await ann.channel("Spare")
    assert ASKED in await ann.line("channel disconnect Spare")
    assert await ann.state() == "active"


async def _five_minutes_pass(ann: Ann) -> None:
    attempts = ann.office.store.users._attempts
    await attempts.update_many({"until": {"$lt": now() + timedelta(minutes=6)}}, {"$set": {"until": now()}})


async def test_what_is_not_dangerous_needs_none(ann: Ann) -> None:
    """Looking at the channels is the same command, and asks for nothing; nor does anybody without a second factor."""
    assert ASKED not in await ann.line("channel")
    user = await ann.office.user("Ann")
    await ann.office.store.users.change(user.id, _without_second)
    assert ASKED not in await ann.line("channel disconnect Spare")
    assert await ann.state() == "disconnected"


async def test_a_secret_waits_sealed_and_its_message_goes(ann: Ann) -> None:
    """The line with a token is kept where nobody reads it, and the code's question names no secret."""
    said = await ann.line(f"channel connect telegram {TOKEN}")
    assert ASKED in said
    assert TOKEN not in said
    tokens = ann.office.store.users._users.database.tokens
    waiting = await tokens.find({"purpose": "step"}).to_list(None)
    assert waiting
    assert TOKEN not in str(waiting)
    assert not any(TOKEN in p.line for p in await _prompts(ann))
    assert "@shop_bot" in await ann.code(ann.recovery[0])
    assert await ann.state("@shop_bot") == "active"
    if ann.office.hands.network == "telegram":
        assert TOKEN not in "".join(_written_by_ann(ann))
        assert ann.recovery[0] not in "".join(_written_by_ann(ann))


def _written_by_ann(ann: Ann) -> list[str]:
    town = ann.office.hands.town  # type: ignore[attr-defined]
    user = next(u for u in town.world.users.values() if u.first_name == "Ann")
    found = town.world.private(user, town.bot)
    return [str(m.get("text", "")) for m in found if m["from"]["id"] == user.id]


async def test_a_desk_is_no_place_for_codes(ann: Ann) -> None:
    """There, the way into the private chat is told; a code that lands on the desk goes to no contact and counts for
    nothing, and with a code given in private the desk's command is done.
    """
    hands = ann.office.hands
    thread, _ = await ann.office.arrive("hello?")
    before = await ann.office.outgoing()
    await hands.type("Ann", "channel disconnect Spare", "topic" if hands.network == "telegram" else "thread", thread)
    assert "codes are for a private chat" in hands.told("Ann")[-1]
    assert await ann.state() == "active"
    assert ASKED in await ann.line("channel disconnect Spare")
    post = hands.say("Ann", "123 456", thread)
    await hands.hear()
    assert "That looks like your code" in hands.told("Ann")[-1]
    assert await ann.office.outgoing() == before
    if hands.network == "telegram":
        town = hands.town  # type: ignore[attr-defined]
        assert int(post) not in [m["message_id"] for m in town.world.history(town.forum, int(thread))]
    await ann.code(ann.recovery[0])
    assert await ann.state() == "disconnected"
    await ann.channel("Spare")
    await hands.type("Ann", "channel disconnect Spare", "topic" if hands.network == "telegram" else "thread", thread)
    assert await ann.state() == "disconnected"
    hands.say("Ann", "123 456", thread)
    await hands.hear()
    assert (await ann.office.outgoing())[len(before) :] == ["123 456"], "no code is awaited: it is an answer"


async def test_a_change_of_the_second_factor_ends_it(ann: Ann) -> None:
    """What was proved by one authenticator app holds no more when there is another, and not after /logout."""
    await ann.line("channel disconnect Spare")
    await ann.code(ann.recovery[0])
    assert not await ann.office.reception.code_wanted(ann.office.hands.identity("Ann"))
    user, reception = await ann.office.user("Ann"), ann.office.reception
    await reception.drop_second(user.id, ann.recovery[1], "a test")
    proposal = await reception.propose(user.id)
    ann.recovery = await reception.confirm(user.id, pyotp.TOTP(proposal.key).now(), "a test")
    assert await reception.code_wanted(ann.office.hands.identity("Ann"))
    await reception.prove(ann.office.hands.identity("Ann"), ann.recovery[0])
    assert not await reception.code_wanted(ann.office.hands.identity("Ann"))


async def test_a_line_is_done_once(ann: Ann) -> None:
    """Nobody else's code, no second code and no late one does what waited."""
    await ann.line("channel disconnect Spare")
    prompt = next(p for p in await _prompts(ann) if p.line.startswith("confirm "))
    token = prompt.line.split()[1]
    assert "took too long, or was done already" in await ann.line("confirm nonsense 123456")
    await ann.code(ann.recovery[0])
    await ann.channel("Spare")
    assert "took too long, or was done already" in await ann.line(f"confirm {token} {ann.recovery[1]}")
    assert await ann.state() == "active"


async def _prompts(ann: Ann) -> list[Post]:
    return await ann.office.workspace.query(Post, Query(where={"role": "prompt"}, order="-at"))


@pytest.mark.parametrize(
    ("line", "deed"),
    [
        ("channel disconnect spare", "Disconnecting Spare"),
        ("channel connect telegram", "Connecting an account of Telegram"),
        ("role Bob manager", "Making Bob a manager"),
        ("remove Bob now", "Removing Bob from Shop"),
        ("invite eve@shop.example owner", "Inviting eve@shop.example as an owner"),
        ("invite manager", "Inviting somebody by a link as a manager"),
        ("2fa reset Bob", "Taking the code at sign-in off Bob"),
        ("workspace delete", "Deleting the workspace Shop"),
        ("organization code off", "Changing the rule of codes at sign-in of Shop"),
        ("export contacts", "Exporting contacts"),
    ],
)
async def test_the_question_names_the_deed(ann: Ann, line: str, deed: str) -> None:
    """Who is asked for a code is told what it is for, so that one question is not taken for another."""
    assert f"{deed} needs a code of now" in (await ann.line(line)).replace("*", "")


async def test_a_question_can_be_left(ann: Ann) -> None:
    """By its button: nothing is done, no code is waited for, and the same question cannot be answered later."""
    await ann.line("channel disconnect Spare")
    prompt = next(p for p in await _prompts(ann) if p.line.startswith("confirm "))
    assert "Nothing was done, and no code is waited for." in await ann.press("Cancel")
    assert not await ann.office.reception.code_awaited(ann.office.hands.identity("Ann"))
    assert prompt.line not in [p.line for p in await _prompts(ann)]
    assert "done already" in await ann.line(f"{prompt.line}{ann.recovery[0]}")
    assert await ann.state() == "active"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("remove Ann now", "You are the only owner here"),
        ("role Ann agent", "You are the only owner here"),
        ("channel disconnect Nothing", "No channel is called “Nothing”."),
        ("2fa reset Ann", "Your own is switched off with a code"),
        ("invite owner", "An owner is invited by mail alone"),
        ("export everything", "Write /export contacts"),
    ],
)
async def test_no_code_is_wanted_for_what_may_not_be_done(ann: Ann, line: str, sentence: str) -> None:
    """It is said at once, and nobody looks for their phone in vain."""
    said = (await ann.line(line)).replace("/hub ", "/")
    assert sentence in said
    assert ASKED not in said


async def test_a_code_that_comes_late_is_still_the_answer(ann: Ann) -> None:
    """Also without being written as an answer to the question: for as long as the command waits."""
    await ann.line("channel disconnect Spare")
    await _waited(ann, minutes=5)
    assert "That code is not right" in await ann.line_as_it_is("000 000")
    await _waited(ann, minutes=5)
    assert "disconnected" in await ann.line_as_it_is(ann.recovery[0])
    assert await ann.state() == "disconnected"
    assert "took too long" not in await ann.line_as_it_is("Thank you"), "that is no code"


async def _waited(ann: Ann, minutes: float) -> None:
    """The questions are that much older."""

    async def deed(tx: Tx) -> None:
        for found in await tx.query(Post, Query(where={"role": "prompt"})):
            prompt = await tx.get(Post, found.id)
            if prompt is not None:
                prompt.at -= timedelta(minutes=minutes)

    await ann.office.workspace.run(deed)


async def test_guessing_is_slowed_and_nothing_is_lost(ann: Ann) -> None:
    """After some wrong codes there is a wait, which is told; the line waits on, and a right code does it afterwards."""
    await ann.line("channel disconnect Spare")
    said = [await ann.code("000000") for _ in range(6)]
    assert "That code is not right" in said[0]
    assert "tried too often; try again in" in said[-1]
    assert "tried too often" in await ann.code(ann.recovery[0]), "not even a right one counts meanwhile"
    await _five_minutes_pass(ann)
    assert "disconnected" in await ann.code(ann.recovery[0])
    assert await ann.state() == "disconnected"


async def test_another_workspace_is_not_meant(ann: Ann) -> None:
    """Who works in another workspace meanwhile does nothing there by the code for this one."""
    store, user = ann.office.store, await ann.office.user("Ann")
    await ann.line("channel disconnect Spare")
    prompt = next(p for p in await _prompts(ann) if p.line.startswith("confirm "))
    tokens = store.users._users.database.tokens
    await tokens.update_many({"purpose": "step"}, {"$set": {"data.workspace": "elsewhere"}})
    assert "in another workspace" in await ann.line(f"{prompt.line}{ann.recovery[0]}")
    assert await ann.state() == "active"
    assert user.second is not None
    assert await ann.office.reception.code_wanted(ann.office.hands.identity("Ann")), "the code was not used up"


async def test_behind_a_slash_a_dialog_asks(ann: Ann) -> None:
    """Where only the asker sees what is said, the code is asked for too: in a dialog, whose wrong answer stays open."""
    hands = ann.office.hands
    if hands.network != "slack":
        return
    await hands.type("Ann", "channel disconnect Spare", "slash")
    assert ASKED in hands.dialog("Ann")
    await hands.answer("Ann", "000000")
    assert "That code is not right" in hands.dialog("Ann")
    assert await ann.state() == "active"
    await hands.answer("Ann", ann.recovery[0])
    assert hands.dialog("Ann") == ""
    assert await ann.state() == "disconnected"


def test_what_is_dangerous_is_outside() -> None:
    """It is done by another line than its own, the one that brings the code: so it has no transaction of its own."""

    async def wrong(call: object) -> None:
        """Do harm."""

    with pytest.raises(TypeError, match="outside"):
        command(section="Test", fresh=True)(wrong)
    assert all(c.outside for c in commands() if c.fresh)


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("channel", False),
        ("channel list", False),
        ("channel connect telegram", True),
        ("channel conn telegram", True),
        ("channel DISC Spare", True),
        ("invite", False),
        ("invite agent", False),
        ("invite eve@shop.example agent", False),
        ("invite eve@shop.example agent own", False),
        ("invite manager", True),
        ("invite man", True),
        ("invite eve@shop.example owner", True),
        ("invite eve@shop.example o", True),
        ("role Bob", False),
        ("role Bob agent own", True),
        ("role Bob man", True),
        ("remove Bob", False),
        ("remove Bob now", True),
        ("organization", False),
        ("organization name Acme", False),
        ("organization sso off", True),
        ("organization ss off", True),
        ("organization CODE off", True),
        ("organization role Bob admin", True),
        ("organization ro Bob admin", True),
        ("workspace", False),
        ("workspace rename Delivery", False),
        ("workspace delete", True),
        ("2fa", False),
        ("2fa 123456", False),
        ("2fa off 123456", False),
        ("2fa reset Bob", True),
        ("setup", False),
        ("sessions end all", False),
    ],
)
async def test_what_is_dangerous(ann: Ann, line: str, asks: bool) -> None:
    """Whatever hands out, takes or guards what people may do, or touches a secret; also where it is written short."""
    assert (ASKED in await ann.line(line)) is asks

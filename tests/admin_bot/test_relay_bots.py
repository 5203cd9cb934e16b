"""Dialogs: a team's desk, and further bots that post on a desk."""

from __future__ import annotations

import pytest

from hub.domain.ids import TeamId
from hub.domain.models import Conversation, DeskItem, Message, Team
from hub.domain.ports import Account, Tx
from hub.errors import Refused
from tests.admin_bot.counter_desk import PaperFrontEnd, Shop, Who, button

GOOD, OUT = "123456789:AAGoodGoodGoodGoodGoodGoodGoodGoodGood", "123456780:AAOutsOutsOutsOutsOutsOutsOutsOutsOut"


class WideFrontEnd(PaperFrontEnd):
    """A front end where one bot is fit for every group, until it is thrown out."""

    def __init__(self) -> None:
        super().__init__()
        self.thrown_out = False

    async def examine_relay(self, chat: str, token: str) -> Account:
        assert chat
        if token == GOOD and not self.thrown_out:
            return Account("paper:123", "@extra_bot")
        raise Refused("@extra_bot is not in Support: add it there as an administrator, then send its token once more.")

    def relay_desk(self, chat: str, token: str) -> object:
        raise NotImplementedError


@pytest.fixture
def front_end(shop: Shop) -> WideFrontEnd:
    made = WideFrontEnd()
    shop.counter._services.front_ends["telegram"] = made  # type: ignore[index]
    return made


async def teams(shop: Shop) -> None:
    async def deed(tx: Tx) -> None:
        tx.add(Team(id=TeamId("t1"), name="Sales"))

    await shop.workspace.run(deed)


async def test_a_group_becomes_a_teams_desk(shop: Shop, olivia: Who, bob: Who) -> None:
    """By the team's name; a wrong one binds nothing. `-` makes it everyone's again, a bare line changes nothing."""
    await teams(shop)
    yard = shop.spot(chat=f"{shop.chat}5")
    await shop.say(olivia, "/desk here team Slaes", yard)
    assert "There is no team “Slaes”. Did you mean Sales?" in shop.said()
    assert len(await shop.all(DeskItem)) == 1
    await shop.say(bob, "/desk here team Sales", yard)
    assert "for a manager" in shop.said()
    await shop.say(olivia, "/desk here team sal", yard)
    assert "This group is the desk of Sales now" in shop.said()
    await shop.say(olivia, "/desk here", yard)
    assert [d.team for d in await shop.all(DeskItem)] == [None, "t1"]
    await shop.say(olivia, "/desk", yard)
    assert "of the team Sales" in shop.said()
    await shop.say(olivia, "/desk here team -", yard)
    assert "all who have none of their own" in shop.said()
    assert [d.team for d in await shop.all(DeskItem)] == [None, None]


async def test_what_is_written_in_the_place_it_left_is_held(shop: Shop, olivia: Who) -> None:
    """The contact does not get it twice from two desks; it says where the conversation goes on, and can be sent."""
    await teams(shop)
    topic = await shop.arrive("Carol")
    yard = shop.spot(chat=f"{shop.chat}6")
    await shop.say(olivia, "/desk here team Sales", yard)
    await topic.say(olivia, "/assign Sales")
    assert (await shop.all(Conversation))[-1].desks != []
    answer = await topic.say(olivia, "we are on it")
    assert "goes on at the desk" in shop.said()
    await shop.press(olivia, button(answer, "Send to Carol"), topic.spot)
    assert [m.text.plain for m in await shop.all(Message, direction="out")] == ["we are on it"]


async def test_a_relay_bot_is_added_looked_at_and_taken_off(shop: Shop, olivia: Who, front_end: WideFrontEnd) -> None:
    """Its token only in private, taken away there, and sealed; what keeps it from posting is said in one sentence."""
    await shop.private(olivia, "/desk relay")
    assert "up to 20 posts a minute" in shop.said()
    await shop.say(olivia, f"/desk relay {GOOD}")
    assert (await shop.all(DeskItem))[0].relays == []
    answer = await shop.private(olivia, f"/desk relay {GOOD}")
    assert answer.delete_post
    assert "@extra_bot posts on the desk Support as well from now on: up to 40 posts a minute." in shop.said()
    assert GOOD not in shop.said()
    (bot,) = (await shop.all(DeskItem))[0].relays
    assert GOOD not in repr(bot)
    front_end.thrown_out = True
    listed = await shop.private(olivia, "/desk relay")
    assert "@extra_bot: ⚠️ @extra_bot is not in Support" in shop.said()
    assert "up to 20 posts a minute" in shop.said()
    front_end.thrown_out = False
    await shop.private(olivia, "/desk relay")
    assert "up to 40 posts a minute" in shop.said()
    await shop.press(olivia, button(listed, "Take off @extra_bot"), shop.own(olivia))
    assert "posts no more on the desk Support" in shop.said()
    assert (await shop.all(DeskItem))[0].relays == []


@pytest.mark.usefixtures("front_end")
async def test_a_relay_bot_that_is_not_fit_is_not_kept(shop: Shop, olivia: Who) -> None:
    """Not in the group: one sentence, and nothing is kept. On which of several desks must be said."""
    await shop.private(olivia, f"/desk relay {OUT}")
    assert "is not in Support: add it there as an administrator" in shop.said()
    assert (await shop.all(DeskItem))[0].relays == []
    await shop.say(olivia, "/desk here", shop.spot(chat=f"{shop.chat}4"))
    await shop.private(olivia, f"/desk relay {GOOD}")
    assert "On which desk?" in shop.said()
    await shop.private(olivia, f"/desk relay Nowhere {GOOD}")
    assert "No desk for further bots is called “Nowhere”." in shop.said()
    await shop.private(olivia, "/desk relay off @other")
    assert "No further bot is called “@other”." in shop.said()


@pytest.mark.usefixtures("front_end")
async def test_only_who_manages_adds_relay_bots(shop: Shop, bob: Who) -> None:
    """An agent's token is taken for nothing."""
    await shop.private(bob, f"/desk relay {GOOD}")
    assert "for a manager" in shop.said()
    assert (await shop.all(DeskItem))[0].relays == []

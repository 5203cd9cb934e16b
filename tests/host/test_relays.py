"""Which of a desk's accounts posts what, and what becomes of one that may not post any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from hub.admin_bot.telegram.errors import ADMIN_RIGHTS
from hub.admin_bot.telegram.relaying import unfit
from hub.domain.ids import ChannelId, ContactId, ConversationId, DeskId
from hub.domain.models import Contact, Conversation, DeskItem, RelayBot, now
from hub.domain.ports import DeskPace, Pace, RelayView
from hub.errors import (
    BotUnfit,
    ChannelDead,
    DeliveryError,
    Gone,
    TemporaryFailure,
    ThreadGone,
    Uncertain,
    Undeliverable,
)
from hub.host import delivery, relays
from hub.host.delivery import Surroundings
from hub.host.pacer import Pacer


class Hands:
    """An account that may post so many times a minute."""

    def __init__(self, account: str, most: int = 2) -> None:
        self.account, self.chat = account, "-1"
        self.pace = DeskPace(per_account=None, per_desk=Pace(most, 60.0))


class Yard:
    """A desk with an account of its own and two relay bots."""

    def __init__(self) -> None:
        self.pacer = Pacer()
        self.own, self.further = Hands("own"), {"a": Hands("a"), "b": Hands("b")}
        bots = [RelayBot(account=name, name=name, secret="") for name in self.further]
        self.item = DeskItem(id=DeskId("d"), network="any", chat="-1", relays=bots)
        hands = cast(Callable[[DeskItem], Any], lambda _: self.further)
        self.around = Surroundings(cast(Any, None), cast(Any, None), [], self.pacer, cast(Any, None), _moved, hands)

    async def post(self, *, row: bool) -> str:
        """One more post, by whom it is chosen."""
        by, hands = relays.choose(self.around, self.item, cast(Any, self.own), view(row=row))
        if self.pacer.crowding(delivery.desk_windows(hands)) < 1:
            async with self.pacer.turn(delivery.desk_windows(hands)):
                pass
            return by or "own"
        return "waits"


async def _moved(_: DeskItem, __: str) -> DeskId:
    return DeskId("")


def view(*, row: bool) -> RelayView:
    contact = Contact(id=ContactId("c"))
    conversation = Conversation(
        id=ConversationId("k"), number=1, contact=contact.id, state="open", channel=ChannelId("ch"), opened_at=now()
    )
    return RelayView(contact=contact, conversation=conversation, messages=[], row=row)


async def test_what_has_buttons_is_posted_by_the_desks_own_account() -> None:
    """While it has room; then by the others, without buttons, rather than that the desk waits."""
    yard = Yard()
    assert [await yard.post(row=True) for _ in range(7)] == ["own", "own", "a", "b", "a", "b", "waits"]
    assert relays.signed(view(row=True), "a").row is False
    assert relays.signed(view(row=True), "").row is True


async def test_all_else_is_posted_by_whoever_is_least_busy() -> None:
    """The desk's own last, for it is kept for what has buttons; together they post as often as all of them may."""
    yard = Yard()
    assert [await yard.post(row=False) for _ in range(7)] == ["a", "b", "a", "b", "own", "own", "waits"]


async def test_an_account_whose_limit_is_used_up_is_passed_over() -> None:
    """What the network refused one for its limit, another posts at once; the desk's own waits as it always did."""
    yard = Yard()
    by, hands = relays.choose(yard.around, yard.item, cast(Any, yard.own), view(row=False))
    limited = TemporaryFailure("slow down", 30.0, limited=True)
    assert await relays.spared(yard.around, yard.item, (by, delivery.desk_windows(hands)), limited)
    assert relays.choose(yard.around, yard.item, cast(Any, yard.own), view(row=False))[0] == "b"
    own = delivery.desk_windows(cast(Any, yard.own))
    assert not await relays.spared(yard.around, yard.item, ("", own), limited)
    lost = TemporaryFailure("no connection")
    assert not await relays.spared(yard.around, yard.item, ("b", own), lost)


async def test_a_desk_without_relay_bots_posts_by_itself() -> None:
    """As ever."""
    yard = Yard()
    yard.further = {}
    by, hands = relays.choose(yard.around, yard.item, cast(Any, yard.own), view(row=False))
    assert (by, hands.account) == ("", "own")


@pytest.mark.parametrize("posting", [True, False])
@pytest.mark.parametrize(
    ("error", "when"),
    [
        (ChannelDead("401"), (True, False)),
        (Gone("kicked"), (True,)),
        (TemporaryFailure(ADMIN_RIGHTS), (True,)),
        (TemporaryFailure("no connection"), ()),
        (ThreadGone("no topic"), ()),
        (Uncertain("lost"), ()),
        (Undeliverable("too odd"), ()),
    ],
)
def test_what_means_that_a_bot_is_out(error: DeliveryError, when: tuple[bool, ...], posting: bool) -> None:
    """A dead token, or being out of the group; not what would happen to any bot. A post that is gone is no proof."""
    assert isinstance(unfit(error, posting=posting), BotUnfit) == (posting in when)

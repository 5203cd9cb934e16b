"""The relay bots of a desk: which account posts what, and what becomes of one that may not post any more.

Each account has limits of its own, so that a desk shows as many posts a minute more as it has bots. What carries
buttons is posted by the desk's own account while that has room, for nobody hears what is pressed under the others'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from hub.domain import desks
from hub.domain.models import DeskItem, RelayBot
from hub.domain.ports import Desk, FrontEnd, RelayView, Tx, Vault, Widens
from hub.domain.reply import Reply, Value
from hub.errors import BotUnfit, TemporaryFailure
from hub.host import delivery
from hub.host.delivery import Surroundings
from hub.host.pacer import Window


class RelayDesks:
    """The hands of all relay bots that this process posts with."""

    def __init__(self, front_ends: Mapping[str, FrontEnd], vault: Vault) -> None:
        self._front_ends = front_ends
        self._vault = vault
        self._known: dict[tuple[str, str], Desk] = {}

    def of(self, item: DeskItem) -> dict[str, Desk]:
        """By account, those of a desk that may post."""
        front_end = self._front_ends.get(item.network)
        if front_end is None or not item.relays or not isinstance(front_end, Widens):
            return {}
        return {bot.account: self._hands(front_end, item, bot) for bot in item.relays if not bot.problem}

    def _hands(self, front_end: Widens, item: DeskItem, bot: RelayBot) -> Desk:
        key = (item.chat, bot.secret)
        if key not in self._known:
            self._known[key] = front_end.relay_desk(item.chat, self._vault.open(bot.secret))
        return self._known[key]


def choose(around: Surroundings, item: DeskItem, desk: Desk, view: RelayView) -> tuple[str, Desk]:
    """Who posts it: the account, empty for the desk's own, and its hands."""
    further = around.relays(item)
    if not further:
        return "", desk
    own = around.pacer.crowding(delivery.desk_windows(desk))
    if view.row and own < 1:
        return "", desk
    crowding = {by: around.pacer.crowding(delivery.desk_windows(hands)) for by, hands in further.items()}
    by = min(crowding, key=lambda each: crowding[each])
    # While there is room beside it, the desk's own account is left to what carries buttons.
    return (by, further[by]) if crowding[by] < max(1.0, own) else ("", desk)


def signed(view: RelayView, by: str) -> RelayView:
    """The view as that account posts it."""
    return msgspec.structs.replace(view, by=by, row=view.row and not by)


def hands_of(around: Surroundings, item: DeskItem, desk: Desk, by: str) -> Desk | None:
    """The hands that can change what an account posted; None: it posts here no more."""
    return desk if not by else around.relays(item).get(by)


async def spared(
    around: Surroundings, item: DeskItem, who: tuple[str, Sequence[Window]], error: BotUnfit | TemporaryFailure
) -> bool:
    """Whether a failed post of a relay bot is for others to post at once: it is out, or its limit is used up."""
    by, windows = who
    if not by:
        return False
    if isinstance(error, BotUnfit):
        await sideline(around, item, by, error)
        return True
    delivery.learn(around, windows, error)
    return error.limited


async def sideline(around: Surroundings, item: DeskItem, by: str, error: BotUnfit) -> None:
    """Leaves the bot out from now on. The owners are told once; what it was to post others post."""

    async def deed(tx: Tx) -> None:
        desk = await tx.get(DeskItem, item.id)
        bot = next((b for b in desk.relays if b.account == by), None) if desk else None
        if desk is None or bot is None or bot.problem:
            return
        desk.relays = with_problem(desk.relays, by, error.text)
        told: dict[str, Value] = {"bot": bot.name, "title": desk.title, "reason": error.text}
        await desks.notify_owners(tx, Reply("relay_bot_out", told))

    await delivery.settled(around.workspace, deed)


def with_problem(bots: Sequence[RelayBot], account: str, problem: str) -> list[RelayBot]:
    """The bots, one of which has that problem now; an empty one: none any more."""
    return [msgspec.structs.replace(b, problem=problem) if b.account == account else b for b in bots]

"""The relay bots of a desk: which account posts what, and what becomes of one that may not post any more.

Each account has limits of its own, so that a desk shows as many posts a minute more as it has bots. Only the desk's own
account hears, so that it alone posts what has buttons: answers, questions, cards at home, and the first words of a
spell. Where it has no room for those, another posts them without buttons, and the contact's next words have them. What
people write, edit, press or react under the others' posts the desk's own hears, like all else in the chat.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import msgspec

from hub.domain import desks, standing
from hub.domain.models import DeskItem, Post, RelayBot
from hub.domain.ports import Desk, FrontEnd, RelayView, Tx, Vault, Widens
from hub.domain.reply import Reply, Value
from hub.errors import BotUnfit, Gone, TemporaryFailure
from hub.host import delivery
from hub.host.delivery import Surroundings
from hub.host.pacer import Pacer, Priority, Window

log = logging.getLogger(__name__)

AS_IT_IS_NOW = "What stands above has changed since, and the bot that posted it cannot edit it any more. Now it reads:"


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

    def crowding(self, item: DeskItem, pacer: Pacer) -> dict[str, float]:
        """How full the last minute of each account on the desk is, of its own under the empty name: 1 and more is full,
        as far as this process posts there.
        """
        front_end = self._front_ends.get(item.network)
        if front_end is None:
            return {}
        hands = {"": front_end.desk(item.chat), **self.of(item)}
        return {by: pacer.crowding(delivery.desk_windows(each)[-1:]) for by, each in hands.items()}

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


async def redraw(
    around: Surroundings,
    item: DeskItem,
    desk: Desk,
    wanted: tuple[Post, RelayView],
    priority: Priority = Priority.MESSAGE,
) -> bool:
    """Has a post edited by the account that posted it; whether that account still may. A post that is gone is let be.

    `wanted`: the post, and what it should show.
    """
    post, view = wanted
    hands = hands_of(around, item, desk, post.by)
    if hands is None:
        return False
    windows = delivery.edit_windows(hands) if priority == Priority.CARD else delivery.desk_windows(hands)
    async with around.pacer.turn(windows, priority):
        try:
            await hands.redraw(post.thread, post.post, view, media=post.media)
        except Gone:
            log.info("a post was gone before it could be redrawn")
        except BotUnfit as error:
            await sideline(around, item, post.by, error)
            return False
    return True


async def anew(around: Surroundings, item: DeskItem, desk: Desk, wanted: tuple[Post, RelayView]) -> None:
    """Has the desk's own account say what a post should read now, which nobody can edit any more; not in a place that
    is the contact's no more.
    """
    post, view = wanted
    place = view.contact.place(item.id)
    if place is None or place.thread != post.thread:
        return
    heading = f"{AS_IT_IS_NOW} {view.heading}".strip()
    changes = {"heading": heading, "reply_to": post.post, "by": "", "row": False, "card": None, "part": 0}
    view = msgspec.structs.replace(view, **changes)
    async with around.pacer.turn(delivery.desk_windows(desk), Priority.MESSAGE, desk.cost(view)):
        posts = await desk.show(post.thread, view)

    async def deed(tx: Tx) -> None:
        await standing.shown(tx, [], (item.id, post.thread), view, posts)

    await delivery.settled(around.workspace, deed)


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

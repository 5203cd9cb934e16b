"""The first steps of a new workspace: which are done, which is next, and who is told so."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal, TypeVar

import msgspec
from msgspec.structs import replace

from hub.domain.desks import enqueue
from hub.domain.ids import UserId
from hub.domain.models import ChannelItem, DeskItem, FirstSteps, Invitation, Member, Preferences, Step, now
from hub.domain.ports import Reads, Tx
from hub.domain.reply import Button, Reply, Value
from hub.domain.work import Notify, user_lane

T = TypeVar("T")
STEPS: tuple[Step, ...] = ("name", "channel", "desk", "people")
TITLES: dict[Step, str] = {
    "name": "Name your organization",
    "channel": "Connect a channel",
    "desk": "Bind a desk",
    "people": "Invite people",
}
State = Literal["done", "next", "open", "skipped"]


class Progress(msgspec.Struct, frozen=True):
    """How far a workspace is: each step's state, the next one, and what is there already."""

    states: dict[Step, State]
    workspace: str
    channels: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    people: int = 1
    invited: int = 0

    @property
    def next(self) -> Step | None:
        """What is to be done now; None: nothing is left."""
        return next((step for step, state in self.states.items() if state == "next"), None)


async def progress(reads: Reads, *, named: bool, just: Collection[Step] = ()) -> Progress:
    """How far it is. `named`: whether the organization is; `just`: what was done in this very transaction."""
    preferences = await reads.get(Preferences, "preferences")
    steps = preferences.first_steps if preferences else FirstSteps()
    channels = tuple(c.name for c in await reads.items(ChannelItem) if c.state == "active")
    desks = tuple(d.title or d.chat for d in await reads.items(DeskItem))
    people = len(await reads.items(Member))
    invited = len([i for i in await reads.items(Invitation) if i.expires_at > now()])
    facts: dict[Step, bool] = {
        "name": named,
        "channel": bool(channels),
        "desk": bool(desks),
        "people": people > 1 or invited > 0,
    }
    done = {step for step, is_so in facts.items() if is_so} | {*just}
    return Progress(
        _states(done, steps.skipped), preferences.name if preferences else "", channels, desks, people, invited
    )


def _states(done: Collection[Step], skipped: Collection[Step]) -> dict[Step, State]:
    states: dict[Step, State] = {}
    for step in STEPS:
        rest: State = "open" if "next" in states.values() else "next"
        states[step] = "done" if step in done else "skipped" if step in skipped else rest
    return states


# -- what is kept ----------------------------------------------------------------------------------------------------


async def lead(tx: Tx, user: UserId, *, unnamed: str = "") -> None:
    """The user is told each next step from now on. `unnamed`: what the organization is called for want of a name."""

    def led(steps: FirstSteps) -> FirstSteps:
        return replace(steps, led=(*_without(steps.led, user), user), unnamed=unnamed or steps.unnamed)

    await _keep(tx, led)


async def skip(tx: Tx, user: UserId, step: Step) -> None:
    """The step is left out, until it is done after all."""
    await lead(tx, user)
    await _keep(tx, lambda steps: replace(steps, skipped=(*_without(steps.skipped, step), step)))


async def _keep(tx: Tx, change: Callable[[FirstSteps], FirstSteps]) -> None:
    preferences = await tx.get(Preferences, "preferences")
    if preferences is not None and change(preferences.first_steps) != preferences.first_steps:
        preferences.first_steps = change(preferences.first_steps)


def _without(every: tuple[T, ...], one: T) -> tuple[T, ...]:
    return tuple(each for each in every if each != one)


# -- what is told ----------------------------------------------------------------------------------------------------


async def advance(tx: Tx, step: Step, name: str = "", *, besides: UserId | None = None) -> None:
    """A step was done in this transaction, by something of that name: the owners who are led are told the next one,
    each step once, but whoever is answered anyway.
    """
    preferences = await tx.get(Preferences, "preferences")
    steps = preferences.first_steps if preferences else FirstSteps()
    if preferences is None or not steps.led or step in steps.told:
        return
    preferences.first_steps = replace(steps, told=(*steps.told, step))
    now_so = _grown(await progress(tx, named=True, just=(step,)), step, name)
    owners = {m.id for m in await tx.items(Member) if m.role == "owner"}
    for user in steps.led:
        if user in owners and user != besides:
            enqueue(tx, user_lane(user), Notify(user=user, reply=said(now_so, event=step)))


def _grown(before: Progress, step: Step, name: str) -> Progress:
    """With what was made in this transaction, which the snapshot does not show yet."""
    match step:
        case "channel":
            return replace(before, channels=(*_without(before.channels, name), name))
        case "desk":
            return replace(before, desks=(*_without(before.desks, name), name))
        case _:
            return before


def said(progress: Progress, *, event: str = "", **more: Value) -> Reply:
    """What somebody who is led is told: what has just become so, and what is next."""
    lines: list[Value] = [{"title": TITLES[step], "state": state} for step, state in progress.states.items()]
    data: dict[str, Value] = {
        "event": event,
        "next": progress.next or "",
        "lines": lines,
        "workspace": progress.workspace,
        "organization": "",
        "channels": [*progress.channels],
        "desks": [*progress.desks],
    }
    return Reply("setup", {**data, **more}, rows=buttons(progress.next))


def buttons(step: Step | None) -> tuple[tuple[Button, ...], ...]:
    """Leads on from a step that is next."""
    if step is None:
        return ()
    return ((Button(f"▸ {TITLES[step]}", f"setup {step}"), Button("Skip", f"setup skip {step}")),)

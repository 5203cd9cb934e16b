"""What people do on Slack, and what must then be seen there: in a contact's direct messages, or at the agents' desk."""

from __future__ import annotations

from dataclasses import dataclass

from hub.demo.stage import NotSo, Stage
from hub.demo.steps import heard_exactly, until_so
from hub.demo.transcript import Transcript
from hub.sandbox.page.slack_shapes import drawable, name_of, words
from hub.sandbox.slack import App, Channel, Knock, User
from hub.sandbox.slack.accounts import Json
from hub.sandbox.slack.text import unescaped

SHOP, DESK = "shop", "desk"
"""Where: a contact's direct messages with the shop's app, the desk's channel itself; else a contact's thread."""


# -- where things are --------------------------------------------------------------------------------------------------


def card_of(stage: Stage, name: str) -> Json | None:
    """The newest card of a contact: the message that their thread hangs on."""
    here = stage.slack.world.history(stage.slack.desk)
    return next((m for m in reversed(here) if "👤" in said(stage, m) and name in said(stage, m)), None)


def place_of(stage: Stage, where: str) -> tuple[Channel | App, str]:
    """Where to write, and in which thread. Raises NotSo where there is no such thread."""
    if where == SHOP:
        return stage.slack.shop_app, ""
    if where == DESK:
        return stage.slack.desk, ""
    card = card_of(stage, where)
    if card is None:
        raise NotSo(f"{where} has no thread on Slack.")
    return stage.slack.desk, str(card["ts"])


def seen(stage: Stage, who: User, where: str) -> list[Json]:
    """What somebody sees in a place, oldest first, with what is for their eyes alone; in a thread its card too."""
    world, desk = stage.slack.world, stage.slack.desk
    if where == SHOP:
        return world.private(who, stage.slack.shop_app)
    alone = world.ephemerals(who, desk)
    if where == DESK:
        return [*world.history(desk), *(m for m in alone if not m.get("thread_ts"))]
    card = card_of(stage, where)
    if card is None:
        return []
    return [*world.thread(desk, card["ts"]), *(m for m in alone if m.get("thread_ts") == card["ts"])]


def said(stage: Stage, message: Json) -> str:
    """All that a message says, as it is drawn, and its source, by which its formatting can be told."""
    return f"{words(drawable(stage.slack.world, message))}\n{unescaped(str(message.get('text', '')))}"


def lines(stage: Stage, who: User, where: str) -> list[str]:
    """What somebody sees in a place, a line each: who, and what, in Slack's own markup."""
    users = stage.slack.world.users
    return [f"{name_of(users.get(m['user']))}: {unescaped(str(m.get('text', '')))}" for m in seen(stage, who, where)]


# -- what people do ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SlackWrites:
    """Somebody writes, in mrkdwn."""

    who: str
    where: str
    text: str

    async def play(self, transcript: Transcript) -> None:
        """Writes it."""
        stage = transcript.stage
        where, thread = place_of(stage, self.where)
        stage.slack.world.say(stage.slack.person(self.who), where, self.text, thread=thread)
        transcript.catch_up()


@dataclass(frozen=True)
class SlackPressesOnCard:
    """Somebody presses a button, named by how its label begins, on a contact's card."""

    who: str
    name: str
    label: str

    async def play(self, transcript: Transcript) -> None:
        """Presses it; the hub must answer within Slack's three seconds."""
        stage = transcript.stage
        card = await stage.until(lambda: card_of(stage, self.name), f"{self.name} has a card on Slack")
        rows = [block["elements"] for block in card["blocks"] if block["type"] == "actions"]
        labels = [each["text"]["text"] for row in rows for each in row if each["type"] == "button"]
        label = next((each for each in labels if each.startswith(self.label)), self.label)
        await _answered(stage.slack.world.press(stage.slack.person(self.who), stage.slack.desk, card["ts"], label))


@dataclass(frozen=True)
class SlackSubmits:
    """Somebody fills in the dialog before them, as soon as it is open, and submits it; `values` by label."""

    who: str
    values: tuple[tuple[str, str], ...]

    async def play(self, transcript: Transcript) -> None:
        """Submits it."""
        stage, who = transcript.stage, transcript.stage.slack.person(self.who)
        await stage.until(lambda: stage.slack.world.modal(who), f"a dialog opens for {self.who} on Slack")
        await _answered(stage.slack.world.submit(who, dict(self.values)))


async def _answered(knock: Knock) -> None:
    await knock.answer()
    if knock.trouble:
        raise NotSo(f"Slack says of what the hub answered: {knock.trouble}.")


# -- what must be so ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SlackSees:
    """Somebody sees a message, not their own, that says all the pieces."""

    who: str
    where: str
    pieces: tuple[str, ...]
    so: str

    async def play(self, transcript: Transcript) -> None:
        """Waits for it."""
        stage, who = transcript.stage, transcript.stage.slack.person(self.who)

        def found() -> bool:
            there = [said(stage, m) for m in seen(stage, who, self.where) if m["user"] != who.id]
            return any(all(piece in each for piece in self.pieces) for each in there)

        await until_so(transcript, found, self.so, lambda: "\n".join(lines(stage, who, self.where)[-6:]))


@dataclass(frozen=True)
class SlackMarked:
    """A message carries an emoji that the hub put there; `emoji`: its name at Slack."""

    who: str
    where: str
    on: str
    emoji: str
    so: str

    async def play(self, transcript: Transcript) -> None:
        """Waits for it."""
        stage, who = transcript.stage, transcript.stage.slack.person(self.who)

        def found() -> bool:
            there = [m for m in seen(stage, who, self.where) if self.on in said(stage, m)]
            given = [r for m in there for r in m.get("reactions", ()) if r["name"] == self.emoji]
            return any(stage.slack.hub.bot.id in r["users"] for r in given)

        await until_so(transcript, found, self.so, lambda: "\n".join(lines(stage, who, self.where)[-6:]))


@dataclass(frozen=True)
class SlackHeardExactly:
    """All that a contact has in their direct messages with the shop, in order, and nothing else."""

    who: str
    lines: tuple[str, ...]
    so: str

    async def play(self, transcript: Transcript) -> None:
        """Waits until nothing is left to be done, and compares."""
        stage, who = transcript.stage, transcript.stage.slack.person(self.who)
        await heard_exactly(transcript, lambda: lines(stage, who, SHOP), self.lines, self.so)

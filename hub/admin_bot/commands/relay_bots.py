"""Relay bots, as `/desk relay` does it: further bots that post on a desk, added, looked at and taken off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hub.admin_bot.arguments import did_you_mean, matching
from hub.admin_bot.call import Call
from hub.admin_bot.replies import clipped
from hub.domain.models import DeskItem, RelayBot
from hub.domain.ports import Tx, Widens
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Ambiguous, DeliveryError, Invalid, NotFound, Refused

OFF = "off"
EACH = 20
"""Posts a minute that the network lets each account make on a desk."""


def changes(values: Mapping[str, object]) -> bool:
    """Whether a line of `/desk` gives or takes a bot, and not only looks."""
    words = values.get("words")
    return values.get("what") == "relay" and isinstance(words, Text) and bool(words.plain.strip())


async def weigh(call: Call, values: Mapping[str, object]) -> str:  # noqa: ARG001 - one signature for all
    """What such a line does, in words that hold no token."""
    words = values.get("words")
    verb, _, name = words.plain.strip().partition(" ") if isinstance(words, Text) else ("", "", "")
    return f"Taking away the bot {clipped(name)}" if verb.casefold() == OFF else "Adding a bot to a desk"


async def relay(call: Call, words: list[str]) -> Reply:
    """What stands after `/desk relay`."""
    if words and words[0].casefold() == OFF:
        return await _off(call, " ".join(words[1:]))
    if not words:
        return await _list(call)
    if not call.spot.alone:
        call.spilled = True
        return Reply("token_in_group", {"line": "desk relay"}, lasting=True)
    call.spilled = True
    return await _add(call, await _desk(call, " ".join(words[:-1])), words[-1])


def _widens(call: Call, desk: DeskItem) -> Widens | None:
    front_end = call.services.front_ends.get(desk.network)
    return front_end if front_end is not None and isinstance(front_end, Widens) else None


async def _desk(call: Call, name: str) -> DeskItem:
    """The desk of that name on which further bots may post; without a name the only one there is."""
    bound = await call.home.items(DeskItem)
    every = [d for d in bound if _widens(call, d) is not None]
    if not every:
        raise Refused(_needless(bound) or "There is no desk yet: /desk here makes the group in which it is sent one.")
    titles = ", ".join(d.title or d.chat for d in every)
    if not name and len(every) > 1:
        raise Invalid(f"On which desk? There are {titles}: write its name before the token, /desk relay NAME TOKEN.")
    found = matching(name, [(d, [d.title or d.chat]) for d in every]) if name else every
    if not found:
        guess = did_you_mean(name, [d.title or d.chat for d in every])
        raise NotFound(f"No desk for further bots is called “{clipped(name, 30)}”.{guess} There are {titles}.")
    if len(found) > 1:
        raise Ambiguous(f"“{name}” could be " + " or ".join(d.title for d in found[:4]) + ": write more of it.")
    return found[0]


def _needless(desks: Sequence[DeskItem]) -> str:
    """Says that those desks need no further bots; empty where there are none."""
    on = " and ".join(sorted({d.network.capitalize() for d in desks}))
    return f"A desk on {on} needs no further bots: the one that is there posts as often as it takes." if on else ""


async def _add(call: Call, desk: DeskItem, token: str) -> Reply:
    front_end = _widens(call, desk)
    if front_end is None:
        raise Refused("Further bots cannot post on that desk.")
    account = await front_end.examine_relay(desk.chat, token)
    bot = RelayBot(account=account.id, name=account.name, secret=call.services.vault.seal(token))
    bots = await _change(call, desk, lambda known: [*(b for b in known if b.account != bot.account), bot])
    await _note(call, "relay_bot_added", desk, bot)
    data: dict[str, Value] = {"bot": bot.name, "title": desk.title or desk.chat, "posts": EACH * (1 + _fit(bots))}
    return Reply("relay_bot_added", {**data, "spilled": call.spilled})


async def _change(call: Call, desk: DeskItem, how: Callable[[list[RelayBot]], list[RelayBot]]) -> list[RelayBot]:
    async def deed(tx: Tx) -> list[RelayBot]:
        item = await tx.get(DeskItem, desk.id)
        if item is None:
            raise NotFound("That desk was let go of meanwhile.")
        item.relays = how(item.relays)
        return item.relays

    return await call.run(deed)


async def _note(call: Call, kind: str, desk: DeskItem, bot: RelayBot) -> None:
    """A secret of a network was given, or is used no more: that stands among the audit events."""
    by, about = call.member.id, {"workspace": call.home.id, "network": desk.network, "name": bot.name}
    await call.services.reception.note(kind, by, call.heard.asker.identity, by, **about)


# -- looking ---------------------------------------------------------------------------------------------------------


async def _list(call: Call) -> Reply:
    """Every bot is looked at anew: one that was mended goes on, one that broke is left out."""
    lines: list[Value] = []
    rows: list[tuple[Button, ...]] = []
    every = await call.home.items(DeskItem)
    for desk in every:
        if _widens(call, desk) is None:
            continue
        bots = await _looked_at(call, desk)
        posted = _posted(call, desk)
        shown: list[Value] = [{"name": b.name, "problem": b.problem, "posted": posted.get(b.account)} for b in bots]
        own = posted.get("") if bots else None
        posts = EACH * (1 + _fit(bots))
        lines.append({"title": desk.title or desk.chat, "bots": shown, "posts": posts, "own": own})
        rows += [(Button(f"Take off {b.name}"[:60], f"desk relay off {b.name}"),) for b in bots]
    needless = _needless([d for d in every if _widens(call, d) is None])
    data: dict[str, Value] = {"desks": lines, "alone": call.spot.alone, "needless": needless, "each": EACH}
    return Reply("relay_bots", data, rows=tuple(rows))


def _posted(call: Call, desk: DeskItem) -> dict[str, int]:
    """How many of the posts that each account has a minute it has used, the desk's own under the empty name."""
    found = call.services.crowding(desk)
    return {account: round(EACH * min(1.0, full)) for account, full in found.items()}


def _fit(bots: Sequence[RelayBot]) -> int:
    return sum(not b.problem for b in bots)


async def _looked_at(call: Call, desk: DeskItem) -> list[RelayBot]:
    found = {bot.account: await _problem(call, desk, bot) for bot in desk.relays}
    if all(found[b.account] == b.problem for b in desk.relays):
        return desk.relays
    return await _change(call, desk, lambda known: [_with(b, found.get(b.account, b.problem)) for b in known])


def _with(bot: RelayBot, problem: str) -> RelayBot:
    return RelayBot(account=bot.account, name=bot.name, secret=bot.secret, problem=problem)


async def _problem(call: Call, desk: DeskItem, bot: RelayBot) -> str:
    """What keeps the bot from posting; as it was where the network does not say."""
    front_end = _widens(call, desk)
    try:
        if front_end is not None:
            await front_end.examine_relay(desk.chat, call.services.vault.open(bot.secret))
    except Refused as error:
        return error.text
    except DeliveryError:
        return bot.problem
    return ""


# -- taking off ------------------------------------------------------------------------------------------------------


async def _off(call: Call, name: str) -> Reply:
    every = [(d, b) for d in await call.home.items(DeskItem) for b in d.relays]
    names = [b.name for _, b in every]
    wanted = name.removeprefix("@")
    found = matching(wanted, [(each, [each[1].name.removeprefix("@")]) for each in every]) if wanted else []
    if not found:
        guess = did_you_mean(name, names) if name else ""
        said = f"No further bot is called “{clipped(name, 30)}”.{guess}" if name else "Which bot?"
        raise NotFound(f"{said} /desk relay lists them.")
    desk, bot = found[0]
    if any(b.account != bot.account for _, b in found):
        raise Ambiguous(f"“{name}” could be " + " or ".join(b.name for _, b in found[:4]) + ": write more of it.")
    for each, _ in found:
        await _change(call, each, lambda known: [b for b in known if b.account != bot.account])
    await _note(call, "relay_bot_taken_off", desk, bot)
    return Reply("relay_bot_off", {"bot": bot.name, "title": desk.title or desk.chat}, lasting=True)

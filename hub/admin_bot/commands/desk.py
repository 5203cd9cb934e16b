"""Desks: where the workspace's agents work, and which team's conversations they show."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from hub.admin_bot.arguments import did_you_mean, matching
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.commands import relay_bots
from hub.admin_bot.replies import clipped
from hub.domain import desks, first_steps
from hub.domain.contacts import record
from hub.domain.ids import DeskId, new_id
from hub.domain.models import ChannelItem, DeskItem, Preferences, Team
from hub.domain.ports import Titles, Tx
from hub.domain.reply import Reply, Value
from hub.domain.text import Text
from hub.errors import Ambiguous, DeliveryError, NotFound, Refused

SHOWN = 6
"""Desks that are listed; those with something to mend first."""
EVERYONE = ("-", "everyone", "all", "nobody")
"""Said instead of a team: the desk is of all who have none of their own."""


@command(
    section="Workspace",
    permission="manager",
    usage="[here [team NAME] | relay [TOKEN | off NAME] | off]",
    outside=True,
    fresh=relay_bots.changes,
    weigh=relay_bots.weigh,
)
async def desk(call: Call, what: Literal["here", "off", "relay"] | None = None, words: Text | None = None) -> Reply:
    """Make this group the desk where your agents answer, or a team's; have further bots post there; or let go of it."""
    if what is None:
        return await _status(call)
    if what == "relay":
        return await relay_bots.relay(call, words.plain.split() if words else [])
    if call.spot.private:
        raise Refused("Send this in the group that is to be the desk, after you have added me there.")
    return await (_here(call, words.plain.split() if words else []) if what == "here" else _off(call))


async def _status(call: Call) -> Reply:
    desks_ = await call.home.items(DeskItem)
    found = await asyncio.gather(*(problems(call, d.network, d.chat) for d in desks_))
    teams = {t.id: t.name for t in await call.home.items(Team)}
    lines: list[dict[str, Value]] = [
        {
            "title": d.title or d.chat,
            "problems": [*(wrong or ([d.problem] if d.problem else []))],
            "team": teams.get(d.team, "") if d.team else "",
        }
        for d, wrong in zip(desks_, found, strict=True)
    ]
    lines.sort(key=lambda line: not line["problems"])
    shown: list[Value] = [*lines[:SHOWN]]
    return Reply("desks", {"desks": shown, "more": len(lines[SHOWN:]), "here": call.desk is not None})


async def problems(call: Call, network: str, chat: str) -> Sequence[str]:
    """What keeps the hub from working in that chat, each with how to mend it; or why that cannot be seen."""
    front_end = call.services.front_ends.get(network)
    if front_end is None:
        return ["The hub no longer speaks to this desk's network: set its tokens again, or give it up with /desk off."]
    try:
        return await front_end.problems(chat)
    except DeliveryError as error:
        return [f"I cannot see how this group is set up: {error.text}"]


async def _team(call: Call, words: list[str]) -> tuple[Team | None, bool]:
    """Whose desk it is to be, and whether that was said at all. Raises NotFound, Ambiguous."""
    said = " ".join(words[1:] if words and words[0].casefold() == "team" else words)
    every = await call.home.items(Team)
    if not words or said.casefold() in EVERYONE:
        return None, bool(words)
    found = matching(said, [(t, [t.name]) for t in every]) if said else []
    if not found:
        guess = did_you_mean(said, [t.name for t in every])
        raise NotFound(
            f"There is no team “{clipped(said, 30)}”.{guess} /team lists them; /desk here team - is for everyone."
        )
    if len(found) > 1:
        raise Ambiguous(f"“{said}” could be " + " or ".join(t.name for t in found[:4]) + ": write more of it.")
    return found[0], True


async def _here(call: Call, words: list[str]) -> Reply:
    """The route first: it is the promise that one chat serves one workspace."""
    spot, workspace = call.spot, call.home
    team, said = await _team(call, words)
    every, chat = await workspace.items(DeskItem), (spot.network, spot.chat)
    known = next((d.id for d in every if (d.network, d.chat) == chat), None)
    id = known or DeskId(new_id())
    await call.services.directory.claim_route("desk", f"{spot.network}:{spot.chat}", workspace.id, id)

    wrong, title = await problems(call, spot.network, spot.chat), await _title(call)

    async def deed(tx: Tx) -> None:
        item = await desks.bind(tx, spot.network, spot.chat, title, id)
        item.title = title or item.title
        if said:
            await desks.give_to_team(tx, item, team.id if team else None)
        if item.queue_card is not None:
            item.home_posts = desks.HOME_DEPTH  # so that it is posted anew, below this
        preferences = await tx.get(Preferences, "preferences")
        if preferences is not None:
            preferences.told_no_desk = False
        await first_steps.advance(tx, "desk", item.title or item.chat)
        record(tx, "desk_bound", call.act.at, act=call.act, facts={"name": item.title or item.chat})

    await call.run(deed)
    channels = [c for c in await workspace.items(ChannelItem) if c.state == "active"]
    data: dict[str, Value] = {"again": known is not None, "channels": len(channels), "problems": [*wrong]}
    data |= {"team": team.name if team else "", "everyone": said and team is None}
    # For the asker alone, for the queue card is to stay last; but what must be mended has to stay, too.
    return Reply("desk_bound", data, lasting=bool(wrong))


async def _title(call: Call) -> str:
    """What the chat is called; empty where its network does not say."""
    front_end = call.services.front_ends.get(call.spot.network)
    if not call.spot.title and front_end is not None and isinstance(front_end, Titles):
        return await front_end.title(call.spot.chat)
    return call.spot.title


async def _off(call: Call) -> Reply:
    bound = call.desk
    if bound is None:
        raise Refused("This group is no desk.")

    async def deed(tx: Tx) -> None:
        item = await tx.get(DeskItem, bound.id)
        if item is not None:
            await desks.unbind(tx, item)
            record(tx, "desk_let_go", call.act.at, act=call.act, facts={"name": item.title or item.chat})

    await call.run(deed)
    await call.services.directory.release_route("desk", f"{call.spot.network}:{call.spot.chat}", call.home.id)
    others: list[Value] = [d.title or d.chat for d in await call.home.items(DeskItem) if d.id != bound.id]
    return Reply("desk_let_go", {"others": others}, lasting=True)


COMMANDS = (desk,)

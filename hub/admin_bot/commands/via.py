"""By which of a contact's channels they are answered."""

from __future__ import annotations

from typing import NamedTuple

from hub.admin_bot import replies
from hub.admin_bot.arguments import did_you_mean, matching
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import about, clipped, done
from hub.domain import conversations
from hub.domain.contacts import account_ends
from hub.domain.models import ChannelItem, Reach
from hub.domain.reply import Button, Reply
from hub.domain.text import Text
from hub.errors import Ambiguous, NotFound


@command(section="Conversations", about="conversation", usage="[number] [CHANNEL]")
async def via(call: Call, channel: Text | None = None) -> Reply:
    """Choose by which of the contact's channels you answer; they stay in one topic or thread all the same."""
    mine = await ways_of(call)
    current = call.contact.reach(call.conversation.channel)
    now = next((w.name for w in mine if w.reach is current), "a channel that was disconnected")
    wanted = " ".join(channel.plain.split()) if channel else ""
    if not wanted:
        rows = replies.grid([via_button(call, w) for w in mine if w.reach is not current])
        return Reply("via_which", {**about(call), "channels": [w.name for w in mine], "now": now}, rows=rows)
    chosen = _chosen(call, mine, wanted)
    changed = await conversations.via(call.tx, call.act, call.conversation, chosen.reach)
    return await done(call, "via", {**about(call), "channel": chosen.name, "changed": changed})


class Way(NamedTuple):
    """One account by which the contact is reached; by its name it differs from all others of theirs."""

    channel: ChannelItem
    reach: Reach
    name: str
    end: str
    """Of the address, where it tells accounts on one channel apart; else empty."""


async def ways_of(call: Call) -> list[Way]:
    """The ways by which the contact can be reached."""
    every = {c.id: c for c in await call.tx.items(ChannelItem) if c.state != "disconnected"}
    there = [r for r in call.contact.reaches if r.channel in every and r.state == "active"]
    ends = account_ends(there)
    return [Way(every[r.channel], r, f"{every[r.channel].name}{_told(e)}", e) for r, e in zip(there, ends, strict=True)]


def _told(end: str) -> str:
    return f" (account …{end})" if end else ""


def via_button(call: Call, way: Way) -> Button:
    """Answers by that account from now on."""
    line = f"via {call.conversation.number} {way.channel.id} {way.end}".rstrip()
    return Button(f"via {clipped(way.channel.name, 24)}{f' …{way.end}' if way.end else ''}", line)


def _chosen(call: Call, mine: list[Way], wanted: str) -> Way:
    exact = [w for w in mine if wanted == f"{w.channel.id} {w.end}".rstrip()]
    names = [(w, [w.end, w.name, w.name.removeprefix("@"), w.channel.name, w.channel.network]) for w in mine]
    found = exact or matching(wanted.removeprefix("@"), [(w, [n for n in said if n]) for w, said in names])
    if not found:
        known = [w.name for w in mine]
        guess = did_you_mean(wanted, known)
        said = " and ".join(known) or "no channel that is connected"
        raise NotFound(f"{call.contact.name} cannot be reached by “{clipped(wanted, 30)}”, but by {said}.{guess}")
    if len(found) > 1:
        raise Ambiguous(f"“{wanted}” could be " + " or ".join(w.name for w in found[:4]) + ": write more of it.")
    return found[0]


COMMANDS = (via,)

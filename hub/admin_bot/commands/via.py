"""By which of a contact's channels they are answered."""

from __future__ import annotations

from hub.admin_bot import replies
from hub.admin_bot.arguments import did_you_mean, matching
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import about, clipped, done
from hub.domain import conversations
from hub.domain.models import ChannelItem
from hub.domain.reply import Button, Reply
from hub.domain.text import Text
from hub.errors import Ambiguous, NotFound


@command(section="Conversations", about="conversation", usage="[number] [CHANNEL]")
async def via(call: Call, channel: Text | None = None) -> Reply:
    """Choose by which of the contact's channels you answer; they stay in one topic or thread all the same."""
    mine = await channels_of(call)
    now = next((c.name for c in mine if c.id == call.conversation.channel), "a channel that was disconnected")
    wanted = " ".join(channel.plain.split()) if channel else ""
    if not wanted:
        rows = replies.grid([via_button(call, c) for c in mine if c.id != call.conversation.channel])
        return Reply("via_which", {**about(call), "channels": [c.name for c in mine], "now": now}, rows=rows)
    chosen = _chosen(call, mine, wanted)
    changed = await conversations.via(call.tx, call.act, call.conversation, chosen.id)
    return await done(call, "via", {**about(call), "channel": chosen.name, "changed": changed})


async def channels_of(call: Call) -> list[ChannelItem]:
    """The channels by which the contact can be reached, as they wrote last."""
    every = {c.id: c for c in await call.tx.items(ChannelItem) if c.state != "disconnected"}
    return [every[r.channel] for r in call.contact.reaches if r.channel in every and r.state == "active"]


def via_button(call: Call, channel: ChannelItem) -> Button:
    """Answers by that channel from now on."""
    return Button(f"via {clipped(channel.name, 24)}", f"via {call.conversation.number} {channel.id}")


def _chosen(call: Call, mine: list[ChannelItem], wanted: str) -> ChannelItem:
    names = [(c, [str(c.id), c.name, c.name.removeprefix("@"), c.network]) for c in mine]
    found = matching(wanted.removeprefix("@"), names)
    if not found:
        known = [c.name for c in mine]
        guess = did_you_mean(wanted, known)
        said = " and ".join(known) or "no channel that is connected"
        raise NotFound(f"{call.contact.name} cannot be reached by “{clipped(wanted, 30)}”, but by {said}.{guess}")
    if len(found) > 1:
        raise Ambiguous(f"“{wanted}” could be " + " or ".join(c.name for c in found[:4]) + ": write more of it.")
    return found[0]


COMMANDS = (via,)

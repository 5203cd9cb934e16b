"""Snoozing a conversation, and waking it by hand."""

from __future__ import annotations

from hub.admin_bot import moments
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.moments import Until
from hub.admin_bot.replies import about, done
from hub.domain.reply import Button, Reply
from hub.domain.timing import phrases, snoozing
from hub.domain.timing.phrases import Frame
from hub.domain.timing.zones import frame_for


@command(section="Conversations", aliases=["z"], about="conversation")
async def snooze(call: Call, until: Until | None = None) -> Reply:
    """Put a conversation out of sight until a moment or the contact's next message; alone: until the next morning."""
    if until is not None and until.off:
        changed = await snoozing.wake(call.tx, call.conversation, call.act.at, "user", call.act)
        return await done(call, "awake", {**about(call), "changed": changed})
    frame = await frame_for(call.tx, call.member, call.act.at)
    moment = phrases.next_morning(frame) if until is None else until.moment
    changed = await snoozing.snooze(call.tx, call.act, call.conversation, moment)
    said = phrases.named(moment, frame) if moment else ""
    return await done(call, "snoozed", {**about(call), "until": said, "changed": changed}, _others(call, frame))


def _others(call: Call, frame: Frame) -> tuple[Button, ...]:
    """The likeliest other moments."""
    number, version, until = call.conversation.number, call.conversation.version, call.conversation.snoozed_until
    taken = phrases.stamp(until) if until else "reply"
    every = [c for c in moments.choices(frame) if c.value != taken]
    return tuple(Button(f"💤 {c.label}", f"snooze {number} {c.value}", version) for c in every)


COMMANDS = (snooze,)

"""Contacts we do not want to hear, for a while or for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from hub.admin_bot import replies
from hub.admin_bot.arguments import plainly
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.contact_cards import block_said
from hub.admin_bot.replies import about, clipped, done, handle
from hub.domain import blocking
from hub.domain.reply import Button, Reply
from hub.domain.text import Text
from hub.domain.timing.phrases import span
from hub.errors import Invalid

SECTION = "Contacts"
LONGEST_REASON = 200
LONGEST = timedelta(days=5 * 366)
RIGHT = "Write it as 2h, 7d or 2 weeks, or ever; a reason may follow: /block 7d spam."
FOR_GOOD = ("ever", "forever", "always")
OFFERED = {"1 day": "1d", "7 days": "7d", "30 days": "30d", "For good": "ever"}


@command(section=SECTION, about="conversation", by_name=True, usage="[number | NAME] [7d | ever] [reason…]")
async def block(call: Call, how: Text | None = None) -> Reply:
    """Hear a contact no more, for a while or for good: what they write is kept, and shown to nobody."""
    words = how.plain.split() if how else []
    if not words:
        return await _which(call)
    until, reason = _read(words, call.act.at)
    changed = await blocking.block(call.tx, call.act, call.contact, until, reason)
    return await done(call, "blocked", {**about(call), **await block_said(call, call.contact), "changed": changed})


@command(section=SECTION, about="conversation", by_name=True)
async def unblock(call: Call) -> Reply:
    """Hear a blocked contact again; what came meanwhile stays hidden."""
    kept = await blocking.unblock(call.tx, call.act, call.contact)
    return await done(call, "unblocked", {**about(call), "kept": kept})


def _read(words: list[str], at: datetime) -> tuple[datetime | None, str]:
    """Until when, and why. Without a duration in front it is for good."""
    until: datetime | None = None
    used = 0
    for count in (2, 1):
        length = span(" ".join(words[:count])) if len(words) >= count else None
        if length is not None:
            until, used = _end(at, length), count
            break
    if not used and plainly(words[0]) in FOR_GOOD:
        used = 1
    if not used and words[0][0].isdigit():  # for good is too long for a slip
        raise Invalid(f"“{clipped(words[0], 40)}” is no duration. {RIGHT}")
    reason = " ".join(words[used:])
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"The reason has at most {LONGEST_REASON} characters.")
    return until, reason


def _end(at: datetime, length: timedelta) -> datetime:
    if not timedelta(minutes=1) <= length <= LONGEST:
        raise Invalid("Between a minute and five years, such as 7d, or ever.")
    return at + length


async def _which(call: Call) -> Reply:
    number = handle(call)
    buttons = [Button(f"⛔ {label}", f"block {number} {word}") for label, word in OFFERED.items()]
    more = [Button("Unblock", f"unblock {number}")] if call.contact.block else []
    data = {**about(call), **await block_said(call, call.contact)}
    return Reply("block_which", data, rows=replies.grid([*buttons, *more], 2))


COMMANDS = (block, unblock)

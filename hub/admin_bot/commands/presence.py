"""Who is there: busy for a while, back again, and how many conversations each is given."""

from __future__ import annotations

from hub.admin_bot.arguments import BadArgument, Word, plainly
from hub.admin_bot.call import Call
from hub.admin_bot.colleagues import Colleague
from hub.admin_bot.command import command
from hub.admin_bot.moments import Until
from hub.admin_bot.replies import clipped, ending, waited
from hub.domain.assigning import caps
from hub.domain.assigning import presence as states
from hub.domain.assigning.choosing import MOST
from hub.domain.assigning.queue import waiting
from hub.domain.models import Conversation, Member, Preferences
from hub.domain.reply import Button, Reply, Value
from hub.domain.timing import phrases
from hub.domain.timing.zones import frame_for

SECTION = "Team"
SIGNS: dict[states.Presence, str] = {"online": "🟢", "busy": "⛔", "offline": "🌙"}
SHOWN = 20
"""Colleagues that are listed; those who are there first."""
_ORDER = tuple(SIGNS)


@command(section=SECTION, usage="[2h | 14:30 | tomorrow 9:00 | off]")
async def busy(call: Call, until: Until | None = None) -> Reply:
    """Be given no conversations by rule for a while; bare: show who is there."""
    if until is None:
        return await _everybody(call)
    if until.off:
        return await _online(call)
    if until.moment is None:
        raise BadArgument("Until when? Write it as 2h, 14:30 or tomorrow 9:00.")
    await states.be_busy(call.tx, call.act, until.moment)
    frame = await frame_for(call.tx, call.member, call.act.at)
    data: dict[str, Value] = {"until": phrases.label(until.moment, frame), "waits": await _mine(call)}
    return Reply("busy", data, rows=((Button("🟢 I am back", "online"),), *await ending(call)))


async def _mine(call: Call) -> int:
    """Conversations of theirs that wait for an answer."""
    return await call.tx.count(Conversation, waiting(0, terms=f"open/a:{call.member.id}").where, limit=MOST)


@command(section=SECTION)
async def online(call: Call) -> Reply:
    """Say that you are there again, and show who else is."""
    return await _online(call)


async def _online(call: Call) -> Reply:
    member, changed = await states.be_online(call.tx, call.act)
    return await _everybody(call, member, said="back" if changed else "there")


async def _everybody(call: Call, me: Member | None = None, said: str = "") -> Reply:
    """Colleagues, those who are there first, with what they have."""
    inactivity = await states.inactivity_of(call.tx)
    everyone = [me if me is not None and m.id == me.id else m for m in await call.tx.items(Member)]
    state = {m.id: states.presence(m, inactivity, call.act.at) for m in everyone}
    ordered = sorted(everyone, key=lambda m: (_ORDER.index(state[m.id]), m.name.casefold(), m.id))
    lines: list[Value] = [await _line(call, m, state[m.id]) for m in ordered[:SHOWN]]
    more = max(0, len(ordered) - SHOWN)
    frame = await frame_for(call.tx, call.member, call.act.at)
    row = (Button("🟢 I am back", "online"),) if state.get(call.member.id) == "busy" else _pauses(frame)
    return Reply("presence", {"said": said, "lines": lines, "more": more}, rows=(row,))


def _pauses(frame: phrases.Frame) -> tuple[Button, ...]:
    morning = phrases.next_morning(frame)
    tomorrow = Button(f"⛔ {phrases.label(morning, frame)}", f"busy {phrases.stamp(morning)}")
    return (Button("⛔ 30 min", "busy 30min"), Button("⛔ 2 h", "busy 2h"), tomorrow)


async def _line(call: Call, member: Member, state: states.Presence) -> dict[str, Value]:
    where = {"terms": f"open/a:{member.id}"}
    left = waited(call.act.at, member.busy_until) if state == "busy" and member.busy_until else ""
    seen = waited(member.seen_at, call.act.at) if state == "offline" and member.seen_at else ""
    return {
        "name": member.name,
        "sign": SIGNS[state],
        "open": await call.tx.count(Conversation, where, limit=MOST),
        "left": left,
        "seen": seen,
        "you": member.id == call.member.id,
    }


# -- caps ------------------------------------------------------------------------------------------------------------


@command(section=SECTION, permission="manager", usage="[NAME NUMBER | NAME off]")
async def cap(call: Call, who: Colleague | None = None, number: Word | None = None) -> Reply:
    """Say how many open conversations a colleague may have before being given no more by rule."""
    if who is None:
        return await _caps(call)
    if number is None:
        raise BadArgument(f"How many for {who.member.name}? Write a number, or off.")
    most = _most(number)
    changed = await caps.cap(call.tx, call.act, who.member.id, most)
    data: dict[str, Value] = {"name": who.member.name, "most": most, "common": await _common(call)}
    return Reply("cap", {**data, "changed": changed}, rows=await ending(call))


def _most(word: str) -> int:
    """The number; 0: `off`. Raises BadArgument."""
    if plainly(word) == "off":
        return 0
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        raise BadArgument(f"“{clipped(word, 40)}” should be a number from 1 to {caps.MOST}, or off.", word)
    return int(word)


async def _common(call: Call) -> int:
    return next((p.assigning.cap for p in await call.tx.items(Preferences)), 0)


async def _caps(call: Call) -> Reply:
    everyone = sorted(await call.tx.items(Member), key=lambda m: m.name.casefold())
    lines: list[Value] = [{"name": m.name, "cap": m.cap} for m in [m for m in everyone if m.cap][:SHOWN]]
    return Reply("caps", {"lines": lines, "common": await _common(call)})


COMMANDS = (busy, online, cap)

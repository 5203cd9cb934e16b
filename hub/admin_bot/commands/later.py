"""Messages that go out later: written, listed, called off."""

from __future__ import annotations

from msgspec.structs import replace

from hub.admin_bot import drafting
from hub.admin_bot.arguments import Word
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.heard import Wrote
from hub.admin_bot.moments import Later
from hub.admin_bot.replies import about, clipped, done
from hub.domain import conversations, gate
from hub.domain.models import Conversation, Member
from hub.domain.ports import Cond, Query
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.domain.timing import later as letters
from hub.domain.timing import phrases
from hub.domain.timing.phrases import Frame
from hub.domain.timing.zones import frame_for, zone_of
from hub.domain.work import SendLater, Work
from hub.errors import Invalid, NotFound

SECTION = "Notes and replies"
MOST = 8
"""Messages on a list, and on it of one conversation."""
LONGEST_NUMBER = 9
"""Digits of a conversation's number."""
WHICH = "Which conversation? Here, its number comes first: /later 123 9:00 Your parcel has left. /inbox lists them."


@command(section=SECTION, about="maybe")
async def later(call: Call, when: Later | None = None, words: Text | None = None) -> Reply:
    """Send something at a later moment; alone: what waits to be sent; cancel 123 calls it off."""
    if when is not None and when.off:
        return await _cancel(call, words)
    if call.about_conversation is None and when is not None:
        raise NotFound(WHICH)
    if when is None or when.moment is None:
        return await _list(call)
    if words is None:
        raise Invalid("What is to be sent? Write it behind the moment: /later 9:00 Your parcel has left.")
    slip = await _slip(call, words)
    if slip or not call.here or call.pressed:
        return await _preview(call, when, words, slip)
    work = await letters.write(call.tx, call.act, call.conversation, words, when.frame, when.moment)
    return await _kept(call, work)


async def _slip(call: Call, words: Text) -> str:
    """Why the gate would hold such a reply, be the conversation awake or not; empty where it would not."""
    if not isinstance(call.heard, Wrote) or not call.here:
        return ""
    draft = await drafting.draft(call, call.heard, text=words)
    awake = replace(call.conversation, state="open") if call.conversation.state == "snoozed" else call.conversation
    verdict = gate.judge_reply(replace(draft, conversation=awake))
    return verdict.reason if verdict.kind in ("held", "told") else ""


async def _preview(call: Call, when: Later, words: Text, reason: str) -> Reply:
    """Elsewhere than in the contact's place nothing that goes out is done by a line alone, and no slip anywhere."""
    moment = when.moment or call.act.at
    comment = await letters.draft(call.tx, call.act, call.conversation, words, moment)
    said = phrases.named(moment, when.frame)
    label = f"✉ Send to {clipped(call.contact.name, 14)} {phrases.label(moment, when.frame)}"
    button = Button(label, f"postpone {comment.id} {phrases.stamp(moment)}", outward=True)
    data: dict[str, Value] = {**about(call), "when": said, "text": words.plain, "reason": reason}
    return Reply("later_preview", data, rows=((button,),))


@command(section=SECTION, hidden=True, usage="NOTE MOMENT")
async def postpone(call: Call, held: Word, when: Later) -> Reply:
    """Keep a previewed message for later."""
    comment, conversation = await letters.drafted(call.tx, call.act, held)
    await _about(call, conversation)
    call.own_only(conversation)
    if when.moment is None:
        raise Invalid("When? Write the moment.")
    work = await letters.write(call.tx, call.act, conversation, comment.text, when.frame, when.moment)
    call.tx.delete(comment)
    return await _kept(call, work)


async def _about(call: Call, conversation: Conversation) -> None:
    call.about_conversation = conversation
    call.about_contact = await conversations.contact_of(call.tx, conversation)


async def _kept(call: Call, work: Work) -> Reply:
    """The confirmation, with the same time on the contact's clock, where that is another and known."""
    task = work.task
    text = task.text.plain if isinstance(task, SendLater) else ""
    said = phrases.named(work.due, await _frame(call, work))
    rows = [(Button("✖ Call it off", f"calloff {work.id}"),)]
    moment = await _on_their_clock(call, work)
    if moment is not None:
        rows.append((Button(f"🕘 {moment} instead", f"theirtime {work.id}"),))
    return await done(call, "later_kept", {**about(call), "when": said, "text": clipped(text, 200)}, *rows)


async def _frame(call: Call, work: Work) -> Frame:
    """In which it was said when."""
    frame = await frame_for(call.tx, None, call.act.at)
    return Frame(frame.at, work.task.zone, frame.hours) if isinstance(work.task, SendLater) else frame


async def _on_their_clock(call: Call, work: Work) -> str | None:
    zone = zone_of(call.contact)
    moment = phrases.same_wall(work.due, await _frame(call, work), zone) if zone else None
    if moment is None or moment == work.due or moment <= call.act.at:
        return None
    return phrases.named(moment, Frame(call.act.at, zone))


@command(section=SECTION, hidden=True, usage="MESSAGE")
async def theirtime(call: Call, message: Word) -> Reply:
    """Send it when the contact's clock shows the time that was said."""
    work, task, conversation = await letters.find(call.tx, message)
    await _about(call, conversation)
    call.own_only(conversation)
    zone = zone_of(call.contact)
    if not zone:
        raise NotFound(f"Nobody knows the time zone of {call.contact.name} any more.")
    moment = phrases.on_wall(work.due, await _frame(call, work), zone)
    await letters.call_off(call.tx, call.act, work, task, conversation)
    new = await letters.write(call.tx, call.act, conversation, task.text, Frame(call.act.at, zone), moment)
    return await _kept(call, new)


async def _cancel(call: Call, words: Text | None) -> Reply:
    """Calls off what waits in the conversation whose number was typed, or here; of several, each has its button."""
    if words is not None:
        number = words.plain.strip().lstrip("#")
        if not number.isdecimal() or len(number) > LONGEST_NUMBER:
            raise Invalid("Which one? Write its conversation's number: /later cancel 123. /later lists what waits.")
        await _about(call, await conversations.by_number(call.tx, number))
        call.own_only(call.conversation)
    waiting = await letters.pending(call.tx, call.conversation) if call.about_conversation is not None else []
    return await _call_off(call, waiting[0].id) if len(waiting) == 1 else await _list(call)


@command(section=SECTION, hidden=True, usage="MESSAGE")
async def calloff(call: Call, message: Word) -> Reply:
    """Call off what was to be sent later."""
    return await _call_off(call, message)


async def _call_off(call: Call, message: str) -> Reply:
    work, task, conversation = await letters.find(call.tx, message)
    await _about(call, conversation)
    call.own_only(conversation)
    await letters.call_off(call.tx, call.act, work, task, conversation)
    data: dict[str, Value] = {**about(call), "text": task.text.plain}
    return await done(call, "later_off", data)


# -- the list --


async def _list(call: Call) -> Reply:
    """What waits here or, at home, what the asker wrote for later anywhere; each with a button that calls it off."""
    here = call.about_conversation
    found = [here] if here is not None else await _live_with_some(call)
    lines: list[Value] = []
    buttons: list[tuple[Button, ...]] = []
    for conversation in found:
        for work in await letters.pending(call.tx, conversation):
            if isinstance(work.task, SendLater) and (here is not None or work.task.author == call.member.id):
                lines.append(await _line(call, conversation, work, work.task))
                label = f"✖ #{conversation.number} {phrases.label(work.due, await _frame(call, work))}"
                buttons.append((Button(label, f"calloff {work.id}"),))
    number = here.number if here is not None else 0
    data: dict[str, Value] = {"number": number, "lines": lines[:MOST], "more": max(0, len(lines) - MOST)}
    return Reply("later_list", data, rows=tuple(buttons[:MOST]))


async def _live_with_some(call: Call) -> list[Conversation]:
    where = {"terms": Cond("in", ["open/later", "snoozed/later"])}
    return await call.tx.query(Conversation, Query(where=where, order="number", limit=200))


async def _line(call: Call, conversation: Conversation, work: Work, task: SendLater) -> dict[str, Value]:
    contact = await conversations.contact_of(call.tx, conversation)
    by = next((m.name for m in await call.tx.items(Member) if m.id == task.author), "Somebody")
    when = phrases.named(work.due, await _frame(call, work))
    return {
        "number": conversation.number,
        "name": contact.name,
        "when": when,
        "by": by,
        "text": clipped(task.text.plain, 80),
    }


COMMANDS = (later, postpone, theirtime, calloff)

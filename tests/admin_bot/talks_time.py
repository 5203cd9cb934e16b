"""The dialogs of what has to do with time: snoozing, and what goes out later."""

from __future__ import annotations

from hub.admin_bot.replies import clipped
from hub.domain.models import Contact, now
from hub.domain.ports import Tx
from hub.domain.timing import later as letters
from hub.domain.timing import phrases
from hub.domain.timing.phrases import Frame
from hub.domain.work import SendLater
from tests.admin_bot.dialog_table import SLIPS, WORDS_ONLY, pressed, typed
from tests.admin_bot.office import Talk

SLIPS["snooze"] = (
    "snooze soonish",
    "“soonish” is no moment that I know. Write it as 2h, tomorrow 9:00, fri 14:00 or 24 nov.",
)
SLIPS["later"] = ("later 9:00", "What is to be sent? Write it behind the moment: /later 9:00 Your parcel has left.")
WORDS_ONLY.add("later")
SLIPS["timeline"] = ("timeline all", "“all” is not a number.")


@typed("snooze")
async def _snooze(talk: Talk) -> None:
    told = await talk.line("z fri 14")
    assert (await talk.conversation()).state == "snoozed"
    assert f"#{talk.number} with {talk.name} is snoozed until Fri " in "".join(told.alone)
    assert " 14:00 (UTC), or until they write." in told.words
    assert told.all == []
    told = await talk.line("snooze until reply")
    assert f"#{talk.number} with {talk.name} is snoozed until they write." in "".join(told.alone)
    told = await talk.line("z -")
    assert (await talk.conversation()).state == "open"
    assert f"#{talk.number} with {talk.name} is back." in "".join(told.alone)


@pressed("snooze")
async def _press_snooze(talk: Talk) -> None:
    label = next(each for each in talk.hands.labels_of(talk.post, talk.thread) if each.startswith("💤"))
    told = await talk.press_on(talk.post, label)
    assert label.removeprefix("💤 ").rpartition(" ")[2] in "".join(told.alone), "what the button says is what it does"
    morning = (await talk.conversation()).snoozed_until
    assert morning is not None
    assert (morning.hour, morning.minute, morning.second) == (9, 0, 0)
    assert morning.weekday() < 5
    await talk.press("💤 Until they write")
    conversation = await talk.conversation()
    assert (conversation.state, conversation.snoozed_until) == ("snoozed", None)
    told = await talk.press("↩ Undo")
    assert "is snoozed as before" in "".join(told.alone)
    assert (await talk.conversation()).snoozed_until == morning


# -- later --


async def _phone(talk: Talk, number: str) -> None:
    async def deed(tx: Tx) -> None:
        contact = await tx.get(Contact, talk.contact)
        assert contact is not None
        contact.phone = number

    await talk.office.workspace.run(deed)


async def _waiting(talk: Talk) -> list[str]:
    conversation = await talk.conversation()
    found = await letters.pending(talk.office.workspace, conversation)
    return [w.task.text.plain for w in found if isinstance(w.task, SendLater)]


@typed("later")
async def _later(talk: Talk) -> None:
    told = await talk.line("later tomorrow 9:00 Your parcel has left.")
    if talk.inside:
        assert f"It goes to {talk.name} (#{talk.number}) on " in "".join(told.alone)
        assert await _waiting(talk) == ["Your parcel has left."]
    else:
        assert "Nothing is kept for later yet: press the button." in "".join(told.alone)
        assert await _waiting(talk) == []
    assert told.all == []
    assert await talk.outgoing() == []
    told = await talk.line("later")
    assert (": Your parcel has left." in told.words) is talk.inside


@pressed("postpone")
async def _postpone(talk: Talk) -> None:
    await _previewed(talk)
    assert await _waiting(talk) == ["Your parcel has left."]
    assert await talk.outgoing() == []


async def _previewed(talk: Talk) -> None:
    """Written in private, or by the slash command, and then sent off by its button."""
    frame = Frame(now())
    moment = phrases.read(["tomorrow", "9:00"], frame).until
    assert moment is not None
    label = f"✉ Send to {clipped(talk.name, 14)} {phrases.label(moment, frame)}"
    line = f"later {talk.number} tomorrow 9:00 Your parcel has left."
    if talk.way == "slash":
        await talk.plain(line)
        await talk.press(label)
    else:
        await talk.private(line)
        await talk.hands.press_confided("Ann", label)


@pressed("theirtime")
async def _theirtime(talk: Talk) -> None:
    await _phone(talk, "+81312345678")
    await _kept(talk)
    await talk.press(next(each for each in talk.labels() if "(Tokyo) instead" in each))
    conversation = await talk.conversation()
    (work,) = await letters.pending(talk.office.workspace, conversation)
    assert work.due.hour == 0, "9:00 there"


@pressed("calloff")
async def _calloff(talk: Talk) -> None:
    await _kept(talk)
    told = await talk.press("✖ Call it off")
    assert f"It does not go to {talk.name} (#{talk.number})" in "".join(told.alone)
    assert await _waiting(talk) == []


async def _kept(talk: Talk) -> None:
    """A message waits, from wherever the asker is."""
    if talk.inside:
        await talk.line("later tomorrow 9:00 Your parcel has left.")
    else:
        await _previewed(talk)
    assert await _waiting(talk) == ["Your parcel has left."]


# -- the timeline --


@typed("timeline")
async def _timeline(talk: Talk) -> None:
    await talk.line("take")
    await talk.line("note calls on Monday")
    await talk.line("z until reply")
    told = await talk.line("timeline")
    said = "".join(told.alone)
    assert f"{talk.name} wrote, and it was opened" in said
    assert "Ann took it" in said
    assert "Ann noted: calls on Monday" in said
    assert "Ann snoozed it until they write" in said
    assert told.all == []


@pressed("timeline")
async def _press_timeline(talk: Talk) -> None:
    for _ in range(6):
        await talk.line("z 2h")
        await talk.line("z -")
    told = await talk.line("timeline")
    assert "wrote, and it was opened" not in told.words
    await talk.press("◂ Older")
    assert talk.labels() == ["Newer ▸"]

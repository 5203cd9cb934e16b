"""The dialogs of writing: what goes to the contact by a command, snippets, aliases."""

from __future__ import annotations

from tests.admin_bot.dialog_table import SLIPS, pressed, typed
from tests.admin_bot.office import Talk

SLIPS.update({"reply": ("reply //call her", "Not sent: what begins with / never goes out. Nothing was done.")})


@typed("reply")
async def _reply(talk: Talk) -> None:
    told = await talk.line("reply It is on its way")
    if not talk.inside:
        assert "Nothing was sent yet" in told.words
        assert await talk.outgoing() == []
        told = await talk.press(f"✉ Send to {talk.name}")
    assert await talk.outgoing() == ["It is on its way"]
    assert await talk.holder() == "Ann"
    if talk.inside:
        told = await talk.line("r Hello Bartholomew!")
        assert f"it greets Bartholomew, and this is {talk.name}" in told.words
        assert await talk.outgoing() == ["It is on its way"]


@pressed("reply")
async def _press_reply(talk: Talk) -> None:
    await talk.line("reply Ask @bob, he knows")
    await talk.press(f"✉ Send to {talk.name}")
    assert await talk.outgoing() == ["Ask @bob, he knows"]


# -- aliases ---------------------------------------------------------------------------------------------------------

SLIPS.update(
    {"alias": ("alias done = close it", "Each line of an alias is a command with its sign; “close it” is none.")}
)


@typed("alias")
async def _alias(talk: Talk) -> None:
    sign = talk.hands.sign
    told = await talk.plain(f"alias wrap = {sign}t +settled; {sign}note $*")
    assert "Your own alias" in told.words
    assert told.all == []
    told = await talk.line("wrap all is well; really")
    assert "wrap:" in told.words
    assert (await talk.tags(), await talk.notes()) == (["settled"], ["all is well; really"])
    await talk.press("↩ Undo")
    assert (await talk.tags(), await talk.notes()) == ([], [])
    await talk.plain(f"alias hi2 = {sign}reply Hello $1!")
    told = await talk.line("hi2 there")
    if talk.inside:
        assert await talk.outgoing() == ["Hello there!"]
    else:
        assert "writes to the contact, so it is typed in their place" in told.words
        assert await talk.outgoing() == []
    for name in ("wrap", "hi2"):
        assert "is gone" in (await talk.plain(f"alias remove {name}")).words


@pressed("alias")
async def _press_alias(talk: Talk) -> None:
    sign = talk.hands.sign
    for index in range(11):
        await talk.plain(f"alias zz{index:02} = {sign}note $*")
    told = await talk.plain("alias")
    assert "zz09" in told.words
    assert "zz10" not in told.words
    told = await talk.press("▸")
    assert "zz10" in told.words
    for index in range(11):
        await talk.plain(f"alias remove zz{index:02}")

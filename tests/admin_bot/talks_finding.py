"""The dialogs of finding: inboxes, filters, contacts, and what was said."""

from __future__ import annotations

from hub.domain.models import SavedFilter
from tests.admin_bot.dialog_table import SLIPS, WORDS_ONLY, pressed, typed
from tests.admin_bot.office import Talk

SLIPS.update(
    {
        "filter": ("filter asignee:me", "There is no key “asignee”. Did you mean assignee?"),
        "contacts": ("contacts tga:vip", "There is no key “tga”. Did you mean tag"),
        "find": ("find refund since:soon", "“soon” is no time that I know."),
    }
)
WORDS_ONLY.update({"find"})


async def saved(talk: Talk) -> dict[str, SavedFilter]:
    return {f.name: f for f in await talk.office.workspace.items(SavedFilter)}


@typed("filter")
async def _filter(talk: Talk) -> None:
    await talk.line("take")
    told = await talk.plain(f"filter mine number:{talk.number}")
    assert f"{talk.name} #{talk.number}" in "".join(told.alone)
    assert told.all == [], "what is found concerns who asked"
    assert (
        f"{talk.name} #{talk.number}" in (await talk.plain(f"filter waiting<2h opened<1d number:{talk.number}")).words
    )
    assert "Nothing here" in (await talk.plain(f"filter waiting>2h number:{talk.number}")).words
    assert "Nothing here" in (await talk.plain(f"f unassigned number:{talk.number}")).words
    name = f"n{talk.number}"
    assert f"Inbox {name} is saved" in (await talk.plain(f"filter save {name} number:{talk.number}")).words
    assert f"{name} is shared with everybody here" in (await talk.plain(f"filter share {name} public")).words
    assert f"{talk.name} #{talk.number}" in (await talk.plain(f"inbox {name}")).words
    assert f"{name}: number:{talk.number}" in (await talk.plain("filter")).words
    await talk.plain(f"filter remove {name}")
    assert name not in await saved(talk)


@pressed("filter")
async def _press_filter(talk: Talk) -> None:
    for _ in range(9):
        await talk.office.receive("me too", f"{talk.name}f{talk.office.written}")
    first = (await talk.plain("filter is:open sort:new")).words
    second = (await talk.press("▸")).words
    assert {line for line in first.split("\n") if "#" in line}.isdisjoint(second.split("\n"))


@pressed("savefilter")
@pressed("callfilter")
async def _press_savefilter(talk: Talk) -> None:
    await talk.plain(f"filter number:{talk.number}")
    await talk.press("💾 Save as an inbox")
    told = await talk.answer(f"My number {talk.number}")
    assert f"Inbox My number {talk.number} is saved" in told.words
    assert f"My number {talk.number}" in await saved(talk)


@typed("contacts")
async def _contacts(talk: Talk) -> None:
    told = await talk.plain(f"contacts {talk.name}")
    assert talk.name in "".join(told.alone)
    assert told.all == []
    assert "Nobody" in (await talk.plain("contacts name:nobodyatall")).words


@pressed("contacts")
async def _press_contacts(talk: Talk) -> None:
    for _ in range(9):
        await talk.office.receive("me too", f"{talk.name}c{talk.office.written}")
    await talk.plain("contacts sort:old")
    label = next(each for each in talk.labels() if each.startswith("1/"))
    await talk.press("▸")
    assert label.replace("1/", "2/") in talk.labels()


@typed("find")
async def _find(talk: Talk) -> None:
    await talk.office.receive("the violet umbrella broke", talk.name)
    told = await talk.plain("find umbrella violet")
    assert f"{talk.name} #{talk.number}" in "".join(told.alone)
    assert "the violet umbrella broke" in told.words
    assert told.all == []
    assert "Nobody said that" in (await talk.plain("find umbrella since:1h until:1h")).words

"""The dialogs of contacts: fields, tags, blocking, merging by field, forgetting, taking one out."""

from __future__ import annotations

from hub.domain.models import Contact, Field, Tag
from hub.domain.ports import Query, Tx
from tests.admin_bot.dialog_table import FREE, SLIPS, pressed, typed
from tests.admin_bot.office import Office, Talk


async def city(office: Office) -> None:
    """The workspace has fields of its own."""

    async def deed(tx: Tx) -> None:
        if await tx.get(Field, "city") is None:
            tx.add(Field(id="city", name="City", kind="text"))
            tx.add(Field(id="plan", name="Plan", kind="list", options=["Free", "Pro"]))

    await office.workspace.run(deed)


async def field_named(office: Office, name: str) -> Field | None:
    return next((f for f in await office.workspace.query(Field, Query(where={})) if f.name == name), None)


async def tag_named(office: Office, name: str) -> Tag | None:
    return next((t for t in await office.workspace.query(Tag, Query(where={})) if t.name == name), None)


# -- fields ----------------------------------------------------------------------------------------------------------


@typed("field")
async def _field(talk: Talk) -> None:
    await city(talk.office)
    told = await talk.line("field city Bad Tölz")
    assert f"City of {talk.name} (#{talk.number}): Bad Tölz" in "".join(told.alone)
    assert told.all == []
    await talk.line("field phone 0043 660 1234567")
    person = await talk.person()
    assert (person.fields, person.phone, person.country) == ({"city": "Bad Tölz"}, "+436601234567", "AT")
    assert "Before: Bad Tölz" in (await talk.line("field city -")).words
    assert (await talk.person()).fields == {}
    told = await talk.line("field")
    assert "Phone: +43 660 1234567" in told.words
    assert "Country: Austria" in told.words


@pressed("field")
async def _field_pressed(talk: Talk) -> None:
    await city(talk.office)
    await talk.line("field")
    told = await talk.press("✎ Plan")
    assert f"Plan of {talk.name} (#{talk.number}): empty" in told.words
    told = await talk.press("Pro")
    assert (await talk.person()).fields == {"plan": "Pro"}
    assert "Plan of" in told.words
    await talk.press("↩ Undo")
    assert (await talk.person()).fields == {}


SLIPS["field"] = ("field phone 12", "“12” is no phone number: write it with its country's code, as +49 30 1234567.")


@typed("fields")
async def _fields(talk: Talk) -> None:
    told = await talk.plain("fields add list Size: S, M, L")
    assert "Size · list: S, M, L" in "".join(told.alone)
    assert told.all == []
    assert "Size2 · list" in (await talk.plain("fields rename size Size2")).words
    assert "S, M" in (await talk.plain("fields options size2 S, M")).words
    assert "Size2 · list: S, M" in (await talk.plain("fields")).words
    assert "is gone" in (await talk.plain("fields remove size2")).words
    assert await field_named(talk.office, "Size2") is None


@pressed("fields")
async def _fields_pressed(talk: Talk) -> None:
    await talk.plain("fields")
    await talk.press("+ Add one…")
    await talk.press("date")
    await talk.answer("Birthday")
    found = await field_named(talk.office, "Birthday")
    assert found is not None
    assert found.kind == "date"
    told = await talk.press("↩ Undo")
    assert "The field Birthday is gone again" in told.words
    assert await field_named(talk.office, "Birthday") is None


SLIPS["fields"] = ("fields add money Budget", "“money” is no type: write text, list, checkbox,")


@pressed("fieldpage")
async def _fieldpage(talk: Talk) -> None:
    async def deed(tx: Tx) -> None:
        for index in range(6):
            if await tx.get(Field, f"more_{index}") is None:
                tx.add(Field(id=f"more_{index}", name=f"More {index}", kind="text"))

    await talk.office.workspace.run(deed)
    await talk.line("field")
    told = await talk.press("▸")
    assert "More 5: " in told.words


# -- tags ------------------------------------------------------------------------------------------------------------


@typed("tags")
async def _tags(talk: Talk) -> None:
    await talk.line("tag +gold")
    assert "🟡 gold" in (await talk.plain("tags color gold yellow")).words
    assert "⭐ gold" in (await talk.plain("tags emoji gold ⭐")).words
    assert "⭐ gold · Paid a year" in (await talk.plain("tags describe gold Paid a year")).words
    assert "⭐ gilded" in (await talk.plain("tags rename gold gilded")).words
    told = await talk.plain("tags")
    assert "⭐ gilded · Paid a year" in "".join(told.alone)
    assert told.all == []
    assert "is gone, from all contacts" in (await talk.plain("tags remove gilded")).words
    assert await tag_named(talk.office, "gilded") is None


@pressed("tags")
async def _tags_pressed(talk: Talk) -> None:
    await talk.line("tag +silver")
    await talk.plain("tags silver")
    told = await talk.press("🔵")
    assert "🔵 silver" in told.words
    await talk.press("↩ Undo")
    found = await tag_named(talk.office, "silver")
    assert found is not None
    assert found.color == ""


SLIPS["tags"] = ("tags color silvr red", "There is no tag “silvr”.")


# -- blocking --------------------------------------------------------------------------------------------------------


@typed("block")
async def _block(talk: Talk) -> None:
    told = await talk.line("block 7d spam and more")
    assert f"{talk.name} (#{talk.number}) is blocked until" in "".join(told.alone)
    person = await talk.person()
    assert person.block is not None
    assert (person.block.reason, (await talk.conversation()).state) == ("spam and more", "closed")
    await talk.office.receive("buy now", talk.name)
    assert (await talk.conversation()).state == "closed"
    assert "1 message came meanwhile" in (await talk.line("block")).words


@pressed("block")
async def _block_pressed(talk: Talk) -> None:
    assert f"Block {talk.name} (#{talk.number})?" in (await talk.line("block")).words
    told = await talk.press("⛔ For good")
    assert "is blocked for good" in told.words
    await talk.press("↩ Undo")
    assert (await talk.person()).block is None
    assert (await talk.conversation()).state == "open"


FREE.add("block")


@typed("unblock")
async def _unblock(talk: Talk) -> None:
    await talk.line("block ever")
    await talk.office.receive("hello?", talk.name)
    told = await talk.line("unblock")
    assert "is heard again from now on" in "".join(told.alone)
    assert "1 message came meanwhile and stays hidden" in told.words
    assert (await talk.person()).block is None


@pressed("unblock")
async def _unblock_pressed(talk: Talk) -> None:
    await talk.line("block ever")
    await talk.line("block")
    assert "is heard again" in (await talk.press("Unblock")).words
    await talk.press("↩ Undo")
    assert (await talk.person()).block is not None


SLIPS["unblock"] = ("unblock now", "I do not know what to do with “now”. How it is written: /unblock [number]")


async def contact_named(office: Office, name: str) -> Contact:
    return (await office.workspace.query(Contact, Query(where={"first_name": name}, limit=1)))[0]


# -- making, taking out, forgetting ----------------------------------------------------------------------------------


@typed("forget")
async def _forget(talk: Talk) -> None:
    told = await talk.line("forget")
    assert f"Forget {talk.name} (#{talk.number}) for good? 1 message, 0 notes" in "".join(told.alone)
    assert "Nothing has changed yet" in told.words
    assert (await talk.person()).first_name == talk.name


@pressed("forget")
async def _forget_pressed(talk: Talk) -> None:
    await talk.line("forget")
    told = await talk.press(f"✕ Forget {talk.name} for good")
    assert f"{talk.name} is forgotten" in told.words
    assert await talk.office.workspace.get(Contact, talk.contact) is None
    assert (await talk.conversation()).state == "closed"


SLIPS["forget"] = (
    "forget Ann now",
    "Which contact? Here, a conversation's number or a name comes after it: /forget 123.",
)

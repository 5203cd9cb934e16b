"""The dialogs of imports and exports. What the host does in the product is done here between two gestures."""

from __future__ import annotations

from hub.domain.models import Contact, Job
from hub.domain.ports import Query
from hub.host.jobs import Carrier
from tests.admin_bot.dialog_table import SLIPS, pressed, typed
from tests.admin_bot.office import Office, Talk

SLIPS["import"] = ("import all", "“all” should be go or undo. To import, send me a CSV file.")
SLIPS["export"] = ("export people", "“people” is none of contacts, conversations, messages.")


async def carry(office: Office) -> None:
    """Every job goes on until nothing goes on by itself."""
    carrier = Carrier(office.workspace, [office.hands.front_end])
    for job in await office.workspace.query(Job, Query(where={}, order="id")):
        while await carrier.carry(job.id):
            pass


async def there(office: Office, name: str) -> list[Contact]:
    """Contacts of that first name."""
    return await office.workspace.query(Contact, Query(where={"first_name": name}))


def its(talk: Talk, name: str) -> str:
    """What the message of an import says now, which is one whatever happens."""
    return next(words for words in reversed(talk.hands.confided("Ann")) if f"{name}.csv" in words)


@typed("import")
async def _import(talk: Talk) -> None:
    told = await talk.plain("import")
    assert "send me a CSV file in our private chat" in "".join(told.alone)
    assert told.all == []
    name = f"Ina{talk.number}"
    await talk.hands.drop("Ann", "typed.csv", f"First name,Phone\n{name},+49170{talk.number:07d}\n".encode())
    await carry(talk.office)
    assert await there(talk.office, name) == []
    assert "The import runs: typed.csv" in "".join(await talk.private("import go"))
    await carry(talk.office)
    assert len(await there(talk.office, name)) == 1
    assert "It is being taken back: typed.csv" in "".join(await talk.private("import undo typed.csv"))
    await carry(talk.office)
    assert await there(talk.office, name) == []
    told = await talk.plain("import go")
    assert "There is no import ready to be imported." in told.words


@pressed("import")
async def _press_import(talk: Talk) -> None:
    name = f"Ida{talk.number}"
    await talk.hands.drop("Ann", f"{name}.csv", f"First name,Phone\n{name},+49171{talk.number:07d}\n".encode())
    await carry(talk.office)
    await talk.hands.press_confided("Ann", "📥 Import 1", name)
    await carry(talk.office)
    assert len(await there(talk.office, name)) == 1
    assert any("✅ Imported: 1 new, 0 changed" in words for words in talk.hands.confided("Ann"))
    await talk.hands.press_confided("Ann", "↩ Undo all 1", name)
    await carry(talk.office)
    assert await there(talk.office, name) == []
    assert any("Taken back: 1 contact is as before." in words for words in talk.hands.confided("Ann"))


@pressed("imports")
async def _press_imports(talk: Talk) -> None:
    name = f"Iva{talk.number}"
    table = f"First name;Mobile;What\n{name};+49172{talk.number:07d};x\n"
    await talk.hands.drop("Ann", f"{name}.csv", table.encode())
    await carry(talk.office)
    assert f"{name}.csv: what is column 2, Mobile?" in its(talk, name).replace("\n", " ")
    await talk.hands.press_confided("Ann", "Phone", name)
    await carry(talk.office)
    assert "1 new, 0 changed, 0 as they are, 0 refused." in its(talk, name)
    for label, said in {
        "Columns…": "3. What → not taken",
        "3 What": "column 3, What: not taken",
        "Last name": "3. What → Last name",
        "2 Mobile": "column 2, Mobile: taken for Phone",
        "Do not overwrite": "is kept",
        "◂ Back": "2. Mobile → Phone, kept where there is one",
    }.items():
        await talk.hands.press_confided("Ann", label, name)
        assert said in its(talk, name), (label, its(talk, name))
    for label, said in {
        "◂ Back": "What → Last name",
        "Add or change…": "what are its rows for?",
        "Change known ones only": "I look at the rows",
    }.items():
        await talk.hands.press_confided("Ann", label, name)
        assert said in its(talk, name), (label, its(talk, name))
    await carry(talk.office)
    assert "0 new, 0 changed, 0 as they are, 1 refused: the file says why." in its(talk, name)
    (refused,) = [content for file, content in talk.hands.given("Ann") if file == f"{name}-refused.csv"]
    assert f"2,nobody has the phone +49172{talk.number:07d},{name}".encode() in refused
    await talk.hands.press_confided("Ann", "✖ Cancel", name)
    assert "Cancelled; nothing was changed." in its(talk, name)
    assert len([words for words in talk.hands.confided("Ann") if f"{name}.csv" in words]) == 2, "its message is one"


@typed("export")
async def _export(talk: Talk) -> None:
    told = await talk.plain("export")
    assert "what do you want as a file?" in "".join(told.alone)
    await talk.private("whoami")  # some networks let the bot write in private only once it was written to
    told = await talk.plain("export contacts since 2026-01-01")
    assert told.all == []
    assert "You get it in our private chat." in "".join(told.alone)
    await carry(talk.office)
    name, content = talk.hands.given("Ann")[-1]
    assert name.startswith("contacts-20")
    assert f",{talk.name}," in content.decode("utf-8-sig")
    assert any("✅ Exported: " in words for words in talk.hands.confided("Ann"))


@pressed("export")
async def _press_export(talk: Talk) -> None:
    await talk.private("whoami")
    await talk.plain("export")
    await talk.press("Messages, NDJSON")
    await carry(talk.office)
    name, content = talk.hands.given("Ann")[-1]
    assert name.endswith(".ndjson")
    assert b'"Direction":"in"' in content


@pressed("exports")
async def _press_exports(talk: Talk) -> None:
    given = len(talk.hands.given("Ann"))
    await talk.private("whoami")
    await talk.plain("export conversations")
    (job,) = [j for j in await talk.office.workspace.query(Job, Query(where={})) if j.state == "running"]
    carrier = Carrier(talk.office.workspace, [talk.hands.front_end])
    await carrier._tell(job)
    await talk.hands.press_confided("Ann", "✖ Cancel", job.name)
    assert "Cancelled; no file was made." in talk.hands.confided("Ann")[-1]
    await carry(talk.office)
    assert len(talk.hands.given("Ann")) == given

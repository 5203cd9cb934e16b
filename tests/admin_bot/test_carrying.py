"""Files into the chat and out of it, on both networks: what a person sends, presses and is given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pyotp
import pytest

from hub.admin_bot.commands.exporting import read
from hub.admin_bot.registry import resolve
from hub.admin_bot.stepping import dangerous
from hub.domain.carrying import importing
from hub.domain.carrying.export_course import Wanted
from hub.domain.models import Job
from hub.domain.ports import Query
from hub.domain.text import Text
from hub.errors import Invalid
from hub.host.jobs import Carrier
from hub.store.embedded import Embedded
from tests.admin_bot.office import Office, standing_office
from tests.admin_bot.talks_carrying import carry, there


@pytest.fixture(scope="module", params=["telegram", "slack"])
async def office(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[Office]:
    async with standing_office(request.param, mongod.url) as made:
        yield made


def table(name: str, rows: int = 1, first: int = 0) -> bytes:
    """A file of so many contacts of that first name."""
    lines = [f"{name},+49170{first + n:07d}" for n in range(rows)]
    return "\n".join(["First name,Phone", *lines, ""]).encode()


def said(office: Office, about: str, who: str = "Ann") -> list[str]:
    """What the bot said about a file in private, oldest first."""
    return [words for words in office.hands.confided(who) if about in words]


async def the_job(office: Office) -> Job:
    return max(await office.workspace.query(Job, Query(where={})), key=lambda job: job.at)  # ids tell no time


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("latin.csv", "First name;Phone\nJosé;1\n".encode("latin-1"), "not in UTF-8: line 2"),
        ("twice.csv", b"Phone,phone\n1,2\n", "Two columns are called \u201cphone\u201d"),
        ("book.xlsx", b"PK\x03\x04....", "That is a spreadsheet, not a CSV file."),
    ],
)
async def test_a_file_that_cannot_be_read_is_told_why(office: Office, name: str, content: bytes, reason: str) -> None:
    """In the import's own message; nothing is to be pressed."""
    await office.hands.drop("Ann", name, content)
    await carry(office)
    assert reason in said(office, name)[-1]
    assert (await the_job(office)).state == "failed"


async def test_a_file_on_the_desk_is_told_of_in_private(office: Office) -> None:
    """With the command as its caption; what is found stands where nobody reads along."""
    before = office.hands.posted("")
    await office.hands.drop("Ann", "desk.csv", table("Dea", first=1), f"{office.hands.sign}import", thread="")
    assert "I look at it. What I find is told in our private chat" in office.hands.told("Ann")[-1]
    await carry(office)
    assert "1 new, 0 changed" in said(office, "desk.csv")[-1]
    assert office.hands.posted("") == before


async def test_who_may_not_is_told_who_may(office: Office) -> None:
    """An agent's file is not read at all; another file than a table is no import."""
    await office.hands.drop("Bob", "bobs.csv", table("Bea"))
    assert "import is for a manager of this workspace; you are an agent" in office.hands.confided("Bob")[-1]
    await office.hands.drop("Ann", "logo.pdf", b"%PDF")
    assert "logo.pdf" not in " ".join(office.hands.confided("Ann"))


async def test_a_code_of_now_is_asked_for_before_anything_is_changed(office: Office) -> None:
    """Looking is free; importing waits for the code of who has a second factor."""
    await office.hands.drop("Ann", "step.csv", table("Stella", first=10))
    await carry(office)
    reception, user = office.reception, await office.user("Ann")
    proposal = await reception.propose(user.id)
    codes = await reception.confirm(user.id, pyotp.TOTP(proposal.key).now(), "a test")
    try:
        await office.hands.press_confided("Ann", "📥 Import 1", "step.csv")
        await carry(office)
        assert await there(office, "Stella") == []
        await office.hands.confide("Ann", codes[0])
        await carry(office)
        assert len(await there(office, "Stella")) == 1
    finally:
        await office.store.users.change(user.id, _without_second)


def _without_second(user: object) -> None:
    user.second = None  # type: ignore[attr-defined]


async def test_what_is_missing_is_said_and_can_be_chosen(office: Office) -> None:
    """Without a first name nobody can be added: changing is left, and by what contacts are known can be chosen."""
    content = b"Phone,E-mail,Last name\n+491709999999,x@example.com,Elm\n"
    await office.hands.drop("Ann", "miss.csv", content)
    await carry(office)
    assert "No column is taken for the first name" in said(office, "miss.csv")[-1]
    for label, words in {
        "Add or change…": "what are its rows for?",
        "Change known ones only": "I look at the rows",
        "Known by…": "Now: by the phone.",
        "e-mail": "To change known ones only; known by e-mail",
    }.items():
        await office.hands.press_confided("Ann", label, "miss.csv")
        assert words in said(office, "miss.csv")[-1]
        if "I look at" in said(office, "miss.csv")[-1]:
            await carry(office)
    assert "1 refused" in said(office, "miss.csv")[-1]
    assert b"nobody has the e-mail x@example.com" in office.hands.given("Ann")[-1][1]
    await office.hands.press_confided("Ann", "✖ Cancel", "miss.csv")


async def test_many_columns_stand_on_pages(office: Office) -> None:
    """Eight at a time, and back."""
    headers = ["First name", "Phone", *(f"X{n}" for n in range(9))]
    await office.hands.drop("Ann", "wide.csv", f"{','.join(headers)}\nWim,+491708888888{',' * 9}\n".encode())
    await carry(office)
    for label, words in {
        "Columns…": "8. X5",
        "▸": "11. X8",
        "11 X8": "column 11, X8: not taken.",
        "Tags": "11. X8 → Tags",
        "◂": "1. First name → First name",
    }.items():
        await office.hands.press_confided("Ann", label, "wide.csv")
        assert words in said(office, "wide.csv")[-1], label
    await office.hands.press_confided("Ann", "◂ Back", "wide.csv")
    assert "X8 → Tags" in said(office, "wide.csv")[-1]


async def test_paused_in_the_middle_and_gone_on_by_its_buttons(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message from the first to the last, drawn anew; another carrier goes on where the first one stopped."""
    monkeypatch.setattr(importing, "TOGETHER", 2)
    await office.hands.drop("Ann", "mid.csv", table("Mila", 5, first=20))
    await carry(office)
    await office.hands.press_confided("Ann", "📥 Import 5", "mid.csv")
    job = (await the_job(office)).id
    assert await Carrier(office.workspace, [office.hands.front_end], seconds=0).carry(job)
    assert "40 %" in said(office, "mid.csv")[-1]
    await office.hands.press_confided("Ann", "⏸ Pause", "mid.csv")
    await carry(office)
    assert "Paused." in said(office, "mid.csv")[-1]
    assert len(await there(office, "Mila")) == 2
    await office.hands.press_confided("Ann", "▶ Go on", "mid.csv")
    await carry(office)
    assert "Imported: 5 new" in said(office, "mid.csv")[-1]
    assert len(await there(office, "Mila")) == 5
    assert len(said(office, "mid.csv")) == 2


async def test_a_message_that_was_taken_away_is_posted_anew(office: Office) -> None:
    """What the import found is told all the same."""
    await office.hands.drop("Ann", "anew.csv", table("Nele", first=40))
    await carry(office)
    job = await the_job(office)

    async def lost(tx: object) -> None:
        found = await tx.get(Job, job.id)  # type: ignore[attr-defined]
        found.told = {**found.told, "post": "99999" if office.hands.network == "telegram" else "1.000001"}

    await office.workspace.run(lost)
    await carry(office)
    assert len(said(office, "anew.csv")) == 3
    assert (await the_job(office)).told["post"] not in ("99999", "1.000001")


def never_wrote(office: Office, who: str) -> None:
    """They have no chat with the bot, where the network wants that they begin one."""
    if office.hands.network == "telegram":
        town = office.hands.town  # type: ignore[attr-defined]
        town.world.private_chat(office.hands._who(who), town.bot).started = False  # type: ignore[attr-defined]


async def test_an_export_waits_for_who_never_opened_our_chat(office: Office) -> None:
    """Who cannot be told in private is told so where they ask, with the way there; the file comes when they start."""
    network, given = office.hands.network, len(office.hands.given("Ann"))
    talk = await office.talk(f"{network} {'general' if network == 'telegram' else 'channel'}")
    never_wrote(office, "Ann")
    told = "".join((await talk.plain("export contacts")).alone)
    assert ("open our chat and press Start. The file waits for you." in told) == (network == "telegram")
    assert ("Open our chat" in talk.labels()) == (network == "telegram")
    await carry(office)
    assert len(office.hands.given("Ann")) == given + (network == "slack")
    name = (await the_job(office)).name
    greeting = "".join(await talk.private("start"))
    assert (f"{name} waited for this chat and comes now." in greeting) == (network == "telegram")
    await carry(office)
    assert "waited for this chat" not in "".join(await talk.private("start"))
    await carry(office)
    assert [file for file, _ in office.hands.given("Ann")[given:]] == [name], "once"
    assert "✅ Exported: " in said(office, name)[-1]


def test_what_takes_data_out_or_in_waits_for_a_code_of_now() -> None:
    """Looking does not."""
    for line, wanted in {
        "import": False,
        "import go": True,
        "import undo people.csv": True,
        "export": False,
        "export contacts": True,
    }.items():
        verb, _, rest = line.partition(" ")
        assert dangerous(resolve(verb), {"words": Text(rest)} if rest else {}) is wanted, line


def test_what_can_be_asked_for_by_its_beginning() -> None:
    """What, as what, and of when; each in its place."""
    assert read(["mes", "nd"], "UTC") == Wanted("messages", "ndjson")
    assert read(["contacts", "since", "2026-10-01"], "UTC").period.since == datetime(2026, 10, 1, tzinfo=UTC)
    for line, said in {
        "con": "is none of contacts, conversations, messages",
        "contacts xml": "is none of csv, ndjson",
        "contacts csv since": "is no period",
        "contacts csv since soon": "is no day",
        "contacts csv since 2026-10-02 until 2026-10-01": "is before",
    }.items():
        with pytest.raises(Invalid, match=said):
            read(line.split(), "UTC")

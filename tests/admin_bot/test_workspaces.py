"""Workspaces by chat, at the real counter: a second one, which of them is meant, how one is set up, ended and kept."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.admin_bot.commands.workspaces import _VERBS
from hub.domain import amounts, members
from hub.domain.accounts.models import User
from hub.domain.ids import UserId, new_id
from hub.domain.models import Member, Preferences, now
from hub.domain.organizations import AFTER_WORKSPACE, GRACE
from hub.domain.ports import Query, Tx, WorkspaceEntry
from hub.domain.work import Notify, Work
from hub.store import MongoWorkspace
from hub.store.embedded import Embedded
from tests.admin_bot.office import Office, standing_office
from tests.store.counting import asked


@pytest.fixture(params=["telegram", "slack"])
async def office(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[Office]:
    async with standing_office(request.param, mongod.url) as made:
        yield made


async def said(office: Office, line: str, who: str = "Ann") -> str:
    """What somebody is told in private to a line."""
    before = len(office.hands.confided(who))
    await office.hands.whisper(who, f"{office.hands.sign}{line}")
    return "\n".join(office.hands.confided(who)[before:])


async def pressed(office: Office, label: str, who: str = "Ann") -> str:
    """What stands in the private chat after a button was pressed."""
    await office.hands.press_confided(who, label)
    return office.hands.confided(who)[-1]


async def in_use(office: Office, who: str = "Ann") -> MongoWorkspace:
    """The workspace that somebody has in use."""
    return office.store.workspace((await office.user(who)).workspaces[0])


async def preferences(workspace: MongoWorkspace) -> Preferences:
    return (await workspace.items(Preferences))[0]


async def told_in_private(workspace: MongoWorkspace) -> list[tuple[str, str]]:
    """Who is going to be told what."""
    waiting = await workspace.query(Work, Query(where={"state": "waiting"}, order="id"))
    tasks = [work.task for work in waiting]
    names = {member.id: member.name for member in await workspace.items(Member)}
    return [(names[task.user], task.reply.template) for task in tasks if isinstance(task, Notify)]


# -- several ---------------------------------------------------------------------------------------------------------


async def test_a_second_workspace_is_the_makers_and_is_in_use(office: Office) -> None:
    """It has its own database and a single member, its owner; it begins with the organization's time zone."""
    assert "New workspaces begin with the time zone Europe/Berlin now" in await said(
        office, "organization timezone berlin"
    )
    made = await said(office, "workspace new  Second   Shop")
    assert "Second Shop is there, with a database of its own. You are its owner" in made
    second = await in_use(office)
    assert second.id != office.workspace.id
    assert [(m.name, m.role) for m in await second.items(Member)] == [("Ann", "owner")]
    kept = await preferences(second)
    assert (kept.name, kept.time_zone) == ("Second Shop", "Europe/Berlin")
    listed = await said(office, "workspace")
    assert "▸ Second Shop, owner" in listed
    assert "• Shop, owner" in listed
    assert "Second Shop: time zone Europe/Berlin" in listed
    assert "A workspace is called “shop” already" in await said(office, "workspace new shop")
    assert "is for an admin of this organization; you are an agent" in await said(office, "workspace new Mine", "Bob")
    assert len(await office.store.directory.workspaces()) == 2


async def test_switching_by_words_and_by_button(office: Office) -> None:
    """The beginning of a name is enough; what fits none or several is told; nobody gets into others' workspaces."""
    await said(office, "workspace new Store")
    assert "You use Shop now, as its owner" in await said(office, "workspace sho")
    assert await in_use(office) is office.workspace
    assert "You use Store now" in await pressed(office, "Use Store")
    assert (await preferences(await in_use(office))).name == "Store"
    several = await said(office, "workspace s")
    assert "“s” could be Store" in several
    assert "or Shop" in several
    assert "None of your workspaces is called “Sotre”. Did you mean Store?" in await said(office, "workspace Sotre")
    assert "None of your workspaces is called “Store”" in await said(office, "workspace Store", "Bob")
    store = await in_use(office)
    assert "None of your workspaces" in await said(office, f"workspace use {store.id}", "Bob")
    assert (await office.user("Bob")).workspaces == [office.workspace.id]


async def test_a_button_acts_on_the_workspace_that_it_was_drawn_for_or_on_none(office: Office) -> None:
    """A card of one workspace that is still in the private chat changes nothing in the one that is used since; a card
    of the one in use does.
    """
    shop = office.workspace
    await said(office, "workspace new Store")
    await said(office, "workspace Shop")
    await said(office, "settings hold")
    assert "You use Store now" in await said(office, "workspace Store")
    store = await in_use(office)
    await pressed(office, "10 s")
    heard = office.hands.told("Ann") + office.hands.confided("Ann")
    assert any("about another workspace than the one you use now" in words for words in heard)
    assert ((await preferences(shop)).hold, (await preferences(store)).hold) == (0, 0)
    await said(office, "settings hold")
    await pressed(office, "10 s")
    assert ((await preferences(shop)).hold, (await preferences(store)).hold) == (0, 10)


async def test_a_desk_tells_which_workspace_is_meant(office: Office) -> None:
    """With another one in use, what is typed on a desk acts on the desk's workspace, and plain words go to its
    contact; in private the one in use is meant.
    """
    hands = office.hands
    await said(office, "workspace new Store")
    store = await in_use(office)
    thread, _ = await office.arrive("hello")
    hands.say("Ann", "Good day", thread)
    await hands.hear()
    assert await office.outgoing() == ["Good day"]
    way = "topic" if hands.network == "telegram" else "thread"
    await hands.type("Ann", "category add Delivery", way, thread)
    await hands.type("Ann", "workspace timezone Tokyo", way, thread)
    await hands.type("Ann", "workspace", way, thread)
    assert any("is a desk of Shop: commands here are about it" in words for words in hands.told("Ann"))
    assert (await preferences(office.workspace)).time_zone == "Asia/Tokyo"
    assert (await preferences(store)).time_zone == "UTC"
    await said(office, "category add Parcels")
    assert "Delivery" in await said(office, "workspace Shop") + await said(office, "category")
    assert "Delivery" not in await said(office, "workspace Store") + await said(office, "category")


# -- set up ----------------------------------------------------------------------------------------------------------


async def test_a_workspace_is_set_up_by_its_owner(office: Office) -> None:
    """Name, time zone and minutes are checked before they are kept; the directory has the new name, too."""
    assert "Shop is called Corner Shop now" in await said(office, "workspace rename Corner Shop")
    entry = await office.store.directory.workspace(office.workspace.id)
    assert entry is not None
    assert entry.name == (await preferences(office.workspace)).name == "Corner Shop"
    assert "Did you mean Europe/Berlin?" in await said(office, "workspace timezone Berln")
    assert "America/New_York, where it is" in await said(office, "workspace timezone new york")
    assert "from 1 to 60" in await said(office, "workspace inactivity 61")
    assert "after 45 minutes" in await said(office, "workspace inactivity 45 minutes")
    await said(office, "workspace inactivity")
    assert "after 5 minutes" in await pressed(office, "5 min")
    kept = await preferences(office.workspace)
    assert (kept.time_zone, kept.inactivity) == ("America/New_York", 5)
    for line in ("rename Mine", "timezone UTC", "inactivity 3", "delete", "keep"):
        assert "you are an agent" in await said(office, f"workspace {line}", "Bob"), line
    assert await preferences(office.workspace) == kept


async def test_what_is_missing_is_asked_for(office: Office) -> None:
    """Bare verbs ask, and the next words complete them."""
    for verb, words, answer in (
        ("rename", "Corner Shop", "is called Corner Shop now"),
        ("timezone", "Lima", "America/Lima"),
        ("new", "Store", "Store is there"),
    ):
        await said(office, f"workspace {verb}")
        await office.hands.confide("Ann", words)
        assert answer in office.hands.confided("Ann")[-1]


# -- ended -----------------------------------------------------------------------------------------------------------


async def test_a_workspace_is_deleted_by_its_name_and_kept_after_all(office: Office) -> None:
    """Only its whole name deletes it; it works on, everybody else is told, and either way it is in the audit events."""
    await office.arrive("hello")
    about = await said(office, "workspace delete")
    assert "all contacts (1), conversations (1), messages and notes (1)" in about
    assert "works on for 7 days" in about
    await office.hands.confide("Ann", "sho")
    assert "That is not its name: nothing was deleted" in office.hands.confided("Ann")[-1]
    assert (await entry_of(office)).ends_at is None
    began = now()
    assert "Shop is deleted for good" in await said(office, "workspace delete shop")
    ends_at = (await entry_of(office)).ends_at
    assert ends_at is not None
    assert began + GRACE <= ends_at <= now() + GRACE
    assert await told_in_private(office.workspace) == [("Bob", "workspace_ends")]
    assert "⚠️ is deleted" in await said(office, "workspace", "Bob")
    assert "is to be deleted already" in await said(office, "workspace delete Shop")
    await office.arrive("still there?")
    assert "Shop stays." in await said(office, "workspace keep")
    assert (await entry_of(office)).ends_at is None
    assert ("Bob", "workspace_kept") in await told_in_private(office.workspace)
    assert "nothing need be taken back" in await said(office, "workspace keep")
    ann = await office.user("Ann")
    kinds = [trace.kind for trace in await office.reception.traces(ann.id)]
    assert kinds[:2] == ["workspace_kept", "workspace_ends"]


async def test_who_cannot_be_told_is_named(office: Office) -> None:
    """Somebody who has no chat with the bot yet is not said to have been told."""
    zoe = User(id=UserId(new_id()), name="Zoe", email="zoe@shop.example", verified_at=now(), created_at=now())

    async def deed(tx: Tx) -> Member:
        return await members.admit(tx, zoe, "agent")

    await office.workspace.run(deed)
    about = await said(office, "workspace delete Shop")
    assert "Told in private: 1 colleague." in about
    assert "Not told, for want of a chat with me: Zoe" in about.replace("*", "").replace("_", "")
    assert "for want of a chat with me: Zoe" in (await said(office, "workspace keep")).replace("_", "")
    assert {name for name, _ in await told_in_private(office.workspace)} == {"Bob"}


async def test_a_word_of_the_command_is_no_name(office: Office) -> None:
    """No workspace is called like what /workspace does, nor by signs alone: it could never be meant."""
    assert {*_VERBS} == AFTER_WORKSPACE
    for name in ("Keep", "new", "-"):
        assert "name" in await said(office, f"workspace new {name}")
        assert "name" in await said(office, f"workspace rename {name}")
    assert [e.name for e in await office.store.directory.workspaces() if e.id == office.workspace.id] == ["Shop"]


async def test_keeping_is_about_the_one_in_use(office: Office) -> None:
    """Whoever uses another one meanwhile is told where to look; a button of before takes back nothing else."""
    await said(office, "workspace delete Shop")
    await said(office, "workspace new Store")
    assert "But Shop is: " in await said(office, "workspace keep")
    store = await in_use(office)
    assert "Store is deleted for good" in await said(office, "workspace delete store")
    await said(office, "workspace shop")
    await pressed(office, "Keep it")
    told = [*office.hands.told("Ann"), *office.hands.confided("Ann")]
    assert any("You use Shop now. Use the other one first" in words for words in told)
    ends = {entry.id: entry.ends_at for entry in await office.store.directory.workspaces()}
    assert all(ends.values())
    await said(office, "workspace store")
    assert "Store stays" in await pressed(office, "Keep it")
    ends = {entry.id: entry.ends_at for entry in await office.store.directory.workspaces()}
    assert (ends[store.id], bool(ends[office.workspace.id])) == (None, True)


async def entry_of(office: Office) -> WorkspaceEntry:
    entry = await office.store.directory.workspace(office.workspace.id)
    assert entry is not None
    return entry


async def test_what_goes_is_told_at_once_however_much_it_is(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be deleted is not counted one by one where there is very much: it is said to be about so much."""
    monkeypatch.setattr(amounts, "SOON", 2)
    for name in ("Carol", "Cora"):
        await office.arrive("hello", name)
    await office.arrive("are you there?")
    async with asked(office.workspace) as questions:
        about = await said(office, "workspace delete")
    assert "all contacts (2), conversations (2), messages and notes (about 3)" in about
    assert "aggregate messages" not in questions, "it was counted"


async def test_a_workspace_is_not_deleted_on_a_desk(office: Office) -> None:
    """There everybody would see what is typed, and a name typed as an answer could stand in a contact's place."""
    thread, _ = await office.arrive("hello")
    way = "topic" if office.hands.network == "telegram" else "thread"
    await office.hands.type("Ann", "workspace delete Shop", way, thread)
    assert any("to me in a private chat" in words for words in office.hands.told("Ann"))
    assert (await entry_of(office)).ends_at is None
    assert await office.outgoing() == []

"""The profile: what somebody is called, which language they read, and what the menu leads to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.domain.ids import Identity
from hub.domain.models import Member
from hub.store.embedded import Embedded
from tests.admin_bot.office import Office, standing_office


@pytest.fixture(params=["telegram", "slack"])
async def office(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[Office]:
    async with standing_office(request.param, mongod.url) as made:
        yield made


async def said(office: Office, line: str, who: str = "Ann") -> str:
    """What somebody is told in private to a line."""
    before = len(office.hands.confided(who))
    await office.hands.whisper(who, f"{office.hands.sign}{line}")
    return "\n".join(office.hands.confided(who)[before:])


async def test_a_name_holds_in_all_workspaces(office: Office) -> None:
    """And stays when the chat account says another one; it is found in the audit events."""
    await said(office, "workspace new Store")
    assert "You are Ann van der Lee from now on" in await said(office, "me name  Ann van  der Lee")
    ann = await office.user("Ann")
    assert (ann.first_name, ann.last_name) == ("Ann", "van der Lee")
    for id in ann.workspaces:
        members = await office.store.workspace(id).items(Member)
        assert [m.name for m in members if m.id == ann.id] == ["Ann van der Lee"]
    again = await office.store.directory.ensure_user(Identity(office.hands.identity("Ann")), "ann_1990", "ann")
    assert again.name == "Ann van der Lee"
    assert (await office.reception.traces(ann.id))[0].kind == "renamed"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("me name https://evil.example", "without links or signs"),
        (f"me name {'x' * 61}", "up to 60 characters"),
        ("me language german", "Write a language by its sign"),
        ("me nmae Ann", "should be name or language"),
    ],
)
async def test_what_cannot_be_kept_is_not(office: Office, line: str, answer: str) -> None:
    """With a sentence that says what would be right."""
    before = await office.user("Ann")
    assert answer in await said(office, line)
    assert await office.user("Ann") == before


async def test_what_is_missing_is_asked_for(office: Office) -> None:
    """By the next words."""
    for line, words, answer in (("me name", "Ann Lee", "You are Ann Lee"), ("me language", "pt_br", "kept pt-BR")):
        await said(office, line)
        await office.hands.confide("Ann", words)
        assert answer in office.hands.confided("Ann")[-1]
    assert "You would rather read pt-BR" in await said(office, "me")


async def test_the_menu_leads_on(office: Office) -> None:
    """To workspaces, the code at sign-in, sign-ins and leaving."""
    await said(office, "workspace new Store")
    for label, answer in (
        ("Use Shop", "You use Shop now"),
        ("Code at sign-in", "type this key into it"),
        ("Sign-ins", "signed in by no browser"),
        ("Log out here…", "Log out here?"),
    ):
        await said(office, "me")
        await office.hands.press_confided("Ann", label)
        assert answer in office.hands.confided("Ann")[-1], label

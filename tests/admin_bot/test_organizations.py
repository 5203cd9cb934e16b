"""The organization by chat, at the real counter: who may do what in it, its rules, its logo and its roles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.admin_bot.commands import organization, workspaces
from hub.domain.accounts.models import Organization, SecondFactor, SingleSignOn, User
from hub.domain.ids import Identity, OrganizationId
from hub.domain.models import now
from hub.store.embedded import Embedded
from tests.admin_bot.hands import SlackHands, TelegramHands
from tests.admin_bot.office import Office, standing_office

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
VERBS = ("name Mine", "timezone UTC", "code on", "logo", "sso", "sso off", "people", "role Ann member")


@pytest.fixture(params=["telegram", "slack"])
async def office(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[Office]:
    async with standing_office(request.param, mongod.url) as made:
        yield made


async def said(office: Office, line: str, who: str = "Ann") -> str:
    """What somebody is told in private to a line."""
    before = len(office.hands.confided(who))
    await office.hands.whisper(who, f"{office.hands.sign}{line}")
    return "\n".join(office.hands.confided(who)[before:])


async def its(office: Office) -> Organization:
    """The organization."""
    entry = await office.store.directory.workspace(office.workspace.id)
    assert entry is not None
    found = await office.store.organizations.organization(OrganizationId(entry.organization))
    assert found is not None
    return found


async def send_picture(office: Office, who: str, content: bytes, caption: str) -> str:
    """Somebody sends a file in private, with words; gives the answer."""
    hands = office.hands
    before = len(hands.confided(who))
    if isinstance(hands, TelegramHands):
        world: Any = hands.town.world
        world.send_media(hands._who(who), hands.town.bot, "document", content, caption=f"/{caption}")
    elif isinstance(hands, SlackHands):
        hands.town.world.upload(hands._who(who), hands.town.app, content, "logo.png", text=f"!{caption}")
    await hands.hear()
    return "\n".join(hands.confided(who)[before:])


async def test_it_is_shown_to_its_people(office: Office) -> None:
    """Everybody sees name, own role and own workspaces; what is left to do, admins alone."""
    shown = await said(office, "organization")
    assert "🏛 Shop, where you are an admin" in shown
    assert "People: 2. Time zone of new workspaces: UTC" in shown
    assert "name, timezone, code, logo" in shown
    others = await said(office, "organization", "Bob")
    assert "where you are a member" in others
    assert "• Shop" in others
    assert "name, timezone" not in others


async def test_only_its_admins_rule_it(office: Office) -> None:
    """An agent, and an owner who is no admin, changes nothing; a user admin sees who is in it and no more."""
    before = await its(office)
    for line in VERBS:
        assert "of this organization; you are an agent. Ask one of them" in await said(
            office, f"organization {line}", "Bob"
        ), line
    await said(office, "organization role Bob user_admin")
    for line in VERBS:
        told = await said(office, f"organization {line}", "Bob")
        assert ("People of your organization" in told) == (line == "people"), line
    assert await its(office) == before


async def test_name_and_time_zone(office: Office) -> None:
    """Kept as they are written, checked before."""
    assert "called Corner Shops now" in await said(office, "organization name  Corner   Shops")
    assert "can have up to 60 characters" in await said(office, f"organization name {'x' * 61}")
    assert "Did you mean Asia/Tokyo?" in await said(office, "organization timezone tokio")
    assert "Asia/Tokyo" in await said(office, "organization timezone tokyo")
    found = await its(office)
    assert (found.name, found.time_zone) == ("Corner Shops", "Asia/Tokyo")


async def test_a_code_is_ruled_for_all(office: Office) -> None:
    """It says whom it will lead to an authenticator app, and is taken back by a button."""
    ann = await office.user("Ann")
    await office.store.users.change(ann.id, _with_password)
    assert "1 person has none yet" in await said(office, "organization code on")
    assert (await its(office)).needs_second
    await office.store.organizations.change((await its(office)).id, _without_code)
    assert "is not needed in this organization" in await said(office, "organization code")
    await office.hands.press_confided("Ann", "On")
    assert (await its(office)).needs_second


def _with_password(user: User) -> None:
    user.email, user.password, user.name = "ann@shop.example", "a hash", "Ann"


def _without_code(organization: Organization) -> None:
    organization.needs_second = False


async def test_a_logo_is_a_picture_of_fair_size(office: Office) -> None:
    """By its content, whatever it is called; and it can be taken away."""
    assert "as its caption" in await said(office, "organization logo")
    assert "PNG or JPEG picture; that is neither" in await send_picture(office, "Ann", b"GIF89a", "organization logo")
    assert "up to 200 kB" in await send_picture(office, "Ann", PNG + b"x" * 200_000, "organization logo")
    assert (await its(office)).logo == b""
    assert "The logo is kept" in await send_picture(office, "Ann", PNG, "organization logo")
    assert (await its(office)).logo == PNG
    assert await office.reception.logo((await its(office)).id) == PNG
    assert "is for an admin" in await send_picture(office, "Bob", PNG + b"2", "organization logo")
    assert "has no logo any more" in await said(office, "organization logo remove")
    assert (await its(office)).logo == b""


async def test_roles_are_given_by_admins_and_never_ones_own(office: Office) -> None:
    """So the last admin stays one; who gets a role is told, and it is in the audit events."""
    assert "Nobody changes their own role" in await said(office, "organization role Ann member")
    assert "Bob is a user admin of Shop now" in await said(office, "organization role bob user_admin")
    await office.reception.idle()
    await said(office, "organization role Bob")
    await office.hands.press_confided("Ann", "Admin")
    bob = await office.user("Bob")
    assert bob.organizations[(await its(office)).id] == "admin"
    (newest, before, *_) = await office.reception.traces(bob.id)
    assert (newest.kind, newest.facts["before"], newest.facts["role"]) == ("organization_role", "user_admin", "admin")
    assert before.actor == (await office.user("Ann")).id
    assert "Ann is a member of Shop now" in await said(office, "organization role Ann member", "Bob")
    assert "you are an owner. Ask one of them" in await said(office, "organization role Bob member")
    assert "Did you mean Bob?" in await said(office, "organization role Bobb admin", "Bob")
    assert [u.name for u in await _admins(office)] == ["Bob"]


async def _admins(office: Office) -> list[User]:
    id = (await its(office)).id
    return [user for user in await office.store.organizations.people(id) if user.organizations[id] == "admin"]


async def test_people_are_listed_over_all_workspaces(office: Office) -> None:
    """With the role in each; more than a page is turned."""
    await said(office, "workspace new Store")
    listed = await said(office, "organization people")
    assert "People of your organization: 2" in listed
    assert "owner of Store" in listed
    assert "agent of Shop" in listed
    for number in range(8):
        user = await office.store.directory.ensure_user(Identity(f"x:{number}"), f"Zoe{number}", "")
        await office.store.directory.join(user.id, office.workspace.id)
    first = await said(office, "organization people")
    assert "page 1 of 2" in first
    await office.hands.press_confided("Ann", "▸")
    second = office.hands.confided("Ann")[-1]
    assert "Zoe7" in second
    assert "Zoe7" not in first
    assert "in no workspace" in second


async def test_its_own_sign_in_is_told_and_taken_off(office: Office) -> None:
    """What is needed is said, and what is wrong; a secret goes nowhere, and its message is taken away."""
    office_id = (await its(office)).id
    assert f"https://hub.example/account/return/{office_id}" in await said(office, "organization sso")
    assert "Four things are needed" in await said(office, "organization sso https://id.example hub s3cr3t-s3cr3t")
    told = await said(office, "organization sso https://id.example hub s3cr3t-s3cr3t shop.example")
    assert "must have a verified address at shop.example" in told
    assert (await its(office)).sso is None
    assert not any("s3cr3t-s3cr3t" in words for words in office.hands.confided("Ann"))
    assert "No sign-in of your own is set up yet" in await said(office, "organization sso off")
    await office.store.organizations.change(office_id, _with_sso)
    assert "https://id.example for mail at shop.example" in await said(office, "organization sso")
    await office.hands.press_confided("Ann", "Off")
    found = await its(office)
    assert found.sso is not None
    assert not found.sso.on
    assert "no sign-in of its own any more" in await said(office, "organization sso remove")
    assert (await its(office)).sso is None


def _with_sso(organization: Organization) -> None:
    organization.sso = SingleSignOn(issuer="https://id.example", client="hub", secret="", domains=["shop.example"])


async def test_a_verb_that_is_none(office: Office) -> None:
    """What would be right is listed."""
    assert "“peeple” should be name, timezone" in await said(office, "organization peeple")
    assert "Did you mean people?" in await said(office, "organization peeple")


@pytest.mark.parametrize("module", [organization, workspaces])
def test_dangerous_verbs_are_verbs(module: Any) -> None:
    """What waits for a code, or for a role, is known by its word, so that word must be one that does something."""
    (command,) = module.COMMANDS
    assert isinstance(command.fresh, tuple)
    assert set(command.fresh) <= set(module._VERBS)
    assert set(module.PERMISSIONS) <= set(module._VERBS)


async def test_a_dangerous_verb_waits_for_a_code(office: Office) -> None:
    """Of those who have a second factor; in whatever case it is written, and not by the beginning of a word."""
    ann = await office.user("Ann")
    await office.store.users.change(ann.id, _with_second)
    for line in ("organization role Bob admin", "organization  ROLE Bob admin", "organization code on"):
        assert "code" in await said(office, line), line
    assert "Bob" not in await said(office, "organization ro Bob admin")
    assert "code" in await said(office, "workspace Delete Shop")
    assert [user.name for user in await _admins(office)] == ["Ann"]
    assert not (await its(office)).needs_second
    entry = await office.store.directory.workspace(office.workspace.id)
    assert entry is not None
    assert entry.ends_at is None


def _with_second(user: User) -> None:
    user.second = SecondFactor(seed="sealed", since=now())

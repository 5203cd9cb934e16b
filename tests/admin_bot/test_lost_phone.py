"""Who may take the code at sign-in off somebody who lost the phone, and what everybody hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pyotp
import pytest

from hub.domain import members
from hub.domain.accounts.models import OrganizationRole, User
from hub.domain.ids import OrganizationId, UserId, new_id
from hub.domain.models import Member, now
from hub.domain.ports import Tx
from hub.store.embedded import Embedded
from tests.admin_bot.office import Office, standing_office

HERE = OrganizationId("acme")


@pytest.fixture(scope="module", params=["telegram", "slack"])
async def office(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[Office]:
    async with standing_office(request.param, mongod.url) as made:
        yield made


@pytest.fixture(autouse=True)
async def recovery(office: Office) -> list[str]:
    """Bob's recovery codes: he is an agent in this workspace alone; Ann owns it and has no second factor."""
    user = await office.user("Bob")
    organization = await home(office)

    def begin(found: User) -> None:
        found.second = None
        found.workspaces, found.organizations = [office.workspace.id], {organization: "member"}
        found.email, found.verified_at, found.password = f"bob@{office.hands.network}.example", now(), "a hash"

    await office.store.users.change(user.id, begin)
    proposal = await office.reception.propose(user.id)
    codes = await office.reception.confirm(user.id, pyotp.TOTP(proposal.key).now(), new_id())
    await stand(office, "Ann", "member")
    return codes


@pytest.fixture
async def bob(office: Office, recovery: list[str]) -> User:
    assert recovery
    return await office.user("Bob")


async def home(office: Office) -> OrganizationId:
    entry = await office.store.directory.workspace(office.workspace.id)
    assert entry is not None
    return OrganizationId(entry.organization)


async def stand(office: Office, who: str, role: OrganizationRole) -> None:
    """Somebody's role in the organization of the workspace."""
    user, organization = await office.user(who), await home(office)

    def keep(found: User) -> None:
        found.organizations = {**found.organizations, organization: role}

    await office.store.users.change(user.id, keep)


async def said(office: Office, who: str, line: str) -> str:
    before = len(office.hands.confided(who))
    await office.hands.whisper(who, f"{office.hands.sign}{line}")
    await office.reception.idle()
    return "\n".join(office.hands.confided(who)[before:])


async def has_code(office: Office, who: str = "Bob") -> bool:
    return (await office.user(who)).second is not None


async def test_an_owner_resets_a_member(office: Office, bob: User) -> None:
    """It is off, they are told who did it in their chat and by mail, and it stands among the audit events."""
    await said(office, "Bob", "me")
    before = len(office.hands.confided("Bob"))
    assert "No code is asked for any more when Bob signs in" in await said(office, "Ann", "2fa reset bob")
    assert not await has_code(office)
    assert "Ann took the code at sign-in off your account" in "".join(office.hands.confided("Bob")[before:])
    trace = (await office.reception.traces(bob.id))[0]
    assert (trace.kind, trace.actor) == ("second_reset", (await office.user("Ann")).id)
    assert "Signing in with a code is off already" in await said(office, "Ann", "2fa reset Bob")


async def test_an_agent_may_not(office: Office, recovery: list[str]) -> None:
    """Nor does anybody get at their own that way: it takes a code."""
    await office.reception.prove(office.hands.identity("Bob"), recovery[0])
    assert "is for an owner of this workspace" in await said(office, "Bob", "2fa reset Ann")
    assert "is for an owner of this workspace" in await said(office, "Bob", "2fa reset Bob")
    assert "Your own is switched off with a code" in await said(office, "Ann", "2fa reset Ann")
    assert await has_code(office)


async def test_a_slip_is_told(office: Office) -> None:
    """Without a name, with an unknown one, and with one that several have, nothing is done."""
    assert "Whose?" in await said(office, "Ann", "2fa reset")
    assert "Nobody here is called “Bobb”. Did you mean Bob?" in await said(office, "Ann", "2fa reset Bobb")

    async def deed(tx: Tx) -> None:
        tx.add(Member(id=UserId(new_id()), role="agent", name="Boris"))

    await office.workspace.run(deed)
    assert "could be Bob or Boris" in await said(office, "Ann", "2fa reset bo")
    assert await has_code(office)


@pytest.mark.parametrize("how", ["workspace", "organization"])
async def test_another_organization_is_guarded(office: Office, bob: User, how: str) -> None:
    """Nobody here, not even an admin, takes off what guards another organization too."""
    elsewhere = await office.store.directory.create_workspace("", "Elsewhere")

    def there_too(found: User) -> None:
        if how == "workspace":
            found.workspaces = [*found.workspaces, elsewhere.id]
        else:
            found.organizations = {**found.organizations, OrganizationId(elsewhere.organization): "member"}

    await office.store.users.change(bob.id, there_too)
    await stand(office, "Ann", "admin")
    assert "is in another organization as well" in await said(office, "Ann", "2fa reset Bob")
    assert await has_code(office)


async def test_an_office_takes_an_admin(office: Office, bob: User) -> None:
    """Who is in other workspaces of the organization, or has an office in it, is out of a mere owner's reach."""
    await stand(office, "Bob", "user_admin")
    assert "an admin of the organization has to do that" in await said(office, "Ann", "2fa reset Bob")
    await stand(office, "Bob", "member")
    second = await office.store.directory.create_workspace(await home(office), "Second")

    def both(found: User) -> None:
        found.workspaces = [*found.workspaces, second.id]

    await office.store.users.change(bob.id, both)
    assert "an admin of the organization has to do that" in await said(office, "Ann", "2fa reset Bob")
    assert await has_code(office)
    await stand(office, "Ann", "admin")
    assert "No code is asked for any more when Bob signs in" in await said(office, "Ann", "2fa reset Bob")


async def test_an_owner_elsewhere_finds_nobody(office: Office) -> None:
    """The owner of another workspace does not even learn that there is such a member."""
    other = await office.store.directory.create_workspace("", "Other")
    eve = await office.store.directory.ensure_user(office.hands.identity("Eve"), "Eve", "eve")

    async def deed(tx: Tx) -> None:
        await members.found(tx, "Other", eve)

    workspace = office.store.workspace(other.id)
    await workspace.run(deed)
    kept, office.workspace = office.workspace, workspace
    try:
        await office.store.directory.join(eve.id, other.id)
        assert "Nobody here is called “Bob”" in await said(office, "Eve", "2fa reset Bob")
    finally:
        office.workspace = kept
        await office.store.users.drop(UserId(eve.id))
    assert await has_code(office)


async def test_the_owners_own_code_is_wanted_first(office: Office) -> None:
    """Taking off somebody's second factor is dangerous: an owner who has one gives a code of now."""
    ann = await office.user("Ann")
    proposal = await office.reception.propose(ann.id)
    codes = await office.reception.confirm(ann.id, pyotp.TOTP(proposal.key).now(), new_id())
    assert "needs a code of now" in await said(office, "Ann", "2fa reset Bob")
    assert await has_code(office)
    await office.hands.confide("Ann", codes[0])
    assert not await has_code(office)

    def off(found: User) -> None:
        found.second = None

    await office.store.users.change(ann.id, off)

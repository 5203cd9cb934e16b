"""Organizations, and who is in them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from hub.domain.accounts.models import Organization, SingleSignOn, User
from hub.domain.ids import Identity, OrganizationId, UserId
from hub.domain.organizations import give_role
from hub.errors import NotAllowed, NotFound
from hub.store import Store

ACME = OrganizationId("acme")


def sso(*domains: str, on: bool = True) -> SingleSignOn:
    """A provider for those domains."""
    return SingleSignOn(issuer="https://id.example", client="hub", secret="sealed", domains=list(domains), on=on)


async def test_what_is_kept_is_given_back(store: Store) -> None:
    """Each field, bytes and all; adding one that is there changes nothing."""
    given = Organization(
        id=ACME, name="Acme", time_zone="Asia/Tokyo", logo=b"\x89PNG", needs_second=True, sso=sso("acme.example")
    )
    await store.organizations.add(given)
    await store.organizations.add(Organization(id=ACME, name="Other"))
    found = await store.organizations.organization(ACME)
    assert found is not None
    assert abs(found.created_at - given.created_at) < timedelta(milliseconds=1)
    given.created_at = found.created_at
    assert found == given
    assert await store.organizations.organization(OrganizationId("nobody")) is None


async def test_the_organization_of_a_first_workspace_is_there(store: Store) -> None:
    """Founding a workspace founds its organization, by its name."""
    entry = await store.directory.create_workspace("", "Acme")
    found = await store.organizations.organization(OrganizationId(entry.organization))
    assert found is not None
    assert (found.name, found.time_zone, found.sso) == ("Acme", "UTC", None)


async def test_changes_at_once_are_all_kept(store: Store) -> None:
    """Twenty who change it at the same moment do not undo one another; what a deed refuses is not kept."""
    await store.organizations.add(Organization(id=ACME))

    def longer(organization: Organization) -> None:
        organization.name += "x"

    await asyncio.gather(*(store.organizations.change(ACME, longer) for _ in range(20)))

    def refuse(organization: Organization) -> None:
        organization.name = "broken"
        raise NotAllowed

    with pytest.raises(NotAllowed):
        await store.organizations.change(ACME, refuse)
    with pytest.raises(NotFound):
        await store.organizations.change(OrganizationId("nobody"), longer)
    found = await store.organizations.organization(ACME)
    assert found is not None
    assert (found.name, found.version) == ("x" * 20, 20)


async def test_who_may_vouch_for_a_domain(store: Store) -> None:
    """Only those that are switched on; the domain is found in whatever case it is asked."""
    for name, provider in (("a", sso("a.example", "both.example")), ("b", sso("both.example")), ("c", None)):
        await store.organizations.add(Organization(id=OrganizationId(name), sso=provider))
    await store.organizations.add(Organization(id=OrganizationId("d"), sso=sso("both.example", on=False)))
    assert [o.id for o in await store.organizations.vouching_for("Both.example")] == ["a", "b"]
    assert await store.organizations.vouching_for("c.example") == []


async def test_people_by_name(store: Store) -> None:
    """Those who have any role in it, and nobody else."""
    for name, organizations in (("Zoe", {ACME: "admin"}), ("Ann", {ACME: "member"}), ("Eve", {"other": "admin"})):
        await store.users.add(User(id=UserId(name), name=name, organizations=organizations))  # type: ignore[arg-type]
    assert [user.name for user in await store.organizations.people(ACME)] == ["Ann", "Zoe"]


async def test_of_two_admins_who_lower_each_other_one_stays(store: Store) -> None:
    """However close together: who gives a role is an admin in the same moment, and nobody gives one to themselves."""
    for name in ("ann", "bob"):
        await store.users.add(User(id=UserId(name), name=name, organizations={ACME: "admin"}))

    def lower(by: User, to: User) -> bool:
        give_role(by, to, ACME, "member")
        return False

    pairs = [(UserId("ann"), UserId("bob")), (UserId("bob"), UserId("ann"))] * 5
    await asyncio.gather(*(store.users.unite(*pair, lower) for pair in pairs), return_exceptions=True)
    roles = [user.organizations[ACME] for user in await store.organizations.people(ACME)]
    assert sorted(roles) == ["admin", "member"]


async def test_joining_and_leaving(store: Store) -> None:
    """Who joins a workspace is in its organization, with the role of before or the given one; who leaves its last is a
    member of it no more, but an admin is.
    """
    directory = store.directory
    first = await directory.create_workspace("", "First")
    second = await directory.create_workspace(first.organization, "Second")
    id = OrganizationId(first.organization)
    ann, bob = [await directory.ensure_user(Identity(f"t|{n}"), n, "") for n in ("Ann", "Bob")]
    await directory.join(ann.id, first.id, "admin")
    for user in (ann, bob):
        await directory.join(user.id, second.id)
        await directory.join(user.id, first.id)
    assert {u.name: u.organizations[id] for u in await store.organizations.people(id)} == {
        "Ann": "admin",
        "Bob": "member",
    }
    for user in (ann, bob):
        await directory.leave(user.id, first.id)
    assert len(await store.organizations.people(id)) == 2
    for user in (ann, bob):
        await directory.leave(user.id, second.id)
        await directory.leave(user.id, second.id)
    (left,) = await store.organizations.people(id)
    assert (left.name, left.workspaces) == ("Ann", [])

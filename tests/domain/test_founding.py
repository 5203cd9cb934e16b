"""Founding an organization with its first workspace: once, whatever breaks off in between; and what it is called."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from hub.domain import founding, members
from hub.domain.accounts.models import User
from hub.domain.founding import Names, Registry
from hub.domain.ids import Identity, OrganizationId, UserId, new_id
from hub.domain.models import Member, Preferences, now
from hub.domain.ports import Tx, UserRecord
from hub.errors import HubError, Invalid, Unavailable
from hub.store import Store

_numbers = count(1)
ACME = Names("Acme", "Acme")


@pytest.fixture
def registry(store: Store) -> Registry:
    async def workspace(id: str) -> Any:
        return store.workspace(id)

    return Registry(store.directory, store.organizations, workspace)


async def somebody(store: Store, name: str = "Ann") -> UserRecord:
    return await store.directory.ensure_user(Identity(f"chat:{next(_numbers)}"), name, name.lower())


async def founded(registry: Registry, user: UserRecord, names: Names = ACME) -> str:
    return (await registry.found(await registry.vacant(user), user, names)).id


# -- what stands -----------------------------------------------------------------------------------------------------


async def test_both_stand_at_once(store: Store, registry: Registry) -> None:
    """The user owns the workspace, is an admin of the organization, and has the workspace in use."""
    ann = await somebody(store)
    id = await founded(registry, ann)
    entry, user = await store.directory.workspace(id), await store.users.user(UserId(ann.id))
    assert entry is not None
    assert user is not None
    organization = await store.organizations.organization(OrganizationId(entry.organization))
    assert organization is not None
    assert (entry.name, organization.name) == ("Acme", "Acme")
    assert user.workspaces == [id]
    assert user.organizations == {organization.id: "admin"}
    assert [(m.id, m.role) for m in await store.workspace(id).items(Member)] == [(ann.id, "owner")]
    (preferences,) = await store.workspace(id).items(Preferences)
    assert preferences.name == "Acme"
    assert preferences.first_steps.led == (ann.id,)
    assert preferences.first_steps.unnamed == ""


async def test_twice_is_once(store: Store, registry: Registry) -> None:
    """Two presses at the same moment, which both found nothing there, make one; the first name stays."""
    ann = await somebody(store)
    id = await registry.vacant(ann)
    await registry.found(id, ann, ACME)
    await registry.found(id, ann, Names("Other", "Other"))
    assert [entry.name for entry in await store.directory.workspaces()] == ["Acme"]
    organization = await store.organizations.organization(OrganizationId(id))
    assert organization is not None
    assert organization.name == "Acme"
    assert len(await store.workspace(id).items(Member)) == 1


@pytest.mark.parametrize("step", ["create_workspace", "run", "join"])
async def test_what_broke_off_is_finished(store: Store, registry: Registry, step: str) -> None:
    """Wherever it breaks off, the next press goes on with the same workspace: there is never a second one."""
    ann = await somebody(store)
    broken = replace(registry, directory=_Broken(store.directory, step), workspace=_breaking(registry, step))
    with pytest.raises(Unavailable):
        await founded(broken, ann)
    id = await founded(registry, ann)
    assert [entry.id for entry in await store.directory.workspaces()] == [id]
    assert [(m.id, m.role) for m in await store.workspace(id).items(Member)] == [(ann.id, "owner")]


class _Broken:
    """A directory that is away at one step."""

    def __init__(self, whole: Any, step: str) -> None:
        self._whole, self._step = whole, step

    def __getattr__(self, name: str) -> Any:
        return _away if name == self._step else getattr(self._whole, name)


async def _away(*_: object) -> Any:
    raise Unavailable


def _breaking(registry: Registry, step: str) -> Any:
    async def workspace(id: str) -> Any:
        return _Broken(await registry.workspace(id), step)

    return workspace


async def test_nobody_gets_back_what_they_were_sent_away_from(store: Store, registry: Registry) -> None:
    """Who founded a workspace and was removed by another owner founds a new one, and is nothing in the old one."""
    ann, bob = await somebody(store), await somebody(store, "Bob")
    first = await founded(registry, ann)

    async def remove(tx: Tx) -> None:
        await members.admit(tx, bob, "owner")
        mine = await tx.get(Member, ann.id)
        assert mine is not None
        tx.delete(mine)

    await store.workspace(first).run(remove)
    await store.directory.leave(ann.id, first)
    second = await founded(registry, ann)
    assert second != first
    assert [m.id for m in await store.workspace(first).items(Member)] == [bob.id]


async def test_a_deleted_workspace_does_not_come_back(store: Store, registry: Registry) -> None:
    """While it is being deleted, and afterwards, founding makes one that has nothing of it."""
    ann = await somebody(store)
    first = await founded(registry, ann)
    await store.directory.end_workspace(first, now())
    assert await store.directory.close_workspace(first, now())
    second = await founded(registry, ann)
    assert second != first
    assert [entry.id for entry in await store.directory.workspaces()] == [second]


async def test_a_workspace_in_an_organization_that_stands(store: Store, registry: Registry) -> None:
    """Its admin, who is in no workspace any more, makes a new one in it, which begins with its time zone."""
    ann = await somebody(store)
    first = await founded(registry, ann)
    await store.organizations.change(OrganizationId(first), lambda its: setattr(its, "time_zone", "Europe/Berlin"))
    await store.directory.leave(ann.id, first)
    await store.directory.drop_workspace(first)
    id = await registry.vacant(ann)
    await registry.found(id, ann, Names("Sales", "Sales"), first)
    entry = await store.directory.workspace(id)
    assert entry is not None
    assert (entry.organization, entry.name) == (first, "Sales")
    assert [p.time_zone for p in await store.workspace(id).items(Preferences)] == ["Europe/Berlin"]


# -- who may ---------------------------------------------------------------------------------------------------------


def user(email: str = "ann@acme.example", **more: Any) -> User:
    return User(id=UserId(new_id()), email=email, verified_at=more.pop("verified_at", now()), **more)


@pytest.mark.parametrize(
    ("who", "sign_up", "may"),
    [
        (user(), "anyone", True),
        (user(), "invited", False),
        (user(), ("acme.example",), True),
        (user("ann@else.example"), ("acme.example",), False),
        (user(""), "anyone", False),
        (user(verified_at=None), "anyone", False),
        (user(verified_at=None, subjects=["google|1"]), "anyone", True),
        (user(workspaces=["w"]), "anyone", False),
        (user(organizations={OrganizationId("o"): "member"}), "anyone", False),
        (user(organizations={OrganizationId("o"): "admin"}), "invited", True),
    ],
)
def test_who_may_found(who: User, sign_up: Any, may: bool) -> None:
    """Whoever may sign up by themselves, has proven their address and is in no workspace; an organization's admin too;
    who came into an organization by its own sign-in waits for an invitation.
    """
    assert founding.may_found(who, sign_up) is may


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "guess"),
    [
        ("ann@acme.example", "Acme"),
        ("ann@mail.acme-shop.co.uk", "Acme Shop"),
        ("ann@gmail.com", ""),
        ("ann@yahoo.co.uk", ""),
        ("ann@xn--mnchen-3ya.de", "München"),
        ("ann@xn--99999999999.de", ""),
        ("ann@com.au", ""),
        ("ann@localhost", ""),
        ("", ""),
    ],
)
def test_a_guess_from_the_address(email: str, guess: str) -> None:
    """A company's domain names it; a mail provider's says nothing, nor does what is no domain."""
    assert founding.suggestion(email) == guess


@pytest.mark.parametrize(("typed", "kept"), [("  Acme\n  Ltd ", "Acme Ltd"), ("東京商店", "東京商店"), ("3M", "3M")])
def test_a_name_as_it_is_kept(typed: str, kept: str) -> None:
    """Of any writing, without the blanks around it."""
    assert founding.proper(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "x" * 300, "...", "🙂", "Ac\u202eme", "A\x00b"])
def test_what_is_no_name(typed: str) -> None:
    """Nothing, too much, signs without a letter, and what cannot be seen are refused in a sentence that helps."""
    with pytest.raises(Invalid) as refused:
        founding.proper(typed)
    assert isinstance(refused.value, HubError)
    assert len(refused.value.text) > 20


@pytest.mark.parametrize(
    ("first", "organization", "workspace"),
    [("Ann Lee", "Ann's organization", "Ann's workspace"), ("", "My organization", "My workspace")],
)
def test_names_for_want_of_one(first: str, organization: str, workspace: str) -> None:
    """Whoever skips the question gets names that they recognize; a named one gives its first workspace its own."""
    assert founding.default_name(first) == organization
    assert founding.workspace_name(organization) == workspace
    assert founding.workspace_name("Acme") == "Acme"

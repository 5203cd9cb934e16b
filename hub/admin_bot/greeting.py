"""What somebody is told who has signed in, and how somebody is led to the page where that is done."""

from __future__ import annotations

import msgspec

from hub.admin_bot.leading import naming_row
from hub.domain import founding
from hub.domain.accounts.models import User
from hub.domain.accounts.reception import Policy, Reception
from hub.domain.ids import Identity, OrganizationId
from hub.domain.ports import Directory, OrganizationStore
from hub.domain.reply import Button, Reply, Value

SIGN_IN = "Sign up or sign in"


class House(msgspec.Struct, frozen=True):
    """What is to be known of a hub for greeting somebody."""

    directory: Directory
    organizations: OrganizationStore
    policy: Policy


async def signed_in(user: User, house: House) -> Reply:
    """Greets by name, with what to do next."""
    found = [await house.directory.workspace(id) for id in user.workspaces]
    names: list[Value] = [entry.name for entry in found if entry is not None]
    said: dict[str, Value] = {"name": user.first_name or user.name, "email": user.email, "workspaces": names}
    if founding.may_found(user, house.policy.sign_up):
        return await naming(user, house)
    organizations: list[Value] = [await _called(house, id) for id in user.organizations] if not names else []
    return Reply("signed_in", {**said, "organizations": organizations, "second": user.second is not None})


async def _called(house: House, id: str) -> str:
    organization = await house.organizations.organization(OrganizationId(id))
    return organization.name if organization else ""


async def naming(user: User, house: House) -> Reply:
    """Asks whoever is signed in and in no workspace how their organization is called; a word of theirs answers it."""
    own = next((id for id, role in user.organizations.items() if role == "admin"), "")
    organization = await _called(house, own) if own else ""
    offered = naming_row("" if own else user.email, "found")
    said: dict[str, Value] = {"name": user.first_name or user.name, "email": user.email, "organization": organization}
    default = founding.default_name(user.first_name or user.name)
    return Reply(
        "naming",
        {**said, "default": default, "offered": len(offered) > 1},
        rows=(offered, (Button("Skip", "found -"),)),
    )


async def sign_in_url(reception: Reception, identity: Identity, name: str, username: str) -> str:
    """The page by which a chat account gets a sign-in. Whoever has the address can use it: for that person alone."""
    link = await reception.invite_in(identity, name, username)
    return f"{reception.policy.public_url}/account/signup?link={link}"


def sign_in_row(url: str) -> tuple[Button, ...]:
    """The button that opens it."""
    return (Button(SIGN_IN, url=url),)

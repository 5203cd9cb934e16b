"""What somebody is told who has signed in, and how somebody is led to the page where that is done."""

from __future__ import annotations

from hub.domain.accounts.models import User
from hub.domain.accounts.reception import Reception
from hub.domain.ids import Identity
from hub.domain.ports import Directory
from hub.domain.reply import Button, Reply, Value

SIGN_IN = "Sign up or sign in"


async def signed_in(user: User, directory: Directory) -> Reply:
    """Greets by name, with what to do next."""
    found = [await directory.workspace(id) for id in user.workspaces]
    names: list[Value] = [entry.name for entry in found if entry is not None]
    said: dict[str, Value] = {"name": user.first_name or user.name, "email": user.email, "workspaces": names}
    return Reply("signed_in", {**said, "second": user.second is not None}, lasting=True)


async def sign_in_url(reception: Reception, identity: Identity, name: str, username: str) -> str:
    """The page by which a chat account gets a sign-in. Whoever has the address can use it: for that person alone."""
    link = await reception.invite_in(identity, name, username)
    return f"{reception.policy.public_url}/account/signup?link={link}"


def sign_in_row(url: str) -> tuple[Button, ...]:
    """The button that opens it."""
    return (Button(SIGN_IN, url=url),)

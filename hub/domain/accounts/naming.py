"""What somebody is called, which language they read, and what they are in an organization."""

from __future__ import annotations

from hub.domain.accounts import fields
from hub.domain.accounts.models import OrganizationRole, User
from hub.domain.accounts.surroundings import NOBODY, Surroundings
from hub.domain.ids import OrganizationId, UserId
from hub.domain.organizations import give_role as given
from hub.domain.organizations import language_of
from hub.errors import Invalid, Refused


async def rename(around: Surroundings, id: UserId, words: str, origin: str) -> User:
    """Changes the name, and has the workspaces know. Raises Invalid."""
    first, _, last = fields.name(words).partition(" ")
    fault = fields.name_fault(first, "name") or (fields.name_fault(last, "last name") if last else "")
    if fault:
        raise Invalid(fault)

    def deed(user: User) -> User:
        user.first_name, user.last_name, user.name = first, last, f"{first} {last}".strip()
        return user

    user = await around.users.change(id, deed)
    await around.enrol(user, NOBODY)
    await around.note("renamed", id, origin)
    return user


async def speak(around: Surroundings, id: UserId, words: str) -> str:
    """Keeps a language. Raises Invalid."""
    language = language_of(words)

    def deed(user: User) -> None:
        user.language = language

    await around.users.change(id, deed)
    return language


async def give_role(
    around: Surroundings,
    organization: OrganizationId,
    who: tuple[UserId, UserId],
    role: OrganizationRole,
    origin: str,
) -> OrganizationRole:
    """Changes a role; `who`: the admin who gives it, and who gets it. Both are looked at in one transaction."""
    by, to = who
    if by == to:
        raise Refused("Nobody changes their own role: ask another admin.")
    before: list[OrganizationRole] = []

    def deed(giver: User, taker: User) -> bool:
        before[:] = [given(giver, taker, organization, role)]
        return False

    await around.users.unite(by, to, deed)
    await around.note("organization_role", to, origin, by=by, organization=organization, before=before[0], role=role)
    return before[0]

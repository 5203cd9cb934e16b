"""Who may do what in a workspace."""

from __future__ import annotations

from typing import Literal

from hub.domain.accounts.models import OrganizationRole, User
from hub.domain.ids import Identity, UserId
from hub.domain.models import Member, Preferences, Role
from hub.domain.ports import Tx, UserRecord

Permission = Literal["anyone", "agent", "manager", "owner", "user_admin", "admin"]
"""The least role that a command asks for: in the workspace, or, the last two, in its organization; `anyone`: none."""

_RANK: dict[str, int] = {"anyone": 0, "agent": 1, "manager": 2, "owner": 3}
_STANDING: dict[str, int] = {"member": 1, "user_admin": 2, "admin": 3}


def allows(member: Member | None, permission: Permission, standing: OrganizationRole | None = None) -> bool:
    """Whether the member's role, or standing in the organization, is enough."""
    if permission in _STANDING:
        return (_STANDING[standing] if standing else 0) >= _STANDING[permission]
    return (_RANK[member.role] if member else 0) >= _RANK[permission]


async def found(tx: Tx, name: str, owner: UserRecord) -> Member:
    """A new workspace's first settings and its owner."""
    if await tx.get(Preferences, "preferences") is None:
        tx.add(Preferences(id="preferences", name=name))
    return await admit(tx, owner, "owner")


async def admit(tx: Tx, user: UserRecord, role: Role) -> Member:
    """Makes the user a member, or gives a member the higher of the two roles."""
    member = await tx.get(Member, user.id)
    if member is None:
        member = Member(id=UserId(user.id), role=role, name=user.name, username=user.username)
        tx.add(member)
    elif _RANK[role] > _RANK[member.role]:
        member.role = role
    member.identities = [Identity(i) for i in user.identities]
    return member


def known_by(member: Member, user: User, without: Identity) -> None:
    """The member acts by the chat accounts that the user has, but that one, and by no other."""
    here = [identity for identity in user.identities if identity != without]
    if member.identities != here:
        member.identities = here
    if user.email and member.name != user.name:
        member.name = user.name


async def by_identity(tx: Tx, identity: Identity) -> Member | None:
    """The member whose chat account this is."""
    return next((m for m in await tx.items(Member) if identity in m.identities), None)

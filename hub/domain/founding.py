"""Founding: an organization and its first workspace, for somebody who is in none. It may be repeated: what a crash has
left half done is finished, and nothing is made twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Literal

import msgspec

from hub.domain import first_steps, members
from hub.domain.accounts.models import Organization, User
from hub.domain.ids import OrganizationId, UserId
from hub.domain.models import Member, Preferences
from hub.domain.organizations import name_of
from hub.domain.ports import Directory, OrganizationStore, Query, Tx, UserRecord, Workspace

_FREE = frozenset(
    (
        *("aol", "fastmail", "gmail", "gmx", "googlemail", "hotmail", "icloud", "live", "mac", "mail", "me", "msn"),
        *("outlook", "posteo", "proton", "protonmail", "qq", "t-online", "web", "yahoo", "yandex", "zoho"),
    )
)
"""Where people have mail who are no company."""
_FIRST_NAME = 40
"""Signs of a first name that stand in a name made of it."""
_SHARED = frozenset(("ac", "co", "com", "edu", "gov", "net", "org"))
"""What stands before a country's ending without being anybody's name."""


class Names(msgspec.Struct, frozen=True):
    """What is founded. `named`: by somebody, not for want of a name."""

    organization: str
    workspace: str
    named: bool = True


@dataclass(frozen=True)
class Registry:
    """Where organizations and workspaces are made."""

    directory: Directory
    organizations: OrganizationStore
    workspace: Callable[[str], Awaitable[Workspace]]

    async def found(self, id: str, user: UserRecord, names: Names, organization: str = "") -> Workspace:
        """The workspace with that id, in that organization or a new one, with the user as its owner."""
        home = organization or id
        if not organization:
            await self.organizations.add(Organization(id=OrganizationId(id), name=names.organization))
        its = await self.organizations.organization(OrganizationId(home))
        entry = await self.directory.create_workspace(home, names.workspace, id)
        workspace = await self.workspace(entry.id)
        unnamed = "" if names.named else names.organization

        async def deed(tx: Tx) -> None:
            await members.found(tx, names.workspace, user)
            preferences = await tx.get(Preferences, "preferences")
            if preferences is not None and its is not None:
                preferences.time_zone = its.time_zone
            await first_steps.lead(tx, UserId(user.id), unnamed=unnamed)

        await workspace.run(deed)
        # Last: from now on nobody founds it again.
        await self.directory.join(user.id, entry.id, "admin")
        return workspace

    async def vacant(self, user: UserRecord) -> str:
        """The id of the workspace that the user founds: of the one that they began to found, where there is one."""
        gone = {each.id for each in await self.directory.gone()}
        for number in count():
            id = _id(user.id, number)
            entry = await self.directory.workspace(id)
            if entry is None and id not in gone:
                return id
            if entry is not None and await self._is_begun(id, user.id):
                return id
        raise AssertionError  # numbers do not end

    async def _is_begun(self, id: str, user: str) -> bool:
        """Whether nobody else is there yet: then it is theirs to finish. One they were sent away from is not."""
        members_there = await (await self.workspace(id)).query(Member, Query(where={}))
        return all(member.id == user for member in members_there)


def _id(user: str, number: int) -> str:
    """Sorts where the user's own id does, for it is made of it."""
    digest = hashlib.blake2b(f"{user}|{number}".encode(), digest_size=5).hexdigest()
    return f"{user[:-10]}{digest}"


def may_found(user: User, sign_up: Literal["anyone", "invited"] | tuple[str, ...]) -> bool:
    """Whether somebody may found a workspace: who is in none, and has an organization, or may sign up without anybody's
    invitation and is in nobody's.
    """
    if user.workspaces or not user.email or not (user.verified_at or user.subjects):
        return False
    if user.organizations:
        return "admin" in user.organizations.values()
    return sign_up == "anyone" or (sign_up != "invited" and user.email.rpartition("@")[2] in sign_up)


# -- names -----------------------------------------------------------------------------------------------------------


def proper(words: str) -> str:
    """An organization's name as it is kept. Raises Invalid with what would be right."""
    return name_of(words, "organization")


def default_name(user: str) -> str:
    """What an organization is called that nobody has named yet."""
    first = user.split(maxsplit=1)[0] if user.strip() else ""
    return f"{first[:_FIRST_NAME]}'s organization" if first else "My organization"


def workspace_name(organization: str) -> str:
    """What the first workspace of an organization is called."""
    return f"{organization.removesuffix('organization')}workspace" if _is_default(organization) else organization


def _is_default(organization: str) -> bool:
    return organization == "My organization" or organization.endswith("'s organization")


def suggestion(email: str) -> str:
    """What an organization may be called, from somebody's address; empty where that says nothing."""
    labels = email.rpartition("@")[2].lower().split(".")[:-1]
    while len(labels) > 1 and labels[-1] in _SHARED:
        labels.pop()
    label = labels[-1] if labels else ""
    if not label or label in _FREE or label in _SHARED:
        return ""
    return " ".join(word[:1].upper() + word[1:] for word in _readable(label).replace("_", "-").split("-") if word)


def _readable(label: str) -> str:
    """A label in its own letters."""
    try:
        return label.encode().decode("idna") if label.startswith("xn--") else label
    except UnicodeError:
        return ""

"""Organizations that want a second factor of whoever signs in by a password. Who has none, signs in otherwise."""

from __future__ import annotations

from collections.abc import Iterable

from hub.domain.accounts.models import User
from hub.domain.ids import OrganizationId
from hub.domain.ports.accounts import OrganizationStore

_UNNAMED = "Your organization"


class Demands:
    """Knows which organizations want it. Without a store of organizations, none does."""

    def __init__(self, organizations: OrganizationStore | None) -> None:
        self._organizations = organizations

    async def of(self, user: User, organization: OrganizationId | None = None) -> str:
        """The name of an organization of theirs that wants a second factor of them; empty: none does.

        `organization`: this one alone.
        """
        if not user.password:
            return ""
        return await self._wanting(user.organizations if organization is None else [organization])

    async def unmet(self, user: User, organization: OrganizationId | None = None) -> str:
        """The same, of those who have none yet."""
        return "" if user.second is not None else await self.of(user, organization)

    async def _wanting(self, those: Iterable[OrganizationId]) -> str:
        for id in those:
            found = await self._organizations.organization(id) if self._organizations else None
            if found is not None and found.needs_second:
                return found.name or _UNNAMED
        return ""

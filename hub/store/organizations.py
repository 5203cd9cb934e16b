"""Organizations, in the control database; who is in one stands with the users."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from hub.domain.accounts.models import Organization, User
from hub.domain.ids import OrganizationId
from hub.errors import NotFound, Unavailable
from hub.store.accounts import TRIES, stand_back, user_from
from hub.store.driver import Database, Doc
from hub.store.faults import guarded

T = TypeVar("T")


class MongoOrganizations:
    """An `OrganizationStore` on MongoDB."""

    def __init__(self, database: Database) -> None:
        self._organizations = database.organizations
        self._users = database.users

    async def add(self, organization: Organization) -> None:
        """Keeps a new one; one that is there already stays as it is."""
        with guarded():
            await self._organizations.update_one(
                {"_id": organization.id}, {"$setOnInsert": _fields(organization)}, upsert=True
            )

    async def organization(self, id: OrganizationId) -> Organization | None:
        """The organization with that id."""
        with guarded():
            doc = await self._organizations.find_one({"_id": id})
        return _organization(doc) if doc else None

    async def change(self, id: OrganizationId, deed: Callable[[Organization], T]) -> T:
        """Loads, has `deed` change, and keeps if nobody changed it meanwhile; else anew. Raises NotFound."""
        for _ in range(TRIES):
            organization = await self.organization(id)
            if organization is None:
                raise NotFound("There is no such organization.")
            version = organization.version
            outcome = deed(organization)
            organization.version = version + 1
            unchanged = {"_id": id, "version": {"$in": [version, None] if version == 0 else [version]}}
            with guarded():
                result = await self._organizations.update_one(unchanged, {"$set": _fields(organization)})
            if result.matched_count:
                return outcome
            await stand_back()
        raise Unavailable

    async def vouching_for(self, domain: str) -> list[Organization]:
        """Those whose own provider may vouch for people of a mail domain, and is switched on."""
        with guarded():
            found = self._organizations.find({"sso.domains": domain.lower(), "sso.on": True}, sort=[("_id", 1)])
            docs = await found.to_list(None)
        return [_organization(doc) for doc in docs]

    async def people(self, id: OrganizationId) -> list[User]:
        """Everybody who is in it, by name."""
        with guarded():
            found = self._users.find({f"organizations.{id}": {"$exists": True}}, sort=[("name", 1), ("_id", 1)])
            docs = await found.to_list(None)
        return [user_from(doc) for doc in docs]


def _fields(organization: Organization) -> Doc:
    doc: Doc = msgspec.to_builtins(organization, builtin_types=(datetime, bytes))
    del doc["id"]
    return doc


def _organization(doc: Mapping[str, Any]) -> Organization:
    return msgspec.convert({**doc, "id": doc["_id"]}, Organization)

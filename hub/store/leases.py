"""Leases: what one process may do at a time (host a workspace, poll for the admin bot), and when a workspace wakes.

Time is the database's own, so that processes whose clocks differ agree on who holds what.
"""

from __future__ import annotations

from datetime import datetime

from pymongo import ReturnDocument

from hub.store.driver import Database, Doc
from hub.store.faults import guarded


class Leases:
    """The leases of all hubs on one control database, as one holder sees them.

    The holder's name is kept in its data directory: a hub that starts again there takes its own leases back at once.
    """

    def __init__(self, database: Database, holder: str) -> None:
        self.holder = holder
        self._leases = database.leases
        self._workspaces = database.workspaces

    async def acquire(self, name: str, seconds: float) -> bool:
        """Takes or renews a lease for so long; False: another hub has it. Renew well before it lapses."""
        free = {"$or": [{"$eq": ["$holder", self.holder]}, {"$lte": [{"$ifNull": ["$until", "$$NOW"]}, "$$NOW"]}]}
        until = {"$add": ["$$NOW", round(seconds * 1000)]}
        update: list[Doc] = [
            {"$set": {"free": free}},
            {
                "$set": {
                    "holder": {"$cond": ["$free", self.holder, "$holder"]},
                    "until": {"$cond": ["$free", until, "$until"]},
                }
            },
            {"$unset": "free"},
        ]
        with guarded():
            doc = await self._leases.find_one_and_update(
                {"_id": name}, update, upsert=True, return_document=ReturnDocument.AFTER
            )
        return bool(doc and doc["holder"] == self.holder)

    async def release(self, name: str) -> None:
        """Gives a lease up, if it is ours."""
        with guarded():
            await self._leases.delete_one({"_id": name, "holder": self.holder})

    async def holder_of(self, name: str) -> str | None:
        """Who holds it now; None: nobody."""
        with guarded():
            doc = await self._leases.find_one({"_id": name, "$expr": {"$gt": ["$until", "$$NOW"]}})
        return str(doc["holder"]) if doc else None

    # -- waking --------------------------------------------------------------------------------------------------------

    async def wake_by(self, workspace: str, at: datetime) -> None:
        """The workspace has something to do at `at`; an earlier time that is noted stays."""
        with guarded():
            await self._workspaces.update_one({"_id": workspace}, {"$min": {"wake_at": at}})

    async def slept(self, workspace: str, until: datetime | None) -> None:
        """Its host has done what was due; the next is due at `until`, None: nothing waits."""
        change = {"$set": {"wake_at": until}} if until else {"$unset": {"wake_at": ""}}
        with guarded():
            await self._workspaces.update_one({"_id": workspace}, change)

    async def due(self, at: datetime, limit: int = 100) -> list[str]:
        """Workspaces to be woken by `at`, longest due first."""
        with guarded():
            due = {"wake_at": {"$lte": at}, "gone_at": None}
            found = self._workspaces.find(due, {"_id": 1}, sort=[("wake_at", 1)], limit=limit)
            return [str(doc["_id"]) for doc in await found.to_list(None)]

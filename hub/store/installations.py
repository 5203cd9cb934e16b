"""Where an app that many accounts share is installed, and what each installation gave; sealed."""

from __future__ import annotations

from hub.store.driver import Database
from hub.store.faults import guarded
from hub.store.vault import KeyVault


class MongoInstallations:
    """`Installations` in the control database."""

    def __init__(self, database: Database, vault: KeyVault) -> None:
        self._installations = database.installations
        self._vault = vault

    async def keep(self, network: str, account: str, secret: str) -> None:
        """Keeps what an installation gave, instead of what one before gave."""
        with guarded():
            await self._installations.update_one(
                {"_id": f"{network}:{account}"}, {"$set": {"secret": self._vault.seal(secret)}}, upsert=True
            )

    async def secret(self, network: str, account: str) -> str | None:
        """What the account's installation gave; None where there is none."""
        with guarded():
            doc = await self._installations.find_one({"_id": f"{network}:{account}"})
        return self._vault.open(doc["secret"]) if doc else None

    async def accounts(self, network: str) -> list[str]:
        """All accounts of a network that have one."""
        with guarded():
            prefix = f"{network}:"
            found = self._installations.find({"_id": {"$gte": prefix, "$lt": f"{network};"}}, {"_id": 1})
            docs = await found.to_list(None)
        return [doc["_id"].removeprefix(prefix) for doc in docs]

    async def drop(self, network: str, account: str) -> None:
        """Forgets it; where there is none, it is done already."""
        with guarded():
            await self._installations.delete_one({"_id": f"{network}:{account}"})

"""A workspace's catalog as a snapshot: small, read by every deed, changed rarely."""

from __future__ import annotations

import asyncio
import time
from typing import TypeVar

from hub.domain.models import Record
from hub.store import codec
from hub.store.driver import FIRST_BATCH, Collection
from hub.store.layout import CATALOG

R = TypeVar("R", bound=Record)
SECONDS = 1.0
"""How old a snapshot may be: another process may have changed the catalog."""


class Catalog:
    """The snapshot. Who gets items promises not to change them: they are everybody's."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._records: list[Record] = []
        self._by_kind: dict[type[Record], list[Record]] = {}
        self._until = 0.0
        self._forgotten = 0
        self._loading = asyncio.Lock()

    def fresh(self, kind: type[R]) -> list[R] | None:
        """All items of a kind, by id, where the snapshot is young enough: then there is nothing to wait for."""
        return None if time.monotonic() > self._until else self._of(kind)

    async def items(self, kind: type[R]) -> list[R]:
        """All items of a kind, by id."""
        if time.monotonic() > self._until:
            async with self._loading:
                if time.monotonic() > self._until:
                    await self._load()
        return self._of(kind)

    def forget(self) -> None:
        """A commit changed the catalog."""
        self._until = 0.0
        self._forgotten += 1

    def _of(self, kind: type[R]) -> list[R]:
        if kind not in self._by_kind:
            self._by_kind[kind] = [record for record in self._records if isinstance(record, kind)]
        return [*self._by_kind[kind]]  # type: ignore[list-item]  # kept under the kind that they are of

    async def _load(self) -> None:
        forgotten = -1
        while forgotten != self._forgotten:
            forgotten, started = self._forgotten, time.monotonic()
            found = self._collection.find({"type": {"$exists": True}}, sort=[("_id", 1)], batch_size=FIRST_BATCH)
            self._records = [codec.decode(CATALOG, doc) for doc in await found.to_list(None)]
        self._by_kind = {}
        self._until = started + SECONDS

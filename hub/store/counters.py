"""Counters of a workspace, taken outside its transactions: inside, every receive would conflict with every other."""

from __future__ import annotations

import heapq
from typing import Any

from pymongo import ReturnDocument

from hub.store.driver import Collection

PREFIX = "counter:"
_LARGEST_BLOCK = 64


class Counters:
    """Numbers in order, each given once. A lone deed takes one; a batch that needs many takes ever larger blocks.

    What is left of a block is used next, and given back at the end, so that gaps stay rare.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._left: dict[str, list[int]] = {}
        self._block = 1

    def start_batch(self) -> None:
        """What was needed in the batch before says nothing about this one."""
        self._block = 1

    async def take(self, counter: str) -> int:
        """The next number."""
        left = self._left.setdefault(counter, [])
        if not left:
            last = await self._move(counter, self._block)
            left.extend(range(last - self._block + 1, last + 1))
            self._block = min(self._block * 2, _LARGEST_BLOCK)
        return heapq.heappop(left)

    def give_back(self, counter: str, number: int) -> None:
        """A number that is certainly not used."""
        heapq.heappush(self._left.setdefault(counter, []), number)

    async def close(self) -> None:
        """Gives back what is left where nobody has taken a number since."""
        for counter, left in self._left.items():
            if left and max(left) - min(left) == len(left) - 1:
                last = {"_id": PREFIX + counter, "value": max(left)}
                await self._collection.update_one(last, {"$inc": {"value": -len(left)}})
        self._left.clear()

    async def _move(self, counter: str, by: int) -> int:
        moved: Any = await self._collection.find_one_and_update(
            {"_id": PREFIX + counter}, {"$inc": {"value": by}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        return int(moved["value"])

"""What is asked of the real server: its own record of the questions to one workspace's database."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hub.domain.ports import Workspace
from hub.store import MongoWorkspace

_KEPT = 4_000_000
"""Bytes of questions that are remembered."""
_READING: dict[str, Any] = {"op": {"$in": ["query", "command", "getmore"]}}


class Questions(Counter[str]):
    """How often each was asked, by command and collection, as in `find contacts`."""

    examined = 0
    """The most documents, or keys of an index, that were looked at for one of them."""


@asynccontextmanager
async def asked(workspace: Workspace) -> AsyncIterator[Questions]:
    """Counts what is asked inside; to be read afterwards."""
    assert isinstance(workspace, MongoWorkspace)
    database, found = workspace._database, Questions()
    await database.create_collection("system.profile", capped=True, size=_KEPT)
    await database.command("profile", 2)
    try:
        yield found
    finally:
        await database.command("profile", 0)
        for doc in await database["system.profile"].find(_READING).to_list(None):
            name = next(iter(doc.get("command", {})), "")
            found[f"{name} {doc['ns'].partition('.')[2]}"] += 1
            found.examined = max(found.examined, *(doc.get(what, 0) for what in ("docsExamined", "keysExamined")))
        await database.drop_collection("system.profile")

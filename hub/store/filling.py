"""Fills up what is derived in a workspace of before: what is not closed at once, the rest in steps beside its use."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from hub.errors import HubError
from hub.store import codec
from hub.store.derived import DERIVED
from hub.store.driver import Database, Doc
from hub.store.layout import FILLED, SHELVES, Shelf

STEP = 500
PAUSE = 0.02
"""Seconds between two steps, so that who works here hardly notices."""
_log = logging.getLogger(__name__)
DONE = "~"
"""Comes after every id."""
Keep = Callable[[Doc], Awaitable[None]]
"""Changes the workspace's entry."""


def _fields() -> Mapping[str, tuple[Shelf, str]]:
    kinds = {shelf.name: getattr(shelf.holds, "__args__", (shelf.holds,)) for shelf in SHELVES}
    return {s.name: (s, DERIVED[k].field) for s in SHELVES for k in kinds[s.name] if k in DERIVED}


DERIVED_SINCE = 2
"""Who was filled up to that has all that is derived, and only events to be filed."""
FIELDS = _fields()
"""The shelves with something derived, and the field it is in."""


async def fill_open(database: Database) -> None:
    """What is not closed is found before anybody looks."""
    shelf, field = FIELDS["conversations"]
    missing: Doc = {"live": {"$gt": ""}, field: {"$exists": False}}
    while docs := await database[shelf.name].find(missing, limit=STEP).to_list(None):
        await _fill(database, shelf, docs)


async def begin(control: Database, database: Database, id: str) -> asyncio.Task[None] | None:
    """Fills up the workspace if it is one of before: what is open now, the rest in a task; None: nothing to do."""
    doc = await control.workspaces.find_one({"_id": id}, {"filled": 1, "filling": 1}) or {}
    filled = doc.get("filled", 0)
    if filled >= FILLED:
        return None
    upto = dict(doc.get("filling", {})) if filled < DERIVED_SINCE else dict.fromkeys(FIELDS, DONE)
    await _forget_late(database)
    await _fill_open(database)

    async def keep(fields: Doc) -> None:
        await control.workspaces.update_one({"_id": id}, fields)

    return asyncio.create_task(_run(database, upto, keep), name=f"fill {id}")


async def _forget_late(database: Database) -> None:
    """That something was written for later was no term before."""
    later: Doc = {"live": {"$gt": ""}, "later": {"$gt": ""}, "terms": {"$exists": True}}
    await database.conversations.update_many(later, {"$unset": {"terms": ""}})


async def _fill_open(database: Database) -> None:
    """What is not closed is found before anybody looks."""
    shelf, field = FIELDS["conversations"]
    missing: Doc = {"live": {"$gt": ""}, field: {"$exists": False}}
    while docs := await database[shelf.name].find(missing, limit=STEP).to_list(None):
        await _fill(database, shelf, docs)


async def _file_events(database: Database) -> None:
    """Events about a contact alone stood under nothing before, where no index finds them."""
    nowhere: Doc = {"contact": {"$gt": ""}, "conversation": {"$exists": False}}
    await database.events.update_many(nowhere, [{"$set": {"conversation": "$contact"}}])


async def _run(database: Database, upto: dict[str, str], keep: Keep) -> None:
    """Goes through everything; where the database fails it, the workspace's next first use goes on from there."""
    try:
        for name, (shelf, _) in FIELDS.items():
            while upto.get(name) != DONE:
                upto[name] = await _step(database, shelf, upto.get(name, ""))
                await keep({"$set": {f"filling.{name}": upto[name]}})
                await asyncio.sleep(PAUSE)
        await _file_events(database)
        await keep({"$set": {"filled": FILLED}, "$unset": {"filling": ""}})
    except (PyMongoError, HubError) as error:
        _log.warning("Filling up what is found by stopped; it goes on with the next start: %s", error)


async def _step(database: Database, shelf: Shelf, after: str) -> str:
    """The next records in the order of ids; gives the last one's id."""
    found = database[shelf.name].find({"_id": {"$gt": after}}, sort=[("_id", 1)], limit=STEP)
    docs = await found.to_list(None)
    last: str = docs[-1]["_id"] if docs else DONE
    if docs:
        await _fill(database, shelf, docs)
    return last


async def _fill(database: Database, shelf: Shelf, docs: list[Doc]) -> None:
    """Only where there is nothing yet: what is written meanwhile is newer."""
    updates = []
    for doc in docs:
        record = codec.decode(shelf, doc)
        derived = DERIVED[type(record)]
        values = {derived.field: derived.make(record)}
        updates.append(UpdateOne({"_id": record.id, derived.field: {"$exists": False}}, {"$set": values}))
    await database[shelf.name].bulk_write(updates, ordered=False)

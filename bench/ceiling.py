"""What the database itself can do: what the hub stored, written again in bare transactions of 128, one in flight."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from pymongo import UpdateOne

from hub.store.commit import LARGEST_BATCH
from hub.store.control import lay_out
from hub.store.driver import Client, Database, Doc
from hub.store.layout import INDEXES

BESIDE = ("seen", "work")
"""What is stored beside each message, one for one."""
ONCE = ("contacts", "conversations", "events", "catalog")
"""What is stored once a contact, or once at all: it is there before the measuring."""


class Stored(msgspec.Struct, kw_only=True):
    """Documents of one workspace, as the hub left them; each message with its seen update and its work item."""

    once: Mapping[str, list[Doc]]
    messages: list[Doc]
    beside: Mapping[str, list[Doc]]


async def stored(database: Database, most: int) -> Stored:
    """Reads them, the newest `most` messages."""
    messages = await database.messages.find({}, sort=[("_id", -1)], limit=most).to_list(None)
    messages.reverse()
    count = len(messages)
    beside = {name: await database[name].find({}, limit=count).to_list(None) for name in BESIDE}
    once = {name: await database[name].find({}).to_list(None) for name in ONCE}
    return Stored(once=once, messages=messages, beside=beside)


async def rate(client: Client, name: str, found: Stored) -> float:
    """Messages a second that go into a new database of that name, which is dropped again."""
    database = client.database(name, aware=False)
    await lay_out(database, INDEXES)
    for kind, docs in found.once.items():
        if docs:
            await database[kind].insert_many([*docs])
    started = time.perf_counter()
    for start in range(0, len(found.messages), LARGEST_BATCH):
        await _transaction(client, database, found, slice(start, start + LARGEST_BATCH))
    seconds = time.perf_counter() - started
    await client.drop(name)
    return len(found.messages) / seconds


async def _transaction(client: Client, database: Database, found: Stored, part: slice) -> None:
    messages = found.messages[part]
    async with client.session() as session:
        await client.begin(session)
        for kind, updates in (("contacts", _contacts(messages)), ("conversations", _conversations(messages))):
            await database[kind].bulk_write(updates, ordered=True, session=session)
        for kind, docs in (("messages", messages), *((name, docs[part]) for name, docs in found.beside.items())):
            if docs:
                await database[kind].insert_many(docs, ordered=True, session=session)
        await session.commit_transaction()


def _newest(messages: Iterable[Doc], field: str) -> Mapping[str, Doc]:
    return {message[field]: message for message in messages}


def _contacts(messages: Sequence[Doc]) -> list[UpdateOne]:
    """As the hub changes a contact who wrote: the reach tells when."""
    return [
        UpdateOne({"_id": contact}, {"$set": {"reaches": [_reach(message)]}})
        for contact, message in _newest(messages, "contact").items()
    ]


def _reach(message: Doc) -> dict[str, Any]:
    address = message["externals"][0].partition(":")[0]
    return {"channel": message["channel"], "address": address, "last_in": message["at"]}


def _conversations(messages: Sequence[Doc]) -> list[UpdateOne]:
    """As the hub changes a conversation: counted, and its last words."""
    return [
        UpdateOne({"_id": id}, {"$set": {"incoming": number, "last_text": _text(message), "last_at": message["at"]}})
        for number, (id, message) in enumerate(_newest(messages, "conversation").items())
    ]


def _text(message: Doc) -> str:
    text: str = message["text"]["plain"]
    return text[:80]

"""All that is known of one contact, as a file: what they may ask for, given to who asked on their behalf."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar

import msgspec

from hub.domain import desks
from hub.domain.contacts import present, record
from hub.domain.conversations import Act
from hub.domain.fields import changing
from hub.domain.fields.values import shown
from hub.domain.ids import Identity
from hub.domain.models import Comment, Contact, Conversation, Message, Record, Tag
from hub.domain.ports import Cond, Query, Reads, Tx
from hub.domain.work import GiveDossier, user_lane

PAGE = 500
R = TypeVar("R", bound=Record)
_OURS = frozenset({"raw", "keys", "externals", "spells", "version", "live", "watched", "row"})
"""What of a record says nothing of the contact."""


def ask(tx: Tx, act: Act, contact: Contact, identity: Identity) -> None:
    """Has the file made and given to that account in private."""
    desks.enqueue(tx, user_lane(act.member.id), GiveDossier(contact=contact.id, identity=identity))
    record(tx, "contact_exported", act.at, act=act, contact=contact)


async def lines(reads: Reads, id: str) -> AsyncIterator[bytes]:
    """One JSON value a line: the contact, then their conversations, messages and our notes, oldest first."""
    contact = await present(reads, id)
    if contact is None:
        return
    yield _line("contact", await _contact(reads, contact))
    for kind, name in ((Conversation, "conversation"), (Message, "message"), (Comment, "note")):
        async for each in _pages(reads, kind, contact):
            yield _line(name, each)


async def _pages(reads: Reads, kind: type[R], contact: Contact) -> AsyncIterator[R]:
    order = "number" if kind is Conversation else "at"
    where, skip = {"contact": Cond("in", contact.ids)}, 0
    while found := await reads.query(kind, Query(where=where, order=order, skip=skip, limit=PAGE)):
        for each in found:
            yield each
        skip += len(found)


async def _contact(reads: Reads, contact: Contact) -> dict[str, Any]:
    tags = {t.id: t.name for t in await reads.items(Tag)}
    values = [(f, changing.value_of(contact, f)) for f in await changing.known(reads)]
    known = {f.name: shown(f, value) for f, value in values if value is not None}
    return {**msgspec.to_builtins(contact), "fields": known, "tags": [tags[t] for t in contact.tags if t in tags]}


def _line(name: str, record: object) -> bytes:
    plain = {k: v for k, v in msgspec.to_builtins(record).items() if k not in _OURS}
    return msgspec.json.encode({"is": name, **plain}) + b"\n"

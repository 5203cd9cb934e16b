"""Others who may be the same person: by an equal phone number, e-mail address or name. Found by their terms, in an
index, however many contacts there are.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hub.domain import desks
from hub.domain.finding.terms import digits_of
from hub.domain.finding.words import folded
from hub.domain.models import Contact, Conversation, Event
from hub.domain.ports import Cond, Query, Reads, Tx
from hub.domain.reply import Button, Reply, Value

LOOKED_AT = 50
"""Contacts of a name that are compared."""
NAMED = 20
"""Characters of a name on a button."""
Why = Literal["phone number", "e-mail address", "name"]


class Twin(msgspec.Struct, frozen=True):
    """Somebody who may be the same person, why, and their newest conversation, where they have any."""

    contact: Contact
    why: Why
    conversation: Conversation | None = None

    @property
    def handle(self) -> str:
        """What the other is called by in a line: a conversation's number, else the contact's id."""
        return f"#{self.conversation.number}" if self.conversation else self.contact.id


async def twins(reads: Reads, contact: Contact, limit: int, *, names: bool = True) -> list[Twin]:
    """Who may be the same person, surest first."""
    found: dict[str, Twin] = {}
    ways: list[tuple[Why, str]] = [("phone number", contact.phone), ("e-mail address", contact.email)]
    for why, value in ways:
        for other in await with_same(reads, value) if value else []:
            if other.id not in contact.ids:
                found.setdefault(other.id, Twin(other, why))
    for other in await _same_name(reads, contact) if names else []:
        if other.id not in contact.ids:
            found.setdefault(other.id, Twin(other, "name"))
    return [await _with_newest(reads, twin) for twin in list(found.values())[:limit]]


async def with_same(reads: Reads, value: str, limit: int = LOOKED_AT) -> list[Contact]:
    """Contacts with that very phone number or e-mail address."""
    mail = "@" in value
    term = f"m:{folded(value)[:120]}" if mail else f"p:{digits_of(value)}"
    found = await reads.query(Contact, Query(where={"terms": term}, order="-id", limit=limit))
    return [c for c in found if c.merged_into is None and value == (c.email if mail else c.phone)]


async def _same_name(reads: Reads, contact: Contact) -> list[Contact]:
    name = contact.name
    terms = [f"n:{word[:120]}" for word in folded(name).split()]
    if contact.nameless or not (contact.first_name or contact.last_name) or not terms:
        return []
    found = await reads.query(Contact, Query(where={"terms": Cond("all", terms)}, order="-id", limit=LOOKED_AT))
    return [c for c in found if c.merged_into is None and folded(c.name) == folded(name)]


async def _with_newest(reads: Reads, twin: Twin) -> Twin:
    where = {"contact": Cond("in", twin.contact.ids)}
    newest = await reads.query(Conversation, Query(where=where, order="-number", limit=1))
    return msgspec.structs.replace(twin, conversation=newest[0]) if newest else twin


async def suggest(tx: Tx, event: Event) -> None:
    """A contact has got a phone number or an e-mail address that another has already: said in the contact's place."""
    if event.facts.get("field") not in ("phone", "email") or not event.facts.get("after"):
        return
    contact = await tx.get(Contact, event.contact or "")
    own = await _with_newest(tx, Twin(contact, "name")) if contact else None
    if contact is None or own is None or own.conversation is None:
        return
    for twin in await twins(tx, contact, 1, names=False):
        name = twin.contact.name if len(twin.contact.name) <= NAMED else f"{twin.contact.name[: NAMED - 1]}…"
        look = Button(f"⇄ Merge {name}…", f"merge {own.conversation.number} {twin.handle}")
        said: dict[str, Value] = {"name": contact.name, "other": twin.contact.name, "why": twin.why}
        said["number"] = twin.conversation.number if twin.conversation else 0
        await desks.tell(tx, contact, Reply("twin_found", said, rows=((look,),)))

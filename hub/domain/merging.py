"""Two contacts who are one person: the one is merged into the other, and can be told apart again.

Nothing that was said is moved: what the other one wrote stays under its own id, and the kept one knows of it. Only the
ways to reach them move, so that whatever arrives from then on is the kept one's.
"""

from __future__ import annotations

from datetime import datetime

from hub.domain import conversations, desks
from hub.domain.contacts import present, record
from hub.domain.conversations import Act
from hub.domain.ids import ContactId
from hub.domain.models import Contact, Conversation, Event, Facts
from hub.domain.ports import Cond, Query, Tx
from hub.domain.reply import Reply
from hub.errors import Refused

FIELDS = ("username", "phone", "email", "language")
NAMES = ("first_name", "last_name")
LIKELY = 200
"""Conversations, the newest, among whose contacts others of the same name are looked for."""


def filled(into: Contact, other: Contact) -> list[str]:
    """The fields that are empty in the one and not in the other: they are taken over."""
    nameless = not (into.first_name or into.last_name)
    names = [*(NAMES if nameless else ()), *FIELDS]
    return [name for name in names if not getattr(into, name) and getattr(other, name)]


async def likely(tx: Tx, contact: Contact, limit: int) -> list[tuple[Contact, Conversation]]:
    """Others, of those who wrote lately, with the same phone, e-mail address or name; each with their newest
    conversation.
    """
    found: dict[str, tuple[Contact, Conversation]] = {}
    for conversation in await tx.query(Conversation, Query(where={}, order="-number", limit=LIKELY)):
        other = await tx.get(Contact, conversation.contact)
        if other is not None and other.id not in found and other.merged_into is None and _alike(contact, other):
            found[other.id] = (other, conversation)
    return list(found.values())[:limit]


def _alike(contact: Contact, other: Contact) -> bool:
    same = (contact.phone and contact.phone == other.phone) or (contact.email and contact.email == other.email)
    named = not contact.nameless and contact.name.casefold() == other.name.casefold()
    return contact.id != other.id and bool(same or named)


async def merge(tx: Tx, act: Act, into: Contact, other: Contact) -> None:
    """Makes the other one this one: ways to reach them, tags, empty fields; of two open conversations this one's goes
    on, the other's is closed. Raises Refused.
    """
    if into.id == other.id:
        raise Refused(f"That is {into.name} already.")
    if into.merged_into is not None or other.merged_into is not None:
        raise Refused("One of them was merged already; look again.")
    took: Facts = {name: getattr(other, name) for name in filled(into, other)}
    for name in took:
        setattr(into, name, took[name])
    tags = [t for t in other.tags if t not in into.tags]
    facts: Facts = {"other": other.id, "keys": list(other.keys), "tags": [*tags], "filled": list(took)}
    into.tags, into.absorbed = [*into.tags, *tags], [*into.absorbed, other.id, *other.absorbed]
    into.keys, into.reaches = [*into.keys, *other.keys], [*into.reaches, *other.reaches]
    other.keys, other.reaches, other.merged_into = [], [], into.id
    facts |= await _one_conversation(tx, act, into, other)
    record(tx, "merged", act.at, act=act, contact=into, facts=facts)
    await desks.tell(tx, other, Reply("merged_here", {"name": into.name}))
    for each in (into, other):
        await desks.refresh(tx, each)


async def _one_conversation(tx: Tx, act: Act, into: Contact, other: Contact) -> Facts:
    """Closes the other's, saying where it goes on; where this one has none, another is opened in its stead. Gives what
    must be known to tell them apart again.
    """
    theirs, ours = await conversations.live(tx, other), await conversations.live(tx, into)
    if theirs is None:
        return {"closed": "", "opened": ""}
    waited = (_moment(ours.waiting_since if ours else None), _moment(theirs.waiting_since))
    opened = ours is None
    if ours is None:
        ours = await conversations.open_conversation(tx, into, theirs.channel, act.at, "user")
        ours.assignee = into.assignee = into.assignee or theirs.assignee
        ours.last_text, ours.last_at = theirs.last_text, theirs.last_at
    ours.waiting_since = min(filter(None, (ours.waiting_since, theirs.waiting_since)), default=None)
    ours.version += 1
    await conversations.close(tx, act, theirs, None, f"Merged into #{ours.number}")
    known: Facts = {"closed": theirs.id, "opened": ours.id if opened else "", "waited": _moment(ours.waiting_since)}
    return {**known, "waited_ours": waited[0], "waited_theirs": waited[1]}


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _at(event: Event, name: str) -> datetime | None:
    said = str(event.facts.get(name) or "")
    return datetime.fromisoformat(said) if said else None


async def unmerge(tx: Tx, act: Act, into: Contact) -> str:
    """Tells apart again who was merged into this one last; what arrived meanwhile stays here. Gives the other's name.

    Raises Refused where nobody was merged into it.
    """
    where = {"kind": "merged", "contact": into.id}
    for event in await tx.query(Event, Query(where=where, order="-id", limit=50)):
        kept = await tx.get(Event, event.id)
        if kept is not None and not kept.undone:
            kept.undone = True
            return await apart(tx, act, kept)
    raise Refused(f"Nobody was merged into {into.name}.")


async def apart(tx: Tx, act: Act, event: Event) -> str:
    """Takes back one merging."""
    into = await present(tx, event.contact or "")
    other = await tx.get(Contact, str(event.facts.get("other")))
    if into is None or other is None or other.merged_into is None:
        raise Refused("They are told apart already.")
    keys = set(_list(event, "keys"))
    gone = {other.id, *other.absorbed}
    into.keys = [k for k in into.keys if k not in keys]
    other.reaches = [r for r in into.reaches if f"{r.channel}|{r.address}" in keys]
    into.reaches = [r for r in into.reaches if f"{r.channel}|{r.address}" not in keys]
    other.keys, other.merged_into = sorted(keys), None
    into.absorbed = [ContactId(i) for i in into.absorbed if i not in gone]
    into.tags = [t for t in into.tags if t not in _list(event, "tags")]
    for name in _list(event, "filled"):
        if getattr(into, name) == getattr(other, name):
            setattr(into, name, "")
    await _as_they_were(tx, act, event, (into, other))
    record(tx, "unmerged", act.at, act=act, contact=into, facts={"other": other.id})
    for each in (into, other):
        await desks.refresh(tx, each)
    return other.name


async def _as_they_were(tx: Tx, act: Act, event: Event, both: tuple[Contact, Contact]) -> None:
    """The conversation that merging closed goes on, and waits as it did if nobody has answered since; one that merging
    opened is closed where nothing was said in it.
    """
    into, other = both
    ours = await conversations.live(tx, into)
    unanswered = ours is not None and _moment(ours.waiting_since) == event.facts.get("waited")
    theirs = await tx.get(Conversation, str(event.facts.get("closed") or ""))
    if theirs is not None and theirs.state == "closed" and await conversations.live(tx, other) is None:
        await conversations.reopen(tx, act, theirs)
        theirs.summary, theirs.waiting_since = "", _at(event, "waited_theirs") if unanswered else None
    if ours is None:
        return
    if theirs is not None and unanswered:
        ours.waiting_since = _at(event, "waited_ours")
    if ours.id == event.facts.get("opened") and not (ours.incoming or ours.outgoing):
        await conversations.close(tx, act, ours, None, "Opened by a merging that was taken back")
    way = into.last_reach()
    if way is not None and into.reach(ours.channel) is None:
        ours.channel = way.channel
        ours.version += 1


def _list(event: Event, name: str) -> list[str]:
    found = event.facts.get(name)
    return found if isinstance(found, list) else []


async def counts(tx: Tx, contact: Contact) -> int:
    """How many conversations the contact had."""
    return await tx.count(Conversation, {"contact": Cond("in", contact.ids)})

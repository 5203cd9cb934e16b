"""Deeds on contacts, and the events that every deed leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from hub.domain.ids import ChannelId, ContactId, ConversationId, new_id
from hub.domain.incoming import Person
from hub.domain.models import Contact, Conversation, Event, Facts, Reach, Tag, reach_key
from hub.domain.ports import Reads, Tx
from hub.domain.text import as_name
from hub.errors import NotFound

if TYPE_CHECKING:
    from hub.domain.conversations import Act
    from hub.domain.ids import Address

WORKSPACE = ConversationId("workspace")
"""Under this stand events about nobody but the workspace itself, so that an index finds them: the audit."""
SHOWN_OF_ADDRESS = 4
"""Characters of an address that tell accounts apart, as long as they do."""
_IN_PASSING = frozenset({"came_online", "went_offline", "went_busy", "notices_changed"})
"""What is neither about a contact nor a change of the workspace."""


def record(  # noqa: PLR0913 - the columns of an event
    tx: Tx,
    kind: str,
    at: datetime,
    act: Act | None = None,
    *,
    contact: Contact | None = None,
    conversation: ConversationId | None = None,
    facts: Facts | None = None,
) -> Event:
    """Adds the event of a deed."""
    event = Event(
        id=new_id(),
        kind=kind,
        at=at,
        actor=act.member.id if act else "",
        contact=contact.id if contact else None,
        conversation=conversation or _under(kind, contact),
        desk=act.desk if act else None,
        thread=act.thread if act else None,
        facts=facts or {},
    )
    tx.add(event)
    if act is not None:
        act.done.append(event)
    return event


def _under(kind: str, contact: Contact | None) -> ConversationId | None:
    if contact is not None:
        return under_contact(contact.id)
    return None if kind in _IN_PASSING else WORKSPACE


def under_contact(contact: ContactId) -> ConversationId:
    """Where events stand that are about a contact, and about none of their conversations: an index finds them there."""
    return ConversationId(contact)


async def ensure_contact(
    tx: Tx, channel: ChannelId, address: Address, person: Person, at: datetime
) -> tuple[Contact, Reach]:
    """The contact at that address, made now where it is new, and how to reach them."""
    contact = await tx.find(Contact, "keys", reach_key(channel, address))
    if contact is None:
        contact = Contact(id=ContactId(new_id()), keys=[reach_key(channel, address)], created_at=at)
        contact.reaches = [Reach(channel=channel, address=address)]
        tx.add(contact)
        record(tx, "contact_created", at, contact=contact, facts={"channel": channel})
    _learn(contact, person)
    reach = next(r for r in contact.reaches if r.channel == channel and r.address == address)
    return contact, reach


def heard_from(contact: Contact, reach: Reach, at: datetime, terms: Terms) -> None:
    """The contact did something there: they can be reached, and may be answered for as long as the network lets us."""
    reach.state, reach.last_in = "active", max(at, reach.last_in or at)
    reach.open_until = _later(reach.last_in, terms.open_seconds)
    reach.late_until = _later(reach.last_in, terms.late_seconds)
    reach.final = terms.final
    contact.reaches = list(contact.reaches)


def account_ends(reaches: Sequence[Reach]) -> list[str]:
    """The ends of addresses that tell accounts on one channel apart; empty for who is alone there."""
    return [_end(each, [r for r in reaches if r.channel == each.channel and r is not each]) for each in reaches]


def _end(reach: Reach, others: Sequence[Reach]) -> str:
    if not others:
        return ""
    long = max(len(reach.address), *(len(r.address) for r in others))
    sizes = range(SHOWN_OF_ADDRESS, long + 1)
    return next((e for e in (reach.address[-s:] for s in sizes) if not any(r.address.endswith(e) for r in others)), "")


def _later(at: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else at + timedelta(seconds=seconds)


class Terms(msgspec.Struct, frozen=True):
    """On what terms a network lets us answer: for so many seconds, so many more if a person wrote it, for good."""

    open_seconds: float | None = None
    late_seconds: float | None = None
    final: bool = False


def _learn(contact: Contact, person: Person) -> None:
    """Keeps what the network says now; what it does not say stays. Of one who was merged, the name stays too."""
    if contact.absorbed and not contact.nameless:
        return
    first, last = names_of(person)
    contact.first_name = first or contact.first_name
    if first:
        contact.last_name = last
    contact.username = person.username or contact.username
    contact.language = person.language or contact.language


def names_of(person: Person) -> tuple[str, str]:
    """First and last name as they can be shown; the first is empty only where there is none at all."""
    first, last = as_name(person.first_name), as_name(person.last_name)
    return (first, last) if first else (last, "")


async def tag(tx: Tx, act: Act, contact: Contact, tags: list[Tag], *, remove: bool) -> list[Tag]:
    """Puts tags on the contact, or takes them off; gives those that this changed."""
    changed = [t for t in tags if (t.id in contact.tags) == remove]
    for each in changed:
        contact.tags = [t for t in contact.tags if t != each.id] if remove else [*contact.tags, each.id]
    if changed:
        kind = "untagged" if remove else "tagged"
        going_on = await tx.find(Conversation, "live", contact.id)
        facts: Facts = {"tags": [t.id for t in changed]}
        where = going_on.id if going_on else None
        record(tx, kind, act.at, act=act, contact=contact, conversation=where, facts=facts)
    return changed


async def present(reads: Reads, id: str) -> Contact | None:
    """The contact with that id, or who they turned out to be."""
    contact = await reads.get(Contact, id)
    while contact is not None and contact.merged_into is not None:
        contact = await reads.get(Contact, contact.merged_into)
    return contact


async def get_contact(tx: Tx, id: ContactId) -> Contact:
    """The contact with that id, or who they turned out to be; NotFound where it is gone."""
    contact = await present(tx, id)
    if contact is None:
        raise NotFound("This contact is gone.")
    return contact

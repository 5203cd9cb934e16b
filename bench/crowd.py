"""A workspace as it is after years of use: contacts, conversations and all that was said, as the hub leaves them.

Everything is made of its number, so that a workspace of a tenth is a tenth of the same, and every run is alike.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate, islice

import msgspec

from bench.prefill import post_of, raw_of, write
from hub.domain.contacts import WORKSPACE
from hub.domain.ids import (
    Address,
    ChannelId,
    ContactId,
    ConversationId,
    DeskId,
    ExternalId,
    MessageId,
    PostId,
    TeamId,
    ThreadId,
    UserId,
    new_id,
)
from hub.domain.models import (
    Comment,
    Contact,
    Conversation,
    Event,
    Message,
    Place,
    Post,
    Reach,
    Record,
    message_key,
    now,
    post_key,
    reach_key,
)
from hub.domain.text import Text
from hub.store.counters import PREFIX
from hub.store.driver import Database

CONVERSATIONS = 2
"""Of each contact: one of long ago, and one that may be open."""
MESSAGES = 5
"""Of each conversation; the last of them is a note."""
OPEN, FEWEST, SNOOZED, WAITING = 100, 8, 2, 2
"""One contact in so many has an open conversation, but so many at least; one is snoozed and one waits for so many open
ones.
"""
_CHUNK = 100
"""Contacts written together."""
_WRITERS = 2
_PAST = timedelta(days=700)
_FIRST = ("Ann", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jana", "Karl", "Lea", "Mio", "Nina")
_LAST = ("Ash", "Birch", "Cedar", "Drum", "Elm", "Frost", "Gale", "Hill", "Ivy", "Jones", "Kern", "Lang", "Moor")
_TAGS = {"vip": 3, "late": 40, "rare": 900}
"""One contact in so many has it."""
_VOCABULARY = [f"word{i}" for i in range(4000)]
_WEIGHTS = list(accumulate(1 / (i + 2) for i in range(len(_VOCABULARY))))
"""A few words are in every other message, most are in hardly any."""


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """So many contacts, and who is there besides. `people`: users, the first of whom is who asks."""

    contacts: int
    channels: tuple[ChannelId, ChannelId]
    desk: DeskId
    people: tuple[UserId, ...]
    team: TeamId
    category: str


def apart(contacts: int) -> int:
    """How far apart contacts with open conversations are, by their numbers."""
    return max(2, min(OPEN, contacts // FEWEST))


def thread(k: int) -> ThreadId:
    """The topic of the contact with that number."""
    return ThreadId(str(1_000_000_000 + k))


def last_name(k: int) -> str:
    """What nobody else is called."""
    return f"{_LAST[k % len(_LAST)]}{k}"


def contact_of(k: int, crowd: Crowd, at: datetime) -> Contact:
    """The contact with that number, from 0."""
    channel, address = crowd.channels[k % 3 == 0], Address(str(9_000_000_000 + k))
    place = Place(desk=crowd.desk, thread=thread(k), title=f"#{k}", card=PostId(str(k)))
    return Contact(
        id=ContactId(new_id()),
        keys=[reach_key(channel, address)],
        reaches=[Reach(channel=channel, address=address, last_in=at)],
        first_name=_FIRST[k % len(_FIRST)],
        last_name=last_name(k),
        username=f"user{k}",
        language=("en", "de", "fr")[k % 3],
        country=("DE", "FR", "US", "CH", "PL")[k % 5],
        phone=f"+4915{k:08}" if k % 2 else "",
        email=f"c{k}@shop.example" if k % 5 else "",
        tags=[tag for tag, each in _TAGS.items() if k % each == 0],
        fields={"plan": ("gold", "silver")[k % 2], "age": k % 90},
        assignee=_assignee(k, crowd),
        team=crowd.team if k % 7 == 0 else None,
        places=[place],
        created_at=at,
    )


def _place(contact: Contact, at: datetime) -> Post:
    """Which topic is the contact's."""
    place = contact.places[0]
    post = PostId(place.thread)
    facts = {"id": post_key(place.desk, post), "desk": place.desk, "post": post, "thread": place.thread}
    return Post(role="place", at=at, contact=contact.id, **facts)  # type: ignore[arg-type]  # one of each


def _assignee(k: int, crowd: Crowd) -> UserId | None:
    return (None, *crowd.people)[k // apart(crowd.contacts) % (len(crowd.people) + 1)]


def _conversation(n: int, contact: Contact, crowd: Crowd, at: datetime) -> Conversation:
    closer, ended = crowd.people[n % len(crowd.people)], at + timedelta(hours=3)
    return Conversation(
        id=ConversationId(new_id()),
        number=n + 1,
        contact=contact.id,
        state="closed",
        channel=contact.reaches[0].channel,
        assignee=contact.assignee,
        team=contact.team,
        opened_at=at,
        incoming=MESSAGES // 2,
        outgoing=MESSAGES // 2,
        last_text="thank you",
        last_at=ended,
        first_response_at=at,
        first_response_by=closer,
        responses=2,
        response_seconds=90.0,
        closed_at=ended,
        closed_by=closer,
        closed_source="user",
        category=crowd.category if n % 10 == 0 else "",
    )


def _alive(k: int, conversation: Conversation, crowd: Crowd) -> None:
    """The last conversation of some contacts goes on."""
    each = apart(crowd.contacts)
    if k % each and k % (SNOOZED * each) != 1:
        return
    conversation.state, conversation.live = "open" if k % each == 0 else "snoozed", conversation.contact
    conversation.closed_at = conversation.closed_by = None
    conversation.closed_source = conversation.category = ""
    conversation.desks = [crowd.desk]
    if conversation.state == "snoozed":
        conversation.snoozed_until, conversation.snoozed_by = now() + timedelta(days=30), crowd.people[0]
    elif k // each % WAITING == 0:
        conversation.waiting_since = conversation.last_at


def words(number: int, chance: random.Random) -> str:
    """What was said: some words of everybody, one that hardly anybody says, one that nobody else did."""
    said = [*chance.choices(_VOCABULARY, cum_weights=_WEIGHTS, k=9), f"order{number}"]
    return " ".join([*said, "scarce"] if number % 2500 == 0 else said)


def _said(number: int, conversation: Conversation, crowd: Crowd, chance: random.Random) -> Message | Comment:
    at, text = conversation.opened_at, Text(words(number, chance))
    author = crowd.people[number % len(crowd.people)]
    named = {"id": MessageId(new_id()), "contact": conversation.contact, "conversation": conversation.id, "at": at}
    if number % MESSAGES == MESSAGES - 1:
        return Comment(text=text, author=author, **named)  # type: ignore[arg-type]  # one of each
    external, inward = ExternalId(f"{conversation.number}:{number}"), number % 2 == 0
    return Message(
        channel=conversation.channel,
        direction="in" if inward else "out",
        state="received" if inward else "sent",
        keys=[message_key(conversation.channel, external)],
        externals=[external],
        text=text,
        author=None if inward else author,
        source="contact" if inward else "user",
        raw=raw_of(conversation.number, number, at) if inward else "",
        **named,  # type: ignore[arg-type]  # one of each
    )


def _events(conversation: Conversation, crowd: Crowd) -> list[Event]:
    actor = crowd.people[conversation.number % len(crowd.people)]
    facts = {"contact": conversation.contact, "conversation": conversation.id, "at": conversation.opened_at}
    opened = Event(id=new_id(), kind="opened", facts={"source": "contact"}, **facts)  # type: ignore[arg-type]
    kinds = ("assigned", "closed") if conversation.state == "closed" else ("assigned",)
    return [opened, *(Event(id=new_id(), kind=kind, actor=actor, **facts) for kind in kinds)]  # type: ignore[arg-type]


def records(crowd: Crowd) -> Iterator[list[Record]]:
    """All that there is, a contact at a time."""
    began, chance = now() - _PAST, random.Random(5)
    for k in range(crowd.contacts):
        at = began + _PAST * k / crowd.contacts
        contact = contact_of(k, crowd, at)
        found: list[Record] = [contact, _place(contact, at)]
        for n in range(k * CONVERSATIONS, (k + 1) * CONVERSATIONS):
            conversation = _conversation(n, contact, crowd, at)
            if n % CONVERSATIONS == CONVERSATIONS - 1:
                _alive(k, conversation, crowd)
            found += [conversation, *_events(conversation, crowd)]
            for number in range(n * MESSAGES, (n + 1) * MESSAGES):
                said = _said(number, conversation, crowd, chance)
                found += [said, post_of(said, contact)]
        yield found


def changes(crowd: Crowd) -> list[Record]:
    """What was changed about the workspace itself, for the audit."""
    at = now() - _PAST
    return [
        Event(id=new_id(), kind="category_changed", at=at, actor=who, conversation=WORKSPACE, facts={"name": str(n)})
        for n, who in enumerate(crowd.people * 50)
    ]


async def fill(database: Database, crowd: Crowd) -> None:
    """Writes it. Returns when the server has it."""
    everybody = records(crowd)

    async def some() -> None:
        while chunk := list(islice(everybody, _CHUNK)):
            await write(database, [record for found in chunk for record in found])

    await asyncio.gather(*(some() for _ in range(_WRITERS)))
    await write(database, changes(crowd))
    last = {"$set": {"value": crowd.contacts * CONVERSATIONS}}
    await database["catalog"].update_one({"_id": f"{PREFIX}conversation"}, last, upsert=True)


def open_numbers(contacts: int) -> Sequence[int]:
    """The numbers of the conversations that are open."""
    return [(k + 1) * CONVERSATIONS for k in range(0, contacts, apart(contacts))]

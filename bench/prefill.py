"""A workspace with a past: months of closed conversations, written straight into the database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from pymongo import WriteConcern

from bench.updates import Said, telegram_update
from hub.domain.ids import (
    Address,
    ChannelId,
    ContactId,
    ConversationId,
    DeskId,
    ExternalId,
    MessageId,
    PostId,
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
    PostRole,
    Reach,
    Record,
    Seen,
    message_key,
    now,
    post_key,
    reach_key,
)
from hub.domain.text import Text
from hub.store import codec
from hub.store.driver import Database
from hub.store.layout import SHELF

MESSAGES_A_CONVERSATION = 10
CONVERSATIONS_A_CONTACT = 2
FIRST_CONTACT = 1_000_000
"""Nobody who writes in the measuring."""
_CHUNK = 200
"""Conversations written together."""
_WRITERS = 2
_DESK, _AGENT = DeskId("desk"), UserId("agent")
_QUICKLY = WriteConcern(w=1, j=False)
_PAST = timedelta(days=180)


def _contact(number: int, channel: ChannelId, at: datetime) -> Contact:
    address = Address(str(FIRST_CONTACT + number))
    reach = Reach(channel=channel, address=address, last_in=at)
    place = Place(desk=_DESK, thread=ThreadId(str(number)), title=f"Contact {number}", card=PostId(str(number)))
    return Contact(
        id=ContactId(new_id()),
        keys=[reach_key(channel, address)],
        reaches=[reach],
        first_name=f"Contact {number}",
        last_name="Of The Past",
        language="en",
        assignee=_AGENT,
        places=[place],
        created_at=at,
    )


def _conversation(number: int, contact: Contact, channel: ChannelId, at: datetime) -> Conversation:
    ended = at + timedelta(hours=3)
    return Conversation(
        id=ConversationId(new_id()),
        number=-1 - number,  # numbers from 1 on are given to those who write in the measuring
        contact=contact.id,
        state="closed",
        channel=channel,
        assignee=_AGENT,
        opened_at=at,
        incoming=MESSAGES_A_CONVERSATION // 2,
        outgoing=MESSAGES_A_CONVERSATION // 2,
        last_text="thank you",
        last_at=ended,
        first_response_at=at,
        closed_at=ended,
        closed_by=_AGENT,
        closed_source="user",
    )


def _message(number: int, contact: Contact, conversation: Conversation, at: datetime) -> Message:
    inward = number % 2 == 0
    external = ExternalId(f"{contact.reaches[0].address}:{number}")
    return Message(
        id=MessageId(new_id()),
        contact=contact.id,
        conversation=conversation.id,
        channel=conversation.channel,
        direction="in" if inward else "out",
        state="received" if inward else "sent",
        at=at,
        keys=[message_key(conversation.channel, external)],
        externals=[external],
        text=Text("could you tell me when my order arrives, and whether it can be sent elsewhere"),
        author=None if inward else _AGENT,
        source="contact" if inward else "user",
        raw=raw_of(number // 20, number, at) if inward else "",
    )


def raw_of(contact: int, number: int, at: datetime) -> str:
    """What the network posted of that message."""
    return telegram_update(Said(FIRST_CONTACT + contact, number, int(at.timestamp())))


def post_of(message: Message | Comment, contact: Contact) -> Post:
    """Where it stands in the contact's first place."""
    place, note = contact.places[0], isinstance(message, Comment)
    post = PostId(message.id if isinstance(message, Comment) else message.externals[0])
    role: PostRole = "relay" if isinstance(message, Message) and message.direction == "in" else "reply"
    return Post(
        id=post_key(place.desk, post),
        desk=place.desk,
        post=post,
        thread=place.thread,
        role="note" if note else role,
        at=message.at,
        contact=contact.id,
        conversation=message.conversation,
        messages=[message.id],
        drawn="0123456789abcdef",
        drawn_at=message.at,
    )


def _events(contact: Contact, conversation: Conversation, at: datetime) -> list[Event]:
    facts = {"contact": contact.id, "conversation": conversation.id, "at": at}
    return [
        Event(id=new_id(), kind=kind, actor=actor, **facts)  # type: ignore[arg-type]  # one of each
        for kind, actor in (("opened", ""), ("assigned", _AGENT), ("closed", _AGENT))
    ]


def past(messages: int, channel: ChannelId) -> Iterator[list[Record]]:
    """That many messages with all that goes with them, a conversation at a time."""
    began, contact = now() - _PAST, None
    for count in range(messages // MESSAGES_A_CONVERSATION):
        at = began + _PAST * count / max(messages // MESSAGES_A_CONVERSATION, 1)
        records: list[Record] = []
        if contact is None or count % CONVERSATIONS_A_CONTACT == 0:
            contact = _contact(count, channel, at)
            records.append(contact)
        conversation = _conversation(count, contact, channel, at)
        records += [conversation, *_events(contact, conversation, at)]
        for turn in range(MESSAGES_A_CONVERSATION):
            message = _message(count * MESSAGES_A_CONVERSATION + turn, contact, conversation, at)
            seen = Seen(id=f"{channel}|past-{message.id}", at=now())  # of today, so that it is not forgotten meanwhile
            records += [message, post_of(message, contact), seen]
        yield records


async def fill(database: Database, messages: int, channel: ChannelId) -> None:
    """Writes it. Returns when the server has it on disk, and is quiet again."""
    conversations = past(messages, channel)

    async def some() -> None:
        while chunk := list(islice(conversations, _CHUNK)):
            await write(database, [record for records in chunk for record in records])

    await asyncio.gather(*(some() for _ in range(_WRITERS)))


async def write(database: Database, records: list[Record]) -> None:
    """Writes them beside all that is done in the workspace, in bulk."""
    by_shelf: dict[str, list[Record]] = {}
    for record in records:
        by_shelf.setdefault(SHELF[type(record)].name, []).append(record)
    for name, found in by_shelf.items():
        collection = database[name].with_options(write_concern=_QUICKLY)
        await collection.insert_many([codec.encode(record) for record in found], ordered=False)

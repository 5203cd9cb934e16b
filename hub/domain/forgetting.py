"""Forgetting a contact for good: who they are at once, and what was said in steps, however much it was.

Conversations stay as figures without a word of what was said, so that reports of the past do not change.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.domain import conversations, desks, pictures
from hub.domain.contacts import present, record, under_contact
from hub.domain.conversations import Act
from hub.domain.ids import ContactId, DeskId, FileId, Identity, PostId, ThreadId
from hub.domain.models import Comment, Contact, Conversation, Event, Media, Message, Post, Record, now, post_key
from hub.domain.ports import Cond, Query, Reads, Tx
from hub.domain.work import Erase, Notify, Work, contact_lane, desk_lane, erase_lane

TOGETHER = 100
"""Records that are erased in one transaction."""
NOTICES = DeskId("notices")
"""Stands for the private chats, as if they were one desk with a thread for each contact."""


class Traces(msgspec.Struct, frozen=True):
    """How much there is of a contact."""

    conversations: int
    messages: int
    notes: int


async def traces(reads: Reads, contact: Contact) -> Traces:
    """How much would be erased."""
    where = {"contact": Cond("in", contact.ids)}
    counts = [await reads.count(kind, where) for kind in (Conversation, Message, Comment)]
    return Traces(*counts)


async def forget(tx: Tx, act: Act, contact: Contact) -> None:
    """Forgets who the contact is; whoever writes from there again is somebody new. The rest is done by the host."""
    every = [c for c in [await tx.get(Contact, id) for id in contact.ids] if c is not None]
    places = tuple((p.desk, p.thread) for each in every for p in each.places)
    live = await conversations.live(tx, contact)
    if live is not None:
        conversations.end(live, act.at, act.member.id)
    await _drop_what_waits(tx, every)
    for each in every:
        tx.delete(each)
    task = Erase(contacts=tuple(contact.ids), places=places, by=act.member.id, files=pictures.of(every))
    desks.enqueue(tx, erase_lane(contact.id), task)
    record(tx, "contact_forgotten", act.at, act=act)
    for desk in await desks.all_desks(tx):
        if desk:
            await desks.refresh_home(tx, desk)


async def _drop_what_waits(tx: Tx, every: list[Contact]) -> None:
    """What was to be sent to them or shown of them is not any more."""
    bound = await desks.all_desks(tx)
    lanes = {contact_lane(c.id, r.channel) for c in every for r in c.reaches}
    lanes |= {desk_lane(desk, c.id) for c in every for desk in bound}
    for found in await tx.query(Work, Query(where={"state": "waiting", "lane": Cond("in", sorted(lanes))})):
        work = await tx.get(Work, found.id)
        if work is not None:
            tx.delete(work)


# -- the steps --


async def threads(reads: Reads, contacts: tuple[ContactId, ...]) -> set[tuple[DeskId, ThreadId]]:
    """Where on desks the next messages stand, of the places that are theirs alone."""
    names = [m.id for m in await _next(reads, contacts)]
    posts = await reads.query(Post, Query(where={"messages": Cond("in", names)})) if names else []
    found = {(p.desk, p.thread) for p in posts if p.thread}
    places = {each: await reads.get(Post, post_key(each[0], PostId(each[1]))) for each in found}
    return {each for each, place in places.items() if place is not None and place.contact in contacts}


async def posts_in(reads: Reads, place: tuple[DeskId, ThreadId]) -> list[Post]:
    """Some of what the hub knows to stand in a place."""
    return await reads.query(Post, Query(where={"desk": place[0], "thread": place[1]}, limit=TOGETHER))


async def told_of(reads: Reads, task: Notify) -> list[ContactId] | None:
    """The contacts whom a notice tells of; None: one of them was forgotten, so that it must not be told any more."""
    names = list(filter(None, (task.conversation, *task.also)))
    talks = [await reads.get(Conversation, name) for name in names]
    found = list(dict.fromkeys(talk.contact for talk in talks if talk is not None))
    known = [await present(reads, each) for each in found]
    return found if all(known) else None


def notice_of(contact: ContactId, identity: Identity, post: PostId) -> Post:
    """What was told of a contact in a private chat, so that it is found when they are forgotten."""
    key = f"{post_key(DeskId(identity), post)}|{contact}"
    thread = ThreadId(contact)
    return Post(id=key, desk=NOTICES, post=post, thread=thread, role="notice", at=now(), identity=identity)


async def notices_of(reads: Reads, contact: ContactId) -> list[Post]:
    """Some of what was told of a contact in private chats."""
    return await posts_in(reads, (NOTICES, ThreadId(contact)))


async def told_by_events(reads: Reads, contacts: tuple[ContactId, ...]) -> list[Event]:
    """Some of the events that tell of them: of their conversations, and of themselves."""
    talks = await reads.query(Conversation, Query(where={"contact": Cond("in", list(contacts))}))
    under = [*(talk.id for talk in talks), *(under_contact(id) for id in contacts)]
    return await reads.query(Event, Query(where={"conversation": Cond("in", under)}, limit=5 * TOGETHER))


async def drop(tx: Tx, found: Sequence[Record]) -> None:
    """They are no more."""
    for each in found:
        kept = await tx.get(type(each), each.id)
        if kept is not None:
            tx.delete(kept)


async def erase_some(tx: Tx, contacts: tuple[ContactId, ...]) -> tuple[bool, list[FileId]]:
    """Erases the next messages and notes, then what conversations tell; whether that was all, and the files of it."""
    found = await _next(tx, contacts)
    await drop(tx, found)
    files = [a.stored for each in found for a in each.attachments if isinstance(a, Media) and a.stored]
    return not found and await _blank_some(tx, contacts), files


async def _next(reads: Reads, contacts: tuple[ContactId, ...]) -> list[Message | Comment]:
    where = {"contact": Cond("in", list(contacts))}
    found: list[Message | Comment] = list(await reads.query(Message, Query(where=where, limit=TOGETHER)))
    if not found:
        found = list(await reads.query(Comment, Query(where=where, limit=TOGETHER)))
    return found


async def _blank_some(tx: Tx, contacts: tuple[ContactId, ...]) -> bool:
    """Takes the words out of the conversations, with their events; whether none is left with any."""
    where = {"contact": Cond("in", list(contacts))}
    told = [c for c in await tx.query(Conversation, Query(where=where, order="number")) if _tells(c)]
    for each in told[:TOGETHER]:
        conversation = await tx.get(Conversation, each.id)
        if conversation is not None:
            conversation.last_text, conversation.summary, conversation.spells = "", "", {}
            if conversation.rating is not None:
                conversation.rating = msgspec.structs.replace(conversation.rating, comment="")
        await drop(tx, await tx.query(Event, Query(where={"conversation": each.id})))
    return len(told) <= TOGETHER


def _tells(conversation: Conversation) -> bool:
    rated = conversation.rating is not None and bool(conversation.rating.comment)
    return bool(conversation.last_text or conversation.summary or conversation.spells or rated)

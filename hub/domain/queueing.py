"""Work items for desks: added at the end of their lane, or asked for once."""

from __future__ import annotations

import time
from datetime import timedelta

from hub.domain.ids import DeskId, new_id
from hub.domain.models import Comment, Contact, Media, Message, Post, now
from hub.domain.ports import Query, Tx
from hub.domain.work import NO_DESK, Fetch, FetchFromDesk, QueueCard, Relay, Task, Work, desk_lane, home_lane

ALBUM_PAUSE = timedelta(seconds=1)
"""How long the first part of an album waits for the others, so that they are shown together."""


def enqueue(tx: Tx, lane: str, task: Task, *, held: bool = False) -> Work:
    """Adds a work item at the end of its lane."""
    work = Work(id=new_id(), lane=lane, task=task, state="waiting", held=held)
    tx.add(work)
    return work


async def ask_once(tx: Tx, lane: str, task: Task) -> None:
    """Asks for something of which one asking is enough until it is done: a card to be redrawn."""
    waiting = await tx.get(Work, lane)
    if waiting is None:
        # Not 0: one that is added while its forerunner is being ended must not be taken for it.
        tx.add(Work(id=lane, lane=lane, task=task, state="waiting", asked=time.time_ns() // 1000))
    else:
        waiting.asked += 1


async def refresh_home(tx: Tx, desk: DeskId) -> None:
    """Has the queue card redrawn."""
    await ask_once(tx, home_lane(desk), QueueCard(desk=desk))


def show(tx: Tx, desk: DeskId, contact: Contact, message: Message | Comment) -> None:
    """Has a message shown on a desk, its files fetched first; with NO_DESK it is kept until one is bound."""
    lane = desk_lane(desk, contact.id)
    for index, attachment in enumerate(message.attachments):
        if isinstance(attachment, Media) and not attachment.stored and isinstance(message, Message):
            at = attachment.desk
            task = (
                FetchFromDesk(message=message.id, index=index, desk=at)
                if at
                else Fetch(message=message.id, index=index)
            )
            enqueue(tx, lane, task)
    work = enqueue(tx, lane, Relay(message=message.id, desk=desk, album=message.album), held=desk == NO_DESK)
    if message.album:
        work.due = now() + ALBUM_PAUSE


async def shows(tx: Tx, desk: DeskId, message: Message | Comment) -> bool:
    """Whether the message stands on the desk, or waits to be shown there."""
    if any(p.desk == desk for p in await tx.query(Post, Query(where={"messages": message.id}))):
        return True
    waiting = await tx.query(Work, Query(where={"state": "waiting", "lane": desk_lane(desk, message.contact)}))
    works = [*waiting, *tx.added(Work)]
    return any(isinstance(w.task, Relay) and (w.task.desk, w.task.message) == (desk, message.id) for w in works)

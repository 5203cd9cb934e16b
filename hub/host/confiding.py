"""What users are told in private, with the way to what it is about."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from hub.domain import forgetting
from hub.domain.contacts import present
from hub.domain.models import Conversation, DeskItem, Member, Post
from hub.domain.ports import FrontEnd, Tx
from hub.domain.reply import Button, Reply, marked
from hub.domain.work import Notify, Work
from hub.errors import DeliveryError, TemporaryFailure
from hub.host import delivery
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane

log = logging.getLogger(__name__)


async def notify(around: Surroundings, lane: Lane, work: Work) -> None:
    """Says it in each private chat of the user; who cannot be told so, is not."""
    task = work.task
    if not isinstance(task, Notify):
        return
    try:
        await _tell(around, task)
    except TemporaryFailure as error:
        await delivery.postpone(around, lane, [work], error)
        return
    except DeliveryError as error:
        log.warning("a user could not be told in private: %s", error.text)
    await delivery.end(around, lane, [work])


async def _tell(around: Surroundings, task: Notify) -> None:
    member, contacts = await around.workspace.get(Member, task.user), await forgetting.told_of(around.workspace, task)
    if contacts is None:
        return
    for identity in member.identities if member else ():
        for front_end in around.front_ends:
            if front_end.owns(identity):
                said = marked(await _with_the_way(around, front_end, task), around.workspace.id)
                post = await front_end.notify(identity, said)
                notices = [forgetting.notice_of(each, identity, post) for each in contacts]
                await delivery.settled(around.workspace, partial(_keep, notices=notices))


async def _keep(tx: Tx, notices: Sequence[Post]) -> None:
    for each in notices:
        if await tx.get(Post, each.id) is None:
            tx.add(each)


async def _with_the_way(around: Surroundings, front_end: FrontEnd, task: Notify) -> Reply:
    """With a button that opens the place on a desk, one of the same network if there is one."""
    conversation = await around.workspace.get(Conversation, task.conversation) if task.conversation else None
    contact = await present(around.workspace, conversation.contact) if conversation else None
    if conversation is None or contact is None:
        return task.reply
    desks = await around.workspace.items(DeskItem)
    for desk in sorted(desks, key=lambda d: d.network != front_end.network):
        place, its = contact.place(desk.id), next((f for f in around.front_ends if f.network == desk.network), None)
        url = its.desk(desk.chat).link(place.thread, conversation.spells.get(desk.id)) if its and place else ""
        if url:
            label = f"Open #{conversation.number} ▸"
            return replace(task.reply, rows=(*task.reply.rows, (Button(label, url=url),)))
    return task.reply

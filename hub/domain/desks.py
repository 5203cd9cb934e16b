"""Desks: bound and left, and which work items show something on them."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta

from msgspec.structs import replace

from hub.domain.contacts import present
from hub.domain.ids import ChannelId, ContactId, DeskId, MessageId, PostId, ThreadId, new_id
from hub.domain.models import (
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    DeskItem,
    Media,
    Member,
    Message,
    Post,
    now,
    post_key,
)
from hub.domain.ports import Directory, Query, Tx
from hub.domain.reply import Reply
from hub.domain.text import nameless
from hub.domain.work import (
    NO_DESK,
    Card,
    Fetch,
    FetchFromDesk,
    Introduce,
    NamePeople,
    Notify,
    QueueCard,
    Redraw,
    Relay,
    Task,
    Tell,
    Work,
    card_lane,
    desk_lane,
    home_lane,
    user_lane,
)

HOME_DEPTH = 5
"""Messages under the queue card, after which it is posted anew, to be last again."""
ALBUM_PAUSE = timedelta(seconds=1)
"""How long the first part of an album waits for the others, so that they are shown together."""


async def all_desks(tx: Tx) -> list[DeskId]:
    """The desks bound now; the one that is no desk where none is."""
    return [d.id for d in await tx.items(DeskItem)] or [NO_DESK]


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


async def refresh(tx: Tx, contact: Contact) -> None:
    """Has the contact's card and the queue card redrawn on every desk."""
    for desk in await tx.items(DeskItem):
        if contact.place(desk.id):
            await ask_once(tx, card_lane(desk.id, contact.id), Card(contact=contact.id, desk=desk.id))
        await refresh_home(tx, desk.id)


async def catch_up(tx: Tx, desk: DeskId, contact: Contact, drawn: tuple[Contact, Conversation]) -> None:
    """Has a card redrawn that was `drawn` before there was a place to redraw, where it may look otherwise now."""
    before, conversation = drawn
    present = await tx.get(Conversation, conversation.id) or conversation
    # Where they stand on the desks is no part of what is drawn.
    now_so = (replace(contact, places=before.places), replace(present, spells=conversation.spells))
    if now_so != drawn:
        await ask_once(tx, card_lane(desk, contact.id), Card(contact=contact.id, desk=desk))


async def refresh_home(tx: Tx, desk: DeskId) -> None:
    """Has the queue card redrawn."""
    await ask_once(tx, home_lane(desk), QueueCard(desk=desk))


async def relay(tx: Tx, contact: Contact, message: Message | Comment, *, besides: DeskId | None = None) -> None:
    """Has a message shown on every desk but `besides`, its files fetched first; kept for later where none is bound."""
    for desk in await all_desks(tx):
        if desk == besides:
            continue
        lane, held = desk_lane(desk, contact.id), desk == NO_DESK
        for index, attachment in enumerate(message.attachments):
            if isinstance(attachment, Media) and not attachment.stored and isinstance(message, Message):
                enqueue(tx, lane, Fetch(message=message.id, index=index))
        work = enqueue(tx, lane, Relay(message=message.id, desk=desk, album=message.album), held=held)
        if message.album:
            work.due = now() + ALBUM_PAUSE


async def unseen(tx: Tx, desk: DeskId, contact: Contact) -> bool:
    """Whether the contact wrote something that is not shown on the desk yet."""
    works = await tx.query(Work, Query(where={"state": "waiting", "lane": desk_lane(desk, contact.id)}))
    for relay in (work.task for work in works if isinstance(work.task, Relay)):
        message = await tx.get(Message, relay.message)
        if message is not None and message.direction == "in":
            return True
    return False


async def introduce(tx: Tx, contact: Contact, channel: ChannelId) -> None:
    """Has the network asked who the contact is, before a place is opened for them on any desk."""
    for desk in await all_desks(tx):
        enqueue(tx, desk_lane(desk, contact.id), Introduce(contact=contact.id, channel=channel))


async def name_people(tx: Tx, contact: Contact, message: Message) -> None:
    """Has the network asked whom a message names, where it shows their ids, before it is shown on any desk."""
    if not nameless(message.text):
        return
    for desk in await all_desks(tx):
        enqueue(tx, desk_lane(desk, contact.id), NamePeople(message=message.id))


async def redraw(tx: Tx, contact: Contact, message: MessageId) -> None:
    """Has the posts that show a message redrawn on every desk."""
    for desk in await tx.items(DeskItem):
        enqueue(tx, desk_lane(desk.id, contact.id), Redraw(message=message, desk=desk.id))


async def tell(tx: Tx, contact: Contact, reply: Reply) -> None:
    """Says something in the contact's place on every desk that has one."""
    for desk in await tx.items(DeskItem):
        if contact.place(desk.id):
            task = Tell(contact=contact.id, desk=desk.id, reply=reply)
            enqueue(tx, desk_lane(desk.id, contact.id), task)


async def notify_owners(tx: Tx, reply: Reply) -> None:
    """Says something to every owner in private."""
    for member in await tx.items(Member):
        if member.role == "owner":
            enqueue(tx, user_lane(member.id), Notify(user=member.id, reply=reply))


async def pause_channel(tx: Tx, channel: ChannelItem, reason: str) -> None:
    """The network lets us in no more: what is to be sent waits, and the owners are told once."""
    channel.state, channel.problem = "paused", reason
    told = {"name": channel.name, "reason": reason, "network": channel.network}
    await notify_owners(tx, Reply("channel_paused", {**told}))


async def bind(tx: Tx, network: str, chat: str, title: str, desk_id: DeskId | None = None) -> DeskItem:
    """Makes a chat a desk of this workspace (with that id, for its route names it) and lets go what waited for one."""
    known = next((d.id for d in await tx.items(DeskItem) if (d.network, d.chat) == (network, chat)), None)
    wanted = desk_id or known or DeskId(new_id())
    desk = await tx.get(DeskItem, wanted)
    if desk is None:
        desk = DeskItem(id=wanted, network=network, chat=chat, title=title)
        tx.add(desk)
    await adopt(tx, desk.id)
    await refresh_home(tx, desk.id)
    return desk


async def adopt(tx: Tx, desk: DeskId) -> None:
    """Gives the desk what arrived while none was bound, in the order in which it came."""
    for found in await tx.query(Work, Query(where={"state": "waiting", "held": True}, order="id")):
        work = await tx.get(Work, found.id)
        if work is not None and isinstance(work.task, Relay) and work.task.desk == NO_DESK:
            message = await tx.get(Message, work.task.message) or await tx.get(Comment, work.task.message)
            if message is not None:
                work.lane, work.held = desk_lane(desk, message.contact), False
                work.task = Relay(message=message.id, desk=desk, album=work.task.album)


async def unbind(tx: Tx, desk: DeskItem) -> None:
    """Lets go of a desk; what waits for it goes to another, or is kept for the next one."""
    others = [d.id for d in await tx.items(DeskItem) if d.id != desk.id]
    await _hand_over(tx, desk, others[0] if others else NO_DESK)
    tx.delete(desk)


async def park(tx: Tx, stale: Work) -> None:
    """An item for a desk that is no more. One that was given to another desk meanwhile is left as it is."""
    work = await tx.get(Work, stale.id)
    if work is None or work.lane != stale.lane:
        return
    if not isinstance(work.task, Relay):
        tx.delete(work)
        return
    message = await tx.get(Message, work.task.message) or await tx.get(Comment, work.task.message)
    if message is None:
        tx.delete(work)
        return
    new = (await all_desks(tx))[0]
    work.lane, work.held = desk_lane(new, message.contact), new == NO_DESK
    work.task = Relay(message=message.id, desk=new, album=work.task.album)


async def move(tx: Tx, desk: DeskItem, chat: str, new: DeskId) -> None:
    """The desk's chat has a new identity: places and posts begin anew there, under a desk of its own."""
    await _hand_over(tx, desk, new)
    tx.delete(desk)
    if await tx.get(DeskItem, new) is None:
        tx.add(DeskItem(id=new, network=desk.network, chat=chat, title=desk.title))
    await refresh_home(tx, new)


async def move_route(directory: Directory, network: str, chats: tuple[str, str], workspace: str) -> DeskId:
    """Has the new one of `chats` (old, new) lead to the workspace; gives the id of the desk there. Harmless again."""
    old, new = (f"{network}:{chat}" for chat in chats)
    # All who find out about the move at once must come to the same id.
    target = DeskId(hashlib.blake2b(f"{workspace}|{new}".encode(), digest_size=10).hexdigest())
    await directory.claim_route("desk", new, workspace, target)
    await directory.release_route("desk", old, workspace)
    return target


async def _hand_over(tx: Tx, old: DeskItem, new: DeskId) -> None:
    """What is to be shown goes on waiting, for the new desk; what was to change posts of the old one is dropped."""
    for found in await tx.query(Work, Query(where={"state": "waiting"}, order="id")):
        work = await tx.get(Work, found.id)
        if work is None:
            continue
        if isinstance(work.task, (Relay, Fetch)) and work.lane.startswith(desk_lane(old.id, ContactId(""))):
            message = await tx.get(Message, work.task.message) or await tx.get(Comment, work.task.message)
            if message is not None:
                work.lane = desk_lane(new, message.contact)
            if isinstance(work.task, Relay):
                work.held = new == NO_DESK
                work.task = Relay(message=work.task.message, desk=new, album=work.task.album)
        elif getattr(work.task, "desk", None) == old.id and not isinstance(work.task, FetchFromDesk):
            tx.delete(work)


async def place_of(tx: Tx, desk: DeskId, thread: ThreadId) -> tuple[Contact | None, Conversation | None]:
    """Whose place a thread of the desk is, and the conversation that goes on or last went on there."""
    place = await tx.get(Post, post_key(desk, PostId(thread))) if thread else None
    if place is None or place.contact is None or place.role != "place":
        return None, None
    contact = await present(tx, place.contact)
    if contact is None:
        return None, None
    if place.conversation is not None and contact.id == place.contact:
        return contact, await tx.get(Conversation, place.conversation)
    conversation = await tx.find(Conversation, "live", contact.id)
    if conversation is None:
        found = await tx.query(Conversation, Query(where={"contact": contact.id}, order="-number", limit=1))
        conversation = await tx.get(Conversation, found[0].id) if found else None
    return contact, conversation


async def default_channel_name(tx: Tx, channel: ChannelId) -> str:
    """What agents call the channel."""
    return next((c.name for c in await tx.items(ChannelItem) if c.id == channel), "a disconnected channel")

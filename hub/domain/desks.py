"""Desks: bound and left, and which work items show something on them."""

from __future__ import annotations

import hashlib

from msgspec.structs import replace

from hub.domain import moving
from hub.domain.contacts import present
from hub.domain.ids import ChannelId, ContactId, DeskId, MessageId, PostId, TeamId, ThreadId, new_id
from hub.domain.models import (
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    DeskItem,
    Member,
    Message,
    Post,
    post_key,
)
from hub.domain.ports import Directory, Query, Reads, Tx
from hub.domain.queueing import ask_once as ask_once  # noqa: PLC0414 - asked for here as well
from hub.domain.queueing import enqueue as enqueue  # noqa: PLC0414
from hub.domain.queueing import refresh_home as refresh_home  # noqa: PLC0414
from hub.domain.queueing import show, shows
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
    Redraw,
    Relay,
    Tell,
    Work,
    card_lane,
    desk_lane,
    home_lane,
    user_lane,
)

HOME_DEPTH = 5
"""Messages under the queue card, after which it is posted anew, to be last again."""


async def all_desks(tx: Tx) -> list[DeskId]:
    """The desks bound now; the one that is no desk where none is."""
    return [d.id for d in await tx.items(DeskItem)] or [NO_DESK]


async def refresh(tx: Tx, contact: Contact) -> None:
    """Has the contact's card and the queue card redrawn on every desk that shows them."""
    conversation = await tx.find(Conversation, "live", contact.id)
    for desk in await tx.items(DeskItem):
        place = contact.place(desk.id)
        if place is not None:
            await ask_once(tx, card_lane(desk.id, contact.id), Card(contact=contact.id, desk=desk.id))
        if (place is not None and not place.left) or conversation is None or desk.id in conversation.desks:
            await refresh_home(tx, desk.id)


async def catch_up(tx: Tx, desk: DeskId, contact: Contact, drawn: tuple[Contact, Conversation]) -> None:
    """Has a card redrawn that was `drawn` before there was a place to redraw, where it may look otherwise now."""
    before, conversation = drawn
    present = await tx.get(Conversation, conversation.id) or conversation
    # Where they stand on the desks is no part of what is drawn.
    now_so = (replace(contact, places=before.places), replace(present, spells=conversation.spells))
    if now_so != drawn:
        await ask_once(tx, card_lane(desk, contact.id), Card(contact=contact.id, desk=desk))


async def relay(tx: Tx, contact: Contact, message: Message | Comment, *, besides: DeskId | None = None) -> None:
    """Has a message shown on the conversation's desks, but not `besides`; kept for later where none is bound."""
    for desk in await moving.shown_for(tx, contact, message):
        if desk != besides:
            show(tx, desk, contact, message)


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
    for desk in moving.bound_for(await tx.items(DeskItem), contact.team) or [NO_DESK]:
        enqueue(tx, desk_lane(desk, contact.id), Introduce(contact=contact.id, channel=channel))


async def name_people(tx: Tx, contact: Contact, message: Message) -> None:
    """Has the network asked whom a message names, where it shows their ids, before it is shown on any desk."""
    if not nameless(message.text):
        return
    for desk in await moving.shown_for(tx, contact, message):
        enqueue(tx, desk_lane(desk, contact.id), NamePeople(message=message.id))


async def redraw(tx: Tx, contact: Contact, message: MessageId) -> None:
    """Has the posts that show a message redrawn on every desk."""
    for desk in await tx.items(DeskItem):
        enqueue(tx, desk_lane(desk.id, contact.id), Redraw(message=message, desk=desk.id))


async def tell(tx: Tx, contact: Contact, reply: Reply) -> None:
    """Says something in the contact's place on every desk that has one and shows the conversation."""
    for desk in await tx.items(DeskItem):
        place = contact.place(desk.id)
        if place is not None and not place.left:
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


async def give_to_team(tx: Tx, desk: DeskItem, team: TeamId | None) -> None:
    """From now on the desk shows that team's conversations, or all that have no desk of their own; what waits moves."""
    if desk.team == team:
        return
    desk.team = team
    every = [*(d for d in await tx.items(DeskItem) if d.id != desk.id), desk]
    await moving.gather(tx, {}, every)


async def adopt(tx: Tx, desk: DeskId) -> None:
    """Gives the desk what arrived while none was bound, in the order in which it came."""
    for found in await tx.query(Work, Query(where={"state": "waiting", "held": True}, order="id")):
        work = await tx.get(Work, found.id)
        if work is not None and isinstance(work.task, Relay) and work.task.desk == NO_DESK:
            message = await tx.get(Message, work.task.message) or await tx.get(Comment, work.task.message)
            if message is not None:
                there = await _adopting(tx, message, desk)
                work.lane, work.held = desk_lane(there, message.contact), False
                work.task = Relay(message=message.id, desk=there, album=work.task.album)


async def _adopting(tx: Tx, message: Message | Comment, desk: DeskId) -> DeskId:
    """Which desk shows what none has shown yet: that desk, or that of the conversation's team."""
    conversation = await tx.get(Conversation, message.conversation)
    if conversation is None:
        return desk
    if not conversation.desks:
        every = [d for d in await tx.items(DeskItem) if d.id != desk]
        own = [d.id for d in every if d.team is not None and d.team == conversation.team]
        conversation.desks = own[:1] or [desk]
    return desk if desk in conversation.desks else conversation.desks[0]


async def unbind(tx: Tx, desk: DeskItem) -> None:
    """Lets go of a desk; what waits for it goes where its conversation is shown then, or is kept for the next one."""
    others = [d for d in await tx.items(DeskItem) if d.id != desk.id]
    await moving.gather(tx, {"desks": desk.id}, others)
    for found in await _waiting_for(tx, desk):
        work = await tx.get(Work, found.id)
        if work is not None:
            await _elsewhere(tx, work, others)
    tx.delete(desk)


async def _waiting_for(tx: Tx, desk: DeskItem) -> list[Work]:
    """All items that are to show or change something on the desk, in order."""
    lanes = (desk_lane(desk.id, ContactId("")), card_lane(desk.id, ContactId("")), home_lane(desk.id))
    waiting = await tx.query(Work, Query(where={"state": "waiting"}, order="id"))
    return [w for w in waiting if w.lane.startswith(lanes)]


async def park(tx: Tx, stale: Work) -> None:
    """An item for a desk that is no more. One that was given to another desk meanwhile is left as it is."""
    work = await tx.get(Work, stale.id)
    if work is not None and work.lane == stale.lane:
        await _elsewhere(tx, work, await tx.items(DeskItem))


async def _elsewhere(tx: Tx, work: Work, desks: list[DeskItem]) -> None:
    """An item for a desk that is no more: what it was to show is shown where else it belongs, unless it is anyway."""
    message = None
    if isinstance(work.task, (Relay, Fetch)):
        message = await tx.get(Message, work.task.message) or await tx.get(Comment, work.task.message)
    if message is None:
        tx.delete(work)
        return
    conversation = await tx.get(Conversation, message.conversation)
    there = moving.bound_for(desks, conversation.team if conversation else None) or [NO_DESK]
    missing = [d for d in there if not await shows(tx, d, message)]
    if not missing:
        tx.delete(work)
        return
    new = missing[0]
    work.lane = desk_lane(new, message.contact)
    if isinstance(work.task, Relay):
        work.held = new == NO_DESK
        work.task = Relay(message=message.id, desk=new, album=work.task.album)


async def move(tx: Tx, desk: DeskItem, chat: str, new: DeskId) -> None:
    """The desk's chat has a new identity: places and posts begin anew there, under a desk of its own."""
    await _hand_over(tx, desk, new)
    await moving.renamed(tx, desk.id, new)
    tx.delete(desk)
    if await tx.get(DeskItem, new) is None:
        moved = DeskItem(id=new, network=desk.network, chat=chat, title=desk.title, team=desk.team)
        moved.relays = desk.relays
        tx.add(moved)
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


async def place_of(tx: Reads, desk: DeskId, thread: ThreadId) -> tuple[Contact | None, Conversation | None]:
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

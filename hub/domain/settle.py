"""Settle: what became of a work item, written in one transaction with the end of the item."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hub.domain import desks
from hub.domain.arrivals import preview
from hub.domain.contacts import get_contact, names_of
from hub.domain.ids import ContactId, DeskId, ExternalId, FileId, MessageId, PostId, ThreadId
from hub.domain.incoming import Person
from hub.domain.models import (
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    DeskItem,
    Media,
    Message,
    Place,
    Post,
    message_key,
    now,
    post_key,
)
from hub.domain.ports import Cond, Query, Reads, RelayView, Sent, Tx
from hub.domain.reply import Reply
from hub.domain.text import Text
from hub.domain.work import Mark, Send, SendEdit, Work, desk_lane
from hub.errors import Blocked, ChannelDead, DeliveryError, Gone, Uncertain


async def done(tx: Tx, works: Sequence[Work]) -> None:
    """The items are done with. One that was asked for again meanwhile stays for another round."""
    for each in works:
        work = await tx.get(Work, each.id)
        if work is not None and work.asked == each.asked:
            tx.delete(work)


async def again(tx: Tx, works: Sequence[Work], due: datetime, reason: str) -> None:
    """The items are tried again at `due`."""
    for each in works:
        work = await tx.get(Work, each.id)
        if work is not None:
            work.due, work.reason = due, reason
            work.attempts, work.leaving = each.attempts + 1, False


async def failed(tx: Tx, works: Sequence[Work], reason: str) -> None:
    """The items are given up, and kept for `/failed`."""
    for each in works:
        work = await tx.get(Work, each.id)
        if work is not None:
            work.state, work.reason = "failed", reason


# -- out to the contact --


async def take(tx: Tx, works: Sequence[Work]) -> list[Message]:
    """Notes that these sends are leaving now, so that nobody can call them back; gives those that still may leave."""
    messages = []
    for each in works:
        work = await tx.get(Work, each.id)
        message = await tx.get(Message, each.task.message) if work and isinstance(each.task, Send) else None
        if work is None or message is None or message.state not in ("queued", "uncertain"):
            if work is not None:
                tx.delete(work)
            continue
        work.leaving = True
        messages.append(message)
        if message.earlier:
            await _says_it_now(tx, work.lane, message.id)
    return messages


async def _says_it_now(tx: Tx, lane: str, message: MessageId) -> None:
    """What leaves says already what it was changed to: there is nothing to change at the contact's any more."""
    for work in await tx.query(Work, Query(where={"state": "waiting", "lane": lane})):
        if isinstance(work.task, SendEdit) and work.task.message == message:
            tx.delete(work)


async def sent(tx: Tx, works: Sequence[Work], messages: Sequence[MessageId], result: Sent) -> None:
    """The messages arrived. Each of an album's has the ids of its own file and words; a split one has them all."""
    for id, externals in zip(messages, shares(result.externals, result.whose, len(messages)), strict=True):
        message = await tx.get(Message, id)
        if message is not None:
            _known_as(message, externals)
            message.state, message.reason = "sent", ""
            await _mark(tx, message, "delivered")
    await done(tx, works)


def shares(names: Sequence[str], whose: Sequence[int], messages: int) -> list[list[ExternalId]]:
    """Which of the network's messages each of ours became; each of an album's has one file."""
    found: list[list[ExternalId]] = [[] for _ in range(messages)]
    for name, place in zip(names, whose or range(len(names)), strict=False):
        found[min(place, messages - 1)].append(ExternalId(name))
    return found


def _known_as(message: Message, externals: Sequence[ExternalId]) -> None:
    """What the network calls the message from now on. By what it was called before it is still known, where a first
    sending arrived in part.
    """
    message.externals = list(externals)
    message.keys = list(dict.fromkeys([*message.keys, *(message_key(message.channel, e) for e in externals)]))


async def send_failed(tx: Tx, works: Sequence[Work], messages: Sequence[MessageId], error: DeliveryError) -> None:
    """The messages did not arrive, or nobody knows: the agent is told, and a contact out of reach is marked so.

    What certainly arrived before it went wrong is known: an album's part as sent, a split message's by its names.
    """
    uncertain = isinstance(error, Uncertain)
    arrived, whose = (error.arrived, error.whose) if isinstance(error, Uncertain) else ((), ())
    missing = {min(place, len(messages) - 1) for place in whose[len(arrived) :]} or {len(messages) - 1}
    for index, (id, externals) in enumerate(zip(messages, shares(arrived, whose, len(messages)), strict=True)):
        message = await tx.get(Message, id)
        if message is None:
            continue
        if externals:
            _known_as(message, externals)
        if externals and index not in missing:
            message.state, message.reason = "sent", ""
            await _mark(tx, message, "delivered")
            continue
        message.state, message.reason = ("uncertain" if uncertain else "failed"), error.text
        await _mark(tx, message, "uncertain" if uncertain else "failed")
        await _out_of_reach(tx, message, error)
    await done(tx, works)


async def edited(tx: Tx, works: Sequence[Work], message_id: MessageId, result: Sent) -> None:
    """The contact sees what the message says now, in as many of the network's messages as that takes: one that had
    arrived in part is whole with that, unless a file or card of it is missing.
    """
    message = await tx.get(Message, message_id)
    if message is not None and result.externals:
        _known_as(message, result.externals)
        bare = bool(message.text) and not any(isinstance(a, Media) for a in message.attachments)
        if message.state in ("uncertain", "failed") and len(result.externals) >= len(message.attachments) + bare:
            message.state, message.reason = "sent", ""
            await _mark(tx, message, "delivered")
    await done(tx, works)


async def _out_of_reach(tx: Tx, message: Message, error: DeliveryError) -> None:
    if isinstance(error, ChannelDead):
        await channel_dead(tx, message, error)
    contact = await tx.get(Contact, message.contact)
    reach = contact.reach(message.channel) if contact else None
    if contact and reach and isinstance(error, (Blocked, Gone)):
        reach.state = "blocked" if isinstance(error, Blocked) else "gone"
        await desks.refresh(tx, contact)


async def channel_dead(tx: Tx, message: Message, error: DeliveryError) -> None:
    """The network refuses the channel's token: it is paused, and the owners are told once."""
    channel = await tx.get(ChannelItem, message.channel)
    if channel is not None and channel.state == "active":
        await desks.pause_channel(tx, channel, error.text)


async def _mark(tx: Tx, message: Message, mark: str) -> None:
    for desk in await tx.items(DeskItem):
        task = Mark(message=message.id, desk=desk.id, mark=mark)  # type: ignore[arg-type]
        desks.enqueue(tx, desk_lane(desk.id, message.contact), task)


async def taken_back(tx: Tx, works: Sequence[Work], message_id: MessageId) -> None:
    """The contact no longer sees the message."""
    message = await tx.get(Message, message_id)
    if message is not None:
        message.state = "unsent"
        await _mark(tx, message, "unsent")
        await desks.redraw(tx, await get_contact(tx, message.contact), message.id)
    await done(tx, works)


async def told(tx: Tx, works: Sequence[Work], message_id: MessageId, reply: Reply, arrived: Sequence[str] = ()) -> None:
    """An edit, reaction or deletion did not get through: the desk is told why. `arrived`: what the network calls the
    message now, where an edit got through in part.
    """
    message = await tx.get(Message, message_id)
    if message is not None and arrived:
        _known_as(message, [ExternalId(e) for e in arrived])
    contact = await tx.get(Contact, message.contact) if message else None
    if contact is not None:
        await desks.tell(tx, contact, reply)
    await done(tx, works)


async def introduced(tx: Tx, works: Sequence[Work], contact_id: ContactId, person: Person) -> None:
    """The network said who the contact is; what somebody set by hand meanwhile stays."""
    contact = await tx.get(Contact, contact_id)
    if contact is not None:
        if contact.nameless:
            contact.first_name, contact.last_name = names_of(person)
            contact.username = person.username
        contact.language = contact.language or person.language
        await desks.refresh(tx, contact)
    await done(tx, works)


async def named(tx: Tx, works: Sequence[Work], message_id: MessageId, before: Text, text: Text) -> None:
    """The network said whom a message names; one that was edited meanwhile is asked for anew."""
    message = await tx.get(Message, message_id)
    if message is not None and message.text == before:
        message.text = text
        conversation = await tx.get(Conversation, message.conversation)
        if conversation is not None and conversation.last_at == message.at:
            conversation.last_text = preview(message)
    await done(tx, works)


# -- files --


async def fetched(
    tx: Tx, works: Sequence[Work], place: tuple[MessageId, int], stored: tuple[FileId, int] | None, problem: str = ""
) -> None:
    """The file is kept as `stored` (id, bytes), or cannot be had for the reason in `problem`."""
    id, index = place
    message = await tx.get(Message, id) or await tx.get(Comment, id)
    media = message.attachments[index] if message and index < len(message.attachments) else None
    if message is not None and isinstance(media, Media):
        if stored:
            media.stored, media.size = stored
        media.problem = problem
        message.attachments = list(message.attachments)
    await done(tx, works)


async def files_refused(tx: Tx, messages: Sequence[MessageId], problem: str) -> None:
    """The desk's network refuses the files of these messages: the desk says why instead of showing them."""
    for id in messages:
        message = await tx.get(Message, id) or await tx.get(Comment, id)
        if message is None:
            continue
        for media in message.attachments:
            if isinstance(media, Media):
                media.problem, media.stored = problem, None
        message.attachments = list(message.attachments)


# -- on the desk --


async def thread_opened(
    tx: Tx, contact_id: ContactId, place: Place, drawn: tuple[Contact, Conversation] | None = None
) -> None:
    """The contact has that place on the desk, instead of any that it had there before.

    `drawn`: what it was opened with. What changed meanwhile had no place there to be shown in, and is drawn now.
    """
    contact = await tx.get(Contact, contact_id)
    if contact is None:
        return
    if drawn is not None:
        await desks.catch_up(tx, place.desk, contact, drawn)
    contact.places = [*(p for p in contact.places if p.desk != place.desk), place]
    post = PostId(place.thread)
    tx.add(
        Post(
            id=post_key(place.desk, post),
            desk=place.desk,
            post=post,
            thread=place.thread,
            role="place",
            at=now(),
            contact=contact.id,
            conversation=place.conversation,
            card=place.card == post,
        )
    )


async def shown(
    tx: Tx, works: Sequence[Work], where: tuple[DeskId, ThreadId], view: RelayView, posts: Sequence[PostId]
) -> None:
    """The view's messages are on the desk as `posts`: texts first, which show all of them, then a post for each file.

    The first post carries card and row.
    """
    desk, thread = where
    for index, (post, shown_here, media, part) in enumerate(_shares(view, posts)):
        tx.add(
            Post(
                id=post_key(desk, post),
                desk=desk,
                post=post,
                thread=thread,
                role="note" if isinstance(view.messages[-1], Comment) else "relay",
                at=now(),
                contact=view.contact.id,
                conversation=view.conversation.id,
                messages=shown_here,
                card=view.card is not None and index == 0,
                row=view.row and index == 0,
                media=media,
                part=part,
            )
        )
    await _note_first(tx, desk, view, posts[0])
    await _out_of_trouble(tx, desk)
    await done(tx, works)


def _shares(view: RelayView, posts: Sequence[PostId]) -> list[tuple[PostId, list[MessageId], bool, int]]:
    """What each post shows: which messages, whether as a file, and which part of them. A bare file beside texts is a
    later part, for it has no words of its own.
    """
    texts = max(0, len(posts) - len(view.files))
    everything = [m.id for m in view.messages]
    owners = [m.id for m in view.messages for a in m.attachments if isinstance(a, Media) and a.stored]
    shares = [(post, everything, False, index) for index, post in enumerate(posts[:texts])]
    for post, owner in zip(posts[texts:], owners, strict=False):
        shares.append((post, [owner], True, 1 if texts else 0))
    return shares


async def desk_in_trouble(tx: Tx, desk_id: DeskId, reason: str) -> None:
    """Nothing can be posted on the desk for a reason that somebody must mend there: the owners are told once."""
    desk = await tx.get(DeskItem, desk_id)
    if desk is not None and desk.problem != reason:
        desk.problem = reason
        await desks.notify_owners(tx, Reply("desk_in_trouble", {"title": desk.title, "reason": reason}))


async def _out_of_trouble(tx: Tx, desk_id: DeskId) -> None:
    if any(d.id == desk_id and d.problem for d in await tx.items(DeskItem)):
        desk = await tx.get(DeskItem, desk_id)
        if desk is not None:
            desk.problem = ""


async def place_closed(tx: Tx, contact_id: ContactId, desk: DeskId, *, closed: bool) -> None:
    """Somebody closed the contact's place by hand, or it is open again."""
    contact = await tx.get(Contact, contact_id)
    place = contact.place(desk) if contact else None
    if contact is not None and place is not None:
        place.closed = closed
        contact.places = list(contact.places)


async def _note_first(tx: Tx, desk: DeskId, view: RelayView, first: PostId) -> None:
    contact = await tx.get(Contact, view.contact.id)
    place = contact.place(desk) if contact else None
    if contact is not None and place is not None and view.card is not None:
        place.card = first
        contact.places = list(contact.places)
    conversation = await tx.get(Conversation, view.conversation.id)
    if conversation is not None and view.row and conversation.waiting_since is not None:
        conversation.spells = {**conversation.spells, desk: first}
        # Only now is it known where the queue card's link is to lead.
        await desks.refresh_home(tx, desk)


async def redrawn(tx: Tx, works: Sequence[Work], post_id: str, drawn: str) -> None:
    """The post now shows what the fingerprint `drawn` stands for."""
    post = await tx.get(Post, post_id)
    if post is not None:
        post.drawn, post.drawn_at = drawn, now()
    await done(tx, works)


async def renamed(tx: Tx, contact_id: ContactId, desk: DeskId, title: str) -> None:
    """The contact's place on the desk has a new title."""
    contact = await tx.get(Contact, contact_id)
    place = contact.place(desk) if contact else None
    if contact is not None and place is not None:
        place.title = title
        contact.places = list(contact.places)


async def thread_lost(tx: Tx, contact_id: ContactId, desk: DeskId) -> None:
    """The contact's place on the desk is gone; the next message opens another."""
    contact = await tx.get(Contact, contact_id)
    if contact is None:
        return
    contact.places = [p for p in contact.places if p.desk != desk]
    conversation = await tx.find(Conversation, "live", contact.id)
    if conversation is not None:
        conversation.spells = {d: post for d, post in conversation.spells.items() if d != desk}


async def queue_drawn(tx: Tx, works: Sequence[Work], desk_id: DeskId, post: PostId) -> None:
    """The desk's queue card is that post."""
    desk = await tx.get(DeskItem, desk_id)
    if desk is not None and desk.queue_card != post:
        desk.queue_card, desk.home_posts = post, 0
    await done(tx, works)


async def desk_moved(tx: Tx, desk_id: DeskId, chat: str, new: DeskId) -> None:
    """The desk's chat has a new identity on its network, and so a new one with us: places and posts begin anew there.

    What waits for the old desk waits for the new one.
    """
    old = await tx.get(DeskItem, desk_id)
    if old is not None and old.chat != chat:
        await desks.move(tx, old, chat, new)


async def transcript(tx: Reads, contact: Contact, before: MessageId, limit: int) -> list[Message | Comment]:
    """The contact's last messages and notes before the one with that id, oldest first."""
    where = {"contact": Cond("in", contact.ids)}
    messages: list[Message | Comment] = list(await tx.query(Message, Query(where=where, order="-at", limit=limit + 1)))
    comments = await tx.query(Comment, Query(where=where, order="-at", limit=limit + 1))
    merged = sorted([*messages, *comments], key=lambda m: m.id)
    return [m for m in merged if m.id < before][-limit:]

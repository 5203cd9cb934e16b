"""Settle, on desks: what stands there now, written in one transaction with the end of the work item."""

from __future__ import annotations

from collections.abc import Sequence

from hub.domain import desks
from hub.domain.ids import ContactId, DeskId, MessageId, PostId, ThreadId
from hub.domain.models import (
    Comment,
    Contact,
    Conversation,
    DeskItem,
    Media,
    Message,
    Place,
    Post,
    now,
    post_key,
)
from hub.domain.ports import Cond, Query, Reads, RelayView, Tx
from hub.domain.reply import Reply
from hub.domain.settle import done
from hub.domain.work import Work


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
                by=view.by,
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


async def card_lost(tx: Tx, post: Post) -> None:
    """The card of a place can be edited no more: the contact's next words there bring another."""
    contact = await tx.get(Contact, post.contact or "")
    place = contact.place(post.desk) if contact else None
    if contact is not None and place is not None and place.card == post.post:
        place.card = None
        contact.places = list(contact.places)


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
    heard = {**where, "unheard": Cond("ne", True)}
    messages: list[Message | Comment] = list(await tx.query(Message, Query(where=heard, order="-at", limit=limit + 1)))
    comments = await tx.query(Comment, Query(where=where, order="-at", limit=limit + 1))
    merged = sorted([*messages, *comments], key=lambda m: m.id)
    return [m for m in merged if m.id < before][-limit:]

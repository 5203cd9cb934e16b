"""Settle: what became of a work item, written in one transaction with the end of the item."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hub.domain import desks
from hub.domain.arrivals import preview
from hub.domain.contacts import get_contact, names_of
from hub.domain.ids import ContactId, ExternalId, FileId, MessageId
from hub.domain.incoming import Person
from hub.domain.models import (
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    DeskItem,
    Media,
    Message,
    message_key,
)
from hub.domain.ports import Query, Sent, Tx
from hub.domain.reply import Reply
from hub.domain.text import Text
from hub.domain.unsending import waits_on
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
        if not isinstance(error, (Uncertain, Blocked, Gone)) and not message.externals:
            await waits_on(tx, message)
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

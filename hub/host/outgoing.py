"""Out: what agents wrote leaves to contacts, and the files that go with it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from hub.domain import settle
from hub.domain.ids import MessageId
from hub.domain.models import Contact, Media, Message
from hub.domain.ports import Deletes, Edits, Outgoing, Reacts, Sent, Tx
from hub.domain.reply import Reply
from hub.domain.work import FetchFromDesk, Send, SendDelete, SendEdit, SendReaction, Work
from hub.errors import ChannelDead, ChannelPaused, DeliveryError, Refused, TemporaryFailure, Undeliverable
from hub.host import delivery
from hub.host.channels import Line
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane
from hub.host.pacer import Window

log = logging.getLogger(__name__)

MOST_TRIES = 12
"""With pauses that double up to five minutes: about half an hour."""

Sending = Callable[[Line, Contact, Message], Awaitable[None]]


async def send(around: Surroundings, lane: Lane) -> None:
    """Sends the message at the head of the lane, an album's messages together."""
    works = _together(lane)

    async def taking(tx: Tx) -> list[Message]:
        return await settle.take(tx, works)

    messages = await around.workspace.run(taking)
    if not messages:
        lane.drop(works)
        return
    try:
        line, contact = await _target(around, messages[0])
        sent = await _send_paced(around, line, contact, messages)
    except DeliveryError as error:
        await _not_sent(around, lane, works, messages, error)
        return

    async def deed(tx: Tx) -> None:
        await settle.sent(tx, works, [m.id for m in messages], sent)

    await delivery.settled(around.workspace, deed)
    lane.drop(works)


def _together(lane: Lane) -> list[Work]:
    """The head, and the items behind it that are parts of its album."""
    head = lane.works[0]
    album = head.task.album if isinstance(head.task, Send) else ""
    parts = [w for w in lane.works if isinstance(w.task, Send) and album and w.task.album == album]
    return parts or [head]


async def _target(around: Surroundings, message: Message) -> tuple[Line, Contact]:
    line = await around.switchboard.line(message.channel)
    contact = await around.workspace.get(Contact, message.contact)
    if line is None or contact is None or contact.reach(message.channel) is None:
        raise Undeliverable("The channel was disconnected; connect it again to answer there.")
    if line.item.state != "active":
        raise ChannelPaused(f"The channel {line.item.name} is paused: {line.item.problem}", retry_after=30.0)
    return line, contact


def _windows(line: Line, contact: Contact) -> list[Window]:
    can, reach = line.channel.capabilities, contact.reach(line.item.id)
    account = f"channel:{line.item.network}:{line.item.account}"
    windows = [Window(account, can.per_account)] if can.per_account else []
    return windows + ([Window(f"{account}/{reach.address}", can.per_chat)] if can.per_chat and reach else [])


async def _send_paced(around: Surroundings, line: Line, contact: Contact, messages: list[Message]) -> Sent:
    reach = contact.reach(line.item.id)
    if reach is None:
        raise Undeliverable("There is no way to reach this contact on that channel.")
    outgoing = await _outgoing(around, messages)
    windows = _windows(line, contact)
    async with around.pacer.turn(windows, cost=max(1, len(outgoing.media))):
        try:
            return await line.channel.send(reach.address, outgoing)
        except DeliveryError as error:
            delivery.learn(around, windows, error)
            raise


async def _outgoing(around: Surroundings, messages: list[Message]) -> Outgoing:
    media = []
    for message in messages:
        for attachment in message.attachments:
            if isinstance(attachment, Media) and not attachment.stored:
                raise Undeliverable(attachment.problem or "The file could not be had from the desk.")
        media += delivery.files_of(around.workspace, message)
    first = messages[0]
    answered = await around.workspace.get(Message, first.reply_to) if first.reply_to else None
    return Outgoing(
        text=first.text if not media else first.text.cut(0, 0),
        media=tuple(media),
        others=tuple(a for m in messages for a in m.attachments if not isinstance(a, Media)),
        reply_to=answered.externals[-1] if answered and answered.externals else None,
    )


async def _not_sent(
    around: Surroundings, lane: Lane, works: list[Work], messages: list[Message], error: DeliveryError
) -> None:
    tries = 0 if isinstance(error, ChannelPaused) else works[0].attempts
    if isinstance(error, TemporaryFailure) and tries < MOST_TRIES:
        await delivery.postpone(around, lane, works, error)
        return

    async def deed(tx: Tx) -> None:
        await settle.send_failed(tx, works, [m.id for m in messages], error)

    await delivery.settled(around.workspace, deed)
    lane.drop(works)
    if isinstance(error, ChannelDead):
        await around.switchboard.forget(messages[0].channel)


async def change(around: Surroundings, lane: Lane) -> None:
    """Carries an edit, a deletion or a reaction to the contact; where that fails for good, the desk is told why."""
    work = lane.works[0]
    task = work.task
    if not isinstance(task, (SendEdit, SendDelete, SendReaction)):
        return
    message = await around.workspace.get(Message, task.message)
    if message is None or not message.externals:
        await delivery.end(around, lane, [work])
        return
    try:
        line, contact = await _target(around, message)
        async with around.pacer.turn(_windows(line, contact), cost=1 if isinstance(task, SendEdit) else 0):
            await _apply(line, contact, message, task)
    except TemporaryFailure as error:
        await delivery.postpone(around, lane, [work], error)
        return
    except DeliveryError as error:
        await _tell(around, lane, work, message, error)
        return
    if isinstance(task, SendDelete):

        async def deed(tx: Tx) -> None:
            await settle.taken_back(tx, [work], message.id)

        await delivery.settled(around.workspace, deed)
        lane.settle([work])
        return
    await delivery.end(around, lane, [work])


async def _apply(line: Line, contact: Contact, message: Message, task: SendEdit | SendDelete | SendReaction) -> None:
    reach, channel = contact.reach(line.item.id), line.channel
    if reach is None:
        raise Undeliverable("There is no way to reach this contact on that channel.")
    if isinstance(task, SendEdit):
        if not isinstance(channel, Edits):
            raise Undeliverable("This network cannot change what was sent.")
        await channel.edit(reach.address, message.externals[0], message.text, caption=bool(message.attachments))
    elif isinstance(task, SendDelete):
        if not isinstance(channel, Deletes):
            raise Undeliverable("This network cannot take messages back.")
        await channel.delete(reach.address, message.externals)
    elif isinstance(channel, Reacts):
        await channel.react(reach.address, message.externals[-1], task.emoji)


async def _tell(around: Surroundings, lane: Lane, work: Work, message: Message, error: DeliveryError) -> None:
    what = work.task.__class__.__name__.removeprefix("Send").lower()
    reply = Reply("not_mirrored", {"what": what, "reason": error.text}, lasting=True)

    async def deed(tx: Tx) -> None:
        await settle.told(tx, [work], message.id, reply)

    await delivery.settled(around.workspace, deed)
    lane.settle([work])


async def fetch_from_desk(around: Surroundings, lane: Lane, work: Work) -> None:
    """Brings an agent's file into the file store."""
    task = work.task
    if not isinstance(task, FetchFromDesk):
        return
    message = await around.workspace.get(Message, task.message)
    media = message.attachments[task.index] if message and task.index < len(message.attachments) else None
    found = await delivery.desk_of(around, task.desk)
    if not isinstance(media, Media) or found is None:
        await delivery.end(around, lane, [work])
        return
    await keep(around, lane, work, (task.message, task.index), lambda: found[1].fetch(media))


async def keep(
    around: Surroundings,
    lane: Lane,
    work: Work,
    place: tuple[MessageId, int],
    fetch: Callable[[], AsyncIterator[bytes]],
) -> None:
    """Streams a file into the file store; where it cannot be had, notes why and lets the lane go on."""
    stored, problem = None, ""
    try:
        stored = await around.workspace.files.save(str(place[0]), "", fetch(), delivery.FILE_LIMIT)
    except TemporaryFailure as error:
        if work.attempts < MOST_TRIES:
            await delivery.postpone(around, lane, [work], error)
            return
        problem = error.text
    except (DeliveryError, Refused) as error:
        problem = error.text

    async def deed(tx: Tx) -> None:
        await settle.fetched(tx, [work], place, stored, problem)

    await delivery.settled(around.workspace, deed)
    lane.settle([work])

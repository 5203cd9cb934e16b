"""Out: what agents wrote leaves to contacts, and the files that go with it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec

from hub.domain import reaching, settle
from hub.domain.contacts import present
from hub.domain.ids import Address, ExternalId, MessageId
from hub.domain.models import Contact, Media, Message, Reach, message_key, now
from hub.domain.ports import Asks, Cond, Deletes, Edits, Outgoing, OutgoingMedia, Query, Reacts, Sent, Tx
from hub.domain.reply import Reply
from hub.domain.text import Text
from hub.domain.work import AnswerPress, FetchFromDesk, Send, SendDelete, SendEdit, SendReaction, Work
from hub.errors import (
    ChannelDead,
    ChannelPaused,
    DeliveryError,
    Refused,
    TemporaryFailure,
    TooLarge,
    Uncertain,
    Undeliverable,
    WindowClosed,
)
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
        works, messages = await _sendable(around, lane, line, (works, messages))
        sent = await _send_paced(around, line, contact, messages) if messages else None
    except DeliveryError as error:
        await _not_sent(around, lane, works, messages, error)
        return
    if sent is not None:
        arrived = sent

        async def deed(tx: Tx) -> None:
            await settle.sent(tx, works, [m.id for m in messages], arrived)

        await delivery.settled(around.workspace, deed)
    lane.drop(works)


async def _sendable(
    around: Surroundings, lane: Lane, line: Line, going: tuple[list[Work], list[Message]]
) -> tuple[list[Work], list[Message]]:
    """Those of an album whose files can be sent; the others fail each for its own reason, and hold up nobody."""
    works, messages = going
    for message in messages if len(messages) > 1 else ():
        problem = _file_problem(line, message)
        if problem is not None:
            own = [w for w in works if isinstance(w.task, Send) and w.task.message == message.id]
            await _failed(around, lane, own, [message], problem)
            works, messages = [w for w in works if w not in own], [m for m in messages if m is not message]
    return works, messages


def _file_problem(line: Line, message: Message) -> DeliveryError | None:
    """Why a file of the message cannot go; None: it can."""
    limits = line.channel.capabilities.media
    for media in (a for a in message.attachments if isinstance(a, Media)):
        if not media.stored:
            return Undeliverable(media.problem or "The file could not be had from the desk.")
        limit = limits.get(media.kind, limits.get("file"))
        if limit is None:
            return Undeliverable("This network takes no files of this kind.")
        if (media.size or 0) > limit:
            return TooLarge(f"The file is larger than the {limit >> 20} MB that this network takes.")
    return None


def _together(lane: Lane) -> list[Work]:
    """The head, and the items behind it that are parts of its album."""
    head = lane.works[0]
    album = head.task.album if isinstance(head.task, Send) else ""
    parts = [w for w in lane.works if isinstance(w.task, Send) and album and w.task.album == album]
    return parts or [head]


async def _target(around: Surroundings, message: Message) -> tuple[Line, Contact]:
    line = await around.switchboard.line(message.channel)
    contact = await present(around.workspace, message.contact)
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
    outgoing = await _outgoing(around, line, messages)
    windows = _windows(line, contact)
    async with around.pacer.turn(windows, cost=max(1, len(outgoing.media))):
        try:
            return await line.channel.send(reach.address, _in_time(contact, reach, outgoing))
        except DeliveryError as error:
            delivery.learn(around, windows, error)
            raise


def _in_time(contact: Contact, reach: Reach, outgoing: Outgoing) -> Outgoing:
    """As the network wants it at this moment. Raises WindowClosed where it lets nobody answer any more."""
    window = reach.window(now())
    if window == "shut":
        raise WindowClosed(f"Not sent: {reaching.unreachable(contact, reach.channel, now())}.")
    return msgspec.structs.replace(outgoing, late=True) if window == "late" else outgoing


async def _outgoing(around: Surroundings, line: Line, messages: list[Message]) -> Outgoing:
    problem = next((p for p in (_file_problem(line, m) for m in messages) if p is not None), None)
    if problem is not None:
        raise problem
    media = [file for m in messages for file in _captioned(delivery.files_of(around.workspace, m))]
    first = messages[0]
    return Outgoing(
        text=first.text if not media else first.text.cut(0, 0),
        media=tuple(media),
        others=tuple(a for m in messages for a in m.attachments if not isinstance(a, Media)),
        reply_to=await _answered(around, line, first),
        choices=tuple(first.choices[: line.channel.capabilities.choices]),
    )


def _captioned(files: Sequence[OutgoingMedia]) -> list[OutgoingMedia]:
    """A message's words stand under the first of its files: said under each, the contact would have them many times."""
    return [*files[:1], *(msgspec.structs.replace(file, caption=Text()) for file in files[1:])]


async def _answered(around: Surroundings, line: Line, message: Message) -> ExternalId | None:
    """The message that it answers; where an answer must name one, the contact's last on that channel."""
    found = await around.workspace.get(Message, message.reply_to) if message.reply_to else None
    if found is not None and found.channel != line.item.id:
        found = None  # it cannot be pointed to there
    if found is None and line.channel.capabilities.needs_reply_to:
        contact = await present(around.workspace, message.contact)
        ids = contact.ids if contact else [message.contact]
        where = {"contact": Cond("in", ids), "direction": "in", "channel": line.item.id}
        latest = await around.workspace.query(Message, Query(where=where, order="-at", limit=1))
        found = latest[0] if latest else None
    return found.externals[-1] if found and found.externals else None


async def _not_sent(
    around: Surroundings, lane: Lane, works: list[Work], messages: list[Message], error: DeliveryError
) -> None:
    tries = 0 if isinstance(error, ChannelPaused) else works[0].attempts
    if isinstance(error, TemporaryFailure) and tries < MOST_TRIES:
        await delivery.postpone(around, lane, works, error)
        return
    await _failed(around, lane, works, messages, error)
    if isinstance(error, ChannelDead):
        await around.switchboard.forget(messages[0].channel)


async def _failed(
    around: Surroundings, lane: Lane, works: list[Work], messages: list[Message], error: DeliveryError
) -> None:
    async def deed(tx: Tx) -> None:
        await settle.send_failed(tx, works, [m.id for m in messages], error)

    await delivery.settled(around.workspace, deed)
    lane.drop(works)


async def change(around: Surroundings, lane: Lane) -> None:
    """Carries an edit, a deletion or a reaction to the contact; where that fails for good, the desk is told why."""
    work = lane.works[0]
    task = work.task
    if not isinstance(task, (SendEdit, SendDelete, SendReaction)):
        return
    message = await around.workspace.get(Message, task.message)
    asked = await around.workspace.get(Work, work.id)
    if message is None or asked is None or not message.externals:
        await delivery.end(around, lane, [work])
        return
    try:
        line, contact = await _target(around, message)
        cost = len(message.externals) if isinstance(task, SendEdit) else 0
        async with around.pacer.turn(_windows(line, contact), cost=cost):
            changed = await _apply(line, contact, message, task)
    except TemporaryFailure as error:
        await delivery.postpone(around, lane, [work], error)
        return
    except DeliveryError as error:
        await _tell(around, lane, work, message, error)
        return

    async def deed(tx: Tx) -> None:
        if isinstance(task, SendDelete):
            await settle.taken_back(tx, [work], message.id)
        else:
            await settle.edited(tx, [work], message.id, changed)

    await delivery.settled(around.workspace, deed)
    lane.settle([work])


async def _apply(line: Line, contact: Contact, message: Message, task: SendEdit | SendDelete | SendReaction) -> Sent:
    """Does it; gives what the network calls the message now, and nothing where that has not changed."""
    reach, channel = contact.reach(line.item.id), line.channel
    if reach is None:
        raise Undeliverable("There is no way to reach this contact on that channel.")
    if isinstance(task, SendEdit):
        if not isinstance(channel, Edits):
            raise Undeliverable("This network cannot change what was sent.")
        return await _edit(channel, reach.address, message)
    if isinstance(task, SendDelete):
        if not isinstance(channel, Deletes):
            raise Undeliverable("This network cannot take messages back.")
        await channel.delete(reach.address, _every_name(message))
    elif isinstance(channel, Reacts):
        await channel.react(reach.address, message.externals[-1], task.emoji)
    return Sent(())


async def _edit(channel: Edits, to: Address, message: Message) -> Sent:
    """Changes the message's words and nothing else of it: the network knows its files first, then its words, then the
    rest. Raises Uncertain with all names that the message has now, where some were added.
    """
    files = sum(isinstance(a, Media) for a in message.attachments)
    rest = len(message.attachments) - files
    end = max(len(message.externals) - rest, 1)
    first, more, others = message.externals[: min(files, 1)], message.externals[1:files], message.externals[end:]
    worded = [*first, *message.externals[files:end]]

    def whole(names: Sequence[str]) -> tuple[ExternalId, ...]:
        return tuple(ExternalId(n) for n in (*names[: len(first)], *more, *names[len(first) :], *others))

    try:
        now_named = await channel.edit(to, worded, message.text, caption=bool(files))
    except Uncertain as error:
        raise Uncertain(error.text, whole([*worded, *error.arrived]) if error.arrived else ()) from None
    return Sent(whole(now_named.externals))


def _every_name(message: Message) -> list[ExternalId]:
    """All that the network ever called it: what arrived in part before it was sent again goes with it."""
    prefix = message_key(message.channel, ExternalId(""))
    return [ExternalId(key.removeprefix(prefix)) for key in message.keys]


async def _tell(around: Surroundings, lane: Lane, work: Work, message: Message, error: DeliveryError) -> None:
    what = work.task.__class__.__name__.removeprefix("Send").lower()
    reply = Reply("not_mirrored", {"what": what, "reason": error.text}, lasting=True)

    async def deed(tx: Tx) -> None:
        await settle.told(tx, [work], message.id, reply, error.arrived if isinstance(error, Uncertain) else ())

    await delivery.settled(around.workspace, deed)
    lane.settle([work])


async def answer_press(around: Surroundings, lane: Lane, work: Work) -> None:
    """Tells the network that a button was heard; where that cannot be, the contact saw it spin for a while."""
    task = work.task
    line = await around.switchboard.line(task.channel) if isinstance(task, AnswerPress) else None
    if isinstance(task, AnswerPress) and line is not None and isinstance(line.channel, Asks):
        try:
            await line.channel.heard_press(task.press)
        except DeliveryError as error:
            log.info("channel %s: a pressed button was not answered: %s", line.item.name, error.text)
    await delivery.end(around, lane, [work])


async def fetch_from_desk(around: Surroundings, lane: Lane, work: Work) -> None:
    """Brings an agent's file into the file store."""
    task = work.task
    if not isinstance(task, FetchFromDesk):
        return
    message = await around.workspace.get(Message, task.message)
    media = message.attachments[task.index] if message and task.index < len(message.attachments) else None
    found = await delivery.desk_of(around, task.desk)
    if not isinstance(media, Media) or media.stored or found is None:
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

"""Receive: what a channel's update says becomes contacts, conversations and messages, and work for the desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, cast

import msgspec

from hub.domain import blocking, conversations, desks
from hub.domain.contacts import Terms, ensure_contact, heard_from, record
from hub.domain.ids import ChannelId, ConversationId, ExternalId, MessageId, new_id
from hub.domain.incoming import (
    Deleted,
    Delivered,
    Echo,
    Edited,
    FromContact,
    Ignored,
    Incoming,
    Lost,
    Postback,
    Reacted,
    Read,
    Referral,
    Said,
    WasBlocked,
    WasUnblocked,
)
from hub.domain.models import (
    Attachment,
    ChannelItem,
    Contact,
    Conversation,
    Location,
    Media,
    Member,
    Message,
    Preferences,
    Record,
    Seen,
    message_key,
    now,
    reach_key,
)
from hub.domain.ports import Tx, Want
from hub.domain.preferences import seen_preferences
from hub.domain.reply import Reply
from hub.domain.telling import rating
from hub.domain.text import Text
from hub.domain.timing import snoozing
from hub.domain.work import NO_DESK, AnswerPress, Reflect, contact_lane, desk_lane

PREVIEW = 80
FIRST_YEAR = 2000
"""Before it, a network did not say when."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One update of a channel, read. `update`: what a redelivery of it would share; empty where nothing does."""

    channel: ChannelId
    update: str
    incoming: tuple[Incoming, ...]
    raw: str = ""
    terms: Terms = Terms()


def wants(arrival: Arrival) -> list[Want]:
    """What receiving it will look up."""
    news = [i for i in arrival.incoming if not isinstance(i, (Ignored, Lost))]
    keys = {reach_key(arrival.channel, i.address) for i in news}
    said = {i.external_id for i in news if isinstance(i, Said)}
    named = {e for i in news for e in (getattr(i, "external_id", None), getattr(i, "reply_to", None)) if e}
    wanted = [Want(Contact, "keys", tuple(keys), _live_of)] if keys else []
    if arrival.update:
        wanted.append(Want(Seen, "id", (_seen_id(arrival),), new=True))
    for externals, new in ((said, True), (named - said, False)):
        if externals:
            wanted.append(Want(Message, "keys", tuple(message_key(arrival.channel, e) for e in externals), new=new))
    return wanted


def _live_of(contact: Record) -> Iterable[Want]:
    return (Want(Conversation, "live", (contact.id,)),)


def _seen_id(arrival: Arrival) -> str:
    return f"{arrival.channel}|{arrival.update}"


async def receive(tx: Tx, arrival: Arrival) -> None:
    """Takes in one update, once: what was seen before changes nothing."""
    if arrival.update:
        if await tx.get(Seen, _seen_id(arrival)) is not None:
            return
        tx.add(Seen(id=_seen_id(arrival), at=now()))
    for incoming in arrival.incoming:
        if not isinstance(incoming, Ignored):
            await _HANDLERS[type(incoming)](tx, arrival, incoming)


async def _said(tx: Tx, arrival: Arrival, said: Said) -> None:
    if said.overheard and (said.reply_to is None or await _known(tx, arrival, said.reply_to) is None):
        return
    if await _known(tx, arrival, said.external_id) is None:
        if await _is_remark(tx, arrival, said):
            return
        body = (said.text, list(said.attachments))
        await _take_in(tx, arrival, said, said.external_id, body)


async def _is_remark(tx: Tx, arrival: Arrival, said: Said) -> bool:
    """Whether it belongs to a rating, and is kept with that: it opens no conversation."""
    contact = await tx.find(Contact, "keys", reach_key(arrival.channel, said.address))
    if contact is None or contact.remarks is None or blocking.blocked(contact, said.at):
        return False
    message = _message(arrival, said, said.external_id, (said.text, list(said.attachments)))
    await _touched(tx, arrival, said)
    return await rating.remarked(tx, contact, message)


async def _take_in(
    tx: Tx, arrival: Arrival, said: FromContact, external: ExternalId, body: tuple[Text, list[Attachment]]
) -> Message:
    contact, reach = await ensure_contact(tx, arrival.channel, said.address, said.person, said.at)
    hushed = blocking.blocked(contact, said.at)
    if reach.last_in is None and contact.nameless and not hushed:
        await desks.introduce(tx, contact, arrival.channel)
    if not isinstance(said, Echo):
        heard_from(contact, reach, said.at, arrival.terms)
    if hushed:
        return await _keep_unheard(tx, contact, _message(arrival, said, external, body))
    conversation = await conversations.live(tx, contact)
    if conversation is None:
        conversation = await conversations.open_conversation(tx, contact, arrival.channel, said.at)
    message = _message(arrival, said, external, body)
    message.contact, message.conversation = contact.id, conversation.id
    if isinstance(said, Said) and said.reply_to:
        answered = await _known(tx, arrival, said.reply_to)
        message.reply_to = answered.id if answered else None
    tx.add(message)
    if not isinstance(said, Echo):
        await snoozing.wake(tx, conversation, said.at, "contact")
    _count_in(conversation, message)
    await desks.name_people(tx, contact, message)
    await desks.relay(tx, contact, message)
    await _ask_for_cards(tx, contact, conversation)
    return message


async def _keep_unheard(tx: Tx, contact: Contact, message: Message) -> Message:
    """What a blocked contact writes is kept beside their last conversation and counted; it opens and shows nothing."""
    last = await conversations.latest(tx, contact)
    message.contact, message.unheard = contact.id, True
    message.conversation = last.id if last is not None else ConversationId("")
    tx.add(message)
    blocking.count(contact)
    return message


def _message(arrival: Arrival, said: FromContact, external: ExternalId, body: tuple[Text, list[Attachment]]) -> Message:
    text, attachments = body
    message = Message(
        id=MessageId(new_id()),
        contact=cast(Any, ""),
        conversation=cast(Any, ""),
        channel=arrival.channel,
        direction="in",
        state="received",
        at=said.at,
        keys=[message_key(arrival.channel, external)],
        externals=[external],
        text=text,
        attachments=attachments,
        source="contact",
        raw=arrival.raw,
    )
    if isinstance(said, Said):
        message.quote, message.album, message.forwarded_from = said.quote, said.album, said.forwarded_from
    return message


def _count_in(conversation: Conversation, message: Message) -> None:
    conversation.channel = message.channel
    conversation.incoming += 1
    conversation.waiting_since = conversation.waiting_since or message.at
    conversation.last_text, conversation.last_at = preview(message), message.at


def preview(message: Message) -> str:
    """The first words of a message, or what kind of thing it is."""
    words = " ".join(message.text.plain.split())
    if not words and message.attachments:
        words = f"[{message.attachments[0].kind.replace('_', ' ')}]"
    return words if len(words) <= PREVIEW else words[: PREVIEW - 1] + "…"


async def _ask_for_cards(tx: Tx, contact: Contact, conversation: Conversation) -> None:
    if not conversation.desks:
        await _tell_owners(tx, contact)
        return
    if conversation.incoming == 1:
        await desks.refresh(tx, contact)
    for desk in conversation.desks:
        await desks.refresh_home(tx, desk)


async def _tell_owners(tx: Tx, contact: Contact) -> None:
    """Once, until a desk is bound: that messages wait and what to do."""
    if (await seen_preferences(tx)).told_no_desk:
        return
    preferences = await tx.get(Preferences, "preferences")
    if preferences is None or preferences.told_no_desk:
        return
    if any(m.role == "owner" for m in await tx.items(Member)):
        preferences.told_no_desk = True
        await desks.notify_owners(tx, Reply("no_desk", {"contact": contact.name, "workspace": preferences.name}))


async def _known(tx: Tx, arrival: Arrival, external: ExternalId) -> Message | None:
    return await tx.find(Message, "keys", message_key(arrival.channel, external))


async def _edited(tx: Tx, arrival: Arrival, edited: Edited) -> None:
    message = await _known(tx, arrival, edited.external_id)
    if message is None and edited.overheard:
        return
    if message is None:
        body = (edited.text, list(edited.attachments))
        message = await _take_in(tx, arrival, edited, edited.external_id, body)
        message.edited_at = edited.at
        return
    other_files = _sources(message.attachments) != _sources(edited.attachments)
    if message.text == edited.text and not other_files:
        return
    if message.text == edited.text and all(isinstance(a, Location) for a in edited.attachments):
        # A live location moves every few seconds: the newest is kept, but not each is news to the desk.
        message.attachments = list(edited.attachments)
        return
    message.earlier = [*message.earlier, message.text]
    message.text, message.edited_at = edited.text, edited.at
    contact = await tx.get(Contact, message.contact)
    conversation = await tx.get(Conversation, message.conversation)
    if contact is None or conversation is None:
        return
    if conversation.last_at == message.at:
        conversation.last_text = preview(message)
    facts = {"message": message.id}
    record(tx, "message_edited", edited.at, contact=contact, conversation=message.conversation, facts={**facts})
    if message.unheard or blocking.blocked(contact, edited.at):
        message.attachments = list(edited.attachments)
        return
    await desks.name_people(tx, contact, message)
    if other_files:
        message.attachments = list(edited.attachments)
        await desks.relay(tx, contact, message)
    else:
        await desks.redraw(tx, contact, message.id)


def _sources(attachments: Iterable[Attachment]) -> list[object]:
    return [(a.kind, a.source.rsplit("|", 1)[-1]) if isinstance(a, Media) else a for a in attachments]


async def _deleted(tx: Tx, arrival: Arrival, deleted: Deleted) -> None:
    message = await _known(tx, arrival, deleted.external_id)
    contact = await tx.get(Contact, message.contact) if message else None
    if message is None or contact is None or message.deleted_at is not None:
        return
    message.deleted_at = deleted.at
    await desks.redraw(tx, contact, message.id)


async def _reacted(tx: Tx, arrival: Arrival, reacted: Reacted) -> None:
    message = await _known(tx, arrival, reacted.external_id)
    now = _after(message.reactions, reacted) if message else []
    if message is None or message.reactions == now:
        return
    message.reactions = now
    contact = await _touched(tx, arrival, reacted)
    if contact is not None and blocking.blocked(contact, reacted.at):
        return
    for desk in await desks.all_desks(tx):
        if desk != NO_DESK:
            desks.enqueue(tx, desk_lane(desk, message.contact), Reflect(message=message.id, desk=desk))


def _after(before: Sequence[str], reacted: Reacted) -> list[str]:
    """The contact's reactions, the newest last."""
    changed = [] if reacted.change == "taken" else list(reacted.emojis)
    stay = () if reacted.change == "all" else (e for e in before if e not in reacted.emojis)
    return [*stay, *changed]


async def _touched(tx: Tx, arrival: Arrival, act: FromContact) -> Contact | None:
    """A sign of life also lets us answer for a while. Gives whose it is."""
    contact = await tx.find(Contact, "keys", reach_key(arrival.channel, act.address))
    reach = contact.reach(arrival.channel) if contact else None
    if contact is not None and reach is not None:
        heard_from(contact, reach, act.at, arrival.terms)
    return contact


async def _lost(tx: Tx, arrival: Arrival, lost: Lost) -> None:
    channel = await tx.get(ChannelItem, arrival.channel)
    if channel is not None and channel.state == "active":
        await desks.pause_channel(tx, channel, lost.reason)


async def _blocked(tx: Tx, arrival: Arrival, blocked: WasBlocked) -> None:
    await _reach_changed(tx, arrival, blocked, "blocked")


async def _unblocked(tx: Tx, arrival: Arrival, unblocked: WasUnblocked) -> None:
    await _reach_changed(tx, arrival, unblocked, "active")


async def _reach_changed(tx: Tx, arrival: Arrival, change: WasBlocked | WasUnblocked, state: str) -> None:
    contact = await tx.find(Contact, "keys", reach_key(arrival.channel, change.address))
    reach = contact.reach(arrival.channel) if contact else None
    if contact is None or reach is None or reach.state == state:
        return
    reach.state = "blocked" if state == "blocked" else "active"
    kind = "contact_blocked_us" if state == "blocked" else "contact_unblocked_us"
    record(tx, kind, change.at, contact=contact, facts={"channel": arrival.channel})
    if not blocking.blocked(contact, change.at):
        await desks.tell(tx, contact, Reply(kind, {"name": contact.name}))
        await desks.refresh(tx, contact)


async def _postback(tx: Tx, arrival: Arrival, pressed: Postback) -> None:
    if pressed.at.year < FIRST_YEAR:
        pressed = msgspec.structs.replace(pressed, at=now())
    contact = await _touched(tx, arrival, pressed)
    if contact is not None:
        press = AnswerPress(channel=arrival.channel, press=pressed.external_id)
        desks.enqueue(tx, contact_lane(contact.id, arrival.channel), press)
    if rating.is_press(pressed.payload):
        if contact is not None:
            await rating.pressed(tx, contact, pressed.payload, max(pressed.at, now()))
        return
    if await _known(tx, arrival, pressed.external_id) is None:
        text = Text(pressed.title or pressed.payload)
        await _take_in(tx, arrival, pressed, pressed.external_id, (text, []))


async def _referral(tx: Tx, arrival: Arrival, referral: Referral) -> None:
    contact, reach = await ensure_contact(tx, arrival.channel, referral.address, referral.person, referral.at)
    heard_from(contact, reach, referral.at, arrival.terms)
    record(tx, "referred", referral.at, contact=contact, facts={"source": referral.source})


async def _echo(tx: Tx, arrival: Arrival, echo: Echo) -> None:
    if await _known(tx, arrival, echo.external_id) is not None:
        return
    message = await _take_in(tx, arrival, echo, echo.external_id, (echo.text, list(echo.attachments)))
    message.direction, message.state, message.source = "out", "sent", "echo"
    conversation = await tx.get(Conversation, message.conversation)
    if conversation is not None and not message.unheard:
        conversation.incoming -= 1
        conversation.outgoing += 1
        conversation.waiting_since = conversation.asleep_since = None


async def _receipt(tx: Tx, arrival: Arrival, receipt: Delivered | Read) -> None:
    contact = await tx.find(Contact, "keys", reach_key(arrival.channel, receipt.address))
    if contact is not None and isinstance(receipt, Read):
        record(tx, "read", receipt.at, contact=contact)


_Handler = Callable[[Tx, Arrival, Any], Awaitable[None]]
_HANDLERS: dict[type, _Handler] = {
    Said: _said,
    Edited: _edited,
    Deleted: _deleted,
    Reacted: _reacted,
    Delivered: _receipt,
    Read: _receipt,
    Postback: _postback,
    Referral: _referral,
    WasBlocked: _blocked,
    WasUnblocked: _unblocked,
    Echo: _echo,
    Lost: _lost,
}

"""Act, on what agents write to contacts: replies, edits and reactions. All that may reach a contact starts here."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from hub.domain import conversations, desks, gate, reaching
from hub.domain.arrivals import preview
from hub.domain.contacts import get_contact, record
from hub.domain.conversations import Act
from hub.domain.ids import DeskId, Identity, MessageId, PostId, UserId, new_id
from hub.domain.incoming import ReactionChange
from hub.domain.models import (
    Attachment,
    Comment,
    Contact,
    Conversation,
    Facts,
    Media,
    Message,
    Post,
    PostRole,
    Preferences,
    Reaction,
    post_key,
)
from hub.domain.ports import Tx
from hub.domain.text import Text
from hub.domain.timing import metrics, snoozing
from hub.domain.unsending import nowhere
from hub.domain.work import (
    FetchFromDesk,
    Send,
    SendEdit,
    SendReaction,
    contact_lane,
)
from hub.errors import NotFound, Refused

ALBUM_PAUSE = timedelta(seconds=1.5)
"""How long an album's first part waits for the others, so that they leave together."""
HOLD = timedelta(seconds=5)
"""How long at least waits what nobody can take back once it is there."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent posted in a place: the post, and what it says."""

    post: PostId
    text: Text
    attachments: tuple[Attachment, ...] = ()
    answers: Post | None = None
    album: str = ""
    mentions: tuple[UserId, ...] = ()
    """Colleagues that a note calls."""
    row: str = ""
    """The rule of the gate that held it back."""
    wakes: bool = True
    """Whether a snoozed conversation comes back with it."""


def post_of(act: Act, written: Written, role: PostRole, message: Message | Comment) -> Post:
    """The link between what an agent posted in a place and what it became. Raises NotFound outside of desks."""
    if act.desk is None or act.thread is None:
        raise NotFound("This belongs to no desk.")
    return Post(
        id=post_key(act.desk, written.post),
        desk=act.desk,
        post=written.post,
        thread=act.thread,
        role=role,
        at=act.at,
        contact=message.contact,
        conversation=message.conversation,
        messages=[message.id],
        author=act.member.id,
        pinged=list(written.mentions),
        media=bool(written.attachments),
    )


async def reply(
    tx: Tx, act: Act, contact: Contact, conversation: Conversation, written: Written, *, seen: bool = True
) -> Message:
    """Sends what the agent wrote to the contact; answering claims. `seen`: the agent's own post shows it already."""
    message = await answer(tx, act, contact, conversation, written)
    if seen:
        tx.add(post_of(act, written, "reply", message))
    await desks.relay(tx, contact, message, besides=shown_by_itself(act, contact) if seen else None)
    return message


async def answer(tx: Tx, act: Act, contact: Contact, conversation: Conversation, written: Written) -> Message:
    """Puts what was written on its way to the contact, and shows it nowhere; answering claims. Raises Refused."""
    reason = reaching.unreachable(contact, conversation.channel, act.at)
    if reason:
        raise Refused(f"Not sent: {reason}.")
    if conversation.state == "closed":
        await conversations.reopen(tx, act, conversation)
    if written.wakes:
        await snoozing.wake(tx, conversation, act.at, "answer", act)
    if conversation.assignee is None:
        await conversations.assign(tx, act, conversation, act.member.id)
    message = Message(
        id=MessageId(new_id()),
        contact=contact.id,
        conversation=conversation.id,
        channel=conversation.channel,
        direction="out",
        state="queued",
        at=act.at,
        text=written.text,
        attachments=[_lying(a, act.desk) for a in written.attachments],
        reply_to=written.answers.messages[-1] if written.answers and written.answers.messages else None,
        album=written.album,
        author=act.member.id,
        source="user",
    )
    tx.add(message)
    waited = conversation.waited_since.isoformat() if conversation.waited_since else ""
    facts: Facts = {"message": message.id, "waiting_since": waited}
    _count_out(conversation, message)
    record(tx, "sent", act.at, act=act, contact=contact, conversation=conversation.id, facts=facts)
    _enqueue_send(tx, act, message, await hold(tx, contact, conversation))
    await desks.refresh(tx, contact)
    return message


def _lying(attachment: Attachment, desk: DeskId | None) -> Attachment:
    """Where a file that is to be fetched lies: on the desk on which it was written, if on no other."""
    if not isinstance(attachment, Media) or attachment.stored or attachment.desk:
        return attachment
    return msgspec.structs.replace(attachment, desk=desk)


def is_final(contact: Contact, conversation: Conversation) -> bool:
    """Whether what is sent to the contact now cannot be taken back from them."""
    reach = contact.reach(conversation.channel)
    return reach is not None and reach.final


def shown_by_itself(act: Act, contact: Contact) -> DeskId | None:
    """The desk on which what was written need not be shown: it stands there, in the contact's place, unless it was
    written where somebody was who turned out to be the contact.
    """
    place = contact.place(act.desk) if act.desk and contact.absorbed else None
    return None if place is not None and act.thread not in (None, place.thread) else act.desk


async def hold(tx: Tx, contact: Contact, conversation: Conversation) -> timedelta:
    """How long what is sent to the contact now waits, so that it can be stopped."""
    preferences = await tx.items(Preferences)
    chosen = timedelta(seconds=preferences[0].hold if preferences else 0)
    return max(chosen, HOLD) if is_final(contact, conversation) else chosen


def _enqueue_send(tx: Tx, act: Act, message: Message, hold: timedelta = timedelta(0)) -> None:
    lane = contact_lane(message.contact, message.channel)
    for index, attachment in enumerate(message.attachments):
        if isinstance(attachment, Media) and not attachment.stored and (desk := attachment.desk or act.desk):
            desks.enqueue(tx, lane, FetchFromDesk(message=message.id, index=index, desk=desk))
    work = desks.enqueue(tx, lane, Send(message=message.id, album=message.album))
    if message.album or hold:
        work.due = act.at + max(hold, ALBUM_PAUSE if message.album else hold)


def _count_out(conversation: Conversation, message: Message) -> None:
    conversation.outgoing += 1
    metrics.answered(conversation, message)
    conversation.spells = {}
    conversation.last_text, conversation.last_at = f"↩ {preview(message)}", message.at


async def resend(tx: Tx, act: Act, message: Message) -> Contact:
    """Sends again what did not arrive, or may not have."""
    if message.state not in ("failed", "uncertain"):
        raise Refused("That message was delivered, or is on its way already.")
    message.state, message.reason = "queued", ""
    conversation = await tx.get(Conversation, message.conversation)
    if conversation is not None and conversation.waiting_since and conversation.waiting_since <= message.at:
        conversation.waiting_since = None
    _enqueue_send(tx, act, message)
    return await get_contact(tx, message.contact)


class Rewritten(msgspec.Struct, frozen=True):
    """What became of an agent's edit; `reason` is told where the contact still sees the old text."""

    reason: str = ""


async def rewrite(tx: Tx, post: Post, text: Text) -> Rewritten:
    """Mirrors an agent's edit of their own reply, to the contact and on the other desks."""
    message = await tx.get(Message, post.messages[-1]) if post.messages else None
    if message is None or post.role != "reply" or message.text == text:
        return Rewritten()
    still = "The contact still sees the old text: "
    if gate.is_command(text.plain):
        return Rewritten(still + "what begins with / never goes out.")
    if not text and not message.attachments:
        return Rewritten(still + "the new one is empty.")
    if message.state == "unsent" or nowhere(message):
        return Rewritten("The edit was not sent, for the message itself was not delivered.")
    message.earlier = [*message.earlier, message.text]
    message.text = text
    desks.enqueue(tx, contact_lane(message.contact, message.channel), SendEdit(message=message.id))
    await desks.redraw(tx, await get_contact(tx, message.contact), message.id)
    return Rewritten()


async def react(tx: Tx, post: Post, by: Identity, emoji: str, change: ReactionChange = "all") -> None:
    """Mirrors an agent's reaction on a contact's message to the contact; on a shared post it means the last one.

    Networks carry one of ours a message: the newest of those that colleagues have not taken away.
    """
    message = await tx.get(Message, post.messages[-1]) if post.messages else None
    if message is None or post.role != "relay" or message.direction != "in":
        return
    before = message.ours[-1].emoji if message.ours else ""
    stay = [r for r in message.ours if r.by != by or (change != "all" and r.emoji != emoji)]
    message.ours = [*stay, Reaction(by, emoji)] if emoji and change != "taken" else stay
    now = message.ours[-1].emoji if message.ours else ""
    if now and now == before:
        return
    task = SendReaction(message=message.id, emoji=now)
    desks.enqueue(tx, contact_lane(message.contact, message.channel), task)

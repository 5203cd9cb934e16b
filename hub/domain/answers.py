"""Act, on what agents write: replies, notes, edits and reactions. Everything that may reach a contact starts here."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from hub.domain import conversations, desks, gate
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
    Event,
    Facts,
    Media,
    Message,
    Post,
    PostRole,
    Reaction,
    post_key,
)
from hub.domain.ports import Query, Tx
from hub.domain.text import Text
from hub.domain.work import (
    FetchFromDesk,
    Relay,
    Send,
    SendDelete,
    SendEdit,
    SendReaction,
    Work,
    contact_lane,
    desk_lane,
)
from hub.errors import Invalid, NotFound, Refused

ALBUM_PAUSE = timedelta(seconds=1.5)
"""How long an album's first part waits for the others, so that they leave together."""
HOLD = timedelta(seconds=5)
"""How long waits what nobody can take back once it is there."""
HELD_LIFE = timedelta(minutes=15)


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent posted in a place: the post, and what it says."""

    post: PostId
    text: Text
    attachments: tuple[Attachment, ...] = ()
    answers: Post | None = None
    album: str = ""
    mentions: tuple[UserId, ...] = ()
    """Colleagues that a note calls."""


def _post(act: Act, written: Written, role: PostRole, message: Message | Comment) -> Post:
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
    message = await _answer(tx, act, contact, conversation, written)
    if seen:
        tx.add(_post(act, written, "reply", message))
    await desks.relay(tx, contact, message, besides=_shown_by_itself(act, contact) if seen else None)
    return message


async def _answer(tx: Tx, act: Act, contact: Contact, conversation: Conversation, written: Written) -> Message:
    reason = gate.unreachable(contact, conversation.channel, act.at)
    if reason:
        raise Refused(f"Not sent: {reason}.")
    if conversation.state == "closed":
        await conversations.reopen(tx, act, conversation)
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
        attachments=list(written.attachments),
        reply_to=written.answers.messages[-1] if written.answers and written.answers.messages else None,
        album=written.album,
        author=act.member.id,
        source="user",
    )
    tx.add(message)
    waited = conversation.waiting_since.isoformat() if conversation.waiting_since else ""
    facts: Facts = {"message": message.id, "waiting_since": waited}
    _count_out(conversation, message)
    record(tx, "sent", act.at, act=act, contact=contact, conversation=conversation.id, facts=facts)
    _enqueue_send(tx, act, message, final=is_final(contact, conversation))
    await desks.refresh(tx, contact)
    return message


def is_final(contact: Contact, conversation: Conversation) -> bool:
    """Whether what is sent to the contact now cannot be taken back from them."""
    reach = contact.reach(conversation.channel)
    return reach is not None and reach.final


def _shown_by_itself(act: Act, contact: Contact) -> DeskId | None:
    """The desk on which what was written need not be shown: it stands there, in the contact's place, unless it was
    written where somebody was who turned out to be the contact.
    """
    place = contact.place(act.desk) if act.desk and contact.absorbed else None
    return None if place is not None and act.thread not in (None, place.thread) else act.desk


def _enqueue_send(tx: Tx, act: Act, message: Message, *, final: bool) -> None:
    lane = contact_lane(message.contact, message.channel)
    for index, attachment in enumerate(message.attachments):
        if isinstance(attachment, Media) and not attachment.stored and act.desk:
            desks.enqueue(tx, lane, FetchFromDesk(message=message.id, index=index, desk=act.desk))
    work = desks.enqueue(tx, lane, Send(message=message.id, album=message.album))
    if message.album or final:
        work.due = act.at + (HOLD if final else ALBUM_PAUSE)


def _count_out(conversation: Conversation, message: Message) -> None:
    conversation.outgoing += 1
    if conversation.first_response_at is None:
        conversation.first_response_at, conversation.first_response_by = message.at, message.author
    if conversation.waiting_since is not None:
        conversation.responses += 1
        conversation.response_seconds += (message.at - conversation.waiting_since).total_seconds()
    conversation.waiting_since, conversation.spells = None, {}
    conversation.last_text, conversation.last_at = f"↩ {preview(message)}", message.at


async def note(
    tx: Tx, act: Act, conversation: Conversation, written: Written, *, held: bool = False, seen: bool = True
) -> Comment:
    """Keeps an internal remark. `held`: it came from a message that the gate held back."""
    comment = Comment(
        id=MessageId(new_id()),
        contact=conversation.contact,
        conversation=conversation.id,
        at=act.at,
        text=gate.note_text(written.text),
        attachments=list(written.attachments),
        author=act.member.id,
        mentions=list(written.mentions),
        album=written.album,
        held=held,
    )
    tx.add(comment)
    if seen:
        tx.add(_post(act, written, "held" if held else "note", comment))
    contact = await get_contact(tx, conversation.contact)
    facts = {"comment": comment.id}
    if not held:
        record(tx, "noted", act.at, act=act, contact=contact, conversation=conversation.id, facts={**facts})
    await desks.relay(tx, contact, comment, besides=_shown_by_itself(act, contact) if seen else None)
    return comment


async def release(tx: Tx, act: Act, held: str) -> tuple[Contact, Conversation]:
    """Sends a message that the gate had held back, with its album, within 15 minutes; later it is a note for good."""
    comments = await _still_held(tx, held)
    first = comments[0]
    if act.at - first.at > HELD_LIFE:
        raise Refused("Held messages become notes after 15 minutes. Write it again to send it.")
    conversation = await tx.get(Conversation, first.conversation)
    if conversation is None:
        raise NotFound("That conversation is gone.")
    contact = await get_contact(tx, first.contact)
    conversation = await conversations.live(tx, contact) or conversation
    for comment in comments:
        await _release(tx, act, contact, conversation, comment)
    return contact, conversation


async def _still_held(tx: Tx, id: str) -> list[Comment]:
    """The held message with that id, and with it the other held parts of its album."""
    comment = await tx.get(Comment, id)
    if comment is None or not comment.held:
        raise Refused("That message was sent or kept as a note already.")
    if not comment.album:
        return [comment]
    parts = await tx.query(Comment, Query(where={"album": comment.album}, order="id"))
    return [p for p in parts if p.held and p.conversation == comment.conversation] or [comment]


async def _release(tx: Tx, act: Act, contact: Contact, conversation: Conversation, comment: Comment) -> None:
    posts = await tx.query(Post, Query(where={"messages": comment.id}))
    own = next((p for p in posts if p.role == "held"), None)
    written = Written(post=PostId(""), text=comment.text, attachments=tuple(comment.attachments), album=comment.album)
    # Its files lie on the desk where it was written, wherever it is let go.
    where = act if own is None else msgspec.structs.replace(act, desk=own.desk, thread=own.thread)
    message = await _answer(tx, where, contact, conversation, written)
    if own is None:
        await desks.relay(tx, contact, message)
    for post in posts:
        # The post that showed the held message now shows the reply, so that it gets the marks and edits.
        post.role, post.messages = ("reply" if post is own else "relay"), [message.id]
    for desk in await desks.all_desks(tx):
        lane = desk_lane(desk, comment.contact)
        for work in await tx.query(Work, Query(where={"state": "waiting", "lane": lane})):
            if isinstance(work.task, Relay) and work.task.message == comment.id:
                work.task = Relay(message=message.id, desk=work.task.desk, album=work.task.album)
    tx.delete(comment)


async def keep_as_note(tx: Tx, act: Act, held: str) -> Comment:
    """Makes a held message, with its album, a note at once."""
    comments = await _still_held(tx, held)
    for comment in comments:
        contact = await get_contact(tx, comment.contact)
        await _now_a_note(tx, comment)
        facts: Facts = {"comment": comment.id}
        record(tx, "noted", act.at, act=act, contact=contact, conversation=comment.conversation, facts=facts)
    return comments[0]


async def _now_a_note(tx: Tx, comment: Comment) -> None:
    comment.held = False
    for post in await tx.query(Post, Query(where={"messages": comment.id})):
        post.role = "note"


async def withdraw_album(tx: Tx, conversation: Conversation, album: str) -> int:
    """An album of which one part is internal: its parts that have not left become notes. Gives how many had left."""
    left = 0
    where = {"conversation": conversation.id, "album": album}
    for message in await tx.query(Message, Query(where=where, order="id")):
        if message.direction == "out" and message.state == "queued" and await unqueue(tx, message):
            await _unanswer(tx, message)
            await _became_note(tx, message)
        else:
            left += message.direction == "out" and message.state != "unsent"
    for comment in await tx.query(Comment, Query(where=where)):
        if comment.held:
            await _now_a_note(tx, comment)
    return left


async def _became_note(tx: Tx, message: Message) -> None:
    tx.delete(message)
    comment = Comment(
        id=MessageId(new_id()),
        contact=message.contact,
        conversation=message.conversation,
        at=message.at,
        text=message.text,
        attachments=message.attachments,
        author=message.author,
        album=message.album,
    )
    tx.add(comment)
    for post in await tx.query(Post, Query(where={"messages": message.id})):
        post.role, post.messages = "note", [comment.id]


async def _unanswer(tx: Tx, message: Message) -> None:
    """The contact got no answer after all: who waited, waits on."""
    conversation = await tx.get(Conversation, message.conversation)
    if conversation is None:
        return
    conversation.outgoing -= 1
    since = await _waited_before(tx, message)
    if since is None:
        return
    conversation.responses -= 1
    conversation.response_seconds -= (message.at - since).total_seconds()
    if conversation.first_response_at == message.at:
        conversation.first_response_at = conversation.first_response_by = None
    if conversation.state != "closed" and (conversation.waiting_since or message.at) >= since:
        conversation.waiting_since = since


async def _waited_before(tx: Tx, message: Message) -> datetime | None:
    where = {"conversation": message.conversation, "kind": "sent"}
    for event in await tx.query(Event, Query(where=where, order="-id", limit=50)):
        if event.facts.get("message") == message.id:
            since = event.facts.get("waiting_since")
            return datetime.fromisoformat(str(since)) if since else None
    return None


async def resend(tx: Tx, act: Act, message: Message) -> Contact:
    """Sends again what did not arrive, or may not have."""
    if message.state not in ("failed", "uncertain"):
        raise Refused("That message was delivered, or is on its way already.")
    message.state, message.reason = "queued", ""
    _enqueue_send(tx, act, message, final=False)
    return await get_contact(tx, message.contact)


async def unqueue(tx: Tx, message: Message) -> bool:
    """Takes a message's unsent work out of its lane. False: it has left, or is just leaving."""
    lane = contact_lane(message.contact, message.channel)
    mine = False
    for found in await tx.query(Work, Query(where={"state": "waiting", "lane": lane})):
        if getattr(found.task, "message", None) == message.id and not found.leaving:
            work = await tx.get(Work, found.id)
            if work is not None:
                tx.delete(work)
                mine = mine or isinstance(found.task, Send)
    return mine


class Rewritten(msgspec.Struct, frozen=True):
    """What became of an agent's edit; `reason` is told where the contact still sees the old text."""

    reason: str = ""


async def rewrite(tx: Tx, post: Post, text: Text) -> Rewritten:
    """Mirrors an agent's edit of their own post. What it was on arrival it stays; a note is never sent."""
    record_id = post.messages[-1] if post.messages else ""
    comment = await tx.get(Comment, record_id)
    if comment is not None:
        comment.text = gate.note_text(text)
        return Rewritten()
    message = await tx.get(Message, record_id)
    if message is None or post.role != "reply" or message.text == text:
        return Rewritten()
    still = "The contact still sees the old text: "
    if gate.is_command(text.plain):
        return Rewritten(still + "what begins with / never goes out.")
    if not text and not message.attachments:
        return Rewritten(still + "the new one is empty.")
    if message.state == "unsent" or _nowhere(message):
        return Rewritten("The edit was not sent, for the message itself was not delivered.")
    message.earlier = [*message.earlier, message.text]
    message.text = text
    desks.enqueue(tx, contact_lane(message.contact, message.channel), SendEdit(message=message.id))
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


async def unsend(tx: Tx, act: Act, message: Message, *, can_unsend: bool) -> str:
    """Takes a message back from the contact, with its album; gives what will happen, in words. Refused where that
    cannot be.
    """
    if message.direction != "out":
        raise Invalid("Only messages of ours can be taken back; reply to one of them with /unsend.")
    if message.state == "unsent":
        raise Refused("That message was taken back already.")
    contact = await get_contact(tx, message.contact)
    parts = [message]
    if message.album:
        where = {"album": message.album, "conversation": message.conversation, "direction": "out"}
        parts = [m for m in await tx.query(Message, Query(where=where, order="id")) if m.state != "unsent"]
    there = [part for part in parts if not _nowhere(part)] or parts
    said = [await _unsend(tx, contact, part, can_unsend=can_unsend) for part in there]
    facts: Facts = {"message": message.id}
    record(tx, "unsent", act.at, act=act, contact=contact, conversation=message.conversation, facts=facts)
    if len(parts) == 1:
        return said[-1]
    count = f"All {len(parts)}" if there == parts else f"{len(there)} of the {len(parts)}"
    return f"{count} of the album: {said[-1]}"


def _nowhere(message: Message) -> bool:
    """Whether nothing of it is known to have arrived: what did arrive of it can be changed and taken back."""
    return message.state in ("failed", "uncertain") and not message.externals


async def _unsend(tx: Tx, contact: Contact, message: Message, *, can_unsend: bool) -> str:
    lane = contact_lane(message.contact, message.channel)
    if message.state == "queued" and await unqueue(tx, message):
        await _unanswer(tx, message)
        if message.externals:
            return _stopped(tx, contact, message, can_unsend=can_unsend)
        message.state = "unsent"
        return f"Taken back before it left: {contact.name} never saw it."
    if message.state == "failed" and _nowhere(message):
        raise Refused(f"That message never reached {contact.name}.")
    if _nowhere(message):
        raise Refused("Nobody knows whether that message arrived, so it cannot be taken back.")
    if not can_unsend:
        raise Refused("This network cannot take messages back; the contact has it.")
    for work in await tx.query(Work, Query(where={"state": "waiting", "lane": lane})):
        if isinstance(work.task, SendDelete) and work.task.message == message.id:
            raise Refused("That message is being taken back already.")
    in_part = message.state in ("failed", "uncertain")
    desks.enqueue(tx, lane, SendDelete(message=message.id))
    await _unanswer(tx, message)
    return f"Taking {'what is known to have arrived' if in_part else 'it'} back from {contact.name}."


def _stopped(tx: Tx, contact: Contact, message: Message, *, can_unsend: bool) -> str:
    """One of which a part had arrived before does not go out again."""
    if can_unsend:
        desks.enqueue(tx, contact_lane(message.contact, message.channel), SendDelete(message=message.id))
        return f"Taking back from {contact.name} what arrived of it before."
    message.state = "uncertain"
    return f"It is not sent again, but {contact.name} keeps what arrived of it before: this network takes nothing back."


async def last_reply(tx: Tx, act: Act, conversation: Conversation) -> Message | None:
    """The agent's newest reply in the conversation that was not taken back."""
    where = {"conversation": conversation.id, "author": act.member.id, "direction": "out"}
    for found in await tx.query(Message, Query(where=where, order="-at", limit=20)):
        if found.state != "unsent":
            return await tx.get(Message, found.id)
    return None

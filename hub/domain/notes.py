"""Act, on what stays inside: notes, and what the gate held back until somebody decides."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from hub.domain import answers, conversations, desks, gate, holding, timers
from hub.domain.answers import Rewritten, Written, answer, post_of, shown_by_itself
from hub.domain.contacts import get_contact, record
from hub.domain.conversations import Act
from hub.domain.ids import MessageId, PostId, new_id
from hub.domain.models import Comment, Contact, Conversation, Facts, Member, Message, Post
from hub.domain.ports import Query, Tx
from hub.domain.text import Text
from hub.domain.unsending import unanswer, unqueue
from hub.domain.work import KeepHeld, Relay, Work, desk_lane
from hub.errors import NotFound, Refused

HELD_LIFE = timedelta(minutes=15)


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
        row=written.row if held else "",
    )
    tx.add(comment)
    if seen:
        tx.add(post_of(act, written, "held" if held else "note", comment))
    contact = await get_contact(tx, conversation.contact)
    facts = {"comment": comment.id, **({"row": written.row} if held else {})}
    record(
        tx, "held" if held else "noted", act.at, act=act, contact=contact, conversation=conversation.id, facts={**facts}
    )
    if held:
        await holding.count(tx, comment.row, "held", comment.at)
        timers.wake_at(tx, act.at + HELD_LIFE, KeepHeld(comment=comment.id))
    await desks.relay(tx, contact, comment, besides=shown_by_itself(act, contact) if seen else None)
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
    facts: Facts = {"comment": first.id}
    record(tx, "released", act.at, act=act, contact=contact, conversation=conversation.id, facts=facts)
    for comment in comments:
        await holding.count(tx, comment.row, "sent", comment.at)
        await _release(tx, act, contact, conversation, comment)
    return contact, conversation


async def _still_held(tx: Tx, id: str) -> list[Comment]:
    """The held message with that id, and with it the other held parts of its album."""
    comment = await tx.get(Comment, id)
    if comment is None or not comment.held:
        raise Refused("That message was sent or kept as a note already.")
    if not comment.album:
        return [comment]
    where = {"conversation": comment.conversation, "album": comment.album}
    return [p for p in await tx.query(Comment, Query(where=where, order="id")) if p.held] or [comment]


async def _release(tx: Tx, act: Act, contact: Contact, conversation: Conversation, comment: Comment) -> None:
    posts = await tx.query(Post, Query(where={"messages": comment.id}))
    own = next((p for p in posts if p.role == "held"), None)
    written = Written(post=PostId(""), text=comment.text, attachments=tuple(comment.attachments), album=comment.album)
    # Its files lie on the desk where it was written, wherever it is let go.
    where = act if own is None else msgspec.structs.replace(act, desk=own.desk, thread=own.thread)
    message = await answer(tx, where, contact, conversation, written)
    if own is None:
        await desks.relay(tx, contact, message)
    for post in posts:
        # The post that showed the held message now shows the reply, so that it gets the marks and edits.
        post.role, post.messages = ("reply" if post is own else "relay"), [message.id]
    await _show_instead(tx, comment, message)
    await desks.redraw(tx, contact, message.id)
    tx.delete(comment)


async def keep_as_note(tx: Tx, act: Act, held: str) -> Comment:
    """Makes a held message, with its album, a note at once."""
    comments = await _still_held(tx, held)
    for comment in comments:
        contact = await get_contact(tx, comment.contact)
        await _now_a_note(tx, comment)
        await holding.count(tx, comment.row, "noted", comment.at)
        facts: Facts = {"comment": comment.id}
        record(tx, "noted", act.at, act=act, contact=contact, conversation=comment.conversation, facts=facts)
    return comments[0]


async def lapse(tx: Tx, task: KeepHeld, at: datetime) -> None:
    """Nobody decided about what was held: it is its author's note, and calls whom it mentions."""
    comment = await tx.get(Comment, task.comment)
    author = await tx.get(Member, comment.author or "") if comment else None
    if comment is None or not comment.held:
        return
    await _now_a_note(tx, comment)
    await holding.count(tx, comment.row, "lapsed", comment.at)
    contact = await get_contact(tx, comment.contact)
    if author is not None:
        by = Act(member=author, at=at)
        facts: Facts = {"comment": comment.id, "why": "time"}
        record(tx, "noted", at, act=by, contact=contact, conversation=comment.conversation, facts=facts)
    await desks.redraw(tx, contact, comment.id)


async def _now_a_note(tx: Tx, comment: Comment) -> None:
    comment.held = False
    for post in await tx.query(Post, Query(where={"messages": comment.id})):
        post.role = "note"


async def rewrite(tx: Tx, act: Act, post: Post, text: Text) -> Rewritten:
    """Mirrors an agent's edit of their own post. A note is never sent by it; what has not left yet, held or in its
    lane, is a note as soon as it begins like one.
    """
    if post.role in ("reply", "held"):
        text = gate.reply_text(text)
    id, inward = (post.messages[-1] if post.messages else ""), gate.is_command(text.plain)
    comment = await tx.get(Comment, id)
    if comment is None:
        message = await tx.get(Message, id) if inward and post.role == "reply" else None
        if message is not None and await _turned_inward(tx, message, text):
            return Rewritten("Not sent: what begins with / never goes out. It had not left yet, and is a note now.")
        return await answers.rewrite(tx, post, text)
    was, comment.text = comment.text, gate.note_text(text)
    await desks.redraw(tx, await get_contact(tx, comment.contact), comment.id)
    if comment.held and inward:
        await keep_as_note(tx, act, comment.id)
        return Rewritten("Not sent: what begins with / never goes out. It is a note now.")
    if comment.held or inward or was == comment.text:
        return Rewritten()
    return Rewritten("It stays a note, for no edit sends one: the contact does not see it. Write it anew to send it.")


async def _turned_inward(tx: Tx, message: Message, text: Text) -> bool:
    """Makes a reply a note, with its album, if nothing of it has left."""
    if message.state != "queued" or message.externals or not await unqueue(tx, message):
        return False
    await unanswer(tx, message)
    message.text = gate.note_text(text)
    await _became_note(tx, message)
    conversation = await tx.get(Conversation, message.conversation) if message.album else None
    if conversation is not None:
        await withdraw_album(tx, conversation, message.album)
    return True


async def withdraw_album(tx: Tx, conversation: Conversation, album: str, *, held: bool = False) -> int:
    """An album of which one part is internal: its parts that have not left become notes, or with `held` wait as that
    part does. Gives how many had left.
    """
    left = 0
    where = {"conversation": conversation.id, "album": album}
    for message in await tx.query(Message, Query(where=where, order="id")):
        if message.direction == "out" and message.state == "queued" and await unqueue(tx, message):
            await unanswer(tx, message)
            await _became_note(tx, message, held=held)
        else:
            left += message.direction == "out" and message.state != "unsent"
    for comment in await tx.query(Comment, Query(where=where)):
        if comment.held and not held:
            await holding.count(tx, comment.row, "noted", comment.at)
            await _now_a_note(tx, comment)
    return left


async def _became_note(tx: Tx, message: Message, *, held: bool = False) -> None:
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
        held=held,
    )
    tx.add(comment)
    for post in await tx.query(Post, Query(where={"messages": message.id})):
        post.role = "held" if held and post.role == "reply" else "note"
        post.messages = [comment.id if m == message.id else m for m in post.messages]
    await _show_instead(tx, message, comment)
    contact = await get_contact(tx, message.contact)
    await desks.redraw(tx, contact, comment.id)
    await desks.refresh(tx, contact)


async def _show_instead(tx: Tx, before: Message | Comment, after: Message | Comment) -> None:
    """What is still to be shown of the one on the desks is shown of the other."""
    for desk in await desks.all_desks(tx):
        lane = desk_lane(desk, before.contact)
        for work in await tx.query(Work, Query(where={"state": "waiting", "lane": lane})):
            if isinstance(work.task, Relay) and work.task.message == before.id:
                work.task = Relay(message=after.id, desk=work.task.desk, album=work.task.album)

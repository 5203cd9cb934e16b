"""Messages that go out later: written now, sent at their moment like an answer of who wrote them, unless something
speaks against it then. What cannot be sent is held back and asked about, as anything else that may not go out.
"""

from __future__ import annotations

from datetime import datetime

from hub.domain import answers, desks, gate, limits, notes, reaching
from hub.domain.answers import Written
from hub.domain.contacts import record
from hub.domain.conversations import Act, contact_of
from hub.domain.ids import MessageId, PostId, UserId, new_id
from hub.domain.models import Comment, Contact, Conversation, Event, Facts, Member, Team
from hub.domain.ports import Reads, Tx
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.domain.timers import wake_at
from hub.domain.timing.phrases import Frame, named
from hub.domain.work import KeepHeld, Notify, SendLater, Work, user_lane
from hub.errors import NotFound, Refused

MOST = 20
"""Messages that may wait in one conversation."""
_WORDS = 80


async def write(tx: Tx, act: Act, conversation: Conversation, text: Text, frame: Frame, when: datetime) -> Work:
    """Keeps a message until its moment, said in the frame's zone. Raises Refused where it could not go then."""
    contact = await contact_of(tx, conversation)
    reason = _never(contact, conversation, text, when)
    if reason:
        raise Refused(f"Nothing was kept for later: {reason}.")
    task = SendLater(conversation=conversation.id, author=act.member.id, text=text, zone=frame.zone)
    work = wake_at(tx, when, task)
    conversation.later = [*conversation.later, work.id]
    facts: Facts = {"work": work.id, "when": when.isoformat(), "words": clipped(text)}
    record(tx, "scheduled", act.at, act=act, contact=contact, conversation=conversation.id, facts=facts)
    return work


def _never(contact: Contact, conversation: Conversation, text: Text, when: datetime) -> str:
    if not text.plain.strip():
        return "there are no words to send"
    if gate.is_command(text.plain):
        return "what begins with / never goes out"
    if conversation.state == "closed":
        return "this conversation is closed; /reopen it first"
    if len(conversation.later) >= MOST:
        return f"{MOST} messages wait here already"
    return reaching.unreachable(contact, conversation.channel, when)


async def draft(tx: Tx, act: Act, conversation: Conversation, text: Text, when: datetime) -> Comment:
    """Holds a message that was written elsewhere than in the contact's place, until somebody says that it is right."""
    reason = _never(await contact_of(tx, conversation), conversation, text, when)
    if reason:
        raise Refused(f"Nothing was kept for later: {reason}.")
    where = (conversation.contact, conversation.id)
    comment = Comment(id=MessageId(new_id()), contact=where[0], conversation=where[1], at=act.at, text=text, held=True)
    comment.author = act.member.id
    tx.add(comment)
    wake_at(tx, act.at + notes.HELD_LIFE, KeepHeld(comment=comment.id))
    return comment


async def drafted(tx: Tx, act: Act, id: str) -> tuple[Comment, Conversation]:
    """The held message, where it is still held. Raises Refused."""
    comment = await tx.get(Comment, id)
    if comment is None or not comment.held or comment.author != act.member.id:
        raise Refused("That message is not held any more; write it again.")
    if act.at - comment.at > notes.HELD_LIFE:
        raise Refused("Held messages become notes after 15 minutes. Write it again.")
    conversation = await tx.get(Conversation, comment.conversation)
    if conversation is None:
        raise NotFound("That conversation is gone.")
    return comment, conversation


async def pending(reads: Reads, conversation: Conversation) -> list[Work]:
    """What waits in the conversation, soonest first."""
    found = [await reads.get(Work, id) for id in conversation.later]
    return sorted((w for w in found if w is not None and w.state == "timed"), key=lambda w: w.due)


async def find(tx: Tx, id: str) -> tuple[Work, SendLater, Conversation]:
    """One of them. Raises NotFound where it was sent or called off."""
    work = await tx.get(Work, id)
    if work is None or work.state != "timed" or not isinstance(work.task, SendLater):
        raise NotFound("That was sent or called off already.")
    conversation = await tx.get(Conversation, work.task.conversation)
    if conversation is None:
        raise NotFound("That conversation is gone.")
    return work, work.task, conversation


async def call_off(tx: Tx, act: Act, work: Work, task: SendLater, conversation: Conversation) -> None:
    """It is not sent."""
    _drop(tx, work, conversation)
    facts: Facts = {"words": clipped(task.text), "when": work.due.isoformat()}
    contact = await contact_of(tx, conversation)
    record(tx, "called_off", act.at, act=act, contact=contact, conversation=conversation.id, facts=facts)


async def undo(tx: Tx, event: Event) -> str:
    """Takes back that something was kept for later. Raises NotFound where it was sent."""
    work, task, conversation = await find(tx, str(event.facts.get("work")))
    _drop(tx, work, conversation)
    return f"Not sent later: “{clipped(task.text)}”"


def _drop(tx: Tx, work: Work, conversation: Conversation) -> None:
    conversation.later = [id for id in conversation.later if id != work.id]
    tx.delete(work)


def clipped(text: Text) -> str:
    """The first words of it, in one line."""
    words = " ".join(text.plain.split())
    return words if len(words) <= _WORDS else f"{words[: _WORDS - 1]}…"


# -- when the moment has come --


async def due(tx: Tx, task: SendLater, at: datetime) -> None:
    """Sends it, or holds it back and asks."""
    conversation = await tx.get(Conversation, task.conversation)
    if conversation is None:
        return
    conversation.later = [id for id in conversation.later if await tx.get(Work, id) is not None]
    contact = await contact_of(tx, conversation)
    author = next((m for m in await tx.items(Member) if m.id == task.author), None)
    act = Act(member=author or Member(id=task.author, role="agent", name="Somebody"), at=at)
    reason = _hindrance(contact, conversation, author, at) or await _others(tx, conversation, task.author)
    if reason:
        await _hold(tx, act, contact, conversation, task, reason)
        return
    written = Written(post=PostId(""), text=task.text, wakes=False)
    await desks.relay(tx, contact, await answers.answer(tx, act, contact, conversation, written))


def _hindrance(contact: Contact, conversation: Conversation, author: Member | None, at: datetime) -> str:
    if author is None:
        return "who wrote it is no member any more"
    if conversation.state == "closed":
        return "this conversation is closed"
    if contact.block is not None:
        return f"{contact.name} is blocked"
    return reaching.unreachable(contact, conversation.channel, at)


async def _others(tx: Tx, conversation: Conversation, user: UserId) -> str:
    """Whose it is now, if not the author's; empty: they may answer in it."""
    members = {m.id: m for m in await tx.items(Member)}
    teams = [t.id for t in await tx.items(Team) if user in t.members]
    if not limits.within(members.get(user), conversation, teams):
        return limits.not_yours(members.get(user))
    holder = conversation.assignee
    if holder in (None, user):
        return ""
    return f"{members[holder].name if holder in members else 'somebody else'} has this conversation"


async def _hold(tx: Tx, act: Act, contact: Contact, conversation: Conversation, task: SendLater, reason: str) -> None:
    """It is a held message now, which becomes a note unless somebody lets it go; its author is told in private."""
    written = Written(post=PostId(""), text=task.text)
    comment = await notes.note(tx, act, conversation, written, held=True, seen=False)
    data: dict[str, Value] = {
        "name": contact.name,
        "number": conversation.number,
        "reason": reason,
        "words": clipped(task.text),
        "when": named(act.at, Frame(act.at, task.zone)),
    }
    rows = ((Button("🗒 Keep as a note", f"keep {comment.id}"),), (_send(comment, contact, conversation),))
    await desks.tell(tx, contact, Reply("later_held", data, rows=rows, lasting=True))
    notice = Notify(user=task.author, reply=Reply("later_held", data), conversation=conversation.id)
    desks.enqueue(tx, user_lane(task.author), notice)


def _send(comment: Comment, contact: Contact, conversation: Conversation) -> Button:
    name = contact.name if len(contact.name) <= 20 else f"{contact.name[:19]}…"
    return Button(f"✉ Send to {name}", f"send {comment.id}", conversation.version, outward=True)

"""Closing: what follows from every closing, and conversations that are closed by themselves once nothing was said in
them for long enough, be the last word ours or the contact's.

A conversation has one timer that counts: the one for the moment that is noted with it. One that is due and finds that
it is too early sets another.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hub.domain import conversations, desks
from hub.domain.catalog import Closing
from hub.domain.contacts import record
from hub.domain.conversations import contact_of
from hub.domain.ids import ConversationId
from hub.domain.models import Contact, Conversation, Event, Facts, Message, Preferences
from hub.domain.ports import Cond, Query, Tx
from hub.domain.preferences import seen_preferences
from hub.domain.reply import Button, Reply, Value
from hub.domain.timers import wake_at
from hub.domain.timing import metrics
from hub.domain.work import CloseIdle, WatchIdle

STEP = 200
"""Conversations that are looked after at once, when the setting changes."""
_LOOK_BACK = 10
"""Events among which its being woken or opened again is looked for."""
_STIRS = ("woken", "reopened", "undone")


async def closed(tx: Tx, event: Event) -> None:
    """Follows every closing: whose team it was, and whether the contact keeps their assignee."""
    conversation = await tx.get(Conversation, event.conversation or "")
    if conversation is None or conversation.state != "closed":
        return
    await metrics.closed(tx, conversation)
    contact = await tx.get(Contact, conversation.contact)
    if contact is not None and not (await seen_preferences(tx)).closing.keep_assignee:
        contact.assignee = None


# -- looking after what is open --


async def stirred(tx: Tx, event: Event) -> None:
    """Looks after a conversation in which something was done just now."""
    await _look_after(tx, event.conversation, (await seen_preferences(tx)).closing)


async def heard(tx: Tx, message: Message) -> None:
    """The same of one whose contact wrote."""
    await _look_after(tx, message.conversation, (await seen_preferences(tx)).closing)


async def setting_changed(tx: Tx, event: Event) -> None:
    """Looks after all that are open, for they were there before."""
    if event.facts.get("setting") in ("afterus", "afterthem"):
        wake_at(tx, event.at, WatchIdle())


async def watch_all(tx: Tx, task: WatchIdle, at: datetime) -> None:
    """Goes on with the next of them."""
    where = {"terms": "open", "number": Cond("gt", task.after)}
    found = await tx.query(Conversation, Query(where=where, order="number", limit=STEP))
    closing = await _now(tx)
    for each in found:
        await _look_after(tx, each.id, closing)
    if len(found) == STEP:
        wake_at(tx, at, WatchIdle(after=found[-1].number))


async def _look_after(tx: Tx, id: ConversationId | None, closing: Closing) -> None:
    if not (closing.after_us or closing.after_them):
        return
    conversation = await tx.get(Conversation, id or "")
    limit = _limit(conversation, closing) if conversation is not None else None
    if conversation is not None and limit is not None:
        _set_clock(tx, conversation, (conversation.last_at or conversation.opened_at) + limit)


def _set_clock(tx: Tx, conversation: Conversation, due: datetime) -> None:
    """An earlier timer will set the later one itself."""
    if conversation.idle_at is None or due < conversation.idle_at:
        conversation.idle_at = due
        wake_at(tx, due, CloseIdle(conversation=conversation.id))


def _limit(conversation: Conversation, closing: Closing) -> timedelta | None:
    """After what silence it is closed; None: not as it is now."""
    minutes = closing.after_them if conversation.waiting_since else closing.after_us
    return timedelta(minutes=minutes) if minutes and conversation.state == "open" else None


# -- when the moment has come --


async def due(tx: Tx, task: CloseIdle, at: datetime) -> None:
    """Closes it, if nothing was said in it or done with it for so long."""
    conversation = await tx.get(Conversation, task.conversation)
    if conversation is None or conversation.idle_at is None or conversation.idle_at > at:
        return
    conversation.idle_at = None
    limit = _limit(conversation, await _now(tx))
    if limit is None:
        return
    moment = await _last_stir(tx, conversation) + limit
    if moment > at:
        _set_clock(tx, conversation, moment)
    else:
        await _close(tx, conversation, limit, at)


async def _last_stir(tx: Tx, conversation: Conversation) -> datetime:
    """When something was said in it last, or it was brought back."""
    query = Query(where={"conversation": conversation.id}, order="-id", limit=_LOOK_BACK)
    done = [e.at for e in await tx.query(Event, query) if e.kind in _STIRS]
    return max([conversation.last_at or conversation.opened_at, *done])


async def _close(tx: Tx, conversation: Conversation, limit: timedelta, at: datetime) -> None:
    contact = await contact_of(tx, conversation)
    waited = conversation.waiting_since
    facts: Facts = {"state": conversation.state, "waiting_since": waited.isoformat() if waited else None}
    conversations.end(conversation, at, None, "auto_close")
    conversation.version += 1
    record(tx, "closed", at, contact=contact, conversation=conversation.id, facts=facts)
    reopen = Button("🟢 Reopen", f"reopen {conversation.number}", conversation.version)
    minutes = int(limit.total_seconds() // 60)
    data: dict[str, Value] = {
        "number": conversation.number,
        "name": contact.name,
        "minutes": minutes,
        "theirs": bool(waited),
    }
    await desks.tell(tx, contact, Reply("closed_idle", data, rows=((reopen,),), lasting=True))
    await desks.refresh(tx, contact)


async def _now(tx: Tx) -> Closing:
    """As it is this moment: what is closed is not to be closed by an older setting."""
    found = await tx.get(Preferences, "preferences")
    return found.closing if found else Closing()

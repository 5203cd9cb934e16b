"""Waiting too long: who has the conversation is told once in a spell, the desk where nobody has it.

A conversation has one timer at most, which is set anew as long as it is too early.
"""

from __future__ import annotations

from datetime import datetime

from hub.domain import desks
from hub.domain.contacts import present
from hub.domain.ids import ConversationId
from hub.domain.models import Contact, Conversation, Event, Message, Preferences
from hub.domain.ports import Tx
from hub.domain.preferences import seen_preferences
from hub.domain.reply import Reply, Value
from hub.domain.telling.notices import Told, tell
from hub.domain.timers import wake_at
from hub.domain.timing.hours import after_minutes
from hub.domain.work import WaitsLong


async def heard(tx: Tx, message: Message) -> None:
    """Looks after a conversation whose contact waits now."""
    await _watch(tx, message.conversation)


async def again(tx: Tx, event: Event) -> None:
    """The same where a deed that ended the waiting was taken back."""
    await _watch(tx, event.conversation)


async def _watch(tx: Tx, id: ConversationId | None) -> None:
    preferences = await seen_preferences(tx)
    if not preferences.waiting_minutes:
        return
    conversation = await tx.get(Conversation, id or "")
    if conversation is None or conversation.waiting_since is None or conversation.watched:
        return
    if conversation.waited_long != conversation.waiting_since:
        conversation.watched = True
        wake_at(tx, _due(preferences, conversation.waiting_since), WaitsLong(conversation=conversation.id))


async def waits_long(tx: Tx, task: WaitsLong, at: datetime) -> None:
    """Tells that a contact has waited for too long, if they have, and still do."""
    preferences, conversation = await seen_preferences(tx), await tx.get(Conversation, task.conversation)
    if conversation is None:
        return
    conversation.watched = False
    since, minutes = conversation.waiting_since, preferences.waiting_minutes
    if since is None or not minutes or conversation.state != "open":
        return
    due = _due(preferences, since)
    if due > at:
        conversation.watched = True
        wake_at(tx, due, task)
        return
    contact = await present(tx, conversation.contact)
    conversation.waited_long = since
    if contact is not None and contact.block is None:
        await _told(tx, conversation, contact, at)


async def _told(tx: Tx, conversation: Conversation, contact: Contact, at: datetime) -> None:
    if conversation.assignee is not None:
        told = Told(notice="waiting", conversation=conversation, name=contact.name, words=conversation.last_text)
        await tell(tx, conversation.assignee, told, at)
        return
    since = conversation.waiting_since or at
    said: dict[str, Value] = {"number": conversation.number, "name": contact.name, "since": since.isoformat()}
    await desks.tell(tx, contact, Reply("waits_long", said, lasting=True))


def _due(preferences: Preferences, since: datetime) -> datetime:
    return after_minutes(preferences.hours, preferences.time_zone, since, preferences.waiting_minutes)

"""What is said to contacts by itself: a message like any other of ours, which the desk shows, but no answer. It ends
nobody's wait and claims nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from hub.domain import desks
from hub.domain.blocking import blocked
from hub.domain.ids import ChannelId, MessageId, new_id
from hub.domain.messages import Choice
from hub.domain.models import Contact, Conversation, Message
from hub.domain.ports import Tx
from hub.domain.text import Text
from hub.domain.work import Send, contact_lane

Source = Literal["greeting", "away", "rating"]
HEADINGS: Mapping[str, str] = {"greeting": "Greeting", "away": "Away text", "rating": "Rating"}
"""What the desk calls who said it."""


def may_be_told(contact: Contact, channel: ChannelId, at: datetime) -> bool:
    """Whether the network lets the hub itself write to the contact there, and we hear them."""
    reach = contact.reach(channel)
    there = reach is not None and reach.state == "active" and reach.window(at) == "open"
    return there and not blocked(contact, at)


async def say(  # noqa: PLR0913 - to whom, where, when, what
    tx: Tx,
    contact: Contact,
    conversation: Conversation,
    at: datetime,
    source: Source,
    words: str,
    choices: tuple[Choice, ...] = (),
) -> Message:
    """Puts it on its way, and has it shown on the desk. Whether it may be said is asked before."""
    message = Message(
        id=MessageId(new_id()),
        contact=contact.id,
        conversation=conversation.id,
        channel=conversation.channel,
        direction="out",
        state="queued",
        at=at,
        text=Text(words),
        source=source,
        choices=list(choices),
    )
    tx.add(message)
    desks.enqueue(tx, contact_lane(contact.id, message.channel), Send(message=message.id))
    await desks.relay(tx, contact, message)
    return message

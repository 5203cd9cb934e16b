"""Records that the store's tests write."""

from __future__ import annotations

from hub.domain.ids import ChannelId, ContactId, ConversationId, DeskId, MessageId, new_id
from hub.domain.models import Contact, Conversation, Message, now
from hub.domain.text import Text
from hub.domain.work import Relay, Work

CHANNEL = ChannelId("c1")


def contact(*keys: str, **fields: object) -> Contact:
    """A contact with these keys."""
    return Contact(id=ContactId(new_id()), keys=list(keys), **fields)  # type: ignore[arg-type]  # a test's own words


def conversation(of: Contact, number: int) -> Conversation:
    """An open conversation with the contact."""
    return Conversation(
        id=ConversationId(new_id()),
        number=number,
        contact=of.id,
        live=of.id,
        state="open",
        channel=CHANNEL,
        opened_at=now(),
    )


def message(words: str, *keys: str, where: str = "v1", **fields: object) -> Message:
    """A message from a contact."""
    return Message(
        id=MessageId(new_id()),
        contact=ContactId("x"),
        conversation=ConversationId(where),
        channel=CHANNEL,
        direction="in",
        state="received",
        at=now(),
        keys=list(keys),
        text=Text(words),
        **fields,  # type: ignore[arg-type]  # a test's own words
    )


def work(lane: str = "lane") -> Work:
    """A work item that waits."""
    return Work(id=new_id(), lane=lane, task=Relay(message=MessageId("m"), desk=DeskId("d")), state="waiting")

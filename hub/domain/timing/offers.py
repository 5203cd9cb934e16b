"""The button that snoozes a conversation, labelled with the moment until which it does."""

from __future__ import annotations

from datetime import datetime

from hub.domain.models import Conversation
from hub.domain.ports import Reads
from hub.domain.reply import Button
from hub.domain.timing import phrases
from hub.domain.timing.zones import frame_for


async def snooze_button(reads: Reads, conversation: Conversation, at: datetime) -> Button | None:
    """Until the next working morning by the workspace's clock, for all see it; a snoozed one has one that wakes it.
    None where it is closed.
    """
    number, version = conversation.number, conversation.version
    if conversation.state == "closed":
        return None
    if conversation.state == "snoozed":
        return Button("⏰ Wake", f"snooze {number} -", version)
    frame = await frame_for(reads, None, at)
    morning = phrases.next_morning(frame)
    return Button(f"💤 {phrases.label(morning, frame)}", f"snooze {number} {phrases.stamp(morning)}", version)

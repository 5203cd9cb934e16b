"""Whether a contact can be answered, and in what words to say why not."""

from __future__ import annotations

from datetime import datetime

from hub.domain.ids import ChannelId
from hub.domain.models import Contact
from hub.domain.timing import phrases


def blocked_here(contact: Contact) -> str:
    """That we do not want to hear them, and what would change it."""
    return f"{contact.name} is blocked here, and /unblock ends that"


def unreachable(contact: Contact, channel: ChannelId, at: datetime) -> str:
    """Why the contact cannot be answered there now, since when, and what would change it; empty where they can."""
    if contact.block is not None and contact.block.holds(at):
        return blocked_here(contact)
    reach = contact.reach(channel)
    if reach is None or reach.state != "active":
        return f"{contact.name} has blocked us and must write first"
    if reach.window(at) != "shut":
        return ""
    since = f"{phrases.dated(reach.closes, at)} UTC" if reach.closes else "a while ago"
    return f"the network let us answer {contact.name} until {since}; they must write again first"

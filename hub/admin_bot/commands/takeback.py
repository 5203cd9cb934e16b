"""Taking back: one's last deed, or a message that was sent."""

from __future__ import annotations

from hub.admin_bot.arguments import Word
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.heard import Wrote
from hub.domain import takeback, unsending
from hub.domain.ids import ChannelId
from hub.domain.models import Contact, Message
from hub.domain.reply import Reply
from hub.errors import Invalid, NotFound

SECTION = "Conversations"


def _can_unsend(call: Call, channel: ChannelId) -> bool:
    can = call.services.channel_of(call.home.id, channel)
    return can is not None and can.can_unsend


@command(section=SECTION, usage="")
async def undo(call: Call, deed: Word | None = None) -> Reply:
    """Take back what you did last here, whatever it was, for ten minutes."""
    said = await takeback.undo(call.tx, call.act, deed or "", lambda channel: _can_unsend(call, channel))
    return Reply("undone", {"text": said})


@command(section=SECTION, about="maybe", barred=["no_deletion"])
async def unsend(call: Call) -> Reply:
    """Take a message back from the contact: as a reply to it, else your last one here."""
    message = await _meant(call)
    if message is None:
        raise NotFound("There is no reply of yours here to take back. Reply with /unsend to the message you mean.")
    can = _can_unsend(call, message.channel)
    said = await unsending.unsend(call.tx, call.act, message, can_unsend=can)
    contact = await call.tx.get(Contact, message.contact)
    words = " ".join(message.text.plain.split())[:80]
    return Reply("unsent", {"text": said, "words": words, "name": contact.name if contact else ""})


async def _meant(call: Call) -> Message | None:
    if call.answers is not None and call.answers.messages and not call.pressed:
        message = await call.tx.get(Message, call.answers.messages[-1])
        if message is None:
            raise Invalid("That was never sent: it is an internal note.")
        return message
    if isinstance(call.heard, Wrote) and call.heard.answers is not None and call.answers is None:
        # Never another one instead: it may be a good answer that would be taken from the contact.
        raise NotFound("I do not know that message, so nothing was taken back. Reply to the agent's own message.")
    if call.about_conversation is None:
        return None
    return await unsending.last_reply(call.tx, call.act, call.about_conversation)


COMMANDS = (undo, unsend)

"""What a contact looks like: asked of their network each time, and given to who asks."""

from __future__ import annotations

from hub.admin_bot import whom
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.domain import pictures
from hub.domain.ids import Address
from hub.domain.models import Contact, Conversation
from hub.domain.pictures import Look
from hub.domain.ports import Pictures, Tx
from hub.domain.reply import Reply, Value
from hub.domain.text import Text
from hub.errors import Invalid, NotFound

WHICH = "Whose picture? Here, a conversation's number comes before it: /contact 123 picture. /inbox lists them."


@command(section="Contacts", usage="[number]", hidden=True, outside=True, behind="contact", barred=["hidden"])
async def picture(call: Call, words: Text | None = None) -> Reply:
    """Show a contact's picture, as their network has it now."""
    contact, number = await whom.meant(call, _number(words), WHICH, _known)
    sources = await _sources(call, contact)
    if not sources:
        raise NotFound(f"No channel that is connected shows a picture of {contact.name}.")
    found = await pictures.look(sources)
    if not found.trouble:
        await pictures.keep(call.home, contact.id, found.content)
    earlier = await pictures.kept(call.home, contact) if found.trouble else b""
    return _shown(call, {"name": contact.name, "number": number}, found, earlier)


def _number(words: Text | None) -> str:
    line = words.plain.split() if words else []
    if len(line) > 1 or not all(map(whom.is_number, line)):
        raise Invalid(WHICH)
    return line[0] if line else ""


async def _known(_: Tx, contact: Contact, conversation: Conversation | None) -> tuple[Contact, int]:
    return contact, conversation.number if conversation else 0


async def _sources(call: Call, contact: Contact) -> list[tuple[Pictures, Address]]:
    """Where to ask: first where the contact wrote last."""
    reaches = sorted(contact.reaches, key=lambda r: r.last_in.timestamp() if r.last_in else 0.0, reverse=True)
    found = [(await call.services.pictures(call.home.id, r.channel), r.address) for r in reaches]
    return [(source, address) for source, address in found if source is not None]


def _shown(call: Call, data: dict[str, Value], found: Look, earlier: bytes) -> Reply:
    content = found.content or earlier
    data |= {"trouble": found.trouble, "shown": bool(content), "here": call.spot.private, "unseen": False}
    return Reply("contact_picture", data, picture=content)


COMMANDS = (picture,)

"""Two contacts who are one person."""

from __future__ import annotations

from hub.admin_bot import replies
from hub.admin_bot.arguments import Word
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import about, clipped, done
from hub.domain import merging
from hub.domain.contacts import present
from hub.domain.models import ChannelItem, Contact, Conversation
from hub.domain.ports import Query
from hub.domain.reply import Button, Reply, Value
from hub.errors import NotFound

SECTION = "Contacts"
OFFERED = 6


@command(section=SECTION, about="conversation", usage="[number] [#OTHER]")
async def merge(call: Call, other: Word | None = None) -> Reply:
    """Say that this contact and the one of another conversation are one person; both ways lead here then."""
    other = other or _named_alone(call)
    if other is None:
        return await _which(call)
    conversation = await _conversation(call, other)
    return await _preview(call, await _contact(call, conversation), conversation)


@command(section=SECTION, about="conversation", hidden=True)
async def unite(call: Call, other: Word) -> Reply:
    """Merge them, now that it was shown what would become of both."""
    contact = await _contact(call, await _conversation(call, other))
    await merging.merge(call.tx, call.act, call.contact, contact)
    return await done(call, "merged", {**about(call), "other": contact.name, "channels": await _channels(call)})


async def _contact(call: Call, conversation: Conversation) -> Contact:
    contact = await present(call.tx, conversation.contact)
    if contact is None:
        raise NotFound("This contact is gone.")
    return contact


@command(section=SECTION, about="conversation")
async def unmerge(call: Call) -> Reply:
    """Tell two contacts apart again who were merged."""
    other = await merging.unmerge(call.tx, call.act, call.contact)
    return await done(call, "unmerged", {**about(call), "other": other})


def _named_alone(call: Call) -> Word | None:
    """In a contact's place a lone number is the other one's: the place says who is meant."""
    here, named = call.place_conversation, call.about_conversation
    if here is None or named is None or here.id == named.id:
        return None
    call.about_contact, call.about_conversation = call.place_contact, here
    return Word(str(named.number))


async def _which(call: Call) -> Reply:
    number, found = call.conversation.number, await merging.likely(call.tx, call.contact, OFFERED)
    seen = [(c, t) for c, t in found if call.sees(t)]
    buttons = [Button(f"{clipped(c.name, 20)} #{t.number}…", f"merge {number} {t.number}") for c, t in seen]
    return Reply("merge_which", {**about(call), "offered": bool(buttons)}, rows=replies.grid(buttons, 2))


async def _conversation(call: Call, other: str) -> Conversation:
    number = other.removeprefix("#")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise NotFound("Which contact? Write the number of a conversation of theirs, such as /merge #12.")
    found = await call.tx.query(Conversation, Query(where={"number": int(number)}, limit=1))
    if not found:
        raise NotFound(f"There is no conversation #{number}. /inbox lists them.")
    call.own_only(found[0])
    return found[0]


async def _preview(call: Call, other: Contact, conversation: Conversation) -> Reply:
    mine, taken = call.contact, merging.filled(call.contact, other)
    fields: list[Value] = [
        _field(name, other if name in taken else mine, taken=name in taken)
        for name in (*merging.NAMES, *merging.FIELDS)
        if name in taken or getattr(mine, name)
    ]
    data: dict[str, Value] = {
        **about(call),
        "other": other.name,
        "fields": fields,
        "channels": [*await _channels(call), *await _channels(call, other)],
        "conversations": await merging.counts(call.tx, other),
    }
    number = call.conversation.number
    sure = Button("⇄ Merge", f"unite {number} {conversation.number}", call.conversation.version)
    return Reply("merge_preview", data, rows=((sure,),))


def _field(name: str, of: Contact, *, taken: bool) -> Value:
    return {"name": name.replace("_", " "), "kept": str(getattr(of, name)), "new": taken}


async def _channels(call: Call, contact: Contact | None = None) -> list[Value]:
    names = {c.id: c.name for c in await call.tx.items(ChannelItem)}
    return [names.get(r.channel, "a disconnected channel") for r in (contact or call.contact).reaches]


COMMANDS = (merge, unite, unmerge)

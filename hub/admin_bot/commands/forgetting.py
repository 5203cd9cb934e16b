"""Forgetting a contact for good."""

from __future__ import annotations

from collections.abc import Mapping

from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.contact_cards import newest
from hub.admin_bot.replies import clipped
from hub.domain import conversations, desks, forgetting
from hub.domain.contacts import present
from hub.domain.forgetting import Traces
from hub.domain.models import Contact, Conversation
from hub.domain.ports import Tx
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Invalid, NotFound

NOW = "now"
WHICH = "Which contact? Here, a conversation's number comes after it: /forget 123. /inbox lists them."


def _for_good(values: Mapping[str, object]) -> bool:
    words = values.get("words")
    return isinstance(words, Text) and words.plain.casefold().split()[-1:] == [NOW]


@command(
    section="Contacts", outside=True, in_place=True, usage="[number]", fresh=_for_good, barred=["no_deletion", "hidden"]
)
async def forget(call: Call, words: Text | None = None) -> Reply:
    """Erase a contact for good, with all that was said, the files, and what stands of it on desks."""
    line = words.plain.casefold().split() if words else []
    sure = line[-1:] == [NOW]
    named = line[:-1] if sure else line
    if len(named) > 1 or any(not _is_number(w) for w in named):
        raise Invalid(WHICH)

    async def deed(tx: Tx) -> Reply:
        call.unit = tx
        contact, conversation = await _meant(call, tx, named)
        return await (_forget(call, tx, contact) if sure else _ask(call, contact, conversation))

    try:
        return await call.run(deed)
    finally:
        call.unit = None


def _is_number(word: str) -> bool:
    bare = word.removeprefix("#")
    return bare.isascii() and bare.isdigit() and len(bare) < 10


async def _meant(call: Call, tx: Tx, named: list[str]) -> tuple[Contact, Conversation]:
    """The conversation with that number, else the one of the place it was called in."""
    contact, conversation = await (_numbered(tx, named[0]) if named else _here(call, tx))
    if contact is not None and conversation is None:
        conversation = await newest(call, contact)
    if contact is None or conversation is None:
        raise NotFound("That contact is forgotten already." if named else WHICH)
    call.own_only(conversation)
    return contact, conversation


async def _numbered(tx: Tx, word: str) -> tuple[Contact | None, Conversation | None]:
    conversation = await conversations.by_number(tx, word.removeprefix("#"))
    return await present(tx, conversation.contact), conversation


async def _here(call: Call, tx: Tx) -> tuple[Contact | None, Conversation | None]:
    if call.desk is None or not call.spot.thread:
        return None, None
    return await desks.place_of(tx, call.desk.id, call.spot.thread)


async def _ask(call: Call, contact: Contact, conversation: Conversation) -> Reply:
    """Nothing is done before a button is pressed that says how much it is."""
    found = await forgetting.traces(call.tx, contact)
    sure = Button(f"✕ Forget {clipped(contact.name, 20)} for good", f"forget {conversation.number} {NOW}")
    data: dict[str, Value] = {"name": contact.name, "number": conversation.number, **_counts(found)}
    return Reply("forget_sure", data, rows=((sure,),))


async def _forget(call: Call, tx: Tx, contact: Contact) -> Reply:
    found = await forgetting.traces(tx, contact)
    name = contact.name
    await forgetting.forget(tx, call.act, contact)
    return Reply("forgotten", {"name": name, **_counts(found)})


def _counts(found: Traces) -> dict[str, Value]:
    return {"conversations": found.conversations, "messages": found.messages, "notes": found.notes}


COMMANDS = (forget,)

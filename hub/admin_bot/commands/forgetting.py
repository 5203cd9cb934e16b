"""Forgetting a contact for good."""

from __future__ import annotations

from collections.abc import Mapping

from hub.admin_bot import whom
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import clipped
from hub.domain import forgetting
from hub.domain.forgetting import Traces
from hub.domain.ids import is_id
from hub.domain.models import Contact, Conversation
from hub.domain.ports import Tx
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Invalid

NOW = "now"
WHICH = "Which contact? Here, a conversation's number or a name comes after it: /forget 123. /inbox lists them."


def _for_good(values: Mapping[str, object]) -> bool:
    words = values.get("words")
    return isinstance(words, Text) and words.plain.casefold().split()[-1:] == [NOW]


async def _weigh(call: Call, values: Mapping[str, object]) -> str:
    words = values.get("words")
    number, _ = _read(words if isinstance(words, Text) else None)
    return f"Forgetting {await whom.meant(call, number, WHICH, _name)} for good"


async def _name(_: Tx, contact: Contact, __: Conversation | None) -> str:
    return contact.name


@command(
    section="Contacts",
    outside=True,
    in_place=True,
    usage="[number | NAME]",
    fresh=_for_good,
    weigh=_weigh,
    barred=["no_deletion", "hidden"],
)
async def forget(call: Call, words: Text | None = None) -> Reply:
    """Erase a contact for good, with all that was said, the files, and what stands of it on desks."""
    number, sure = _read(words)

    async def deed(tx: Tx, contact: Contact, conversation: Conversation | None) -> Reply:
        return await (_forget(call, tx, contact) if sure else _ask(call, contact, conversation))

    return await whom.meant(call, number, WHICH, deed)


def _read(words: Text | None) -> tuple[str, bool]:
    """The number, id or name, if any, and whether it is to be done for good: never by a name alone."""
    line = words.plain.split() if words else []
    sure = [word.casefold() for word in line[-1:]] == [NOW]
    named = " ".join(line[:-1] if sure else line)
    if sure and named and not whom.is_number(named) and not is_id(named):
        raise Invalid(WHICH)
    return named, sure


async def _ask(call: Call, contact: Contact, conversation: Conversation | None) -> Reply:
    """Nothing is done before a button is pressed that says how much it is."""
    found, number = await forgetting.traces(call.tx, contact), conversation.number if conversation else 0
    sure = Button(f"✕ Forget {clipped(contact.name, 20)} for good", f"forget {number or contact.id} {NOW}")
    data: dict[str, Value] = {"name": contact.name, "number": number, **_counts(found)}
    return Reply("forget_sure", data, rows=((sure,),))


async def _forget(call: Call, tx: Tx, contact: Contact) -> Reply:
    found = await forgetting.traces(tx, contact)
    name = contact.name
    await forgetting.forget(tx, call.act, contact)
    return Reply("forgotten", {"name": name, **_counts(found)})


def _counts(found: Traces) -> dict[str, Value]:
    return {"conversations": found.conversations, "messages": found.messages, "notes": found.notes}


COMMANDS = (forget,)

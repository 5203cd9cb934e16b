"""Whom a command means that is declared outside, so that nobody has looked for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from hub.admin_bot.call import Call
from hub.admin_bot.contact_cards import Known, named, newest
from hub.admin_bot.replies import clipped
from hub.domain import conversations, desks
from hub.domain.contacts import present
from hub.domain.ids import is_id
from hub.domain.models import Contact, Conversation
from hub.domain.ports import Tx
from hub.errors import Invalid, NotFound

T = TypeVar("T")
Doing = Callable[[Tx, Contact, Conversation | None], Awaitable[T]]


def is_number(word: str) -> bool:
    """Whether a conversation could be called so."""
    bare = word.removeprefix("#")
    return bare.isascii() and bare.isdigit() and len(bare) < 10


async def meant(call: Call, number: str, which: str, doing: Doing[T]) -> T:
    """Does something with the contact whose conversation has that number, who has that id or, elsewhere than in a
    contact's place, that name; or in whose place it was called, where it is empty; in one transaction. Raises NotFound:
    with `which`, where that is nobody's place.
    """

    async def deed(tx: Tx) -> T:
        call.unit = tx
        return await doing(tx, *await _found(call, tx, number, which))

    try:
        return await call.run(deed)
    finally:
        call.unit = None


async def _found(call: Call, tx: Tx, number: str, which: str) -> Known:
    if number and not is_number(number):
        return await _named(call, tx, number, which)
    contact, conversation = await (_numbered(tx, number) if number else _here(call, tx))
    if contact is not None and conversation is None:
        conversation = await newest(call, contact)
    if contact is None or conversation is None:
        raise NotFound("That contact is forgotten already." if number else which)
    call.own_only(conversation)
    return contact, conversation


async def _named(call: Call, tx: Tx, words: str, which: str) -> Known:
    if not is_id(words) and (await _here(call, tx))[0] is not None:
        raise Invalid(which)
    found = await named(call, words)
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(f"“{clipped(words, 40)}” could be {len(found)} contacts: /contact {words} tells them apart.")
    raise NotFound("That contact is forgotten already." if is_id(words) else which)


async def _numbered(tx: Tx, number: str) -> tuple[Contact | None, Conversation | None]:
    conversation = await conversations.by_number(tx, number.removeprefix("#"))
    return await present(tx, conversation.contact), conversation


async def _here(call: Call, tx: Tx) -> tuple[Contact | None, Conversation | None]:
    if call.desk is None or not call.spot.thread:
        return None, None
    return await desks.place_of(tx, call.desk.id, call.spot.thread)

"""What each record is found by: short terms, derived where it is written. The one place that says how they are made.

A term is a letter or two, a colon and a value. Of a conversation each begins with its state, so that what is open is
never sought among what was closed long ago.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime

from hub.domain.finding.words import folded, words_of
from hub.domain.models import Comment, Contact, Conversation, FieldValue, Media, Message

NONE = "-"
AFTER = "\U0010ffff"
"""Comes after every sign that a term goes on with."""
SHORTEST_PHONE = 3
"""Digits of a telephone number that are enough to look for it."""
_LONGEST = 120
"""Characters of a value that count."""


def contact_terms(contact: Contact) -> list[str]:
    """What a contact is found by; one that turned out to be another is not found."""
    if contact.merged_into is not None:
        return []
    return list(dict.fromkeys([*_plain(contact), *_names(contact), *_fields(contact), *_reaches(contact)]))


def _plain(contact: Contact) -> Iterator[str]:
    yield f"a:{contact.assignee or NONE}"
    yield f"t:{contact.team or NONE}"
    yield from (f"g:{tag}" for tag in contact.tags or [NONE])
    if contact.language:
        yield f"l:{contact.language.lower()}"
    if contact.country:
        yield f"c:{contact.country.upper()}"
    if contact.email:
        yield f"m:{folded(contact.email)[:_LONGEST]}"
    if contact.block is not None:
        yield "blocked"


def _names(contact: Contact) -> Iterator[str]:
    for name in (contact.first_name, contact.last_name, contact.username):
        yield from (f"n:{word[:_LONGEST]}" for word in folded(name).split())
    digits = digits_of(contact.phone)
    # Each ending of the number, so that any part of it is the beginning of one.
    yield from (f"p:{digits[i:]}" for i in range(max(0, len(digits) - SHORTEST_PHONE + 1)))


def _fields(contact: Contact) -> Iterator[str]:
    for field, value in contact.fields.items():
        yield f"f:{field}:{field_term(value)}"


def _reaches(contact: Contact) -> Iterator[str]:
    last: datetime | None = None
    for reach in contact.reaches:
        yield f"h:{reach.channel}"
        last = max(last or reach.last_in, reach.last_in) if reach.last_in else last
    if last is not None:
        yield f"d:{last:%Y-%m-%d}"


def digits_of(phone: str) -> str:
    """A telephone number's digits."""
    return "".join(sign for sign in phone if sign in "0123456789")


def field_term(value: FieldValue) -> str:
    """A custom field's value, so that terms sort as the values do."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _sortable(float(value))
    return folded(value)[:_LONGEST]


def _sortable(number: float) -> str:
    """A number as sixteen hexadecimal digits in the order of numbers."""
    bits: int = struct.unpack(">Q", struct.pack(">d", number + 0.0))[0]
    return f"{bits ^ (0xFFFFFFFFFFFFFFFF if bits >> 63 else 1 << 63):016x}"


def conversation_terms(conversation: Conversation) -> list[str]:
    """What a conversation is found by."""
    state = conversation.state
    terms = [state, f"{state}/a:{conversation.assignee or NONE}", f"{state}/t:{conversation.team or NONE}"]
    terms.append(f"{state}/h:{conversation.channel}")
    if conversation.later:
        terms.append(f"{state}/later")
    if conversation.category:
        terms.append(f"{state}/k:{conversation.category}")
    if conversation.closed_at is not None and state == "closed":
        terms.append(f"{state}/d:{conversation.closed_at:%Y-%m-%d}")
    return terms


def alive(mark: str, value: str) -> list[str]:
    """The terms of conversations that are not closed: `a` for their assignee, `t` for their team."""
    return [f"{state}/{mark}:{value}" for state in ("open", "snoozed")]


def message_words(message: Message | Comment) -> list[str]:
    """What a message or note is found by: its words, those of its files' names, and who of us wrote it."""
    text = message.text.plain
    names = " ".join(a.name for a in message.attachments if isinstance(a, Media) and a.name)
    found = words_of(f"{text} {names}" if names else text)
    if message.author is not None and found:
        found.append(by(message.author))
    return found


def by(author: str) -> str:
    """The word that stands for who of us wrote it."""
    return f"@{author}"


def beginning(prefix: str) -> tuple[str, str]:
    """From and to of the terms that begin so."""
    return prefix, prefix + AFTER

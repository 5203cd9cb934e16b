"""What is written beside a record so that it is found: made of it, never read back, and so nobody's to forget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from hub.domain.finding.terms import contact_terms, conversation_terms, message_words
from hub.domain.models import Comment, Contact, Conversation, Message, Record

Essence = Callable[[Any], object]
"""What counts of a field's value (as a plain one, or None where it is at its default)."""


class Derived(msgspec.Struct, frozen=True):
    """A field of documents that is made of the record: by `make`, of the fields in `sources`."""

    field: str
    make: Callable[[Any], list[str]]
    sources: Mapping[str, Essence | None]

    def differs(self, old: Mapping[str, Any], new: Mapping[str, Any], touched: AbstractSet[str]) -> bool:
        """Whether what changed counts; both as plain values."""
        for field in self.sources.keys() & touched:
            essence = self.sources[field]
            if essence is None or essence(old.get(field)) != essence(new.get(field)):
                return True
        return False


def _of(*fields: str) -> dict[str, Essence | None]:
    return dict.fromkeys(fields)


def _channels_and_days(reaches: list[Mapping[str, Any]] | None) -> object:
    """Each message of a contact changes their reaches; what they are found by is channel and day."""
    return [(r["channel"], r["last_in"].date() if "last_in" in r else None) for r in reaches or ()]


_NAMES = ("first_name", "last_name", "username", "phone", "email", "language", "country", "fields")
_CONTACT: Mapping[str, Essence | None] = {
    **_of(*_NAMES, "merged_into", "assignee", "team", "tags", "block"),
    "reaches": _channels_and_days,
}
_WORDS = Derived("words", message_words, _of("text", "attachments", "author"))
DERIVED: Mapping[type[Record], Derived] = {
    Contact: Derived("terms", contact_terms, _CONTACT),
    Conversation: Derived(
        "terms", conversation_terms, _of("state", "assignee", "team", "channel", "category", "closed_at", "later")
    ),
    Message: _WORDS,
    Comment: _WORDS,
}

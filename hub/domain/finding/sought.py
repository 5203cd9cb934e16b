"""What somebody looks for among all that was said: words, by whom, since when."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hub.domain.finding.conditions import Wrong
from hub.domain.finding.grammar import Mistake, Term, Value, terms
from hub.domain.finding.known import Known, guess, members_named
from hub.domain.finding.times import RIGHT, stretch
from hub.domain.finding.words import words_of
from hub.domain.ids import UserId
from hub.domain.names import matching

SIDES = {"contact": "in", "them": "in", "us": "out"}
KEYS = ("from", "since", "until", "in", "page")
_IN = ("notes", "messages", "here")


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. `words`: all of them must be there; `whole`: as they were written.

    `author`: who of us wrote it; `named`: the beginning of a contact's name who wrote it; `side`: whose words they are.
    """

    words: tuple[str, ...]
    text: str
    author: UserId | None = None
    named: str = ""
    side: str = ""
    since: datetime | None = None
    until: datetime | None = None
    notes: bool = True
    messages: bool = True
    here: bool = False
    page: int = 1


def sought(line: str, known: Known) -> Sought:
    """Reads what was typed. Raises Mistake."""
    found: dict[str, object] = {}
    plain: list[str] = []
    kept: list[str] = []
    try:
        for term in terms(line):
            if term.key not in KEYS or term.sign != ":":
                plain.append(line[term.where.start : term.where.end])
            else:
                found.update(_setting(term, known))
            if term.key != "page":
                kept.append(line[term.where.start : term.where.end])
    except Wrong as wrong:
        raise Mistake(wrong.text, line, wrong.where.start, wrong.where.end) from None
    words = tuple(words_of(" ".join(plain)))
    if not words and not {"author", "named"} & found.keys():
        raise Mistake("Which word? It has three letters or more: refund from:bob since:oct.", line, 0, len(line))
    return msgspec.convert({"words": words, "text": " ".join(kept), **found}, Sought)


def _setting(term: Term, known: Known) -> dict[str, object]:
    value = term.values[0]
    if term.key == "from":
        return _from(value, known)
    if term.key == "in":
        return _within(value)
    if term.key == "page":
        return {"page": max(1, int(value.text)) if value.text.isdecimal() and len(value.text) < 5 else 1}
    found = stretch(value.text, known.clock)
    if found is None:
        raise Wrong(f"“{value.text}” is no time that I know. {RIGHT}", value.where)
    return {term.key: found.first if term.key == "since" or found.age else found.after}


def _from(value: Value, known: Known) -> dict[str, object]:
    """A colleague, else the contacts whose names begin so."""
    plain = value.text.casefold()
    if plain in SIDES:
        return {"side": SIDES[plain]}
    try:
        member = members_named([value], known)[0]
    except Wrong:
        if matching(value.text.removeprefix("@"), [(m, [m.name, m.username]) for m in known.members]):
            raise  # several colleagues
        return {"named": value.text, "side": "in"}
    return {"author": member.id} if member else {"side": "in"}


def _within(value: Value) -> dict[str, object]:
    plain = value.text.casefold()
    if plain not in _IN:
        raise Wrong(f"“{value.text}” is no place to look in.{guess(plain, _IN)}", value.where)
    return {"here": True} if plain == "here" else {"notes": plain == "notes", "messages": plain == "messages"}

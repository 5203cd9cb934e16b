"""What somebody looks for among all that was said: words, by whom, since when.

Words may have a colon in them: `14:30`, `re:order`, `https://shop.example`. What stands before one is pointed at as a
slip only where it is letters with a value right behind, and is one slip away from a key (`sinc:oct`, `form:bob`), or is
called a key elsewhere (`before:oct`), or is a key of filters (`tag:vip`). A blank behind the colon makes words of these
too; behind a key that there is it changes nothing, for phones put it there.
"""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from hub.domain.finding.conditions import Wrong
from hub.domain.finding.grammar import Mistake, Span, Term, Value, terms
from hub.domain.finding.known import Known, guess, members_named
from hub.domain.finding.times import RIGHT, stretch
from hub.domain.finding.words import words_of
from hub.domain.ids import UserId
from hub.domain.mentions import member_names
from hub.domain.names import matching, one_slip

SIDES = {"contact": "in", "them": "in", "us": "out"}
KEYS = ("from", "since", "until", "in", "page")
_IN = ("notes", "messages", "here")
_SLIP = re.compile(r"([^\W\d_]+):(.+)")
_ELSEWHERE = {"after": "since", "before": "until", "by": "from"}
_FILTERS = ("tag", "tags", "assignee", "team", "channel", "category", "is")


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
        for term in terms(line, KEYS):
            if not term.key:
                _no_slip(term.values[0], known)
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


def _no_slip(value: Value, known: Known) -> None:
    """Raises where the word was meant to be a term."""
    found = _SLIP.fullmatch(value.text)
    if found is None or found[2].startswith("//"):
        return
    key = found[1].casefold()
    meant = _meant(key, found[2], known)
    if not meant and key not in _FILTERS:
        return
    way = f"Did you mean {meant}?" if meant else "There are from, since, until and in; others are for filters."
    where = Span(value.where.start, value.where.start + len(key))
    raise Wrong(f"There is no key “{found[1]}”. {way} A blank behind the colon makes it words.", where)


def _meant(key: str, said: str, known: Known) -> str:
    """The key that was likely meant; empty: none. What is less likely one counts only where the value fits."""
    slip = next((each for each in KEYS[:3] if one_slip(key, each)), "")
    if slip:
        return slip
    likely = _ELSEWHERE.get(key) or ("in" if one_slip(key, "in") else "")
    return likely if likely and _takes(likely, said, known) else ""


def _takes(key: str, said: str, known: Known) -> bool:
    """Whether that is a value of the key."""
    if key == "in":
        return said.casefold() in _IN
    if key == "from":
        return said.casefold() in SIDES or bool(matching(said, [(m, member_names(m)) for m in known.members]))
    return stretch(said, known.clock) is not None


def _setting(term: Term, known: Known) -> dict[str, object]:
    value = term.values[0]
    if term.sign != ":":
        raise Wrong(f"“{term.key}” is written with a colon: {term.key}:{value.text}.", term.where)
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

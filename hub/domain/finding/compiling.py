"""From a filter's words to what is asked: names are looked up, mistakes pointed at, sorting and page taken off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from hub.domain.finding import grammar
from hub.domain.finding.conditions import (
    EVERYTHING,
    Condition,
    Finds,
    Start,
    Wrong,
    either,
    every,
    in_states,
    one_of,
    turned,
)
from hub.domain.finding.custom import field_called, of_field
from hub.domain.finding.grammar import All, Either, Mistake, Node, Not, Term, parse
from hub.domain.finding.keys import ALIASES, KEYS, word
from hub.domain.finding.known import Known, guess, named
from hub.domain.limits import by_team, limited, within

Sort = Literal["old", "new", "waiting", "last", "name", "seen"]
SORTS: Mapping[str, tuple[Sort, ...]] = {
    "conversations": ("old", "new", "waiting", "last"),
    "contacts": ("new", "old", "name", "seen"),
}
DEEPEST = 5
"""Saved filters that use saved filters."""
LAST_PAGE = 9999
_SETTINGS = ("sort", "page")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a filter asks. `text`: without sorting and page, which stand beside it; `sort` empty: as it is usual."""

    condition: Condition
    text: str = ""
    sort: Sort | Literal[""] = ""
    page: int = 1


def compiled(line: str, known: Known) -> Asked:
    """What the line asks of what this member may see. Raises Mistake."""
    try:
        kept, settings = parse(line, _SETTINGS)
        sort, page = _sort(settings.get("sort"), known), _page(settings.get("page"))
        condition = _condition(kept, known, 0)
    except Wrong as wrong:
        raise Mistake(wrong.text, line, wrong.where.start, wrong.where.end) from None
    if known.finds == "conversations":
        condition = _open_unless_said(condition)
    if limited(known.member):
        condition = every([condition, _seen_by(known)])
    return Asked(condition=condition, text=grammar.shown(kept), sort=sort, page=page)


def _open_unless_said(condition: Condition) -> Condition:
    return condition if condition.says_state else every([in_states("open"), condition])


def _page(term: Term | None) -> int:
    said = term.values[0].text if term else "1"
    if term is not None and not (said.isascii() and said.isdigit() and 0 < int(said) <= LAST_PAGE):
        raise Wrong("A page is a number.", term.where)
    return int(said)


def _sort(term: Term | None, known: Known) -> Sort | Literal[""]:
    if term is None:
        return ""
    sorts = SORTS[known.finds]
    found = next((s for s in sorts if s == term.values[0].text.casefold()), None)
    if found is None:
        raise Wrong(f"They can be sorted by {' or '.join(sorts)}.", term.values[0].where)
    return found


def _condition(node: Node, known: Known, depth: int) -> Condition:
    match node:
        case Not():
            return _turned(node.of, known, depth)
        case All():
            return every([_condition(each, known, depth) for each in node.of]) if node.of else EVERYTHING
        case Either():
            return either([_condition(each, known, depth) for each in node.of])
        case Term():
            return _term(node, known, depth)


def _turned(node: Node, known: Known, depth: int) -> Condition:
    """That it does not hold, said of the smallest parts: each of them may know an index, or leave out a state."""
    match node:
        case Not():
            return _condition(node.of, known, depth)
        case All():
            return either([_turned(each, known, depth) for each in node.of])
        case Either():
            return every([_turned(each, known, depth) for each in node.of])
        case Term():
            return turned(_term(node, known, depth))


def _term(term: Term, known: Known, depth: int) -> Condition:
    key = ALIASES.get(term.key, term.key)
    if not key:
        return word(known, term)
    if key in KEYS:
        return KEYS[key](known, term)
    if key in ("inbox", "segment"):
        return _saved(term, known, depth)
    if key in _SETTINGS:
        raise Wrong(f"“{key}” is for the whole list: write it outside of brackets, and not behind a minus.", term.where)
    field = field_called(known, key)
    if field is None:
        keys = [*KEYS, "inbox", "segment", *(f.id for f in known.fields)]
        start = grammar.Span(term.where.start, term.where.start + len(term.key))
        raise Wrong(f"There is no key “{term.key}”.{guess(key, keys) or _SOME}", start)
    return of_field(field, term)


_SOME = " There are tag, assignee, team, channel, waiting, name, phone, email, is, opened and more: /help filter."


def _saved(term: Term, known: Known, depth: int) -> Condition:
    """What a saved filter asks, as part of another."""
    if depth >= DEEPEST:
        raise Wrong("That saved filter leads to itself, or too many lead to one another.", term.where)
    finds: Finds = "contacts" if term.key == "segment" else "conversations"
    inner = msgspec.structs.replace(known, finds=finds)
    parts = []
    for saved in named(term.values, [f for f in known.filters if f.finds == finds], term.key):
        if saved is None:
            raise Wrong(f"Write the name of the {term.key}.", term.where)
        try:
            part = _condition(parse(saved.text, _SETTINGS)[0], inner, depth + 1)
        except (Wrong, Mistake) as error:
            raise Wrong(f"{saved.name} is wrong in itself: {error.text}", term.where) from None
        parts.append(_open_unless_said(part) if finds == "conversations" else part)
    return one_of(parts)


def _seen_by(known: Known) -> Condition:
    """What this member may see: the truth that holds for every hit, and where it begins."""
    member, teams, on = known.member, known.own_teams, known.finds
    terms = [f"a:{member.id}", *(f"t:{id}" for id in sorted(teams) if by_team(member))]
    cover = tuple(Start(on, (term,)) for term in terms)
    if on == "conversations":
        return Condition(
            holds=lambda case: case.conversation is not None and within(member, case.conversation, teams),
            choices=(cover,),
            exact=len(terms) == 1,
            conversation=True,
        )
    return Condition(
        holds=lambda case: case.contact.assignee == member.id or (by_team(member) and case.contact.team in teams),
        choices=(cover,),
        exact=len(terms) == 1,
        contact=True,
    )

"""The filter language: `tag:vip assignee:none waiting>2h (channel:shop or channel:page) -country:de`.

Terms stand side by side where all of them are to hold, with `or` where one is enough; brackets group, a minus sign or
`not` turns around. A term is a key, a sign and values, or one word alone. No quotes and no case: it is typed on phones.
What is wrong is pointed at.

Not every colon makes a term: before it stands a key, which begins with a letter, and no two slashes behind it. So
`14:30` and `https://shop.example` are words. In a search, where most is words, only the keys that it knows make terms
(`terms`); which others are slips is said in `sought`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal, NoReturn

import msgspec

from hub.errors import Invalid

Sign = Literal[":", ">", "<", ">=", "<="]
LONGEST = 1000
"""Characters of a filter."""
DEEPEST = 20
"""Brackets within brackets."""
_PARTS = re.compile(r"[()|]|[^\s()|]+")
_TERM = re.compile(r"([^\W\d][\w-]*)(:(?!//)|>=|<=|>|<|=|≥|≤)(.*)", re.DOTALL)
_SIGNS: dict[str, Sign] = {"=": ":", "≥": ">=", "≤": "<=", ":": ":", ">": ">", "<": "<", ">=": ">=", "<=": "<="}
_MINUS = "-\u2013\u2014"
"""A minus sign, and what phones make of it."""


class Mistake(Invalid):
    """What is wrong with a filter, and from where to where in it."""

    def __init__(self, text: str, line: str, start: int, end: int) -> None:
        super().__init__(text)
        self.line, self.start, self.end = line, start, max(end, start + 1)

    def pointed(self, width: int = 36) -> str:
        """The place in the filter, and under it what points there."""
        first = max(0, min(self.start - width // 3, len(self.line) - width))
        shown = " ".join(self.line[first : first + width].split("\n"))
        lead = "…" if first else ""
        marks = "^" * max(1, min(self.end, first + width) - self.start)
        return f"{lead}{shown}\n{' ' * (len(lead) + self.start - first)}{marks}"


class Span(msgspec.Struct, frozen=True):
    """Where something stands in the filter."""

    start: int
    end: int


class Value(msgspec.Struct, frozen=True):
    """One value of a term."""

    text: str
    where: Span


class Term(msgspec.Struct, frozen=True):
    """A key, a sign and values, of which one is enough. A word alone has no key."""

    key: str
    sign: Sign
    values: tuple[Value, ...]
    where: Span


class Not(msgspec.Struct, frozen=True):
    """What must not hold."""

    of: Node


class All(msgspec.Struct, frozen=True):
    """All of them must hold; of none, everything."""

    of: tuple[Node, ...]


class Either(msgspec.Struct, frozen=True):
    """One of them must hold."""

    of: tuple[Node, ...]


Node = Term | Not | All | Either


def parse(line: str, settings: Collection[str] = ()) -> tuple[Node, dict[str, Term]]:
    """What a filter says without the terms of these keys that stand for the whole of it, and those. Raises Mistake."""
    if len(line) > LONGEST:
        raise Mistake(f"A filter has at most {LONGEST} characters.", line, LONGEST, len(line))
    reader = _Reader(line)
    found = reader.take_out(settings)
    node = reader.either(0)
    if reader.peek():
        reader.wrong("This bracket closes nothing: leave it out, or open one before.")
    return node, found


def terms(line: str, keys: Collection[str]) -> list[Term]:
    """The line's words and the terms of these keys, without any grammar between them. Raises Mistake."""
    reader = _Reader(line, keys)
    found = []
    while reader.peek():
        found.append(reader.term())
    return found


def shown(node: Node, *, inner: bool = False) -> str:
    """The node as a filter that means the same."""
    match node:
        case Term():
            values = ",".join(value.text for value in node.values)
            return f"{node.key}{node.sign}{values}" if node.key else values
        case Not():
            return f"-{shown(node.of, inner=True)}"
        case All():
            said = " ".join(shown(each, inner=True) for each in node.of)
        case Either():
            said = " or ".join(shown(each, inner=True) for each in node.of)
    return f"({said})" if inner else said


class _Reader:
    def __init__(self, line: str, keys: Collection[str] | None = None) -> None:
        """`keys`: those that make terms; None: all do, known or not."""
        self.line = line
        self._keys = keys
        self._parts = [(m.group(), m.start()) for m in _PARTS.finditer(line)]
        self._at = 0

    def peek(self) -> str:
        """The next part; empty at the end."""
        return self._parts[self._at][0] if self._at < len(self._parts) else ""

    def take_out(self, keys: Collection[str]) -> dict[str, Term]:
        """Takes out the terms of these keys that stand neither in brackets nor behind a minus."""
        found: dict[str, Term] = {}
        depth, turned, kept = 0, False, []
        for part, start in self._parts:
            depth += (part == "(") - (part == ")")
            term = _TERM.fullmatch(part)
            if term is not None and term[1].casefold() in keys and term[3] and not depth and not turned:
                where = Span(start, start + len(part))
                said = Value(term[3], Span(start + term.start(3), where.end))
                found[term[1].casefold()] = Term(term[1].casefold(), ":", (said,), where)
            else:
                kept.append((part, start))
            turned = part.casefold() in ("not", *_MINUS)
        self._parts = kept
        return found

    def wrong(self, text: str, where: Span | None = None) -> NoReturn:
        """Points at the next part, or there."""
        if where is None:
            part, start = self._parts[self._at] if self._at < len(self._parts) else ("", len(self.line.rstrip()))
            where = Span(start, start + len(part))
        raise Mistake(text, self.line, where.start, where.end)

    def either(self, depth: int) -> Node:
        """Terms with `or` between."""
        found = [self._all(depth)]
        while self.peek().casefold() in ("or", "|"):
            self._at += 1
            if self.peek() in ("", ")"):
                self.wrong("Something is missing after “or”.")
            found.append(self._all(depth))
        return found[0] if len(found) == 1 else Either(tuple(found))

    def _all(self, depth: int) -> Node:
        found: list[Node] = []
        while (part := self.peek()) and part != ")" and part.casefold() not in ("or", "|"):
            if part.casefold() == "and" and found:
                self._at += 1
                if self.peek() in ("", ")"):
                    self.wrong("Something is missing after “and”.")
                continue
            found.append(self._one(depth))
        if not found and self.peek():
            said = "There is nothing between the brackets." if self.peek() == ")" else "Something is missing before it."
            self.wrong(said)
        return found[0] if len(found) == 1 else All(tuple(found))

    def _one(self, depth: int) -> Node:
        part = self.peek()
        if part[0] in _MINUS or part.casefold() == "not":
            return self._turned(part, depth)
        if part == "(":
            return self._group(depth)
        return self.term()

    def _turned(self, part: str, depth: int) -> Node:
        start = self._parts[self._at][1]
        self._deep(depth)
        if part.casefold() == "not" or len(part) == 1:
            self._at += 1
        else:
            self._parts[self._at] = (part[1:], start + 1)
        if self.peek() in ("", ")", "|"):
            self.wrong("Something is missing after it.", Span(start, start + 1))
        return Not(self._one(depth + 1))

    def _group(self, depth: int) -> Node:
        opened = self._parts[self._at][1]
        self._deep(depth)
        self._at += 1
        node = self.either(depth + 1)
        if self.peek() != ")":
            self.wrong("This bracket is never closed.", Span(opened, opened + 1))
        self._at += 1
        return node

    def _deep(self, depth: int) -> None:
        if depth >= DEEPEST:
            self.wrong(f"Brackets may be {DEEPEST} deep; save a part as a filter of its own.")

    def term(self) -> Term:
        """The next part as a term."""
        part, start = self._parts[self._at]
        self._at += 1
        found = _TERM.fullmatch(part)
        if found is None or (self._keys is not None and found[1].casefold() not in self._keys):
            return Term("", ":", (Value(part, Span(start, start + len(part))),), Span(start, start + len(part)))
        key, sign, said = found.groups()
        at = start + found.start(3)
        if not said:
            said, at = self._value_after(part, start)
        end = at + len(said)
        return Term(key.casefold(), _SIGNS[sign], tuple(self._values(said, at)), Span(start, end))

    def _value_after(self, part: str, start: int) -> tuple[str, int]:
        """Phones put a space after a colon."""
        following = self.peek()
        if following in ("", "(", ")", "|") or _TERM.fullmatch(following) or following.casefold() == "or":
            self.wrong(f"“{part}” has no value: write one behind it.", Span(start, start + len(part)))
        self._at += 1
        return following, self._parts[self._at - 1][1]

    def _values(self, said: str, at: int) -> list[Value]:
        found = []
        for text in said.split(","):
            if text:
                found.append(Value(text, Span(at, at + len(text))))
            at += len(text) + 1
        if not found:
            self.wrong("There is no value.", Span(at - len(said) - 1, at - 1))
        return found

"""Typed arguments: each kind reads its words from a line and says, where it cannot, what would be right.

The grammar has no quotes, flags or case, for it must survive autocorrect on a phone: names are found by the beginning
of a word, and the last argument is whatever is left.
"""

# ruff: noqa: PLC0414 - what finds things by their names is imported from here
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NewType, Protocol

import msgspec

from hub.admin_bot.call import Call
from hub.domain.ids import is_id
from hub.domain.mentions import member_names as member_names
from hub.domain.models import Category, Member, Tag
from hub.domain.names import did_you_mean as did_you_mean
from hub.domain.names import matching as matching
from hub.domain.names import nearest as nearest
from hub.domain.names import plainly as plainly
from hub.domain.text import Text
from hub.errors import Invalid, NotFound

Word = NewType("Word", str)
"""A word as it was typed."""
SnippetName = NewType("SnippetName", str)
"""A snippet's name, or the beginning of one."""

MINUS = ("-", "\u2013", "\u2014")
"""A minus sign, and what phones make of it."""


class CategoryChoice(msgspec.Struct, frozen=True):
    """A category for a closing note; None: none."""

    category: Category | None


class TagChange(msgspec.Struct, frozen=True):
    """Tags to put on and take off, and names of no tag; `made`: those that may be created."""

    on: tuple[Tag, ...] = ()
    off: tuple[Tag, ...] = ()
    unknown: tuple[str, ...] = ()
    made: tuple[str, ...] = ()


class Choice(msgspec.Struct, frozen=True):
    """Something that would have been right: what to show and what to type."""

    label: str
    value: str


class BadArgument(Invalid):
    """That argument is not as it should be.

    `said`: what stood there; `choices`: what would be right.
    """

    def __init__(self, text: str, said: str = "", choices: Sequence[Choice] = ()) -> None:
        super().__init__(text)
        self.said = said
        self.choices = tuple(choices)


class Words:
    """A line's words, read from the left; what is left keeps its formatting."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._at = self._from = 0
        self._skip()

    @property
    def read(self) -> str:
        """What was read so far."""
        return self._text.plain[self._from : self._at].rstrip()

    def begin(self) -> None:
        """What was read so far says whom the line is about, and is no part of what it says."""
        self._from = self._at

    def peek(self) -> str:
        """The next word; empty at the end."""
        return next(iter(self._text.plain[self._at :].split(maxsplit=1)), "")

    def take(self) -> str:
        """Reads the next word."""
        word = self.peek()
        self._at += len(word)
        self._skip()
        return word

    def take_mention(self) -> tuple[str, str] | None:
        """Reads a mention of somebody by their chat account: what stands there, and whose it is; None: the next word is
        none. Its name may be of several words.
        """
        found = next((s for s in self._text.spans if s.kind == "mention" and s.value and s.start == self._at), None)
        if found is None:
            return None
        self._at = found.end
        self._skip()
        return self._text.plain[found.start : found.end], found.value

    def rest(self) -> Text:
        """All that is left, without reading it."""
        return self._text.cut(self._at, len(self._text.plain.rstrip()))

    def take_rest(self) -> Text:
        """Reads all that is left."""
        rest = self.rest()
        self._at = len(self._text.plain)
        return rest

    def _skip(self) -> None:
        while self._at < len(self._text.plain) and self._text.plain[self._at].isspace():
            self._at += 1


class Kind(Protocol):
    """How an argument is read."""

    def label(self, name: str) -> str:
        """How the argument of that name is shown in usage lines."""

    async def read(self, call: Call, words: Words) -> object:
        """Reads it; None where there is nothing to read. Raises BadArgument."""


# -- the kinds -------------------------------------------------------------------------------------------------------


def one_member(word: str, members: Sequence[Member], identity: str = "") -> Member:
    """The colleague whom a word means, or whose chat account it is. Raises BadArgument."""
    by_id = [m for m in members if word == m.id or {word, identity} & {*m.identities}]
    named = [(m, member_names(m)) for m in members]
    found = by_id or matching(word.removeprefix("@"), named)
    if len(found) == 1:
        return found[0]
    if is_id(word) and not found:
        raise NotFound("Whoever is meant is no member here any more. Nothing was changed by this.")
    choices = [Choice(f"{m.name} @{m.username}" if m.username else m.name, m.id) for m in (found or members)[:6]]
    if found:
        raise BadArgument(f"“{word}” could be several colleagues. Which one?", word, choices)
    guess = did_you_mean(word, [m.name for m in members])
    raise BadArgument(f"Nobody here is called “{word}”.{guess}", word, choices)


class CategoryKind:
    """The beginning of a category's name, or `-` for none. Without categories it reads nothing."""

    def label(self, name: str) -> str:
        """One word."""
        return name

    async def read(self, call: Call, words: Words) -> CategoryChoice | None:
        """Finds the category."""
        categories = sorted(await call.tx.items(Category), key=lambda c: c.name.casefold())
        word = words.peek()
        if word in MINUS:
            words.take()
            return CategoryChoice(None)
        if not word or not categories:
            return None
        words.take()
        by_id = [c for c in categories if c.id == word]
        found = by_id or _whole(word, words, categories) or matching(word, [(c, [c.name]) for c in categories])
        if len(found) == 1:
            _read_on(found[0].name, words)
            return CategoryChoice(found[0])
        choices = [Choice(c.name, c.id) for c in (found or categories)[:6]]
        guess = did_you_mean(word, [c.name for c in categories])
        said = f"“{word}” could be several categories." if found else f"There is no category “{word}”.{guess}"
        raise BadArgument(f"{said} Which category?", word, choices)


def _whole(word: str, words: Words, categories: Sequence[Category]) -> list[Category]:
    """The category of several words, all of which were typed; the longest."""
    typed = [plainly(w) for w in (word, *words.rest().plain.split())]
    names = [(c, [plainly(w) for w in c.name.split()]) for c in categories]
    whole = [(c, name) for c, name in names if len(name) > 1 and typed[: len(name)] == name]
    return [c for c, _ in sorted(whole, key=lambda pair: -len(pair[1]))[:1]]


def _read_on(name: str, words: Words) -> None:
    """Reads the other words of a name of several, where they were typed."""
    for part in name.split()[1:]:
        if plainly(words.peek()) != plainly(part):
            return
        words.take()


class TagsKind:
    """Names of tags: `vip` puts on, `-vip` takes off, `+vip` creates."""

    def label(self, name: str) -> str:  # noqa: ARG002 - one signature for all kinds
        """One or several words."""
        return "name… | -name…"

    async def read(self, call: Call, words: Words) -> TagChange | None:
        """Finds the tags. One that is to be taken off must be there."""
        tags = await call.tx.items(Tag)
        on: list[Tag] = []
        off: list[Tag] = []
        unknown: list[str] = []
        made: list[str] = []
        while words.peek():
            word = words.take()
            sign, name = (word[0], word[1:]) if word[0] in ("+", *MINUS) else ("", word)
            found = _tags(name.lstrip("#"), tags)
            if sign == "+":
                found = [t for t in found if plainly(t.name) == plainly(name)]
            if len(found) == 1:
                (off if sign in MINUS else on).append(found[0])
            elif found:
                choices = [Choice(t.name, f"{'-' if sign else ''}{t.id}") for t in found[:6]]
                raise BadArgument(f"“{name}” could be several tags. Which one?", word, choices)
            elif sign and sign != "+":
                guess = did_you_mean(name, [t.name for t in tags])
                raise BadArgument(f"There is no tag “{name}” to take off.{guess}", word)
            else:
                (made if sign else unknown).append(name)
        change = TagChange(tuple(on), tuple(off), tuple(dict.fromkeys(unknown)), tuple(made))
        return None if change == TagChange() else change


def _tags(name: str, tags: Sequence[Tag]) -> list[Tag]:
    return [t for t in tags if t.id == name] or matching(name, [(t, [t.name]) for t in tags])


class SnippetKind:
    """A snippet's name, not looked up: what it may do depends on where it is typed."""

    def label(self, name: str) -> str:
        """One word."""
        return name

    async def read(self, call: Call, words: Words) -> SnippetName | None:  # noqa: ARG002 - one signature for all kinds
        """The word."""
        return SnippetName(words.take()) if words.peek() else None


class WordKind:
    """One word."""

    def label(self, name: str) -> str:
        """One word."""
        return name

    async def read(self, call: Call, words: Words) -> Word | None:  # noqa: ARG002 - one signature for all kinds
        """The word."""
        return Word(words.take()) if words.peek() else None


class NumberKind:
    """A whole number."""

    def label(self, name: str) -> str:
        """One word."""
        return name

    async def read(self, call: Call, words: Words) -> int | None:  # noqa: ARG002 - one signature for all kinds
        """The number."""
        word = words.peek()
        if not word:
            return None
        words.take()
        if not (word.isascii() and word.isdigit() and len(word) < 10):
            raise BadArgument(f"“{word}” is not a number.", word)
        return int(word)


class RestKind:
    """All that is left, formatting and all."""

    def label(self, name: str) -> str:
        """Free text."""
        return f"{name}…"

    async def read(self, call: Call, words: Words) -> Text | None:  # noqa: ARG002 - one signature for all kinds
        """The rest of the line."""
        return words.take_rest() or None


class ChoiceKind:
    """One of a few words, or the beginning of one."""

    def __init__(self, options: Sequence[str]) -> None:
        self.options = tuple(options)

    def label(self, name: str) -> str:  # noqa: ARG002 - one signature for all kinds
        """All of them."""
        return " | ".join(self.options)

    def fits(self, word: str) -> bool:
        """Whether the word is one of them."""
        return len(matching(word, [(o, [o]) for o in self.options])) == 1

    async def read(self, call: Call, words: Words) -> str | None:  # noqa: ARG002 - one signature for all kinds
        """The option meant."""
        word = words.peek()
        if not word:
            return None
        found = matching(word, [(o, [o]) for o in self.options])
        if len(found) != 1:
            options = " or ".join(filter(None, (", ".join(self.options[:-1]), self.options[-1])))
            words.take()
            raise BadArgument(f"“{word}” should be {options}.", word, [Choice(o, o) for o in self.options])
        words.take()
        return found[0]


KINDS: Mapping[Any, Kind] = {
    CategoryChoice: CategoryKind(),
    TagChange: TagsKind(),
    SnippetName: SnippetKind(),
    Word: WordKind(),
    int: NumberKind(),
    Text: RestKind(),
}

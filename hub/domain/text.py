"""The neutral form of formatted text: plain words and spans over them, counted in code points.

Each adapter translates to and from it; nothing in the middle knows a network's markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal
from unicodedata import category, normalize

import msgspec

SpanKind = Literal[
    "bold", "italic", "underline", "strike", "spoiler", "code", "pre", "quote", "link", "mention", "command", "emoji"
]

_JOINER = "\u200d"
_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_TAGS = frozenset(map(chr, range(0xE0020, 0xE0080)))
_LONGEST_SIGN = 64
"""Code points; people see as one sign what is longer only where somebody made it for that."""


class Span(msgspec.Struct, frozen=True, omit_defaults=True):
    """Formatting from code point `start` up to, not including, `end`; `value` is a link's address or a language."""

    start: int
    end: int
    kind: SpanKind
    value: str = ""


class Text(msgspec.Struct, frozen=True, omit_defaults=True):
    """Formatted text. Spans may nest, and never leave the words they stand on."""

    plain: str = ""
    spans: tuple[Span, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.plain)

    def cut(self, start: int, end: int) -> Text:
        """The part from `start` to `end`, spans cut with it."""
        return Text(self.plain[start:end], tuple(_clipped(self.spans, start, end)))


def nameless(text: Text) -> tuple[Span, ...]:
    """The mentions in it that show no name but the id by which the network knows somebody."""
    found = (span for span in text.spans if span.kind == "mention" and span.end - span.start > 1)
    return tuple(span for span in found if span.value.endswith(f"={text.plain[span.start + 1 : span.end]}"))


def _clipped(spans: tuple[Span, ...], start: int, end: int) -> Iterator[Span]:
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if first < last:
            yield Span(first - start, last - start, span.kind, span.value)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same formatting with as few spans as it takes: neighbours of one kind become one. Outer ones come first."""
    kinds: dict[tuple[SpanKind, str], list[Span]] = {}
    for span in sorted(spans, key=lambda span: span.start):
        run = kinds.setdefault((span.kind, span.value), [])
        if run and span.start <= run[-1].end:
            run[-1] = Span(run[-1].start, max(span.end, run[-1].end), span.kind, span.value)
        else:
            run.append(span)
    every = [span for run in kinds.values() for span in run]
    return tuple(sorted(every, key=lambda span: (span.start, -span.end, span.kind, span.value)))


def split(text: Text, limit: int, measure: Callable[[str], int] = len) -> list[Text]:
    """Parts of at most `limit` units each, as `measure` counts them; broken at paragraphs, lines, words, in this order,
    and never within what people see as one sign, unless it is endless.

    Spans are cut at the break and go on in the next part; no character is lost or doubled.
    """
    parts: list[Text] = []
    start = 0
    while measure(text.plain[start:]) > limit:
        end = start + _room(text.plain[start:], limit, measure)
        end = _break(text.plain, start, end)
        parts.append(text.cut(start, end))
        start = end
    parts.append(text.cut(start, len(text.plain)))
    return parts


def _room(plain: str, limit: int, measure: Callable[[str], int]) -> int:
    """The greatest number of code points that fit; at least one, so that splitting ends."""
    low, high = 1, min(len(plain), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(plain[:middle]) <= limit else (low, middle - 1)
    return low


def _break(plain: str, start: int, end: int) -> int:
    """The nearest good place to break at or before `end`, in the last half of the part."""
    for mark in ("\n\n", "\n", " "):
        found = plain.rfind(mark, start + (end - start) // 2, end)
        if found > start:
            return found + len(mark)
    return _between_signs(plain, start, end)


def _between_signs(plain: str, start: int, end: int) -> int:
    """The nearest place at or before `end` that stands within no sign."""
    for place in range(end, max(start, end - _LONGEST_SIGN), -1):
        if not _tears(plain, place):
            return place
    return end


def _tears(plain: str, place: int) -> bool:
    """Whether a break there would stand within a sign: a letter with its accents, a flag, an emoji made of several."""
    before, after = plain[place - 1], plain[place : place + 1]
    if not after:
        return False
    if _is_flag_half(after) and _is_flag_half(before):
        first = place
        while first and _is_flag_half(plain[first - 1]):
            first -= 1
        return (place - first) % 2 == 1
    joined = before == _JOINER or (before, after) == ("\r", "\n")
    return joined or after == _JOINER or after in _TONES or after in _TAGS or category(after).startswith("M")


def _is_flag_half(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def seen(plain: str) -> str:
    """The text as people read it, for looking into it: signs that cannot be seen left out, wide ones made plain."""
    return normalize("NFKC", plain if plain.isascii() else "".join(s for s in plain if category(s) != "Cf"))


def as_name(words: str) -> str:
    """What somebody calls themselves, as one line that can be seen: empty where nothing of it can. It forges no line of
    a card, and turns nothing around that stands behind it.
    """
    if words.isascii() and words.isprintable():
        return words.strip()
    line = "".join("" if sign in _TURNING else " " if category(sign) in _BREAKING else sign for sign in words)
    seen = any(category(sign) not in _HIDDEN and sign not in _BLANKS for sign in line)
    return " ".join(line.split()) if seen else ""


_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKING = ("Cc", "Zl", "Zp")
_HIDDEN = ("Cf", "Cc", "Zs", "Zl", "Zp", "Mn")
_BLANKS = "\u3164\u115f\u1160\u2800\uffa0"

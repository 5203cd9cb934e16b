"""The neutral form of formatted text: plain words and spans over them, counted in code points.

Each adapter translates to and from it; nothing in the middle knows a network's markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

SpanKind = Literal[
    "bold", "italic", "underline", "strike", "spoiler", "code", "pre", "quote", "link", "mention", "command", "emoji"
]


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


def _clipped(spans: tuple[Span, ...], start: int, end: int) -> Iterator[Span]:
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if first < last:
            yield Span(first - start, last - start, span.kind, span.value)


def split(text: Text, limit: int, measure: Callable[[str], int] = len) -> list[Text]:
    """Parts of at most `limit` units each, as `measure` counts them; broken at paragraphs, lines, words, in this order.

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
    return end

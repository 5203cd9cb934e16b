"""Text from the neutral form to Markdown (CommonMark, with `~~` for struck out words; a line's end is one).

The plain words go beside it, for systems that show nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from hub.domain.text import Span, SpanKind, Text

_MARKS: dict[SpanKind, str] = {"bold": "**", "italic": "*", "strike": "~~"}
_ORDER: tuple[SpanKind, ...] = ("link", "bold", "italic", "strike", "code")
"""Of spans over the same words, the outer first; the rest is shown as plain words."""
_SPECIAL = re.compile(r"[\\`*\[\]<>~&]|(?<![^\W_])_|_(?![^\W_])")
_AT_START = re.compile(r"(?P<white>\s*)(?:(?P<sign>[#+=-])|(?P<number>\d+)(?=[.)]))")
_SENDABLE_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\\]+", re.IGNORECASE)


def markdown(text: Text) -> str:
    """The words with their formatting written out; what anybody wrote is never read as formatting."""
    blocks = sorted((s for s in text.spans if s.kind == "pre"), key=lambda span: span.start)
    found: list[str] = []
    done = 0
    for block in blocks:
        if block.start < done:
            continue
        found += _lines(text.cut(done, block.start), last=False)
        found += _fenced(text.plain[block.start : block.end], block.value)
        done = block.end
    return "\n".join([*found, *_lines(text.cut(done, len(text.plain)), last=True, first=not blocks)])


def _fenced(plain: str, language: str) -> Iterator[str]:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", plain)), default=0))
    yield fence + (language if re.fullmatch(r"[\w+#.-]{1,40}", language) else "")
    yield from plain.strip("\n").split("\n")
    yield fence


def _lines(text: Text, *, last: bool, first: bool = True) -> Iterator[str]:
    """Without the line's end that stands beside a block of code, which has its own."""
    plain = text.plain
    start = 1 if not first and plain[:1] == "\n" else 0
    end = len(plain) - 1 if not last and plain[-1:] == "\n" else len(plain)
    if start >= end and not (first and last):
        return
    quoted = False
    for line in plain[start:end].split("\n"):
        cut = text.cut(start, start + len(line))
        start += len(line) + 1
        was, quoted = quoted, any(span.kind == "quote" for span in cut.spans)
        if was and not quoted and line.strip():
            yield ""  # else the line would still count as quoted
        yield ("> " if quoted else "") + _inline(cut)


def _inline(line: Text) -> str:
    spans = list(_nested(_fitting(line)))
    edges = sorted({0, len(line.plain), *(s.start for s in spans), *(s.end for s in spans)})
    found: list[str] = []
    stack: list[Span] = []
    for start, end in pairwise(edges):
        while stack and stack[-1].end <= start:
            found.append(_closing(stack.pop(), line.plain))
        for span in spans:
            if span.start == start:
                stack.append(span)
                found.append(_opening(span, line.plain))
        in_code = any(span.kind == "code" for span in stack)
        found.append(line.plain[start:end] if in_code else _escaped(line.plain, start, end))
    return "".join([*found, *(_closing(span, line.plain) for span in reversed(stack))])


def _fitting(line: Text) -> Iterator[Span]:
    """Without white space at its ends, beside which a mark is none."""
    for span in line.spans:
        words = line.plain[span.start : span.end]
        start, end = span.start + len(words) - len(words.lstrip()), span.start + len(words.rstrip())
        sendable = span.kind != "link" or _SENDABLE_LINK.fullmatch(span.value)
        if span.kind in _ORDER and start < end and sendable:
            yield Span(start, end, span.kind, span.value)


def _nested(spans: Iterable[Span]) -> Iterator[Span]:
    """The outer before the inner. One that reaches out of another is cut there; nothing stands within code, no link
    in a link, and nothing twice.
    """
    stack: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, _ORDER.index(s.kind))):
        stack = [outer for outer in stack if outer.end > span.start]
        if any(outer.kind in ("code", span.kind) for outer in stack):
            continue
        within = Span(span.start, min([span.end, *(outer.end for outer in stack)]), span.kind, span.value)
        stack.append(within)
        yield within


def _opening(span: Span, plain: str) -> str:
    if span.kind == "link":
        return "["
    return _ticks(span, plain) if span.kind == "code" else _MARKS[span.kind]


def _closing(span: Span, plain: str) -> str:
    if span.kind == "link":
        return f"](<{span.value}>)"
    return _ticks(span, plain)[::-1] if span.kind == "code" else _MARKS[span.kind]


def _ticks(span: Span, plain: str) -> str:
    """More of them than stand in the code; a space where it begins or ends with one."""
    code = plain[span.start : span.end]
    ticks = "`" * (1 + max(map(len, re.findall("`+", code)), default=0))
    return ticks + " " if code.startswith("`") or code.endswith("`") else ticks


def _escaped(plain: str, start: int, end: int) -> str:
    """With a backslash before whatever would be read as formatting, a line's beginning above all."""
    found = [f"\\{m.group()}" if (m := _SPECIAL.match(plain, i)) else plain[i] for i in range(start, end)]
    first = _AT_START.match(plain)
    place = first.end() - (1 if first and first["sign"] else 0) if first else -1
    if start <= place < end:
        found[place - start] = f"\\{plain[place]}"
    return "".join(found)

"""Putting neutral texts together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.domain.text import Span, SpanKind, Text


def styled(text: Text | str, kind: SpanKind, value: str = "") -> Text:
    """The whole text in a style."""
    whole = Text(text) if isinstance(text, str) else text
    return Text(whole.plain, (Span(0, len(whole.plain), kind, value), *whole.spans)) if whole.plain else whole


def joined(parts: Sequence[Text], sign: str = "") -> Text:
    """The texts one after another, `sign` between them."""
    plain: list[str] = []
    spans: list[Span] = []
    start = 0
    for place, part in enumerate(parts):
        start += len(sign) if place else 0
        spans += [Span(s.start + start, s.end + start, s.kind, s.value) for s in part.spans]
        plain.append(part.plain)
        start += len(part.plain)
    return Text(sign.join(plain), tuple(spans))


def stripped(text: Text) -> Text:
    """Without white space around it."""
    plain = text.plain.rstrip()
    return (
        text.cut(len(plain) - len(plain.lstrip()), len(plain)) if plain != text.plain or plain[:1].isspace() else text
    )


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

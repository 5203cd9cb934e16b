"""Putting neutral texts together."""

from __future__ import annotations

from collections.abc import Sequence

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

"""Text between the neutral form (spans in code points) and the network's (entities in UTF-16 units).

To contacts no markup is ever sent as text, only entities beside plain words: so nothing that anybody writes can
break it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from hub.adapters.telegram.payload import Entity
from hub.domain.text import Span, SpanKind, Text

_SPANS: dict[str, SpanKind] = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strikethrough": "strike",
    "spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "quote",
    "expandable_blockquote": "quote",
    "text_link": "link",
    "mention": "mention",
    "text_mention": "mention",
    "bot_command": "command",
    "custom_emoji": "emoji",
}
_ENTITIES: dict[SpanKind, str] = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strike": "strikethrough",
    "spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "quote": "blockquote",
    "link": "text_link",
}
"""What is sent as entities. Mentions and commands are found by the network itself where they lead anywhere, and
another bot's emojis are not ours to use."""
_SENDABLE_LINK = re.compile(r"(?:https?|tg)://\S+", re.IGNORECASE)
_LAST_BMP = "\uffff"


def measure(plain: str) -> int:
    """How long the network finds the words: in UTF-16 units, formatting not counted."""
    return len(plain) if plain.isascii() else len(plain) + sum(map(_LAST_BMP.__lt__, plain))


def neutral(plain: str, entities: Iterable[Entity] | None) -> Text:
    """The neutral form of what the network sent. Entities that stand outside the words are cut, or left out."""
    if not entities:
        return Text(plain)
    points = _points(plain)
    spans = (_span(entity, points) for entity in entities)
    return Text(plain, tuple(span for span in spans if span is not None))


def _points(plain: str) -> Sequence[int]:
    """For each UTF-16 unit the code point it belongs to."""
    if max(plain, default="") <= _LAST_BMP:
        return range(len(plain))
    return [index for index, char in enumerate(plain) for _ in range(1 + (char > _LAST_BMP))]


def _span(entity: Entity, points: Sequence[int]) -> Span | None:
    kind = _SPANS.get(entity.type)
    first, last = entity.offset, min(entity.offset + entity.length, len(points)) - 1
    if kind is None or first < 0 or last < first:
        return None
    return Span(points[first], points[last] + 1, kind, _value(entity))


def _value(entity: Entity) -> str:
    if entity.user is not None:
        return f"tg://user?id={entity.user.id}"
    return entity.url or entity.language or entity.custom_emoji_id or ""


def entities(text: Text) -> list[Entity]:
    """The network's form of the spans that can be sent to a contact."""
    offsets = [0, *accumulate(1 + (char > _LAST_BMP) for char in text.plain)]
    return [
        _entity(span, offsets[span.start], offsets[span.end])
        for span in text.spans
        if 0 <= span.start < span.end <= len(text.plain) and _sendable(span)
    ]


def _sendable(span: Span) -> bool:
    return span.kind in _ENTITIES and (span.kind != "link" or _SENDABLE_LINK.fullmatch(span.value) is not None)


def _entity(span: Span, start: int, end: int) -> Entity:
    return Entity(
        type=_ENTITIES[span.kind],
        offset=start,
        length=end - start,
        url=span.value if span.kind == "link" else None,
        language=span.value or None if span.kind == "pre" else None,
    )

"""Between neutral text and Telegram's: UTF-16 units, entities, and the few HTML tags that its parser knows."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from hub.domain.text import Span, SpanKind, Text, split

TEXT_LIMIT = 4096
"""UTF-16 units of a message after the markup is read."""
CAPTION_LIMIT = 1024

_KINDS: dict[str, SpanKind] = {
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
    "text_mention": "mention",
    "mention": "mention",
    "bot_command": "command",
    "custom_emoji": "emoji",
}
_TAGS: dict[SpanKind, str] = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strike": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "pre": "pre",
    "quote": "blockquote",
    "link": "a",
}
_SPANS: dict[str, SpanKind] = {tag: kind for kind, tag in _TAGS.items()}
_TOKEN = re.compile(r"<(?P<close>/?)(?P<tag>[a-z-]+)(?: href=\"(?P<href>[^\"]*)\")?>")


class Mentioned(Protocol):
    """Somebody who has no username."""

    id: int


class Entity(Protocol):
    """An entity as Telegram gives it: offset and length in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None
    language: str | None

    @property
    def user(self) -> Mentioned | None:
        """Who is mentioned by a name that is no username."""


def units(plain: str) -> int:
    """The length as Telegram counts it: in UTF-16 units."""
    return len(plain) + sum(1 for sign in plain if sign > "\uffff")


def clipped(plain: str, limit: int) -> str:
    """At most `limit` UTF-16 units of it; what is cut ends with an ellipsis."""
    if units(plain) <= limit:
        return plain
    return split(Text(plain), limit - 1, units)[0].plain.rstrip() + "…"


def read_entities(plain: str, entities: Iterable[Entity]) -> Text:
    """Text as Telegram reports it, in neutral form. Entities that stand on nothing are left out."""
    places = list(_places(plain))
    spans = []
    for entity in entities:
        kind = _KINDS.get(entity.type)
        if kind is not None and 0 <= entity.offset < len(places) - 1 and entity.length > 0:
            end = places[min(entity.offset + entity.length, len(places) - 1)]
            value = f"telegram:{entity.user.id}" if entity.user else entity.url or entity.language or ""
            spans.append(Span(places[entity.offset], end, kind, value))
    return Text(plain, tuple(spans))


def _places(plain: str) -> Iterator[int]:
    """For each UTF-16 unit, the code point that it belongs to; and the end."""
    for place, sign in enumerate(plain):
        yield place
        if sign > "\uffff":
            yield place
    yield len(plain)


def escape(plain: str) -> str:
    """Exactly `&`, `<` and `>`."""
    return html.escape(plain, quote=False)


def to_html(text: Text) -> str:
    """Telegram's HTML. Kinds that it has no tag for are shown as plain words."""
    spans = [s for s in text.spans if s.kind in _TAGS and (s.kind != "link" or s.value)]
    edges = sorted({0, len(text.plain), *(s.start for s in spans), *(s.end for s in spans)})
    out: list[str] = []
    opened: list[Span] = []
    for start, end in itertools.pairwise(edges):
        active = sorted((s for s in spans if s.start <= start and s.end >= end), key=lambda s: (s.start, -s.end))
        kept = _common(opened, active)
        out += [_close(s) for s in reversed(opened[kept:])]
        out += [_open(s) for s in active[kept:]]
        out.append(escape(text.plain[start:end]))
        opened = active
    return "".join([*out, *(_close(s) for s in reversed(opened))])


def _common(one: list[Span], other: list[Span]) -> int:
    count = 0
    while count < min(len(one), len(other)) and one[count] is other[count]:
        count += 1
    return count


def _open(span: Span) -> str:
    if span.kind == "link":
        return f'<a href="{html.escape(span.value)}">'
    return f"<{_TAGS[span.kind]}>"


def _close(span: Span) -> str:
    return f"</{_TAGS[span.kind]}>"


def read_html(markup: str) -> Text:
    """What `to_html` and the macros write, read back, so that it can be measured and split."""
    plain: list[str] = []
    length = 0
    opened: list[tuple[SpanKind, int, str]] = []
    spans: list[Span] = []
    position = 0
    for token in _TOKEN.finditer(markup):
        words = html.unescape(markup[position : token.start()])
        plain.append(words)
        length += len(words)
        position = token.end()
        kind = _SPANS[token["tag"]]
        if not token["close"]:
            opened.append((kind, length, html.unescape(token["href"] or "")))
        elif opened:
            kind, start, value = opened.pop()
            spans.append(Span(start, length, kind, value))
    plain.append(html.unescape(markup[position:]))
    return Text("".join(plain), tuple(sorted((s for s in spans if s.end > s.start), key=lambda s: (s.start, -s.end))))


def measured(markup: str) -> int:
    """The length of HTML as Telegram counts it: after the markup is read."""
    return units(read_html(markup).plain)


def pieces(markup: str, limit: int = TEXT_LIMIT) -> list[str]:
    """HTML in parts that Telegram takes, broken at good places, with the markup whole in each."""
    if measured(markup) <= limit:
        return [markup]
    return [to_html(part) for part in split(read_html(markup), limit, units) if part.plain.strip()]


def shortened(markup: str, limit: int) -> str:
    """As much of the HTML as fits, with an ellipsis where it was cut."""
    if measured(markup) <= limit:
        return markup
    return to_html(split(read_html(markup), limit - 1, units)[0]) + "…"

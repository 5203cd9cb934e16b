"""Texts as people type them in each network's apps, and as those apps show them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hub.domain.text import Span, SpanKind, Text
from hub.sandbox.telegram.accounts import Json, User
from tests.endtoend.mixed import Typed

JOINER = "\u2060"
"""What the Telegram desk puts behind a contact's `@` and `/`, so that they lead nowhere."""
TELEGRAM_LENGTH = 4096
_ENTITIES: dict[SpanKind, str] = {
    "bold": "bold",
    "italic": "italic",
    "strike": "strikethrough",
    "code": "code",
    "pre": "pre",
    "quote": "blockquote",
    "link": "text_link",
    "mention": "text_mention",
}
_KINDS = {entity: kind for kind, entity in _ENTITIES.items()}
_BLOCKS: dict[str, SpanKind] = {"rich_text_preformatted": "pre", "rich_text_quote": "quote"}
_STYLES: tuple[SpanKind, ...] = ("bold", "italic", "strike", "code")


@dataclass(frozen=True)
class Shown:
    """What somebody sees: words, and what stands on each of them."""

    words: str
    kinds: tuple[frozenset[str], ...]

    def on(self, words: str) -> set[str]:
        """What stands on all of these words, where they are first said."""
        start = self.words.index(words)
        return set(frozenset.intersection(*self.kinds[start : start + len(words)]))


def shown(text: Text) -> Shown:
    """A neutral text as somebody would see it."""
    over = [[s for s in text.spans if s.start <= place < s.end] for place in range(len(text.plain))]
    return Shown(text.plain, tuple(frozenset(_told(s.kind, s.value) for s in spans) for spans in over))


def _told(kind: str, value: str) -> str:
    return f"link {value.rstrip('/')}" if kind == "link" else kind


# -- typed -----------------------------------------------------------------------------------------------------------


def typed(text: Text, mentioned: tuple[User, str]) -> Typed:
    """As an app hands it on; `mentioned`: who a mention in it means, on Telegram and on Slack."""
    entities = tuple(_entity(text.plain, span, mentioned[0]) for span in text.spans)
    return Typed(text.plain, entities, tuple(_rich(text, mentioned[1])))


def _entity(plain: str, span: Span, user: User) -> Json:
    special: dict[str, Json] = {"link": {"url": span.value}, "mention": {"user": user.as_json()}}
    more = special.get(span.kind, {})
    offset, end = units(plain[: span.start]), units(plain[: span.end])
    return {"type": _ENTITIES[span.kind], "offset": offset, "length": end - offset, **more}


def units(plain: str) -> int:
    """The length in UTF-16 units."""
    return len(plain.encode("utf-16-le")) // 2


def _rich(text: Text, user: str) -> Iterator[Json]:
    """As Slack's own composer makes it: a block ends its line by itself."""
    blocks = [s for s in text.spans if s.kind in ("pre", "quote")]
    edges = sorted({0, len(text.plain), *(s.start for s in blocks), *(s.end for s in blocks)})
    for start, end in itertools.pairwise(edges):
        kind = next((s.kind for s in blocks if s.start <= start < s.end), "")
        part = text.cut(start, end)
        part = part if kind else _without_ends(part, first=start == 0, last=end == len(text.plain))
        name = {"pre": "rich_text_preformatted", "quote": "rich_text_quote"}.get(kind, "rich_text_section")
        if part.plain:
            yield {"type": name, "elements": list(_elements(part, user))}


def _without_ends(part: Text, *, first: bool, last: bool) -> Text:
    start = 1 if not first and part.plain.startswith("\n") else 0
    end = len(part.plain) - (1 if not last and part.plain.endswith("\n") else 0)
    return part.cut(start, end)


def _elements(part: Text, user: str) -> Iterator[Json]:
    edges = sorted({0, len(part.plain), *(s.start for s in part.spans), *(s.end for s in part.spans)})
    for start, end in itertools.pairwise(edges):
        over = [s for s in part.spans if s.start <= start < s.end]
        style = {s.kind: True for s in over if s.kind in _STYLES}
        special = next((s for s in over if s.kind in ("link", "mention")), None)
        element: Json = {"type": "text", "text": part.plain[start:end]}
        if special is not None and special.kind == "link":
            element = {"type": "link", "url": special.value, "text": part.plain[start:end]}
        elif special is not None:
            element = {"type": "user", "user_id": user}
        yield element | ({"style": style} if style else {})


def emoji_elements(signs: Iterable[str]) -> tuple[Json, ...]:
    """Emoji as Slack's composer hands them on: by code."""
    codes = ("-".join(f"{ord(sign):04x}" for sign in each) for each in signs)
    return ({"type": "rich_text_section", "elements": [{"type": "emoji", "name": "x", "unicode": c} for c in codes]},)


def cut_for_telegram(text: Text, clusters: Sequence[str]) -> list[Text]:
    """As its apps cut what is too long: between words, never within one; `clusters`: the words with their spaces."""
    parts, start, length = [], 0, 0
    for place, cluster in itertools.zip_longest(itertools.accumulate(map(len, clusters)), clusters, fillvalue=""):
        if length + units(str(cluster)) > TELEGRAM_LENGTH:
            end = int(place or 0) - len(str(cluster))
            parts.append(text.cut(start, end))
            start, length = end, 0
        length += units(str(cluster))
    return [*parts, text.cut(start, len(text.plain))]


# -- shown -----------------------------------------------------------------------------------------------------------


def on_telegram(message: Json) -> Shown:
    """What an app of Telegram's shows."""
    words = str(message.get("text") or "")
    places = [place for place, sign in enumerate(words) for _ in range(units(sign))]
    spans = []
    for entity in message.get("entities") or []:
        if entity["type"] in _KINDS:
            first, last = places[entity["offset"]], places[entity["offset"] + entity["length"] - 1]
            spans.append(Span(first, last + 1, _KINDS[entity["type"]], entity.get("url", "")))
    seen = shown(Text(words, tuple(spans)))
    kept = [place for place, sign in enumerate(seen.words) if sign != JOINER]
    return Shown("".join(seen.words[p] for p in kept), tuple(seen.kinds[p] for p in kept))


def on_slack(message: Json) -> Shown:
    """What an app of Slack's shows: the rich text where there is some, else markup that nothing is marked in."""
    rich = [b for b in message.get("blocks") or [] if b["type"] == "rich_text"]
    if not rich:
        plain = message["text"].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        return shown(Text(plain))
    words, spans = "", list[Span]()
    for element in (e for block in rich for e in block["elements"]):
        words += "\n" if words and not words.endswith("\n") else ""
        start = len(words)
        for inner in element["elements"]:
            piece = inner.get("text", inner.get("url", ""))
            spans += [Span(len(words), len(words) + len(piece), kind) for kind in inner.get("style", {})]
            if inner["type"] == "link":
                spans.append(Span(len(words), len(words) + len(piece), "link", inner["url"]))
            words += piece
        if element["type"] in _BLOCKS:
            spans.append(Span(start, len(words), _BLOCKS[element["type"]]))
    return shown(Text(words, tuple(spans)))


def on_messenger(message: Json) -> Shown:
    """Plain words."""
    return shown(Text(str(message.get("text") or "")))


def on_custom(call: dict[str, Any]) -> Shown:
    """The plain words that go beside the markdown."""
    return shown(Text(str(call["text"])))

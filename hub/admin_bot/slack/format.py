"""Between neutral text and Slack's: mrkdwn and rich text read, rich text and plain fallback written.

What is written goes out as rich text, whose words are never read as markup: nothing in them can ping or act. The
fallback beside it has exactly `&`, `<` and `>` escaped.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from hub.domain.text import Span, SpanKind, Text, split

PIECE = 3000
"""UTF-16 units of words in one post: whatever is escaped in the fallback, it can be changed later."""
FALLBACK = 3900
_STYLES = ("bold", "italic", "strike", "code")
_URL = re.compile(r"https?://[^\s<>\"|]+[^\s<>\"|.,;:!?)\]}'»”]")
_WEB = re.compile(r"(https?://|mailto:)[^\s\"<>|]+$", re.IGNORECASE)
_LONE = re.compile("[\ud800-\udfff]")
DATE = "date:"
"""A link with this address is a moment, shown in the reader's own time zone."""
Element = dict[str, Any]


def escape(plain: str) -> str:
    """Exactly `&`, `<` and `>`."""
    return html.escape(plain, quote=False)


def units(plain: str) -> int:
    """The length in UTF-16 units."""
    return len(plain) + sum(1 for sign in plain if sign > "\uffff")


def clipped(plain: str, limit: int) -> str:
    """At most `limit` UTF-16 units of it; what is cut ends with an ellipsis."""
    if units(plain) <= limit:
        return plain
    return split(Text(plain), limit - 1, units)[0].plain.rstrip() + "…"


def fallback(text: Text) -> str:
    """The words for notifications and screen readers; never empty, and short enough to be changed later."""
    plain = text.plain.strip() or "…"
    escaped = escape(plain)
    while len(escaped) > FALLBACK:
        plain = clipped(plain, max(1, units(plain) * 2 // 3))
        escaped = escape(plain)
    return escaped


def pieces(text: Text) -> list[Text]:
    """The text in parts of one post each; at least one."""
    if units(text.plain) <= PIECE:
        return [text]
    return [part for part in split(text, PIECE, units) if part.plain.strip()] or [text.cut(0, 1)]


# -- putting texts together ------------------------------------------------------------------------------------------


def styled(text: Text | str, kind: SpanKind, value: str = "") -> Text:
    """The whole text in a style."""
    whole = Text(text) if isinstance(text, str) else text
    if not whole.plain:
        return whole
    return Text(whole.plain, (Span(0, len(whole.plain), kind, value), *whole.spans))


def joined(parts: Sequence[Text], sign: str = "") -> Text:
    """The texts one after another."""
    plain, spans, start = [], [], 0
    for place, part in enumerate(parts):
        start += len(sign) if place else 0
        spans += [Span(s.start + start, s.end + start, s.kind, s.value) for s in part.spans]
        plain.append(part.plain)
        start += len(part.plain)
    return Text(sign.join(plain), tuple(spans))


def harmless(text: Text) -> Text:
    """A contact's words without what could act or cannot be stored; formatting and web links stay."""
    plain = _LONE.sub("\ufffd", text.plain)
    kept = [s for s in text.spans if s.kind not in ("mention", "command", "emoji")]
    return Text(plain, tuple(s for s in kept if s.kind != "link" or _WEB.match(s.value)))


# -- written: rich text ----------------------------------------------------------------------------------------------


def rich(text: Text, team: str = "") -> list[Element]:
    """The elements of a rich text block; users of `team` are mentioned for real."""
    out: list[Element] = []
    edges = _edges(text, [s for s in text.spans if s.kind in ("quote", "pre")])
    for start, end in itertools.pairwise(edges):
        kind = next((s.kind for s in text.spans if s.kind in ("pre", "quote") and s.start <= start < s.end), "")
        part = text.cut(start, end)
        element = _block(part if kind else _after_block(part, first=not out), kind, team)
        if element["elements"]:
            out.append(element)
    return out or [{"type": "rich_text_section", "elements": [{"type": "text", "text": "…"}]}]


def _after_block(part: Text, *, first: bool) -> Text:
    """A quote and a block of code begin and end a line by themselves."""
    return part.cut(1, len(part.plain)) if not first and part.plain.startswith("\n") else part


def _block(part: Text, kind: str, team: str) -> Element:
    if kind == "pre":
        return {"type": "rich_text_preformatted", "elements": [_words(part.plain)] if part.plain else []}
    name = "rich_text_quote" if kind == "quote" else "rich_text_section"
    return {"type": name, "elements": list(_inline(part, team))}


def _edges(text: Text, spans: Sequence[Span]) -> list[int]:
    return sorted({0, len(text.plain), *(s.start for s in spans), *(s.end for s in spans)})


def _inline(text: Text, team: str) -> Iterator[Element]:
    for start, end in itertools.pairwise(_edges(text, text.spans)):
        active = [s for s in text.spans if s.start <= start and s.end >= end]
        yield from _run(text.plain[start:end], active, team)


def _run(plain: str, active: Sequence[Span], team: str) -> Iterator[Element]:
    style: dict[str, bool] = {kind: True for kind in _STYLES if any(s.kind == kind for s in active)}
    special = next((s for s in active if s.kind in ("link", "mention")), None)
    user = special.value.removeprefix(f"slack:{team}:") if special and special.kind == "mention" else ""
    if special is not None and special.kind == "link":
        yield _link(special.value, plain, style)
    elif special is not None and team and user and user != special.value:
        yield {"type": "user", "user_id": user}
    elif special is not None:
        yield _words(plain, style | {"bold": True})
    elif "code" in style:
        yield _words(plain, style)
    else:
        yield from _with_addresses(plain, style)


def _link(address: str, plain: str, style: dict[str, bool]) -> Element:
    if address.startswith(DATE):
        moment = int(address.removeprefix(DATE))
        return {"type": "date", "timestamp": moment, "format": "{date_short_pretty} {time}", "fallback": plain}
    element: Element = {"type": "link", "url": address, "text": plain}
    return element | ({"style": style} if style else {})


def _with_addresses(plain: str, style: dict[str, bool]) -> Iterator[Element]:
    """Addresses can be followed, as anywhere."""
    position = 0
    for found in _URL.finditer(plain):
        if found.start() > position:
            yield _words(plain[position : found.start()], style)
        yield _link(found[0], found[0], style)
        position = found.end()
    if position < len(plain):
        yield _words(plain[position:], style)


def _words(plain: str, style: dict[str, bool] | None = None) -> Element:
    return {"type": "text", "text": plain} | ({"style": style} if style else {})


# -- written: what templates write, read back ------------------------------------------------------------------------

_TAGS: dict[str, SpanKind] = {
    "b": "bold",
    "i": "italic",
    "s": "strike",
    "code": "code",
    "q": "quote",
    "a": "link",
    "m": "mention",
}
_TOKEN = re.compile(r"<(?P<close>/?)(?P<tag>[a-z]+)(?: (?P<value>[^<>]*))?>")


def tagged(tag: str, words: str, value: str = "") -> str:
    """Words that are escaped already, in a style of the templates' own markup."""
    return f"<{tag}{' ' + escape(value) if value else ''}>{words}</{tag}>"


def read_markup(markup: str) -> Text:
    """What templates drew with the macros, as text."""
    parts: list[str] = []
    spans: list[Span] = []
    opened: list[tuple[SpanKind, int, str]] = []
    length = position = 0
    for token in _TOKEN.finditer(markup):
        parts.append(html.unescape(markup[position : token.start()]))
        length += len(parts[-1])
        position = token.end()
        if not token["close"]:
            opened.append((_TAGS[token["tag"]], length, html.unescape(token["value"] or "")))
        elif opened:
            kind, start, value = opened.pop()
            spans.append(Span(start, length, kind, value))
    parts.append(html.unescape(markup[position:]))
    ordered = sorted((s for s in spans if s.end > s.start), key=lambda s: (s.start, -s.end))
    return Text("".join(parts), tuple(ordered))

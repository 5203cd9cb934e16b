"""Text from the neutral form to Slack's: markup (mrkdwn), and beside it rich text where markup would say too much.

Markup is read by every client and every notification, but it knows no literal star. Words in which anything could be
taken for markup, and all formatted ones, go as rich text, whose words are never read as markup; then the markup is what
stands in notifications. In markup exactly `&`, `<` and `>` are escaped, so nothing in it can name or call anybody.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from hub.adapters.slack.reading import Naming, mrkdwn
from hub.domain.text import Span, SpanKind, Text, merged

Element = dict[str, Any]

_LAST_BMP = "\uffff"
_LONGEST_LINK = 2000
_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>|\"`]+", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"|`]*[^\s<>\"|`.,;:!?)\]}'»”*_~]", re.IGNORECASE)
_COULD_MARK = re.compile(r"[*_~`]|^\s*>|:[\w+'-]+:", re.MULTILINE)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKS: dict[SpanKind, str] = {"bold": "*", "italic": "_", "strike": "~"}
_STYLES: tuple[SpanKind, ...] = ("bold", "italic", "strike", "code")


def measure(plain: str) -> int:
    """How long the network finds words once they are escaped: in UTF-16 units."""
    escaped = escape(plain)
    return len(escaped) if escaped.isascii() else len(escaped) + sum(map(_LAST_BMP.__lt__, escaped))


def length(markup: str) -> int:
    """How long the network finds markup."""
    return len(markup) + sum(map(_LAST_BMP.__lt__, markup))


def escape(plain: str) -> str:
    """Exactly `&`, `<` and `>`."""
    return html.escape(plain, quote=False)


def sendable(text: Text) -> Text:
    """The text with the formatting that the network has: as few spans as it takes, inside the words.

    Mentions and commands stay words: what a colleague wrote must not call anybody among the contact's people.
    """
    plain = _LONE_SURROGATE.sub("\ufffd", text.plain)
    inside = (s for s in text.spans if 0 <= s.start < s.end <= len(plain))
    kept = [each for span in inside for each in _kept(span, plain)]
    pres = [s for s in kept if s.kind == "pre"]
    free = [s for s in kept if s.kind == "pre" or not any(p.start < s.end and s.start < p.end for p in pres)]
    return Text(plain, merged(free))


def _kept(span: Span, plain: str) -> Iterator[Span]:
    if span.kind in ("pre", "quote"):
        whole = _whole_lines(span, plain)
        if whole is not None:
            yield whole
        elif span.kind == "pre":
            yield Span(span.start, span.end, "code")
    elif span.kind == "link":
        if len(span.value) <= _LONGEST_LINK and _LINK.fullmatch(span.value):
            yield span
    elif span.kind in _STYLES:
        yield Span(span.start, span.end, span.kind)


def _whole_lines(span: Span, plain: str) -> Span | None:
    """Without line ends around it; None where it begins or ends within a line."""
    words = plain[span.start : span.end]
    start = span.start + len(words) - len(words.lstrip("\n"))
    end = span.end - len(words) + len(words.rstrip("\n"))
    begins, ends = plain[start - 1 : start] in ("", "\n"), plain[end : end + 1] in ("", "\n")
    return Span(start, end, span.kind) if start < end and (begins or not start) and ends else None


# -- a message -------------------------------------------------------------------------------------------------------


def body(text: Text) -> Element:
    """The fields of a message with these words: `text`, and `blocks` where the words need them."""
    fit = sendable(text)
    plain = not fit.spans and not _COULD_MARK.search(fit.plain)
    return {"text": markup(fit), **({} if plain else {"blocks": [{"type": "rich_text", "elements": rich(fit)}]})}


# -- markup ----------------------------------------------------------------------------------------------------------


def markup(text: Text) -> str:
    """The words in markup. Where reading it would give other words, the formatting is left out."""
    fit = sendable(text)
    if not fit.spans:
        return escape(fit.plain)
    written = "".join(_blocks(fit))
    return written if mrkdwn(written, Naming()).plain == fit.plain else escape(fit.plain)


def same_in_markup(text: Text) -> bool:
    """Whether markup says exactly these words, so that no rich text is needed for them."""
    fit = sendable(text)
    return mrkdwn(markup(fit), Naming()).plain == fit.plain


def _blocks(text: Text) -> Iterator[str]:
    for start, end, kind in _sections(text):
        part = text.cut(start, end)
        if kind == "pre":
            yield f"```{escape(part.plain)}```"
        else:
            yield "\n".join(("> " if kind == "quote" else "") + _marked(line) for line in _lines(part))


def _sections(text: Text) -> Iterator[tuple[int, int, str]]:
    """The parts that are a quote, code, or neither, in order."""
    spans = [span for span in text.spans if span.kind in ("pre", "quote")]
    edges = sorted({0, len(text.plain), *(s.start for s in spans), *(s.end for s in spans)})
    for start, end in itertools.pairwise(edges):
        yield start, end, next((s.kind for s in spans if s.start <= start < s.end), "")


def _lines(text: Text) -> Iterator[Text]:
    start = 0
    for line in text.plain.split("\n"):
        yield text.cut(start, start + len(line))
        start += len(line) + 1


def _marked(text: Text, kinds: Sequence[SpanKind] = ("bold", "italic", "strike")) -> str:
    """One line. Marks stand at the edges of words only; elsewhere the network does not take them for any."""
    if not kinds:
        return _atoms(text)
    written, position = [], 0
    for span in merged(span for span in text.spans if span.kind == kinds[0]):
        start, end = _without_space(span, text.plain)
        if start >= end or text.plain[start - 1 : start].isalnum() or text.plain[end : end + 1].isalnum():
            continue
        mark = _MARKS[kinds[0]]
        inside = _marked(text.cut(start, end), kinds[1:])
        written += [_marked(text.cut(position, start), kinds[1:]), mark, inside, mark]
        position = end
    return "".join([*written, _marked(text.cut(position, len(text.plain)), kinds[1:])])


def _without_space(span: Span, plain: str) -> tuple[int, int]:
    words = plain[span.start : span.end]
    return span.start + len(words) - len(words.lstrip()), span.end - len(words) + len(words.rstrip())


def _atoms(text: Text) -> str:
    written = []
    for start, end, active in _runs(text):
        words = escape(text.plain[start:end])
        link = next((span.value for span in active if span.kind == "link"), "")
        if link:
            words = f"<{escape(link)}|{words}>"
        elif "`" not in words and any(span.kind == "code" for span in active):
            words = f"`{words}`"
        written.append(words)
    return "".join(written)


def _runs(text: Text) -> Iterator[tuple[int, int, list[Span]]]:
    """Stretches with the same formatting."""
    edges = sorted({0, len(text.plain), *(s.start for s in text.spans), *(s.end for s in text.spans)})
    for start, end in itertools.pairwise(edges):
        yield start, end, [span for span in text.spans if span.start <= start < span.end]


# -- rich text -------------------------------------------------------------------------------------------------------


def rich(text: Text) -> list[Element]:
    """The elements of a rich text block; at least one."""
    fit = sendable(text)
    elements: list[Element] = []
    for start, end, kind in _sections(fit):
        # A quote and a block of code end their line by themselves.
        block_before = bool(elements) and elements[-1]["type"] != "rich_text_section"
        first = start + (block_before and fit.plain[start : start + 1] == "\n")
        if first < end:
            elements.append(_section(fit.cut(first, end), kind))
    return elements or [{"type": "rich_text_section", "elements": [_words("…", {})]}]


def _section(part: Text, kind: str) -> Element:
    if kind == "pre":
        return {"type": "rich_text_preformatted", "elements": [_words(part.plain, {})]}
    inside = [element for start, end, active in _runs(part) for element in _run(part.plain[start:end], active)]
    return {"type": "rich_text_quote" if kind == "quote" else "rich_text_section", "elements": inside}


def _run(plain: str, active: Sequence[Span]) -> Iterator[Element]:
    style: Element = {kind: True for kind in _STYLES if any(span.kind == kind for span in active)}
    link = next((span.value for span in active if span.kind == "link"), "")
    if link:
        yield {"type": "link", "url": link, "text": plain, **({"style": style} if style else {})}
    elif "code" in style:
        yield _words(plain, style)
    else:
        yield from _with_addresses(plain, style)


def _with_addresses(plain: str, style: Element) -> Iterator[Element]:
    """In rich text an address leads nowhere unless it is made a link."""
    position = 0
    for found in _URL.finditer(plain):
        if found.start() > position:
            yield _words(plain[position : found.start()], style)
        yield {"type": "link", "url": found[0], **({"style": style} if style else {})}
        position = found.end()
    if position < len(plain):
        yield _words(plain[position:], style)


def _words(plain: str, style: Element) -> Element:
    return {"type": "text", "text": plain, **({"style": style} if style else {})}

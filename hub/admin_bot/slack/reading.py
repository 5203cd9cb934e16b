"""What people write on Slack, as neutral text: rich text where there is some, else mrkdwn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from hub.admin_bot.slack import emoji
from hub.admin_bot.slack.format import joined, styled
from hub.domain.text import Span, SpanKind, Text, merged

_ANGLE = re.compile(r"<([^<>\n]*)>")
_EMOJI = re.compile(r":([a-z0-9_+'-]+(?:::skin-tone-\d)?):")
_CHANNEL_HINT = re.compile(r"<#([CG][A-Z0-9]+)\|([^>]*)>")
_GROUP_HINT = re.compile(r"<!subteam\^(S[A-Z0-9]+)\|@?([^>]*)>")
_MARKS: dict[str, SpanKind] = {"*": "bold", "_": "italic", "~": "strike"}
_STYLES: tuple[SpanKind, ...] = ("bold", "italic", "strike", "code", "underline")
_MARKED = re.compile(r"(?<![\w*_~`])([*_~])(?=\S)([^\n]*?\S)\1(?![\w*_~`])")
_CODE = re.compile(r"```(?P<pre>.+?)```|`(?P<code>[^`\n]+)`", re.DOTALL)
_ENTITY = re.compile("&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_QUOTE = re.compile(r"(?m)^(?:&gt;|>) ?(.*)$")


class Naming(msgspec.Struct, frozen=True):
    """How people are called in a text: `called` gives a user's name, `identity` who that is."""

    called: Callable[[str], str]
    identity: Callable[[str], str]


def user_ids(value: Any) -> set[str]:
    """The users that rich text blocks or mrkdwn mention."""
    if isinstance(value, str):
        return {inner[1:].partition("|")[0] for inner in _ANGLE.findall(value) if inner.startswith("@")}
    if isinstance(value, list):
        return {user for each in value for user in user_ids(each)}
    if isinstance(value, dict):
        own = {value["user_id"]} if value.get("type") == "user" and isinstance(value.get("user_id"), str) else set()
        return own | {user for key, each in value.items() if isinstance(each, (list, dict)) for user in user_ids(each)}
    return set()


def read(message: Mapping[str, Any], naming: Naming) -> Text:
    """A message's words: of its rich text, for that is what was typed; else of its mrkdwn."""
    plain = message.get("text") if isinstance(message.get("text"), str) else ""
    blocks = message.get("blocks")
    found = [b for b in blocks if isinstance(b, dict)] if isinstance(blocks, list) else []
    if found and all(b.get("type") == "rich_text" for b in found):
        hints = dict(_CHANNEL_HINT.findall(plain or "")) | dict(_GROUP_HINT.findall(plain or ""))
        read = _Rich(naming, hints).blocks(found)
        if read.plain.strip():
            return read
    return mrkdwn(plain or "", naming)


class _Rich:
    """Reads rich text."""

    def __init__(self, naming: Naming, hints: Mapping[str, str]) -> None:
        self._naming = naming
        self._hints = hints

    def blocks(self, blocks: Sequence[Mapping[str, Any]]) -> Text:
        """Slack tells of a link that is bold in part as of two; to us it is one, with one address."""
        text = stacked([part for block in blocks for part in self._parts(block)])
        return Text(text.plain, merged(text.spans))

    def _parts(self, block: Mapping[str, Any]) -> Iterator[Text]:
        for element in _dicts(block.get("elements")):
            match element.get("type"):
                case "rich_text_list":
                    yield self._list(element)
                case "rich_text_quote":
                    yield styled(self._line(element), "quote")
                case "rich_text_preformatted":
                    yield styled(Text(self._line(element).plain), "pre")
                case _:
                    yield self._line(element)

    def _list(self, element: Mapping[str, Any]) -> Text:
        indent = "    " * _number(element.get("indent"))
        first = _number(element.get("offset")) + 1
        lines = []
        for place, item in enumerate(_dicts(element.get("elements"))):
            sign = f"{first + place}. " if element.get("style") == "ordered" else "• "
            lines.append(joined([Text(indent + sign), self._line(item)]))
        return joined(lines, "\n")

    def _line(self, element: Mapping[str, Any]) -> Text:
        return joined([self._inline(e) for e in _dicts(element.get("elements"))])

    def _inline(self, element: Mapping[str, Any]) -> Text:
        text = self._plain(element)
        style = element.get("style")
        for kind in _STYLES if isinstance(style, dict) else ():
            text = styled(text, kind) if isinstance(style, dict) and style.get(kind) else text
        return text

    def _plain(self, element: Mapping[str, Any]) -> Text:  # noqa: PLR0911 - a table
        kind = element.get("type")
        match kind:
            case "text":
                return Text(_string(element.get("text")))
            case "link":
                address = _string(element.get("url"))
                return _linked(address, _string(element.get("text")))
            case "emoji":
                return Text(_emoji(_string(element.get("name")), _string(element.get("unicode"))))
            case "user":
                return mentioned(_string(element.get("user_id")), self._naming)
            case "channel":
                id = _string(element.get("channel_id"))
                return Text(f"#{self._hints.get(id) or 'channel'}")
            case "usergroup":
                return Text(f"@{self._hints.get(_string(element.get('usergroup_id'))) or 'group'}")
            case "broadcast":
                return Text(f"@{_string(element.get('range'))}")
            case "date":
                return Text(_string(element.get("fallback")))
            case _:
                return Text(_string(element.get("value")) or _string(element.get("text")))


def stacked(parts: Sequence[Text]) -> Text:
    """Paragraphs below one another, each beginning a line."""
    out: list[Text] = []
    for part in parts:
        if out and part.plain and not out[-1].plain.endswith("\n"):
            out.append(Text("\n"))
        out.append(part)
    return joined(out)


def mentioned(user: str, naming: Naming) -> Text:
    """A mention of a user."""
    return styled(f"@{naming.called(user)}", "mention", naming.identity(user))


def _linked(address: str, words: str) -> Text:
    words = words or address.removeprefix("mailto:").removeprefix("tel:")
    return Text(words) if words == address else styled(words, "link", address)


def _emoji(name: str, code: str) -> str:
    return emoji.sign_of_code(code) if code else emoji.sign_of(name) or f":{name}:"


# -- mrkdwn ----------------------------------------------------------------------------------------------------------


def mrkdwn(raw: str, naming: Naming, *, formatting: bool = True) -> Text:
    """Text with Slack's marks and angle brackets; without `formatting` only the brackets are read."""
    if not formatting:
        return _angles(raw, naming)
    parts, position = [], 0
    for found in _CODE.finditer(raw):
        parts.append(_quotes(raw[position : found.start()], naming))
        kind: SpanKind = "pre" if found["pre"] is not None else "code"
        parts.append(styled(_angles((found["pre"] or found["code"]).strip("\n"), naming, bare=True).plain, kind))
        position = found.end()
    return joined([*parts, _quotes(raw[position:], naming)])


def _quotes(raw: str, naming: Naming) -> Text:
    parts, position = [], 0
    for found in _QUOTE.finditer(raw):
        parts += [
            _marks(raw[position : found.start()], naming),
            styled(_marks(found[1], naming), "quote"),
        ]
        position = found.end()
    return joined([*parts, _marks(raw[position:], naming)])


def _marks(raw: str, naming: Naming) -> Text:
    parts, position = [], 0
    for found in _MARKED.finditer(raw):
        parts.append(_angles(raw[position : found.start()], naming))
        inner = _marks(found[2], naming) if _MARKED.search(found[2]) else _angles(found[2], naming)
        parts.append(styled(inner, _MARKS[found[1]]))
        position = found.end()
    return joined([*parts, _angles(raw[position:], naming)])


def _angles(raw: str, naming: Naming, *, bare: bool = False) -> Text:
    parts, position = [], 0
    for found in _ANGLE.finditer(raw):
        parts += [_bare(raw[position : found.start()], names=not bare), _angle(found[1], naming)]
        position = found.end()
    return joined([*parts, _bare(raw[position:], names=not bare)])


def _bare(raw: str, *, names: bool) -> Text:
    plain = unescaped(raw)
    return Text(_EMOJI.sub(lambda m: emoji.sign_of(m[1]) or m[0], plain) if names else plain)


def _angle(inner: str, naming: Naming) -> Text:
    target, _, label = inner.partition("|")
    label = unescaped(label)
    if target.startswith("@"):
        return mentioned(target[1:], naming)
    if target.startswith("#"):
        return Text(f"#{label or 'channel'}")
    if target.startswith("!"):
        word = target[1:].partition("^")[0]
        return Text(label or f"@{word}")
    return _linked(unescaped(target), label)


def unescaped(raw: str) -> str:
    """Slack escapes exactly three signs; other entities are as somebody typed them, such as in an address."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], raw)


def spelled_out(text: Text) -> Text:
    """With pasted addresses as they were pasted, where Slack shows them without their beginning. What it takes for an
    address by itself has one with http, and stays.
    """
    for span in sorted(text.spans, key=lambda span: -span.start):
        words = text.plain[span.start : span.end]
        if span.kind == "link" and span.value.rstrip("/") == f"https://{words}".rstrip("/"):
            text = joined([text.cut(0, span.start), Text(span.value), text.cut(span.end, len(text.plain))])
    return text


# -- small things ----------------------------------------------------------------------------------------------------


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return min(value, 1000) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def without(text: Text, start: int, end: int) -> Text:
    """The text without the code points from `start` to `end`."""
    gap = end - start

    def moved(place: int) -> int:
        return place if place <= start else max(start, place - gap)

    spans = (Span(moved(s.start), moved(s.end), s.kind, s.value) for s in text.spans)
    return Text(text.plain[:start] + text.plain[end:], tuple(s for s in spans if s.start < s.end))

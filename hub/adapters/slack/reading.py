"""What people write on Slack, as neutral text: of its rich text where there is some, for that is what was typed; else
of its markup (mrkdwn).

A message names people and channels by ids, mostly. What they are called is not to be had here, so a mention shows its
id unless its markup says more, or `names` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from hub.adapters.slack import emoji
from hub.adapters.slack.pieces import joined, styled
from hub.domain.text import Span, SpanKind, Text, merged

MENTION = "slack://user?team={}&id={}"
_INLINE = re.compile(
    r"<(?P<angle>[^<>\n]*)>"
    r"|`(?P<code>[^`\n]+)`"
    r"|:(?P<emoji>[a-z0-9_+'-]{1,100}(?:::skin-tone-[2-6])?):"
    r"|(?P<mark>[*_~])"
)
_IN_CODE = re.compile(r"<(?P<angle>[^<>\n]*)>")
_PRE = re.compile(r"```(.+?)```", re.DOTALL)
_QUOTED = re.compile(r"(?:&gt;|>)(?P<rest>(?:&gt;|>){2})? ?")
_ENTITY = re.compile("&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_MARKS: dict[str, SpanKind] = {"*": "bold", "_": "italic", "~": "strike"}
_STYLES: tuple[SpanKind, ...] = ("bold", "italic", "strike", "underline", "code")
_CALLED = {"channel": ("channel_id", "#"), "usergroup": ("usergroup_id", "@"), "broadcast": ("range", "@")}
_LABELLED = re.compile(r"<(?:@|#|!subteam\^)([A-Z0-9]+)\|([^<>]+)>")
_ADDRESS = re.compile(r"(?:https?|mailto|tel|slack|ftp|sip|skype|callto|facetime):", re.IGNORECASE)


class Naming(msgspec.Struct, frozen=True):
    """In whose workspace it is read, and what some of its ids are called."""

    team: str = ""
    names: Mapping[str, str] = {}


def read(markup: str, blocks: Any, naming: Naming) -> Text:
    """A message's words."""
    found = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    if found and all(block.get("type") == "rich_text" for block in found):
        labels = {id: unescaped(label).lstrip("@#") for id, label in _LABELLED.findall(markup)}
        text = rich(found, Naming(naming.team, {**labels, **naming.names}))
        if text.plain.strip():
            return text
    return mrkdwn(markup, naming)


def unescaped(markup: str) -> str:
    """The network escapes exactly three signs."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], markup) if "&" in markup else markup


def user_of(value: str) -> str:
    """The user whom a mention's value names; empty for another network's."""
    return value.rpartition("&id=")[2] if value.startswith("slack://user?team=") else ""


# -- rich text -------------------------------------------------------------------------------------------------------


def rich(blocks: Sequence[Mapping[str, Any]], naming: Naming) -> Text:
    """The words of rich text blocks. Each element begins a line, whether or not the one before it says so."""
    parts: list[Text] = []
    for element in (element for block in blocks for element in _dicts(block.get("elements"))):
        if parts and parts[-1].plain and not parts[-1].plain.endswith("\n"):
            parts.append(Text("\n"))
        parts.append(_element(element, naming))
    text = joined(parts)
    return Text(text.plain, merged(text.spans))


def _element(element: Mapping[str, Any], naming: Naming) -> Text:
    match element.get("type"):
        case "rich_text_list":
            return _list(element, naming)
        case "rich_text_quote":
            return styled(_line(element, naming), "quote")
        case "rich_text_preformatted":
            return styled(_line(element, naming).plain, "pre")
    return _line(element, naming)


def _list(element: Mapping[str, Any], naming: Naming) -> Text:
    indent = "    " * min(_number(element.get("indent")), 8)
    first = _number(element.get("offset")) + 1
    lines = []
    for place, item in enumerate(_dicts(element.get("elements"))):
        sign = f"{first + place}. " if element.get("style") == "ordered" else "• "
        lines.append(joined([Text(indent + sign), _line(item, naming)]))
    return joined(lines, "\n")


def _line(element: Mapping[str, Any], naming: Naming) -> Text:
    return joined([_styled(each, naming) for each in _dicts(element.get("elements"))])


def _styled(element: Mapping[str, Any], naming: Naming) -> Text:
    text, style = _plain(element, naming), element.get("style")
    for kind in _STYLES if isinstance(style, dict) else ():
        text = styled(text, kind) if isinstance(style, dict) and style.get(kind) is True else text
    return text


def _plain(element: Mapping[str, Any], naming: Naming) -> Text:
    match element.get("type"):
        case "link":
            return _linked(_string(element.get("url")), _string(element.get("text")))
        case "emoji":
            return Text(_emoji(_string(element.get("name")), _string(element.get("unicode"))))
        case "user":
            return _mentioned(_string(element.get("user_id")), "", naming)
        case str() as kind if kind in _CALLED:
            field, sign = _CALLED[kind]
            id = _string(element.get(field))
            return Text(sign + (naming.names.get(id) or id))
    return Text(next((w for w in (_string(element.get(k)) for k in ("text", "fallback", "value")) if w), ""))


def _mentioned(user: str, label: str, naming: Naming) -> Text:
    called = label.lstrip("@") or naming.names.get(user) or user
    return styled(f"@{called}", "mention", MENTION.format(naming.team, user))


def _linked(address: str, words: str) -> Text:
    """An address that is shown as it is needs no formatting: every network finds it by itself."""
    bare = address.removeprefix("mailto:").removeprefix("tel:")
    if not words or words in (address, bare):
        return Text(words or bare)
    return styled(words, "link", address)


def _emoji(name: str, code: str) -> str:
    return (emoji.sign_of_code(code) if code else "") or emoji.sign_of(name) or f":{name}:"


# -- markup ----------------------------------------------------------------------------------------------------------


def mrkdwn(markup: str, naming: Naming) -> Text:
    """The words of markup, whose every sign is taken for what it is where it marks nothing."""
    parts: list[Text] = []
    position = 0
    for found in _PRE.finditer(markup):
        parts += _lines(markup[position : found.start()], naming)
        code = unescaped(_IN_CODE.sub(lambda angle: angle["angle"].rpartition("|")[2], found[1]))
        parts.append(styled(code.removeprefix("\n").removesuffix("\n"), "pre"))
        position = found.end()
    text = joined([*parts, *_lines(markup[position:], naming)])
    return Text(text.plain, merged(text.spans))


def _lines(markup: str, naming: Naming) -> list[Text]:
    """The lines, those of one quote together."""
    if not markup:
        return []
    done: list[Text] = []
    quoted: list[Text] = []
    rest = False
    for line in markup.split("\n"):
        found = None if rest else _QUOTED.match(line)
        rest = rest or bool(found and found["rest"])
        if found or rest:
            quoted.append(_inline(line[found.end() :] if found else line, naming))
            continue
        done += [*_quote(quoted), _inline(line, naming)]
        quoted = []
    return [joined([*done, *_quote(quoted)], "\n")]


def _quote(lines: list[Text]) -> list[Text]:
    return [styled(joined(lines, "\n"), "quote")] if lines else []


def _inline(line: str, naming: Naming) -> Text:
    """One line. Its marks are paired first, then the pieces between them are put together."""
    tokens = list(_INLINE.finditer(line))
    pairs = _pairs(line, tokens)
    parts: list[Text] = []
    opened: list[tuple[SpanKind, int]] = []
    spans: list[Span] = []
    position = length = 0
    for place, token in enumerate(tokens):
        parts.append(Text(unescaped(line[position : token.start()])))
        length += len(parts[-1].plain)
        position = token.end()
        if place not in pairs:
            parts.append(_token(token, naming))
            length += len(parts[-1].plain)
        elif pairs[place] > place:
            opened.append((_MARKS[token[0]], length))
        else:
            kind, start = opened.pop()
            spans.append(Span(start, length, kind))
    text = joined([*parts, Text(unescaped(line[position:]))])
    return Text(text.plain, (*spans, *text.spans))


def _token(token: re.Match[str], naming: Naming) -> Text:
    if token["angle"] is not None:
        return _angle(token["angle"], naming)
    if token["code"] is not None:
        return styled(unescaped(_IN_CODE.sub(lambda angle: angle["angle"].rpartition("|")[2], token["code"])), "code")
    return Text(_emoji(token["emoji"], "") if token["emoji"] is not None else token[0])


def _angle(inside: str, naming: Naming) -> Text:
    target, bar, label = (unescaped(part) for part in inside.partition("|"))
    match target[:1]:
        case "@":
            return _mentioned(target[1:], label, naming)
        case "#":
            return Text("#" + (label or naming.names.get(target[1:]) or target[1:]))
        case "!":
            return Text(label or "@" + target[1:].partition("^")[0])
    if not _ADDRESS.match(target):
        return Text(f"<{target}{bar}{label}>")
    return _linked(target, label)


def _pairs(line: str, tokens: Sequence[re.Match[str]]) -> dict[int, int]:
    """Which mark belongs to which, by their places among the tokens; pairs hold one another, or stand apart."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    waiting = dict.fromkeys(_MARKS, 0)
    for place, token in enumerate(tokens):
        mark = token["mark"]
        if mark is None:
            continue
        before, after = line[token.start() - 1 : token.start()], line[token.end() : token.end() + 1]
        if waiting[mark] and _closes(before, after) and not (before == mark and opened[-1] == place - 1):
            while opened:
                other = opened.pop()
                waiting[tokens[other][0]] -= 1
                if tokens[other][0] == mark:
                    pairs[place], pairs[other] = other, place
                    break
        elif after and not after.isspace() and not before.isalnum():
            opened.append(place)
            waiting[mark] += 1
    return pairs


def _closes(before: str, after: str) -> bool:
    return bool(before) and not before.isspace() and not after.isalnum()


# -- small things ----------------------------------------------------------------------------------------------------


def _dicts(value: Any) -> Iterator[Mapping[str, Any]]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return min(value, 10_000) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0

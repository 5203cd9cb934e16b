"""Marked-up text that a bot sends, as HTML: read the way the network reads it, refused in its words."""

import re
from dataclasses import dataclass

from hub.sandbox.telegram.refusals import Refusal, bad
from hub.sandbox.telegram.text import Entity, units

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
    "tg-time": "date_time",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))|(lt|gt|amp|quot)(?![A-Za-z]));?")
_ATTRIBUTE = re.compile(r"""\s*([^\s=>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9.-]+)))?""")
_USER_LINK = re.compile(r"tg://user\?id=(\d+)")
_EMOJI_LINK = re.compile(r"tg://emoji\?id=(\d+)")


def unparsable(reason: str) -> Refusal:
    """400: the markup is wrong."""
    return bad(f"Can't parse entities: {reason}")


def link(kind: str, url: str, offset: int, length: int) -> Entity | None:
    """The entity of a link, or None when its address is none, which the network drops in silence."""
    person = _USER_LINK.match(url)
    if person:
        return Entity("text_mention", offset, length, {"user": {"id": int(person.group(1))}})
    if not re.match(r"[a-z][a-z0-9+.-]*:/*\w|[\w-]+(\.[\w-]+)+", url, re.IGNORECASE):
        return None
    address = url if "://" in url or url.startswith(("mailto:", "tel:")) else f"http://{url}"
    address += "" if address.count("/") > 2 or not address.startswith("http") else "/"
    return Entity(kind, offset, length, {"url": address})


def unescape(text: str) -> str:
    """Only the four named references and numbers, as the network knows no others."""

    def character(match: re.Match[str]) -> str:
        hexadecimal, decimal, name = match.groups()
        if name:
            return _NAMED[name]
        code = int(hexadecimal, 16) if hexadecimal else int(decimal)
        return chr(code) if 0 < code < 0x10FFFF else match.group()

    return _REFERENCE.sub(character, text)


@dataclass
class _Open:
    tag: str
    argument: str
    offset: int
    start: int


class HtmlReader:
    """One pass over a text with tags."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._out: list[str] = []
        self._size = 0
        self._stack: list[_Open] = []
        self._entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        """The plain text and its entities. Raises Refusal."""
        at = 0
        while (bracket := self._source.find("<", at)) >= 0:
            self._plain(self._source[at:bracket])
            closing = self._source.startswith("</", bracket)
            at = self._close(bracket) if closing else self._start(bracket)
        self._plain(self._source[at:])
        if self._stack:
            raise unparsable(f"Can't find end tag corresponding to start tag {self._stack[-1].tag}")
        return "".join(self._out), self._entities

    def _plain(self, text: str) -> None:
        text = unescape(text)
        self._out.append(text)
        self._size += units(text)

    def _bytes(self, position: int) -> int:
        return len(self._source[:position].encode("utf-8", "surrogatepass"))

    def _start(self, bracket: int) -> int:
        end = _tag_end(self._source, bracket)
        if end < 0:
            raise unparsable(f"Unclosed start tag at byte offset {self._bytes(bracket)}")
        name, _, rest = re.sub(r"\s", " ", self._source[bracket + 1 : end], count=1).partition(" ")
        tag = name.lower()
        if tag not in _TAGS:
            raise unparsable(f'Unsupported start tag "{tag}" at byte offset {self._bytes(bracket)}')
        argument = _argument(tag, self._attributes(tag, rest, bracket))
        if tag == "span" and argument != "spoiler":
            raise unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(bracket)}')
        self._stack.append(_Open(tag, argument, self._size, len(self._out)))
        return end + 1

    def _attributes(self, tag: str, text: str, bracket: int) -> dict[str, str]:
        found: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(text):
            name, *values = match.groups()
            given = [value for value in values if value is not None]
            if not given and not (tag == "blockquote" and name == "expandable"):
                raise unparsable(
                    f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset '
                    f"{self._bytes(bracket)}"
                )
            found[name.lower()] = unescape(given[0]) if given else "1"
        return found

    def _close(self, bracket: int) -> int:
        offset = self._bytes(bracket)
        if not self._stack:
            raise unparsable(f"Unexpected end tag at byte offset {offset}")
        end = self._source.find(">", bracket)
        if end < 0:
            raise unparsable(f"Unclosed end tag at byte offset {offset}")
        name = self._source[bracket + 2 : end].strip().lower()
        opened = self._stack.pop()
        if name and name != opened.tag:
            raise unparsable(
                f'Unmatched end tag at byte offset {offset}, expected "</{opened.tag}>", found "</{name}>"'
            )
        if self._size > opened.offset:
            self._mark(opened)
        return end + 1

    def _mark(self, opened: _Open) -> None:
        length = self._size - opened.offset
        if opened.tag == "a":
            target = opened.argument or "".join(self._out[opened.start :])
            entity = link("text_link", target, opened.offset, length)
        elif opened.tag == "tg-emoji":
            if not opened.argument.isdigit():
                raise unparsable("Invalid custom emoji identifier specified")
            entity = Entity("custom_emoji", opened.offset, length, {"custom_emoji_id": opened.argument})
        else:
            entity = self._simple(opened, length)
        if entity is not None:
            self._entities.append(entity)

    def _simple(self, opened: _Open, length: int) -> Entity | None:
        kind = _TAGS[opened.tag]
        if opened.tag == "blockquote" and opened.argument:
            kind = "expandable_blockquote"
        inner = self._entities[-1] if self._entities else None
        whole = inner is not None and (inner.offset, inner.length) == (opened.offset, length)
        if inner is not None and whole and {inner.type, kind} == {"pre", "code"}:
            self._entities.pop()
            language = inner.more.get("language") or opened.argument
            return Entity("pre", opened.offset, length, {"language": language} if language else {})
        # A language counts only on code inside pre; it is kept on the way and dropped by `settle`.
        return Entity(
            kind, opened.offset, length, {"language": opened.argument} if kind == "code" and opened.argument else {}
        )


def _tag_end(source: str, bracket: int) -> int:
    quote = ""
    for position in range(bracket + 1, len(source)):
        character = source[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and source[:position].rstrip().endswith("="):
            quote = character
        elif character == ">":
            return position
    return -1


def _argument(tag: str, attributes: dict[str, str]) -> str:
    css = attributes.get("class", "")
    wanted = {
        "a": attributes.get("href", ""),
        "code": css.removeprefix("language-") if css.startswith("language-") else "",
        "span": css.removeprefix("tg-") if css.startswith("tg-") else "",
        "tg-emoji": attributes.get("emoji-id", ""),
        "blockquote": attributes.get("expandable", ""),
    }
    return wanted.get(tag, "")


def settle(entities: list[Entity]) -> list[Entity]:
    """Drop what only helped reading: a language on code that stands outside pre."""
    return [Entity(e.type, e.offset, e.length) if e.type == "code" else e for e in entities]


def read_html(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of HTML. Raises Refusal in the network's words."""
    text, entities = HtmlReader(source).read()
    return text, settle(entities)

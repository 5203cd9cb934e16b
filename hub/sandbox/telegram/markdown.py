"""Marked-up text that a bot sends, as MarkdownV2 or the older Markdown: read, or refused, as the network does."""

import re
from dataclasses import dataclass

from hub.sandbox.telegram.markup import link, unparsable
from hub.sandbox.telegram.text import Entity, units

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_ENDS = {"**": "bold", "*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}
_NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
    "blockquote": "BlockQuote",
}
_EMOJI = re.compile(r"tg://emoji\?id=(\d+)$")


@dataclass
class _Open:
    kind: str
    mark: str
    at: int
    offset: int
    start: int
    language: str = ""


class MarkdownReader:
    """One pass over MarkdownV2. Positions are counted in characters, and told in bytes."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._out: list[str] = []
        self._size = 0
        self._stack: list[_Open] = []
        self._entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        """The plain text and its entities. Raises Refusal."""
        while self._at < len(self._source):
            self._step()
        if self._stack and self._stack[-1].kind == "blockquote":
            self._finish(self._stack.pop())
        if self._stack:
            raise self._endless(self._stack[-1])
        return "".join(self._out), sorted(self._entities, key=lambda e: (e.offset, -e.length))

    def _step(self) -> None:
        rest = self._source[self._at : self._at + 3]
        inside = self._stack[-1].kind if self._stack else ""
        if rest[0] == "\\" and len(rest) > 1 and "\0" < rest[1] <= "~":
            self._plain(rest[1], 2)
        elif inside in {"code", "pre"}:
            self._in_code(rest, inside)
        elif rest[0] == "\n":
            self._line_end(rest)
        elif rest[0] not in _RESERVED:
            self._plain(rest[0], 1)
        else:
            self._mark(rest)

    def _plain(self, text: str, consumed: int) -> None:
        self._out.append(text)
        self._size += units(text)
        self._at += consumed

    def _in_code(self, rest: str, inside: str) -> None:
        if rest[0] == "`" and (inside == "code" or rest == "```"):
            self._at += len(self._stack[-1].mark)
            self._finish(self._stack.pop())
        else:
            self._plain(rest[0], 1)

    def _line_end(self, rest: str) -> None:
        quoted = any(opened.kind == "blockquote" for opened in self._stack)
        goes_on = rest[1:2] == ">"
        if quoted and not goes_on:
            if self._stack[-1].kind != "blockquote":
                raise self._endless(self._stack[-1])
            self._finish(self._stack.pop())
        self._plain("\n", 2 if goes_on else 1)
        if goes_on and not quoted:
            self._open("blockquote", "", self._at - 1)

    def _mark(self, rest: str) -> None:
        mark = rest[:2] if rest[:2] in {"__", "||", "!["} else rest[0]
        if rest == "```":
            mark = rest
        opened = self._stack[-1] if self._stack else None
        if opened is not None and self._closes(opened, mark):
            self._end(opened)
        else:
            self._begin(mark)

    def _closes(self, opened: _Open, mark: str) -> bool:
        if opened.kind in {"text_link", "custom_emoji"}:
            return mark == "]"
        return bool(opened.mark) and opened.mark == mark

    def _begin(self, mark: str) -> None:
        if mark in {"[", "!["}:
            self._open("text_link" if mark == "[" else "custom_emoji", mark, self._at)
        elif mark == "```":
            self._open("pre", mark, self._at)
            self._language()
            return
        elif mark == "`" or mark in _ENDS:
            self._open(_ENDS.get(mark, "code"), mark, self._at)
        elif mark == ">" and self._at == 0:
            self._open("blockquote", "", 0)
            mark = ">"
        else:
            raise unparsable(f"Character '{mark[0]}' is reserved and must be escaped with the preceding '\\'")
        self._at += len(mark)

    def _open(self, kind: str, mark: str, at: int) -> None:
        self._stack.append(_Open(kind, mark, at, self._size, len(self._out)))

    def _language(self) -> None:
        match = re.compile(r"```(?:([^\s`]+)(?=\s))?(?:\r\n|\n\r|\n|\r)?").match(self._source, self._at)
        if match:
            self._stack[-1].language = match.group(1) or ""
            self._at = match.end()

    def _end(self, opened: _Open) -> None:
        self._stack.pop()
        self._at += 1 if opened.kind in {"text_link", "custom_emoji"} else len(opened.mark)
        if opened.kind in {"text_link", "custom_emoji"}:
            self._finish_link(opened)
        else:
            self._finish(opened)

    def _finish_link(self, opened: _Open) -> None:
        url = "".join(self._out[opened.start :])
        if self._source.startswith("(", self._at):
            url = self._url()
        length = self._size - opened.offset
        emoji = _EMOJI.match(url)
        if opened.kind == "custom_emoji" and not emoji:
            raise unparsable("Custom emoji entity must contain a tg://emoji URL")
        if emoji and opened.kind == "custom_emoji":
            entity: Entity | None = Entity("custom_emoji", opened.offset, length, {"custom_emoji_id": emoji.group(1)})
        else:
            entity = link("text_link", url, opened.offset, length)
        if entity is not None and length:
            self._entities.append(entity)

    def _url(self) -> str:
        begin = self._at + 1
        match = re.compile(r"\(((?:\\.|[^)\\])*)\)").match(self._source, self._at)
        if not match:
            raise unparsable(f"Can't find end of a URL at byte offset {self._bytes(begin)}")
        self._at = match.end()
        return re.sub(r"\\(.)", r"\1", match.group(1))

    def _finish(self, opened: _Open) -> None:
        length = self._size - opened.offset
        if length:
            more = {"language": opened.language} if opened.language else {}
            self._entities.append(Entity(opened.kind, opened.offset, length, more))

    def _bytes(self, position: int) -> int:
        return len(self._source[:position].encode("utf-8", "surrogatepass"))

    def _endless(self, opened: _Open) -> Exception:
        return unparsable(f"Can't find end of {_NAMES[opened.kind]} entity at byte offset {self._bytes(opened.at)}")


def read_markdown_v2(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of MarkdownV2. Raises Refusal in the network's words."""
    return MarkdownReader(source).read()


_OLD = re.compile(
    r"\\([_*`\[])|```(?:([^\s`]+)(?=\s))?\n?(.*?)```|`([^`]*)`|\*([^*]*)\*|_([^_]*)_|\[([^\]]*)\](?:\(([^)]*)\))?",
    re.DOTALL,
)


def read_markdown(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of the older Markdown, which nests nothing. Raises Refusal."""
    out: list[str] = []
    entities: list[Entity] = []
    at = 0
    for match in _OLD.finditer(source):
        out.append(_unmarked(source, at, match.start()))
        text, entity = _old_entity(match, units("".join(out)))
        out.append(text)
        entities += [entity] if entity is not None and text else []
        at = match.end()
    out.append(_unmarked(source, at, len(source)))
    return "".join(out), entities


def _unmarked(source: str, start: int, end: int) -> str:
    for position in range(start, end):
        if source[position] in "_*`[":
            offset = len(source[:position].encode("utf-8", "surrogatepass"))
            raise unparsable(f"Can't find end of the entity starting at byte offset {offset}")
    return source[start:end]


def _old_entity(match: re.Match[str], offset: int) -> tuple[str, Entity | None]:
    escaped, language, pre, code, bold, italic, label, url = match.groups()
    if escaped:
        return escaped, None
    if label is not None:
        return label, link("text_link", url or label, offset, units(label))
    for kind, text in (("pre", pre), ("code", code), ("bold", bold), ("italic", italic)):
        if text is not None:
            return text, Entity(kind, offset, units(text), {"language": language} if language else {})
    return "", None

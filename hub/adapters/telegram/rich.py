"""The words of a rich message (blocks that nest), as plain text: what can be read of it is better than nothing."""

from __future__ import annotations

import msgspec

_WORDS = ("text", "alternative_text", "expression", "label", "title", "summary", "credit", "caption")
_BLOCKS = ("blocks", "items", "cells")
_DEEPEST = 50


def words_of(raw: msgspec.Raw) -> str:
    """The message's words, a block a line; empty for a message that has none, or is no rich one."""
    content = msgspec.json.decode(raw) if bytes(raw) else None
    return "\n".join(line for line in _lines(content, 0) if line.strip())


def _lines(block: object, depth: int) -> list[str]:
    if depth > _DEEPEST:
        return []
    if isinstance(block, list):
        return [line for part in block for line in _lines(part, depth + 1)]
    if not isinstance(block, dict):
        return []
    own = "".join(_inline(block.get(name), depth) for name in _WORDS)
    return [own, *(line for name in _BLOCKS for line in _lines(block.get(name), depth + 1))]


def _inline(piece: object, depth: int) -> str:
    if isinstance(piece, str):
        return piece
    if isinstance(piece, list) and depth <= _DEEPEST:
        return "".join(_inline(part, depth + 1) for part in piece)
    if isinstance(piece, dict) and depth <= _DEEPEST:
        return "".join(_inline(piece.get(name), depth + 1) for name in _WORDS)
    return ""

"""Words, as they are looked up: without case and accents. Scripts without spaces are cut into pairs of signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MOST = 60
"""Different words of a message that it is found by; the first ones."""
LONGEST = 40
_WORD = re.compile(r"\w+")
_PLAIN = bytes(code if chr(code).isalnum() or code == ord("_") else ord(" ") for code in range(128)).lower().ljust(256)
"""Each sign of ASCII as it counts in a word; between words, a space. Four times quicker than a pattern."""
_DENSE = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+)")
"""Scripts that put no space between words."""
_MARKS = re.compile("[\u0300-\u036f]+")
SHORT = 3
"""Latin words shorter than that are in no index: they are in every message."""


def folded(text: str) -> str:
    """The text without case and accents; as long as it was only where it is plain."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())))


def words_of(text: str) -> list[str]:
    """The words that a text is found by, each once, in order."""
    every = text.encode().translate(_PLAIN).decode().split() if text.isascii() else _apart(folded(text))
    found = [word if len(word) <= LONGEST else word[:LONGEST] for word in every if _counts(word)]
    return list(dict.fromkeys(found))[:MOST]


def _counts(word: str) -> bool:
    return len(word) >= SHORT or not word.isascii() or (len(word) > 1 and not word.isalpha())


def _apart(text: str) -> list[str]:
    words = _WORD.findall(text)
    if _DENSE.search(text) is None:
        return words
    return [pair for word in words for part in _DENSE.split(word) if part for pair in _pairs(part)]


def _pairs(part: str) -> Sequence[str]:
    if not _DENSE.match(part):
        return (part,)
    return [part[i : i + 2] for i in range(max(1, len(part) - 1))]


def around(text: str, wanted: Sequence[str], most: int = 12) -> str:
    """Some twelve words of the text around the first of the wanted ones, with dots where it goes on."""
    every = text.split()
    if len(every) <= most:
        return " ".join(every)
    at = next((i for i, word in enumerate(every) if any(w in folded(word) for w in wanted)), 0)
    start = max(0, min(at - most // 2 + 1, len(every) - most))
    cut = " ".join(every[start : start + most])
    return f"{'… ' if start else ''}{cut}{' …' if start + most < len(every) else ''}"

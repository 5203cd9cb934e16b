"""What the transcript's lines of every network have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

Line = tuple[str, str]
"""Where, and what."""

_SECRET = re.compile(
    r"(?<=/start )\S+|(?<=/hub start )\S+|(?<=start=)[\w-]+|\d{8,}:[\w-]{20,}|xox[a-z]-\S+|\bEAA\w{20,}"
    r"|\b[0-9a-f]{32}\b|(?<=verify token )[\w-]+"
)
"""Codes and tokens are good for this world only, but a transcript is no place for any."""


class Teller(Protocol):
    """Follows what happens on one network."""

    def news(self) -> Iterable[Line]:
        """What has happened since it was last asked."""


def safe(text: str) -> str:
    """The text without secrets."""
    return _SECRET.sub("•••", text)


def short(text: str) -> str:
    """Enough of a text to know it again."""
    first = " ".join(text.split())
    return first if len(first) <= 40 else first[:39] + "…"


def reacted(given: Iterable[str], text: str) -> str:
    """Who put what on which message; `given`: an emoji and a name each."""
    return f"{', '.join(given) or 'no reaction'} on “{short(text)}”"

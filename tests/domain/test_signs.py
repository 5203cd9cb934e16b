"""Splitting never tears what people see as one sign."""

from __future__ import annotations

import pytest

from hub.domain.text import Text, as_name, split

SIGNS = [
    "👩‍👩‍👧‍👦",
    "🇩🇪",
    "👍🏽",
    "e\u0301\u0302",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "1️⃣",
    "❤️‍🔥",
    "\r\n",
]


@pytest.mark.parametrize("limit", range(20, 30))
@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_stays_whole(sign: str, limit: int) -> None:
    """Parts of nothing but one sign, however many, hold it whole, and fit."""
    parts = [part.plain for part in split(Text(sign * 50), limit)]
    assert "".join(parts) == sign * 50
    assert all(len(part) % len(sign) == 0 and len(part) <= limit for part in parts)


def test_an_endless_sign_is_torn() -> None:
    """What somebody made longer than any sign still fits the network, and nothing of it is lost."""
    parts = [part.plain for part in split(Text("a" + "\u0301" * 1000), 100)]
    assert "".join(parts) == "a" + "\u0301" * 1000
    assert max(map(len, parts)) <= 100


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Ann\n———\n✅ closed", "Ann ——— ✅ closed"),
        ("A\u2028B\tC", "A B C"),
        ("\u202eAnn", "Ann"),
        ("\u200b\u2060", ""),
        ("\u3164", ""),
        (" Ann  Lee ", "Ann  Lee"),
        ("שרה", "שרה"),
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
        ("Zoe\u0301", "Zoe\u0301"),
    ],
)
def test_a_name_is_one_line_that_can_be_seen(given: str, name: str) -> None:
    """No name forges a line of a card, turns around what is behind it, or cannot be seen; others stay as they are."""
    assert as_name(given) == name

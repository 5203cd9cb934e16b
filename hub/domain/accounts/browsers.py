"""What a browser is called, from what it says it is."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def browser_words(told: str) -> str:
    """What a browser is called: Firefox on Linux."""
    name = next((words for sign, words in _BROWSERS if sign in told), "")
    system = next((words for sign, words in _SYSTEMS if sign in told), "")
    return " on ".join(word for word in (name or "A browser", system) if word)

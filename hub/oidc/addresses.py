"""Which addresses may be asked, or a browser sent to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from hub.errors import Invalid, NotGenuine

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST = 500
_WRITTEN = re.compile(r"[!-~]+")
DESCRIPTION = "/.well-known/openid-configuration"


def issuer(text: str) -> str:
    """An issuer's address as it was given. Raises Invalid with what would be right."""
    if not _fits(text) or "?" in text:
        raise Invalid(
            "The issuer must be a full address that begins with https://, such as https://login.example.com;"
            " your provider shows it."
        )
    return text


def page(text: str, whose: str, which: str) -> str:
    """An address that a provider gave in its description. Raises NotGenuine."""
    if not _fits(text):
        raise NotGenuine(f"{whose}'s description names no https address for its {which}.")
    return text


def _fits(text: str) -> bool:
    """Plain http is for this very machine only: what is sent there proves who somebody is."""
    try:
        parts = urlsplit(text)
        loose = bool(parts.username or parts.password or parts.fragment) or parts.port == 0 or not parts.hostname
    except ValueError:
        return False
    if loose or len(text) > _LONGEST or not _WRITTEN.fullmatch(text) or "\\" in text:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)

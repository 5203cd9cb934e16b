"""Where a customer's system may be: an address that its owner gave."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from hub.errors import Refused

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST = 500
_WRITTEN = re.compile(r"[!-~]+")
_RIGHT = "The first word must be your system's full address, such as https://chat.example.com/hub"


def checked(url: str) -> str:
    """The address as it was given. Raises Refused unless it is https, or http on this very machine.

    What is sent there are customers' words, so they must not travel open to be read.
    """
    parts = _parts(url)
    if parts is None:
        raise Refused(f"{_RIGHT}.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused(f"{_RIGHT}, without a name, a password or a #: the secret proves who calls.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Refused(f"{_RIGHT}: plain http is for systems on the hub's own machine only.")
    return url


def origin(url: str) -> str | None:
    """Scheme, host and port; None where it is no web address."""
    parts = _parts(url)
    if parts is None:
        return None
    return f"{parts.scheme}://{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def host(url: str) -> str:
    """The host, and the port where one was given."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if fits and len(url) <= _LONGEST and _WRITTEN.fullmatch(url) and "\\" not in url else None

"""Where a contact's files may be fetched from.

The addresses come in signed payloads; but whoever connects a page has its app's secret and can sign what they like, and
must not have the hub fetch what only the hub's own machine can see.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_CDN = r"https://(?:[a-z0-9-]+\.)*(?:fbcdn\.net|fbsbx\.com|facebook\.com|cdninstagram\.com)(?::443)?/\S*"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
FETCH_LIMIT = 100 * 1024 * 1024
"""Bytes of one file, whatever the network says; what is kept of it is the host's to limit further."""


def hosts(api_url: str) -> re.Pattern[str]:
    """What a file's address must look like: on the network's own hosts, or on that of the API of the settings."""
    name = urlsplit(api_url).hostname or ""
    names = _LOOPBACK if name in _LOOPBACK else (name,)
    own = "|".join(re.escape(f"[{n}]" if ":" in n else n) for n in names)
    return re.compile(rf"{_CDN}|https?://(?:{own})(?::[0-9]+)?/\S*", re.IGNORECASE)

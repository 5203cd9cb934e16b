"""What proves that a call comes from who knows the secret, in both directions: a signature over its time and bytes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from hub.errors import NotGenuine

HEADER = "x-hub-signature"
STAMP_HEADER = "x-hub-timestamp"
OLDEST = 300
"""Seconds after which a signed call may be one that somebody recorded."""
_DIGITS = 15


def verify(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> None:
    """Compares over the bytes as they came; `now` in seconds. Raises NotGenuine."""
    stamp = headers.get(STAMP_HEADER, "")
    given = headers.get(HEADER, "").encode("utf-8", "surrogatepass")
    if not secret or not (stamp.isascii() and stamp.isdigit() and len(stamp) < _DIGITS):
        raise NotGenuine
    if not hmac.compare_digest(given, sign(body, secret, stamp).encode()):
        raise NotGenuine
    if abs(now - int(stamp)) > OLDEST:
        raise NotGenuine("The call was signed more than five minutes ago, or one of the clocks is wrong.")


def sign(body: bytes, secret: str, stamp: str) -> str:
    """The signature's header; `stamp` in whole seconds since 1970."""
    return "sha256=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def signed(body: bytes, secret: str, now: float) -> dict[str, str]:
    """Both headers of a call that leaves now."""
    stamp = str(int(now))
    return {STAMP_HEADER: stamp, HEADER: sign(body, secret, stamp)}

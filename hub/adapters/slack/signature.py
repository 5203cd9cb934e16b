"""What proves that a call comes from Slack: a signature over its raw bytes and its time; and the handshakes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from hub.errors import NotGenuine

HEADER = "x-slack-signature"
STAMP_HEADER = "x-slack-request-timestamp"
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
        raise NotGenuine("The call was signed more than five minutes ago, or the hub's clock is wrong.")


def sign(body: bytes, secret: str, stamp: str) -> str:
    """The signature's header."""
    signed = b"v0:" + stamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def greet(query: Mapping[str, str], body: bytes) -> str | None:
    """The answer to a handshake: the challenge that must be repeated, or nothing to a look at the certificate."""
    if query.get("ssl_check") == "1" or _looks_at_certificate(body):
        return ""
    if b"url_verification" not in body:
        return None
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(asked, dict) or asked.get("type") != "url_verification":
        return None
    challenge = asked.get("challenge")
    return challenge.encode("utf-8", "replace").decode() if isinstance(challenge, str) else None


def _looks_at_certificate(body: bytes) -> bool:
    if b"ssl_check" not in body or body.lstrip()[:1] == b"{" or not body.isascii():
        return False
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=20)).get("ssl_check") == "1"
    except ValueError:
        return False

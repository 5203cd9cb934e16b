"""What proves that a call comes from the network: a signature over the raw bytes, and the words of a handshake."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from hub.errors import NotGenuine

HEADER = "x-hub-signature-256"
"""Its older sibling, over SHA-1, proves nothing any more and is not looked at."""
_PREFIX = "sha256="


def verify(headers: Mapping[str, str], body: bytes, app_secret: str) -> None:
    """Compares over the bytes as they came: the network signs them with every character beyond ASCII escaped, which
    no other writer of the same JSON would repeat. Raises NotGenuine.
    """
    given = headers.get(HEADER, "").encode("utf-8", "surrogatepass")
    if not app_secret or not hmac.compare_digest(given, (_PREFIX + sign(body, app_secret)).encode()):
        raise NotGenuine


def sign(body: bytes, secret: str) -> str:
    """The signature in hexadecimal digits; of a token it is the proof that its app sends it."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def greet(query: Mapping[str, str], verify_token: str) -> str | None:
    """The answer to a handshake: its challenge, where it knows the verify token. Raises NotGenuine."""
    if "hub.mode" not in query:
        return None
    given = query.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
    known = bool(verify_token) and hmac.compare_digest(given, verify_token.encode())
    if query["hub.mode"] != "subscribe" or not known or "hub.challenge" not in query:
        raise NotGenuine("The verify token is not the one that the hub gave; copy it anew to the app's webhook page.")
    return query["hub.challenge"]

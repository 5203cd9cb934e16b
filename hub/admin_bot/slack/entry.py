"""What Slack posts to us, before anything is believed: its signature, and its three kinds of bodies."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from hub.errors import Anomalous, NotGenuine

OLDEST = 300
"""Seconds after which a signed request may be one that somebody recorded."""
_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100
_DEEPEST = 100


def verify(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> None:
    """Raises NotGenuine; header names are in lower case. Over the raw bytes, before anything is parsed."""
    stamp = headers.get("x-slack-request-timestamp", "")
    given = headers.get("x-slack-signature", "").encode("utf-8", "surrogatepass")
    if not secret or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15):
        raise NotGenuine
    proof = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(f"v0={proof}".encode(), given) or abs(now - int(stamp)) > OLDEST:
        raise NotGenuine


def read(raw: bytes, content_type: str) -> dict[str, Any]:
    """The body as an object: an event's JSON, the JSON within an interaction's form, or a command's form."""
    try:
        text = raw.decode()
        found = _form(text) if content_type.partition(";")[0].strip().lower() == _FORM else json.loads(text)
        found = json.loads(found["payload"]) if isinstance(found, dict) and set(found) == {"payload"} else found
    except (ValueError, RecursionError) as error:
        raise Anomalous("Slack would not send this: it can be read neither as JSON nor as a form.") from error
    if not isinstance(found, dict) or _too_deep(found):
        raise Anomalous("Slack would not send this: it is no object.")
    return found


def _form(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Anomalous("Slack would not send this: it says the same thing twice.")
    return fields


def _too_deep(value: Any) -> bool:
    """Whether nothing that people do on Slack is nested so: reading it further would only cost."""
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [v for v in value.values() if isinstance(v, (dict, list))]
    return [v for v in value if isinstance(v, (dict, list))] if isinstance(value, list) else []

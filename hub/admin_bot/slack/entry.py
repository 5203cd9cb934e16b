"""What Slack posts to us, before anything is believed: its signature, and its three kinds of bodies."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from hub.errors import Malformed, NotGenuine

OLDEST = 300
"""Seconds after which a signed request may be one that somebody recorded."""
_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
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
    """The body as an object: an event's JSON, the JSON within an interaction's form, or a command's form.

    What begins as an object is JSON, whatever its header says. Raises Malformed.
    """
    try:
        text = raw.decode().strip()
        is_form = content_type.partition(";")[0].strip().lower() == _FORM and not text.startswith("{")
        found = _within(_form(text)) if is_form else _object(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("Slack would not send this: it can be read neither as JSON nor as a form.") from error
    if not isinstance(found, dict) or _too_deep(found):
        raise Malformed("Slack would not send this: it is no object.")
    return found


def _within(fields: dict[str, str]) -> Any:
    """What a form tells: an interaction's is within one of its fields."""
    if "payload" in fields:
        return _object(fields["payload"])
    if "command" not in fields and "ssl_check" not in fields:
        raise Malformed("Slack would not send this: the form holds neither a payload nor a command.")
    return fields


def _object(text: str) -> Any:
    """Half characters, which a database could not keep, become U+FFFD."""
    found = json.loads(text)
    if "\\u" in text and _LONE_SURROGATE.search(whole := json.dumps(found, ensure_ascii=False)):
        return json.loads(_LONE_SURROGATE.sub("\ufffd", whole))
    return found


def _form(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Malformed("Slack would not send this: it says the same thing twice.")
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

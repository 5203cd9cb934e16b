"""Parts of Slack's payloads as what they should be; what is of another shape is nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Payload = Mapping[str, Any]


def as_stamp(value: Any) -> str:
    """A message's stamp; empty for what is none."""
    return value if isinstance(value, str) and value[:1].isdigit() and value.replace(".", "", 1).isdigit() else ""


def as_moment(stamp: str, now: datetime) -> datetime:
    """When that was, in UTC; now, where it says nothing."""
    try:
        return datetime.fromtimestamp(float(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        return now


def as_dict(value: Any) -> Payload:
    """An object; empty for what is none."""
    return value if isinstance(value, dict) else {}


def as_dicts(value: Any) -> Sequence[Payload]:
    """The objects in a list."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []

"""What every kept record is: a value with an identity of its own, and the moment as it is kept."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import msgspec


def now() -> datetime:
    """The present moment, to the millisecond, as the store keeps it."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)


class Record(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Anything with an identity of its own."""

    id: str

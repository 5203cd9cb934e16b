"""The workspace's settings, as two kinds of deed need them."""

from __future__ import annotations

from hub.domain.models import Preferences
from hub.domain.ports import Reads, Tx
from hub.errors import NotFound


async def seen_preferences(reads: Reads) -> Preferences:
    """As they were a moment ago, at most a second: for looking. Costs nothing, so each message may ask."""
    return next(iter(await reads.items(Preferences)), None) or Preferences(id="preferences")


async def preferences_of(tx: Tx) -> Preferences:
    """The workspace's settings, to be changed. Raises NotFound."""
    found = await tx.get(Preferences, "preferences")
    if found is None:
        raise NotFound("This workspace is not set up.")
    return found

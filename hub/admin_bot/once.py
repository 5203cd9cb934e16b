"""What was heard already: networks tell of a thing again where they are not sure that it was heard."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime

from hub.admin_bot.heard import Heard
from hub.domain.assigning import presence
from hub.domain.ids import id_at
from hub.domain.models import Member, Seen
from hub.domain.ports import Tx


def seen_id(heard: Heard) -> str:
    """What a redelivery of it would share."""
    return f"{heard.spot.network}|{heard.update}"


def same_id(heard: Heard) -> str:
    """An identifier for what is made by it, the same each time it is heard."""
    digest = hashlib.sha256(f"{heard.asker.identity}|{heard.update}".encode()).hexdigest()
    return f"{id_at(heard.at)[:10]}{digest[:10]}"


def seeing(heard: Heard, who: Member, at: datetime) -> Callable[[Tx], Awaitable[None]]:
    """The deed that notes it, and that they did something, for what was done outside of a transaction; it may be
    repeated.
    """

    async def deed(tx: Tx) -> None:
        if await tx.get(Seen, seen_id(heard)) is None:
            note_seen(tx, heard)
            await presence.seen(tx, who, at)

    return deed


def note_seen(tx: Tx, heard: Heard) -> None:
    """Notes it, in the transaction in which it is done."""
    if heard.update:
        tx.add(Seen(id=seen_id(heard), at=heard.at))

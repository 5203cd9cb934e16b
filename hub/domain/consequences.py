"""What follows from a deed by rule, in the same transaction: one entry a kind of event.

A deed does not call what follows from it; it records its event, and whoever has a rule for that kind of event is asked
here once the deed is done, be it an agent's, a contact's, a timer's or the hub's own. What a rule does records events
as well, and is followed in its turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from hub.domain.models import Event
from hub.domain.ports import Tx

Rule = Callable[[Tx, Event], Awaitable[None]]
DEPTH = 5
"""Rounds after which a rule that answers to what itself does is left alone."""

RULES: Mapping[str, tuple[Rule, ...]] = {}


async def follow(tx: Tx) -> None:
    """Asks the rules about every event that the deed recorded. Called by the store after each deed."""
    asked = 0
    for _ in range(DEPTH):
        fresh: Sequence[Event] = tx.added(Event)[asked:]
        if not fresh:
            return
        asked += len(fresh)
        for event in fresh:
            for rule in RULES.get(event.kind, ()):
                await rule(tx, event)

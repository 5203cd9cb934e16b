"""What follows from a deed by rule, in the same transaction: one entry a kind of event.

A deed does not call what follows from it; it records its event, and whoever has a rule for that kind of event is asked
here once the deed is done, be it an agent's, a contact's, a timer's or the hub's own. What a rule does records events
as well, and is followed in its turn. What a contact writes has no event beside its message, and rules of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from hub.domain import moving
from hub.domain.assigning import routing
from hub.domain.fields import twins
from hub.domain.models import Event, Message
from hub.domain.ports import Tx
from hub.domain.telling import following, greetings, rating, waiting
from hub.domain.timing import closing

Rule = Callable[[Tx, Event], Awaitable[None]]
Heard = Callable[[Tx, Message], Awaitable[None]]
DEPTH = 5
"""Rounds after which a rule that answers to what itself does is left alone."""

RULES: Mapping[str, tuple[Rule, ...]] = {
    "opened": (moving.follow, routing.give, following.opened, closing.stirred),
    "reopened": (routing.give, closing.stirred),
    "assigned": (routing.give, routing.watch, following.assigned, moving.follow),
    "closed": (closing.closed, routing.fill, rating.closed),
    "came_online": (routing.fill,),
    "went_offline": (routing.leave,),
    "noted": (following.noted,),
    "sent": (closing.stirred,),
    "setting_changed": (closing.setting_changed,),
    "snoozed": (routing.fill,),
    "woken": (routing.give, routing.watch, waiting.again, closing.stirred),
    "undone": (waiting.again, moving.follow, closing.stirred),
    "team_left": (moving.follow,),
    "field_changed": (twins.suggest,),
}
HEARD: tuple[Heard, ...] = (routing.heard, waiting.heard, greetings.heard, closing.heard)
"""What follows from each message of a contact."""


async def follow(tx: Tx) -> None:
    """Asks the rules about every event that the deed recorded. Called by the store after each deed."""
    for message in tx.added(Message):
        if message.direction == "in" and not message.unheard:
            for heard in HEARD:
                await heard(tx, message)
    asked = 0
    for _ in range(DEPTH):
        fresh: Sequence[Event] = tx.added(Event)[asked:]
        if not fresh:
            return
        asked += len(fresh)
        for event in fresh:
            for rule in RULES.get(event.kind, ()):
                await rule(tx, event)

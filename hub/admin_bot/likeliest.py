"""What an agent likely wants next, from what was done lately: a look at the newest events, never at all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from hub.admin_bot.call import Call
from hub.domain.models import Event
from hub.domain.ports import Query

OWN = 100
"""Deeds of the agent's own that are looked at."""
ALL = 200
"""Events of the whole workspace that are looked at; the agent's own among them count twice."""


class Lately(msgspec.Struct, frozen=True):
    """How often tags were put on, and colleagues or teams given a conversation, of late; by their ids."""

    tags: Counter[str]
    assignees: Counter[str]


async def lately(call: Call) -> Lately:
    """Reads it from the events."""
    own = await call.tx.query(Event, Query(where={"actor": call.member.id}, order="-id", limit=OWN))
    everyone = await call.tx.query(Event, Query(where={}, order="-id", limit=ALL))
    done = [e for e in (*own, *everyone) if not e.undone]
    return Lately(Counter(_tags(done)), Counter(_assignees(done)))


def _tags(events: Iterable[Event]) -> Iterable[str]:
    for event in events:
        tags = event.facts.get("tags") if event.kind == "tagged" else None
        yield from tags if isinstance(tags, list) else ()


def _assignees(events: Iterable[Event]) -> Iterable[str]:
    given = (e.facts for e in events if e.kind == "assigned" and not e.facts.get("why"))
    return (str(facts.get("after") or facts["team"]) for facts in given if facts.get("after") or facts.get("team"))

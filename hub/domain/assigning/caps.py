"""How many open conversations somebody may have before they are given no more by rule."""

from __future__ import annotations

from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.ids import UserId
from hub.domain.models import Event, Facts, Member
from hub.domain.ports import Tx
from hub.errors import Invalid, NotFound, Refused

MOST = 1000
"""The greatest cap."""


async def cap(tx: Tx, act: Act, who: UserId, most: int) -> bool:
    """Gives a member a cap of their own; 0: the workspace's. False: it was so already. Raises Invalid, NotFound."""
    member = await tx.get(Member, who)
    if member is None:
        raise NotFound("That colleague is no member any more. /users lists who is.")
    if not 0 <= most <= MOST:
        raise Invalid(f"A cap is a number from 1 to {MOST}, or off.")
    if member.cap == most:
        return False
    facts: Facts = {"member": member.id, "before": member.cap, "after": most}
    member.cap = most
    record(tx, "cap_changed", act.at, act=act, facts=facts)
    return True


async def undo_cap(tx: Tx, _act: Act, event: Event) -> str:
    """The member's cap is as before."""
    member = await tx.get(Member, str(event.facts.get("member")))
    if member is None or member.cap != event.facts.get("after"):
        raise Refused("The cap was changed again since; nothing was changed.")
    member.cap = int(str(event.facts.get("before") or 0))
    return f"The cap of {member.name} is as before."

"""Who may do what in a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from hub.domain import contacts, conversations, first_steps
from hub.domain.accounts.models import OrganizationRole, User
from hub.domain.conversations import Act
from hub.domain.finding.terms import alive
from hub.domain.ids import Identity, UserId
from hub.domain.limits import LIMITS
from hub.domain.models import Contact, Conversation, Facts, Limit, Member, Preferences, Role, Team
from hub.domain.ports import Cond, Query, Tx, UserRecord
from hub.errors import Invalid, NotAllowed, NotFound, Refused

Permission = Literal["anyone", "agent", "manager", "owner", "user_admin", "admin"]
"""The least role that a command asks for: in the workspace, or, the last two, in its organization; `anyone`: none."""

_RANK: dict[str, int] = {"anyone": 0, "agent": 1, "manager": 2, "owner": 3}
_STANDING: dict[str, int] = {"member": 1, "user_admin": 2, "admin": 3}
INVITES: dict[Role, tuple[Role, ...]] = {"owner": ("owner", "manager", "agent"), "manager": ("agent",), "agent": ()}
"""Whom each role may let in."""
BATCH = 100
"""Conversations and contacts that are handed over in one deed."""


def allows(member: Member | None, permission: Permission, standing: OrganizationRole | None = None) -> bool:
    """Whether the member's role, or standing in the organization, is enough."""
    if permission in _STANDING:
        return (_STANDING[standing] if standing else 0) >= _STANDING[permission]
    return (_RANK[member.role] if member else 0) >= _RANK[permission]


async def found(tx: Tx, name: str, owner: UserRecord) -> Member:
    """A new workspace's first settings and its owner."""
    if await tx.get(Preferences, "preferences") is None:
        tx.add(Preferences(id="preferences", name=name))
    return await admit(tx, owner, "owner")


async def admit(tx: Tx, user: UserRecord | User, role: Role, limits: Sequence[Limit] = ()) -> Member:
    """Makes the user a member, with limits if an agent, or gives a member the higher of the two roles."""
    member = await tx.get(Member, user.id)
    if member is None:
        member = Member(id=UserId(user.id), role=role, name=user.name, username=user.username)
        member.limits = sorted_limits(limits) if role == "agent" else []
        tx.add(member)
        await first_steps.advance(tx, "people")
    elif _RANK[role] > _RANK[member.role]:
        member.role, member.limits = role, []
    member.identities = [Identity(i) for i in user.identities]
    return member


def known_by(member: Member, user: User, without: Identity) -> None:
    """The member acts by the chat accounts that the user has, but that one, and by no other."""
    here = [identity for identity in user.identities if identity != without]
    if member.identities != here:
        member.identities = here
    if (user.email or user.first_name) and member.name != user.name:
        member.name = user.name


async def by_identity(tx: Tx, identity: Identity) -> Member | None:
    """The member whose chat account this is."""
    return next((m for m in await tx.items(Member) if identity in m.identities), None)


def may_invite(member: Member | None, role: Role, standing: OrganizationRole | None) -> bool:
    """Whether the member may let somebody in with that role."""
    return allows(member, "user_admin", standing) or (member is not None and role in INVITES[member.role])


def sorted_limits(limits: Sequence[Limit]) -> list[Limit]:
    """Each once, in one order."""
    return [limit for limit in LIMITS if limit in limits]


# -- changing what somebody may --------------------------------------------------------------------------------------


async def check_change(tx: Tx, act: Act, who: UserId, role: Role, limits: Sequence[Limit]) -> Member:
    """Who would get the role and limits. Raises NotAllowed, Refused, Invalid, NotFound where they may not."""
    asker, member = await _both(tx, act, who)
    await _may_touch(tx, asker, member, "change")
    if asker.role != "owner" and role != "agent":
        raise NotAllowed(f"Only an owner makes somebody {role}; you set the limits of agents.")
    if limits and role != "agent":
        raise Invalid(f"Limits are for agents: an {role} has none." if role == "owner" else "Limits are for agents.")
    return member


async def change(tx: Tx, act: Act, who: UserId, role: Role, limits: Sequence[Limit]) -> bool:
    """Gives a member a role and limits; False: it was so already. Raises as `check_change`."""
    member = await check_change(tx, act, who, role, limits)
    wanted = sorted_limits(limits)
    if (member.role, member.limits) == (role, wanted):
        return False
    await _one_at_a_time(tx)
    facts: Facts = {"member": who, "before": member.role, "after": role, "limits": [*wanted]}
    member.role, member.limits = role, wanted
    contacts.record(tx, "role_changed", act.at, act=act, facts=facts)
    return True


async def check_removal(tx: Tx, act: Act, who: UserId) -> Member:
    """Who would be removed. Raises as `change` where they may not be."""
    asker, member = await _both(tx, act, who)
    await _may_touch(tx, asker, member, "remove")
    return member


async def shut_out(tx: Tx, act: Act, who: UserId) -> Member:
    """The first step of removing a member: from now on no chat account acts as them. Raises as `change`."""
    member = await check_removal(tx, act, who)
    await _one_at_a_time(tx)
    member.identities = []
    return member


async def hand_over(tx: Tx, act: Act, who: UserId, heir: UserId | None) -> tuple[int, bool]:
    """Gives some of a member's open conversations and contacts to a colleague or back to the queue; how many
    conversations, and whether that was all.
    """
    if heir is not None and await tx.get(Member, heir) is None:
        raise NotFound("Whoever was to get the conversations is no member any more; nothing was handed over to them.")
    open_ones = Query(where={"terms": Cond("in", alive("a", who))}, limit=BATCH)
    count = 0
    for found in await tx.query(Conversation, open_ones):
        conversation = await tx.get(Conversation, found.id)
        if conversation is not None and conversation.assignee == who and conversation.state != "closed":
            await conversations.assign(tx, act, conversation, heir)
            count += 1
    # Also who has no open conversation comes back to somebody who is there.
    known = await tx.query(Contact, Query(where={"terms": f"a:{who}"}, limit=BATCH))
    for one in known:
        contact = await tx.get(Contact, one.id)
        if contact is not None and contact.assignee == who:
            contact.assignee = heir
    return count, count == 0 and not known


async def forget(tx: Tx, act: Act, who: UserId) -> None:
    """The last step: they are no member any more."""
    member = await tx.get(Member, who)
    if member is not None:
        contacts.record(tx, "member_removed", act.at, act=act, facts={"member": who, "name": member.name})
        tx.delete(member)
    for known in await tx.items(Team):
        team = await tx.get(Team, known.id) if who in known.members else None
        if team is not None:
            team.members = [m for m in team.members if m != who]


async def _both(tx: Tx, act: Act, who: UserId) -> tuple[Member, Member]:
    """Who asks and who it is about, as they are now and not as they were a moment ago."""
    asker, member = await tx.get(Member, act.member.id), await tx.get(Member, who)
    if asker is None:
        raise NotAllowed("You are not a member of this workspace any more.")
    if member is None:
        raise NotFound("That colleague is no member any more. /users lists who is.")
    return asker, member


async def _may_touch(tx: Tx, asker: Member, member: Member, what: Literal["change", "remove"]) -> None:
    owners = await _owners(tx)
    if asker.id == member.id:
        alone = owners == [asker.id]
        whom = "make somebody else an owner first, who can then do it" if alone else "ask another owner or a manager"
        self_ = "removes themselves" if what == "remove" else "changes their own role or limits"
        raise Refused(f"{'You are the only owner here, and n' if alone else 'N'}obody {self_}: {whom}.")
    if asker.role == "agent" or (asker.role == "manager" and member.role != "agent"):
        what_ = "removes" if what == "remove" else "changes what"
        rest = "" if what == "remove" else " may"
        raise NotAllowed(f"Only an owner {what_} {member.name}{rest}, who is {_A[member.role]}. Ask one of them.")
    if owners == [member.id]:
        raise Refused(f"{member.name} is the only owner here; make somebody else an owner first.")


async def _owners(tx: Tx) -> list[UserId]:
    """All of them as they are now, not as they were a moment ago."""
    found = [await tx.get(Member, m.id) for m in await tx.items(Member)]
    return [m.id for m in found if m is not None and m.role == "owner"]


async def _one_at_a_time(tx: Tx) -> None:
    """So that nobody else takes an owner away meanwhile: of two such deeds at once, one looks again."""
    preferences = await tx.get(Preferences, "preferences")
    if preferences is not None:
        preferences.people_changed += 1


_A: dict[str, str] = {"owner": "an owner", "manager": "a manager", "agent": "an agent"}

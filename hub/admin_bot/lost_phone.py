"""The code at sign-in is taken off a member who lost the phone.

An owner of the workspace may do that for whoever is in this workspace alone and has no office in its organization; for
others of the organization, its admins may. Who is in another organization as well guards what is there with the same
code: for them nobody can.
"""

from __future__ import annotations

from collections.abc import Callable

from hub.admin_bot.arguments import did_you_mean, matching, member_names
from hub.admin_bot.call import Call
from hub.admin_bot.replies import clipped
from hub.domain.accounts.models import User
from hub.domain.ids import OrganizationId
from hub.domain.models import Member
from hub.domain.reply import Reply
from hub.errors import Ambiguous, NotAllowed, NotFound, Refused


async def weigh(call: Call, name: str) -> str:
    """What is to be done, in words. Raises as `reset`."""
    member = await _checked(call, name)
    user = await call.services.reception.user(member.id)
    why_not = (await _rule(call, member.name))(user) if user else ""
    if why_not:
        raise Refused(why_not)
    return f"Taking the code at sign-in off {member.name}"


async def reset(call: Call, name: str) -> Reply:
    """Takes it off, and tells them. Raises Refused, NotAllowed, NotFound, Ambiguous."""
    member = await _checked(call, name)
    origin = call.heard.asker.identity
    user = await call.services.reception.reset_second(member.id, call.member.id, origin, await _rule(call, member.name))
    call.services.reception.tell(user, Reply("second_was_reset", {"by": call.member.name}))
    return Reply("second_reset", {"name": member.name, "mailed": bool(user.email and user.verified_at)})


async def _checked(call: Call, name: str) -> Member:
    """Whose it is that is meant, if the asker may take it off anybody at all."""
    if not (call.may("owner") or call.may("admin")):
        raise NotAllowed("/2fa reset is for an owner of this workspace, or an admin of its organization. Ask one.")
    member = await _named(call, name)
    if member.id == call.member.id:
        raise Refused("Your own is switched off with a code, or a recovery code: /2fa off 123456.")
    return member


async def _named(call: Call, name: str) -> Member:
    if not name:
        raise Refused("Whose? /2fa reset NAME takes the code at sign-in off somebody who lost the phone.")
    everyone = await call.home.items(Member)
    found = matching(name.removeprefix("@"), [(m, member_names(m)) for m in everyone])
    if not found:
        guess = did_you_mean(name, [m.name for m in everyone])
        raise NotFound(f"Nobody here is called “{clipped(name, 30)}”.{guess}")
    if len(found) > 1:
        raise Ambiguous(f"“{clipped(name, 30)}” could be {' or '.join(m.name for m in found[:4])}: write more of it.")
    return found[0]


async def _rule(call: Call, name: str) -> Callable[[User], str]:
    entry = await call.services.directory.workspace(call.home.id)
    organization = OrganizationId(entry.organization if entry else "")
    here = {w.id for w in await call.services.directory.workspaces_of(organization)}
    admin = call.may("admin")

    def fault(of: User) -> str:
        if {*of.workspaces} - here or {*of.organizations} - {organization}:
            return (
                f"{name} is in another organization as well, which the same code guards: so nobody here can take it"
                " off. A recovery code lets them in."
            )
        office = of.organizations.get(organization, "member") != "member"
        if not admin and (office or {*of.workspaces} - {call.home.id}):
            return (
                f"{name} is in other workspaces of this organization as well, or has an office in it: so an admin of"
                " the organization has to do that."
            )
        return ""

    return fault

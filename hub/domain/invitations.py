"""Invitations by mail: sent, sent again, withdrawn, and accepted by whom they reach. They are kept in the catalog of
the workspace that invites; a link names both, and which sending of it is good.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from hub.domain import first_steps, members
from hub.domain import limits as rules
from hub.domain.accounts.fields import address, name_fault
from hub.domain.accounts.models import OrganizationRole, User
from hub.domain.accounts.surroundings import MAILS, MAILS_SECONDS, Surroundings, invited_key
from hub.domain.ids import OrganizationId, UserId, new_id
from hub.domain.models import DeskItem, Invitation, Limit, Member, Preferences, Role
from hub.domain.ports import Letter, Tx, Workspace
from hub.domain.reply import Reply, Value
from hub.errors import DeliveryError, Invalid, NotAllowed, NotFound, Refused, TooMany

DAYS = 7
COOL_DOWN = timedelta(seconds=60)
A_DAY = 200
"""How many mails with invitations leave a workspace in a day."""
_TOLD_LATE = 23 * 86400.0
"""Seconds for which it can still be said of a link that it is too old."""
A_ROLE: dict[Role, str] = {"owner": "an owner", "manager": "a manager", "agent": "an agent"}
NOT_GOOD = "This invitation is not good any more: it was accepted or withdrawn. Ask whoever sent it for another."
_GONE = "That invitation is not waiting any more. /invite list shows those that are."
_LATER = "A later mail has replaced this link: use the button of the newest one."
Open = Callable[[str], Awaitable[Workspace]]


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How the bot is opened in an app with a token: by an address, or by a line that is typed."""

    app: str
    url: str = ""
    line: str = ""


async def _nowhere(_: str) -> Workspace:
    raise NotFound("There is no such workspace.")


async def _nameless(_: str) -> str:
    return ""


async def _unheard(_: User, __: Reply) -> None:
    return None


@dataclass(frozen=True)
class Premises:
    """What lies beyond the accounts: the workspaces, the names of organizations, people's chats, and ways to the bot.

    `tell` says something in one of a user's chats, and never raises.
    """

    workspace: Open = _nowhere
    organization: Callable[[str], Awaitable[str]] = _nameless
    tell: Callable[[User, Reply], Coroutine[None, None, None]] = _unheard
    ways: Callable[[str], Sequence[Way]] = lambda _: ()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whom somebody wants to invite, and as what."""

    email: str
    role: Role
    limits: tuple[Limit, ...] = ()


class Inviter(msgspec.Struct, frozen=True, kw_only=True):
    """Who invites, and where they come from."""

    member: Member
    standing: OrganizationRole | None
    origin: str


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is invited to, for them to see."""

    workspace: str
    organization: str
    organization_id: OrganizationId
    """The organization's id, where its name is left out too."""
    inviter: str
    email: str
    role: Role
    limits: str
    """In words; empty: none."""
    until: datetime
    known: bool
    """Whether the address has an account, so that they sign in and not up."""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has become by accepting."""

    workspace: str
    role: Role
    before: str = ""
    """The workspace that they used before, and not any more; empty: none."""


class Invitations:
    """Sends them, and admits who accepts."""

    def __init__(self, around: Surroundings, premises: Premises) -> None:
        self._around = around
        self._premises = premises

    # -- of those who invite -------------------------------------------------------------------------------------------

    async def invite(self, workspace: Workspace, inviter: Inviter, wanted: Wanted) -> Invitation:
        """Invites an address, or anew; its `problem` says where the mail did not leave.

        Raises Invalid, NotAllowed, Refused where they are a member, TooMany.
        """
        wanted = _checked(inviter, wanted)
        user = await self._around.users.by_email(wanted.email)
        member = await workspace.get(Member, user.id) if user and user.verified_at else None
        if member is not None:
            raise Refused(f"{wanted.email} is {A_ROLE[member.role]} here already: {member.name}.")
        await self._admit_mail(workspace, wanted.email)
        return await self._send(workspace, inviter, wanted)

    async def again(self, workspace: Workspace, inviter: Inviter, id: str) -> Invitation:
        """Sends an invitation again, good for as long as a new one; earlier links are void. Raises as `invite`."""
        found = await self._found(workspace, inviter, id)
        wait = (found.sent_at + COOL_DOWN - self._around.clock()).total_seconds()
        if wait > 0 and not found.problem:
            seconds = -int(-wait // 1)
            raise TooMany(f"A mail to {found.email} left just now. Another can leave in {seconds} seconds.", wait)
        return await self.invite(
            workspace, inviter, Wanted(email=found.email, role=found.role, limits=tuple(found.limits))
        )

    async def withdraw(self, workspace: Workspace, inviter: Inviter, id: str) -> Invitation:
        """Takes it back: its link is void. Raises NotFound, NotAllowed."""
        found = await self._found(workspace, inviter, id)

        async def deed(tx: Tx) -> None:
            kept = await tx.get(Invitation, id)
            if kept is not None:
                tx.delete(kept)

        await workspace.run(deed)
        await self._note("invitation_withdrawn", workspace, inviter, found)
        return found

    async def _found(self, workspace: Workspace, inviter: Inviter, id: str) -> Invitation:
        found = await workspace.get(Invitation, id)
        if found is None:
            raise NotFound(_GONE)
        _check_role(inviter, found.role)
        return found

    async def _admit_mail(self, workspace: Workspace, email: str) -> None:
        """Strangers are not to be flooded from here, whoever asks for it."""
        users = self._around.users
        if await users.count(f"mail|{email}", MAILS_SECONDS) > MAILS:
            raise TooMany(f"{email} got several mails from here within the hour; try again later.", MAILS_SECONDS)
        if await users.count(f"invitations|{workspace.id}", 86400.0) > A_DAY:
            raise TooMany(f"{A_DAY} invitations left this workspace within a day; go on tomorrow.", 86400.0)

    async def _send(self, workspace: Workspace, inviter: Inviter, wanted: Wanted) -> Invitation:
        """Kept first, so that a mail that cannot leave can be sent again."""
        at, id, mark = self._around.clock(), id_of(wanted.email), new_id()

        async def deed(tx: Tx) -> Invitation:
            kept = await tx.get(Invitation, id)
            sends = kept.sends + 1 if kept else 1
            made = Invitation(
                id=id,
                email=wanted.email,
                role=wanted.role,
                limits=[*wanted.limits],
                by=inviter.member.id,
                sent_at=at,
                expires_at=at + timedelta(days=DAYS),
                mark=mark,
                sends=sends,
            )
            if kept is None:
                tx.add(made)
                return made
            for field in ("role", "limits", "by", "sent_at", "expires_at", "mark", "sends"):
                setattr(kept, field, getattr(made, field))
            kept.problem, kept.accepted_by = "", None
            return kept

        await workspace.run(deed)
        problem = await self._mail(workspace, inviter, wanted, mark)
        invitation = await self._noted(workspace, id, mark, problem)
        await self._note("invited", workspace, inviter, invitation)
        return invitation

    async def _noted(self, workspace: Workspace, id: str, mark: str, problem: str) -> Invitation:
        async def deed(tx: Tx) -> Invitation:
            kept = await tx.get(Invitation, id)
            if kept is None:
                raise NotFound("That invitation was withdrawn meanwhile.")
            if problem and kept.mark == mark:
                kept.problem = problem
            if not problem:
                await first_steps.advance(tx, "people")
            return msgspec.structs.replace(kept)

        return await workspace.run(deed)

    async def _mail(self, workspace: Workspace, inviter: Inviter, wanted: Wanted, mark: str) -> str:
        """Why the mail did not leave; empty where it did."""
        data = {"workspace": workspace.id, "invitation": id_of(wanted.email), "mark": mark}
        token = await self._around.directory.issue_token("join", data, DAYS * 86400.0 + _TOLD_LATE)
        place, organization = await self._names(workspace)
        told = {
            "brand": self._around.policy.brand,
            "inviter": _plain(inviter.member.name, "A colleague"),
            "workspace": _plain(place, "a workspace"),
            "organization": _plain(organization, ""),
            "role": A_ROLE[wanted.role],
            "limits": rules.said(wanted.limits),
            "lasts": f"{DAYS} days",
            "email": wanted.email,
            "url": self._around.page("invitation", token),
        }
        try:
            await self._around.mailer.send(Letter(to=wanted.email, template="invited", data=told))
        except DeliveryError as error:
            return error.text
        return ""

    async def _names(self, workspace: Workspace) -> tuple[str, str]:
        """Of the workspace and of its organization; the latter empty where it says no more."""
        preferences = await workspace.items(Preferences)
        entry = await self._around.directory.workspace(workspace.id)
        name = preferences[0].name if preferences else ""
        found = await self._premises.organization(entry.organization) if entry else ""
        return name or (entry.name if entry else ""), "" if found == name else found

    async def _note(self, kind: str, workspace: Workspace, by: Inviter, about: Invitation) -> None:
        facts = {"email": about.email, "role": about.role, "limits": ",".join(about.limits), "workspace": workspace.id}
        await self._around.note(kind, None, by.origin, by=by.member.id, **facts)

    # -- of who is invited ---------------------------------------------------------------------------------------------

    async def look(self, token: str) -> Invited:
        """What a link invites to, without using it. Raises Refused with a sentence why it is not good any more."""
        workspace, invitation = await self._meant(token)
        place, organization = await self._names(workspace)
        by = await workspace.get(Member, invitation.by)
        user = await self._around.users.by_email(invitation.email)
        entry = await self._around.directory.workspace(workspace.id)
        # For an hour that address may sign up in whichever way, whoever else may.
        await self._around.users.count(invited_key(invitation.email), 3600.0)
        return Invited(
            workspace=place,
            organization=organization,
            organization_id=OrganizationId(entry.organization if entry else ""),
            inviter=by.name if by else "",
            email=invitation.email,
            role=invitation.role,
            limits=rules.said(invitation.limits),
            until=invitation.expires_at,
            known=user is not None and user.verified_at is not None,
        )

    async def accept(self, token: str, user: User, origin: str) -> Accepted:
        """Makes who is signed in a member. It may be repeated where it was broken off. Raises Refused."""
        workspace, invitation = await self._meant(token, user.id)
        if user.email != invitation.email or user.verified_at is None:
            raise Refused(f"This invitation is for {invitation.email}; sign in with that address.")

        async def admit(tx: Tx) -> Member:
            kept = await tx.get(Invitation, invitation.id)
            if kept is None or kept.mark != invitation.mark or kept.accepted_by not in (None, user.id):
                raise Refused(NOT_GOOD)
            kept.accepted_by = user.id
            return await members.admit(tx, user, kept.role, kept.limits)

        async def done(tx: Tx) -> None:
            kept = await tx.get(Invitation, invitation.id)
            if kept is not None and kept.accepted_by == user.id:
                tx.delete(kept)

        member = await workspace.run(admit)
        await self._around.directory.join(user.id, workspace.id)
        await workspace.run(done)
        await self._around.directory.spend_token("join", token)
        facts = {"workspace": workspace.id, "role": member.role, "limits": ",".join(member.limits)}
        await self._around.note("invitation_accepted", user.id, origin, by=invitation.by, **facts)
        return await self._accepted(workspace, member, user)

    async def used_before(self, used: Sequence[str], now: str) -> str:
        """What the workspace is called that somebody used before they came into another; empty: they used none.

        `used`: the workspaces that they were in, the one in use first.
        """
        entry = await self._around.directory.workspace(used[0]) if used and used[0] != now else None
        return entry.name if entry else ""

    async def _accepted(self, workspace: Workspace, member: Member, user: User) -> Accepted:
        place, _ = await self._names(workspace)
        before = await self.used_before(user.workspaces, workspace.id)
        desks: list[Value] = [d.title or d.chat for d in await workspace.items(DeskItem)]
        told: dict[str, Value] = {"role": A_ROLE[member.role], "workspace": place, "desks": desks, "before": before}
        limits = rules.said(member.limits)
        reply = Reply("admitted", {**told, "limits": limits}, lasting=True)
        self._around.errands.begin(self._premises.tell(user, reply))
        return Accepted(workspace=place, role=member.role, before=before)

    async def _meant(self, token: str, by: UserId | None = None) -> tuple[Workspace, Invitation]:
        data = await self._around.held("join", token)
        if data is None or await self._around.directory.workspace(data["workspace"]) is None:
            raise Refused(NOT_GOOD)
        workspace = await self._premises.workspace(data["workspace"])
        found = await workspace.get(Invitation, data["invitation"])
        if found is None or found.accepted_by not in (None, by):
            raise Refused(NOT_GOOD)
        if found.mark != data["mark"]:
            raise Refused(_LATER)
        if found.expires_at <= self._around.clock():
            inviter = await workspace.get(Member, found.by)
            whom = inviter.name if inviter else "whoever sent it"
            raise Refused(f"This invitation was good for {DAYS} days, which are over. Ask {whom} for another.")
        return workspace, found


def id_of(email: str) -> str:
    """One invitation for each address."""
    return hashlib.blake2b(email.encode(), digest_size=10).hexdigest()


def named(waiting: Sequence[Invitation], word: str) -> Invitation:
    """The one that a word means: its id, its address, or the beginning of that. Raises NotFound or Invalid."""
    wanted = word.casefold()
    exact = [i for i in waiting if wanted in (i.id, i.email)]
    found = exact or [i for i in waiting if i.email.startswith(wanted)]
    if len(found) > 1:
        raise Invalid(f"“{word[:60]}” could be " + " or ".join(i.email for i in found[:4]) + ": write more of it.")
    if not found and re.fullmatch(r"[0-9a-f]{20}", wanted):
        raise NotFound(_GONE)
    if not found:
        raise NotFound(f"Nobody is invited as “{word[:60]}”. /invite list shows who is.")
    return found[0]


def _checked(inviter: Inviter, wanted: Wanted) -> Wanted:
    email = address(wanted.email)
    if not email:
        raise Invalid(f"“{wanted.email[:60]}” is no e-mail address; write one such as bob@acme.example.")
    _check_role(inviter, wanted.role)
    if wanted.limits and wanted.role != "agent":
        raise Invalid("Limits are for agents; leave them out, or invite an agent.")
    return Wanted(email=email, role=wanted.role, limits=tuple(members.sorted_limits(wanted.limits)))


def _check_role(inviter: Inviter, role: Role) -> None:
    if not members.may_invite(inviter.member, role, inviter.standing):
        raise NotAllowed(f"You cannot let in {A_ROLE[role]}: owners let in anybody, managers agents.")


def _plain(name: str, otherwise: str) -> str:
    """Names are written into mails to strangers: they may hold no link."""
    return otherwise if not name or name_fault(name[:60], "name") else name[:60]

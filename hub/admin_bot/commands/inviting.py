"""Letting people in: by mail, which tells who may be what, or by a one-time link that the inviter hands on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from hub.admin_bot.arguments import BadArgument, Words, matching, plainly
from hub.admin_bot.call import Call
from hub.admin_bot.colleagues import limits_named
from hub.admin_bot.command import command
from hub.admin_bot.commands.people import ROLE_NAMES
from hub.admin_bot.commands.users import name_of
from hub.admin_bot.replies import Rows, clipped, fits
from hub.domain import limits as rules
from hub.domain import members
from hub.domain.accounts.fields import address
from hub.domain.invitations import DAYS, Inviter, Wanted, id_of, named
from hub.domain.models import Invitation, Role
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Invalid, NotAllowed

SECTION = "Team"
SHOWN = 10
_ROLES: tuple[Role, ...] = ("owner", "manager", "agent")


def _with_rank(values: Mapping[str, object]) -> bool:
    """Whether who is let in may do more than an agent."""
    words = values.get("words")
    read = Words(words if isinstance(words, Text) else Text())
    first = plainly(read.take()) if read.peek() else ""
    role = read.peek() if "@" in first else first
    return bool({"owner", "manager"} & {*matching(role, [(r, [r]) for r in _ROLES])})


async def _weigh(call: Call, values: Mapping[str, object]) -> str:
    words = values.get("words")
    read = Words(words if isinstance(words, Text) else Text())
    first = plainly(read.take())
    email = first if "@" in first else ""
    meant = matching(read.take() if email else first, [(r, [r]) for r in _ROLES])
    if len(meant) != 1:
        return ""
    if not email:
        _check_link(call, meant[0])
    if not members.may_invite(call.member, meant[0], call.standing):
        raise NotAllowed(f"You cannot let in {ROLE_NAMES[meant[0]]}: owners let in anybody, managers agents.")
    return f"Inviting {email or 'somebody by a link'} as {ROLE_NAMES[meant[0]]}"


@command(
    section=SECTION,
    permission="manager",
    also="user_admin",
    outside=True,
    private=True,
    fresh=_with_rank,
    weigh=_weigh,
    usage="[MAIL ROLE [LIMITS] | agent | manager | list | resend MAIL | withdraw MAIL]",
)
async def invite(call: Call, words: Text | None = None) -> Reply:
    """Let somebody in, by mail or by a one-time link; only in a private chat."""
    read = Words(words or Text())
    if not read.peek():
        return await _whom(call)
    first = plainly(read.take())
    if "@" in first:
        return await _by_mail(call, first, read)
    found = matching(first, [(verb, [verb]) for verb in _VERBS])
    if len(found) != 1:
        known = ", ".join(_VERBS)
        raise Invalid(f"“{clipped(first, 40)}” is no e-mail address. Write one, or one of: {known}.")
    return await _VERBS[found[0]](call, read)


async def _whom(call: Call) -> Reply:
    roles = [r for r in _ROLES if members.may_invite(call.member, r, call.standing)]
    waiting = len(await call.home.items(Invitation))
    rows = ((Button("Those invited by mail", "invite list"),),) if waiting else ()
    names: list[Value] = [*roles]
    return Reply("invite_whom", {"roles": names, "limits": [*rules.LIMITS], "waiting": waiting}, rows=rows)


def _inviter(call: Call) -> Inviter:
    return Inviter(member=call.member, standing=call.standing, origin=call.heard.asker.identity)


# -- by mail ---------------------------------------------------------------------------------------------------------


async def _by_mail(call: Call, email: str, words: Words) -> Reply:
    if not words.peek():
        return _which_role(call, email)
    word = words.take()
    meant = matching(word, [(r, [r]) for r in _ROLES])
    if len(meant) != 1:
        raise Invalid(f"“{clipped(word, 40)}” should be owner, manager or agent: /invite {email} agent.")
    try:
        limits = limits_named(words)
    except BadArgument as error:
        raise Invalid(error.text) from error
    wanted = Wanted(email=email, role=meant[0], limits=limits)
    waiting = await _waiting(call, wanted) if call.pressed else None
    if waiting is not None:
        return await _sent(call, waiting, already=True)
    return await _sent(call, await call.services.reception.invitations.invite(call.home, _inviter(call), wanted))


def _which_role(call: Call, email: str) -> Reply:
    roles = [r for r in _ROLES if members.may_invite(call.member, r, call.standing)]
    buttons = [Button(f"As {ROLE_NAMES[r]}", f"invite {email} {r}") for r in roles]
    said: dict[str, Value] = {"email": email, "roles": [*roles], "limits": [*rules.LIMITS]}
    return Reply("invite_role", said, rows=tuple((b,) for b in buttons if fits(b)))


async def _waiting(call: Call, wanted: Wanted) -> Invitation | None:
    """The same invitation, where its mail has left and is still good: pressed once more, none leaves again."""
    found = await call.home.get(Invitation, id_of(address(wanted.email)))
    good = found is not None and not found.problem and found.expires_at > call.services.clock()
    return found if found and good and (found.role, found.limits) == (wanted.role, [*wanted.limits]) else None


async def _sent(call: Call, invitation: Invitation, *, already: bool = False) -> Reply:
    said = {**_facts(invitation), "workspace": await name_of(call), "days": DAYS, "problem": invitation.problem}
    return Reply("invited", {**said, "again": invitation.sends > 1, "already": already}, rows=(_row(invitation),))


def _facts(invitation: Invitation) -> dict[str, Value]:
    return {
        "email": invitation.email,
        "role": ROLE_NAMES[invitation.role],
        "limits": rules.said(invitation.limits),
        "until": invitation.expires_at.isoformat(),
    }


def _row(invitation: Invitation, label: str = "") -> tuple[Button, ...]:
    return (
        Button(f"Resend{label}", f"invite resend {invitation.id}"),
        Button(f"Withdraw{label}", f"invite withdraw {invitation.id}"),
    )


async def _list(call: Call, _: Words) -> Reply:
    waiting = sorted(await call.home.items(Invitation), key=lambda i: (i.expires_at, i.email))
    now = call.services.clock()
    lines: list[Value] = [{**_facts(i), "expired": i.expires_at <= now, "problem": i.problem} for i in waiting[:SHOWN]]
    rows: Rows = tuple(_row(i, f" {clipped(i.email, 20)}") for i in waiting[:SHOWN])
    return Reply("invitations", {"lines": lines, "more": len(waiting) - len(lines)}, rows=rows)


async def _resend(call: Call, words: Words) -> Reply:
    invitation = await _meant(call, words, "resend")
    invitations = call.services.reception.invitations
    return await _sent(call, await invitations.again(call.home, _inviter(call), invitation.id))


async def _withdraw(call: Call, words: Words) -> Reply:
    invitation = await _meant(call, words, "withdraw")
    gone = await call.services.reception.invitations.withdraw(call.home, _inviter(call), invitation.id)
    return Reply("invitation_withdrawn", {"email": gone.email})


async def _meant(call: Call, words: Words, verb: str) -> Invitation:
    word = words.take()
    if not word:
        raise Invalid(f"Whose? /invite {verb} bob@acme.example; /invite list shows who is invited.")
    return named(await call.home.items(Invitation), plainly(word))


# -- by a link -------------------------------------------------------------------------------------------------------


def _check_link(call: Call, role: Role) -> None:
    if role == "owner":
        raise Invalid(
            "An owner is invited by mail alone, so that it is sure who it is: /invite bob@acme.example owner."
        )
    if not members.may_invite(call.member, role, call.standing):
        raise NotAllowed("Only an owner lets managers in; you can let agents in: /invite agent.")


async def _link(call: Call, role: Role) -> Reply:
    _check_link(call, role)
    data: dict[str, str] = {"workspace": call.home.id, "role": role, "by": str(call.member.id)}
    token = await call.services.directory.issue_token("invite", data, DAYS * 86400.0)
    by, origin = call.member.id, call.heard.asker.identity
    await call.services.reception.note("link_given", by, origin, by, workspace=call.home.id, role=role)
    said: dict[str, Value] = {
        "url": call.services.start_link(token),
        "lines": [{"app": app, "line": line} for app, line in call.services.start_lines(token).items()],
        "role": ROLE_NAMES[role],
        "days": DAYS,
    }
    # Not lasting: where a command is whispered, that would show the link to everybody there.
    return Reply("invitation", {**said, "workspace": await name_of(call)})


def _by_link(role: Role) -> Callable[[Call, Words], Awaitable[Reply]]:
    async def invite(call: Call, words: Words) -> Reply:
        if words.peek():
            raise Invalid(
                "A link is for whoever opens it first, and has no limits. Somebody in particular, or with limits, is"
                f" invited by mail: /invite bob@acme.example {role}."
            )
        return await _link(call, role)

    return invite


_VERBS: dict[str, Callable[[Call, Words], Awaitable[Reply]]] = {
    "agent": _by_link("agent"),
    "manager": _by_link("manager"),
    "owner": _by_link("owner"),
    "list": _list,
    "resend": _resend,
    "withdraw": _withdraw,
}

COMMANDS = (invite,)

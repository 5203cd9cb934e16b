"""Who is in the workspace, what they may, and parting from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from hub.admin_bot.call import Call
from hub.admin_bot.colleagues import Colleague, Limits
from hub.admin_bot.command import command
from hub.admin_bot.replies import Rows, clipped, grid
from hub.domain import limits as rules
from hub.domain import members
from hub.domain.finding.terms import alive
from hub.domain.ids import UserId
from hub.domain.invitations import A_ROLE
from hub.domain.models import Conversation, Invitation, Limit, Member, Preferences, Role
from hub.domain.ports import Cond, Tx
from hub.domain.reply import Button, Reply, Value
from hub.errors import NotFound

SECTION = "Team"
PAGE = 8
HEIRS = 4
_RANK: dict[Role, int] = {"owner": 0, "manager": 1, "agent": 2}
_SHORT: dict[Limit, str] = {"own": "own", "team": "team", "no_export": "no_e", "no_deletion": "no_d", "hidden": "hid"}
"""What fits into a button."""


# -- who is here -----------------------------------------------------------------------------------------------------


@command(section=SECTION, outside=True, usage="[PAGE]")
async def users(call: Call, page: int = 1) -> Reply:
    """List the people of this workspace: role, limits, and in which chats they are."""
    everyone = _sorted(await call.home.items(Member))
    pages = max(1, -(-len(everyone) // PAGE))
    page = min(max(1, page), pages)
    shown = everyone[(page - 1) * PAGE : page * PAGE]
    waiting = len(await call.home.items(Invitation)) if call.may("manager") else 0
    data: dict[str, Value] = {"workspace": await name_of(call), "total": len(everyone), "waiting": waiting}
    lines: list[Value] = [await _line(call, member) for member in shown]
    return Reply("users", {**data, "lines": lines}, rows=(*_cards(call, shown), *_pager(page, pages)))


def _sorted(everyone: list[Member]) -> list[Member]:
    return sorted(everyone, key=lambda m: (_RANK[m.role], m.name.casefold(), m.id))


async def name_of(call: Call) -> str:
    """What the workspace is called."""
    preferences = await call.home.items(Preferences)
    return preferences[0].name if preferences else ""


async def _line(call: Call, member: Member) -> Value:
    """Addresses are for those who may invite, and never where others read."""
    tells = call.may("manager") and call.spot.alone
    user = await call.services.reception.user(member.id) if tells else None
    networks = dict.fromkeys(i.partition(":")[0].title() for i in member.identities)
    return {
        "name": member.name,
        "role": member.role,
        "limits": rules.said(member.limits),
        "mail": user.email if user else "",
        "chats": ", ".join(networks),
        "you": member.id == call.member.id,
    }


def _cards(call: Call, shown: list[Member]) -> Rows:
    """A button for each whom the asker may change."""
    mine = [m for m in shown if _touches(call.member, m)]
    return grid([Button(f"{clipped(m.name, 20)} ▾", f"role {m.id}") for m in mine], 2)


def _touches(asker: Member, member: Member) -> bool:
    """Whether it is worth offering; what counts is decided when it is done."""
    if asker.id == member.id:
        return False
    return asker.role == "owner" or (asker.role == "manager" and member.role == "agent")


def _pager(page: int, pages: int) -> Rows:
    if pages == 1:
        return ()
    back = [Button("◂", f"users {page - 1}")] if page > 1 else []
    forth = [Button("▸", f"users {page + 1}")] if page < pages else []
    return ((*back, Button(f"{page}/{pages}", f"users {page}"), *forth),)


# -- what they may ---------------------------------------------------------------------------------------------------


async def _weigh_role(call: Call, values: Mapping[str, object]) -> str:
    who, role, limits = values.get("who"), values.get("role"), values.get("limits")
    if not isinstance(who, Colleague) or role not in _RANK:
        return ""
    given = limits.given if isinstance(limits, Limits) else ()
    member = await call.run(lambda tx: members.check_change(tx, call.act, who.member.id, role, given))
    return f"Making {member.name} {A_ROLE[role]}"


@command(
    section=SECTION,
    permission="manager",
    outside=True,
    usage="[NAME [owner | manager | agent [LIMITS]]]",
    fresh=("owner", "manager", "agent"),
    weigh=_weigh_role,
)
async def role(
    call: Call,
    who: Colleague | None = None,
    role: Literal["owner", "manager", "agent"] | None = None,
    limits: Limits | None = None,
) -> Reply:
    """Make a colleague owner, manager or agent, and limit agents: own, team, no_export, no_deletion, hidden."""
    if who is None:
        return await users.do(call) or Reply("users")
    if role is None:
        return _card(call, who.member)
    wanted = limits.given if limits else ()
    member, changed = await _change(call, who.member, role, wanted)
    if changed:
        await _tell_changed(call, member)
    return Reply("role_given", {**_facts(call, member), "changed": changed}, rows=_choices(call, member))


async def _change(call: Call, member: Member, role: Role, wanted: tuple[Limit, ...]) -> tuple[Member, bool]:
    async def deed(tx: Tx) -> tuple[Member, bool]:
        changed = await members.change(tx, call.act, member.id, role, wanted)
        found = await tx.get(Member, member.id)
        return found or member, changed

    return await call.run(deed)


async def _tell_changed(call: Call, member: Member) -> None:
    """To the audit, and to whom it concerns."""
    facts = {"workspace": call.home.id, "role": member.role, "limits": ",".join(member.limits)}
    reception = call.services.reception
    await reception.note("role_changed", member.id, call.heard.asker.identity, call.member.id, **facts)
    user = await reception.user(member.id)
    if user is not None:
        said: dict[str, Value] = {"by": call.member.name, "role": A_ROLE[member.role], "workspace": await name_of(call)}
        reception.tell(user, Reply("role_yours", {**said, "limits": rules.said(member.limits)}, lasting=True))


def _facts(call: Call, member: Member) -> dict[str, Value]:
    mine = member.id == call.member.id
    return {"name": member.name, "role": A_ROLE[member.role], "limits": rules.said(member.limits), "you": mine}


def _card(call: Call, member: Member) -> Reply:
    return Reply(
        "role_card", {**_facts(call, member), "may": _touches(call.member, member)}, rows=_choices(call, member)
    )


def _choices(call: Call, member: Member) -> Rows:
    """Other roles, limits on and off, and parting."""
    if not _touches(call.member, member):
        return ()
    others: list[Role] = [r for r in _RANK if r != member.role] if call.member.role == "owner" else []
    roles = tuple(Button(f"Make {r}", f"role {member.id} {r}") for r in others)
    toggles = grid([_toggle(member, limit) for limit in rules.LIMITS], 2) if member.role == "agent" else ()
    gone = (Button(f"Remove {clipped(member.name, 20)}…", f"remove {member.id}"),)
    return tuple(row for row in (roles, *toggles, gone) if row)


def _toggle(member: Member, limit: Limit) -> Button:
    on = limit in member.limits
    after = [x for x in rules.LIMITS if (x in member.limits) != (x == limit)]
    line = " ".join(["role", member.id, "agent", *(_SHORT[x] for x in after)])
    return Button(f"{'☑' if on else '☐'} {rules.WORDS[limit]}", line)


# -- parting ---------------------------------------------------------------------------------------------------------


async def _weigh_removal(call: Call, values: Mapping[str, object]) -> str:
    who = values.get("who")
    if not isinstance(who, Colleague):
        return ""
    member = await call.run(lambda tx: members.check_removal(tx, call.act, who.member.id))
    return f"Removing {member.name} from {await name_of(call)}"


@command(
    section=SECTION,
    permission="manager",
    outside=True,
    usage="[NAME [to COLLEAGUE]]",
    fresh=("now",),
    weigh=_weigh_removal,
)
async def remove(
    call: Call, who: Colleague | None = None, do: Literal["to", "now"] | None = None, heir: Colleague | None = None
) -> Reply:
    """Part from a colleague; their open conversations go to another one or back to the queue."""
    if who is None:
        return await users.do(call) or Reply("users")
    if heir is not None and heir.member.id == who.member.id:
        raise NotFound("Their conversations can go to somebody else only: name another colleague.")
    if do == "to" and heir is None:
        raise NotFound(f"To whom? Write a colleague's name: /remove {who.member.name} to Ann.")
    if do != "now":
        return await _sure(call, who.member, heir.member if heir else None)
    return await _removed(call, who.member, heir.member if heir else None)


async def _sure(call: Call, member: Member, heir: Member | None) -> Reply:
    """Nothing is done before a button is pressed; what may not be done is said at once."""

    async def look(tx: Tx) -> None:
        await members.check_removal(tx, call.act, member.id)

    await call.run(look)
    count = await call.home.count(Conversation, {"terms": Cond("in", alive("a", member.id))}, limit=1000)
    data = {"name": member.name, "role": A_ROLE[member.role], "workspace": await name_of(call)}
    label = f"Remove {clipped(member.name, 20)}" + (f", {clipped(heir.name, 16)} takes over" if heir else "")
    sure = Button(label, f"remove {member.id} now {heir.id if heir else ''}".strip())
    rows = ((sure,), *(() if heir or not count else await _heirs(call, member)))
    return Reply("remove_sure", {**data, "count": count, "heir": heir.name if heir else ""}, rows=rows)


async def _heirs(call: Call, member: Member) -> Rows:
    everyone = sorted(await call.home.items(Member), key=lambda m: (m.id != call.member.id, m.name.casefold()))
    others = [m for m in everyone if m.id != member.id][:HEIRS]
    return grid([Button(f"To {clipped(m.name, 16)}…", f"remove {member.id} to {m.id}") for m in others], 2)


async def _removed(call: Call, member: Member, heir: Member | None) -> Reply:
    """Chat access ends first. Each step bears being repeated, and the member is forgotten last."""
    reception, heir_id = call.services.reception, heir.id if heir else None

    async def shut(tx: Tx) -> None:
        await members.shut_out(tx, call.act, member.id)

    async def forget(tx: Tx) -> None:
        await members.forget(tx, call.act, member.id)

    await call.run(shut)
    user = await reception.user(member.id)
    await call.services.directory.leave(member.id, call.home.id)
    count = await _hand_over(call, member.id, heir_id)
    await call.run(forget)
    facts = {"workspace": call.home.id, "role": member.role, "conversations": str(count)}
    await reception.note("member_removed", member.id, call.heard.asker.identity, call.member.id, **facts)
    workspace = await name_of(call)
    if user is not None:
        reception.tell(user, Reply("removed_you", {"by": call.member.name, "workspace": workspace}, lasting=True))
    said: dict[str, Value] = {"name": member.name, "workspace": workspace, "count": count}
    return Reply("removed", {**said, "heir": heir.name if heir else ""})


async def _hand_over(call: Call, who: UserId, heir: UserId | None) -> int:
    """A part in each deed, however many there are."""

    async def deed(tx: Tx) -> tuple[int, bool]:
        return await members.hand_over(tx, call.act, who, heir)

    total, done = 0, False
    while not done:
        count, done = await call.run(deed)
        total += count
    return total


COMMANDS = (users, role, remove)

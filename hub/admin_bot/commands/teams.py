"""Teams: who is in which, who of them is there, and what waits in their inboxes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from hub.admin_bot import dispatch
from hub.admin_bot.arguments import Word
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.commands.presence import SIGNS
from hub.admin_bot.replies import Rows, clipped, done, grid
from hub.admin_bot.team_orders import TeamOrder
from hub.domain.assigning import teams
from hub.domain.assigning.presence import inactivity_of, presence
from hub.domain.ids import TeamId
from hub.domain.members import Permission
from hub.domain.models import Member, Team
from hub.domain.ports import Tx
from hub.domain.reply import Button, Reply, Value
from hub.errors import Invalid

SECTION = "Team"
PAGE = 8


@command(section=SECTION)
async def team(call: Call, order: TeamOrder | None = None) -> Reply:
    """List the teams; managers create, rename and delete them, and say who is in them."""
    if order is None or order.verb == "list":
        return await _listed(call, order.page if order else 1)
    if order.verb is not None:
        dispatch.need(call, f"team {order.verb}", "manager")
        return await _DOES[order.verb](call, order)
    return await card(call, _named(order))


async def _listed(call: Call, page: int) -> Reply:
    every = sorted(await call.tx.items(Team), key=lambda t: t.name.casefold())
    pages = max(1, -(-len(every) // PAGE))
    page = min(max(1, page), pages)
    shown = every[(page - 1) * PAGE : page * PAGE]
    lines: list[Value] = [await _line(call, t) for t in shown]
    rows = (*grid([Button(f"{clipped(t.name, 20)} ▾", f"team {t.id}") for t in shown], 2), *_pager(page, pages))
    return Reply("teams", {"lines": lines, "total": len(every), "manages": call.may("manager")}, rows=rows)


async def _line(call: Call, team: Team) -> dict[str, Value]:
    members = await _members(call, team)
    return {"name": team.name, "members": [m["name"] for m in members], "open": await teams.open_in(call.tx, team.id)}


def _pager(page: int, pages: int) -> Rows:
    if pages == 1:
        return ()
    back = [Button("◂", f"team list {page - 1}")] if page > 1 else []
    forth = [Button("▸", f"team list {page + 1}")] if page < pages else []
    return ((*back, Button(f"{page}/{pages}", f"team list {page}"), *forth),)


async def _members(call: Call, team: Team) -> list[dict[str, Value]]:
    inactivity = await inactivity_of(call.tx)
    found = sorted((m for m in await call.tx.items(Member) if m.id in team.members), key=lambda m: m.name.casefold())
    return [{"name": m.name, "sign": SIGNS[presence(m, inactivity, call.act.at)]} for m in found]


# -- one team --------------------------------------------------------------------------------------------------------


async def card(call: Call, team: Team) -> Reply:
    """Who is in the team, and how much is in its inbox."""
    members: list[Value] = [*await _members(call, team)]
    data: dict[str, Value] = {"name": team.name, "members": members, "open": await teams.open_in(call.tx, team.id)}
    mine = (Button("▸ Who waits longest", f"next {team.id}"),)
    return Reply("team", data, rows=(mine, *await _changes(call, team)))


async def _changes(call: Call, team: Team) -> Rows:
    """For managers: colleagues to take in and out, and parting from it."""
    if not call.may("manager"):
        return ()
    every = sorted(await call.tx.items(Member), key=lambda m: (m.id not in team.members, m.name.casefold()))
    toggles = [_toggle(team, m) for m in every[:PAGE]]
    return (*grid(toggles, 2), (Button(f"Delete {clipped(team.name, 20)}…", f"team delete {team.id}"),))


def _toggle(team: Team, member: Member) -> Button:
    inside = member.id in team.members
    verb = "remove" if inside else "add"
    return Button(f"{'☑' if inside else '☐'} {clipped(member.name, 20)}", f"team {verb} {team.id} {member.id}")


# -- changing --------------------------------------------------------------------------------------------------------


async def _create(call: Call, order: TeamOrder) -> Reply:
    if not order.name:
        return Reply("team_name", {"name": ""}, ask="team create ")
    return await _changed(call, await teams.create(call.tx, call.act, order.name), "team_created")


async def _rename(call: Call, order: TeamOrder) -> Reply:
    found = await _kept(call, order)
    if not order.name:
        return Reply("team_name", {"name": found.name}, ask=f"team rename {found.id} ")
    before = found.name
    changed = await teams.rename(call.tx, call.act, found, order.name)
    return await _changed(call, found, "team_renamed", before=before, changed=changed)


async def _changed(call: Call, found: Team, template: str, **more: Value) -> Reply:
    """The confirmation, with the colleagues to take in and out."""
    members: list[Value] = [*await _members(call, found)]
    return await done(call, template, {"name": found.name, "members": members, **more}, *await _changes(call, found))


async def _inout(call: Call, order: TeamOrder) -> Reply:
    """Several at once: `team add Sales Bob Zoe`; the team alone shows who could be meant."""
    found = await _kept(call, order)
    if not order.members:
        return await card(call, found)
    change = teams.add if order.verb == "add" else teams.remove
    changed: list[Value] = [m.name for m in order.members if await change(call.tx, call.act, found, m)]
    return await _changed(call, found, "team_members", changed=changed, added=order.verb == "add")


async def _delete(call: Call, order: TeamOrder) -> Reply:
    """Nothing is done before the button is pressed; what stands in the way is said at once."""
    found = await teams.check_dissolving(call.tx, _named(order).id)
    count = await teams.open_in(call.tx, found.id)
    sure = Button(f"Delete {clipped(found.name, 20)}", f"disband {found.id}")
    return Reply("team_delete", {"name": found.name, "members": len(found.members), "open": count}, rows=((sure,),))


def _named(order: TeamOrder) -> Team:
    if order.team is None:
        raise Invalid("Which team? /team lists those there are.")
    return order.team


async def _kept(call: Call, order: TeamOrder) -> Team:
    """The team as it is now, to be changed."""
    found = await call.tx.get(Team, _named(order).id)
    if found is None:
        raise Invalid("That team is gone already. /team lists those there are.")
    return found


_DOES: dict[str, Callable[[Call, TeamOrder], Awaitable[Reply]]] = {
    "create": _create,
    "add": _inout,
    "remove": _inout,
    "rename": _rename,
    "delete": _delete,
}


@command(section=SECTION, permission="manager", outside=True, hidden=True)
async def disband(call: Call, team: Word) -> Reply:
    """Delete a team; its inbox is emptied first, in as many steps as it takes."""
    wanted = TeamId(team)

    async def check(tx: Tx) -> None:
        await teams.check_dissolving(tx, wanted)

    async def clear(tx: Tx) -> int:
        return await teams.clear(tx, wanted, call.act.at)

    async def dissolve(tx: Tx) -> str:
        return (await teams.dissolve(tx, call.act, wanted)).name

    await call.run(check)
    count = 0
    while step := await call.run(clear):
        count += step
    return Reply("team_gone", {"name": await call.run(dissolve), "count": count})


PERMISSIONS: Mapping[str, tuple[Permission, ...]] = dict.fromkeys(_DOES, ("manager",))
"""What asks for more than the command."""
COMMANDS = (team, disband)

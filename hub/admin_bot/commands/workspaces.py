"""Workspaces: mine, which one is in use, and how the one that is meant is set up, renamed, deleted and kept.

On a desk its own workspace is meant; elsewhere the one in use.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import msgspec

from hub.admin_bot import dispatch
from hub.admin_bot.arguments import did_you_mean, matching
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.once import same_id
from hub.admin_bot.replies import clipped, grid
from hub.domain import organizations as rules
from hub.domain.accounts.models import User
from hub.domain.amounts import amount
from hub.domain.founding import Names, Registry
from hub.domain.ids import Identity, OrganizationId
from hub.domain.members import Permission
from hub.domain.models import (
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    DeskItem,
    Member,
    Message,
    Role,
)
from hub.domain.ports import WorkspaceEntry
from hub.domain.preferences import seen_preferences
from hub.domain.reply import Button, Reply, Value
from hub.domain.telling import settings
from hub.domain.text import Text
from hub.errors import Ambiguous, Invalid, NotFound, Refused

SECTION = "Workspace"


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace of somebody's, and their role in it."""

    entry: WorkspaceEntry
    organization: str
    role: Role


async def _weigh(call: Call, values: Mapping[str, object]) -> str:
    words = values.get("words")
    verb = words.plain.split()[0].casefold() if isinstance(words, Text) and words.plain.split() else ""
    if verb != "delete":
        return ""
    dispatch.need(call, "workspace delete", *PERMISSIONS[verb])
    return f"Deleting the workspace {(await _entry(call)).name}"


@command(
    section=SECTION,
    outside=True,
    usage="[NAME | new NAME | rename NAME | timezone CITY | inactivity MINUTES | delete | keep]",
    fresh=("delete",),
    weigh=_weigh,
)
async def workspace(call: Call, words: Text | None = None) -> Reply:
    """List your workspaces, use another one, or set up the one that you are in."""
    verb, _, rest = (" ".join(words.plain.split()) if words else "").partition(" ")
    if not verb:
        return await _list(call)
    deed = _VERBS.get(verb.casefold())
    if deed is None:
        return await _use(call, f"{verb} {rest}".strip())
    dispatch.need(call, f"workspace {verb.casefold()}", *PERMISSIONS.get(verb.casefold(), ("agent",)))
    return await deed(call, rest)


# -- mine ------------------------------------------------------------------------------------------------------------


async def mine(call: Call, user: User) -> list[Mine]:
    """The workspaces of somebody, the one in use first."""
    found: list[Mine] = []
    for id in user.workspaces:
        entry = await call.services.directory.workspace(id)
        member = await (await call.services.workspace(id)).get(Member, user.id) if entry else None
        if entry is not None and member is not None:
            organization = await call.services.organizations.organization(OrganizationId(entry.organization))
            name = organization.name if organization else ""
            found.append(Mine(entry=entry, organization=name, role=member.role))
    return found


def switches(found: list[Mine]) -> tuple[tuple[Button, ...], ...]:
    """A button for each that is not in use."""
    return grid([_switch(each.entry) for each in found[1:]], 2)


def _switch(entry: WorkspaceEntry) -> Button:
    return Button(f"Use {clipped(entry.name, 24)}", f"workspace use {entry.id}")


def lines(found: list[Mine]) -> list[Value]:
    """What is told of each."""
    return [
        {
            "name": each.entry.name,
            "role": each.role,
            "organization": each.organization,
            "used": place == 0,
            "ends": _moment(each.entry.ends_at),
        }
        for place, each in enumerate(found)
    ]


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""


async def _me(call: Call) -> User:
    user = await call.services.reception.whose(call.heard.asker.identity)
    if user is None:
        raise NotFound("This chat account is signed in to nothing. /start begins.")
    return user


async def _list(call: Call) -> Reply:
    found = await mine(call, await _me(call))
    preferences = await seen_preferences(call.home)
    said: dict[str, Value] = {
        "lines": lines(found),
        "here": preferences.name if call.desk else "",
        "name": preferences.name,
        "zone": preferences.time_zone,
        "time": rules.time_in(preferences.time_zone, call.services.clock()),
        "inactivity": preferences.inactivity,
        "owner": call.may("owner"),
        "admin": call.may("admin"),
    }
    return Reply("workspaces", said, rows=switches(found))


async def _use(call: Call, words: str) -> Reply:
    """Switches: what the asker's private chats are about from now on."""
    user = await _me(call)
    every = await mine(call, user)
    found = [each for each in every if each.entry.id == words] or matching(words, [(e, [e.entry.name]) for e in every])
    if not found:
        guess = did_you_mean(words, [each.entry.name for each in every])
        raise NotFound(f"None of your workspaces is called “{clipped(words, 30)}”.{guess} /workspace lists them.")
    if len(found) > 1:
        names = " or ".join(f"{each.entry.name} ({each.organization})" for each in found[:4])
        raise Ambiguous(f"“{clipped(words, 30)}” could be {names}: write more of it, or take the button of /workspace.")
    await call.services.directory.use(user.id, found[0].entry.id)
    others = [found[0], *(each for each in every if each is not found[0])]
    desk = (await seen_preferences(call.home)).name if call.desk else ""
    return Reply(
        "workspace_used", {"name": found[0].entry.name, "role": found[0].role, "desk": desk}, rows=switches(others)
    )


async def _named(call: Call, rest: str) -> Reply:
    """Whatever it is called: `use` leads to a workspace that has the name of a verb, too."""
    if not rest:
        raise Invalid("Which workspace? /workspace lists yours.")
    return await _use(call, rest)


# -- a new one -------------------------------------------------------------------------------------------------------


async def _new(call: Call, rest: str) -> Reply:
    if not rest:
        return Reply("workspace_name", {"anew": True}, ask="workspace new")
    directory, user = call.services.directory, await _me(call)
    entry, id, name = await _entry(call), same_id(call.heard), rules.name_of(rest, "workspace")
    others = [each for each in await directory.workspaces_of(entry.organization) if each.id != id]
    rules.free_name(name, [each.name for each in others])
    if len(others) >= rules.MOST_WORKSPACES:
        raise Refused(f"An organization can have up to {rules.MOST_WORKSPACES} workspaces; delete one first.")
    made = await _founded(call, entry.organization, id, name)
    await _note(call, user, "workspace_made", made)
    return Reply("workspace_made", {"name": name, "before": entry.name}, rows=((_switch(entry),),))


async def _founded(call: Call, organization: str, id: str, name: str) -> WorkspaceEntry:
    """A workspace in an organization; it may be repeated."""
    services = call.services
    user = await services.directory.user_by_identity(call.heard.asker.identity)
    if user is None:
        raise NotFound("There is no such user any more.")
    registry = Registry(services.directory, services.organizations, services.workspace)
    await registry.found(id, user, Names("", name), organization)
    return WorkspaceEntry(id=id, organization=organization, name=name)


async def _entry(call: Call) -> WorkspaceEntry:
    """The workspace that is meant."""
    entry = await call.services.directory.workspace(call.home.id)
    if entry is None:
        raise NotFound("There is no such workspace.")
    return entry


async def _note(call: Call, user: User, kind: str, entry: WorkspaceEntry, **facts: str) -> None:
    about = {"workspace": entry.id, "organization": entry.organization, "name": entry.name}
    await call.services.reception.note(kind, user.id, call.heard.asker.identity, user.id, **about, **facts)


# -- its settings ----------------------------------------------------------------------------------------------------


async def _rename(call: Call, rest: str) -> Reply:
    if not rest:
        return Reply("workspace_name", {"anew": False}, ask="workspace rename")
    directory, entry, name = call.services.directory, await _entry(call), rules.name_of(rest, "workspace")
    others = [each.name for each in await directory.workspaces_of(entry.organization) if each.id != entry.id]
    rules.free_name(name, others)

    await call.run(lambda tx: settings.rename(tx, call.act, name))
    await directory.rename_workspace(entry.id, name)
    await _note(call, await _me(call), "workspace_renamed", entry, now=name)
    return Reply("workspace_renamed", {"before": entry.name, "name": name})


async def _time_zone(call: Call, rest: str) -> Reply:
    preferences = await seen_preferences(call.home)
    if not rest:
        return _time_zone_said(call, preferences.name, preferences.time_zone, asked=True)
    await call.run(lambda tx: settings.change(tx, call.act, settings.BY_NAME["timezone"], rest))
    return _time_zone_said(call, preferences.name, rules.zone_of(rest))


def _time_zone_said(call: Call, name: str, zone: str, *, asked: bool = False) -> Reply:
    said: dict[str, Value] = {"name": name, "zone": zone, "time": rules.time_in(zone, call.services.clock())}
    return Reply("time_zone", {**said, "asked": asked}, ask="workspace timezone" if asked else "")


async def _inactivity(call: Call, rest: str) -> Reply:
    if not rest:
        minutes = (await seen_preferences(call.home)).inactivity
        choices = [Button(f"{each} min", f"workspace inactivity {each}") for each in (5, 15, 30, 60)]
        return Reply("inactivity", {"minutes": minutes, "asked": True}, rows=grid(choices, 4))
    minutes = rules.inactivity_of(rest)
    await call.run(lambda tx: settings.change(tx, call.act, settings.BY_NAME["inactivity"], str(minutes)))
    return Reply("inactivity", {"minutes": minutes, "asked": False})


# -- its end ---------------------------------------------------------------------------------------------------------


async def _delete(call: Call, rest: str) -> Reply:
    if not call.spot.alone:
        return Reply("private_only", {"command": "workspace delete", "spilled": False})
    entry = await _entry(call)
    if entry.ends_at is not None:
        raise Refused(f"{entry.name} is to be deleted already. /workspace keep takes that back.")
    if not rest:
        return Reply("workspace_delete", await _what_goes(call, entry), ask="workspace delete")
    if " ".join(entry.name.split()).casefold() != rest.casefold():
        raise Invalid(f"That is not its name: nothing was deleted. Write /workspace delete {entry.name}")
    user, at = await _me(call), call.services.clock() + rules.GRACE
    await call.services.directory.end_workspace(entry.id, at)
    told = await _tell(call, "workspace_ends", {"name": entry.name, "by": user.name, "at": at.isoformat()})
    await _note(call, user, "workspace_ends", entry, at=at.isoformat())
    keep = Button("Keep it", f"workspace keep {entry.id}")
    return Reply("workspace_ending", {"name": entry.name, "at": at.isoformat(), **told}, rows=((keep,),))


async def _what_goes(call: Call, entry: WorkspaceEntry) -> dict[str, Value]:
    home = call.home
    return {
        "name": entry.name,
        "days": rules.GRACE.days,
        "contacts": str(await amount(home, Contact)),
        "conversations": str(await amount(home, Conversation)),
        "messages": str(await amount(home, Message, Comment)),
        "channels": len([c for c in await home.items(ChannelItem) if c.state != "disconnected"]),
        "desks": len(await home.items(DeskItem)),
        "people": len(await home.items(Member)),
    }


async def _keep(call: Call, rest: str) -> Reply:
    entry, user = await _entry(call), await _me(call)
    if rest and rest != entry.id and rest.casefold() != entry.name.casefold():
        raise Refused(f"You use {entry.name} now. Use the other one first, then /workspace keep.")
    if entry.ends_at is None:
        raise Refused(f"{entry.name} is not to be deleted; nothing need be taken back.{await _ending(call, user)}")
    await call.services.directory.end_workspace(entry.id, None)
    told = await _tell(call, "workspace_kept", {"name": entry.name, "by": user.name})
    await _note(call, user, "workspace_kept", entry)
    return Reply("workspace_kept", {"name": entry.name, "by": "", **told})


async def _ending(call: Call, user: User) -> str:
    """Which other one may have been meant."""
    found = next((each.entry.name for each in await mine(call, user) if each.entry.ends_at), "")
    return f" But {found} is: /workspace {found} uses it." if found else ""


async def _tell(call: Call, template: str, said: dict[str, Value]) -> dict[str, Value]:
    """Has everybody else told; gives whom that reaches, for the answer."""
    reply = Reply(template, {**said, "told": 0, "untold": []}, lasting=True)

    def reached(identity: Identity) -> bool:
        return any(front_end.owns(identity) for front_end in call.services.front_ends.values())

    found = await call.run(lambda tx: rules.tell_everybody(tx, reply, call.member.id, reached))
    return {"told": found.count, "untold": [*found.untold]}


PERMISSIONS: Mapping[str, tuple[Permission, ...]] = {
    "new": ("admin",),
    "rename": ("owner",),
    "timezone": ("owner",),
    "inactivity": ("owner",),
    "delete": ("admin",),
    "keep": ("owner", "admin"),
}
"""What a verb asks for, where it is more than the command's own: one of these."""
_VERBS: Mapping[str, Callable[[Call, str], Awaitable[Reply]]] = {
    "use": _named,
    "new": _new,
    "rename": _rename,
    "timezone": _time_zone,
    "inactivity": _inactivity,
    "delete": _delete,
    "keep": _keep,
}
COMMANDS = (workspace,)

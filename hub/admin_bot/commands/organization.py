"""The organization of the workspace that is meant: its name, time zone, logo, rules of signing in, people and roles."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from hub.admin_bot import dispatch
from hub.admin_bot.arguments import did_you_mean, matching
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.heard import Wrote
from hub.admin_bot.replies import Rows, clipped, grid, refused
from hub.domain import organizations as rules
from hub.domain.accounts.models import Organization, OrganizationRole, User
from hub.domain.accounts.reception import Trust
from hub.domain.ids import OrganizationId, is_id
from hub.domain.members import Permission
from hub.domain.models import Media, Member
from hub.domain.ports import WorkspaceEntry
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Ambiguous, HubError, Invalid, NotFound

SECTION = "Workspace"
SHOWN = 8
_ROLES: Mapping[str, OrganizationRole] = {"admin": "admin", "user_admin": "user_admin", "member": "member"}
_DEEDS = {
    "code": "Changing the rule of codes at sign-in of",
    "sso": "Changing the sign-in of",
    "role": "Giving a role in",
}
"""Of the verbs that need a code of now, how it is asked for."""
_PROVIDER = 3
"""Words that tell of a provider: its address, our name there, our secret."""


class House(msgspec.Struct, frozen=True, kw_only=True):
    """An organization, and the workspace by which it is meant."""

    organization: Organization
    entry: WorkspaceEntry


async def _weigh(call: Call, values: Mapping[str, object]) -> str:
    words = values.get("words")
    verb = words.plain.split()[0].casefold() if isinstance(words, Text) and words.plain.split() else ""
    if verb not in _DEEDS:
        return ""
    dispatch.need(call, f"organization {verb}", *PERMISSIONS[verb])
    return f"{_DEEDS[verb]} {(await _house(call)).organization.name or 'your organization'}"


@command(
    section=SECTION,
    outside=True,
    usage="[name NAME | timezone CITY | code on or off | logo | sso | people | role NAME ROLE]",
    fresh=("code", "sso", "role"),
    weigh=_weigh,
)
async def organization(call: Call, words: Text | None = None) -> Reply:
    """Show your organization; its admins name it, rule how people sign in, and give roles."""
    verb, _, rest = (" ".join(words.plain.split()) if words else "").partition(" ")
    if not verb:
        return await _show(call)
    # Only whole words: by these it is seen, too, whether a code of now is wanted first.
    deed = _VERBS.get(verb.casefold())
    if deed is None:
        near = did_you_mean(verb, list(_VERBS))
        raise Invalid(f"“{clipped(verb, 20)}” should be {', '.join(list(_VERBS)[:-1])} or role.{near}")
    dispatch.need(call, f"organization {verb.casefold()}", *PERMISSIONS[verb.casefold()])
    return await deed(call, rest)


# -- what it is ------------------------------------------------------------------------------------------------------


async def _house(call: Call) -> House:
    entry = await call.services.directory.workspace(call.home.id)
    id = OrganizationId(entry.organization if entry else "")
    found = await call.services.organizations.organization(id)
    if entry is None or found is None:
        raise NotFound("There is no such organization.")
    return House(organization=found, entry=entry)


async def _me(call: Call) -> User:
    user = await call.services.reception.whose(call.heard.asker.identity)
    if user is None:
        raise NotFound("This chat account is signed in to nothing. /start begins.")
    return user


async def _show(call: Call) -> Reply:
    house, user = await _house(call), await _me(call)
    its = house.organization
    said: dict[str, Value] = {
        "name": its.name,
        "zone": its.time_zone,
        "role": rules.ROLES[user.organizations.get(its.id, "member")],
        "workspaces": await _workspaces(call, its.id, user),
        "people": len(await call.services.organizations.people(its.id)),
        "code": its.needs_second,
        "logo": bool(its.logo),
        "sso": _sso(its),
        "admin": call.may("admin"),
        "user_admin": call.may("user_admin"),
    }
    people = ((Button("People", "organization people"),),) if call.may("user_admin") else ()
    return Reply("organization", said, rows=people)


async def _workspaces(call: Call, id: OrganizationId, user: User) -> list[Value]:
    """All for its admins, else those that somebody is in."""
    every = await call.services.directory.workspaces_of(id)
    seen = [entry for entry in every if call.may("user_admin") or entry.id in user.workspaces]
    return [
        {"name": e.name, "ends": e.ends_at.isoformat() if e.ends_at else "", "mine": e.id in user.workspaces}
        for e in seen
    ]


def _sso(its: Organization) -> dict[str, Value]:
    if its.sso is None:
        return {"issuer": "", "domains": "", "on": False}
    return {"issuer": its.sso.issuer, "domains": ", ".join(its.sso.domains), "on": its.sso.on}


async def _note(call: Call, kind: str, its: Organization, **facts: str) -> None:
    user = await _me(call)
    await call.services.reception.note(kind, user.id, call.heard.asker.identity, user.id, organization=its.id, **facts)


# -- its settings ----------------------------------------------------------------------------------------------------


async def _name(call: Call, rest: str) -> Reply:
    its = (await _house(call)).organization
    if not rest:
        return Reply("organization_name", {"name": its.name}, ask="organization name")
    await call.services.organizations.change(its.id, lambda found: rules.rename(found, rest))
    now = rules.name_of(rest, "organization")
    await _note(call, "organization_renamed", its, before=its.name, now=now)
    return Reply("organization_named", {"before": its.name, "name": now})


async def _time_zone(call: Call, rest: str) -> Reply:
    its = (await _house(call)).organization
    zone = rules.zone_of(rest) if rest else its.time_zone

    def deed(found: Organization) -> None:
        found.time_zone = zone

    if rest:
        await call.services.organizations.change(its.id, deed)
    said: dict[str, Value] = {"zone": zone, "time": rules.time_in(zone, call.services.clock()), "asked": not rest}
    return Reply("organization_zone", said, ask="" if rest else "organization timezone")


async def _code(call: Call, rest: str) -> Reply:
    its = (await _house(call)).organization
    if rest.casefold() not in ("on", "off"):
        said = "needed" if its.needs_second else "not needed"
        return Reply(
            "organization_code",
            {"asked": True, "on": its.needs_second, "state": said, "without": await _without_second(call, its.id)},
            rows=((Button("Off", "organization code off"),) if its.needs_second else _code_on(),),
        )
    on = rest.casefold() == "on"

    def deed(found: Organization) -> None:
        found.needs_second = on

    await call.services.organizations.change(its.id, deed)
    await _note(call, "code_needed" if on else "code_left_free", its)
    without = await _without_second(call, its.id)
    return Reply("organization_code", {"asked": False, "on": on, "state": "", "without": without})


def _code_on() -> tuple[Button, ...]:
    return (Button("On", "organization code on"),)


async def _without_second(call: Call, id: OrganizationId) -> int:
    """Who will be led to set one up."""
    people = await call.services.organizations.people(id)
    return len([user for user in people if user.password and user.second is None])


async def _logo(call: Call, rest: str) -> Reply:
    its = (await _house(call)).organization
    if rest.casefold() == "remove":
        await _keep_logo(call, its, b"")
        return Reply("organization_logo", {"state": "removed"})
    picture = next((a for a in _attached(call) if isinstance(a, Media)), None)
    if picture is None:
        return Reply("organization_logo", {"state": "there" if its.logo else "none"})
    content = await _fetched(call, picture)
    rules.check_logo(content)
    await _keep_logo(call, its, content)
    return Reply("organization_logo", {"state": "kept"})


def _attached(call: Call) -> Sequence[object]:
    return call.heard.attachments if isinstance(call.heard, Wrote) else ()


async def _fetched(call: Call, picture: Media) -> bytes:
    """Its content, as far as it may be a logo; how much more there is need not be known."""
    front_end = call.services.front_ends[call.spot.network]
    content = bytearray()
    async for chunk in front_end.desk(call.spot.chat).fetch(picture):
        content += chunk
        if len(content) > rules.LARGEST_LOGO:
            break
    return bytes(content)


async def _keep_logo(call: Call, its: Organization, content: bytes) -> None:
    def deed(found: Organization) -> None:
        found.logo = content

    await call.services.organizations.change(its.id, deed)
    await _note(call, "organization_logo", its, bytes=str(len(content)))


# -- its own sign-in -------------------------------------------------------------------------------------------------


async def _sso_of(call: Call, rest: str) -> Reply:
    house, reception, words = await _house(call), call.services.reception, rest.split()
    its, user, origin = house.organization, await _me(call), call.heard.asker.identity
    match words:
        case []:
            return _sso_said(call, its, "shown")
        case ["on" | "off" as state]:
            ended = await reception.switch_sso(its.id, state == "on", user.id, origin)
            return _sso_said(call, (await _house(call)).organization, state, ended)
        case ["remove"]:
            return await _sso_removed(call, its, user)
    call.spilled = True
    if not call.spot.alone:
        return Reply("private_only", {"command": "organization sso", "spilled": True})
    try:
        return await _sso_kept(call, its, user, words)
    except HubError as error:
        # Said here, so that the message with the secret is taken away all the same.
        return refused(error.text)


async def _sso_kept(call: Call, its: Organization, user: User, words: Sequence[str]) -> Reply:
    if len(words) <= _PROVIDER:
        raise Invalid("Four things are needed: /organization sso ISSUER CLIENT SECRET example.com")
    trust = Trust(issuer=words[0], client=words[1], secret=words[2], domains=tuple(words[_PROVIDER:]))
    await call.services.reception.set_sso(its.id, trust, user.id, call.heard.asker.identity)
    return _sso_said(call, (await _house(call)).organization, "kept")


async def _sso_removed(call: Call, its: Organization, user: User) -> Reply:
    ended = await call.services.reception.switch_sso(its.id, False, user.id, call.heard.asker.identity)

    def deed(found: Organization) -> None:
        found.sso = None

    await call.services.organizations.change(its.id, deed)
    await _note(call, "sso_removed", its)
    return _sso_said(call, (await _house(call)).organization, "removed", ended)


def _sso_said(call: Call, its: Organization, state: str, ended: int = 0) -> Reply:
    address = call.services.reception.return_address(its.id)
    said: dict[str, Value] = {**_sso(its), "state": state, "ended": ended, "address": address}
    switch = Button("Off", "organization sso off") if its.sso and its.sso.on else Button("On", "organization sso on")
    return Reply("organization_sso", said, rows=((switch,),) if its.sso and state == "shown" else ())


# -- its people ------------------------------------------------------------------------------------------------------


async def _people(call: Call, rest: str) -> Reply:
    its = (await _house(call)).organization
    people = await call.services.organizations.people(its.id)
    last = max(0, (len(people) - 1) // SHOWN)
    page = min(max(int(rest) - 1, 0), last) if rest.isascii() and rest.isdigit() and len(rest) < 6 else 0
    shown = people[page * SHOWN : (page + 1) * SHOWN]
    roles = await _roles(call, its.id)
    listed: list[Value] = [_person(user, its.id, roles.get(user.id, [])) for user in shown]
    said: dict[str, Value] = {"people": listed, "total": len(people), "page": page + 1, "pages": last + 1}
    return Reply("organization_people", said, rows=(*_choosing(call, shown), *_turning(page, last)))


async def _roles(call: Call, id: OrganizationId) -> dict[str, list[Value]]:
    """Who is what in which of its workspaces, by user."""
    found: dict[str, list[Value]] = {}
    for entry in await call.services.directory.workspaces_of(id):
        for member in await (await call.services.workspace(entry.id)).items(Member):
            found.setdefault(member.id, []).append({"workspace": entry.name, "role": member.role})
    return found


def _person(user: User, id: OrganizationId, workspaces: list[Value]) -> dict[str, Value]:
    return {
        "name": user.name or user.username or user.email,
        "email": user.email,
        "role": user.organizations.get(id, "member").replace("_", " "),
        "second": user.second is not None,
        "workspaces": workspaces,
    }


def _choosing(call: Call, shown: Sequence[User]) -> Rows:
    """Whose role is to be changed: for those who may."""
    mine = call.heard.asker.identity
    others = [user for user in shown if mine not in user.identities] if call.may("admin") else []
    return grid([Button(f"Role of {clipped(u.name, 22)}…", f"organization role {u.id}") for u in others], 2)


def _turning(page: int, last: int) -> Rows:
    back = [Button("◂", f"organization people {page}")] if page else []
    on = [Button("▸", f"organization people {page + 2}")] if page < last else []
    return ((*back, *on),) if back or on else ()


async def _role(call: Call, rest: str) -> Reply:
    its = (await _house(call)).organization
    people = await call.services.organizations.people(its.id)
    words = rest.split()
    role = _ROLES.get(words[-1].casefold().replace("-", "_")) if words else None
    name = " ".join(words[:-1] if role else words)
    if not name:
        raise Invalid("Whose role? Write /organization role NAME admin, user_admin or member.")
    chosen = _named(name, people)
    if role is None:
        return _which_role(chosen, its.id)
    user, origin = await _me(call), call.heard.asker.identity
    before = await call.services.reception.give_role(its.id, chosen.id, user.id, role, origin)
    said: dict[str, Value] = {"name": chosen.name, "organization": its.name, "by": "", "role": rules.ROLES[role]}
    if before != role:
        call.services.reception.tell(chosen, Reply("organization_role", {**said, "by": user.name}, lasting=True))
    return Reply("organization_role", said)


def _named(name: str, people: Sequence[User]) -> User:
    by_id = [user for user in people if name in (user.id, user.email)]
    found = by_id or matching(name.removeprefix("@"), [(user, _names(user)) for user in people])
    if len(found) == 1:
        return found[0]
    if found:
        names = " or ".join(filter(None, (user.email or user.name for user in found[:4])))
        raise Ambiguous(f"“{clipped(name, 30)}” could be {names}: write more of it, or their address.")
    if is_id(name):
        raise NotFound("Whoever is meant is not in this organization any more. Nothing was changed by this.")
    guess = did_you_mean(name, [user.name for user in people])
    raise NotFound(
        f"Nobody in this organization is called “{clipped(name, 30)}”.{guess} /organization people lists all."
    )


def _names(user: User) -> list[str]:
    return [each for each in (user.name, *user.name.split(maxsplit=1), user.username, user.email) if each]


def _which_role(user: User, id: OrganizationId) -> Reply:
    labels: dict[OrganizationRole, str] = {"admin": "Admin", "user_admin": "User admin", "member": "Member"}
    now = user.organizations.get(id, "member")
    buttons = [Button(label, f"organization role {user.id} {role}") for role, label in labels.items() if role != now]
    return Reply("organization_role_which", {"name": user.name, "role": rules.ROLES[now]}, rows=(tuple(buttons),))


PERMISSIONS: Mapping[str, tuple[Permission, ...]] = {
    "name": ("admin",),
    "timezone": ("admin",),
    "code": ("admin",),
    "logo": ("admin",),
    "sso": ("admin",),
    "people": ("user_admin",),
    "role": ("admin",),
}
"""What a verb asks for: one of these."""
_VERBS: Mapping[str, Callable[[Call, str], Awaitable[Reply]]] = {
    "name": _name,
    "timezone": _time_zone,
    "code": _code,
    "logo": _logo,
    "sso": _sso_of,
    "people": _people,
    "role": _role,
}
COMMANDS = (organization,)

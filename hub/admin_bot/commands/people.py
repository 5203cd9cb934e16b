"""People: who starts, who is let in, who one is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hub.admin_bot import confiding, leading
from hub.admin_bot.arguments import Word
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.greeting import House, sign_in_row, sign_in_url, signed_in
from hub.domain import founding, members
from hub.domain.founding import Names
from hub.domain.ids import UserId
from hub.domain.models import ChannelItem, DeskItem, Member, Preferences, Role
from hub.domain.ports import TokenPurpose, Tx, UserRecord, Workspace
from hub.domain.reply import Reply, Value
from hub.errors import Refused

SECTION = "Account"
ROLE_NAMES = {"owner": "an owner", "manager": "a manager", "agent": "an agent"}


# -- who one is ------------------------------------------------------------------------------------------------------


@command(section=SECTION, permission="anyone", outside=True)
async def whoami(call: Call) -> Reply:
    """Show who you are here, and in which workspace."""
    if call.asker is None or call.workspace is None:
        return Reply("nobody", {"identity": call.heard.asker.identity, "name": call.heard.asker.name})
    data = {"name": call.asker.name, "role": call.asker.role, "workspace": await _workspace_name(call.home)}
    return Reply("whoami", {**data, "identity": call.heard.asker.identity})


async def _workspace_name(workspace: Workspace) -> str:
    preferences = await workspace.items(Preferences)
    return preferences[0].name if preferences else ""


# -- letting in ------------------------------------------------------------------------------------------------------


@command(section=SECTION, permission="anyone", outside=True, private=True, usage="[CODE]", scopes=["private"])
async def start(call: Call, code: Word | None = None) -> Reply:
    """Begin: sign up or sign in, or use the code of an invitation or of a new installation."""
    if code is None:
        return await _greeting(call)
    own = await _own_link(call, code)
    if own is not None:
        return own
    directory, by = call.services.directory, call.heard.asker.identity
    for purpose, doing in _CODES.items():
        stands_for = await directory.use_token(purpose, code, by)
        if stands_for is not None:
            reply = await doing(call, stands_for)
            # Only now: had anything failed, the code would be good for another try.
            await directory.spend_token(purpose, code)
            return reply
    if await call.services.reception.tie_by(code, by, by):
        return Reply("tied")
    if call.asker is not None:
        return await _greeting(call, spent=True)
    raise Refused("That code was used already, is too old, or was never given. Ask for a new one.")


async def _own_link(call: Call, code: str) -> Reply | None:
    """What somebody is told who would gain nothing by an invitation, which stays good; None: it is none, or they would.

    Who gave a link tries it out.
    """
    stands_for = await call.services.directory.see_token("invite", code)
    user = await call.services.reception.whose(call.heard.asker.identity)
    if stands_for is None or user is None:
        return None
    workspace, role = await call.services.workspace(stands_for["workspace"]), _invited_as(stands_for)
    member = await workspace.get(Member, user.id)
    if member is None or not members.allows(member, role):
        return None
    said: dict[str, Value] = {"role": ROLE_NAMES[role], "workspace": await _workspace_name(workspace)}
    return Reply("invitation_own", {**said, "given": stands_for.get("by") == user.id})


async def _greeting(call: Call, *, spent: bool = False) -> Reply:
    """Greets; `spent`: with a code that is good for nothing, perhaps for they used it a moment ago."""
    if call.asker is None:
        return await welcome(call)
    channels = [c for c in await call.home.items(ChannelItem) if c.state == "active"]
    desks = await call.home.items(DeskItem)
    user = await call.services.reception.whose(call.heard.asker.identity)
    sign_in = () if user and user.email else (sign_in_row(await sign_in_address(call)),)
    data = {"name": call.asker.name, "role": ROLE_NAMES[call.asker.role], "workspace": await _workspace_name(call.home)}
    said = {"channels": len(channels), "desks": len(desks), "manages": call.may("manager"), "spent": spent}
    files: list[Value] = [*await confiding.catch_up(call)]
    rows = (*await leading.onward(call), *sign_in)
    return Reply("greeting", {**data, **said, "files": files, "account": not sign_in}, rows=rows)


async def welcome(call: Call) -> Reply:
    """For who is in no workspace: the way to sign in, or, where they have, what else there is to do."""
    user = await call.services.reception.whose(call.heard.asker.identity)
    if user is not None and user.email:
        return await signed_in(user, house(call))
    url = await sign_in_address(call)
    local = "" if call.services.public_url else url
    return Reply("welcome", {"local": local}, rows=(sign_in_row(url),))


def house(call: Call) -> House:
    """What is to be known for greeting somebody."""
    services = call.services
    return House(services.directory, services.organizations, services.reception.policy)


async def sign_in_address(call: Call) -> str:
    """Where the asker's chat account gets a sign-in; for them alone."""
    asker = call.heard.asker
    return await sign_in_url(call.services.reception, asker.identity, asker.name, asker.username)


async def _user(call: Call) -> UserRecord:
    asker = call.heard.asker
    return await call.services.directory.ensure_user(asker.identity, asker.name, asker.username)


async def _found(call: Call, code: dict[str, str]) -> Reply:
    """A new organization with its first workspace, for the one who brought the installation's code; once, however often
    it is tried.
    """
    user = await _user(call)
    default = founding.default_name(user.name)
    names = Names(default, founding.workspace_name(default), named=False)
    call.workspace = await leading.registry(call).found(code["once"], user, names)
    call.asker, call.standing = await call.home.get(Member, user.id), "admin"
    await note(call, UserId(user.id))
    return await leading.shown(call, await leading.progress(call), "code")


async def note(call: Call, user: UserId) -> None:
    """Keeps in the audit events that somebody became the owner of a workspace, and an admin of its organization."""
    entry = await call.services.directory.workspace(call.home.id)
    about = {"workspace": entry.id, "organization": entry.organization, "name": entry.name} if entry else {}
    await call.services.reception.note("founded", user, call.heard.asker.identity, user, **about)


async def _admit(call: Call, invitation: dict[str, str]) -> Reply:
    user = await _user(call)
    workspace, role = await call.services.workspace(invitation["workspace"]), _invited_as(invitation)
    before = await call.services.reception.invitations.used_before(user.workspaces, workspace.id)

    async def deed(tx: Tx) -> Member:
        return await members.admit(tx, user, role)

    member, name = await workspace.run(deed), await _workspace_name(workspace)
    await call.services.directory.join(user.id, workspace.id)
    by, origin = UserId(invitation.get("by", user.id)), call.heard.asker.identity
    about = {"workspace": workspace.id, "role": member.role}
    await call.services.reception.note("admitted", UserId(user.id), origin, by, **about)
    desks: list[Value] = [d.title or d.chat for d in await workspace.items(DeskItem) if d.network == call.spot.network]
    said: dict[str, Value] = {"role": ROLE_NAMES[member.role], "workspace": name, "desks": desks}
    return Reply("admitted", {**said, "limits": "", "before": before})


def _invited_as(invitation: dict[str, str]) -> Role:
    return "manager" if invitation["role"] == "manager" else "agent"


_CODES: dict[TokenPurpose, Callable[[Call, dict[str, str]], Awaitable[Reply]]] = {"init": _found, "invite": _admit}

COMMANDS = (whoami, start)

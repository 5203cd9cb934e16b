"""Leading an owner through the first steps: how far the workspace is, with the buttons of what is next."""

from __future__ import annotations

from hub.admin_bot.call import Call
from hub.admin_bot.replies import MAKE_A_DESK, Rows, fits, grid
from hub.domain import first_steps, founding
from hub.domain.first_steps import Progress
from hub.domain.founding import Registry
from hub.domain.ids import OrganizationId
from hub.domain.models import Preferences, Step
from hub.domain.reply import Button, Reply, Value

WRITE = "✏ Write a name"


async def progress(call: Call, *just: Step) -> Progress:
    """How far the asker's workspace is. `just`: what was done a moment ago."""
    return await first_steps.progress(call.home, named=await _is_named(call), just=just)


async def _is_named(call: Call) -> bool:
    """Naming is for the organization's admins: to others nothing is left to do."""
    preferences = await call.home.get(Preferences, "preferences")
    unnamed = preferences.first_steps.unnamed if preferences else ""
    return not call.may("admin") or await organization(call) not in ("", unnamed)


async def organization(call: Call) -> str:
    """What the organization of the asker's workspace is called."""
    entry = await call.services.directory.workspace(call.home.id)
    found = await call.services.organizations.organization(OrganizationId(entry.organization)) if entry else None
    return found.name if found else ""


async def shown(call: Call, now_so: Progress, event: str = "", **more: Value) -> Reply:
    """How far it is, with the buttons of what is next. `event`: what has just become so."""
    step = now_so.next
    rows = (*(await _buttons(call, step)), (Button("Skip", f"setup skip {step}"),)) if step else ()
    reply = first_steps.said(now_so, event=event, **{"organization": await organization(call), **more})
    return Reply(reply.template, reply.data, rows=rows)


async def _buttons(call: Call, step: Step) -> Rows:
    if step == "name":
        user = await call.services.reception.whose(call.heard.asker.identity)
        return (naming_row(user.email if user else "", "setup name"),)
    if step == "channel":
        return grid([Button(n.capitalize(), f"channel connect {n}") for n in call.services.connectors])
    if step == "people":
        return ((Button("Invite an agent", "invite agent"), Button("Invite a manager", "invite manager")),)
    if not call.spot.private:
        return ((MAKE_A_DESK,),)
    url = call.services.group_link(call.spot.network)
    return ((Button("Add me to a group", url=url),),) if url else ()


async def onward(call: Call) -> Rows:
    """The buttons of what is next, for an owner who is being led; none for anybody else."""
    preferences = await call.home.get(Preferences, "preferences")
    led = preferences.first_steps.led if preferences else ()
    if call.member.id not in led or not call.may("owner"):
        return ()
    return first_steps.buttons((await progress(call)).next)


def naming_row(email: str, line: str) -> tuple[Button, ...]:
    """A name that may be right, by one tap, and the way to write another."""
    guess = founding.suggestion(email)
    offered = [b for b in (Button(guess, f"{line} {guess}"),) if guess and fits(b)]
    return (*offered, Button(WRITE, line))


def registry(call: Call) -> Registry:
    """Where organizations and workspaces are made."""
    return Registry(call.services.directory, call.services.organizations, call.services.workspace)

"""The first steps of an owner: naming the organization, a channel, a desk, colleagues. Each may be skipped; where one
stands is read from what is there, so that it goes on where it was left.
"""

from __future__ import annotations

from typing import Literal

from hub.admin_bot import leading
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.commands.people import house, note, welcome
from hub.admin_bot.greeting import naming
from hub.domain import first_steps, founding
from hub.domain.accounts.models import User
from hub.domain.first_steps import STEPS, TITLES, Progress
from hub.domain.founding import Names
from hub.domain.ids import OrganizationId
from hub.domain.models import Member, Step
from hub.domain.organizations import rename
from hub.domain.ports import Tx
from hub.domain.reply import Reply
from hub.domain.text import Text
from hub.errors import Invalid, NotAllowed, Refused

SECTION = "Workspace"
_HELLO = frozenset(("hello", "help", "hey", "hi", "ok", "okay", "no", "start", "stop", "thanks", "yes"))
"""Words that nobody calls their organization by, and that people begin a chat with."""
_CODE = 20
"""A single word of so many signs is rather a code than a name."""


# -- where one stands ------------------------------------------------------------------------------------------------


@command(
    section=SECTION,
    permission="owner",
    outside=True,
    private=True,
    scopes=["private"],
    usage="[name NAME | channel | desk | people | skip]",
)
async def setup(
    call: Call, what: Literal["name", "channel", "desk", "people", "skip"] | None = None, words: Text | None = None
) -> Reply:
    """Show how far this workspace is set up, and what is next."""
    match what:
        case None:
            return await _status(call)
        case "name":
            return await _name(call, words)
        case "skip":
            return await _skip(call, words.plain.strip() if words else "")
        case _:
            return await _step(call, what)


async def _status(call: Call) -> Reply:
    return await leading.shown(call, await leading.progress(call))


# -- steps -----------------------------------------------------------------------------------------------------------


async def _step(call: Call, step: Step) -> Reply:
    """How a step is done; one that is done already, or was skipped, may be looked at as well."""
    progress = await leading.progress(call)

    async def deed(tx: Tx) -> None:
        await first_steps.lead(tx, call.member.id)

    await call.run(deed)
    if progress.states[step] == "done":
        return await leading.shown(call, progress, f"{step} already")
    others: dict[Step, first_steps.State] = {s: "open" if v == "next" else v for s, v in progress.states.items()}
    return await leading.shown(call, Progress({**others, step: "next"}, progress.workspace))


async def _skip(call: Call, said: str) -> Reply:
    progress = await leading.progress(call)
    step = next((s for s in STEPS if s == said), None) if said else progress.next
    if step is None and said:
        raise Invalid(f"“{said[:20]}” is no step: write /setup skip, or one of {', '.join(STEPS)} behind it.")
    if step is None:
        raise Refused("Nothing is left to skip. /setup shows what is done, and what was skipped.")
    if progress.states[step] == "done":
        raise Refused(f"That is done already: {TITLES[step].lower()}. /setup shows what is next.")
    skipped: Step = step

    async def deed(tx: Tx) -> None:
        await first_steps.skip(tx, call.member.id, skipped)

    await call.run(deed)
    return await leading.shown(call, await leading.progress(call), "skipped", what=TITLES[step])


async def _name(call: Call, words: Text | None) -> Reply:
    if not call.may("admin"):
        raise NotAllowed("Only an admin of the organization gives it a name. Ask one of them.")
    if words is None:
        return Reply("naming_ask", {}, ask="setup name ")
    name = founding.proper(words.plain)
    entry = await call.services.directory.workspace(call.home.id)
    if entry is None:
        raise Refused("This workspace is gone.")

    async def deed(tx: Tx) -> None:
        await first_steps.lead(tx, call.member.id)

    id = OrganizationId(entry.organization)
    before = await call.services.organizations.change(id, lambda its: rename(its, name))
    me, facts = call.member.id, {"organization": id, "before": before, "now": name}
    await call.services.reception.note("organization_renamed", me, call.heard.asker.identity, me, **facts)
    await call.run(deed)
    return await leading.shown(call, await leading.progress(call, "name"), "named")


# -- founding --------------------------------------------------------------------------------------------------------


@command(
    section="Buttons",
    permission="anyone",
    outside=True,
    private=True,
    scopes=["private"],
    hidden=True,
)
async def found(call: Call, name: Text | None = None) -> Reply:
    """Found an organization of that name with its first workspace; `-`: it is named later."""
    if call.asker is not None:
        raise Refused("Your workspace stands already. /setup shows what is next.")
    user = await call.services.reception.whose(call.heard.asker.identity)
    policy = call.services.reception.policy
    if user is None or not founding.may_found(user, policy.sign_up):
        return await welcome(call)
    if name is None and call.pressed:
        return Reply("naming_ask", {}, ask="found ")
    if name is None or _is_no_name(call, name.plain):
        return await naming(user, house(call))
    return await _founded(call, user, name.plain.strip())


def _is_no_name(call: Call, words: str) -> bool:
    """Whether it was written to us rather than as an answer: nothing is founded on a greeting or a question."""
    asked = call.pressed or getattr(call.heard, "answers", None) is not None
    said = words.casefold().rstrip(" !.,").split()
    return not asked and (words.rstrip().endswith("?") or (len(said) == 1 and said[0] in _HELLO))


async def _founded(call: Call, user: User, said: str) -> Reply:
    """Names an organization; who has one already, a workspace in it."""
    if len(said) >= _CODE and " " not in said and not call.pressed and any(sign.isdigit() for sign in said):
        raise Invalid("That looks like a code. Send it behind /start: /start CODE. Or write your organization's name.")
    default = founding.default_name(user.first_name or user.name)
    name = default if said == "-" else founding.proper(said)
    registry = leading.registry(call)
    record = await call.services.directory.user_by_identity(call.heard.asker.identity)
    if record is None:
        raise Refused("This chat account is signed in to nothing. /start begins.")
    own = next((id for id, role in user.organizations.items() if role == "admin"), OrganizationId(""))
    names = Names(name, founding.workspace_name(name), named=said != "-" or bool(own))
    call.workspace = await registry.found(await registry.vacant(record), record, names, own)
    call.asker, call.standing = await call.workspace.get(Member, user.id), "admin"
    await note(call, user.id)
    return await _begun(call, skipped=said == "-")


async def _begun(call: Call, *, skipped: bool) -> Reply:
    if skipped:

        async def deed(tx: Tx) -> None:
            await first_steps.skip(tx, call.member.id, "name")

        await call.run(deed)
    return await leading.shown(call, await leading.progress(call), "founded")


COMMANDS = (setup, found)

"""What is read from the commands: menus, the list for scripts, and the page for readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from hub.admin_bot import registry
from hub.admin_bot.command import Command, Scope
from hub.domain.accounts.models import OrganizationRole
from hub.domain.ids import UserId
from hub.domain.limits import LIMITS, WORDS
from hub.domain.members import Permission, allows
from hub.domain.models import Member, Role

_IN_THE_DESK = (
    "In a contact's topic, plain text goes to the contact and `//…` is a note among colleagues. What begins with `/`"
    " never leaves. Elsewhere the conversation's number comes first: `/close 123 bil Refunded order 7`. In a topic,"
    " another conversation is meant with its sign: `/note #123 …`."
)


class Entry(msgspec.Struct, frozen=True):
    """A line of a network's command menu. `inward`: nothing of it concerns anybody but the asker and the hub."""

    name: str
    description: str
    inward: bool = True


def menu(scope: Scope) -> list[Entry]:
    """The menu of private chats or of desks, in the order of the help."""
    return [Entry(c.name, c.help.rstrip("."), c.name != "snippet") for c in registry.shown() if scope in c.scopes]


def command_list() -> list[dict[str, object]]:
    """The commands for `hub commands --json`."""
    return [
        {
            "name": c.name,
            "usage": c.usage,
            "help": c.help,
            "section": c.section,
            "permission": c.permission,
            "aliases": list(c.aliases),
        }
        for c in registry.shown()
    ]


def commands_markdown() -> str:
    """The page `docs/commands.md`."""
    lines = ["# Commands", "", "Made from the commands themselves; `hub commands` prints it.", "", _IN_THE_DESK]
    for section in dict.fromkeys(c.section for c in registry.shown()):
        lines += ["", f"## {section}", "", "| command | what it does | short | for |", "|---|---|---|---|"]
        for c in registry.shown():
            if c.section == section:
                who = " or ".join(each.replace("_", " ") for each in (c.permission, c.also) if each)
                short = ", ".join(f"`/{a}`" for a in c.aliases)
                cells = (f"`{c.usage}`", c.help, short, who)
                lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def write_commands(path: Path) -> None:
    """Writes the page."""
    path.write_text(commands_markdown(), encoding="utf-8")


# -- who may what ----------------------------------------------------------------------------------------------------

_PEOPLE: dict[str, tuple[Role | None, OrganizationRole | None]] = {
    "nobody": (None, None),
    "agent": ("agent", "member"),
    "limited agent": ("agent", "member"),
    "manager": ("manager", "member"),
    "owner": ("owner", "member"),
    "user admin": ("agent", "user_admin"),
    "admin": ("agent", "admin"),
}
_ABOUT_PERMISSIONS = (
    "Roles are of a workspace (owner, manager, agent) and of the organization that it belongs to (admin, user admin,"
    " member); somebody has one of each. The last two columns are agents of the workspace with that role in its"
    " organization; “nobody” is whoever is in no workspace. What a command does for each of them is more than its row:"
    " `/invite` lets owners let in anybody and managers agents only; `/role` and `/remove` let managers change agents"
    " only; nobody changes or removes themselves, and the last owner stays."
)
_ABOUT_LIMITS = (
    "An agent can have limits; the column of the limited agent has all of them. Its “own” means: about conversations"
    " assigned to them, and lists show no others. They cannot take from the queue by themselves; a colleague or the"
    " rule assigns. Plain words in the topic of a contact that is not theirs are held, and their reactions do not go"
    " out. Limits hold for what is done by command, button or answer, and for what is shown to the member alone; what"
    " stands on a shared desk is seen by all who are in that chat."
)
_LISTS = ("inbox", "next", "filter", "contacts", "find")
"""Commands about no one conversation, whose answer is narrowed."""
_LIMIT_DOES = {
    "own": "They find, list and act on conversations assigned to them only.",
    "team": "The same, and conversations in their teams' inboxes, from which they can take.",
    "no_export": "Commands that take data out are refused.",
    "no_deletion": "What deletes for good is refused; `/undo` of what they did just now is not.",
    "hidden": "Telephone numbers, addresses and user names are masked in answers to them and on their home page.",
}


def permissions_markdown() -> str:
    """The page `docs/permissions.md`: every command against everybody who could give it."""
    head = ["# Who may what", "", "Made from the commands themselves.", "", _ABOUT_PERMISSIONS, ""]
    table = [f"| command | {' | '.join(_PEOPLE)} |", "|---" * (len(_PEOPLE) + 1) + "|"]
    rows = [row for c in registry.shown() for row in _rows(c)]
    limits = ["", "## Limits", "", _ABOUT_LIMITS, "", "| limit | in words | what it does |", "|---|---|---|"]
    limits += [f"| `{limit}` | {WORDS[limit]} | {_LIMIT_DOES[limit]} |" for limit in LIMITS]
    return "\n".join([*head, *table, *rows, *limits]) + "\n"


def _rows(command: Command) -> Iterator[str]:
    """The command's own, and one for each verb of it that asks for more."""
    wanted = tuple(each for each in (command.permission, command.also) if each)
    lines = {command.name: wanted, **{f"{command.name} {verb}": asks for verb, asks in verbs(command).items()}}
    for line, asks in lines.items():
        yield f"| `/{line}` | {' | '.join(_cell(command, asks, person) for person in _PEOPLE)} |"


def verbs(command: Command) -> Mapping[str, tuple[Permission, ...]]:
    """The verbs of a command that ask for more than it does itself, each with what is enough."""
    from hub.admin_bot.commands import organization, settings, tags, teams, workspace_fields, workspaces

    reset: Mapping[str, tuple[Permission, ...]] = {"reset": ("owner", "admin")}
    known = {"workspace": workspaces.PERMISSIONS, "organization": organization.PERMISSIONS, "2fa": reset}
    known |= {"team": teams.PERMISSIONS, "settings": settings.PERMISSIONS}
    known |= {"tags": tags.PERMISSIONS, "fields": workspace_fields.PERMISSIONS}
    return known.get(command.name, {})


def _cell(command: Command, wanted: Sequence[Permission], person: str) -> str:
    role, standing = _PEOPLE[person]
    member = Member(id=UserId(""), role=role, name="") if role else None
    if not any(allows(member, each, standing) for each in wanted):
        return "no"
    if person != "limited agent":
        return "yes"
    return "no" if command.barred else "own" if command.about != "nothing" or command.name in _LISTS else "yes"


def write_permissions(path: Path) -> None:
    """Writes the page."""
    path.write_text(permissions_markdown(), encoding="utf-8")

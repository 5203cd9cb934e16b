"""What is read from the commands: menus, the list for scripts, and the page for readers."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hub.admin_bot import registry
from hub.admin_bot.command import Scope

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
                usage, short = c.usage.replace("|", "\\|"), ", ".join(f"`/{a}`" for a in c.aliases)
                lines.append(f"| `{usage}` | {c.help} | {short} | {c.permission} |")
    return "\n".join(lines) + "\n"


def write_commands(path: Path) -> None:
    """Writes the page."""
    path.write_text(commands_markdown(), encoding="utf-8")

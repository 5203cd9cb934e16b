"""The help: what one does most where it is asked for, the rest by sections, and how each command is used."""

from __future__ import annotations

from collections.abc import Sequence

from hub.admin_bot import dispatch, manual, menus, registry
from hub.admin_bot.call import Call
from hub.admin_bot.command import Command, command
from hub.admin_bot.manual import Where
from hub.admin_bot.replies import Rows, clipped, grid
from hub.domain import aliases, desks, limits
from hub.domain.members import Permission
from hub.domain.models import Alias, Preferences
from hub.domain.names import plainly
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text

SECTION = "Account"
BACK = Button("◂ Back", "help")
_SIGNS = "/!"


@command(
    section=SECTION,
    permission="anyone",
    outside=True,
    in_place=True,
    name="help",
    usage="[COMMAND | SECTION | WORD | all]",
)
async def help_(call: Call, about: Text | None = None) -> Reply:
    """Show what you do most here; of a command, how it is used; or all that you can do."""
    mine = [c for c in registry.shown() if _usable(call, c)]
    words = " ".join(about.plain.split()) if about else ""
    first, _, rest = words.lstrip(_SIGNS).partition(" ")
    match plainly(first), plainly(rest):
        case "", _:
            return await _first(call, mine)
        case "all", "":
            return _all(call, mine)
        case "section", "all":
            return _index(mine)
        case "section", named if manual.section(named, mine):
            return _section(manual.section(named, mine), mine)
    return await _about(call, mine, words.lstrip(_SIGNS))


def _usable(call: Call, command: Command) -> bool:
    """Whether the asker's role is enough, and their limits leave it to them."""
    return dispatch.allowed(call, command) and not limits.barred(call.asker, command.barred)


async def _where(call: Call) -> Where:
    if call.asker is None:
        return "nobody"
    if call.spot.private:
        return "private"
    contact = (await desks.place_of(call.reads, call.desk.id, call.spot.thread))[0] if call.desk else None
    return "place" if contact else "home"


# -- many ------------------------------------------------------------------------------------------------------------


async def _first(call: Call, mine: Sequence[Command]) -> Reply:
    """What is done most there, and the sections to go on from."""
    where = await _where(call)
    names = {c.name for c in mine}
    lines: list[Value] = [
        {"line": line, "words": words} for line, words in manual.FIRST[where] if line[1:].split()[0] in names
    ]
    buttons = [Button(name, f"help section {name.casefold()}") for name in manual.sections(mine)]
    rows = grid([*buttons, Button("All", "help section all")])
    data: dict[str, Value] = {"where": where, "lines": lines, "explicit": await _explicit(call)}
    return Reply("help", data, rows=rows if where != "nobody" else ())


async def _explicit(call: Call) -> bool:
    """Whether plain text in a contact's place stays inside."""
    return call.asker is not None and any(p.mode == "explicit" for p in await call.reads.items(Preferences))


def _section(name: str, mine: Sequence[Command]) -> Reply:
    return _several(name, [c for c in mine if c.section == name])


def _several(title: str, those: Sequence[Command]) -> Reply:
    lines: list[Value] = [{"line": f"/{c.name}", "words": manual.brief(c)} for c in those]
    buttons = [Button(c.name, f"help {c.name}") for c in those]
    return Reply("help_section", {"title": title, "lines": lines}, rows=(*grid(buttons, 4), (BACK,)))


def _index(mine: Sequence[Command]) -> Reply:
    """The names of all, by section."""
    lines: list[Value] = [
        {"name": name, "names": [c.name for c in mine if c.section == name]} for name in manual.sections(mine)
    ]
    return Reply("help_index", {"lines": lines}, rows=((BACK,),))


def _all(call: Call, mine: Sequence[Command]) -> Reply:
    """Everything at once, for whoever asked for that."""
    data: list[Value] = [
        {"name": name, "commands": [{"usage": c.usage, "help": c.help} for c in mine if c.section == name]}
        for name in manual.sections(mine)
    ]
    return Reply("help_all", {"sections": data, "private": call.spot.private, "member": call.asker is not None})


# -- one -------------------------------------------------------------------------------------------------------------


async def _about(call: Call, mine: Sequence[Command], words: str) -> Reply:
    """What the words name: a command, an alias, a section, or commands that say them. Raises UnknownCommand."""
    first = plainly(words.split(maxsplit=1)[0])
    exact = manual.named(first)
    if exact is not None:
        return await _one(call, exact)
    alias = await _alias(call, first)
    if alias is not None:
        return Reply("help_alias", {"name": alias.name, "lines": [*alias.lines]}, rows=((BACK,),))
    section = manual.section(words, mine)
    if section:
        return _section(section, mine)
    found = manual.about(words, mine)
    if not found:
        raise registry.unknown(first)
    return await _one(call, found[0]) if len(found) == 1 else _several(f"“{clipped(words)}”", found)


async def _alias(call: Call, name: str) -> Alias | None:
    if call.asker is None:
        return None
    visible = aliases.visible_to(await call.home.items(Alias), call.asker.id)
    return next((a for a in visible if a.name == name), None)


async def _one(call: Call, found: Command) -> Reply:
    data: dict[str, Value] = {
        "usage": found.usage,
        "help": found.help,
        "example": manual.example(found, await _where(call)),
        "aliases": [f"/{a}" for a in found.aliases],
        "who": manual.asked_of([each for each in (found.permission, found.also) if each]),
        "verbs": _stricter(found),
        "private": found.private,
    }
    section = Button(f"◂ {found.section}", f"help section {found.section.casefold()}")
    rows: Rows = ((section, BACK),) if _usable(call, found) else ((BACK,),)
    return Reply("help_one", data, rows=rows)


def _stricter(found: Command) -> list[Value]:
    """The verbs of a command that ask for more than it does itself, and of whom."""
    by_whom: dict[tuple[Permission, ...], list[str]] = {}
    for verb, permissions in menus.verbs(found).items():
        by_whom.setdefault(permissions, []).append(verb)
    return [{"verbs": ", ".join(verbs), "who": manual.asked_of(whom)} for whom, verbs in by_whom.items()]


COMMANDS = (help_,)

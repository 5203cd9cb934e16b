"""Commands on aliases: words of one's own for several lines."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.admin_bot import dispatch, expanding, registry
from hub.admin_bot.arguments import did_you_mean
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import clipped, done
from hub.domain import aliases, contacts
from hub.domain.gate import command_text
from hub.domain.ids import short_id
from hub.domain.models import Alias, Facts
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Ambiguous, Invalid, NotFound, Refused

PAGE = 10
_VERBS = ("remove", "share", "page")


@command(section="Notes and replies", usage="NAME = /LINE; /LINE | NAME | remove NAME | share NAME")
async def alias(call: Call, text: Text | None = None) -> Reply:
    """Make a word stand for several lines: /alias done = /tag resolved; /close Solved.

    $1 and $2 are words typed behind it, $* the rest. It is your own until a manager's /alias share makes it
    everybody's.
    """
    words = text.plain.strip() if text else ""
    name, equals, lines = words.partition("=")
    if equals and len(name.split()) == 1:
        return await _save(call, name.strip().lstrip("/!").casefold(), lines)
    verb, _, rest = words.partition(" ")
    match verb.casefold():
        case "":
            return await _list(call)
        case "page" if rest.isdecimal():
            return await _list(call, int(rest))
        case "remove":
            return await _remove(call, rest)
        case "share":
            return await _share(call, rest)
    found = await _existing(call, words)
    return Reply("aliases", {"lines": [_shown(found)], "outward": _outward(found)})


# -- what there is ---------------------------------------------------------------------------------------------------


async def _list(call: Call, page: int = 1) -> Reply:
    every = aliases.visible_to(await call.tx.items(Alias), call.member.id)
    pages = max(1, -(-len(every) // PAGE))
    page = min(max(1, page), pages)
    here = every[(page - 1) * PAGE : page * PAGE]
    lines: list[Value] = [_shown(each) for each in here]
    turns = [("◂", page - 1)] * (page > 1) + [(f"{page}/{pages}", page)] + [("▸", page + 1)] * (page < pages)
    rows = (tuple(Button(label, f"alias page {to}") for label, to in turns),) if pages > 1 else ()
    return Reply("aliases", {"lines": lines, "outward": any(map(_outward, here))}, rows=rows)


def _shown(each: Alias) -> dict[str, Value]:
    own = each.owner is not None
    return {"name": each.name, "text": "; ".join(each.lines), "outward": _outward(each), "own": own}


def _outward(each: Alias) -> bool:
    return any(line[1:].partition(" ")[0] in expanding.OUTWARD for line in each.lines)


async def _existing(call: Call, name: str) -> Alias:
    """One that the asker may use. Raises NotFound."""
    every = aliases.visible_to(await call.tx.items(Alias), call.member.id)
    wanted = name.strip().lstrip("/!").casefold()
    known = next((a for a in every if a.name == wanted), None)
    found = await call.tx.get(Alias, known.id) if known else None
    if found is None:
        guess = did_you_mean(wanted, [a.name for a in every]) or " /alias lists them."
        raise NotFound(f"There is no alias “{clipped(name, 40)}”.{guess}" if wanted else f"Which alias?{guess}")
    return found


# -- changing them ---------------------------------------------------------------------------------------------------


async def _save(call: Call, name: str, lines: str) -> Reply:
    _fits(name)
    if not lines.strip():
        raise Invalid(f"What is it to stand for? Write its lines: /alias {name} = /tag resolved; /close Solved")
    every = await call.tx.items(Alias)
    others = [a.name for a in aliases.visible_to(every, call.member.id)]
    read = [_read(line, others) for line in aliases.split(lines)]
    known = next((a for a in every if a.name == name and a.owner == call.member.id), None)
    found = await call.tx.get(Alias, known.id) if known else None
    before = msgspec.structs.replace(found) if found else None
    if found is None:
        found = Alias(id=short_id(), name=name, lines=read, owner=call.member.id)
        call.tx.add(found)
    found.lines = read
    return await _changed(call, found, before, "saved")


def _fits(name: str) -> None:
    """Raises where a command has that name, or might be meant by it."""
    if not aliases.NAME.fullmatch(name) or name in _VERBS:
        raise Invalid(f"“{clipped(name, 40)}” cannot be an alias's name: one word, a letter first, such as done.")
    try:
        taken = registry.resolve(name).name
    except registry.UnknownCommand:
        return
    except Ambiguous as error:
        raise Refused(f"{error.text.partition(':')[0]}, so it cannot be an alias.") from error
    known = f"/{name} is a command already" + (f", /{taken}" if taken != name else "")
    raise Refused(f"{known}: choose another name.")


def _read(line: str, others: Sequence[str]) -> str:
    """The line with its command's whole name. Raises HubError where it cannot stand in an alias."""
    first = line[1:].partition(" ")[0].casefold()
    if first in others:
        raise Refused(f"/{first} is an alias itself, and an alias is made of commands.")
    found = dispatch.read(command_text(Text(line)))
    if not expanding.fits(found.command):
        raise Refused(f"/{found.command.name} cannot stand in an alias.")
    return f"/{found.command.name} {found.rest.plain}".strip()


async def _remove(call: Call, name: str) -> Reply:
    found = await _existing(call, name)
    if found.owner is None:
        dispatch.need(call, "alias remove", "manager")
    call.tx.delete(found)
    return await _changed(call, found, found, "removed")


async def _share(call: Call, name: str) -> Reply:
    dispatch.need(call, "alias share", "manager")
    found = await _existing(call, name)
    if found.owner is None:
        raise Refused(f"/{found.name} is everybody's already.")
    if any(a.name == found.name and a.owner is None for a in await call.tx.items(Alias)):
        raise Refused(f"There is one for everybody called /{found.name}: /alias remove it first.")
    before, found.owner = msgspec.structs.replace(found), None
    return await _changed(call, found, before, "shared")


async def _changed(call: Call, changed: Alias, before: Alias | None, what: str) -> Reply:
    whole = msgspec.json.encode(before).decode() if before else None
    facts: Facts = {"alias": changed.id, "name": changed.name, "what": what, "whole": whole}
    contacts.record(call.tx, "alias_changed", call.act.at, act=call.act, facts=facts)
    lines: list[Value] = [*changed.lines]
    own = changed.owner is not None
    data: dict[str, Value] = {"name": changed.name, "lines": lines, "what": what, "own": own}
    return await done(call, "alias_changed", {**data, "outward": _outward(changed)})


COMMANDS = (alias,)

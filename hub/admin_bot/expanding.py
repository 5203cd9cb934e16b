"""An alias that was typed: its lines are done one after another, as typed ones are, all of them or none."""

from __future__ import annotations

import re

from hub.admin_bot import dispatch, replies
from hub.admin_bot.arguments import nearest
from hub.admin_bot.call import Call
from hub.admin_bot.command import Command
from hub.admin_bot.dispatch import Line
from hub.domain import aliases
from hub.domain.contacts import record
from hub.domain.gate import command_text, visible
from hub.domain.models import Alias, Facts
from hub.domain.reply import Reply, Value
from hub.domain.takeback import UNDOABLE
from hub.domain.text import Text
from hub.errors import HubError, Invalid, Refused, Unavailable

OUTWARD = frozenset({"reply", "snippet", "later"})
"""Commands by which something reaches a contact."""
_NUMBER = re.compile(r"#?[0-9]{1,9}")
_UNDONE = frozenset({"refused", "stale", "not_sent", "private_only", "second_wanted", "held", "unknown_command"})
"""Answers after which nothing was done."""
_ASKING = ("_how", "_which", "_whom", "_what", "_preview", "_category", "_summary")


def fits(command: Command) -> bool:
    """Whether it may stand in an alias: what can be done in the same transaction as its neighbours."""
    dangerous = command.outside or command.private or command.hidden or bool(command.fresh)
    return not dangerous and command.name not in ("alias", "undo")


async def named(call: Call, verb: str) -> Alias | None:
    """The alias that was typed; only a whole name is one."""
    if call.asker is None:
        return None
    wanted = visible(verb.partition("@")[0]).casefold()
    every = aliases.visible_to(await call.tx.items(Alias), call.asker.id)
    return next((a for a in every if a.name == wanted), None)


async def near(call: Call, verb: str) -> list[str]:
    """Names of aliases that the word may have been meant for."""
    if call.asker is None:
        return []
    return nearest(verb, [a.name for a in aliases.visible_to(await call.tx.items(Alias), call.asker.id)], most=2)


async def do(call: Call, alias: Alias, rest: Text) -> Reply | None:
    """Does its lines. Raises HubError, after which nothing of it is done."""
    number, words = _number(call, rest.plain.strip())
    lines = [dispatch.read(command_text(Text(line))) for line in aliases.expand(alias, words)]
    for line in lines:
        if not fits(line.command):
            raise Refused(f"/{line.command.name} cannot stand in an alias. Nothing was done.")
    if any(line.command.name in OUTWARD for line in lines) and (number or call.place_contact is None):
        raise Refused(f"/{alias.name} writes to the contact, so it is typed in their place. Nothing was done.")
    call.expanded = True
    said = [await _line(call, alias, _about(line, number)) for line in lines]
    if len(lines) == 1:
        return said[0]
    return await _together(call, alias, lines, said)


def _number(call: Call, words: str) -> tuple[str, str]:
    """The conversation's number, where one comes first, and the words behind it."""
    first, _, rest = words.partition(" ")
    meant = _NUMBER.fullmatch(first) and (first.startswith("#") or call.place_contact is None)
    return (f"#{first.lstrip('#')}", rest.strip()) if meant else ("", words)


def _about(line: Line, number: str) -> Line:
    if not number or line.command.about == "nothing":
        return line
    return Line(line.command, Text(f"{number} {line.rest.plain}".strip()))


async def _line(call: Call, alias: Alias, line: Line) -> Reply | None:
    try:
        reply = await dispatch.dispatch(call, line)
    except Unavailable:
        raise
    except HubError as error:
        raise Refused(f"{error.text} {_stopped(alias, line)}") from error
    if reply is not None and (reply.template in _UNDONE or reply.ask or reply.template.endswith(_ASKING)):
        why = str(reply.data.get("text") or reply.data.get("reason") or "It is not complete.")
        raise Invalid(f"{why.rstrip('.')}. {_stopped(alias, line)}")
    return reply


def _stopped(alias: Alias, line: Line) -> str:
    words = f"/{line.command.name} {line.rest.plain}".strip()
    return f"/{alias.name} stopped at “{replies.clipped(words, 60)}”, so nothing of it was done."


async def _together(call: Call, alias: Alias, lines: list[Line], said: list[Reply | None]) -> Reply:
    """Tells all that was done, with one Undo for it."""
    done = [e.id for e in call.act.done if e.kind in UNDOABLE]
    if done:
        facts: Facts = {"events": done, "alias": alias.name}
        where = call.about_conversation.id if call.about_conversation else None
        contact = call.about_contact
        record(call.tx, "together", call.act.at, act=call.act, contact=contact, conversation=where, facts=facts)
    shown: list[Value] = [f"/{line.command.name} {line.rest.plain}".strip() for line in lines]
    reply = await replies.done(call, "alias_done", {"name": alias.name, "lines": shown})
    lasting = any(r is not None and r.lasting for r in said)
    return Reply(reply.template, reply.data, rows=reply.rows, lasting=lasting)

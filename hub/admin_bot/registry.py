"""All commands, composed here and nowhere else, and how a typed verb finds one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import cache

from hub.admin_bot.command import Command
from hub.domain.gate import visible
from hub.errors import Ambiguous, NotFound


class UnknownCommand(NotFound):
    """There is no such command.

    `verb`: what was typed; `near`: names it may have been meant for.
    """

    def __init__(self, verb: str, near: Sequence[str]) -> None:
        guess = " or ".join(f"/{name}" for name in near)
        super().__init__(f"There is no command /{verb}. {f'Did you mean {guess}?' if guess else '/help lists them.'}")
        self.verb = verb
        self.near = tuple(near)


@cache
def commands() -> tuple[Command, ...]:
    """Every command, in the order of the help; those for buttons are hidden."""
    from hub.admin_bot.commands import (
        account,
        aliases,
        assigning,
        audit,
        blocking,
        buttons,
        categories,
        channels,
        contacts,
        conversations,
        desk,
        exporting,
        failed,
        fields,
        filters,
        finding,
        forgetting,
        greetings,
        guard,
        guide,
        hours,
        importing,
        inbox,
        inviting,
        later,
        merging,
        notes,
        notices,
        organization,
        people,
        pictures,
        presence,
        rating,
        reply,
        settings,
        setup,
        snippets,
        snoozing,
        tags,
        takeback,
        teams,
        timeline,
        users,
        via,
        workspace_fields,
        workspaces,
    )

    parts = (
        assigning,
        conversations,
        snoozing,
        via,
        notes,
        reply,
        snippets,
        aliases,
        later,
        takeback,
        inbox,
        filters,
        finding,
        contacts,
        timeline,
        fields,
        blocking,
        forgetting,
        merging,
        importing,
        exporting,
        guide,
        people,
        inviting,
        users,
        teams,
        presence,
        setup,
        account,
        notices,
        workspaces,
        organization,
        channels,
        desk,
        categories,
        settings,
        audit,
        hours,
        greetings,
        rating,
        workspace_fields,
        tags,
        failed,
        pictures,
        buttons,
        guard,
    )
    every = tuple(each for part in parts for each in part.COMMANDS)
    _distinct(every)
    return every


def shown() -> tuple[Command, ...]:
    """The commands that people type."""
    return tuple(c for c in commands() if not c.hidden)


def resolve(verb: str) -> Command:
    """The command of that name or alias, or whose name alone begins so. Raises UnknownCommand or Ambiguous."""
    wanted = visible(verb.partition("@")[0]).casefold()
    for each in commands():
        if wanted in (each.name, *each.aliases):
            return each
    found = [c for c in shown() if wanted and c.name.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Ambiguous(f"/{wanted} could be " + " or ".join(f"/{c.name}" for c in found) + ": write a little more.")
    raise unknown(wanted)


def unknown(verb: str) -> UnknownCommand:
    """What is raised where there is no such command, with those it may have been meant for."""
    names = [c.name for c in shown()]
    return UnknownCommand(verb[:40], difflib.get_close_matches(verb, names, n=3, cutoff=0.7))


def behind(command: Command, word: str) -> Command | None:
    """The command that is meant where that word stands behind the verb of another one."""
    return next((c for c in commands() if c.behind == command.name and c.name == word.casefold()), None)


def _distinct(every: Sequence[Command]) -> None:
    names = [n for c in every for n in (c.name, *c.aliases)]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise ValueError(f"declared twice: {', '.join(sorted(twice))}")

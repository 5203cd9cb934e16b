"""The dialogs of all commands: each part of the inbox holds its own in a module `talks_…`, and the tests hold them all
on every desk.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from importlib import import_module
from pathlib import Path

import pytest

from tests.admin_bot.office import Talk

Hold = Callable[[Talk], Awaitable[None]]

TYPED: dict[str, Hold] = {}
"""By verb: the dialog of a command that is typed."""
PRESSED: dict[str, Hold] = {}
"""By verb: the dialog of a command by its buttons."""
WORDS_ONLY: set[str] = set()
"""Commands that no answer of ours has a button for: they are typed, or a network's own menus have them."""
SLIPS: dict[str, tuple[str, str]] = {}
"""By verb: a slip in the arguments, and what is said of it; commands are named as they are typed there."""
FREE: set[str] = set()
"""Commands whose every line is right."""


def in_ways(*ways: str) -> pytest.MarkDecorator:
    """The test is held in each of these ways, in the module's one office of each."""
    return pytest.mark.parametrize("way", ways, indirect=True, scope="module")


def some(verbs: Iterable[str]) -> list[str]:
    """Every sixth of them: for the ways that differ from another one by how a line is given, and in nothing after."""
    return sorted(verbs)[::6]


def typed(verb: str) -> Callable[[Hold], Hold]:
    """Holds the dialog of a command that is typed."""
    return _kept(TYPED, verb)


def pressed(verb: str) -> Callable[[Hold], Hold]:
    """Holds the dialog of a command by its buttons."""
    return _kept(PRESSED, verb)


def _kept(table: dict[str, Hold], verb: str) -> Callable[[Hold], Hold]:
    def keep(hold: Hold) -> Hold:
        assert verb not in table, f"{verb} has a dialog already"
        table[verb] = hold
        return hold

    return keep


def every_talk() -> None:
    """Reads the tables of all parts."""
    for path in sorted(Path(__file__).parent.glob("talks_*.py")):
        import_module(f"tests.admin_bot.{path.stem}")

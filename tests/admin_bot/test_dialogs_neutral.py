"""The dialogs are the same on every desk because nothing that holds them knows a network's name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hub
from hub.admin_bot.command import Command
from hub.admin_bot.registry import commands

_HUB = Path(hub.__file__).parent
_NAMES = re.compile("telegram|slack|messenger|aiogram|bolt|botfather", re.IGNORECASE)
_DRAWING = _HUB / "admin_bot" / "drawing.py"
"""The one place where a network's markup is chosen."""
_NEUTRAL = sorted(
    path
    for pattern in ("domain/**/*.py", "admin_bot/commands/*.py", "admin_bot/*.py")
    for path in _HUB.glob(pattern)
    if path != _DRAWING
)


@pytest.mark.parametrize("path", _NEUTRAL, ids=lambda path: str(path.relative_to(_HUB)))
def test_no_network_is_known_by_name(path: Path) -> None:
    """Neither in code nor in words: a fourth network is a new folder, and nothing here changes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [f"{n}: {line.strip()}" for n, line in enumerate(lines, 1) if _NAMES.search(line)] == []


def test_the_neutral_modules_are_looked_at() -> None:
    """Every module that declares a command is among those that must not know a network."""
    declaring = {Path(c.do.__code__.co_filename) for c in commands()}
    assert declaring
    assert declaring <= set(_NEUTRAL)
    assert {p.parent.name for p in _NEUTRAL} >= {"domain", "ports", "commands", "admin_bot"}


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_no_help_names_a_network(command: Command) -> None:
    """What is read from a command's declaration stands in every network's menu."""
    for words in (command.name, command.help, command.usage, *command.aliases):
        assert not _NAMES.search(words)

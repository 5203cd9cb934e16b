"""Tells what happens on all networks as chat lines, and keeps count of what was checked."""

from __future__ import annotations

import textwrap

from hub.demo.lines import Teller
from hub.demo.messenger_lines import MessengerLines
from hub.demo.slack_lines import SlackLines
from hub.demo.stage import Stage
from hub.demo.telegram_lines import TelegramLines

WIDTH = 110
MARGIN = 28


class Transcript:
    """Follows the worlds' changes. What was not said since the last line is said at the next `catch_up`."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.checks = 0
        self._tellers: list[Teller] = [TelegramLines(stage.scene)]
        if stage.scene.messenger is not None:
            self._tellers.append(MessengerLines(stage.scene.messenger))
        if stage.scene.slack is not None:
            self._tellers.append(SlackLines(stage.scene.slack))

    def title(self, words: str) -> None:
        """Begins a scene."""
        self.catch_up()
        _print(f"\n── {words} " + "─" * max(4, WIDTH - len(words) - 4))

    def passed(self, check: str) -> None:
        """A check that held."""
        self.catch_up()
        self.checks += 1
        _print(f"{'✓':>{MARGIN}}  {check}")

    def catch_up(self) -> None:
        """Tells what has happened since."""
        for teller in self._tellers:
            for line in teller.news():
                _tell(*line)


def _tell(where: str, words: str) -> None:
    lines = [piece for line in words.split("\n") for piece in textwrap.wrap(line, WIDTH - MARGIN - 2) or [""]]
    for number, line in enumerate(lines):
        _print(f"{where[:MARGIN] if not number else '':>{MARGIN}}  {line}".rstrip())


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the transcript is what the tour is for

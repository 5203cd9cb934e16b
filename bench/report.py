"""What was measured: a line of JSON each, and a table with the goals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

import msgspec


class Metric(msgspec.Struct, frozen=True):
    """One figure."""

    metric: str
    value: float
    unit: str


class Goal(msgspec.Struct, frozen=True):
    """At least, or at most, so much."""

    bound: float
    least: bool

    def met(self, value: float) -> bool:
        """Whether the value is within it."""
        return value >= self.bound if self.least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.bound:g}"


def at_least(bound: float) -> Goal:
    """So much, or more."""
    return Goal(bound, least=True)


def at_most(bound: float) -> Goal:
    """So much, or less."""
    return Goal(bound, least=False)


GOALS = {
    "ingest_ratio_plain": at_least(6),
    "ingest_ratio_ceiling": at_least(0.4),
    "growth_1m_over_10k": at_most(1.2),
    "workspaces_300_over_1": at_most(1.2),
    "desk_p99_ms": at_most(250),
    "commands_growth_most": at_most(1.5),
    "commands_most_examined": at_most(2500),
}
"""For ratios: both sides are measured in turn on the machine as it is, so they hold on slow and on busy ones."""


class Report:
    """Collects figures; each is written to `file` as soon as it is known, and told to `tell`."""

    def __init__(self, file: Path, tell: Callable[[str], None]) -> None:
        self.metrics: list[Metric] = []
        self.tell = tell
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")

    def add(self, metric: str, value: float, unit: str) -> None:
        """Notes one figure."""
        made = Metric(metric, float(f"{value:.4g}"), unit)
        self.metrics.append(made)
        self.tell(f"    {metric} = {made.value:g} {unit}".rstrip())
        with self._file.open("ab") as out:
            out.write(msgspec.json.encode(made) + b"\n")

    def print(self, out: TextIO) -> None:
        """The table, then the lines of JSON."""
        print("\n".join(table(self.metrics)), file=out)
        print(file=out)
        for metric in self.metrics:
            print(msgspec.json.encode(metric).decode(), file=out)


def table(metrics: Iterable[Metric]) -> list[str]:
    """The figures for a person to read."""
    rows = [(m.metric, f"{m.value:g}", m.unit, *_judged(m)) for m in metrics]
    head = ("metric", "value", "unit", "goal", "")
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [_line(row, widths) for row in (head, *rows)]
    return [lines[0], "─" * sum(widths, 8), *lines[1:]]


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    name, value, *rest = (text.ljust(width) for text, width in zip(row, widths, strict=True))
    return "  ".join((name, value.strip().rjust(len(value)), *rest)).rstrip()


def _judged(metric: Metric) -> tuple[str, str]:
    goal = GOALS.get(metric.metric)
    return (str(goal), "met" if goal.met(metric.value) else "missed") if goal else ("", "")

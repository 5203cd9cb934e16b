"""What a setting can be: how it is typed, said, and which values are offered by buttons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from hub.domain import organizations
from hub.domain.ids import TeamId
from hub.domain.models import Team
from hub.domain.timing.phrases import span
from hub.errors import Ambiguous, Invalid

Value = str | int | bool | None
Teams = Sequence[Team]
ON, OFF = ("on", "yes", "true"), ("off", "no", "never", "none", "0", "false")
YEAR = 365 * 24 * 60


class Kind(Protocol):
    """What values a setting takes."""

    def read(self, words: str, teams: Teams) -> Value:
        """The value that was typed. Raises Invalid with what would be right."""

    def said(self, value: Value, teams: Teams) -> str:
        """The value in words."""

    def offered(self, teams: Teams) -> Sequence[tuple[str, str]]:
        """Labels of buttons, and what each types."""


class Switch:
    """On or off."""

    def read(self, words: str, teams: Teams) -> bool:  # noqa: ARG002 - one signature for all
        """Raises Invalid."""
        word = words.casefold()
        if word not in (*ON, *OFF):
            raise Invalid(f"“{words[:20]}” should be on or off.")
        return word in ON

    def said(self, value: Value, teams: Teams) -> str:  # noqa: ARG002 - one signature for all
        """One word."""
        return "on" if value else "off"

    def offered(self, teams: Teams) -> Sequence[tuple[str, str]]:  # noqa: ARG002 - one signature for all
        """Both."""
        return (("On", "on"), ("Off", "off"))


class Options:
    """One of a few, each with its words; also by the beginning of it."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options

    def read(self, words: str, teams: Teams) -> str:  # noqa: ARG002 - one signature for all
        """Raises Invalid."""
        word = words.casefold()
        found = [o for o in self._options if o == word] or [o for o in self._options if o.startswith(word)]
        if len(found) != 1:
            raise Invalid(f"“{words[:20]}” should be {_either(list(self._options))}.")
        return found[0]

    def said(self, value: Value, teams: Teams) -> str:  # noqa: ARG002 - one signature for all
        """What it means."""
        return self._options.get(str(value), str(value))

    def offered(self, teams: Teams) -> Sequence[tuple[str, str]]:  # noqa: ARG002 - one signature for all
        """Each, as it is typed."""
        return [(option.capitalize(), option) for option in self._options]


class Amount:
    """A number from `least` to `most`; 0, where it may be, has a word of its own. `unit`: seconds, minutes, or none."""

    def __init__(self, most: int, offered: Sequence[int], zero: str = "", unit: str = "", least: int = 0) -> None:
        self._most, self._least, self._offered = most, least, offered
        self._zero, self._unit = zero, unit

    def read(self, words: str, teams: Teams) -> int:  # noqa: ARG002 - one signature for all
        """Raises Invalid."""
        flat = words.casefold()
        if self._zero and flat in (*OFF, self._zero):
            return 0
        number = self._number(flat)
        if number is None or not self._least <= number <= self._most:
            raise Invalid(f"“{words[:20]}” should be {self._right()}.")
        return number

    def _number(self, flat: str) -> int | None:
        bare = re.fullmatch(r"(\d{1,6})\s*(s|sec|seconds?|min|minutes?)?", flat)
        if bare is not None:
            return int(bare[1])
        lasting = span(flat) if self._unit == "min" else None
        return int(lasting.total_seconds() // 60) if lasting else None

    def _right(self) -> str:
        unit = {"s": " seconds", "min": " minutes, or such as 2h or 1d"}.get(self._unit, "")
        return f"{self._least} to {self._most}{unit}{', or off' if self._zero else ''}"

    def said(self, value: Value, teams: Teams) -> str:  # noqa: ARG002 - one signature for all
        """With its unit."""
        number = int(value or 0)
        if not number:
            return self._zero
        if self._unit != "min":
            return f"{number} {self._unit}".strip()
        return _lasting(number)

    def offered(self, teams: Teams) -> Sequence[tuple[str, str]]:
        """The likeliest."""
        return [(self.said(each, teams).capitalize(), str(each) if each else "off") for each in self._offered]


class OfTeam:
    """A team by its name, or `nobody` with a word of its own for that."""

    def __init__(self, nobody: str) -> None:
        self._nobody = nobody

    def read(self, words: str, teams: Teams) -> TeamId | None:
        """Raises Invalid or Ambiguous."""
        word = words.casefold()
        if word in (*OFF, "-", "all", "nobody", self._nobody):
            return None
        found = [t for t in teams if word in (t.id, t.name.casefold())]
        found = found or [t for t in teams if t.name.casefold().startswith(word)]
        if len(found) > 1:
            raise Ambiguous(f"“{words[:20]}” could be {_either([t.name for t in found])}: write more of it.")
        if not found:
            known = _either([t.name for t in teams]) if teams else "none yet; /team makes one"
            raise Invalid(f"There is no team “{words[:20]}”. There is {known}.")
        return found[0].id

    def said(self, value: Value, teams: Teams) -> str:
        """Its name."""
        return next((t.name for t in teams if t.id == value), self._nobody)

    def offered(self, teams: Teams) -> Sequence[tuple[str, str]]:
        """The first few, and nobody."""
        return [(self._nobody.capitalize(), "-"), *((t.name, t.id) for t in teams[:5])]


class Zone:
    """A time zone, also by its city alone."""

    def read(self, words: str, teams: Teams) -> str:  # noqa: ARG002 - one signature for all
        """Raises Invalid or Ambiguous."""
        return organizations.zone_of(words)

    def said(self, value: Value, teams: Teams) -> str:  # noqa: ARG002 - one signature for all
        """Its name."""
        return str(value)

    def offered(self, teams: Teams) -> Sequence[tuple[str, str]]:  # noqa: ARG002 - one signature for all
        """There are too many."""
        return ()


def _lasting(minutes: int) -> str:
    for size, unit in ((1440, "days"), (60, "h")):
        if minutes % size == 0 and minutes >= size:
            count = minutes // size
            return "1 day" if (count, unit) == (1, "days") else f"{count} {unit}"
    return f"{minutes} min"


def _either(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))

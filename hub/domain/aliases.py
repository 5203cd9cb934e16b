"""Aliases: one word for several lines. What they become passes the same way as if each line were typed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hub.domain.ids import UserId
from hub.domain.models import Alias
from hub.errors import Invalid

MOST_LINES = 6
LONGEST = 500
NAME = re.compile(r"[^\W\d_][\w-]{0,31}")
_NEXT = re.compile(r"\s*[;\n]\s*(?=[/!]\w)")
_PLACE = re.compile(r"\$(\*|[1-9])")


def split(text: str) -> list[str]:
    """The lines of what was typed: a semicolon parts them where a command follows. Raises Invalid."""
    lines = [line.strip().rstrip(";").rstrip() for line in _NEXT.split(text.strip())]
    if len(lines) > MOST_LINES:
        raise Invalid(f"An alias has at most {MOST_LINES} lines; this one has {len(lines)}.")
    for line in lines:
        if len(line) > LONGEST:
            raise Invalid(f"A line of an alias has at most {LONGEST} characters.")
        if not re.match(r"[/!]\w", line):
            raise Invalid(f"Each line of an alias is a command with its sign; “{line[:40]}” is none.")
    return [f"/{line[1:]}" for line in lines]


def expand(alias: Alias, words: str) -> list[str]:
    """The lines with what was typed behind the alias in its places: `$1` a word, `$*` all words behind those that have
    a place of their own. Raises Invalid where it does not fit.
    """
    places = [p for line in alias.lines for p in _PLACE.findall(line)]
    needed = max((int(p) for p in places if p != "*"), default=0)
    typed = words.split(maxsplit=needed)
    if len(typed) < needed:
        raise Invalid(f"/{alias.name} needs {needed} {'word' if needed == 1 else 'words'} behind it. Nothing was done.")
    rest = typed[needed] if len(typed) > needed else ""
    if rest and "*" not in places:
        raise Invalid(f"/{alias.name} does not know what to do with “{rest[:40]}”. Nothing was done.")
    values = {str(index): word for index, word in enumerate(typed[:needed], start=1)} | {"*": rest}
    return [_PLACE.sub(lambda m: values.get(m[1], ""), line).strip() for line in alias.lines]


def visible_to(every: Sequence[Alias], user: UserId) -> list[Alias]:
    """The aliases that somebody may use, by name: everybody's and their own, which stand for those of the same name."""
    own = {a.name for a in every if a.owner == user}
    mine = [a for a in every if a.owner == user or (a.owner is None and a.name not in own)]
    return sorted(mine, key=lambda a: a.name)

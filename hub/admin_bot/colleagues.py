"""Colleagues by name: whom a note calls, if its first word is one; and whom a line is about, with their limits."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hub.admin_bot.arguments import BadArgument, Choice, Kind, Words, matching, member_names, one_member, plainly
from hub.admin_bot.call import Call
from hub.domain import mentions
from hub.domain.limits import LIMITS, WORDS
from hub.domain.models import Limit, Member, Team
from hub.domain.text import Text


class Called(msgspec.Struct, frozen=True):
    """The colleagues that a note calls; `problem` says why a name that seems to be one calls nobody."""

    members: tuple[Member, ...] = ()
    problem: str = ""


def called(text: Text, members: Sequence[Member], teams: Sequence[Team] = ()) -> Called:
    """Reads the first word, and mentions anywhere. Only a whole name calls: the beginning of one may be any word."""
    found = mentions.read(text, members, teams)
    first = _first(text, members, teams)
    everyone = tuple({m.id: m for m in (*first.members, *found.members)}.values())
    if first.problem or not found.unclear:
        return Called(everyone, first.problem)
    return Called(everyone, f"Several colleagues are called {found.unclear[0]}, so none of them was called.")


def _first(text: Text, members: Sequence[Member], teams: Sequence[Team]) -> Called:
    word = next(iter(text.plain.split(maxsplit=1)), "").rstrip(",.;:!?")
    team = mentions.team_called(word, teams) if word else None
    if team is not None:
        ours = tuple(m for m in members if m.id in team.members)
        return Called(ours) if ours else Called(problem=f"Nobody is in the team {team.name}, so nobody was called.")
    by_account = any(s.kind == "mention" and s.value and s.start == 0 for s in text.spans)
    return Called() if by_account or not plainly(word.removeprefix("@")) else _by_name(word, members)


def _by_name(word: str, members: Sequence[Member]) -> Called:
    name = plainly(word.removeprefix("@"))
    found = [m for m in members if name in [plainly(n) for n in member_names(m)]]
    if len(found) == 1:
        return Called((found[0],))
    if found:
        return Called(problem=f"Several colleagues are called {word}, so nobody was called: write @username.")
    names = [n for m in members for n in member_names(m)]
    near = difflib.get_close_matches(name, [plainly(n) for n in names], n=1, cutoff=0.75)
    if not word.startswith("@") and not near:
        return Called()
    meant = next((n for n in names if near and plainly(n) == near[0]), "")
    guess = f" Did you mean {meant}?" if meant else ""
    return Called(problem=f"Nobody here is called {word}, so nobody was called.{guess}")


# -- whom a line is about ---------------------------------------------------------------------------------------------


class Colleague(msgspec.Struct, frozen=True):
    """A member of the workspace."""

    member: Member


class Limits(msgspec.Struct, frozen=True):
    """What an agent is to be limited to."""

    given: tuple[Limit, ...]


class ColleagueKind:
    """A mention, a name of one or several words, or the beginning of one."""

    def label(self, name: str) -> str:  # noqa: ARG002 - one signature for all kinds
        """Who."""
        return "NAME"

    async def read(self, call: Call, words: Words) -> Colleague | None:
        """Finds the colleague; several of the same name are offered."""
        return Colleague(member_named(words, await call.home.items(Member))) if words.peek() else None


def member_named(words: Words, members: Sequence[Member]) -> Member:
    """The colleague whom the next words mean. Raises BadArgument."""
    mention = words.take_mention()
    if mention is not None:
        return one_member(mention[0], members, mention[1])
    typed = [plainly(w) for w in words.rest().plain.split()]
    names = [(m, [plainly(w) for w in m.name.split()]) for m in members]
    whole = [(m, name) for m, name in names if len(name) > 1 and typed[: len(name)] == name]
    if len(whole) != 1:
        return one_member(words.take(), members)
    for _ in whole[0][1]:
        words.take()
    return whole[0][0]


class LimitsKind:
    """Limits, each by its name or the beginning of one, to the end of the line."""

    def label(self, name: str) -> str:  # noqa: ARG002 - one signature for all kinds
        """Several words."""
        return "limits…"

    async def read(self, call: Call, words: Words) -> Limits | None:  # noqa: ARG002 - one signature for all kinds
        """Finds them."""
        return Limits(limits_named(words)) if words.peek() else None


def limits_named(words: Words) -> tuple[Limit, ...]:
    """The limits that the rest of the line names. Raises BadArgument."""
    found: list[Limit] = []
    while words.peek():
        word = words.take()
        meant = matching(word.replace("-", "_"), [(limit, [limit]) for limit in LIMITS])
        if len(meant) != 1:
            known = [Choice(WORDS[limit], limit) for limit in LIMITS]
            raise BadArgument(f"“{word[:40]}” is no limit; there are {', '.join(LIMITS)}.", word, known)
        found.append(meant[0])
    return tuple(found)


KINDS: Mapping[Any, Kind] = {Colleague: ColleagueKind(), Limits: LimitsKind()}

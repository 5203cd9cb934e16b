"""Colleagues by name: whom a note calls, if its first word is one; and whom a line is about, with their limits."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hub.admin_bot.arguments import BadArgument, Choice, Kind, Words, matching, member_names, one_member, plainly
from hub.admin_bot.call import Call
from hub.domain.limits import LIMITS, WORDS
from hub.domain.models import Limit, Member
from hub.domain.text import Text


class Called(msgspec.Struct, frozen=True):
    """The colleagues that a note calls; `problem` says why a name that seems to be one calls nobody."""

    members: tuple[Member, ...] = ()
    problem: str = ""


def called(text: Text, members: Sequence[Member]) -> Called:
    """Reads the first word, or a mention by account. Only a whole name calls: the beginning of one may be any word."""
    mentioned = {s.value for s in text.spans if s.kind == "mention" and s.value and s.start == 0}
    known = [m for m in members if mentioned & {*m.identities}]
    if known:
        return Called((known[0],))
    word = next(iter(text.plain.split(maxsplit=1)), "").rstrip(",.;:!?")
    name = plainly(word.removeprefix("@"))
    if not name:
        return Called()
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

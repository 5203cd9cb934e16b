"""Whom a note calls: its first word, if that is a colleague's name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import msgspec

from hub.admin_bot.arguments import member_names, plainly
from hub.domain.models import Member
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

"""Whom something is given to: oneself, a colleague, a team or nobody; and teams by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from hub.admin_bot.arguments import (
    MINUS,
    BadArgument,
    Choice,
    Kind,
    Words,
    did_you_mean,
    matching,
    member_names,
    one_member,
    plainly,
)
from hub.admin_bot.call import Call
from hub.domain.models import Member, Team

T = TypeVar("T")
_NOBODY = ("nobody", "none")
OFFERED = 6


class Assignee(msgspec.Struct, frozen=True):
    """Whom to give something to: a member, a team's inbox, or, with neither, nobody."""

    member: Member | None = None
    team: Team | None = None


class TeamChoice(msgspec.Struct, frozen=True):
    """A team of the workspace."""

    team: Team


class AssigneeKind:
    """`me`, `-`, `@user`, a name of one or several words, or the beginning of one; of a colleague or a team."""

    def label(self, name: str) -> str:  # noqa: ARG002 - one signature for all kinds
        """One word."""
        return "me | @user | team | -"

    async def read(self, call: Call, words: Words) -> Assignee | None:
        """Finds the colleague or the team; several of the same name are offered."""
        if not words.peek():
            return None
        members, teams = await call.tx.items(Member), await call.tx.items(Team)
        mention = words.take_mention()
        if mention is not None:
            return Assignee(one_member(mention[0], members, mention[1]))
        if words.peek() in MINUS or plainly(words.peek()) in _NOBODY:
            words.take()
            return Assignee()
        if plainly(words.peek()) == "me":
            words.take()
            return Assignee(call.member)
        return _assignee(words, members, teams)


def _assignee(words: Words, members: Sequence[Member], teams: Sequence[Team]) -> Assignee:
    named = [
        *(Named(Assignee(m), [m.id, *m.identities], member_names(m)) for m in members),
        *(Named(Assignee(team=t), [t.id], [t.name]) for t in teams),
    ]
    found, word = found_by(words, named)
    if len(found) == 1:
        return found[0]
    offered = found or [Assignee(m) for m in members] + [Assignee(team=t) for t in teams]
    choices = [_offered(each) for each in offered[:OFFERED]]
    if found:
        kinds = "colleagues" if all(f.member for f in found) else "colleagues or teams"
        raise BadArgument(f"“{word}” could be several {kinds}. Which one?", word, choices)
    guess = did_you_mean(word, [m.name for m in members] + [t.name for t in teams])
    nobody = "Nobody here, and no team, is called" if teams else "Nobody here is called"
    raise BadArgument(f"{nobody} “{word}”.{guess}", word, choices)


def _offered(each: Assignee) -> Choice:
    if each.team is not None:
        return Choice(f"👥 {each.team.name}", each.team.id)
    member = each.member
    if member is None:
        return Choice("Nobody", "-")
    return Choice(f"{member.name} @{member.username}" if member.username else member.name, member.id)


class Named(msgspec.Struct, Generic[T], frozen=True):
    """Something that a line can name: by its ids, as buttons do, or by its names."""

    meant: T
    ids: Sequence[str]
    names: Sequence[str]


def found_by(words: Words, named: Sequence[Named[T]]) -> tuple[list[T], str]:
    """Reads what the next words name: an id, the longest whole name, else what the next word means; and the word."""
    typed = [plainly(w) for w in words.rest().plain.split()]
    whole = [(n.meant, len(part)) for n in named for part in _parted(n.names) if typed[: len(part)] == part]
    longest = max((length for _, length in whole), default=0)
    if longest > 1:
        said = " ".join([words.take() for _ in range(longest)])
        return [meant for meant, length in whole if length == longest], said
    word = words.take()
    by_id = [n.meant for n in named if word in n.ids]
    return by_id or matching(word.removeprefix("@"), [(n.meant, n.names) for n in named]), word


def _parted(names: Sequence[str]) -> list[list[str]]:
    return [[plainly(w) for w in name.split()] for name in names]


class Taken(msgspec.Struct, frozen=True):
    """The word `take`: what is found is claimed at once."""


class TakenKind:
    """Reads `take`, and no other word."""

    def label(self, name: str) -> str:  # noqa: ARG002 - one signature for all kinds
        """One word."""
        return "take"

    async def read(self, call: Call, words: Words) -> Taken | None:  # noqa: ARG002 - one signature for all kinds
        """The word, if it is there."""
        if plainly(words.peek()) != "take":
            return None
        words.take()
        return Taken()


class TeamKind:
    """A team's name of one or several words, or the beginning of one."""

    def label(self, name: str) -> str:  # noqa: ARG002 - one signature for all kinds
        """Which."""
        return "TEAM"

    async def read(self, call: Call, words: Words) -> TeamChoice | None:
        """Finds the team."""
        if not words.peek():
            return None
        return TeamChoice(team_named(words, await call.home.items(Team)))


def team_named(words: Words, teams: Sequence[Team]) -> Team:
    """The team that the next words mean. Raises BadArgument."""
    found, word = found_by(words, [Named(t, [t.id], [t.name]) for t in teams])
    if len(found) == 1:
        return found[0]
    choices = [Choice(t.name, t.id) for t in (found or teams)[:OFFERED]]
    if found:
        raise BadArgument(f"“{word}” could be several teams. Which one?", word, choices)
    guess = did_you_mean(word, [t.name for t in teams]) or ("" if teams else " There is none yet: /team create Sales.")
    raise BadArgument(f"There is no team “{word}”.{guess}", word, choices)


KINDS: Mapping[Any, Kind] = {Assignee: AssigneeKind(), Taken: TakenKind(), TeamChoice: TeamKind()}

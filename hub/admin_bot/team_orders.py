"""What a line about teams asks for: the argument of /team, whose words depend on its verb."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import msgspec

from hub.admin_bot.arguments import BadArgument, Choice, Kind, Words, matching, plainly
from hub.admin_bot.assignees import team_named
from hub.admin_bot.call import Call
from hub.admin_bot.colleagues import member_named
from hub.domain.models import Member, Team

Verb = Literal["create", "add", "remove", "rename", "delete", "list"]
VERBS: tuple[Verb, ...] = get_args(Verb)


class TeamOrder(msgspec.Struct, frozen=True):
    """What to do with a team; without a verb: show it. `name`: for a new one, or a new name."""

    verb: Verb | None
    team: Team | None = None
    members: tuple[Member, ...] = ()
    name: str = ""
    page: int = 1


class TeamOrderKind:
    """A verb and what belongs to it, or a team's name."""

    def label(self, name: str) -> str:  # noqa: ARG002 - one signature for all kinds
        """All there is."""
        return "TEAM | create NAME | add TEAM USER… | remove TEAM USER… | rename TEAM NAME | delete TEAM"

    async def read(self, call: Call, words: Words) -> TeamOrder | None:
        """Reads it to the end of the line."""
        teams = await call.tx.items(Team)
        if not words.peek():
            return None
        verb = _verb(words.peek(), teams)
        if verb is not None:
            words.take()
        if verb not in (None, "list") and not call.may("manager"):
            words.take_rest()
            return TeamOrder(verb)  # who may not, need not know what else is wrong
        if verb == "list":
            return TeamOrder(verb, page=_page(words))
        if verb == "create":
            return TeamOrder(verb, name=words.take_rest().plain)
        team = _team(words, teams)
        if verb == "rename":
            return TeamOrder(verb, team, name=words.take_rest().plain)
        members = await call.tx.items(Member)
        return TeamOrder(verb, team, members=_members(words, members) if verb in ("add", "remove") else ())


def _verb(word: str, teams: Sequence[Team]) -> Verb | None:
    """The verb that the word is or, where no team is called so, begins."""
    exact = next((v for v in VERBS if plainly(word) == v), None)
    if exact is not None or matching(word, [(t, [t.name]) for t in teams]):
        return exact
    begun = matching(word, [(v, [v]) for v in VERBS])
    return begun[0] if len(begun) == 1 else None


def _page(words: Words) -> int:
    word = words.take()
    return int(word) if word.isascii() and word.isdigit() and len(word) < 5 else 1


def _team(words: Words, teams: Sequence[Team]) -> Team:
    if words.peek():
        return team_named(words, teams)
    if not teams:
        raise BadArgument("There is no team yet: /team create Sales.")
    raise BadArgument("Which team?", "", [Choice(t.name, t.id) for t in teams[:6]])


def _members(words: Words, everyone: Sequence[Member]) -> tuple[Member, ...]:
    found: list[Member] = []
    while words.peek():
        found.append(member_named(words, everyone))
    return tuple(found)


KINDS: Mapping[Any, Kind] = {TeamOrder: TeamOrderKind()}

"""Mentions: which colleagues and teams a text calls by an at sign, or by their accounts where the network says so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

import msgspec

from hub.domain.ids import Identity
from hub.domain.models import Member, Team
from hub.domain.text import Text, seen

_AT = re.compile(r"(?<![\w.@/+-])@(\w[\w.-]*)")
_ALL = frozenset({"here", "channel", "everyone", "all", "team"})
"""What calls everybody in a chat; contacts have no such words."""


class Mentions(msgspec.Struct, frozen=True):
    """Whom a text mentions.

    `words`: the mentions as they are written; `unclear`: those of them that could mean several colleagues.
    """

    members: tuple[Member, ...] = ()
    words: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


def member_names(member: Member) -> list[str]:
    """What a colleague may be called."""
    first = member.name.split(maxsplit=1)[:1]
    return [n for n in (member.name, *first, member.username) if n]


def read(
    text: Text, members: Sequence[Member], teams: Sequence[Team] = (), ours: Collection[Identity] = ()
) -> Mentions:
    """Finds them. Only whole names count. `ours`: accounts that are no colleague's though they are mentioned, such as
    the contact's.
    """
    found: dict[str, Member] = {}
    words: list[str] = []
    unclear: list[str] = []
    for word, identity in _marks(text):
        meant = [m for m in members if identity in m.identities] if identity else _meant(word, members, teams)
        several = not identity and len(meant) > 1 and not _is_team(word, teams)
        if several:
            unclear.append(word)
        elif meant:
            found.update({m.id: m for m in meant})
        if meant or (identity and identity not in ours) or _key(word) in _ALL or _is_team(word, teams):
            words.append(word)
    return Mentions(tuple(found.values()), tuple(dict.fromkeys(words)), tuple(unclear))


def _marks(text: Text) -> Iterator[tuple[str, str]]:
    """Each mention as it is written, and whose account the network says it is."""
    spans = [s for s in text.spans if s.kind == "mention" and s.value]
    for span in spans:
        yield text.plain[span.start : span.end], span.value
    rest = "".join(c if not any(s.start <= i < s.end for s in spans) else " " for i, c in enumerate(text.plain))
    for match in _AT.finditer(seen(rest)):
        yield match.group().rstrip(".-"), ""


def _meant(word: str, members: Sequence[Member], teams: Sequence[Team]) -> list[Member]:
    key = _key(word)
    called = [m for m in members if key in map(_key, member_names(m))]
    if called:
        return called
    ids = {id for t in teams if _key(t.name) == key for id in t.members}
    return [m for m in members if m.id in ids]


def _is_team(word: str, teams: Sequence[Team]) -> bool:
    return any(_key(t.name) == _key(word) for t in teams)


def team_called(word: str, teams: Sequence[Team]) -> Team | None:
    """The team of that name; its words may be joined."""
    return next((t for t in teams if _key(t.name) == _key(word)), None)


def _key(word: str) -> str:
    """A name for comparing: `@Tech-Support` and `Tech Support` are one."""
    return re.sub(r"[\s._-]+", "", word.removeprefix("@").casefold())

"""The names that filters use: what there is in a workspace, and who asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from hub.domain.finding.conditions import Finds, Wrong
from hub.domain.finding.grammar import Value
from hub.domain.finding.times import Clock
from hub.domain.ids import TeamId
from hub.domain.mentions import member_names
from hub.domain.models import (
    Category,
    ChannelItem,
    Field,
    Item,
    Member,
    Preferences,
    SavedFilter,
    Tag,
    Team,
)
from hub.domain.names import matching, nearest, plainly
from hub.domain.ports import Reads

T = TypeVar("T")
MOST_LISTED = 8
"""Names that a mistake lists."""
NOBODY = frozenset({"none", "nobody", "no", "-", "\u2013", "\u2014"})
"""What says that there is none."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the names in a filter can mean to who asks."""

    finds: Finds
    member: Member
    clock: Clock
    members: Sequence[Member] = ()
    teams: Sequence[Team] = ()
    tags: Sequence[Tag] = ()
    channels: Sequence[ChannelItem] = ()
    categories: Sequence[Category] = ()
    fields: Sequence[Field] = ()
    filters: Sequence[SavedFilter] = ()
    """Those that the member may use."""

    @property
    def own_teams(self) -> frozenset[TeamId]:
        """The teams that the member is in."""
        return frozenset(team.id for team in self.teams if self.member.id in team.members)


async def known(reads: Reads, member: Member, clock: Clock, finds: Finds) -> Known:
    """Reads the names from the catalog. The clock's zone is the member's own, else the workspace's."""
    preferences = next(iter(await reads.items(Preferences)), None)
    zone = member.time_zone or (preferences.time_zone if preferences else "") or clock.zone
    teams = await reads.items(Team)
    filters = await reads.items(SavedFilter)
    return Known(
        finds=finds,
        member=member,
        clock=Clock(clock.at, zone),
        members=await reads.items(Member),
        teams=teams,
        tags=await reads.items(Tag),
        channels=await reads.items(ChannelItem),
        categories=await reads.items(Category),
        fields=await reads.items(Field),
        filters=[f for f in filters if usable(f, member, teams)],
    )


def usable(saved: SavedFilter, member: Member, teams: Sequence[Team]) -> bool:
    """Whether a saved filter is the member's own or shared with them."""
    if saved.owner == member.id or saved.shared == "public":
        return True
    mine = {team.id for team in teams if member.id in team.members}
    return saved.shared == "some" and (member.id in saved.users or not mine.isdisjoint(saved.teams))


def one(value: Value, items: Sequence[T], names: Sequence[Sequence[str]], what: str, others: Sequence[str] = ()) -> T:
    """The one item that a value names. `others`: what else would have been right. Raises Wrong."""
    listed = list(zip(items, names, strict=True))
    found = matching(value.text, listed) or matching(_spaced(value.text), listed)
    if len(found) == 1:
        return found[0]
    if found:
        labels = [name[0] for item, name in zip(items, names, strict=True) if item in found]
        raise Wrong(f"“{value.text}” could be {_listed(labels)}.", value.where)
    called = [*names, *([other] for other in others)]
    raise Wrong(f"There is no {what} “{value.text}”.{_guess(value.text, called)}", value.where)


def _spaced(text: str) -> str:
    """A name of several words is written with underscores."""
    return " ".join(text.replace("_", " ").split()) or text


def guess(text: str, labels: Sequence[str]) -> str:
    """What was meant, or what there is where that is little."""
    return _guess(text, [[label] for label in labels])


def _guess(text: str, names: Sequence[Sequence[str]]) -> str:
    """The same of what has several names, each by the first; a word of one is enough to be near it."""
    labels = [each[0] for each in names]
    parts = {plainly(part): each[0] for each in reversed(names) for name in each for part in name.split()}
    known = {**parts, **{plainly(name): each[0] for each in names for name in each}}
    near = dict.fromkeys(known[plainly(found)] for found in nearest(_spaced(text), list(known)))
    if near:
        return f" Did you mean {_listed(list(near))}?"
    return f" There is {_listed(labels, 'and')}." if 0 < len(labels) <= MOST_LISTED else ""


def _listed(labels: Sequence[str], word: str = "or") -> str:
    shown = [label.replace(" ", "_") for label in labels[:MOST_LISTED]]
    return f" {word} ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def members_named(values: Sequence[Value], known: Known) -> list[Member | None]:
    """Colleagues; None stands for nobody."""
    found: list[Member | None] = []
    for value in values:
        plain = value.text.casefold()
        if plain in NOBODY:
            found.append(None)
        elif plain == "me":
            found.append(known.member)
        else:
            names = [member_names(m) for m in known.members]
            bare = Value(value.text.removeprefix("@"), value.where)
            found.append(one(bare, known.members, names, "colleague"))
    return found


def named(values: Sequence[Value], items: Sequence[T], what: str, others: Sequence[str] = ()) -> list[T | None]:
    """Items of the catalog by their names (or ids, as buttons say them); None stands for none. `others`: what else
    would have been right.
    """
    found: list[T | None] = []
    for value in values:
        by_id = [item for item in items if isinstance(item, Item) and item.id == value.text]
        if by_id or value.text.casefold() not in NOBODY:
            called = [getattr(item, "name", "") for item in items]
            names = [[name, name.removeprefix("@")] for name in called]
            found.append(by_id[0] if by_id else one(value, items, names, what, others))
        else:
            found.append(None)
    return found

"""How much a workspace has of something: exactly where that is soon counted, else about, in a round number."""

from __future__ import annotations

import msgspec

from hub.domain.models import Record
from hub.domain.ports import Workspace

SOON = 10_000
"""Records that are counted one by one; where there are more, nobody waits for it."""


class Amount(msgspec.Struct, frozen=True):
    """So many; not `exact`: about so many."""

    count: int
    exact: bool = True

    def __str__(self) -> str:
        return f"{'' if self.exact else 'about '}{self.count:,}"


async def amount(workspace: Workspace, *kinds: type[Record]) -> Amount:
    """How much there is of all of one kind, or of several that are kept together."""
    about = await workspace.about(kinds[0])
    if about > SOON:
        return Amount(rounded(about), exact=False)
    return Amount(sum([await workspace.count(kind, {}) for kind in kinds]))


def rounded(count: int) -> int:
    """The number with two digits that say something."""
    return round(count, 2 - len(str(count)))

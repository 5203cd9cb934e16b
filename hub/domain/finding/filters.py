"""Deeds on saved filters: inboxes and segments. Whoever made one changes it; workspaces' owners may take any away."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

import msgspec

from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.finding.compiling import compiled
from hub.domain.finding.conditions import Finds
from hub.domain.finding.known import Known, usable
from hub.domain.ids import TeamId, UserId
from hub.domain.models import Facts, Member, Recent, SavedFilter, Team
from hub.domain.names import plainly
from hub.domain.ports import Tx
from hub.domain.text import as_name
from hub.errors import Invalid, NotAllowed, NotFound, Refused

MOST = 500
LONGEST_NAME = 40
KEPT = 12
"""Filters that are remembered of each user for the buttons under their answers."""
_TAKEN = frozenset(
    {"all", "mine", "unassigned", "team", "teams", "blocked", "snoozed", "closed", "open", "none", "me", "nobody"}
    | {"save", "share", "rename", "remove", "waiting", "any"}
)


class Sharing(msgspec.Struct, frozen=True):
    """Who may use a saved filter beside its maker."""

    shared: Literal["private", "public", "some"]
    users: tuple[UserId, ...] = ()
    teams: tuple[TeamId, ...] = ()


async def save(tx: Tx, act: Act, name: str, text: str, known: Known) -> SavedFilter:
    """Keeps a filter under a name; one's own of that name is replaced. Raises Mistake, Invalid, Refused."""
    asked = compiled(text, known)
    called = _named(name)
    id = id_of(known.finds, called)
    saved = await tx.get(SavedFilter, id)
    if saved is not None and saved.owner != act.member.id:
        raise _taken(saved)
    if saved is None:
        if len(await tx.items(SavedFilter)) >= MOST:
            raise Refused(f"There are {MOST} saved filters already; remove one first.")
        saved = SavedFilter(id=id, name=called, finds=known.finds, text=asked.text, owner=act.member.id)
        tx.add(saved)
    before, saved.text = saved.text, asked.text
    _note(tx, act, "filter_saved", saved, {"before": before, "after": asked.text})
    return saved


async def share(tx: Tx, act: Act, id: str, sharing: Sharing) -> SavedFilter:
    """Says who else may use it. Raises NotAllowed, NotFound."""
    saved = await _own(tx, act, id)
    before = saved.shared
    saved.shared, saved.users, saved.teams = sharing.shared, [*sharing.users], [*sharing.teams]
    _note(tx, act, "filter_shared", saved, {"before": before, "after": saved.shared})
    return saved


async def rename(tx: Tx, act: Act, id: str, name: str) -> tuple[SavedFilter, str]:
    """Calls it otherwise; gives what it was called. Raises NotAllowed, NotFound, Refused."""
    saved = await _own(tx, act, id)
    called = _named(name)
    new, before = id_of(saved.finds, called), saved.name
    other = await tx.get(SavedFilter, new)
    if other is not None and other.id != saved.id:
        raise _taken(other)
    renamed = msgspec.structs.replace(saved, id=new, name=called)
    tx.delete(saved)
    tx.add(renamed)
    _note(tx, act, "filter_renamed", renamed, {"before": before, "after": called})
    return renamed, before


async def remove(tx: Tx, act: Act, id: str) -> SavedFilter:
    """Takes it away. Raises NotAllowed, NotFound."""
    saved = await _own(tx, act, id, owners_too=True)
    tx.delete(saved)
    _note(tx, act, "filter_removed", saved, {"text": saved.text})
    return saved


async def remember(tx: Tx, member: Member, texts: Sequence[str]) -> None:
    """Keeps filters under their short names, so that a button can name them."""
    id = recent_id(member)
    recent = await tx.get(Recent, id)
    if recent is None:
        recent = Recent(id=id)
        tx.add(recent)
    kept = {key: text for key, text in recent.texts.items() if text not in texts}
    recent.texts = dict(list({**kept, **{key_of(text): text for text in texts}}.items())[-KEPT:])


def recent_id(member: Member) -> str:
    """Under which id a member's recent filters are."""
    return f"recent:{member.id}"


def key_of(text: str) -> str:
    """A filter's short name."""
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def said(saved: SavedFilter) -> str:
    """What kind it is."""
    return "inbox" if saved.finds == "conversations" else "segment"


def id_of(finds: Finds, name: str) -> str:
    """A saved filter's id, made of its name: so there are never two of one name."""
    return hashlib.blake2b(f"{finds} {plainly(name)}".encode(), digest_size=5).hexdigest()


def _taken(saved: SavedFilter) -> Refused:
    kind = "an inbox" if saved.finds == "conversations" else "a segment"
    return Refused(f"There is {kind} called {saved.name} already. Choose another name.")


def _named(name: str) -> str:
    called = as_name(name)
    if not called or len(called) > LONGEST_NAME:
        raise Invalid(f"A filter's name has 1 to {LONGEST_NAME} characters.")
    if plainly(called) in _TAKEN or set(called) & set(":<>=()|,"):
        raise Invalid(f"“{called}” means something else already. Choose another name.")
    return called


async def _own(tx: Tx, act: Act, id: str, *, owners_too: bool = False) -> SavedFilter:
    saved = await tx.get(SavedFilter, id)
    if saved is None or not (usable(saved, act.member, await tx.items(Team)) or act.member.role == "owner"):
        raise NotFound("That filter is gone.")
    if saved.owner == act.member.id or (owners_too and act.member.role == "owner"):
        return saved
    maker = await tx.get(Member, saved.owner)
    who = f"{maker.name}, who made it, can" if maker else "an owner can remove it"
    raise NotAllowed(f"{saved.name} is not yours: {who}{' change it' if maker else ''}.")


def _note(tx: Tx, act: Act, kind: str, saved: SavedFilter, facts: Facts) -> None:
    record(tx, kind, act.at, act=act, facts={"filter": saved.id, "name": saved.name, "finds": saved.finds, **facts})

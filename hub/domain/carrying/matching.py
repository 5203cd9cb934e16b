"""Who of a file's rows is in the workspace already: found by the index, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hub.domain.carrying.rows import Draft
from hub.domain.finding.terms import digits_of
from hub.domain.finding.words import folded
from hub.domain.models import Contact
from hub.domain.ports import Cond, Query, Reads

Key = tuple[str, str]
"""A kind of identifier, and the value."""
Known = Mapping[Key, Sequence[Contact]]


async def known(reads: Reads, drafts: Iterable[Draft]) -> Known:
    """All contacts that have one of the rows' identifiers, by identifier."""
    keys = {draft.key for draft in drafts if draft.key is not None and not draft.problem}
    found: dict[Key, list[Contact]] = {}
    for contact in await _contacts(reads, keys):
        for key in (("id", contact.id), ("phone", contact.phone), ("email", contact.email)):
            if key in keys and contact.merged_into is None:
                found.setdefault((key[0], str(key[1])), []).append(contact)
    return found


async def _contacts(reads: Reads, keys: Iterable[Key]) -> list[Contact]:
    ids = sorted(value for kind, value in keys if kind == "id")
    terms = sorted(term(key) for key in keys if key[0] != "id")
    found = await reads.query(Contact, Query(where={"id": Cond("in", ids)})) if ids else []
    if terms:
        found += await reads.query(Contact, Query(where={"terms": Cond("in", terms)}))
    return list({contact.id: contact for contact in found}.values())


def term(key: Key) -> str:
    """By which the index finds who has that identifier, and perhaps others."""
    kind, value = key
    return f"p:{digits_of(value)}" if kind == "phone" else f"m:{folded(value)[:120]}"

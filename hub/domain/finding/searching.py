"""What a filter finds, by pages: straight from an index where that is all it asks, else by looking at candidates."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from hub.domain.finding.compiling import Asked
from hub.domain.finding.conditions import Case, Finds, Start
from hub.domain.finding.walking import BUDGET, Plan, contacts, conversations, planned, wheres, with_contacts
from hub.domain.models import Contact, Conversation
from hub.domain.ports import Cond, Query, Reads

MOST = 1000
"""Hits that are counted; whoever has more is to ask more exactly."""
WALKED = 250
"""The same, where each has to be looked at, and no others can come before them."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_EVER = datetime.min.replace(tzinfo=UTC)


class Found(msgspec.Struct, frozen=True):
    """A page of hits. `more`: there are more than `total`; `cut`: not all that could fit was looked at."""

    cases: list[Case]
    total: int
    page: int
    pages: int
    more: bool = False
    cut: bool = False


async def search(reads: Reads, asked: Asked, finds: Finds, size: int) -> Found:
    """The page that was asked for, or the last one."""
    where = _exact(asked, finds)
    if where is None:
        return await _walk(reads, asked, finds, size)
    kind = Conversation if finds == "conversations" else Contact
    total = await reads.count(kind, where, limit=MOST)
    page, pages = _paged(asked.page, total, size)
    field = "number" if finds == "conversations" else "id"
    order = f"-{field}" if _newest(asked, finds) else field
    found: Sequence[Any] = await reads.query(kind, Query(where=where, order=order, limit=size, skip=(page - 1) * size))
    cases = await with_contacts(reads, found) if finds == "conversations" else [Case(c, None) for c in found]
    return Found(cases, total, page, pages, more=total >= MOST)


def _paged(wanted: int, total: int, size: int) -> tuple[int, int]:
    pages = max(1, -(-total // size))
    return min(wanted, pages), pages


def _newest(asked: Asked, finds: Finds) -> bool:
    """Open conversations are listed as they came; all else, the newest first."""
    if asked.sort in ("old", "new"):
        return asked.sort == "new"
    return finds == "contacts" or asked.condition.states != frozenset({"open"})


def _exact(asked: Asked, finds: Finds) -> dict[str, object] | None:
    """The one question whose answer is just what was asked for, in its order; None: there is none."""
    condition = asked.condition
    if not condition.exact or asked.sort not in ("", "old", "new") or len(condition.choices) > 1:
        return None
    if finds == "contacts" and (condition.conversation or not condition.choices):
        return None
    cover = condition.choices[0] if condition.choices else (Start("conversations"),)
    if len(cover) != 1 or cover[0].of != finds or cover[0].between:
        return None
    found = wheres(cover[0], condition)
    return found[0] if found else {"id": Cond("in", [])}


async def _walk(reads: Reads, asked: Asked, finds: Finds, size: int) -> Found:
    newest = _newest(asked, finds)
    plan = await planned(reads, asked.condition, finds, newest=newest)
    batches = conversations(reads, plan) if finds == "conversations" else contacts(reads, plan)
    in_order = plan.ordered and asked.sort in ("", "old", "new")
    most = WALKED if in_order else MOST
    hits, cut = await _hits(batches, asked, plan, most)
    if not in_order:
        hits = _sorted(hits, asked, finds, newest=newest)
    page, pages = _paged(asked.page, len(hits), size)
    shown = hits[(page - 1) * size : page * size]
    if finds == "conversations":
        shown = await with_contacts(reads, [case.conversation for case in shown if case.conversation])
    return Found(shown, len(hits), page, pages, more=cut or len(hits) >= most, cut=cut)


async def _hits(
    batches: AsyncGenerator[list[Case], None], asked: Asked, plan: Plan, most: int
) -> tuple[list[Case], bool]:
    """What fits of the candidates, and whether some were not looked at."""
    hits: list[Case] = []
    async with aclosing(batches):
        async for batch in batches:
            hits += [case for case in batch if asked.condition.holds(case)]
            if len(hits) >= most:
                return hits[:most], False
            if plan.read >= BUDGET:
                return hits, True
    return hits, False


def _sorted(hits: list[Case], asked: Asked, finds: Finds, *, newest: bool) -> list[Case]:
    key = _KEYS.get(asked.sort)
    if key is not None:
        return sorted(hits, key=key)
    if finds == "contacts":
        return sorted(hits, key=lambda case: case.contact.id, reverse=newest)
    return sorted(hits, key=lambda case: case.conversation.number if case.conversation else 0, reverse=newest)


def _since(case: Case) -> datetime:
    return (case.conversation and case.conversation.waiting_since) or _NEVER


def _last(case: Case) -> timedelta:
    return _NEVER - ((case.conversation and case.conversation.last_at) or _EVER)


def _seen(case: Case) -> timedelta:
    return _NEVER - max((r.last_in or _EVER for r in case.contact.reaches), default=_EVER)


_KEYS: Mapping[str, Callable[[Case], Any]] = {
    "name": lambda case: (case.contact.name.casefold(), case.contact.id),
    "waiting": _since,
    "last": _last,
    "seen": _seen,
}

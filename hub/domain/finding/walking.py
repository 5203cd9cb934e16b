"""Candidates for a filter, batch by batch, each from an index, and never more of them than a bounded number."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from hub.domain.contacts import present as contact_present
from hub.domain.finding.conditions import ANY, Case, Condition, Cover, Finds, Start
from hub.domain.models import Contact, Conversation
from hub.domain.ports import Cond, Query, Reads

R = TypeVar("R", Contact, Conversation)
BUDGET = 2000
"""Records that are looked at for one filter, however many there are."""
STEP = 250
COSTLY = 1000
"""As far as it is counted how much a start leads to."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
UNASKED = Contact(id="")  # type: ignore[arg-type]
"""Stands for the contact where nothing is asked of them."""


class Plan(msgspec.Struct):
    """How the candidates are found: by these starts; `ordered`: they come as they are numbered or made. `read`: the
    records that were read on the way.
    """

    cover: Cover
    condition: Condition
    newest: bool
    ordered: bool
    read: int = 0


async def planned(reads: Reads, condition: Condition, finds: Finds, *, newest: bool) -> Plan:
    """The way that leads to the fewest candidates. Where that is to many conversations, those in their order."""
    everything = _everything(condition, finds)
    fallback = Plan((everything,), condition, newest, everything.of == finds)
    costs = [(await _cost(reads, cover, condition), i) for i, cover in enumerate(condition.choices)]
    if not costs:
        return fallback
    cost, index = min(costs)
    cover = condition.choices[index]
    ordered = all(start.of == finds and start.between is None for start in cover)
    many = cost >= COSTLY and not ordered and finds == "conversations"
    return fallback if many else Plan(cover, condition, newest, ordered)


def _everything(condition: Condition, finds: Finds) -> Start:
    """Where nothing narrower helps: all in these states, or all contacts."""
    states = condition.states != ANY and condition.conversation
    return Start("conversations" if finds == "conversations" or states else "contacts")


async def _cost(reads: Reads, cover: Cover, condition: Condition) -> int:
    total = 0
    for start in cover:
        kind = Contact if start.of == "contacts" else Conversation
        for where in wheres(start, condition):
            total += await reads.count(kind, where, limit=COSTLY)
            if total >= COSTLY:
                return COSTLY
    return total


def wheres(start: Start, condition: Condition) -> list[dict[str, object]]:
    """The questions that a start stands for, each answered from one place of an index."""
    if start.of == "waiting":
        return [{"waiting_since": Cond("gt", _EVER)}]
    if start.of == "numbers":
        return [{"number": Cond("in", [int(term) for term in start.terms])}]
    if start.of == "contacts":
        return [{"terms": _terms([""], start)}] if start.between or start.terms else [{"id": Cond("gt", "")}]
    states = sorted(condition.states)
    if start.between:
        return [{"terms": _terms([f"{state}/"], start)} for state in states]
    return [{"terms": _terms([f"{s}/" if start.terms else s for s in states], start)}] if states else []


def _terms(before: Sequence[str], start: Start) -> object:
    if start.between:
        return Cond("within", tuple(f"{before[0]}{end}" for end in start.between))
    every = [f"{state}{term}" for state in before for term in start.terms or ("",)]
    return every[0] if len(every) == 1 else Cond("in", every)


# -- the candidates --------------------------------------------------------------------------------------------------


async def conversations(reads: Reads, plan: Plan) -> AsyncGenerator[list[Case], None]:
    """Conversations that could fit, with their contacts where those are asked about."""
    async for found in _starts(reads, plan, Conversation):
        yield [Case(UNASKED, c) for c in found] if not plan.condition.contact else await with_contacts(reads, found)


async def with_contacts(reads: Reads, found: Sequence[Conversation]) -> list[Case]:
    """The conversations with their contacts, as they are called now; those whose contact is gone are left out."""
    known = await _present(reads, [c.contact for c in found])
    return [Case(known[c.contact], c) for c in found if c.contact in known]


async def contacts(reads: Reads, plan: Plan) -> AsyncGenerator[list[Case], None]:
    """Contacts that could fit, with their conversation that is not closed where that is asked about."""
    async for found in _starts(reads, plan, Contact):
        here = [contact for contact in found if contact.merged_into is None]
        live: dict[str, Conversation] = {}
        if plan.condition.conversation and here:
            where = {"live": Cond("in", [c.id for c in here])}
            live = {str(c.live): c for c in await reads.query(Conversation, Query(where=where))}
        yield [Case(contact, live.get(contact.id)) for contact in here]


async def _starts(reads: Reads, plan: Plan, kind: type[R]) -> AsyncIterator[list[R]]:
    """Records of that kind from all the starts; each once."""
    seen: set[str] = set()
    for start in [_together(plan.cover)] if plan.ordered else plan.cover:
        for where in wheres(start, plan.condition):
            async for found in _from(reads, plan, (start, where), kind):
                fresh = [record for record in found if record.id not in seen]
                seen.update(record.id for record in fresh)
                yield fresh


def _together(cover: Cover) -> Start:
    """Several ordered starts as one, so that all comes in one order."""
    return cover[0] if len(cover) == 1 else Start(cover[0].of, tuple(term for start in cover for term in start.terms))


def _from(reads: Reads, plan: Plan, asked: tuple[Start, dict[str, object]], kind: type[R]) -> AsyncIterator[list[R]]:
    start, where = asked
    if (start.of == "contacts") != (kind is Contact):
        return _across(reads, plan, where, kind)
    in_order = start.of in ("contacts", "conversations") and start.between is None
    return _ordered(reads, plan, where, kind) if in_order else _by_skips(reads, plan, where, kind)


async def _ordered(reads: Reads, plan: Plan, where: dict[str, object], kind: type[R]) -> AsyncIterator[list[R]]:
    """As they are numbered or made, each batch from where the last one ended."""
    field = "id" if kind is Contact else "number"
    order, last = (f"-{field}" if plan.newest else field), None
    while True:
        further: dict[str, object] = {} if last is None else {field: Cond("lt" if plan.newest else "gt", last)}
        found = await reads.query(kind, Query(where={**where, **further}, order=order, limit=STEP))
        plan.read += len(found)
        yield found
        if len(found) < STEP:
            return
        last = getattr(found[-1], field)


async def _by_skips(reads: Reads, plan: Plan, where: dict[str, object], kind: type[R]) -> AsyncIterator[list[R]]:
    order = "waiting_since" if "waiting_since" in where else ""
    for skip in range(0, BUDGET, STEP):
        found = await reads.query(kind, Query(where=where, order=order, limit=STEP, skip=skip))
        plan.read += len(found)
        yield found
        if len(found) < STEP:
            return


async def _across(reads: Reads, plan: Plan, where: dict[str, object], kind: type[R]) -> AsyncIterator[list[R]]:
    """From contacts to their conversations, or from conversations to their contacts."""
    if kind is Contact:
        async for talks in _by_skips(reads, plan, where, Conversation):
            present = await _present(reads, [c.contact for c in talks])
            yield [contact for contact in present.values() if isinstance(contact, kind)]
        return
    states = Cond("in", sorted(plan.condition.states))
    field = "contact" if "closed" in plan.condition.states else "live"
    async for people in _by_skips(reads, plan, where, Contact):
        ids = [id for contact in people for id in contact.ids]
        found = await reads.query(kind, Query(where={field: Cond("in", ids), "state": states}, limit=BUDGET))
        plan.read += len(found)
        yield found


async def _present(reads: Reads, ids: Iterable[str]) -> dict[str, Contact]:
    """Contacts by id; under the id of one who turned out to be another, that other."""
    asked = list(dict.fromkeys(ids))
    found = {str(c.id): c for c in await reads.query(Contact, Query(where={"id": Cond("in", asked)}))}
    for id in [id for id, contact in found.items() if contact.merged_into is not None]:
        present = await contact_present(reads, id)
        if present is not None:
            found[id] = present
    return found

"""An import's rows, some at a time, each batch in one transaction with how far the file came.

What a row did to a contact is an event of its own, named by job and contact, so that it can be taken back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from hub.domain import desks
from hub.domain.carrying import jobs, matching, refusals, rows
from hub.domain.carrying.columns import Plan, by_target
from hub.domain.carrying.rows import Draft
from hub.domain.carrying.tables import Row
from hub.domain.contacts import under_contact
from hub.domain.ids import ContactId, new_id, short_id
from hub.domain.models import Contact, Conversation, Event, Facts, Field, Job, Tag
from hub.domain.ports import Cond, Query, Reads, Tx

TOGETHER = 500
"""Rows of one transaction."""
BEFORE, AFTER = "before.", "after."
_A_WHILE = 25
"""Rows that are read without a pause."""


class Batch(msgspec.Struct, frozen=True):
    """Rows that are done together, by a plan. `after`: how far the job was before them."""

    job: str
    after: str
    plan: Plan
    drafts: Sequence[Draft]
    at: datetime


class Counts(msgspec.Struct):
    """What became of rows."""

    made: int = 0
    changed: int = 0
    same: int = 0
    refused: list[str] = msgspec.field(default_factory=list)
    """Each as its line, a bar and the reason."""
    keys: set[int] = msgspec.field(default_factory=set)
    """Hashes of the identifiers of rows before, of which there must be no second one."""
    tags: set[str] = msgspec.field(default_factory=set)
    """Names of tags that there are not yet."""


class Judged(msgspec.Struct, frozen=True):
    """A row that is taken, and the contact it is about; None: one that is not there yet."""

    draft: Draft
    contact: Contact | None


class Doing(msgspec.Struct, frozen=True):
    """What doing a row takes: tags are known by their names, in small letters."""

    job: Job
    batch: Batch
    tags: Mapping[str, str]
    counts: Counts


def imported_id(job: str, contact: str) -> str:
    """The name of the event that tells what an import did to a contact."""
    return f"{job}:{contact}"


# -- which rows are taken ----------------------------------------------------------------------------------------------


async def drafts(reads: Reads, plan: Plan, batch: Sequence[Row]) -> list[Draft]:
    """The rows as they are meant. Reading telephone numbers takes a while: others get their turn in between."""
    fields, found = by_target(await reads.items(Field)), []
    for place, row in enumerate(batch):
        found.append(rows.drafted(row, plan, fields))
        if place % _A_WHILE == 0:
            await asyncio.sleep(0)
    return found


async def judge(reads: Reads, batch: Batch, counts: Counts) -> list[Judged]:
    """The rows that are taken; those that are not are noted with their reasons."""
    plan = batch.plan
    known = await matching.known(reads, batch.drafts) if plan.purpose != "all" else {}
    taken = []
    for draft in batch.drafts:
        found = known.get(draft.key, ()) if draft.key and plan.purpose != "all" else ()
        problem = rows.refusal(draft, plan, bool(found)) or _ambiguous(draft, found)
        if not problem and plan.purpose != "all":
            problem = _twice(batch.job, draft, found, counts)
        if problem:
            counts.refused.append(f"{draft.line}|{problem}")
        else:
            taken.append(Judged(draft, found[0] if found else None))
    return taken


def _ambiguous(draft: Draft, found: Sequence[Contact]) -> str:
    if len(found) < 2 or draft.key is None:
        return ""
    kind, value = draft.key
    return f"{len(found)} contacts have the {rows.WORDS[kind]} {value}: merge them first, or use another column"


def _twice(job: str, draft: Draft, found: Sequence[Contact], counts: Counts) -> str:
    """Of rows done before, it is told by what they did; of those done now, by their identifiers, which are noted."""
    people = [("id", contact.id) for contact in found]
    about = {hash(key) for key in (draft.key, *people)}
    if not counts.keys.isdisjoint(about) or any(job in contact.jobs for contact in found):
        return f"an earlier line is about the same contact ({draft.key[1] if draft.key else draft.line})"
    counts.keys |= {hash(key) for key in (*draft.keys, *people)}
    return ""


async def look(reads: Reads, batch: Batch, counts: Counts) -> None:
    """Counts what importing these rows would do; changes nothing."""
    tags = {t.name.casefold(): t.id for t in await reads.items(Tag)}
    for judged in await judge(reads, batch, counts):
        draft, contact = judged.draft, judged.contact
        counts.tags |= {name for name in draft.tags if name.casefold() not in tags}
        if contact is None:
            counts.made += 1
        elif rows.changes(contact, draft, batch.plan) or _more_tags(contact, draft, tags):
            counts.changed += 1
        else:
            counts.same += 1


def _more_tags(contact: Contact, draft: Draft, tags: Mapping[str, str]) -> bool:
    return any(tags.get(name.casefold()) not in contact.tags for name in draft.tags)


# -- doing -------------------------------------------------------------------------------------------------------------


async def do(tx: Tx, batch: Batch) -> bool:
    """Imports the rows, unless the job stands elsewhere by now or is to go on no more; whether it did."""
    job = await jobs.get(tx, batch.job)
    if job.state != "running" or job.cursor != batch.after:
        return False
    counts = Counts()
    taken = await judge(tx, batch, counts)
    tags = await _tags(tx, job, (name for judged in taken for name in judged.draft.tags))
    doing = Doing(job, batch, tags, counts)
    for judged in taken:
        _do_one(tx, doing, judged)
    if counts.refused:
        refusals.note(tx, job.id, batch.at, counts.refused)
    await redraw(tx, [judged.contact for judged in taken if judged.contact is not None])
    job.done, job.cursor = job.done + len(batch.drafts), str(batch.drafts[-1].line)
    job.made, job.changed = job.made + counts.made, job.changed + counts.changed
    job.refused += len(counts.refused)
    return True


async def _tags(tx: Tx, job: Job, names: Iterable[str]) -> dict[str, str]:
    """The ids of all tags by their names; those that there are not yet are made."""
    made = [id for id in job.plan.get("tags", "").split(",") if id]
    known = {t.name.casefold(): t.id for t in await tx.items(Tag)}
    # What the batches before made may be in no snapshot yet.
    for tag in [await tx.get(Tag, id) for id in made]:
        known |= {tag.name.casefold(): tag.id} if tag is not None else {}
    for name in names:
        if name.casefold() not in known:
            tag = Tag(id=short_id(), name=name)
            tx.add(tag)
            known[name.casefold()] = tag.id
            made.append(tag.id)
    jobs.note(job, tags=",".join(made))
    return known


def _do_one(tx: Tx, doing: Doing, judged: Judged) -> None:
    """Makes the contact, or changes it, and notes what it was."""
    made, contact = judged.contact is None, judged.contact
    if contact is None:
        contact = Contact(id=ContactId(new_id()), created_at=doing.batch.at)
        tx.add(contact)
    facts = _changed(contact, doing, judged.draft)
    if not (made or facts):
        doing.counts.same += 1
        return
    event = Event(id=imported_id(doing.job.id, contact.id), kind="imported", at=doing.batch.at, contact=contact.id)
    event.conversation = under_contact(contact.id)
    event.facts = {"job": doing.job.id, "by": doing.job.by, "line": judged.draft.line, "made": made, **facts}
    tx.add(event)
    contact.jobs = [*contact.jobs, doing.job.id]
    doing.counts.made, doing.counts.changed = doing.counts.made + made, doing.counts.changed + (not made)


def _changed(contact: Contact, doing: Doing, draft: Draft) -> Facts:
    """Has the contact be as the row says; gives what was and what is there now, and which tags came."""
    facts: Facts = {}
    for target, value in rows.changes(contact, draft, doing.batch.plan).items():
        facts[BEFORE + target], facts[AFTER + target] = rows.held(contact, target), value
        rows.put(contact, target, value)
    tags = [id for id in (doing.tags[name.casefold()] for name in draft.tags) if id not in contact.tags]
    if tags:
        facts["tags"], contact.tags = [*tags], [*contact.tags, *tags]
    return facts


async def redraw(tx: Tx, contacts: Sequence[Contact]) -> None:
    """Cards of those whose conversation goes on; the others are drawn when they are opened."""
    placed = [contact.id for contact in contacts if contact.places]
    live = await tx.query(Conversation, Query(where={"live": Cond("in", placed)})) if placed else []
    going_on = {conversation.contact for conversation in live}
    for contact in contacts:
        if contact.id in going_on:
            await desks.refresh(tx, contact)

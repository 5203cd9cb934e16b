"""An import taken back: every contact becomes what it was, but for what people changed since, which is counted."""

from __future__ import annotations

from collections.abc import Sequence

from hub.domain.carrying import jobs, rows
from hub.domain.carrying.importing import AFTER, BEFORE, TOGETHER, redraw
from hub.domain.fields.values import DEFAULTS
from hub.domain.models import Contact, Event, FieldValue, Job, Tag
from hub.domain.ports import Cond, Query, Tx

_OWN = tuple(each.id for each in DEFAULTS)


def undoable(job: Job) -> bool:
    """Whether there is something to take back: what was only looked at has changed nothing."""
    over = job.state in ("done", "cancelled", "failed", "paused")
    return job.what == "import" and over and bool(job.done and job.made + job.changed)


async def undo_some(tx: Tx, id: str, after: str) -> bool:
    """Takes back what the import did to some contacts, from where it came last; whether there may be more."""
    job = await jobs.get(tx, id)
    if job.state != "undoing" or job.cursor != after:
        return False
    where = {"id": Cond("between", (after or f"{id}:", f"{id};"))}
    events = await tx.query(Event, Query(where=where, order="id", limit=TOGETHER))
    # All at once, so that each is at hand when it is asked for.
    await tx.query(Contact, Query(where={"id": Cond("in", [event.contact for event in events])}))
    restored = [await _undo(tx, job, found) for found in events]
    before = [int(job.plan.get(name, "0")) for name in ("restored", "kept")]
    whole = sum(restored)
    jobs.note(job, restored=str(before[0] + whole), kept=str(before[1] + len(restored) - whole))
    if events:
        job.cursor = events[-1].id
        return True
    await _undo_tags(tx, job)
    job.state, job.cursor = "undone", ""
    return False


async def _undo(tx: Tx, job: Job, found: Event) -> bool:
    """Whether all that the event tells of was taken back; what was taken back already counts for that."""
    event, contact = await tx.get(Event, found.id), await tx.get(Contact, found.contact or "")
    if event is None or event.undone:
        return True
    event.undone = True
    if contact is None:
        return False
    contact.jobs = [each for each in contact.jobs if each != job.id]
    if event.facts.get("made"):
        return _unmake(tx, event, contact)
    return await _restore(tx, event, contact)


def _unmake(tx: Tx, event: Event, contact: Contact) -> bool:
    """A contact that the import made goes, if it is as the import left it."""
    made, tags = _after(event), set(_tags_of(event))
    has = {t: rows.held(contact, t) for t in (*_OWN, *(f"field.{f}" for f in contact.fields))}
    whole = {t: v for t, v in has.items() if v is not None} == made and set(contact.tags) == tags and _unused(contact)
    if whole:
        tx.delete(contact)
    return whole


def _unused(contact: Contact) -> bool:
    """Whether nobody wrote from there, took them on, or merged them."""
    theirs = contact.reaches or contact.places or contact.absorbed or contact.merged_into or contact.jobs
    ours = contact.assignee or contact.team or contact.block or contact.picture
    return not theirs and not ours


async def _restore(tx: Tx, event: Event, contact: Contact) -> bool:
    """What the import changed becomes what it was, field by field, where nobody changed it since."""
    as_left = _as_left(event, contact)
    for target in (target for target, same in as_left.items() if same):
        rows.put(contact, target, _value(event.facts.get(BEFORE + target)))
    contact.tags = [t for t in contact.tags if t not in _tags_of(event)]
    await redraw(tx, [contact])
    return all(as_left.values())


def _as_left(event: Event, contact: Contact) -> dict[str, bool]:
    """By target: whether the contact still has there what the import put."""
    return {target: rows.held(contact, target) == value for target, value in _after(event).items()}


def _after(event: Event) -> dict[str, object]:
    """What the import put, by target."""
    return {k.removeprefix(AFTER): v for k, v in event.facts.items() if k.startswith(AFTER)}


def _tags_of(event: Event) -> Sequence[str]:
    tags = event.facts.get("tags")
    return tags if isinstance(tags, list) else []


def _value(fact: object) -> FieldValue | None:
    return fact if isinstance(fact, str | int | float | bool) else None


async def _undo_tags(tx: Tx, job: Job) -> None:
    """Tags that it made and that nobody has any more."""
    for id in filter(None, job.plan.get("tags", "").split(",")):
        tag = await tx.get(Tag, id)
        if tag is not None and not await tx.count(Contact, {"terms": Cond("in", [f"g:{id}"])}, limit=1):
            tx.delete(tag)

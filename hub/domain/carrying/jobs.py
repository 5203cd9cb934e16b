"""Imports and exports as records: how one is begun, held up, ended, and what its plan holds. Deeds only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from hub.domain.carrying.columns import Plan
from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.ids import FileId, Identity, UserId, new_id
from hub.domain.models import Job, Media, now
from hub.domain.ports import Reads, Tx
from hub.domain.queueing import ask_once
from hub.domain.work import RunJob, job_lane
from hub.errors import NotFound, Refused

KEPT = timedelta(days=30)
"""How long a job that is over is remembered, and can be taken back."""
AT_REST = ("done", "failed", "cancelled", "undone")
_PLAN, _SOURCE = "plan", "source"


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a file lies that somebody sent: on which network, in which chat."""

    network: str
    chat: str
    file: Media


async def add(tx: Tx, by: UserId, job: Job) -> Job:
    """A job that goes on by itself as far as it can; the same again is the one before. Others that were left long ago
    are forgotten.
    """
    known = await tx.get(Job, job.id)
    if known is not None:
        return known
    job.by = by
    tx.add(job)
    for old in await tx.items(Job):
        if old.state in (*AT_REST, "drafted") and now() - old.at > KEPT:
            tx.delete(old)
    await go_on(tx, job.id)
    return job


def drafted(source: Source, name: str, told: Mapping[str, str], at: datetime, id: str = "") -> Job:
    """An import of a file that is still to be fetched."""
    plan = {"stage": "fetch", _SOURCE: msgspec.json.encode(source).decode()}
    nobody, id = UserId(""), id or new_id()
    return Job(id=id, what="import", by=nobody, at=at, state="drafted", name=name, plan=plan, told={**told})


def brought(name: str, at: datetime) -> Job:
    """An import of a file that is at hand: nobody is told how far it came."""
    return Job(id=new_id(), what="import", by=UserId(""), at=at, state="drafted", name=name, plan={"stage": "ask"})


def source_of(job: Job) -> Source | None:
    """Where its file lies; None where it was brought along."""
    said = job.plan.get(_SOURCE)
    return msgspec.json.decode(said, type=Source) if said else None


def plan_of(job: Job) -> Plan:
    """How its file is read."""
    return msgspec.json.decode(job.plan.get(_PLAN, '{"columns":[]}'), type=Plan)


def keep_plan(job: Job, plan: Plan) -> None:
    """How its file is read from now on; what was checked by another plan is to be checked again."""
    more = {_PLAN: msgspec.json.encode(plan).decode()}
    job.plan = {**{k: v for k, v in job.plan.items() if k != _SOURCE}, **more}


def stage(job: Job) -> str:
    """Where a drafted import is: fetch, ask, check, or ready."""
    return job.plan.get("stage", "")


def ready(job: Job) -> bool:
    """Whether it is an import that was looked at and may begin."""
    return job.state == "drafted" and stage(job) == "ready" and job.file is not None


def note(job: Job, **facts: str) -> None:
    """Notes something in the job's plan; what is empty is taken out."""
    job.plan = {k: v for k, v in {**job.plan, **facts}.items() if v}


async def go_on(tx: Tx, job: str) -> None:
    """Has the job looked at: what can be done is done, and what is to be told is told."""
    await ask_once(tx, job_lane(job), RunJob(job=job))


def ungiven(job: Job, identity: Identity) -> bool:
    """Whether its files wait for that account, which could not be given them."""
    theirs = job.what == "export" and job.told.get("identity") == identity
    return theirs and job.state == "done" and bool(job.plan.get("parts")) and not job.plan.get("sent")


async def get(tx: Reads, id: str) -> Job:
    """The job. Raises NotFound."""
    job = await tx.get(Job, id)
    if job is None:
        raise NotFound("That import or export is not known any more. /import and /export list the latest.")
    return job


# -- what people do with one -------------------------------------------------------------------------------------------


async def begin(tx: Tx, act: Act, id: str) -> Job:
    """Has a checked import done. Raises Refused."""
    job = await get(tx, id)
    if job.state == "running":
        return job
    if not ready(job):
        raise Refused(f"{job.name} cannot be imported now: {said(job)}.")
    job.state, job.done, job.made, job.changed, job.refused, job.cursor = "running", 0, 0, 0, 0, ""
    job.result = None
    note(job, sent="")
    record(tx, "import_begun", act.at, act=act, facts={"job": job.id, "name": job.name, "rows": job.total})
    await go_on(tx, id)
    return job


async def pause(tx: Tx, id: str) -> Job:
    """Holds a running import up after the rows that are being done."""
    job = await get(tx, id)
    if job.state == "running" and job.what == "import":
        job.state = "paused"
        await go_on(tx, id)
    return job


async def resume(tx: Tx, id: str) -> Job:
    """Has a paused import go on."""
    job = await get(tx, id)
    if job.state == "paused":
        job.state = "running"
        await go_on(tx, id)
    return job


async def cancel(tx: Tx, act: Act, id: str) -> Job:
    """Ends it where it is; what was imported stays, and can be taken back."""
    job = await get(tx, id)
    if job.state in ("drafted", "running", "paused"):
        job.state = "cancelled"
        kind = "import_cancelled" if job.what == "import" else "export_cancelled"
        record(tx, kind, act.at, act=act, facts={"job": job.id, "name": job.name, "done": job.done})
        await go_on(tx, id)
    return job


async def take_back(tx: Tx, act: Act, id: str) -> Job:
    """Has everything that an import made or changed taken back. Raises Refused."""
    job = await get(tx, id)
    if job.state == "undoing":
        return job
    if job.what != "import" or job.state not in ("done", "cancelled", "failed", "paused"):
        raise Refused(f"{job.name} cannot be taken back: {said(job)}.")
    if not job.done or not (job.made or job.changed):
        raise Refused(f"{job.name} has changed nothing that could be taken back.")
    if act.at - job.at > KEPT:
        raise Refused(f"{job.name} was imported more than {KEPT.days} days ago.")
    job.state, job.cursor = "undoing", ""
    note(job, sent="", restored="", kept="")
    record(tx, "import_undone", act.at, act=act, facts={"job": job.id, "name": job.name})
    await go_on(tx, id)
    return job


async def fail(tx: Tx, id: str, reason: str) -> bool:
    """It cannot be done; whether that ended it. One that has ended already, elsewhere or otherwise, stays as it is."""
    job = await tx.get(Job, id)
    if job is None or job.state in AT_REST:
        return False
    job.state, job.problem = "failed", reason
    return True


_SAID: Mapping[str, str] = {
    "drafted": "it is not ready yet",
    "running": "it is being done",
    "paused": "it is paused",
    "cancelled": "it was cancelled",
    "done": "it is done",
    "failed": "it failed",
    "undoing": "it is being taken back",
    "undone": "it was taken back",
}


def said(job: Job) -> str:
    """How it stands, in words."""
    return "it waits to be begun" if ready(job) else _SAID[job.state]


def files_of(job: Job) -> list[FileId]:
    """The files that are kept for it."""
    parts = [FileId(part) for part in job.plan.get("parts", "").split(",") if part]
    return [*parts, *(file for file in (job.file, job.result) if file is not None)]

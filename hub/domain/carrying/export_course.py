"""The course of an export: all records, a page at a time, into files that a network can carry. Begun again, anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from hub.domain.amounts import Amount, amount
from hub.domain.carrying import cells, exporting, jobs
from hub.domain.carrying.course import Tell
from hub.domain.carrying.exporting import Form, Period, Values, What
from hub.domain.contacts import record
from hub.domain.ids import FileId, UserId, new_id
from hub.domain.models import Facts, Job, now
from hub.domain.ports import Reads, Tx, Workspace
from hub.errors import Invalid, Refused

PART = 36 * 1024 * 1024
"""Bytes of a file, after which another is begun: with a page more it is what every network carries."""
_MIME = {"csv": "text/csv", "ndjson": "application/x-ndjson"}


class Wanted(msgspec.Struct, frozen=True):
    """What is to be exported, as what, of when."""

    what: What
    form: Form = "csv"
    period: Period = Period()


class Stopped(Refused):
    """The export was cancelled."""


def read_wanted(what: What, form: Form, since: str, until: str, zone: str) -> Wanted:
    """That, from the beginning of one day to the end of another (empty: no end), as days are in that zone. Raises
    Invalid.
    """
    first, last = _day(since), _day(until)
    if first and last and last < first:
        raise Invalid(f"{last} is before {first}: the first day comes first.")
    period = Period(_begins(first, zone), _begins(last + timedelta(days=1), zone) if last else None)
    return Wanted(what=what, form=form, period=period)


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if word else None
    except ValueError as error:
        raise Invalid(f"“{word[:20]}” is no day: write it as 2026-10-01.") from error


def _begins(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None


def job_of(wanted: Wanted, told: dict[str, str], at: datetime, id: str = "") -> Job:
    """An export that is to be done."""
    kept = msgspec.json.encode(wanted).decode()
    name = f"{wanted.what}-{at:%Y-%m-%d}.{wanted.form}"
    plan = {"wanted": kept, "what": wanted.what}
    nobody, id = UserId(""), id or new_id()
    return Job(id=id, what="export", by=nobody, at=at, state="running", name=name, plan=plan, told=told)


def wanted_of(job: Job) -> Wanted:
    """What it exports."""
    return msgspec.json.decode(job.plan["wanted"], type=Wanted)


async def lines(reads: Reads, wanted: Wanted, tell: Tell | None = None, job: Job | None = None) -> AsyncIterator[bytes]:
    """The whole export, without the first line of a CSV file; some lines at a time."""
    done = 0
    async for read, rows in exporting.pages(reads, wanted.what, wanted.period):
        done += read
        yield b"".join(_line(row, wanted.form) for row in rows)
        if tell is not None and job is not None:
            await tell(msgspec.structs.replace(job, done=done))


def _line(row: Values, form: Form) -> bytes:
    return cells.line(row.values()) if form == "csv" else msgspec.json.encode(row) + b"\n"


async def opening(reads: Reads, wanted: Wanted) -> bytes:
    """With what each file begins."""
    return cells.opening(await exporting.headers(reads, wanted.what)) if wanted.form == "csv" else b""


async def export(workspace: Workspace, id: str, tell: Tell) -> None:
    """Makes the files, and ends the job; leaves nothing of it where it was cancelled meanwhile."""
    job = await jobs.get(workspace, id)
    wanted = wanted_of(job)
    job, done = await _begun(workspace, id, await amount(workspace, *exporting.KINDS[wanted.what])), 0

    async def told(now_so: Job) -> None:
        nonlocal done
        done = now_so.done
        if (await jobs.get(workspace, id)).state != "running":
            raise Stopped
        await tell(now_so)

    try:
        parts = await _parts(workspace, job, wanted, told)
    except Stopped:
        return
    await _ended(workspace, id, parts, done)


async def _begun(workspace: Workspace, id: str, expected: Amount) -> Job:
    async def deed(tx: Tx) -> Job:
        job = await jobs.get(tx, id)
        job.total = expected.count
        jobs.note(job, about="" if expected.exact else "about")
        return job

    return await workspace.run(deed)


async def _parts(workspace: Workspace, job: Job, wanted: Wanted, tell: Tell) -> list[FileId]:
    """The files, none larger than a part; at least one."""
    every, begin = lines(workspace, wanted, tell, job), await opening(workspace, wanted)
    saved: list[FileId] = []
    more = [True]

    async def part() -> AsyncIterator[bytes]:
        size = len(begin)
        yield begin
        async for some in every:
            yield some
            size += len(some)
            if size > PART:
                return
        more[0] = False

    while more[0]:
        file, _ = await workspace.files.save(job.id, _MIME[wanted.form], part(), 2 * PART)
        saved.append(file)
    return saved


async def _ended(workspace: Workspace, id: str, parts: list[FileId], done: int) -> None:
    async def deed(tx: Tx) -> None:
        job = await jobs.get(tx, id)
        if job.state == "running":
            job.state, job.done, job.total = "done", done, done
            jobs.note(job, parts=",".join(parts))
            facts: Facts = {"job": id, "name": job.name, "rows": job.total}
            record(tx, "exported", now(), facts=facts).actor = job.by

    await workspace.run(deed)

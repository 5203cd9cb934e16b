"""Imports and exports by the command line: the same as in the chat, for files that lie on the server."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from hub.domain.carrying import columns, course, export_course, jobs
from hub.domain.carrying.columns import PURPOSES, Plan, Purpose
from hub.domain.carrying.export_course import Wanted
from hub.domain.carrying.exporting import Form, What
from hub.domain.conversations import Act
from hub.domain.models import Field, Job, Member, now
from hub.domain.ports import Tx, Workspace
from hub.errors import Ambiguous, Invalid, NotFound
from hub.settings import Settings
from hub.store import open_store


class Brought(msgspec.Struct, frozen=True):
    """A file to be imported. `said`: what columns are taken for, each as `Column=Field`."""

    path: Path
    purpose: Purpose = "both"
    said: Sequence[str] = ()
    dry: bool = False


@asynccontextmanager
async def _opened(settings: Settings, name: str) -> AsyncIterator[Workspace]:
    """The workspace of that name or id; without one, the only one that there is."""
    store = await open_store(settings, exclusive=False)
    try:
        every = await store.directory.workspaces()
        found = [e for e in every if not name or name in (e.id, e.name)]
        if len(found) != 1:
            listed = ", ".join(f"{e.name} ({e.id})" for e in found or every) or "none yet"
            raise (Ambiguous if found else NotFound)(f"Which workspace? Say --workspace and one of: {listed}.")
        yield store.workspace(found[0].id)
    finally:
        await store.close()


def wanted(what: What, form: Form, since: str, until: str) -> Wanted:
    """What is to be exported. Raises Invalid for what is no day."""
    return export_course.read_wanted(what, form, since, until, "UTC")


async def export_to(settings: Settings, workspace: str, wanted: Wanted, out: BinaryIO) -> None:
    """Writes an export."""
    async with _opened(settings, workspace) as opened:
        out.write(await export_course.opening(opened, wanted))
        async for some in export_course.lines(opened, wanted):
            out.write(some)
        out.flush()


async def import_from(settings: Settings, workspace: str, brought: Brought) -> None:
    """Imports a file and tells what became of it; the lines that are refused go into a file beside it."""
    async with _opened(settings, workspace) as opened:
        id = await _looked_at(opened, brought)
        job = await jobs.get(opened, id)
        same = job.plan.get("same", "0")
        _say(f"{job.made:,} new, {job.changed:,} changed, {same} as they are, {job.refused:,} refused.")
        await _write_refused(opened, job, brought.path)
        act = await _act(opened)
        if brought.dry:
            await opened.run(lambda tx: jobs.cancel(tx, act, id))
        else:
            await opened.run(lambda tx: jobs.begin(tx, act, id))
            await _carried(opened, id)
        await course.tidy(opened, id)


async def _act(workspace: Workspace) -> Act:
    """Done in the name of an owner."""
    owner = next((m for m in await workspace.items(Member) if m.role == "owner"), None)
    if owner is None:
        raise NotFound("This workspace has no owner yet: `hub init` prints the code that makes one.")
    return Act(member=owner, at=now(), desk=None, thread=None)


async def _looked_at(workspace: Workspace, brought: Brought) -> str:
    """An import of the file, mapped and looked at. Raises Invalid where something must be said first."""
    act, content = await _act(workspace), _content(brought.path)
    drafted = jobs.brought(brought.path.name, act.at)

    async def begin(tx: Tx) -> None:
        await jobs.add(tx, act.member.id, drafted)

    await workspace.run(begin)
    await course.accept(workspace, drafted.id, content)
    try:
        await _plan(workspace, drafted.id, brought)
    except Invalid:
        await workspace.run(lambda tx: jobs.cancel(tx, act, drafted.id))
        raise
    await course.check(workspace, drafted.id, _progress)
    return drafted.id


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error


async def _plan(workspace: Workspace, id: str, brought: Brought) -> None:
    """Notes how it is to be read. Raises Invalid."""
    job = await jobs.get(workspace, id)
    if job.state == "failed":
        raise Invalid(job.problem)
    plan = _planned(jobs.plan_of(job), brought, await workspace.items(Field))

    async def deed(tx: Tx) -> None:
        job = await jobs.get(tx, id)
        jobs.keep_plan(job, plan)
        jobs.note(job, stage="check")

    await workspace.run(deed)


def _planned(plan: Plan, brought: Brought, fields: Sequence[Field]) -> Plan:
    """With what was said of the columns. Raises Invalid where one is not sure."""
    known = columns.targets(fields)
    by_name = {columns.plain(name): target for target, name in known.items()}
    for header, _, name in (each.partition("=") for each in brought.said):
        place = next((p for p, c in enumerate(plan.columns) if columns.plain(c.header) == columns.plain(header)), None)
        target = by_name.get(columns.plain(name)) if name else ""
        if place is None or target is None:
            raise Invalid(f"--column {header}={name}: there is no such {'column' if place is None else 'field'}.")
        plan = columns.chosen(plan, place, target, known)
    plan = columns.settled(msgspec.structs.replace(plan, purpose=brought.purpose))
    if plan.question is not None:
        column = plan.columns[plan.question]
        guess = f'--column "{column.header}={known[column.target]}", or "{column.header}=" to leave it out'
        raise Invalid(f"What is column {plan.question + 1}, “{column.header}”? Say {guess}.")
    wrong = columns.check(plan)
    if wrong:
        raise Invalid(f"{wrong} Say it by --column HEADER=FIELD or --purpose {', '.join(PURPOSES)}.")
    return plan


async def _carried(workspace: Workspace, id: str) -> None:
    while await course.import_some(workspace, id, lambda: False, _progress):
        pass
    job = await jobs.get(workspace, id)
    _say(f"Imported: {job.made:,} new, {job.changed:,} changed, {job.refused:,} refused. /import undo takes it back.")


async def _progress(job: Job) -> None:
    _say(f"{job.done:,} of {job.total:,} rows", end="\r")


def _say(words: str, end: str = "\n") -> None:
    print(words, end=end, file=sys.stderr, flush=True)  # noqa: T201


async def _write_refused(workspace: Workspace, job: Job, path: Path) -> None:
    if job.result is None:
        return
    beside = path.with_name(f"{path.stem}-refused.csv")
    with beside.open("wb") as out:
        async for chunk in workspace.files.open(job.result):
            out.write(chunk)
    _say(f"Why, for each of their lines, stands in {beside}.")

"""The course of an import, from the file to its end: each step goes on where the one before stopped, also when the hub
was ended in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing

import msgspec

from hub.domain.carrying import cells, columns, importing, jobs, refusals, tables, undoing
from hub.domain.carrying.columns import Plan
from hub.domain.carrying.importing import Batch, Counts
from hub.domain.carrying.rows import Draft
from hub.domain.carrying.tables import Row, Table
from hub.domain.contacts import record
from hub.domain.ids import FileId
from hub.domain.models import Facts, Field, Job, now
from hub.domain.ports import Reads, Tx, Workspace
from hub.errors import Invalid, NotFound

Until = Callable[[], bool]
"""Whether it is time to stop for now."""
Tell = Callable[[Job], Awaitable[None]]
"""Is told how far a job came, as often as something was done; tells people less often."""
SAMPLES = 20
"""Rows among which something is looked for that shows what a column holds."""
_LOST = "The file is not kept any more; send it again."


async def accept(workspace: Workspace, id: str, content: bytes) -> None:
    """Reads a file that came, and maps its columns. What is wrong with it ends the import, and is told."""
    try:
        table, total = await asyncio.to_thread(_counted, content)
        plan = columns.planned(table.headers, _samples(table), await workspace.items(Field))
    except Invalid as error:
        await _fail(workspace, id, error.text)
        return
    file, _ = await workspace.files.save(id, "text/csv", _whole(content), tables.LARGEST)

    async def deed(tx: Tx) -> None:
        job = await jobs.get(tx, id)
        if job.state == "drafted":
            job.file, job.total = file, total
            jobs.keep_plan(job, plan)
            jobs.note(job, stage="ask" if plan.question is not None or columns.check(plan) else "check")

    await workspace.run(deed)


def _counted(content: bytes) -> tuple[Table, int]:
    table = tables.read(content)
    return table, tables.count(table)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _samples(table: Table) -> list[str]:
    """For each column something that stands in it."""
    found = [""] * len(table.headers)
    for _, row in zip(range(SAMPLES), table.rows(), strict=False):
        for place, cell in enumerate(row.cells[: len(found)]):
            found[place] = found[place] or cell
    return found


async def _fail(workspace: Workspace, id: str, reason: str) -> None:
    await workspace.run(lambda tx: jobs.fail(tx, id, reason))


async def _table(workspace: Workspace, job: Job) -> Table:
    """The job's file. Raises NotFound."""
    if job.file is None:
        raise NotFound(_LOST)
    content = b"".join([chunk async for chunk in workspace.files.open(job.file)])
    return tables.read(content)


def _batches(table: Table, after: str) -> Iterator[list[Row]]:
    """The rows behind that line, some at a time."""
    some: list[Row] = []
    for row in table.rows(int(after or "0")):
        some.append(row)
        if len(some) == importing.TOGETHER:
            yield some
            some = []
    if some:
        yield some


async def _read_ahead(reads: Reads, plan: Plan, batches: Iterator[list[Row]]) -> AsyncGenerator[list[Draft], None]:
    """The rows as they are meant, some at a time; the next ones are read while the database is busy with these."""
    ahead: asyncio.Task[list[Draft]] | None = None
    try:
        for rows in batches:
            ready, ahead = ahead, asyncio.create_task(importing.drafts(reads, plan, rows))
            if ready is not None:
                yield await ready
        if ahead is not None:
            yield await ahead
    finally:
        if ahead is not None:
            ahead.cancel()


# -- looking -----------------------------------------------------------------------------------------------------------


async def check(workspace: Workspace, id: str, tell: Tell) -> None:
    """Looks at all rows, changes nothing, and notes what importing them would do. Begun again, it begins anew."""
    job = await jobs.get(workspace, id)
    before, plan, counts, done = job.plan, jobs.plan_of(job), Counts(), 0
    table = await _table(workspace, job)
    async with aclosing(_read_ahead(workspace, plan, _batches(table, ""))) as batches:
        async for drafts in batches:
            await importing.look(workspace, Batch(id, "", plan, drafts, now()), counts)
            done += len(drafts)
            job = await jobs.get(workspace, id)
            if job.state != "drafted" or job.plan != before:
                return
            await tell(msgspec.structs.replace(job, done=done))
    result = await _refused_file(workspace, id, table, counts.refused)

    async def deed(tx: Tx) -> None:
        job = await jobs.get(tx, id)
        if job.state == "drafted" and job.plan == before:
            job.made, job.changed, job.refused, job.result = counts.made, counts.changed, len(counts.refused), result
            jobs.note(job, stage="ready", same=str(counts.same), new_tags=_listed(sorted(counts.tags)), sent="")

    await workspace.run(deed)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more


async def _refused_file(workspace: Workspace, id: str, table: Table, refused: Sequence[str]) -> FileId | None:
    """A file of the lines that were refused, with the reasons; None where there is none."""
    if not refused:
        return None
    file, _ = await workspace.files.save(id, "text/csv", _refused_lines(table, refused), 4 * tables.LARGEST)
    return file


async def _refused_lines(table: Table, refused: Sequence[str]) -> AsyncIterator[bytes]:
    yield cells.opening(["Line", "What is wrong", *table.headers])
    reasons = {int(line): reason for line, _, reason in (each.partition("|") for each in refused)}
    for row in table.rows():
        if row.line in reasons:
            yield cells.line([row.line, reasons[row.line], *row.cells])


# -- doing -------------------------------------------------------------------------------------------------------------


async def import_some(workspace: Workspace, id: str, until: Until, tell: Tell | None = None) -> bool:
    """Imports until it is time, or all is done; whether there is more to do. Each call reads the file from its
    beginning, so it should not be stopped for what `tell` can do.
    """
    job = await jobs.get(workspace, id)
    try:
        table = await _table(workspace, job)
    except NotFound as error:
        await _fail(workspace, id, error.text)
        return False
    after, plan = job.cursor, jobs.plan_of(job)
    async with aclosing(_read_ahead(workspace, plan, _batches(table, after))) as batches:
        async for drafts in batches:
            batch = Batch(id, after, plan, drafts, now())
            if not await workspace.run(lambda tx, b=batch: importing.do(tx, b)):  # type: ignore[misc]
                return (await jobs.get(workspace, id)).state == "running"
            after = str(drafts[-1].line)
            if tell is not None:
                await tell(await jobs.get(workspace, id))
            if until():
                return True
    await _end(workspace, id)
    return False


async def _end(workspace: Workspace, id: str) -> None:
    """All rows are done: what was refused becomes a file, and the import's own is needed no more."""
    job = await jobs.get(workspace, id)
    result = await _refused_file(workspace, id, await _table(workspace, job), await refusals.noted(workspace, id))

    async def deed(tx: Tx) -> None:
        job = await jobs.get(tx, id)
        if job.state == "running":
            job.state, job.result = "done", result
            facts: Facts = {"job": id, "name": job.name}
            counts: Facts = {"made": job.made, "changed": job.changed, "refused": job.refused}
            record(tx, "import_done", now(), facts={**facts, **counts}).actor = job.by

    await workspace.run(deed)


async def tidy(workspace: Workspace, id: str) -> None:
    """Forgets what a job that is over needs no more: its files, and what was noted of the lines."""
    job = await workspace.get(Job, id)
    if job is None or job.state not in jobs.AT_REST:
        return
    while await workspace.run(lambda tx: refusals.forget(tx, id)):
        pass
    files = jobs.files_of(job)

    async def deed(tx: Tx) -> None:
        job = await jobs.get(tx, id)
        job.file = job.result = None
        jobs.note(job, parts="")

    if files:
        await workspace.run(deed)
    for file in files:
        await workspace.files.drop(file)


async def undo_some(workspace: Workspace, id: str, until: Until) -> bool:
    """Takes back until it is time, or all is taken back; whether there is more."""
    while True:
        after = (await jobs.get(workspace, id)).cursor
        if not await workspace.run(lambda tx, a=after: undoing.undo_some(tx, id, a)):  # type: ignore[misc]
            return False
        if until():
            return True

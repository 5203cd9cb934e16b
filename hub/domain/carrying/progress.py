"""What is said of an import or export: one message, drawn anew as it comes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hub.domain.carrying import columns, jobs, undoing
from hub.domain.carrying.columns import PURPOSES, Plan
from hub.domain.carrying.rows import WORDS
from hub.domain.models import Field, Job
from hub.domain.reply import Button, Reply, Value

BAR = 10
SHOWN = 12
"""Columns that are listed."""
Rows = tuple[tuple[Button, ...], ...]


def said(job: Job, fields: Iterable[Field] = ()) -> Reply:
    """How the job stands, with what can be done about it."""
    if job.what == "export":
        return Reply("export_job", _export_figures(job), rows=_export_rows(job))
    plan, known = jobs.plan_of(job), columns.targets(fields)
    asking = job.state == "drafted" and jobs.stage(job) == "ask"
    if asking and plan.question is not None:
        return _question(job, plan, plan.question, known)
    more: dict[str, Value] = {
        "columns": _columns(plan, known) if job.state == "drafted" else [],
        "left_out": len([c for c in plan.columns if not c.target]),
        "purpose": PURPOSES[plan.purpose],
        "by": WORDS.get(plan.by, ""),
        "wrong": columns.check(plan) if asking else "",
        "new_tags": job.plan.get("new_tags", ""),
    }
    return Reply("import_job", {**_figures(job), **more}, rows=_rows(job, plan))


def bar(done: int, total: int) -> str:
    """How much is done, drawn."""
    share = min(done / total, 1.0) if total else 0.0
    full = int(share * BAR)
    return f"{'▓' * full}{'░' * (BAR - full)} {int(share * 100)} %"


def _figures(job: Job) -> dict[str, Value]:
    restored, kept = (int(job.plan.get(name, "0")) for name in ("restored", "kept"))
    undone = restored + kept
    done, total = (undone, job.made + job.changed) if job.state == "undoing" else (job.done, job.total)
    return {
        "name": job.name,
        "state": job.state,
        "stage": jobs.stage(job),
        "bar": bar(done, total),
        "done": done,
        "total": total,
        "made": job.made,
        "changed": job.changed,
        "same": max(0, (job.total if job.state == "drafted" else job.done) - job.made - job.changed - job.refused),
        "refused": job.refused,
        "restored": restored,
        "kept": kept,
        "problem": job.problem,
    }


def _export_figures(job: Job) -> dict[str, Value]:
    """What was counted beforehand may be less than there turns out to be."""
    total = max(job.total, job.done)
    more: dict[str, Value] = {"total": total, "about": bool(job.plan.get("about")), "what": job.plan.get("what", "")}
    return {**_figures(job), **more}


def _columns(plan: Plan, known: Mapping[str, str]) -> list[Value]:
    taken = [c for c in plan.columns if c.target]
    listed: list[Value] = [
        {"header": c.header or "(no name)", "field": known.get(c.target, "a field that is gone"), "keep": c.keep}
        for c in taken[:SHOWN]
    ]
    return listed


def _question(job: Job, plan: Plan, place: int, known: Mapping[str, str]) -> Reply:
    """Asks for what a column is meant, the likeliest first."""
    column = plan.columns[place]
    taken = {c.target for c in plan.columns if c.target and not c.asked}
    likely = [column.target, *columns.guesses(column.header, known, {*taken, column.target})][:3]
    buttons = [Button(known[t], f"imports set {job.id} {place + 1} {short(t)}") for t in likely if t in known]
    others = Button("Another field…", f"imports column {job.id} {place + 1}")
    out = Button("Leave it out", f"imports set {job.id} {place + 1}")
    said: dict[str, Value] = {"name": job.name, "place": place + 1, "header": column.header, "sample": column.sample}
    return Reply("import_question", said, rows=(tuple(buttons), (others, out), (_cancel(job),)))


def short(target: str) -> str:
    """A target as a button's line can carry it: its beginning tells it."""
    return target[:24]


def _rows(job: Job, plan: Plan) -> Rows:
    match job.state:
        case "drafted" if jobs.stage(job) == "ready":
            return _ready_rows(job, plan)
        case "drafted" if jobs.stage(job) == "ask":
            look = ((Button("🔍 Check the rows", f"imports check {job.id}"),),) if not columns.check(plan) else ()
            return (*look, *_choices(job, plan), (_cancel(job),))
        case "drafted":
            return ((_cancel(job),),)
        case "running":
            return ((Button("⏸ Pause", f"imports pause {job.id}"), _cancel(job)),)
        case "paused":
            return ((Button("▶ Go on", f"imports resume {job.id}"), _cancel(job)), *_undo(job))
    return _undo(job)


def _ready_rows(job: Job, plan: Plan) -> Rows:
    many = job.made + job.changed
    begin = ((Button(f"📥 Import {many:,}", f"import go {job.id}"),),) if many else ()
    return (*begin, *_choices(job, plan), (_cancel(job),))


def _choices(job: Job, plan: Plan) -> Rows:
    known_by = [Button("Known by…", f"imports by {job.id}")] if len(plan.known_by) > 1 else []
    return (
        (
            Button("Columns…", f"imports columns {job.id}"),
            Button("Add or change…", f"imports purpose {job.id}"),
            *known_by,
        ),
    )


def _undo(job: Job) -> Rows:
    if not undoing.undoable(job):
        return ()
    return ((Button(f"↩ Undo all {job.made + job.changed:,}", f"import undo {job.id}"),),)


def _cancel(job: Job) -> Button:
    return Button("✖ Cancel", f"{job.what}s cancel {job.id}")


def _export_rows(job: Job) -> Rows:
    return ((_cancel(job),),) if job.state == "running" else ()

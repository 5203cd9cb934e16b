"""Contacts by file: a CSV that is sent to the bot, what its columns are taken for, and what becomes of its rows.

What takes long is done by the host, which draws the job's one message anew; what is pressed there is done here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import msgspec

from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.heard import Pressed, Wrote
from hub.admin_bot.once import same_id
from hub.admin_bot.replies import Rows, clipped, fits, grid
from hub.domain.carrying import columns, jobs, progress, tables, undoing
from hub.domain.carrying.columns import PURPOSES, Plan
from hub.domain.carrying.jobs import Source
from hub.domain.carrying.rows import WORDS
from hub.domain.models import Field, Job, Media
from hub.domain.ports import Tx
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Invalid, NotFound, Refused

SECTION = "Contacts"
LATEST = 5
JUST_DONE = timedelta(hours=1)
"""For so long an import of one's own is taken back without asking which is meant."""
PAGE = 8
_VERBS = ("go", "undo")
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls")
"""What a file that is to be imported may be called; one that is no CSV file is told so."""


def _dangerous(values: Mapping[str, object]) -> bool:
    return _verb(values.get("words"))[0] in _VERBS


def _verb(words: object) -> tuple[str, str]:
    verb, _, rest = " ".join(words.plain.split()).partition(" ") if isinstance(words, Text) else ("", "", "")
    return verb.casefold(), rest


def table_in(heard: Wrote) -> Media | None:
    """The file of a message that is one to be imported, by what it is called."""
    files = (a for a in heard.attachments if isinstance(a, Media) and a.kind == "file")
    return next((f for f in files if f.name.casefold().endswith(_TABLES) or f.mime == "text/csv"), None)


async def _weigh(call: Call, values: Mapping[str, object]) -> str:
    verb, id = _verb(values.get("words"))
    job = await _meant(call, verb, id)
    return f"{'Importing' if verb == 'go' else 'Undoing the import of'} {job.name}"


@command(
    section=SECTION,
    permission="manager",
    outside=True,
    in_place=True,
    usage="[go | undo]",
    fresh=_dangerous,
    weigh=_weigh,
)
async def import_(call: Call, words: Text | None = None) -> Reply | None:
    """Add and change contacts by a CSV file that you send me; nothing is changed before you have seen what would be."""
    verb, id = _verb(words)
    if isinstance(call.heard, Wrote) and not verb:
        file = next((a for a in call.heard.attachments if isinstance(a, Media)), None)
        if file is not None:
            return await _got(call, file)
    if not verb:
        return await _how(call)
    if verb not in _VERBS:
        raise Invalid(f"“{clipped(verb, 20)}” should be go or undo. To import, send me a CSV file.")
    job = await _meant(call, verb, id)
    if verb == "go":
        return await _begin(call, job.id)
    sure = id == job.id or await _just_done(call, job, named=bool(id))
    return await _take_back(call, job.id) if sure else _ask_undo(job)


async def _got(call: Call, file: Media) -> Reply:
    """Has the file fetched and read. Done again, there is one import of it all the same: its message is one."""
    if file.kind != "file":
        raise Invalid("That is no file of rows: send a CSV file, as a file.")
    if file.size is not None and file.size > tables.LARGEST:
        raise Invalid(f"The file is larger than {tables.LARGEST // 1024 // 1024} MB. Split it and send the parts.")
    source = Source(network=call.spot.network, chat=call.spot.chat, file=file)
    name = clipped(file.name or "contacts.csv", 60)
    told = {"identity": str(call.heard.asker.identity)}

    async def deed(tx: Tx) -> None:
        await jobs.add(tx, call.member.id, jobs.drafted(source, name, told, call.act.at, same_id(call.heard)))

    await call.run(deed)
    return Reply("import_got", {"name": name, "here": call.spot.private})


async def _imports(call: Call) -> list[Job]:
    """The newest first."""
    return sorted((j for j in await call.home.items(Job) if j.what == "import"), key=lambda j: j.at, reverse=True)


async def _how(call: Call) -> Reply:
    latest = (await _imports(call))[:LATEST]
    listed: list[Value] = [_listed(j) for j in latest]
    shown = [Button(clipped(j.name, 24), f"imports show {j.id}") for j in latest]
    return Reply("import_how", {"jobs": listed}, rows=grid(shown, 2))


def _listed(job: Job) -> dict[str, Value]:
    many = job.made + job.changed if job.done else 0
    return {"name": job.name, "said": jobs.said(job), "many": many, "at": job.at.isoformat()}


async def _meant(call: Call, verb: str, id: str) -> Job:
    """The import of that id or name; without one, the latest for which the verb means something."""
    found = await _imports(call)
    if id:
        named = [j for j in found if id == j.id or id.casefold() == j.name.casefold()]
        if not named:
            raise NotFound(f"No import is called “{clipped(id, 30)}”. /import lists the latest.")
        return named[0]
    fitting = [j for j in found if (undoing.undoable(j) if verb == "undo" else jobs.ready(j))]
    if not fitting:
        what = "to be taken back" if verb == "undo" else "ready to be imported"
        raise Refused(f"There is no import {what}. /import says how to begin one.")
    return fitting[0]


async def _begin(call: Call, id: str) -> Reply | None:
    async def deed(tx: Tx) -> Job:
        return _here(call, await jobs.begin(tx, call.act, id))

    return _answered(call, await call.run(deed), undo=False)


async def _just_done(call: Call, job: Job, *, named: bool) -> bool:
    """Whether nothing else can be meant: the asker began it lately and, where no name was given, none after it."""
    newest = named or (await _imports(call))[0].id == job.id
    return newest and job.by == call.member.id and call.act.at - job.at < JUST_DONE


def _ask_undo(job: Job) -> Reply:
    button = Button(f"↩ Take {clipped(job.name, 24)} back", f"import undo {job.id}")
    return Reply("import_undo_sure", {**_listed(job)}, rows=((button,),))


async def _take_back(call: Call, id: str) -> Reply | None:
    async def deed(tx: Tx) -> Job:
        return _here(call, await jobs.take_back(tx, call.act, id))

    return _answered(call, await call.run(deed), undo=True)


def _here(call: Call, job: Job) -> Job:
    """The message on which a button was pressed in private is the job's one from now on."""
    if isinstance(call.heard, Pressed) and call.spot.private:
        job.told = {"identity": str(call.heard.asker.identity), "post": call.heard.post}
    return job


def _answered(call: Call, job: Job, *, undo: bool) -> Reply:
    if call.pressed and call.spot.private:
        return progress.said(job)
    return Reply("import_runs", {**_listed(job), "undo": undo})


# -- what is pressed on the job's message ------------------------------------------------------------------------------


@command(section=SECTION, permission="manager", hidden=True)
async def imports(call: Call, words: Text) -> Reply:
    """Change an import that is not done yet, or hold it up."""
    verb, *rest = words.plain.split()
    press = _PRESSES.get(verb)
    if press is None or not rest:
        raise Invalid("That is no button of an import. /import lists the latest.")
    job = _here(call, await jobs.get(call.tx, rest[0]))
    return await press(call, job, rest[1:])


async def _said(call: Call, job: Job) -> Reply:
    return progress.said(job, await call.tx.items(Field))


async def _show(call: Call, job: Job, _: list[str]) -> Reply:
    return await _said(call, job)


async def _pause(call: Call, job: Job, _: list[str]) -> Reply:
    return await _said(call, await jobs.pause(call.tx, job.id))


async def _resume(call: Call, job: Job, _: list[str]) -> Reply:
    return await _said(call, await jobs.resume(call.tx, job.id))


async def _cancel(call: Call, job: Job, _: list[str]) -> Reply:
    return await _said(call, await jobs.cancel(call.tx, call.act, job.id))


async def _check(call: Call, job: Job, _: list[str]) -> Reply:
    wrong = columns.check(_draft(job))
    if wrong:
        raise Refused(wrong)
    jobs.note(job, stage="check")
    await jobs.go_on(call.tx, job.id)
    return await _said(call, job)


def _draft(job: Job) -> Plan:
    """The plan of an import that has not begun. Raises Refused."""
    if job.state != "drafted" or jobs.stage(job) == "fetch":
        raise Refused(f"{job.name} cannot be changed now: {jobs.said(job)}.")
    return jobs.plan_of(job)


async def _changed(call: Call, job: Job, plan: Plan) -> None:
    """What was found by another plan holds no more; what is sure now is looked at at once."""
    was_asked = _draft(job).question is not None
    jobs.keep_plan(job, plan)
    sure = plan.question is None and not columns.check(plan)
    jobs.note(job, stage="check" if sure and was_asked else "ask")
    if sure and was_asked:
        await jobs.go_on(call.tx, job.id)


# -- columns -----------------------------------------------------------------------------------------------------------


async def _columns(call: Call, job: Job, rest: list[str]) -> Reply:
    plan, known = _draft(job), columns.targets(await call.tx.items(Field))
    pages = max(1, -(-len(plan.columns) // PAGE))
    page = min(max(_number(rest), 1), pages)
    shown = list(enumerate(plan.columns, 1))[(page - 1) * PAGE : page * PAGE]
    listed: list[Value] = [
        {"place": place, "header": c.header or "(no name)", "field": known.get(c.target, ""), "keep": c.keep}
        for place, c in shown
    ]
    buttons = [Button(f"{place} {clipped(c.header, 20)}", f"imports column {job.id} {place}") for place, c in shown]
    turn = [Button("◂", f"imports columns {job.id} {page - 1}")] if page > 1 else []
    turn += [Button("▸", f"imports columns {job.id} {page + 1}")] if page < pages else []
    back = Button("◂ Back", f"imports show {job.id}")
    data: dict[str, Value] = {"name": job.name, "columns": listed, "page": page, "pages": pages}
    return Reply("import_columns", data, rows=(*grid(buttons, 2), (*turn, back)))


def _number(rest: list[str]) -> int:
    return int(rest[0]) if rest and rest[0].isascii() and rest[0].isdigit() and len(rest[0]) < 5 else 1


async def _column(call: Call, job: Job, rest: list[str]) -> Reply:
    """What a column may be taken for: what no other is, first."""
    plan, known, place = _draft(job), columns.targets(await call.tx.items(Field)), _number(rest)
    if not 0 < place <= len(plan.columns):
        raise NotFound("There is no such column any more. Look again.")
    column = plan.columns[place - 1]
    free = [t for t in known if plan.place(t) is None] + [t for t in known if plan.place(t) is not None]
    fields = [Button(clipped(known[t], 20), _line("set", job, place, progress.short(t))) for t in free]
    keep = "Overwrite what is there" if column.keep else "Do not overwrite"
    last = [Button("Leave it out", _line("set", job, place)), Button("◂ Back", f"imports columns {job.id}")]
    if column.target:
        last.insert(0, Button(keep, _line("keep", job, place)))
    data: dict[str, Value] = {
        "name": job.name,
        "place": place,
        "header": column.header or "(no name)",
        "field": known.get(column.target, ""),
        "keep": column.keep,
        "sample": column.sample,
    }
    return Reply("import_column", data, rows=(*grid([b for b in fields if fits(b)], 3), tuple(last)))


def _line(verb: str, job: Job, place: int, target: str = "") -> str:
    return f"imports {verb} {job.id} {place} {target}".strip()


async def _set(call: Call, job: Job, rest: list[str]) -> Reply:
    plan, known = _draft(job), columns.targets(await call.tx.items(Field))
    asked = plan.question is not None
    target = next((t for t in known if len(rest) > 1 and progress.short(t) == rest[1]), rest[1] if rest[1:] else "")
    await _changed(call, job, columns.chosen(plan, _number(rest) - 1, target, known))
    return await _said(call, job) if asked else await _columns(call, job, [str(1 + (_number(rest) - 1) // PAGE)])


async def _keep(call: Call, job: Job, rest: list[str]) -> Reply:
    plan, place = _draft(job), _number(rest) - 1
    if place >= len(plan.columns):
        raise NotFound("There is no such column any more. Look again.")
    every = list(plan.columns)
    every[place] = msgspec.structs.replace(every[place], keep=not every[place].keep)
    await _changed(call, job, msgspec.structs.replace(plan, columns=tuple(every)))
    return await _column(call, job, rest)


# -- what for, and by what ---------------------------------------------------------------------------------------------


async def _purpose(call: Call, job: Job, rest: list[str]) -> Reply:
    plan = _draft(job)
    if not rest:
        chosen = [Button(words.capitalize(), f"imports purpose {job.id} {each}") for each, words in PURPOSES.items()]
        data: dict[str, Value] = {"name": job.name, "purpose": PURPOSES[plan.purpose]}
        return Reply("import_purpose", data, rows=(*grid(chosen, 1), *_back(job)))
    found = next((each for each in PURPOSES if each == rest[0]), None)
    if found is None:
        raise Invalid(f"An import can {', '.join(PURPOSES.values())}.")
    return await _checked(call, job, msgspec.structs.replace(plan, purpose=found))


async def _by(call: Call, job: Job, rest: list[str]) -> Reply:
    plan = _draft(job)
    if not rest:
        chosen = [Button(WORDS[each], f"imports by {job.id} {each}") for each in plan.known_by]
        data: dict[str, Value] = {"name": job.name, "by": WORDS.get(plan.by, "nothing")}
        return Reply("import_by", data, rows=(*grid(chosen, 3), *_back(job)))
    if rest[0] not in plan.known_by:
        raise Invalid("No column is taken for that.")
    return await _checked(call, job, msgspec.structs.replace(plan, by=rest[0]))


def _back(job: Job) -> Rows:
    return ((Button("◂ Back", f"imports show {job.id}"),),)


async def _checked(call: Call, job: Job, plan: Plan) -> Reply:
    """A choice after which nothing else is to be chosen: the rows are looked at at once."""
    await _changed(call, job, plan)
    if plan.question is None and not columns.check(plan):
        jobs.note(job, stage="check")
        await jobs.go_on(call.tx, job.id)
    return await _said(call, job)


_PRESSES: Mapping[str, Callable[[Call, Job, list[str]], Awaitable[Reply]]] = {
    "show": _show,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "check": _check,
    "columns": _columns,
    "column": _column,
    "set": _set,
    "keep": _keep,
    "purpose": _purpose,
    "by": _by,
}
COMMANDS = (import_, imports)

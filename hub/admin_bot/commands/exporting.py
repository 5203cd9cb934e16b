"""What the workspace keeps, as files: contacts, conversations, messages; given in private to who asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.confiding import confide, way_in
from hub.admin_bot.once import same_id
from hub.admin_bot.replies import clipped
from hub.domain.carrying import export_course, jobs, progress
from hub.domain.carrying.export_course import Wanted
from hub.domain.carrying.exporting import BARRED, FORMS, WHATS, Form, What
from hub.domain.contacts import record
from hub.domain.models import Job
from hub.domain.ports import Tx
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.domain.timing.zones import frame_for
from hub.errors import Invalid, NotAllowed

T = TypeVar("T")
SECTION = "Contacts"
_WRITE = "Write /export contacts, conversations or messages, then csv or ndjson, then since 2026-10-01 if you like."


def _dangerous(values: Mapping[str, object]) -> bool:
    return bool(values)


async def _weigh(call: Call, values: Mapping[str, object]) -> str:
    words = values.get("words")
    wanted = read(words.plain.casefold().split() if isinstance(words, Text) else [], await _zone(call))
    return f"Exporting {wanted.what}"


@command(
    section=SECTION,
    outside=True,
    in_place=True,
    usage="[contacts | conversations | messages] [csv | ndjson] [since DATE] [until DATE]",
    fresh=_dangerous,
    weigh=_weigh,
    barred=BARRED,
)
async def export(call: Call, words: Text | None = None) -> Reply:
    """Get contacts, conversations with their figures, or messages as a file, in our private chat."""
    if words is None or not words.plain.strip():
        return Reply("export_what", {}, rows=tuple(_buttons(what) for what in WHATS))
    wanted = read(words.plain.casefold().split(), await _zone(call))
    told = {"identity": str(call.heard.asker.identity)}
    job = export_course.job_of(wanted, told, call.act.at, same_id(call.heard))
    reached = call.spot.private or await _begun(call, job)

    async def deed(tx: Tx) -> Job:
        facts = {"job": job.id, "name": job.name}
        record(tx, "export_begun", call.act.at, act=call.act, facts={**facts})
        return await jobs.add(tx, call.member.id, job)

    await call.run(deed)
    said: dict[str, Value] = {"name": job.name, "here": call.spot.private, "reached": reached}
    return Reply("export_runs", said, rows=() if reached else way_in(call))


async def _begun(call: Call, job: Job) -> bool:
    """Whether the asker can be told in private: tried by what the export says of itself from then on."""
    if await call.home.get(Job, job.id) is not None:
        return True
    post = await confide(call, progress.said(job))
    if post:
        job.told = {**job.told, "post": post}
    return post is not None


def _buttons(what: What) -> tuple[Button, ...]:
    return tuple(Button(f"{what.capitalize()}, {form.upper()}", f"export {what} {form}") for form in FORMS)


async def _zone(call: Call) -> str:
    """In which people say days: their own, else the workspace's."""
    return (await frame_for(call.home, call.member, call.act.at)).zone


def read(words: list[str], zone: str) -> Wanted:
    """What the words ask for; days are those of the zone. Raises Invalid."""
    what = _one_of(words[0], WHATS)
    rest = words[1:]
    form: Form = "csv"
    if rest and rest[0] not in ("since", "until"):
        form = _one_of(rest[0], FORMS)
        rest = rest[1:]
    if len(rest) % 2 or any(word not in ("since", "until") for word in rest[::2]):
        raise Invalid(f"“{clipped(' '.join(rest), 40)}” is no period. {_WRITE}")
    days = dict(zip(rest[::2], rest[1::2], strict=True))
    return export_course.read_wanted(what, form, days.get("since", ""), days.get("until", ""), zone)


def _one_of(word: str, known: tuple[T, ...]) -> T:
    found = [each for each in known if str(each).startswith(word)]
    if len(found) != 1:
        raise Invalid(f"“{clipped(word, 20)}” is none of {', '.join(map(str, known))}. {_WRITE}")
    return found[0]


@command(section=SECTION, hidden=True, barred=BARRED)
async def exports(call: Call, words: Text) -> Reply:
    """Cancel an export that is being made."""
    verb, _, id = words.plain.strip().partition(" ")
    job = await jobs.get(call.tx, id)
    if verb != "cancel" or job.what != "export":
        raise Invalid("That is no button of an export. /export makes another one.")
    if job.by != call.member.id and not call.may("manager"):
        raise NotAllowed("That export is somebody else's. Ask a manager.")
    return progress.said(await jobs.cancel(call.tx, call.act, job.id))


COMMANDS = (export, exports)

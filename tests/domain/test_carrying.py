"""An import's course: looked at, done in steps, interrupted, taken back; and exports that can be imported again."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from hub.domain.carrying import course, export_course, exporting, importing, jobs, undoing
from hub.domain.carrying.export_course import Wanted
from hub.domain.carrying.exporting import WHATS
from hub.domain.conversations import Act
from hub.domain.ids import ContactId, TeamId, UserId, new_id
from hub.domain.models import Contact, Event, Field, Job, Media, Member, Tag, now
from hub.domain.ports import Query, Tx, Workspace
from hub.domain.retention import named as named_files
from hub.errors import Refused

ANN = Member(id=UserId("ann"), role="owner", name="Ann")
SOURCE = jobs.Source(network="paper", chat="1", file=Media(kind="file", name="people.csv"))


def act() -> Act:
    return Act(member=ANN, at=now(), desk=None, thread=None)


async def silence(_: Job) -> None:
    """Nobody is told."""


async def drafted(workspace: Workspace, content: str, purpose: str = "both") -> str:
    """An import of that file, its rows looked at."""

    async def deed(tx: Tx) -> str:
        return (await jobs.add(tx, ANN.id, jobs.drafted(SOURCE, "people.csv", {}, now()))).id

    id = await workspace.run(deed)
    await course.accept(workspace, id, content.encode())

    async def choose(tx: Tx) -> None:
        job = await jobs.get(tx, id)
        assert job.state == "drafted", job.problem
        jobs.keep_plan(job, msgspec.structs.replace(jobs.plan_of(job), purpose=purpose))
        jobs.note(job, stage="check")

    await workspace.run(choose)
    await course.check(workspace, id, silence)
    return id


async def begun(workspace: Workspace, content: str, purpose: str = "both") -> str:
    id = await drafted(workspace, content, purpose)
    await workspace.run(lambda tx: jobs.begin(tx, act(), id))
    return id


async def imported(workspace: Workspace, content: str, purpose: str = "both") -> Job:
    """An import of that file, done."""
    id = await begun(workspace, content, purpose)
    while await course.import_some(workspace, id, lambda: False):
        pass
    return await jobs.get(workspace, id)


async def undone(workspace: Workspace, id: str) -> Job:
    await workspace.run(lambda tx: jobs.take_back(tx, act(), id))
    while await course.undo_some(workspace, id, lambda: False):
        pass
    return await jobs.get(workspace, id)


async def everybody(workspace: Workspace) -> list[Contact]:
    return await workspace.query(Contact, Query(where={}, order="id"))


async def named(workspace: Workspace, name: str) -> Contact:
    return (await workspace.query(Contact, Query(where={"first_name": name})))[0]


async def change(workspace: Workspace, name: str, **to: object) -> None:
    async def deed(tx: Tx) -> None:
        found = await tx.get(Contact, (await named(workspace, name)).id)
        for field, value in to.items():
            setattr(found, field, value)

    await workspace.run(deed)


async def with_fields(workspace: Workspace) -> None:
    async def deed(tx: Tx) -> None:
        tx.add(Field(id="plan", name="Plan", kind="text"))
        tx.add(Tag(id="t1", name="vip"))

    await workspace.run(deed)


def people(first: int, last: int) -> str:
    """Rows of so many people, each with a number of their own."""
    lines = (f"P{n},+49170{n:07d}" for n in range(first, last))
    return "First name,Phone\n" + "\n".join(lines) + "\n"


async def refused(workspace: Workspace, job: Job) -> str:
    assert job.result is not None
    return b"".join([chunk async for chunk in workspace.files.open(job.result)]).decode("utf-8-sig")


# -- looking -----------------------------------------------------------------------------------------------------------


async def test_looking_changes_nothing_and_says_what_would_be(workspace: Workspace) -> None:
    """A dry run counts new, changed, the same and refused, and gives the refused lines with their reasons."""
    await with_fields(workspace)
    await imported(workspace, "First name,Phone,Plan\nAnn,+491701111111,Basic\nBob,+491702222222,Basic\n")
    id = await drafted(
        workspace,
        "First name;Phone;Plan;Tags\n"
        "Ann;+491701111111;Pro;\n"  # changed
        "Bob;+491702222222;Basic;\n"  # the same
        "Cy;+491703333333;;vip, fresh\n"  # new
        "Cy;+49 170 3333333;;\n"  # twice
        "Dan;12;;\n"
        ";+491704444444;;\n",
    )
    job = await jobs.get(workspace, id)
    assert (job.made, job.changed, job.refused, job.plan["same"]) == (1, 1, 3, "1")
    assert (job.plan["new_tags"], jobs.stage(job)) == ("fresh", "ready")
    assert [c.first_name for c in await everybody(workspace)] == ["Ann", "Bob"]
    head, twice, dan, nobody = (await refused(workspace, job)).splitlines()
    assert head == "Line,What is wrong,First name,Phone,Plan,Tags"
    assert twice == "5,an earlier line is about the same contact (+491703333333),Cy,'+49 170 3333333,,"
    assert dan.startswith('6,"Phone: “12” is no phone number')
    assert nobody.startswith('7,"it has no first name, which everybody who is added needs"')


async def test_what_is_found_is_what_happens(workspace: Workspace) -> None:
    """Importing counts as the dry run did, also where rows about one contact stand in different batches."""
    before = importing.TOGETHER
    try:
        importing.TOGETHER = 2
        rows = "Ann,+491701111111,\nBob,,bob@example.com\nCy,+491703333333,cy@example.com\n"
        again = "Cyrus,,cy@example.com\nAnn,+491701111111,\n"
        id = await begun(workspace, "First name,Phone,E-mail\n" + rows + again)
        looked = await jobs.get(workspace, id)
        while await course.import_some(workspace, id, lambda: True):
            pass
    finally:
        importing.TOGETHER = before
    done = await jobs.get(workspace, id)
    assert (done.made, done.changed, done.refused, done.done) == (3, 0, 2, 5)
    assert looked.total == 5
    assert [c.first_name for c in await everybody(workspace)] == ["Ann", "Bob", "Cy"]


@pytest.mark.parametrize(
    ("purpose", "counts", "names"),
    [
        ("add", (1, 0, 1), ["Ann", "Bob"]),
        ("update", (0, 1, 1), ["Anna"]),
        ("both", (1, 1, 0), ["Anna", "Bob"]),
        ("all", (2, 0, 0), ["Ann", "Anna", "Bob"]),
    ],
)
async def test_what_an_import_is_for(
    workspace: Workspace, purpose: str, counts: tuple[int, int, int], names: list[str]
) -> None:
    """Who is there is changed only where that is asked for, and who is not is added only where that is."""
    await imported(workspace, "First name,Phone\nAnn,+491701111111\n")
    job = await imported(workspace, "First name,Phone\nAnna,+491701111111\nBob,+491702222222\n", purpose)
    assert (job.made, job.changed, job.refused) == counts
    assert sorted(c.first_name for c in await everybody(workspace)) == names


async def test_what_is_to_be_kept_is_not_overwritten(workspace: Workspace) -> None:
    """A column that overwrites nothing fills in what is empty; an empty cell never empties anything."""
    await imported(workspace, "First name,Phone\nAnn,+491701111111\nBob,+491702222222\n")
    await change(workspace, "Ann", last_name="Elm", email="ann@example.com")
    table = "First name,Last name,Phone,E-mail\nAnn,Oak,+491701111111,\nBob,Oak,+491702222222,\n"
    id = await drafted(workspace, table)

    async def keep(tx: Tx) -> None:
        job = await jobs.get(tx, id)
        plan = jobs.plan_of(job)
        columns = [msgspec.structs.replace(c, keep=c.target == "last_name") for c in plan.columns]
        jobs.keep_plan(job, msgspec.structs.replace(plan, columns=tuple(columns)))

    await workspace.run(keep)
    await workspace.run(lambda tx: jobs.begin(tx, act(), id))
    await course.import_some(workspace, id, lambda: False)
    ann, bob = await named(workspace, "Ann"), await named(workspace, "Bob")
    assert (ann.last_name, ann.email, bob.last_name) == ("Elm", "ann@example.com", "Oak")


# -- interrupted -------------------------------------------------------------------------------------------------------


async def test_a_hub_that_is_ended_in_the_middle_goes_on_where_it_was(workspace: Workspace) -> None:
    """However often it is cut off, every row is done once: here after each batch, and in the middle of one."""
    id = await begun(workspace, people(0, 1200))
    assert await course.import_some(workspace, id, lambda: True)
    assert (await jobs.get(workspace, id)).done == 500
    cut = asyncio.create_task(course.import_some(workspace, id, lambda: False))
    await asyncio.sleep(0.05)
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)
    while await course.import_some(workspace, id, lambda: True):
        pass
    job = await jobs.get(workspace, id)
    assert (job.state, job.done, job.made) == ("done", 1200, 1200)
    phones = [c.phone for c in await everybody(workspace)]
    assert len(phones) == len(set(phones)) == 1200


async def test_two_hubs_at_once_do_no_row_twice(workspace: Workspace) -> None:
    """A lease that lapsed while the other was slow: whoever comes second finds that the rows are done."""
    id = await begun(workspace, people(0, 600))
    await asyncio.gather(*(course.import_some(workspace, id, lambda: False) for _ in range(3)))
    job = await jobs.get(workspace, id)
    assert (job.state, job.made, len(await everybody(workspace))) == ("done", 600, 600)


async def test_paused_it_stands_still_and_goes_on(workspace: Workspace) -> None:
    """Pause holds up between two batches; what is done stays done."""
    id = await begun(workspace, people(0, 700))
    await course.import_some(workspace, id, lambda: True)
    await workspace.run(lambda tx: jobs.pause(tx, id))
    assert not await course.import_some(workspace, id, lambda: False)
    assert (await jobs.get(workspace, id)).done == 500
    await workspace.run(lambda tx: jobs.resume(tx, id))
    assert not await course.import_some(workspace, id, lambda: False)
    assert len(await everybody(workspace)) == 700


async def test_what_is_over_stays_over(workspace: Workspace) -> None:
    """A hub that comes late, when the file is gone already, finds it done; what was only looked at changed nothing."""
    job = await imported(workspace, people(0, 3))
    await course.tidy(workspace, job.id)
    assert not await course.import_some(workspace, job.id, lambda: False)
    assert (await jobs.get(workspace, job.id)).state == "done"
    id = await drafted(workspace, people(10, 12))
    assert list(await named_files(workspace, [id])) == jobs.files_of(await jobs.get(workspace, id))
    await workspace.run(lambda tx: jobs.cancel(tx, act(), id))
    assert not undoing.undoable(await jobs.get(workspace, id))
    with pytest.raises(Refused, match="changed nothing"):
        await workspace.run(lambda tx: jobs.take_back(tx, act(), id))


async def test_cancelled_it_can_be_taken_back(workspace: Workspace) -> None:
    """What was imported before stays until it is taken back."""
    id = await begun(workspace, people(0, 700))
    await course.import_some(workspace, id, lambda: True)
    await workspace.run(lambda tx: jobs.cancel(tx, act(), id))
    assert not await course.import_some(workspace, id, lambda: False)
    await course.tidy(workspace, id)
    assert len(await everybody(workspace)) == 500
    assert (await undone(workspace, id)).state == "undone"
    assert await everybody(workspace) == []


# -- taken back --------------------------------------------------------------------------------------------------------


async def test_taking_back_gives_what_was(workspace: Workspace) -> None:
    """Contacts that it made go, what it changed becomes what it was, tags that it made go with it."""
    await with_fields(workspace)
    await imported(workspace, "First name,Phone,Tags\nAnn,+491701111111,vip\nBob,+491702222222,\n")
    before = await everybody(workspace)
    table = (
        "First name,Phone,E-mail,Plan,Tags\nAnna,+491701111111,a@example.com,Pro,fresh\nCy,+491703333333,,Pro,fresh\n"
    )
    job = await imported(workspace, table)
    assert (job.made, job.changed) == (1, 1)
    assert sorted(t.name for t in await workspace.query(Tag, Query(where={}))) == ["fresh", "vip"]
    over = await undone(workspace, job.id)
    assert (over.state, over.plan["restored"], over.plan.get("kept", "0")) == ("undone", "2", "0")
    assert await everybody(workspace) == before
    assert [t.name for t in await workspace.query(Tag, Query(where={}))] == ["vip"]


async def test_what_people_changed_since_stays_and_is_counted(workspace: Workspace) -> None:
    """Field by field for who was there before; who was made by it stays as soon as somebody did something with them."""
    await imported(workspace, "First name,Phone\nAnn,+491701111111\n")
    job = await imported(
        workspace,
        "First name,Last name,Phone,E-mail\nAnn,Elm,+491701111111,a@example.com\n"
        "Bob,,+491702222222,\nCy,,+491703333333,\nDan,,+491704444444,\n",
    )
    await change(workspace, "Ann", last_name="Oak")
    await change(workspace, "Bob", email="bob@example.com")
    await change(workspace, "Cy", team=TeamId("sales"))
    over = await undone(workspace, job.id)
    assert (over.plan["restored"], over.plan["kept"]) == ("1", "3")
    ann = await named(workspace, "Ann")
    assert (ann.last_name, ann.email) == ("Oak", "")
    assert sorted(c.first_name for c in await everybody(workspace)) == ["Ann", "Bob", "Cy"]


async def test_a_hub_that_is_ended_while_taking_back_goes_on(workspace: Workspace) -> None:
    """Stepped, and begun by two at once: each contact once."""
    job = await imported(workspace, people(0, 1100))
    await workspace.run(lambda tx: jobs.take_back(tx, act(), job.id))
    assert await course.undo_some(workspace, job.id, lambda: True)
    assert len(await everybody(workspace)) == 600
    await asyncio.gather(*(course.undo_some(workspace, job.id, lambda: False) for _ in range(2)))
    over = await jobs.get(workspace, job.id)
    assert (over.state, over.plan["restored"], over.plan.get("kept", "0")) == ("undone", "1100", "0")
    with pytest.raises(Refused, match="it was taken back"):
        await workspace.run(lambda tx: jobs.take_back(tx, act(), job.id))


async def test_nothing_is_left_of_the_file_afterwards(workspace: Workspace) -> None:
    """What came and what was made of it are dropped; of the refused lines, too."""
    job = await imported(workspace, "First name,Phone\nAnn,12\nBob,+491702222222\n")
    await course.tidy(workspace, job.id)
    assert jobs.files_of(await jobs.get(workspace, job.id)) == []
    kinds = {e.kind for e in await workspace.query(Event, Query(where={}))}
    assert kinds == {"import_begun", "import_done", "imported"}


# -- who is who --------------------------------------------------------------------------------------------------------


async def test_two_contacts_of_one_number_are_not_guessed_at(workspace: Workspace) -> None:
    """The row is refused until they are merged."""
    await imported(workspace, "First name,Phone\nAnn,+491701111111\nAnnie,+491701111111\n", "all")
    job = await imported(workspace, "First name,Phone\nAnna,+491701111111\n")
    assert "2 contacts have the phone +491701111111: merge them first" in await refused(workspace, job)


async def test_a_contact_is_known_by_its_id(workspace: Workspace) -> None:
    """An id that nobody has makes nobody: it would be another's."""
    await imported(workspace, "First name,Phone\nAnn,+491701111111\n")
    id = (await named(workspace, "Ann")).id
    job = await imported(workspace, f"Contact ID,First name\n{id},Anna\n{new_id()},Bob\n")
    assert (job.made, job.changed, job.refused) == (0, 1, 1)
    assert (await everybody(workspace))[0].first_name == "Anna"


# -- exports -----------------------------------------------------------------------------------------------------------


async def exported(workspace: Workspace, wanted: Wanted) -> str:
    begin = await export_course.opening(workspace, wanted)
    return (begin + b"".join([some async for some in export_course.lines(workspace, wanted)])).decode("utf-8-sig")


async def test_what_is_exported_can_be_imported(workspace: Workspace) -> None:
    """An export of contacts is a file that an import maps without asking, and that changes nothing."""
    await with_fields(workspace)
    await imported(workspace, "First name,Phone,Tags,Plan\n=Ann,+491701111111,vip,007\nBob,+491702222222,,\n")
    table = await exported(workspace, Wanted("contacts"))
    assert "'=Ann" in table
    assert "'+491701111111" in table
    assert "'007" in table
    job = await imported(workspace, table)
    assert (job.total, job.made, job.changed, job.refused, job.state) == (2, 0, 0, 0, "done")
    assert jobs.plan_of(job).question is None


async def test_ndjson_has_the_same_values(workspace: Workspace) -> None:
    """A line is an object by the columns' names; nothing is guarded there."""
    await imported(workspace, "First name,Phone\nAnn,+491701111111\n")
    (line,) = (await exported(workspace, Wanted("contacts", "ndjson"))).splitlines()
    found = msgspec.json.decode(line)
    assert (found["First name"], found["Phone"], found["Blocked"]) == ("Ann", "+491701111111", False)


@pytest.mark.parametrize("what", WHATS)
async def test_an_export_of_nothing_has_its_columns(workspace: Workspace, what: str) -> None:
    """Ids are the first thing in it, and no column is there twice."""
    wanted = Wanted(what)  # type: ignore[arg-type]
    (line,) = (await exported(workspace, wanted)).splitlines()
    names = line.split(",")
    assert names[0] == f"{what[:-1].capitalize()} ID"
    assert len(names) == len(set(names))


async def test_an_export_becomes_files_none_too_large(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file has the columns' names, and all rows are in one of them."""
    monkeypatch.setattr(export_course, "PART", 20_000)
    monkeypatch.setattr(exporting, "PAGE", 100)
    await imported(workspace, people(0, 500))

    async def deed(tx: Tx) -> str:
        return (await jobs.add(tx, ANN.id, export_course.job_of(Wanted("contacts"), {}, now()))).id

    id = await workspace.run(deed)
    await export_course.export(workspace, id, silence)
    job = await jobs.get(workspace, id)
    files = [b"".join([c async for c in workspace.files.open(f)]).decode("utf-8-sig") for f in jobs.files_of(job)]
    assert len(files) > 1
    assert all(f.startswith("Contact ID,") for f in files)
    assert sum(len(f.splitlines()) - 1 for f in files) == 500
    assert (job.state, job.total) == ("done", 500)


async def test_a_cancelled_export_makes_no_file(workspace: Workspace) -> None:
    """Between two pages it sees that it is wanted no more."""
    await imported(workspace, people(0, 3))

    async def deed(tx: Tx) -> str:
        return (await jobs.add(tx, ANN.id, export_course.job_of(Wanted("contacts"), {}, now()))).id

    id = await workspace.run(deed)
    await workspace.run(lambda tx: jobs.cancel(tx, act(), id))
    await export_course.export(workspace, id, silence)
    job = await jobs.get(workspace, id)
    assert (job.state, jobs.files_of(job)) == ("cancelled", [])
    assert ContactId("") not in {c.id for c in await everybody(workspace)}

"""Group commit: deeds that arrive together are written together, and still stand or fall each by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from hub.domain.models import Contact, Event, Member, Message, Tag, now
from hub.domain.ports import Query, Tx, Want
from hub.domain.work import Work
from hub.errors import Refused, Unstorable
from hub.store import MongoWorkspace
from hub.store.embedded import Embedded
from tests.store.faulty import failing
from tests.store.records import contact, message, work

TRANSIENT: dict[str, Any] = {"errorCode": 112, "errorLabels": ["TransientTransactionError"]}


def saying(words: str, *keys: str):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a deed
    async def deed(tx: Tx) -> str:
        tx.add(message(words, *keys))
        return words

    return deed


async def words_of(workspace: MongoWorkspace) -> list[str]:
    return [found.text.plain for found in await workspace.query(Message, Query(where={}, order="id"))]


async def test_many_deeds_in_few_commits_in_order(workspace: MongoWorkspace) -> None:
    """Deeds that arrive together share a commit, run in the order of arrival, and each gets its own value."""
    commits: list[int] = []
    workspace.on_commit(lambda made: commits.append(len(made)))

    def numbered(number: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a deed
        async def deed(tx: Tx) -> int:
            tx.add(message(str(number)))
            tx.add(work())
            return number

        return deed

    values = await asyncio.gather(*(workspace.run(numbered(number)) for number in range(300)))
    assert values == list(range(300))
    assert await words_of(workspace) == [str(number) for number in range(300)]
    assert sum(commits) == 300
    assert len(commits) <= 5


async def test_who_joins_a_little_later_joins_the_same_commit(workspace: MongoWorkspace) -> None:
    """Those whose commit has ended come again one after the other: while they keep coming, each within few turns of the
    event loop after the last, up to as many as before, they are one batch, which costs its round trips once.
    """
    commits: list[int] = []
    workspace.on_commit(lambda made: commits.append(len(made)))

    async def deed(tx: Tx) -> None:
        tx.add(work())

    async def come_twice(place: int) -> None:
        await workspace.run(deed)
        for _ in range(2 * place):
            await asyncio.sleep(0)
        await workspace.run(deed)

    await asyncio.gather(*(come_twice(place) for place in range(40)))
    assert commits == [40, 40]


async def test_a_refused_deed_leaves_nothing(workspace: MongoWorkspace) -> None:
    """A deed that raises gets its own exception, and nothing of it is kept: not in records that others hold either."""
    await workspace.run(_adding(contact("c|1", first_name="Ann", tags=["a"])))

    async def rename(tx: Tx) -> Contact:
        someone = await tx.find(Contact, "keys", "c|1")
        assert someone is not None
        someone.last_name = "Lee"
        return someone

    async def refused(tx: Tx) -> None:
        someone = await tx.find(Contact, "keys", "c|1")
        assert someone is not None
        someone.first_name, someone.keys = "Eve", []
        someone.tags.append("b")
        tx.add(contact("c|2"))
        tx.delete(someone)
        await tx.increment("number")
        raise Refused("not today")

    async def look(tx: Tx) -> tuple[object, ...]:
        someone = await tx.find(Contact, "keys", "c|1")
        assert someone is not None
        other = await tx.find(Contact, "keys", "c|2")
        return someone.first_name, someone.last_name, list(someone.tags), other, await tx.increment("number")

    renamed, error, seen = await asyncio.gather(
        *(workspace.run(deed) for deed in (rename, refused, look)), return_exceptions=True
    )
    assert isinstance(error, Refused)
    assert seen == ("Ann", "Lee", ["a"], None, 1)
    assert isinstance(renamed, Contact)
    assert renamed.first_name == "Ann"
    assert await workspace.get(Contact, renamed.id) == renamed
    assert await workspace.count(Contact, {}) == 1


@pytest.mark.parametrize("words", ["\ud800", "x" * 17_000_000], ids=["surrogate", "too large"])
async def test_what_cannot_be_kept_fails_alone(workspace: MongoWorkspace, words: str) -> None:
    """A record that the database cannot take fails alone, as Unstorable; its neighbours are written."""
    deeds = [saying("before"), saying(words), saying("after")]
    results = await asyncio.gather(*(workspace.run(deed) for deed in deeds), return_exceptions=True)
    assert [type(result) for result in results] == [str, Unstorable, str]
    assert await words_of(workspace) == ["before", "after"]


@pytest.mark.parametrize("command", ["find", "insert", "commitTransaction"])
async def test_a_transient_error_runs_the_batch_again(
    workspace: MongoWorkspace, mongod: Embedded, command: str
) -> None:
    """When the database asks for it, the whole batch runs again, and is written once."""
    runs = 0

    async def deed(tx: Tx) -> int:
        nonlocal runs
        runs += 1
        assert await tx.find(Message, "keys", f"k{command}") is None
        tx.add(message("once", f"k{command}"))
        return await tx.increment("number")

    await workspace.run(saying("warm"))
    async with failing(mongod, [command], **TRANSIENT):
        assert await workspace.run(deed) == 1
    assert runs == 2
    assert await words_of(workspace) == ["warm", "once"]


@pytest.mark.parametrize(
    "how", [{"closeConnection": True}, {"writeConcernError": {"code": 64, "errmsg": "late"}}], ids=["hung up", "late"]
)
async def test_a_lost_answer_to_a_commit(workspace: MongoWorkspace, mongod: Embedded, how: dict[str, Any]) -> None:
    """A commit whose answer is lost is asked for again, not done again."""
    async with failing(mongod, ["commitTransaction"], times=3, **how):
        assert await workspace.run(saying("once")) == "once"
    assert await words_of(workspace) == ["once"]


async def test_a_hung_up_connection_in_the_middle(workspace: MongoWorkspace, mongod: Embedded) -> None:
    """A connection lost in the middle of a batch costs a rerun, nothing else."""
    async with failing(mongod, ["insert"], closeConnection=True):
        results = await asyncio.gather(*(workspace.run(saying(str(number))) for number in range(5)))
    assert sorted(await words_of(workspace)) == sorted(results)


async def test_a_caller_that_goes_away(workspace: MongoWorkspace) -> None:
    """Who stops waiting does not break the batch for the others."""
    await workspace.run(saying("warm"))
    tasks = [asyncio.create_task(workspace.run(saying(str(number)))) for number in range(6)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[2], asyncio.CancelledError)
    assert [result for index, result in enumerate(results) if index != 2] == ["0", "1", "3", "4", "5"]
    assert {"0", "1", "3", "4", "5"} <= set(await words_of(workspace))


async def test_new_and_changed_work_is_told(workspace: MongoWorkspace) -> None:
    """After a commit the host is told of new and changed work items, not of untouched, deleted or refused ones."""
    told: list[Sequence[Work]] = []
    kept, changed, dropped = work("kept"), work("changed"), work("dropped")

    async def begin(tx: Tx) -> None:
        for each in (kept, changed, dropped):
            tx.add(each)

    async def go_on(tx: Tx) -> None:
        assert await tx.get(Work, kept.id)
        held = await tx.get(Work, changed.id)
        assert held
        held.held = True
        tx.delete(dropped)

    workspace.on_commit(told.append)
    workspace.on_commit(lambda _: 1 / 0)  # type: ignore[arg-type]  # a listener's own fault
    await workspace.run(begin)
    await workspace.run(go_on)
    assert [[each.lane for each in each_time] for each_time in told] == [["kept", "changed", "dropped"], ["changed"]]
    waiting = await workspace.query(Work, Query(where={"state": "waiting"}, order="id"))
    assert [each.lane for each in waiting] == ["kept", "changed"]


async def test_a_listener_can_be_taken_away(workspace: MongoWorkspace) -> None:
    """Who stopped listening is told nothing more."""
    told: list[Sequence[Work]] = []
    stop = workspace.on_commit(told.append)
    stop()
    await workspace.run(_adding(work()))
    assert told == []


async def test_wants_are_loaded_for_all_at_once(workspace: MongoWorkspace) -> None:
    """What deeds say they will look up is loaded with what follows from it, and is what they then find."""
    people = [contact(f"c|{number}") for number in range(3)]
    events = {each.id: Event(id=each.id, kind="seen", at=now()) for each in people}
    await workspace.run(_adding(*people, *events.values()))

    def deed_of(number: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a deed
        async def deed(tx: Tx) -> str:
            someone = await tx.find(Contact, "keys", f"c|{number}")
            event = someone and await tx.get(Event, someone.id)
            return event.kind if event else "nobody"

        return deed

    def want(number: int) -> Want:
        return Want(Contact, "keys", (f"c|{number}",), lambda found: [Want(Event, "id", (found.id,))])

    values = await asyncio.gather(*(workspace.run(deed_of(n), [want(n)]) for n in range(4)))
    assert values == ["seen", "seen", "seen", "nobody"]


async def test_the_catalog_snapshot_follows_own_commits(workspace: MongoWorkspace) -> None:
    """A change of the catalog is seen at once where it was made, and by the next deed."""
    assert await workspace.items(Tag) == []
    await workspace.run(_adding(Tag(id="t1", name="vip"), Member(id="u1", role="agent", name="Bob")))  # type: ignore[arg-type]

    async def look(tx: Tx) -> list[str]:
        return [tag.name for tag in await tx.items(Tag)]

    assert [tag.name for tag in await workspace.items(Tag)] == ["vip"]
    assert await workspace.run(look) == ["vip"]
    await workspace.run(lambda tx: tx.increment("number"))
    assert len(await workspace.items(Member)) == 1


def _adding(*records: object):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a deed
    async def deed(tx: Tx) -> None:
        for record in records:
            tx.add(record)  # type: ignore[arg-type]

    return deed


async def test_what_is_wanted_as_new_is_found_where_it_is_there(workspace: MongoWorkspace) -> None:
    """A record that is hardly ever there is not looked for at first; where it is there, the deed finds it all the same,
    and its neighbours in the batch are kept.
    """
    await workspace.run(saying("first", "c|1"))
    wants = [Want(Message, "keys", ("c|1",), new=True)]

    async def once(tx: Tx) -> str:
        found = await tx.find(Message, "keys", "c|1")
        if found is None:
            tx.add(message("again", "c|1"))
        return found.text.plain if found else "new"

    said = await asyncio.gather(workspace.run(once, wants), workspace.run(saying("neighbour", "c|2")))
    assert said == ["first", "neighbour"]
    assert await words_of(workspace) == ["first", "neighbour"]

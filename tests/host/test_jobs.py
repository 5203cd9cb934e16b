"""Imports and exports in their lanes: tried again where a network makes them wait, gone on with by another host, and
told in one message.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from hub.domain.carrying import export_course, importing, jobs
from hub.domain.carrying.export_course import Wanted
from hub.domain.conversations import Act
from hub.domain.ids import Identity, PostId, UserId
from hub.domain.models import Contact, Job, Media, Member, now
from hub.domain.ports import OutgoingMedia, Query, Tx
from hub.domain.reply import Reply
from hub.domain.work import Work
from hub.errors import Gone, TemporaryFailure, TooLarge, Undeliverable
from hub.host import jobs as host_jobs
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane, Lanes
from hub.host.pacer import Pacer
from hub.store import MongoWorkspace
from tests.scene import until

ANN = Member(id=UserId("ann"), role="owner", name="Ann")


@dataclass
class PaperFrontEnd:
    """A network that does as it is told: once not now, once the message is gone, once the file is too large."""

    content: bytes = b""
    network: str = "paper"
    troubles: list[Exception] = field(default_factory=list)
    posts: dict[str, Reply] = field(default_factory=dict)
    given: list[tuple[str, bytes]] = field(default_factory=list)

    def owns(self, identity: Identity) -> bool:
        return identity == "paper:ann"

    def desk(self, chat: str) -> PaperFrontEnd:
        del chat
        return self

    def _trouble(self, kind: type[Exception]) -> None:
        found = next((t for t in self.troubles if isinstance(t, kind)), None)
        if found is not None:
            self.troubles.remove(found)
            raise found

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        del media
        self._trouble(TemporaryFailure)
        self._trouble(Undeliverable)
        yield self.content

    async def notify(self, identity: Identity, reply: Reply) -> PostId:
        del identity
        post = PostId(f"p{len(self.posts) + 1}")
        self.posts[post] = reply
        return post

    async def renotify(self, identity: Identity, post: PostId, reply: Reply) -> None:
        del identity
        self._trouble(Gone)
        self.posts[post] = reply

    async def hand_over(self, identity: Identity, file: OutgoingMedia) -> None:
        del identity
        self._trouble(TooLarge)
        self.given.append((file.media.name, b"".join([chunk async for chunk in file.content()])))


def hosting(workspace: MongoWorkspace, front_end: PaperFrontEnd) -> Lanes:
    """A host's lanes, as far as jobs go."""
    nobody: Any = None
    around = Surroundings(workspace, nobody, [front_end], Pacer(), nobody, nobody)  # type: ignore[list-item]

    async def perform(lane: Lane) -> None:
        await host_jobs.step(around, lane, lane.works[0])

    lanes = Lanes(perform)
    workspace.on_commit(lanes.put)
    return lanes


async def add(workspace: MongoWorkspace, job: Job) -> str:
    job.told = {"identity": "paper:ann"}

    async def deed(tx: Tx) -> None:
        if await tx.get(Member, ANN.id) is None:
            tx.add(Member(id=ANN.id, role="owner", name="Ann", identities=[Identity("paper:ann")]))
        await jobs.add(tx, ANN.id, job)

    await workspace.run(deed)
    return job.id


def sent(name: str = "people.csv") -> Job:
    return jobs.drafted(jobs.Source(network="paper", chat="1", file=Media(kind="file", name=name)), name, {}, now())


async def begin(workspace: MongoWorkspace, id: str) -> None:
    act = Act(member=ANN, at=now(), desk=None, thread=None)

    async def deed(tx: Tx) -> None:
        await jobs.begin(tx, act, id)

    await workspace.run(deed)


def people(count: int) -> bytes:
    return "\n".join(["First name,Phone", *(f"P{n},+49170{n:07d}" for n in range(count))]).encode()


async def contacts(workspace: MongoWorkspace) -> int:
    return len(await workspace.query(Contact, Query(where={})))


async def at_rest(workspace: MongoWorkspace, lanes: Lanes) -> None:
    await until(lambda: not lanes.waiting, "the job to rest")
    assert await workspace.query(Work, Query(where={})) == []


async def test_a_file_comes_and_its_import_is_told_in_one_message(workspace: MongoWorkspace) -> None:
    """A network that is away is asked again; a message that is gone is posted anew; all else is one message."""
    front_end = PaperFrontEnd(people(3) + b"\nDan,12\n", troubles=[TemporaryFailure("Away.", 0.01)])
    lanes = hosting(workspace, front_end)
    id = await add(workspace, sent())
    await at_rest(workspace, lanes)
    assert (await jobs.get(workspace, id)).told == {"identity": "paper:ann", "post": "p1"}
    assert front_end.posts["p1"].data["stage"] == "ready"
    assert [name for name, _ in front_end.given] == ["people-refused.csv"]
    front_end.troubles.append(Gone("The message is gone."))
    await begin(workspace, id)
    await at_rest(workspace, lanes)
    assert list(front_end.posts) == ["p1", "p2"]
    assert (front_end.posts["p2"].data["state"], front_end.posts["p2"].data["made"]) == ("done", 3)
    assert await contacts(workspace) == 3
    assert jobs.files_of(await jobs.get(workspace, id)) == []
    await lanes.close()


async def test_another_host_goes_on_where_one_was_ended(
    workspace: MongoWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub is ended after some rows; the next start takes the same work up, and no row is done twice."""
    monkeypatch.setattr(importing, "TOGETHER", 5)
    monkeypatch.setattr(host_jobs, "SLICE", 0.0)
    front_end = PaperFrontEnd(people(60))
    first = hosting(workspace, front_end)
    id = await add(workspace, sent())
    await at_rest(workspace, first)
    await begin(workspace, id)
    await until(lambda: int(str(front_end.posts["p1"].data["done"])) > 5, "some rows")
    await first.close()
    workspace._listeners.clear()
    done = (await jobs.get(workspace, id)).done
    assert 0 < done < 60, "it was ended in the middle"
    second = hosting(workspace, front_end)
    second.put(await workspace.query(Work, Query(where={"state": "waiting"}, order="id")))
    await at_rest(workspace, second)
    job = await jobs.get(workspace, id)
    assert (job.state, job.done, job.made, await contacts(workspace)) == ("done", 60, 60, 60)
    await second.close()


async def test_an_export_is_given_once(workspace: MongoWorkspace) -> None:
    """The file is handed over, and nothing of it is kept; one that is too large for the network is told so."""
    front_end = PaperFrontEnd()
    lanes = hosting(workspace, front_end)
    await add(workspace, export_course.job_of(Wanted("contacts"), {}, now()))
    await at_rest(workspace, lanes)
    ((name, content),) = front_end.given
    assert name.endswith(".csv")
    assert content.startswith(b"\xef\xbb\xbfContact ID,")
    front_end.troubles.append(TooLarge("50 MB."))
    id = await add(workspace, export_course.job_of(Wanted("contacts"), {}, now()))
    await at_rest(workspace, lanes)
    assert "The file could not be sent: 50 MB." in str(front_end.posts["p2"].data["problem"])
    assert jobs.files_of(await jobs.get(workspace, id)) == []
    await lanes.close()


@pytest.mark.parametrize("limited", [True, False])
async def test_who_may_take_nothing_out_any_more_is_given_nothing(workspace: MongoWorkspace, limited: bool) -> None:
    """While it was being made, they were limited, or left: the file is dropped."""
    front_end = PaperFrontEnd()
    id = await add(workspace, export_course.job_of(Wanted("contacts"), {}, now()))

    async def deed(tx: Tx) -> None:
        member = await tx.get(Member, ANN.id)
        assert member is not None
        if limited:
            member.role, member.limits = "agent", ["no_export"]
        else:
            tx.delete(member)

    await workspace.run(deed)
    lanes = hosting(workspace, front_end)
    lanes.put(await workspace.query(Work, Query(where={"state": "waiting"}, order="id")))
    await at_rest(workspace, lanes)
    assert front_end.given == []
    assert front_end.posts == {}
    assert jobs.files_of(await jobs.get(workspace, id)) == []
    await lanes.close()


async def test_what_breaks_ends_the_job_and_is_told(workspace: MongoWorkspace) -> None:
    """A file that is gone at the network is not asked for again and again."""
    front_end = PaperFrontEnd(troubles=[Undeliverable("The network has it no more.")])
    lanes = hosting(workspace, front_end)
    await add(workspace, sent())
    await at_rest(workspace, lanes)
    assert front_end.posts["p1"].data["problem"] == "The network has it no more."
    await lanes.close()

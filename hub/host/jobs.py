"""Long works over many records: some of a job at a time, told in one message that is drawn anew as it comes on.

A step goes on where the one before stopped; so does a hub that was ended in the middle.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from hub.domain import limits
from hub.domain.carrying import course, export_course, jobs, progress, tables
from hub.domain.carrying.exporting import BARRED
from hub.domain.ids import FileId, Identity, PostId
from hub.domain.models import Field, Job, Media, Member
from hub.domain.ports import FrontEnd, OutgoingMedia, Tx, Workspace
from hub.domain.work import RunJob, Work
from hub.errors import DeliveryError, HubError, NotFound, TemporaryFailure, TooLarge, Unavailable
from hub.host import delivery
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane

log = logging.getLogger(__name__)

SLICE = 3.0
"""Seconds for which a job is worked at before it is told how far it came, and other work may have the lane's host."""
_SLICES = 20
"""For which an import goes on, told of in each, before its file is read anew."""
_BROKEN = "It broke the hub's own rules; its log says how."


async def step(around: Surroundings, lane: Lane, work: Work) -> None:
    """The next steps of a job. What its file or its message waits for is tried again."""
    if not isinstance(work.task, RunJob):
        return
    try:
        more = await Carrier(around.workspace, around.front_ends).carry(work.task.job)
    except TemporaryFailure as error:
        await delivery.postpone(around, lane, [work], error)
        return
    if not more:
        await delivery.end(around, lane, [work])


class Carrier:
    """Carries the jobs of a workspace, and tells who asked for them."""

    def __init__(self, workspace: Workspace, front_ends: Sequence[FrontEnd], seconds: float | None = None) -> None:
        self._workspace = workspace
        self._front_ends = front_ends
        self._slice = SLICE if seconds is None else seconds
        self._told = time.monotonic()

    async def carry(self, id: str) -> bool:
        """Some of the job; whether there is more to do now. Raises TemporaryFailure where a network is to be waited
        for, and Unavailable where the database is.
        """
        job = await self._workspace.get(Job, id)
        if job is None:
            return False
        try:
            return await self._carry(job)
        except (TemporaryFailure, Unavailable):
            raise
        except HubError as error:
            log.warning("job %s: %s", job.name, error.text)
            reason = error.text
        except Exception:
            log.exception("job %s broke the hub's own rules", job.name)
            reason = _BROKEN
        return await self._workspace.run(lambda tx: jobs.fail(tx, id, reason))

    async def _carry(self, job: Job) -> bool:
        match job.state, job.what, jobs.stage(job):
            case "drafted", _, "fetch":
                await self._fetch(job)
            case "drafted", _, "check":
                await course.check(self._workspace, job.id, self._now_and_then)
            case "running", "export", _:
                await export_course.export(self._workspace, job.id, self._now_and_then)
            case "running", _, _:
                await course.import_some(self._workspace, job.id, self._until(_SLICES), self._now_and_then)
            case "undoing", _, _:
                await course.undo_some(self._workspace, job.id, self._until())
            case _:
                return await self._rest(job)
        await self._quietly(await jobs.get(self._workspace, job.id))
        return True

    def _until(self, slices: int = 1) -> course.Until:
        end = time.monotonic() + slices * self._slice
        return lambda: time.monotonic() > end

    # -- the file that came ----------------------------------------------------------------------------------------

    async def _fetch(self, job: Job) -> None:
        source = jobs.source_of(job)
        front_end = next((f for f in self._front_ends if source and f.network == source.network), None)
        if source is None or front_end is None:
            raise NotFound("The file cannot be had any more; send it again.")
        content = bytearray()
        async for chunk in front_end.desk(source.chat).fetch(source.file):
            content += chunk
            if len(content) > tables.LARGEST:
                break  # told so by whoever reads it
        await course.accept(self._workspace, job.id, bytes(content))

    # -- telling ---------------------------------------------------------------------------------------------------

    async def _rest(self, job: Job) -> bool:
        """Nothing goes on by itself now: files are given, what stands is told, what is needed no more is dropped."""
        await self._give(job)
        await self._tell(await jobs.get(self._workspace, job.id))
        await course.tidy(self._workspace, job.id)
        return False

    async def _now_and_then(self, job: Job) -> None:
        if time.monotonic() - self._told > self._slice:
            await self._quietly(job)

    async def _quietly(self, job: Job) -> None:
        """How far it came is no matter that anything waits for."""
        try:
            await self._tell(job)
        except DeliveryError as error:
            log.info("how far a job came was not told: %s", error.text)

    async def _listener(self, job: Job) -> tuple[FrontEnd, Identity] | None:
        """Who is told, while they are a member; who may take nothing out by now is given nothing either."""
        identity = Identity(job.told.get("identity", ""))
        front_end = next((f for f in self._front_ends if identity and f.owns(identity)), None)
        member = next((m for m in await self._workspace.items(Member) if identity in m.identities), None)
        barred = limits.barred(member, BARRED) if job.what == "export" else ""
        return (front_end, identity) if front_end is not None and member is not None and not barred else None

    async def _tell(self, job: Job) -> None:
        """In the one message, or in a new one where there is none or it was taken away."""
        self._told = time.monotonic()
        listener = await self._listener(job)
        if listener is None:
            return
        front_end, identity = listener
        reply = progress.said(job, await self._workspace.items(Field))
        post = PostId(job.told.get("post", ""))
        try:
            if post:
                await front_end.renotify(identity, post, reply)
                return
        except TemporaryFailure:
            raise
        except DeliveryError as error:
            log.info("a job's message is posted anew: %s", error.text)
        await self._posted(job.id, await front_end.notify(identity, reply))

    async def _posted(self, id: str, post: PostId) -> None:
        async def deed(tx: Tx) -> None:
            job = await tx.get(Job, id)
            if job is not None:
                job.told = {**job.told, "post": post}

        await self._workspace.run(deed)

    # -- the files that it made ------------------------------------------------------------------------------------

    async def _give(self, job: Job) -> None:
        """Each once, but for a hub that is ended between giving and noting so."""
        listener = await self._listener(job)
        if listener is None or job.plan.get("sent") or job.state not in ("drafted", "done", "cancelled"):
            return
        front_end, identity = listener
        for number, file in enumerate(files := self._results(job), 1):
            media = Media(kind="file", name=_named(job, number, len(files)), mime="text/csv")
            try:
                await front_end.hand_over(identity, await self._outgoing(media, file))
            except TooLarge as error:
                await self._note(job.id, f"The file could not be sent: {error.text} hub export makes it on the server.")
        await self._note(job.id)

    async def _outgoing(self, media: Media, file: FileId) -> OutgoingMedia:
        files = self._workspace.files
        return OutgoingMedia(media=media, content=lambda: files.open(file), size=await files.size(file))

    def _results(self, job: Job) -> list[FileId]:
        parts = [FileId(part) for part in job.plan.get("parts", "").split(",") if part]
        return parts or ([job.result] if job.result is not None else [])

    async def _note(self, id: str, problem: str = "") -> None:
        async def deed(tx: Tx) -> None:
            job = await jobs.get(tx, id)
            jobs.note(job, sent="1")
            job.problem = problem or job.problem

        await self._workspace.run(deed)


def _named(job: Job, number: int, total: int) -> str:
    """What the file is called: of an import, it holds the lines that were refused."""
    stem, _, ending = job.name.rpartition(".")
    if job.what == "import":
        return f"{stem or job.name}-refused.csv"
    return f"{stem}-{number}.{ending}" if total > 1 else job.name

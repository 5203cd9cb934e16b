"""One hosted workspace: its lanes, and its channels' polling."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from hub.domain import desks, settle
from hub.domain.models import ChannelItem, DeskItem, now
from hub.domain.ports import Cond, Hooks, Listens, Polls, Query, Tx
from hub.domain.work import (
    AnswerPress,
    Erase,
    Fetch,
    FetchFromDesk,
    GiveDossier,
    Introduce,
    NamePeople,
    Notify,
    Quarantined,
    Relay,
    RunJob,
    Send,
    SendDelete,
    SendEdit,
    SendReaction,
    Timed,
    Work,
)
from hub.errors import ChannelDead, HubError, TemporaryFailure, Unavailable, Unstorable
from hub.host import confiding, delivery, erasing, jobs, outgoing, profiles, showing
from hub.host.channels import Line
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane, Lanes, backoff
from hub.host.receiving import InOrder, take_in
from hub.host.timekeeping import Timekeeper

log = logging.getLogger(__name__)

POLL_WAIT = 20.0
"""Seconds that a network may hold a poll open."""
_ALONE: Mapping[type, Callable[[Surroundings, Lane, Work], Awaitable[None]]] = {
    Fetch: showing.fetch,
    FetchFromDesk: outgoing.fetch_from_desk,
    AnswerPress: outgoing.answer_press,
    Introduce: profiles.introduce,
    NamePeople: profiles.name_people,
    Notify: confiding.notify,
    RunJob: jobs.step,
    Erase: erasing.erase,
    GiveDossier: erasing.give_dossier,
}
"""What is done item by item; of all else, what waits together in a lane may be done together."""


class Hosted:
    """A workspace while this process hosts it."""

    def __init__(self, around: Surroundings, *, polls: bool) -> None:
        self.workspace = around.workspace
        self._around = around
        self._polls = polls
        self._lanes = Lanes(self._perform)
        self._pollers: dict[str, asyncio.Task[None]] = {}
        self._early: list[Work] | None = []
        self._timekeeper = Timekeeper(around.workspace)
        self.idle_since = now()

    async def start(self) -> None:
        """Takes up what waits. Nothing is done before that was read, lest something be done twice."""
        found = await self.workspace.query(Work, Query(where={"state": "waiting"}, order="id"))
        early, self._early = self._early or [], None
        self._lanes.put([*found, *early])
        await self._timekeeper.start()
        await self.channels_changed()

    async def adopt(self) -> None:
        """What waits for a desk goes to one that is bound: it may have come in the moment in which one was bound."""
        bound = [d.id for d in await self.workspace.items(DeskItem)]
        if not bound or not await self.workspace.count(Work, {"state": "waiting", "held": True}, limit=1):
            return

        async def deed(tx: Tx) -> None:
            await desks.adopt(tx, bound[0])

        await self.workspace.run(deed)

    async def look_again(self) -> None:
        """Takes up what another process has committed."""
        where = {"state": "waiting", "held": Cond("ne", True)}
        found = await self.workspace.query(Work, Query(where=where, order="id"))
        self._lanes.put_new(found)
        self._timekeeper.look_again()

    def put(self, works: Sequence[Work]) -> None:
        """Takes in items that were committed."""
        timed, works = [w for w in works if w.state == "timed"], [w for w in works if not isinstance(w.task, Timed)]
        self._timekeeper.put(timed)
        if self._early is None:
            self._lanes.put(works)
        else:
            self._early.extend(works)

    async def channels_changed(self) -> None:
        """Polls or listens to the channels that are connected now, where networks cannot call us; lets waiting sends
        try again.
        """
        active = {c.id for c in await self.workspace.items(ChannelItem) if c.state == "active"}
        for id in set(self._pollers) - active:
            self._pollers.pop(id).cancel()
        for id in active - set(self._pollers):
            if self._polls:
                self._pollers[id] = asyncio.create_task(self._poll(id))
        self._lanes.nudge()

    @property
    def busy(self) -> bool:
        """Whether something waits, or networks must be asked."""
        return bool(self._lanes.waiting or self._pollers)

    @property
    def wakes_at(self) -> datetime | None:
        """When the first of its timers is due; None: there is none."""
        return self._timekeeper.next

    async def close(self) -> None:
        """Stops; what waits is kept in the database."""
        await self._timekeeper.close()
        for poller in self._pollers.values():
            poller.cancel()
        await asyncio.gather(*self._pollers.values(), return_exceptions=True)
        await self._lanes.close()

    # -- work --

    async def _perform(self, lane: Lane) -> None:
        await self._catch_up(lane)
        if not lane.works:
            return
        work = self._next(lane)
        try:
            await self._do(lane, work)
        except Unstorable as error:
            await self._give_up(lane, work, error)

    async def _catch_up(self, lane: Lane) -> None:
        """Another process may have received what comes before the head: messages must not overtake each other."""
        if isinstance(lane.works[0].task, (Relay, Send)):
            where = {"state": "waiting", "lane": lane.name}
            before = {**where, "id": Cond("lt", lane.works[0].id)}
            self._lanes.put_new(await self.workspace.query(Work, Query(where=before, order="id")))

    async def _give_up(self, lane: Lane, work: Work, error: Unstorable) -> None:
        """What happened outside cannot be kept: doing it again would only make it happen again."""
        log.error("lane %s: what became of %s cannot be kept", lane.name, work.task.__class__.__name__, exc_info=error)

        async def deed(tx: Tx) -> None:
            await settle.failed(tx, [work], f"It may have been done, but that could not be kept: {error.text}")

        await delivery.settled(self.workspace, deed)
        lane.drop([work])

    async def _do(self, lane: Lane, work: Work) -> None:
        file = self._waits_for(lane) if work is lane.works[0] else None
        if file is not None:
            work.due = file.due
            return
        match work.task:
            case Send():
                await outgoing.send(self._around, lane)
            case SendEdit() | SendDelete() | SendReaction():
                await outgoing.change(self._around, lane)
            case Quarantined():
                await self._retry(lane, work)
            case _ if type(work.task) in _ALONE:
                await _ALONE[type(work.task)](self._around, lane, work)
            case _:
                await showing.show(self._around, lane)

    def _next(self, lane: Lane) -> Work:
        """The head; but files are fetched before anything is shown, so that nothing has to be posted in two parts."""
        due = (w for w in lane.works if isinstance(w.task, (Fetch, FetchFromDesk)) and w.due <= now())
        return next(due, lane.works[0])

    def _waits_for(self, lane: Lane) -> Work | None:
        """The file that what is next in the lane cannot go without, where its fetching has to be tried again first."""
        head = lane.works[0]
        if not isinstance(head.task, (Send, Relay)):
            return None
        going = {w.task.message for w in lane.works if isinstance(w.task, (Send, Relay)) and _same_album(w, head)}
        fetches = (w for w in lane.works if isinstance(w.task, (Fetch, FetchFromDesk)) and w.task.message in going)
        return next(fetches, None)

    async def _retry(self, lane: Lane, work: Work) -> None:
        task = work.task
        if not isinstance(task, Quarantined):
            return
        line = await self._around.switchboard.line(task.channel)
        reason = "its channel was disconnected" if line is None else ""
        if line is not None:
            reason = await self._received(line, task.payload)

        async def deed(tx: Tx) -> None:
            kept = await tx.get(Work, work.id)
            if kept is not None and reason:
                kept.state, kept.reason = "failed", reason
            elif kept is not None:
                tx.delete(kept)

        await delivery.settled(self.workspace, deed)
        lane.drop([work])

    async def _received(self, line: Line, payload: bytes) -> str:
        try:
            await self._around.retry(line, payload)
        except Unavailable:
            raise
        except HubError as error:
            return error.text
        except Exception as error:
            log.exception("a quarantined update broke the hub's own rules again")
            return f"it broke the hub's own rules ({type(error).__name__})"
        return ""

    # -- polling --

    async def _poll(self, channel: str) -> None:
        offset, faults, hooked = 0, 0, True
        while True:
            try:
                line = await self._around.switchboard.line(channel)
                if line is not None and isinstance(line.channel, Listens):
                    await self._listen(line, line.channel)
                    continue
                if line is None or not isinstance(line.channel, Polls):
                    return
                if hooked and isinstance(line.channel, Hooks):
                    # A network that still calls an address of before gives nothing to who asks.
                    await line.channel.hook("")
                    hooked = False
                updates = await line.channel.poll(offset, POLL_WAIT)
                # Commit first: the next offset tells the network to forget these.
                await InOrder(line).take_in(raw for _, raw in updates)
                offset = max((number + 1 for number, _ in updates), default=offset)
                faults = 0
            except ChannelDead as error:
                await self._pause(channel, error)
                return
            except Exception as error:  # noqa: BLE001 - polling must outlive whatever happens
                faults += 1
                said = error.text.rstrip(".") if isinstance(error, HubError) else type(error).__name__
                log.warning("channel %s: polling failed: %s; tried again", channel, said)
                asked = error.retry_after if isinstance(error, TemporaryFailure) else None
                await asyncio.sleep(asked or backoff(faults, first=0.2, longest=30.0))

    async def _pause(self, channel: str, error: ChannelDead) -> None:
        """The network lets us in no more: the owners are told, and it is heard again when it is connected again."""

        async def deed(tx: Tx) -> None:
            item = await tx.get(ChannelItem, channel)
            if item is not None and item.state == "active":
                await desks.pause_channel(tx, item, error.text)

        await delivery.settled(self.workspace, deed)
        self._pollers.pop(channel, None)

    async def _listen(self, line: Line, channel: Listens) -> None:
        async def take(raw: bytes) -> None:
            await take_in(line, raw)

        await channel.listen(take)


def _same_album(work: Work, head: Work) -> bool:
    if work is head:
        return True
    album = head.task.album if isinstance(head.task, (Send, Relay)) else ""
    return bool(album) and isinstance(work.task, (Send, Relay)) and work.task.album == album

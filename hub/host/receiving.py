"""In: what a network hands us is read, kept in one transaction, and only then acknowledged by the caller."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from hub.domain import arrivals
from hub.domain.arrivals import Arrival
from hub.domain.contacts import Terms
from hub.domain.ids import new_id
from hub.domain.incoming import Ignored
from hub.domain.ports import Tx
from hub.domain.work import Quarantined, Work
from hub.errors import Anomalous, HubError, Malformed, Unavailable
from hub.host.channels import Line

log = logging.getLogger(__name__)


async def take_in(line: Line, payload: bytes, may: Callable[[], object] = bool) -> None:
    """Keeps one genuine update of a channel. When this returns, it may be acknowledged: it is kept, or quarantined.

    `may` is asked when it is about to be written. Raises Unavailable where it, or the database, says so: then it must
    not be acknowledged. Raises Malformed for what its channel calls no update at all: there is nothing to keep.
    """
    try:
        await receive(line, payload, may)
    except (Unavailable, Malformed):
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it must be kept
        await _quarantine(line, payload, error, may)


class InOrder:
    """Updates that were polled together are kept side by side, but none after one that could not be kept."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._broken = False

    async def take_in(self, payloads: Iterable[bytes]) -> None:
        """Keeps all of them. Raises Unavailable where that cannot be: those not kept are the last ones."""
        taken = await asyncio.gather(*(self._take(each) for each in payloads), return_exceptions=True)
        for error in filter(None, taken):
            raise error

    async def _take(self, payload: bytes) -> None:
        try:
            await take_in(self._line, payload, self._go_on)
        except BaseException:
            self._broken = True
            raise

    def _go_on(self) -> None:
        if self._broken:
            raise Unavailable


async def receive(line: Line, payload: bytes, may: Callable[[], object] = bool) -> None:
    """Reads and keeps one update. Raises Anomalous, or what the store, or `may`, says, where that cannot be."""
    incoming = tuple(line.channel.translate(payload))
    if all(isinstance(i, Ignored) for i in incoming):
        for each in incoming:
            log.info("channel %s: ignored, %s", line.item.name, getattr(each, "reason", ""))
        return
    update = line.channel.update_id(payload)
    raw = payload.decode("utf-8", "replace")
    arrival = Arrival(channel=line.item.id, update=update, incoming=incoming, raw=raw, terms=_terms(line))

    async def deed(tx: Tx) -> None:
        may()
        await arrivals.receive(tx, arrival)

    await line.workspace.run(deed, arrivals.wants(arrival))


def _terms(line: Line) -> Terms:
    can = line.channel.capabilities
    return Terms(can.reply_window, can.person_window, not can.can_unsend)


async def _quarantine(line: Line, payload: bytes, error: Exception, may: Callable[[], object]) -> None:
    reason = error.text if isinstance(error, HubError) else f"it broke the hub's own rules ({type(error).__name__})"
    if not isinstance(error, Anomalous):
        log.warning("channel %s: an update is quarantined: %s", line.item.name, reason, exc_info=error)
    id = new_id()
    task = Quarantined(channel=line.item.id, payload=payload)

    async def deed(tx: Tx) -> None:
        may()
        tx.add(Work(id=id, lane=f"retry:{id}", task=task, state="failed", reason=reason))

    await line.workspace.run(deed)

"""What apps are to be told: bodies as they will be posted, held back, doubled or gathered on demand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(eq=False)
class Notice:
    """One request's body. Notices of one `lane` are posted in order; `lane` is a thread's key or a page's id."""

    id: int
    lane: str
    page_id: str
    body: bytes


def encode(value: Json) -> bytes:
    """JSON as the network writes it: all beyond ASCII escaped, slashes too. It signs just these bytes."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode()


@dataclass(eq=False)
class Outbox:
    """An app's notices. `on_departure` is called when one was posted or given up."""

    sent: list[Notice] = field(default_factory=list)
    waiting: list[Notice] = field(default_factory=list)
    duplicates: int = 0
    reorder: int = 0
    batch: int = 0
    on_arrival: Callable[[Notice], None] | None = None
    on_departure: Callable[[], None] = lambda: None
    _held: list[Notice] = field(default_factory=list)
    _gathered: list[tuple[str, Json]] = field(default_factory=list)

    def push(self, lane: str, entry: Json) -> None:
        """One page's entry, to be posted alone, or with others where they are gathered."""
        if self.batch:
            self._gathered.append((lane, entry))
            self.batch -= 1
            if not self.batch:
                self.release()
            return
        self.post(lane, str(entry.get("id", "")), encode({"object": "page", "entry": [entry]}))

    def post(self, lane: str, page_id: str, body: bytes) -> Notice:
        """Queue a body."""
        notice = Notice(len(self.sent) + 1, lane, page_id, body)
        self.sent.append(notice)
        if self.reorder:
            self._held.append(notice)
            self.reorder -= 1
            if not self.reorder:
                self.release()
            return notice
        self._queue(notice)
        if self.duplicates:
            self.duplicates -= 1
            self._queue(Notice(notice.id, lane, page_id, body))
        return notice

    def release(self) -> None:
        """Let go what was gathered or held back; the last comes first."""
        gathered, self._gathered, self.batch = self._gathered, [], 0
        if gathered:
            lane, first = gathered[0]
            body = encode({"object": "page", "entry": [entry for _, entry in gathered]})
            self.post(lane, str(first.get("id", "")), body)
        held, self._held, self.reorder = self._held, [], 0
        for notice in reversed(held):
            # Lanes of their own: held back, they must not wait for each other.
            self._queue(Notice(notice.id, f"{notice.lane}:{notice.id}", notice.page_id, notice.body))

    def again(self, id: int) -> None:
        """Deliver a notice once more, byte for byte. KeyError when there was none of this id."""
        if not 0 < id <= len(self.sent):
            raise KeyError(id)
        notice = self.sent[id - 1]
        self._queue(Notice(notice.id, f"{notice.lane}:again", notice.page_id, notice.body))

    def done(self, notice: Notice) -> None:
        """It was acknowledged, or given up."""
        self.waiting = [one for one in self.waiting if one is not notice]
        self.on_departure()

    def _queue(self, notice: Notice) -> None:
        if self.on_arrival is not None:
            self.waiting.append(notice)
            self.on_arrival(notice)

"""What an app is to be told: events, interactions and commands, waiting until they are delivered or given up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

NoticeKind = Literal["events_api", "interactive", "slash_commands"]


@dataclass(frozen=True)
class Answered:
    """What came of one attempt. `error` is empty where the app took it; `payload` is what it answered, if anything."""

    error: str = ""
    payload: Any = None
    status: int = 0
    final: bool = False
    """The app asked for no more attempts."""


@dataclass(eq=False)
class Notice:
    """Something to tell an app. `body` is what is posted, byte for byte; `payload` what goes over a socket."""

    id: str
    kind: NoticeKind
    lane: str
    url: str
    body: bytes
    content_type: str
    payload: Any
    attempts: int = 0
    errors: list[str] = field(default_factory=list)
    again: bool = False
    on_end: Callable[[Answered], None] = lambda _: None
    done: asyncio.Event = field(default_factory=asyncio.Event)
    answer: Answered | None = None

    @property
    def retries(self) -> bool:
        """Whether it is tried again where it fails: only events are."""
        return self.kind == "events_api"

    @property
    def answered(self) -> bool:
        """Whether what the app answers is shown to somebody."""
        return self.kind != "events_api"


@dataclass
class Outbox:
    """One app's notices. `duplicates`: how many more go out twice; `reorder`: how many are gathered and reversed."""

    waiting: dict[Notice, None] = field(default_factory=dict)
    sent: dict[str, Notice] = field(default_factory=dict)
    duplicates: int = 0
    reorder: int = 0
    on_arrival: Callable[[Notice], None] = lambda _: None
    on_departure: Callable[[], None] = lambda: None
    results: deque[tuple[float, bool]] = field(default_factory=deque)
    disabled: bool = False
    _held: list[Notice] = field(default_factory=list)

    def push(self, notice: Notice) -> None:
        """Tell the app, at once or when what is held back is let go."""
        self.sent[notice.id] = notice
        self.waiting[notice] = None
        if self.reorder and notice.retries:
            self._held.append(notice)
            self.reorder -= 1
            if not self.reorder:
                self.release()
            return
        self._depart(notice)

    def release(self) -> None:
        """Let go of what is held back, the last first."""
        self.reorder = 0
        held, self._held = self._held[::-1], []
        for notice in held:
            # each in a lane of its own would race: one lane keeps the wrong order wrong
            notice.lane = "reordered"
            self._depart(notice)

    def redeliver(self, id: str) -> None:
        """Once more, byte for byte. KeyError when there was none of this id."""
        self._repeat(self.sent[id])

    def end(self, notice: Notice, answer: Answered) -> None:
        """It was taken, or given up."""
        self.waiting.pop(notice, None)
        notice.answer = answer
        if not notice.again:
            notice.on_end(answer)
        notice.done.set()
        self.on_departure()

    def _depart(self, notice: Notice) -> None:
        self.on_arrival(notice)
        if self.duplicates and notice.retries:
            self.duplicates -= 1
            self._repeat(notice)

    def _repeat(self, notice: Notice) -> None:
        parts = (notice.id, notice.kind, notice.lane, notice.url, notice.body, notice.content_type, notice.payload)
        copy = Notice(*parts, again=True)
        self.waiting[copy] = None
        self.on_arrival(copy)

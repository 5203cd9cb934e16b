"""The network's rates as rolling windows, counted by what was really done, and the figures it tells of them."""

from __future__ import annotations

import json
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.sandbox.messenger.refusals import Refusal

DAY = 86400.0


@dataclass(frozen=True)
class Limits:
    """Rates; 0 switches one off. `window_scale` shortens every window: 0.05 makes a day 72 minutes."""

    texts_per_second: int = 300
    media_per_second: int = 10
    calls_per_engaged: int = 200
    """A day's calls for each person who was in touch with the page in that time."""
    window_scale: float = 1.0

    @classmethod
    def off(cls) -> Limits:
        """No limit at all."""
        return cls(0, 0, 0)


@dataclass
class Window:
    """What was done within the last `seconds`."""

    seconds: float
    entries: deque[float] = field(default_factory=deque)

    def used(self, now: float) -> int:
        """How much stands in it."""
        while self.entries and self.entries[0] <= now - self.seconds:
            self.entries.popleft()
        return len(self.entries)


class Meter:
    """All windows of one world: a second of texts and of media, and a day of calls, each by page."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.provoked = 0
        self._clock = clock
        self._windows: dict[tuple[str, str], Window] = {}

    def charge(self, page_id: str, kind: str, engaged: int) -> None:
        """Count a message of `kind` (texts or media). Raises Refusal, having counted nothing, where it is too many."""
        rates = {"texts": self.limits.texts_per_second, "media": self.limits.media_per_second}
        now = self._clock()
        second, day = self._window(page_id, kind, 1.0), self._window(page_id, "day", DAY)
        most = self.limits.calls_per_engaged * max(engaged, 1)
        if self.limits.calls_per_engaged and day.used(now) >= most:
            self.provoked += 1
            minutes = max(1, math.ceil((day.entries[0] + day.seconds - now) / 60))
            raise Refusal(32, headers=self.headers(page_id, engaged, minutes))
        if rates[kind] and second.used(now) >= rates[kind]:
            self.provoked += 1
            raise Refusal(613, headers=self.headers(page_id, engaged))
        second.entries.append(now)
        day.entries.append(now)

    def headers(self, page_id: str, engaged: int, minutes: int = 0) -> dict[str, str]:
        """What the network tells with each answer: percent of the day's calls, and minutes until there are more."""
        most = self.limits.calls_per_engaged * max(engaged, 1)
        used = self._window(page_id, "day", DAY).used(self._clock())
        percent = min(100, used * 100 // most) if most else 0
        figures = {"call_count": percent, "total_cputime": 1, "total_time": 1}
        business = [{"type": "messenger", **figures, "estimated_time_to_regain_access": minutes}]
        return {
            "X-App-Usage": json.dumps(figures),
            "X-Business-Use-Case-Usage": json.dumps({page_id: business}),
        }

    def _window(self, page_id: str, kind: str, seconds: float) -> Window:
        key = (page_id, kind)
        if key not in self._windows:
            self._windows[key] = Window(seconds * self.limits.window_scale)
        return self._windows[key]

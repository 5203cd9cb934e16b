"""The network's rates as rolling windows, counted by what was really done."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

BURST_SECONDS = 5


@dataclass(frozen=True)
class Limits:
    """Rates; 0 switches one off. `window_scale` shortens every window: 0.05 makes a minute three seconds."""

    bot_per_second: int = 30
    chat_per_second: int = 1
    group_per_minute: int = 20
    topics_per_minute: int = 20
    window_scale: float = 1.0

    @classmethod
    def off(cls) -> "Limits":
        """No limit at all."""
        return cls(0, 0, 0, 0)


@dataclass
class Window:
    """At most `most` units within any `seconds`. One action larger than the window is let through when it is empty."""

    most: int
    seconds: float
    entries: deque[tuple[float, int]] = field(default_factory=deque)
    used: int = 0

    def wait(self, cost: int, now: float) -> float:
        """Seconds until `cost` fits, 0 if it does now."""
        self._forget(now)
        room = self.most - cost
        if not self.most or self.used <= max(room, 0):
            return 0.0
        left = self.used
        for at, weight in self.entries:
            left -= weight
            if left <= max(room, 0):
                return max(at + self.seconds - now, 0.0)
        return 0.0

    def charge(self, cost: int, now: float) -> None:
        """Count what was done."""
        if self.most:
            self.entries.append((now, cost))
            self.used += cost

    def _forget(self, now: float) -> None:
        while self.entries and self.entries[0][0] <= now - self.seconds:
            self.used -= self.entries.popleft()[1]


class Meter:
    """All windows of one world: a second per bot, a burst per private chat, a minute per group, topics apart."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.provoked = 0
        self._clock = clock
        self._windows: dict[tuple[str, int, int], Window] = {}

    def wait(self, bot_id: int, chat_id: int | None, cost: int, *, topics: int = 0) -> int:
        """Whole seconds to wait, at least 1, or 0 when the action may go on. A refusal is counted as provoked."""
        now = self._clock()
        seconds = max((w.wait(c, now) for w, c in self._of(bot_id, chat_id, cost, topics)), default=0.0)
        if not seconds:
            return 0
        self.provoked += 1
        return max(1, math.ceil(seconds))

    def charge(self, bot_id: int, chat_id: int | None, cost: int, *, topics: int = 0) -> None:
        """Count an action that succeeded."""
        now = self._clock()
        for window, weight in self._of(bot_id, chat_id, cost, topics):
            window.charge(weight, now)

    def counters(self) -> dict[str, int]:
        """What is used now in each window, by "kind bot chat"."""
        now = self._clock()
        for window in self._windows.values():
            window.wait(0, now)
        return {f"{kind} {bot} {chat}": w.used for (kind, bot, chat), w in self._windows.items() if w.used}

    def _of(self, bot_id: int, chat_id: int | None, cost: int, topics: int) -> list[tuple[Window, int]]:
        chosen = [(self._window("topics", bot_id, chat_id or 0), topics)] if topics else []
        if cost:
            chosen.append((self._window("bot", bot_id, 0), cost))
        if cost and chat_id is not None:
            chosen.append((self._window("chat" if chat_id > 0 else "group", bot_id, chat_id), cost))
        return chosen

    def _window(self, kind: str, bot_id: int, chat_id: int) -> Window:
        key = (kind, bot_id, chat_id)
        if key not in self._windows:
            most, seconds = self._rates()[kind]
            self._windows[key] = Window(most, seconds * self.limits.window_scale)
        return self._windows[key]

    def _rates(self) -> dict[str, tuple[int, float]]:
        limits = self.limits
        return {
            "bot": (limits.bot_per_second, 1.0),
            "chat": (limits.chat_per_second * BURST_SECONDS, float(BURST_SECONDS)),
            "group": (limits.group_per_minute, 60.0),
            "topics": (limits.topics_per_minute, 60.0),
        }

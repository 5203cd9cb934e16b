"""The network's rates as rolling windows: posts by channel and by workspace, other calls by method and tier."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.sandbox.slack.refusals import limited

MINUTE = 60.0


@dataclass(frozen=True)
class Limits:
    """Rates; 0 switches one off. `window_scale` shortens every window: 0.05 makes a minute 3 seconds."""

    burst: int = 8
    """Posts in a channel within 5 seconds."""
    posts: int = 65
    """Posts in a channel within a minute: about one a second."""
    workspace_posts: int = 300
    """Posts of an app in a workspace within a minute."""
    tiers: tuple[int, int, int, int] = (1, 20, 50, 100)
    """Calls of one method within a minute, by tier."""
    window_scale: float = 1.0

    @classmethod
    def off(cls) -> Limits:
        """No limit at all."""
        return cls(0, 0, 0, (0, 0, 0, 0))


@dataclass
class Window:
    """What was done within the last `seconds`."""

    seconds: float
    most: int
    entries: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until one more fits."""
        while self.entries and self.entries[0] <= now - self.seconds:
            self.entries.popleft()
        return 0.0 if len(self.entries) < self.most else self.entries[0] + self.seconds - now


class Meter:
    """All windows of one world. `provoked` counts what was refused; what was refused is not counted as done."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.provoked = 0
        self._clock = clock
        self._windows: dict[tuple[str, ...], Window] = {}

    def check(self, token: str, method: str, tier: int, channel: str = "") -> list[Window]:
        """The windows that the call counts in. Raises Refusal (429) where one is full."""
        windows = self._of(token, method, tier, channel)
        now = self._clock()
        wait = max((window.wait(now) for window in windows), default=0.0)
        if wait > 0:
            self.provoked += 1
            raise limited(max(1, math.ceil(wait)))
        return windows

    def charge(self, windows: list[Window]) -> None:
        """Count a call that was done."""
        for window in windows:
            window.entries.append(self._clock())

    def _of(self, token: str, method: str, tier: int, channel: str) -> list[Window]:
        limits = self.limits
        wanted: list[tuple[tuple[str, ...], float, int]] = []
        if tier:
            wanted.append(((token, method), MINUTE, limits.tiers[tier - 1]))
        elif channel:
            wanted.append(((token, "burst", channel), 5.0, limits.burst))
            wanted.append(((token, "posts", channel), MINUTE, limits.posts))
            wanted.append(((token, "workspace"), MINUTE, limits.workspace_posts))
        return [self._window(key, seconds, most) for key, seconds, most in wanted if most]

    def _window(self, key: tuple[str, ...], seconds: float, most: int) -> Window:
        if key not in self._windows:
            self._windows[key] = Window(seconds * self.limits.window_scale, most)
        return self._windows[key]

"""The steps that a story is made of: what people do, and what must then be seen, or not, and where.

Each is plain data with one verb, `play`. Nothing waits for a time: a check waits for its condition, and fails with a
sentence when that does not come true. Those of one network are in the module of its name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from hub.demo.stage import NotSo, Stage
from hub.demo.transcript import Transcript


class Step(Protocol):
    """One thing of a story."""

    async def play(self, transcript: Transcript) -> None:
        """Does it, or waits for it. Raises NotSo."""


@dataclass(frozen=True)
class Scene:
    """The title of what follows."""

    title: str

    async def play(self, transcript: Transcript) -> None:
        """Prints it."""
        transcript.title(self.title)


@dataclass(frozen=True)
class Opens:
    """Something is set up through the product's own doors."""

    doing: Callable[[Stage], Awaitable[None]]
    so: str

    async def play(self, transcript: Transcript) -> None:
        """Does it; that it could be done is the check."""
        await self.doing(transcript.stage)
        transcript.passed(self.so)


async def until_so(transcript: Transcript, found: Callable[[], bool], so: str, instead: Callable[[], str]) -> None:
    """Waits for a check to hold, and notes that it did; else says what stands there instead."""
    await _until(transcript, found, so, instead)
    transcript.passed(so)


async def _until(transcript: Transcript, found: Callable[[], bool], so: str, instead: Callable[[], str]) -> None:
    def look() -> bool:
        transcript.catch_up()  # as it happens, so that what happens on several networks is told in order
        return found()

    try:
        await transcript.stage.until(look, so)
    except NotSo as error:
        raise NotSo(f"{error}\nWhat stands there:\n{instead()}") from None


async def heard_exactly(transcript: Transcript, now: Callable[[], list[str]], lines: tuple[str, ...], so: str) -> None:
    """All that stands on a contact's phone is these lines, also once the hub has nothing left to do. Raises NotSo."""

    def found() -> bool:
        return now() == list(lines)

    await _until(transcript, found, so, lambda: "\n".join(now()))
    await transcript.stage.quiet()
    await _until(transcript, found, so, lambda: "\n".join(now()))
    transcript.passed(so)

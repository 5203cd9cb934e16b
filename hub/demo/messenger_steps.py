"""What people do on Messenger, and what must then be seen on their phones."""

from __future__ import annotations

from dataclasses import dataclass

from hub.demo.messenger_lines import words
from hub.demo.stage import Stage
from hub.demo.steps import heard_exactly, until_so
from hub.demo.transcript import Transcript


@dataclass(frozen=True)
class MessengerWrites:
    """A contact writes to the shop's page."""

    who: str
    text: str

    async def play(self, transcript: Transcript) -> None:
        """Writes it."""
        there = transcript.stage.messenger
        there.world.say(there.person(self.who), there.page, self.text)
        transcript.catch_up()


@dataclass(frozen=True)
class MessengerSees:
    """A contact sees a message of the page that says just that."""

    who: str
    text: str
    so: str

    async def play(self, transcript: Transcript) -> None:
        """Waits for it."""
        stage, expected = transcript.stage, f"{transcript.stage.messenger.page.name}: {self.text}"
        there: list[str] = []

        def found() -> bool:
            there[:] = phone(stage, self.who)
            return expected in there

        await until_so(transcript, found, self.so, lambda: "\n".join(there))


@dataclass(frozen=True)
class MessengerHeardExactly:
    """All that a contact has on their phone, in order, and nothing else."""

    who: str
    lines: tuple[str, ...]
    so: str

    async def play(self, transcript: Transcript) -> None:
        """Waits until nothing is left to be done, and compares."""
        stage = transcript.stage
        await heard_exactly(transcript, lambda: phone(stage, self.who), self.lines, self.so)


def phone(stage: Stage, who: str) -> list[str]:
    """What a contact's phone shows, a line each."""
    there = stage.messenger
    shown = there.world.phone(there.person(who), there.page)
    return [f"{there.page.name if m['from'] == 'page' else who}: {words(m)}" for m in shown]

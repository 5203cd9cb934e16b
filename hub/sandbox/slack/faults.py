"""Faults on demand: refuse a call, answer nothing after doing it, be slow, hang, be away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hub.sandbox.slack.refusals import Refusal


@dataclass(frozen=True)
class Failure:
    """What a refused call is answered with. `status` alone: a gateway's answer that is none of the Web API."""

    error: str = ""
    status: int = 0
    retry_after: int | None = None

    def refusal(self) -> Refusal:
        """The answer itself."""
        limit = self.retry_after is not None
        headers = {"Retry-After": str(self.retry_after)} if limit else {}
        status = self.status or (429 if limit else 200)
        error = self.error or ("ratelimited" if limit else "" if self.status else "internal_error")
        return Refusal(error, status=status, headers=headers)


@dataclass
class _Rule:
    method: str
    channel: str
    times: int
    kind: str
    failure: Failure = field(default_factory=Failure)
    seconds: float = 0.0

    def fits(self, kind: str, method: str, channel: str) -> bool:
        return self.times > 0 and self.kind == kind and self.method in {"", method} and self.channel in {"", channel}


class Faults:
    """The rules in force, oldest first; each counts down as it is used. No method means any."""

    def __init__(self) -> None:
        self.away = False
        self._rules: list[_Rule] = []
        self._open = asyncio.Event()
        self._open.set()

    def fail(self, method: str, channel: str, times: int, failure: Failure) -> None:
        """Refuse the next `times` matching calls before doing anything."""
        self._rules.append(_Rule(method, channel, times, "fail", failure))

    def drop_answer(self, method: str, channel: str, times: int) -> None:
        """Do the next `times` matching calls, then close the connection without an answer."""
        self._rules.append(_Rule(method, channel, times, "drop"))

    def delay(self, seconds: float, method: str, times: int) -> None:
        """Wait `seconds` before doing the next `times` matching calls."""
        self._rules.append(_Rule(method, "", times, "delay", seconds=seconds))

    def hang(self, *, on: bool) -> None:
        """While on, calls are accepted and neither done nor answered; switching off lets them go on."""
        (self._open.clear if on else self._open.set)()

    async def let_pass(self, method: str, channel: str) -> None:
        """Wait as long as the faults say. Raises Refusal when the call is to be refused."""
        rule = self._take("delay", method, channel)
        if rule is not None:
            await asyncio.sleep(rule.seconds)
        await self._open.wait()
        rule = self._take("fail", method, channel)
        if rule is not None:
            raise rule.failure.refusal()

    def drops(self, method: str, channel: str) -> bool:
        """Whether the answer to this call, already done, is to be lost."""
        return self._take("drop", method, channel) is not None

    def clear(self) -> None:
        """No faults any more."""
        self._rules.clear()
        self.away = False
        self._open.set()

    def _take(self, kind: str, method: str, channel: str) -> _Rule | None:
        for rule in self._rules:
            if rule.fits(kind, method, channel):
                rule.times -= 1
                return rule
        return None

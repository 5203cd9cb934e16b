"""Faults on demand: refuse a call, answer nothing after doing it, be slow, hang, be away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hub.sandbox.messenger.refusals import Refusal


@dataclass(frozen=True)
class Failure:
    """What a refused call is answered with. `status` alone: a gateway's answer that is none of the Graph API."""

    code: int = 0
    subcode: int = 0
    message: str = ""
    status: int = 0
    retry_after: int | None = None

    def refusal(self) -> Refusal:
        """The answer itself."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        code = self.code or (613 if self.retry_after is not None else 0)
        return Refusal(code, self.subcode, self.message, status=self.status or (0 if code else 500), headers=headers)


@dataclass
class _Rule:
    operation: str
    psid: str
    times: int
    kind: str
    failure: Failure = field(default_factory=Failure)
    seconds: float = 0.0

    def fits(self, kind: str, operation: str, psid: str) -> bool:
        return self.times > 0 and self.kind == kind and self.operation in {"", operation} and self.psid in {"", psid}


class Faults:
    """The rules in force, oldest first; each counts down as it is used."""

    def __init__(self) -> None:
        self.away = False
        self._rules: list[_Rule] = []
        self._open = asyncio.Event()
        self._open.set()

    def fail(self, operation: str, psid: str, times: int, failure: Failure) -> None:
        """Refuse the next `times` matching calls before doing anything."""
        self._rules.append(_Rule(operation, psid, times, "fail", failure))

    def drop_answer(self, operation: str, psid: str, times: int) -> None:
        """Do the next `times` matching calls, then close the connection without an answer."""
        self._rules.append(_Rule(operation, psid, times, "drop"))

    def delay(self, seconds: float, operation: str, times: int) -> None:
        """Wait `seconds` before doing the next `times` matching calls."""
        self._rules.append(_Rule(operation, "", times, "delay", seconds=seconds))

    def hang(self, *, on: bool) -> None:
        """While on, calls are accepted and neither done nor answered; switching off lets them go on."""
        (self._open.clear if on else self._open.set)()

    async def let_pass(self, operation: str, psid: str) -> None:
        """Wait as long as the faults say. Raises Refusal when the call is to be refused."""
        rule = self._take("delay", operation, psid)
        if rule is not None:
            await asyncio.sleep(rule.seconds)
        await self._open.wait()
        rule = self._take("fail", operation, psid)
        if rule is not None:
            raise rule.failure.refusal()

    def drops(self, operation: str, psid: str) -> bool:
        """Whether the answer to this call, already done, is to be lost."""
        return self._take("drop", operation, psid) is not None

    def clear(self) -> None:
        """No faults any more."""
        self._rules.clear()
        self.away = False
        self._open.set()

    def _take(self, kind: str, operation: str, psid: str) -> _Rule | None:
        for rule in self._rules:
            if rule.fits(kind, operation, psid):
                rule.times -= 1
                return rule
        return None

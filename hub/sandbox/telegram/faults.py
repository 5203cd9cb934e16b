"""Faults on demand: refuse a call, answer nothing after doing it, be slow, hang, be away."""

import asyncio
from dataclasses import dataclass, field

from hub.sandbox.telegram.refusals import Refusal

_WORDS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(frozen=True)
class Failure:
    """What a refused call is answered with. Without a description the network's usual one for the code."""

    code: int = 500
    description: str | None = None
    retry_after: int | None = None
    migrate_to: int | None = None

    def refusal(self) -> Refusal:
        """The answer itself."""
        if self.retry_after is not None:
            text = self.description or f"Too Many Requests: retry after {self.retry_after}"
            return Refusal(429, text, {"retry_after": self.retry_after})
        if self.migrate_to is not None:
            text = self.description or "Bad Request: group chat was upgraded to a supergroup chat"
            return Refusal(400, text, {"migrate_to_chat_id": self.migrate_to})
        return Refusal(self.code, self.description or _WORDS.get(self.code, "Bad Request"))


@dataclass
class _Rule:
    method: str
    chat_id: int | None
    times: int
    kind: str
    failure: Failure = field(default_factory=Failure)
    seconds: float = 0.0

    def fits(self, kind: str, method: str, chat_id: int | None) -> bool:
        # A fault for any method must not be eaten by the poll that is always under way.
        named = self.method == method or (not self.method and method != "getupdates")
        return self.times > 0 and self.kind == kind and named and self.chat_id in {None, chat_id}


class Faults:
    """The rules in force, oldest first; each counts down as it is used."""

    def __init__(self) -> None:
        self.away = False
        self._rules: list[_Rule] = []
        self._open = asyncio.Event()
        self._open.set()

    def fail(self, method: str | None, chat_id: int | None, times: int, failure: Failure) -> None:
        """Refuse the next `times` matching calls before doing anything."""
        self._rules.append(_Rule((method or "").lower(), chat_id, times, "fail", failure))

    def drop_answer(self, method: str | None, chat_id: int | None, times: int) -> None:
        """Do the next `times` matching calls, then close the connection without an answer."""
        self._rules.append(_Rule((method or "").lower(), chat_id, times, "drop"))

    def delay(self, seconds: float, method: str | None, times: int) -> None:
        """Wait `seconds` before doing the next `times` matching calls."""
        self._rules.append(_Rule((method or "").lower(), None, times, "delay", seconds=seconds))

    def hang(self, *, on: bool) -> None:
        """While on, calls are accepted and neither done nor answered; switching off lets them go on."""
        (self._open.clear if on else self._open.set)()

    async def let_pass(self, method: str, chat_id: int | None) -> None:
        """Wait as long as the faults say. Raises Refusal when the call is to be refused."""
        rule = self._take("delay", method, chat_id)
        if rule is not None:
            await asyncio.sleep(rule.seconds)
        await self._open.wait()
        rule = self._take("fail", method, chat_id)
        if rule is not None:
            raise rule.failure.refusal()

    def drops(self, method: str, chat_id: int | None) -> bool:
        """Whether the answer to this call, already done, is to be lost."""
        return self._take("drop", method, chat_id) is not None

    def clear(self) -> None:
        """No faults any more."""
        self._rules.clear()
        self.away = False
        self._open.set()

    def _take(self, kind: str, method: str, chat_id: int | None) -> _Rule | None:
        for rule in self._rules:
            if rule.fits(kind, method, chat_id):
                rule.times -= 1
                return rule
        return None

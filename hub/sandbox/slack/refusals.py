"""What the Web API refuses, in its own words."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A call that was not done. Most are answered 200; `status` and `headers` are for the rest."""

    def __init__(self, error: str, *, status: int = 200, headers: dict[str, str] | None = None, **besides: Any) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.headers = headers or {}
        self.besides = besides

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"ok": False, "error": self.error, **self.besides}


def invalid(*messages: str, error: str = "invalid_arguments") -> Refusal:
    """Arguments that are wrong, each told in a line of its own."""
    return Refusal(error, response_metadata={"messages": [f"[ERROR] {message}" for message in messages]})


def missing_scope(needed: str, provided: set[str]) -> Refusal:
    """The token may not do that."""
    return Refusal("missing_scope", needed=needed, provided=",".join(sorted(provided)))


def limited(seconds: int) -> Refusal:
    """429: too much; try again in whole seconds."""
    return Refusal("ratelimited", status=429, headers={"Retry-After": str(seconds)})

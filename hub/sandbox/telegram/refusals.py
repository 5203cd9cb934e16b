"""How the network says no: code, description and parameters, in its own words."""

from typing import Any

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
WRONG_FILE = "wrong file identifier/HTTP URL specified"


class Refusal(Exception):
    """An answer with "ok": false. `description` is what the client shows."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters or {}

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad(reason: str) -> Refusal:
    """400: the request is wrong. The network lowers a sentence's first letter and leaves SYMBOLS_LIKE_THIS."""
    symbol = len(reason) > 1 and (reason[1] == "_" or reason[1].isupper())
    return Refusal(400, "Bad Request: " + (reason if symbol else reason[:1].lower() + reason[1:]))


def forbidden(reason: str) -> Refusal:
    """403: the bot may not."""
    return Refusal(403, f"Forbidden: {reason}")


def conflict(reason: str) -> Refusal:
    """409: somebody else fetches this bot's updates."""
    return Refusal(409, f"Conflict: {reason}")


def unauthorized() -> Refusal:
    """401: no bot has this token."""
    return Refusal(401, "Unauthorized")


def no_such_method() -> Refusal:
    """404: the stand-in, or the network, has no such method."""
    return Refusal(404, "Not Found: method not found")


def too_many(seconds: int) -> Refusal:
    """429: a limit was passed; try again in whole seconds."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def migrated(chat_id: int) -> Refusal:
    """400: the group became a supergroup of another id."""
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    return Refusal(400, description, {"migrate_to_chat_id": chat_id})


def too_large() -> Refusal:
    """413: more than the network takes in one upload."""
    return Refusal(413, "Request Entity Too Large")

"""How the network says no: its codes and subcodes, in its own words."""

from __future__ import annotations

import secrets
from typing import Any

WORDS: dict[tuple[int, int], str] = {
    (1, 0): "An unknown error has occurred.",
    (1, 99): "An unknown error occurred",
    (2, 0): "Service temporarily unavailable",
    (4, 0): "(#4) Application request limit reached",
    (10, 0): "(#10) Application does not have permission for this action",
    (10, 2018065): "(#10) This message is sent outside of allowed window.",
    (
        10,
        2018108,
    ): "(#10) This person isn't receiving messages from you right now.",
    (10, 2018278): (
        "(#10) This message is sent outside of allowed window. Learn more about the new policy here: "
        "https://developers.facebook.com/docs/messenger-platform/policy-overview"
    ),
    (10, 2018300): "(#10) Message failed to send because another app is controlling this thread now.",
    (10, 2534022): "(#10) This message is sent outside of allowed window.",
    (10, 1893063): "(#10) The page is restricted from sending messages.",
    (17, 0): "(#17) User request limit reached",
    (32, 0): "(#32) Page request limit reached",
    (100, 0): "(#100) Invalid parameter",
    (100, 33): (
        "Unsupported request. Object does not exist, cannot be loaded due to missing permissions, or does not support "
        "this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api"
    ),
    (100, 1893061): "(#100) Invalid parameter: the message tag is no longer supported.",
    (100, 2018001): "(#100) No matching user found",
    (100, 2018034): "(#100) Message cannot be empty, must provide valid attachment or text",
    (100, 2018047): "(#100) Upload attachment failure.",
    (100, 2018109): "(#100) Attachment size exceeds allowable limit",
    (100, 2018218): "(#100) Profile is not available for this user.",
    (104, 0): "An access token is required to request this resource.",
    (190, 0): "Invalid OAuth access token - Cannot parse access token",
    (190, 458): "Error validating access token: The user has not authorized application.",
    (190, 460): (
        "Error validating access token: The session has been invalidated because the user changed their password or "
        "Facebook has changed the session for security reasons."
    ),
    (190, 463): "Error validating access token: Session has expired.",
    (190, 467): "Error validating access token: The access token is invalid since the user logged out of the session.",
    (200, 0): "(#200) Requires pages_messaging permission to manage the object",
    (200, 1545041): "(#200) This person isn't available right now.",
    (230, 0): "(#230) Requires pages_messaging permission",
    (368, 0): "(#368) The action attempted has been deemed abusive or is otherwise disallowed",
    (551, 0): "(#551) This person isn't available right now.",
    (551, 1545041): "(#551) This person isn't available right now.",
    (613, 0): "(#613) Calls to this api have exceeded the rate limit.",
    (1200, 0): "Temporary send message failure. Please try again later.",
    (2500, 0): "Unknown path components",
    (
        2635,
        0,
    ): "(#2635) You are calling a deprecated version of the API. Please update to the latest version: v26.0.",
}
_STATUS = {1: 500, 2: 503, 1200: 500, 10: 403, 200: 403, 230: 403, 4: 403, 190: 401}
_TRANSIENT = frozenset({1, 2, 1200, 4, 17, 32, 613})


class Refusal(Exception):
    """An answer with `error`. `message`: empty for the network's usual words."""

    def __init__(self, code: int, subcode: int = 0, message: str = "", **more: Any) -> None:
        """`more`: `status` of HTTP and `headers` of the answer."""
        self.code = code
        self.subcode = subcode
        self.message = message or WORDS.get((code, subcode)) or WORDS.get((code, 0)) or f"(#{code}) Unknown error"
        self.status: int = more.get("status") or _STATUS.get(code, 400)
        self.headers: dict[str, str] = dict(more.get("headers") or {})
        super().__init__(self.message)

    def as_json(self) -> dict[str, Any]:
        """The body of the answer, with a trace of its own."""
        error: dict[str, Any] = {"message": self.message, "type": self._type(), "code": self.code}
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.code in _TRANSIENT:
            error["is_transient"] = True
        return {"error": error | {"fbtrace_id": "A" + secrets.token_urlsafe(16)}}

    def _type(self) -> str:
        return "GraphMethodException" if (self.code, self.subcode) == (100, 33) else "OAuthException"


def bad(reason: str, subcode: int = 0) -> Refusal:
    """100: a parameter is wrong."""
    return Refusal(100, subcode, f"(#100) {reason}")


def no_such(what: str, method: str = "get") -> Refusal:
    """100/33: an object that is not there, or that this token may not see."""
    text = (
        f"Unsupported {method.lower()} request. Object with ID '{what}' does not exist, cannot be loaded due to missing"
        " permissions, or does not support this operation. Please read the Graph API documentation at"
        " https://developers.facebook.com/docs/graph-api"
    )
    return Refusal(100, 33, text)

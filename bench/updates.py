"""Updates as Telegram posts them: texts in private chats, each with numbers and words of its own."""

from __future__ import annotations

import re
import time

FIRST_CONTACT = 700_000_000
_WORDS = (
    "could you tell me when my order arrives",
    "thank you, that is what I meant, and I have one more question about the invoice",
    "hello, is anybody there",
    "the parcel came but the box was open and one of the two cups is broken, what now",
    "yes please",
)
_UPDATE = (
    '{"update_id":%d,"message":{"message_id":%d,"from":{"id":%d,"is_bot":false,"first_name":"Contact %d",'
    '"last_name":"Of The Bench","username":"contact_%d","language_code":"en"},"chat":{"id":%d,'
    '"first_name":"Contact %d","last_name":"Of The Bench","username":"contact_%d","type":"private"},'
    '"date":%d,"text":"%s %s"}}'
)
MARK = re.compile(r"\bb\d+-\d+\b")
"""What tells a message of the bench from every other: the contact's number and the message's."""


def mark(contact: int, number: int) -> str:
    """The word that a message begins with."""
    return f"b{contact}-{number}"


def update(contact: int, number: int, at: float | None = None) -> str:
    """The update with that number from a contact, as JSON; no two with one number."""
    id, date = FIRST_CONTACT + contact, int(time.time() if at is None else at)
    words = _WORDS[number % len(_WORDS)]
    person = (id, contact, contact)
    return _UPDATE % (number, number, *person, *person, date, mark(contact, number), words)


def request(path: str, secret: str, body: str) -> bytes:
    """The whole HTTP request that posts an update to a hook."""
    content = body.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content

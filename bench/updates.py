"""What the networks post: texts in private chats, each with numbers and words of its own."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

FIRST_CONTACT = 700_000_000
_WORDS = (
    "could you tell me when my order arrives",
    "thank you, that is what I meant, and I have one more question about the invoice",
    "hello, is anybody there",
    "the parcel came but the box was open and one of the two cups is broken, what now",
    "yes please",
)
_TELEGRAM = (
    '{"update_id":%d,"message":{"message_id":%d,"from":{"id":%d,"is_bot":false,"first_name":"Contact %d",'
    '"last_name":"Of The Bench","username":"contact_%d","language_code":"en"},"chat":{"id":%d,'
    '"first_name":"Contact %d","last_name":"Of The Bench","username":"contact_%d","type":"private"},'
    '"date":%d,"text":"%s"}}'
)
_SLACK = (
    '{"token":"-","team_id":"%s","api_app_id":"A1","event":{"user":"%s","type":"message","ts":"%s","client_msg_id":'
    '"%032d","text":"%s","team":"%s","channel":"D%s","event_ts":"%s","channel_type":"im"},"type":"event_callback",'
    '"event_id":"Ev%010d","event_time":%d,"is_ext_shared_channel":false}'
)
_MESSENGER = (
    '{"object":"page","entry":[{"time":%d,"id":"%s","messaging":[{"sender":{"id":"%s"},"recipient":{"id":"%s"},'
    '"timestamp":%d,"message":{"mid":"m_bench%d","text":"%s"}}]}]}'
)
MARK = re.compile(r"\bb\d+-\d+\b")
"""What tells a message of the bench from every other: the contact's number and the message's."""


class Hook(msgspec.Struct, frozen=True):
    """Where to post, with which secret, as which network; there, for whom (a team, a page) and from which people."""

    name: str
    secret: str
    network: str = "telegram"
    account: str = ""
    people: list[str] = []


class Said(NamedTuple):
    """One message of the load."""

    contact: int
    number: int
    at: int

    @property
    def words(self) -> str:
        """Its text, which begins with the mark."""
        return f"{mark(self.contact, self.number)} {_WORDS[self.number % len(_WORDS)]}"

    def author(self, hook: Hook) -> str:
        """Who says it, as the network names them."""
        return hook.people[self.contact % len(hook.people)]


def mark(contact: int, number: int) -> str:
    """The word that a message begins with."""
    return f"b{contact}-{number}"


def request(hook: Hook, contact: int, number: int) -> bytes:
    """The whole HTTP request that posts a message of that contact to the hook; no two with one number."""
    said = Said(contact, number, int(time.time()))
    content, proof = _COMPOSERS[hook.network](hook, said)
    head = (
        f"POST /hooks/{hook.name} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"{proof}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def telegram_update(said: Said) -> str:
    """The update that tells of it, as JSON."""
    person = (FIRST_CONTACT + said.contact, said.contact, said.contact)
    return _TELEGRAM % (said.number, said.number, *person, *person, said.at, said.words)


def _telegram(hook: Hook, said: Said) -> tuple[bytes, str]:
    return telegram_update(said).encode(), f"X-Telegram-Bot-Api-Secret-Token: {hook.secret}"


def _slack(hook: Hook, said: Said) -> tuple[bytes, str]:
    user, ts = said.author(hook), f"{said.at}.{said.number % 1_000_000:06d}"
    what = (hook.account, user, ts, said.number, said.words, hook.account, user[1:], ts, said.number, said.at)
    body = (_SLACK % what).encode()
    signed = hmac.new(hook.secret.encode(), b"v0:%d:" % said.at + body, hashlib.sha256).hexdigest()
    return body, f"X-Slack-Request-Timestamp: {said.at}\r\nX-Slack-Signature: v0={signed}"


def _messenger(hook: Hook, said: Said) -> tuple[bytes, str]:
    at = said.at * 1000
    what = (at, hook.account, said.author(hook), hook.account, at, said.number, said.words)
    body = (_MESSENGER % what).encode()
    return body, f"X-Hub-Signature-256: sha256={hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()}"


_COMPOSERS: Mapping[str, Callable[[Hook, Said], tuple[bytes, str]]] = {
    "telegram": _telegram,
    "slack": _slack,
    "messenger": _messenger,
}

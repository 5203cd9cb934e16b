"""Who and what there is: apps with their webhooks, pages with their tokens, people, and a thread for each two."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Literal

from hub.sandbox.messenger.notices import Outbox

Json = dict[str, Any]

ALL_FIELDS = (
    "messages",
    "message_echoes",
    "message_edits",
    "message_reactions",
    "message_deliveries",
    "message_reads",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_optins",
    "messaging_handovers",
    "messaging_policy_enforcement",
    "messaging_account_linking",
    "messaging_customer_information",
    "response_feedback",
    "standby",
    "feed",
)
"""What an app may subscribe to on a page, as far as the stand-in sends it."""
SCOPES = ("pages_messaging", "pages_manage_metadata", "pages_read_engagement", "pages_show_list")
INBOX_APP = "26390203743090"
"""The page's own inbox, where people answer by hand."""

TokenState = Literal["valid", "expired", "password", "revoked", "removed"]


@dataclass
class Hook:
    """Where an app is called, once the handshake was passed."""

    url: str
    verify_token: str
    fields: frozenset[str]


@dataclass(eq=False)
class App:
    """A developer's app. `human_agent`: App Review gave it the right to answer for seven days."""

    id: str
    name: str
    secret: str
    human_agent: bool = False
    hook: Hook | None = None
    outbox: Outbox = field(default_factory=Outbox)

    @property
    def token(self) -> str:
        """The app's own token."""
        return f"{self.id}|{self.secret}"

    def as_json(self) -> Json:
        """What the network shows of it."""
        return {"id": self.id, "name": self.name}


@dataclass(eq=False)
class Token:
    """A page's token for one app."""

    text: str
    app: App
    page: Page
    state: TokenState = "valid"
    scopes: tuple[str, ...] = SCOPES
    expires_at: int = 0


@dataclass(eq=False)
class Person:
    """Somebody on Messenger. `hides`: no app gets their name, nor their picture. `picture`: a file's key; empty: the
    network shows an outline.
    """

    id: str
    first_name: str
    last_name: str = ""
    hides: bool = False
    gone: bool = False
    picture: str = ""

    def as_json(self) -> Json:
        """For pages and tests."""
        return {"id": self.id, "first_name": self.first_name, "last_name": self.last_name}


@dataclass(eq=False)
class Page:
    """A Facebook page. `subscriptions`: the fields each subscribed app hears of, by its id."""

    id: str
    name: str
    tokens: list[Token] = field(default_factory=list)
    subscriptions: dict[str, frozenset[str]] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    restricted: bool = False

    @property
    def token(self) -> str:
        """The token of the app that was given the page first."""
        return self.tokens[0].text

    @property
    def app(self) -> App:
        """The app that was given the page first."""
        return self.tokens[0].app

    def as_json(self) -> Json:
        """For pages and tests."""
        return {"id": self.id, "name": self.name}


@dataclass(eq=False)
class Stored:
    """A message as the network keeps it. `at` is in milliseconds; `body` has text, attachments and what is pressed."""

    mid: str
    at: int
    author: Literal["contact", "page"]
    body: Json
    app_id: str = ""
    edits: int = 0
    deleted: bool = False
    reactions: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Thread:
    """One person's conversation with one page; the person is known there by `psid` alone."""

    page: Page
    person: Person
    psid: str
    messages: dict[str, Stored] = field(default_factory=dict)
    last_act: float | None = None
    """When the person last did what opens the window."""
    blocked: bool = False
    muted: bool = False
    owner: str = ""
    """The app that has the conversation; empty: every subscribed one."""
    online: bool = True
    """The phone is on: what is sent arrives at once."""
    typing: bool = False
    seen: int = 0
    """Milliseconds up to which the page has seen what the person wrote."""

    @property
    def key(self) -> str:
        """Names the thread among all."""
        return f"{self.page.id}:{self.psid}"


def make_token() -> str:
    """A page's token, as long and as plain as the network's."""
    return "EAAG" + secrets.token_hex(40)


def make_mid() -> str:
    """A message's name."""
    return "m_" + secrets.token_urlsafe(48)

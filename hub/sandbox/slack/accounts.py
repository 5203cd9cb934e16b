"""Who and what there is in the stand-in of Slack: teams, users, apps, channels, messages."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from hub.sandbox.slack.outbox import Outbox

Json = dict[str, Any]
Kind = Literal["channel", "group", "im"]
"""A public channel, a private one, a direct message."""

BOT_SCOPES = (
    "app_mentions:read channels:history channels:join channels:read chat:write commands files:read files:write "
    "groups:history groups:read im:history im:read im:write reactions:read reactions:write team:read users:read "
    "users:read.email"
)
BOT_EVENTS = (
    "app_home_opened app_mention app_uninstalled channel_archive channel_unarchive channel_rename channel_shared "
    "channel_unshared member_joined_channel member_left_channel message.channels message.groups message.im "
    "reaction_added reaction_removed tokens_revoked user_change"
)
SLACKBOT = "USLACKBOT"


@dataclass(eq=False)
class Team:
    """A workspace."""

    id: str
    name: str
    domain: str
    url: str = ""
    users: dict[str, User] = field(default_factory=dict)

    def as_json(self) -> Json:
        """As team.info tells it."""
        icon = {"image_default": True}
        return {"id": self.id, "name": self.name, "domain": self.domain, "email_domain": "", "icon": icon}


@dataclass(eq=False)
class User:
    """A person, or the user that an app's bot is. `name` is the user name, `guest` a person of few channels."""

    id: str
    team: Team
    name: str
    real_name: str
    display_name: str = ""
    locale: str = "en-US"
    tz: str = "Europe/Amsterdam"
    tz_offset: int = 3600
    email: str = ""
    is_bot: bool = False
    is_admin: bool = False
    guest: bool = False
    deleted: bool = False
    app_id: str = ""
    bot_id: str = ""
    avatar: str = ""
    """The name of the picture that they chose; empty: they chose none."""


@dataclass(eq=False)
class Installation:
    """An app in a team: its bot, its token, what it may do. `gone`: why the token is refused, if it is."""

    app: App
    team: Team
    bot: User
    token: str
    scopes: set[str]
    gone: str = ""
    ended: dict[str, str] = field(default_factory=dict)
    """Tokens that were good once, and what is answered to them now."""


@dataclass(eq=False)
class Shortcut:
    """An entry that an app adds to messages' menus (`message`) or everywhere (`global`)."""

    callback_id: str
    name: str
    kind: Literal["message", "global"] = "message"


@dataclass(eq=False)
class App:
    """An app of a developer's, as its settings pages show it."""

    id: str
    name: str
    client_id: str
    client_secret: str
    signing_secret: str
    app_token: str
    scopes: set[str]
    events: set[str]
    commands: dict[str, str] = field(default_factory=dict)
    """Address by slash command; empty: where events go."""
    shortcuts: list[Shortcut] = field(default_factory=list)
    redirect_urls: list[str] = field(default_factory=list)
    request_url: str = ""
    interactivity_url: str = ""
    socket_mode: bool = False
    home_tab: bool = True
    should_escape: bool = True
    verification_token: str = field(default_factory=lambda: secrets.token_hex(12))
    installations: dict[str, Installation] = field(default_factory=dict)
    outbox: Outbox = field(default_factory=Outbox)

    @property
    def listens(self) -> bool:
        """Whether there is anywhere to bring events to."""
        return self.socket_mode or bool(self.request_url)

    def url_for(self, kind: str, command: str = "") -> str:
        """Where a notice is posted; empty where the app has no such address."""
        if kind == "events_api":
            return self.request_url
        if kind == "slash_commands":
            return self.commands.get(command, "") or self.request_url
        return self.interactivity_url or self.request_url


@dataclass(eq=False)
class Stored:
    """A message. `fields` are what its shape has besides those that are kept here."""

    ts: str
    user: str
    team: str
    fields: Json
    thread_ts: str = ""
    subtype: str = ""
    replies: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited: Json | None = None
    files: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words, or what stands for the blocks."""
        return str(self.fields.get("text", ""))

    @property
    def root(self) -> bool:
        """Whether it stands in the channel itself."""
        return not self.thread_ts or self.thread_ts == self.ts


@dataclass(eq=False)
class Channel:
    """Where messages stand. `teams`: all workspaces that share it, the host's first. `whispers`: by (user, ts)."""

    id: str
    name: str
    kind: Kind
    teams: list[Team]
    members: list[str]
    created: int
    topic: str = ""
    archived: bool = False
    pending: bool = False
    messages: dict[str, Stored] = field(default_factory=dict)
    whispers: dict[tuple[str, str], Stored] = field(default_factory=dict)

    @property
    def team(self) -> Team:
        """The host."""
        return self.teams[0]

    @property
    def shared(self) -> bool:
        """Whether people of another workspace are in it."""
        return len(self.teams) > 1

    @property
    def event_kind(self) -> str:
        """As events call it: `channel_type`."""
        return self.kind

    def ordered(self, which: Callable[[Stored], bool] | None = None) -> list[Stored]:
        """The messages, or those `which` is true of, oldest first."""
        return sorted(filter(which, self.messages.values()), key=lambda stored: stored.ts)


_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def base36(number: int) -> str:
    """A number as ids are written."""
    out = ""
    while number:
        number, rest = divmod(number, 36)
        out = _DIGITS[rest] + out
    return out or "0"


def words(text: str | Iterable[str]) -> set[str]:
    """Names separated by spaces or commas, or given one by one."""
    return set(text.replace(",", " ").split()) if isinstance(text, str) else set(text)

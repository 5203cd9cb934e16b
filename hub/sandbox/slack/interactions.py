"""Interactions: what a person's press, command or dialog tells an app, and by what it may answer for a while."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec

from hub.sandbox.slack.accounts import App, Channel, Installation, Json, Stored, Team, User
from hub.sandbox.slack.events import Events
from hub.sandbox.slack.outbox import Answered, Notice, NoticeKind
from hub.sandbox.slack.refusals import Refusal

FORM = "application/x-www-form-urlencoded"
TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 1800.0
RESPONSE_USES = 5
RESPONSE_PREFIX = "/slack-response"


@dataclass(eq=False)
class Knock:
    """An interaction. `trouble`: what the person is told where the app did not answer in time."""

    by: Installation
    user: User
    kind: NoticeKind
    payload: Json
    notice: Notice
    trouble: str = ""

    @property
    def trigger_id(self) -> str:
        """What opens a dialog, within 3 seconds."""
        return str(self.payload.get("trigger_id", ""))

    @property
    def response_url(self) -> str:
        """Where the app may answer, 5 times within 30 minutes."""
        return str(self.payload.get("response_url", ""))

    async def answer(self, seconds: float = 5.0) -> Any:
        """Wait until the app has taken it, or failed to; what it answered. TimeoutError when neither comes."""
        await asyncio.wait_for(self.notice.done.wait(), seconds)
        return self.notice.answer.payload if self.notice.answer is not None else None


@dataclass(eq=False)
class Trigger:
    """What opens a dialog. `view`: the one from within which it came."""

    by: Installation
    user: User
    at: float
    view: str = ""
    used: bool = False


@dataclass(eq=False)
class Reply:
    """An address at which an app may answer an interaction. `stored`: the message it came from."""

    by: Installation
    user: User
    channel: Channel
    at: float
    stored: Stored | None = None
    whispered: bool = False
    uses: int = 0


@dataclass
class Place:
    """Where an interaction happened: at a message, or in a view."""

    channel: Channel | None = None
    stored: Stored | None = None
    whispered: bool = False
    view: Json | None = None
    besides: Json = field(default_factory=dict)


class Interactions(Events):
    """A world in which people press, and apps answer."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.triggers: dict[str, Trigger] = {}
        self.replies: dict[str, Reply] = {}
        self.knocks: list[Knock] = []
        self.trigger_seconds = TRIGGER_SECONDS
        """For tests on slow machines; Slack's is 3."""
        self.loose_threads = False
        """Lets posts to a thread that is not there fall into the channel, as Slack does at times, unrefused."""

    def spend(self, id: str, by: Installation) -> Trigger:
        """Use a trigger, once. Raises Refusal."""
        trigger = self.triggers.get(id)
        if trigger is None or trigger.by.app is not by.app:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self.now() - trigger.at > self.trigger_seconds:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger

    def reply_at(self, key: str) -> Reply:
        """Use an address for answers. Raises Refusal."""
        reply = self.replies.get(key)
        if reply is None or self.now() - reply.at > RESPONSE_SECONDS:
            raise Refusal("expired_url", status=404)
        if reply.uses >= RESPONSE_USES:
            raise Refusal("used_url", status=404)
        reply.uses += 1
        return reply

    # -- telling -----------------------------------------------------------------------------------------------

    def interact(
        self, by: Installation, user: User, kind: str, place: Place, *, then: Callable[[Any], None] | None = None
    ) -> Knock:
        """Tell an app of a press, a shortcut or a dialog. `then` is called with what it answers, if anything."""
        payload: Json = {"type": kind, "user": self._person(user), "api_app_id": by.app.id}
        payload |= {"token": by.app.verification_token, "team": {"id": by.team.id, "domain": by.team.domain}}
        payload |= {"enterprise": None, "is_enterprise_install": False}
        if kind != "view_closed":
            payload["trigger_id"] = self._trigger(by, user, str(place.view["id"]) if place.view else "")
        if place.channel is not None:
            payload["channel"] = {"id": place.channel.id, "name": _channel_name(place.channel)}
            payload["response_url"] = self._address(by, user, place)
        if place.view is not None:
            payload["view"] = place.view
        payload |= place.besides
        body = urlencode({"payload": msgspec.json.encode(payload).decode()}).encode()
        notice = self._notice(by, "interactive", body, payload)
        return self._knock(Knock(by, user, "interactive", payload, notice), then)

    def command(self, by: Installation, user: User, channel: Channel, name: str, text: str) -> Knock:
        """Tell an app of a slash command."""
        team, app = by.team, by.app
        payload = {"token": app.verification_token, "team_id": team.id, "team_domain": team.domain}
        payload |= {"channel_id": channel.id, "channel_name": _channel_name(channel), "user_id": user.id}
        payload |= {"user_name": user.name, "command": name, "text": text, "api_app_id": app.id}
        payload |= {"is_enterprise_install": "false"}
        payload["response_url"] = self._address(by, user, Place(channel))
        payload["trigger_id"] = self._trigger(by, user)
        body = urlencode(payload).encode()
        notice = self._notice(by, "slash_commands", body, payload)
        knock = Knock(by, user, "slash_commands", payload, notice)
        return self._knock(knock, lambda answer: self.answered_command(knock, channel, answer))

    def answered_command(self, knock: Knock, channel: Channel, answer: Any) -> None:
        """What an app answers a command with in place is a message."""
        raise NotImplementedError

    def _knock(self, knock: Knock, then: Callable[[Any], None] | None) -> Knock:
        self.knocks.append(knock)

        def ended(answered: Answered) -> None:
            if answered.error:
                knock.trouble = answered.error
                self.changes.add("trouble", user=knock.user.id, app=knock.by.app.id, error=answered.error)
            elif then is not None:
                then(answered.payload)

        knock.notice.on_end = ended
        if not knock.notice.url and not knock.by.app.socket_mode:
            knock.notice.answer = Answered("this app is not configured to handle interactive responses")
            ended(knock.notice.answer)
            knock.notice.done.set()
            return knock
        knock.by.app.outbox.push(knock.notice)
        return knock

    def _notice(self, by: Installation, kind: NoticeKind, body: bytes, payload: Json) -> Notice:
        id = self.id("In")
        url = by.app.url_for(kind, str(payload.get("command", "")))
        return Notice(id, kind, id, url, body, FORM, payload)

    def _trigger(self, by: Installation, user: User, view: str = "") -> str:
        id = f"{int(self.now() * 1000)}.{by.team.id}.{secrets.token_hex(16)}"
        self.triggers[id] = Trigger(by, user, self.now(), view)
        return id

    def _address(self, by: Installation, user: User, place: Place) -> str:
        if place.channel is None:
            return ""
        key = secrets.token_urlsafe(24)
        self.replies[key] = Reply(by, user, place.channel, self.now(), place.stored, place.whispered)
        return f"{self.base_url}{RESPONSE_PREFIX}/{by.team.id}/{key}"

    def _person(self, user: User) -> Json:
        return {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team.id}

    # -- who can be told ---------------------------------------------------------------------------------------

    def app_for(self, app: App, team: Team) -> Installation:
        """The app in a person's workspace. ValueError when it is not installed there."""
        found = app.installations.get(team.id)
        if found is None or found.gone:
            raise ValueError(f"{app.name} is not installed in {team.name}")
        return found

    def author_of(self, stored: Stored) -> Installation:
        """The app that posted a message. ValueError when a person did."""
        bot = self.users[stored.user]
        if not bot.is_bot or bot.app_id not in self.apps:
            raise ValueError(f"the message {stored.ts} is none of an app's")
        return self.apps[bot.app_id].installations[bot.team.id]


def _channel_name(channel: Channel) -> str:
    return {"im": "directmessage", "group": "privategroup"}.get(channel.kind, channel.name)

"""Events: which apps are told of what, and in which shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from hub.sandbox.slack.accounts import App, Channel, Installation, Json, Stored, Team, User
from hub.sandbox.slack.outbox import Notice
from hub.sandbox.slack.world import World

JSON = "application/json"
_KINDS = {"channel": "channels", "group": "groups", "im": "im"}
_SCOPES = {
    "app_mention": "app_mentions:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "channel_archive": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_rename": "channels:read",
    "channel_shared": "channels:read",
    "channel_unshared": "channels:read",
    "user_change": "users:read",
}


class Events(World):
    """A world whose apps are told of what they subscribed to, where they may know it."""

    def tell(self, installation: Installation, event: Json, channel: Channel | None = None) -> str:
        """Tell one app as it is in one workspace, whatever it subscribed to. The event's id."""
        app, body = installation.app, self._envelope(installation, event, channel)
        return self._push(app, body, lane=channel.id if channel is not None else installation.team.id)

    def raw_event(self, app: App, body: Json | bytes) -> str:
        """Post anything, signed, also what no network would send. The id it is known by."""
        if isinstance(body, dict):
            return self._push(app, body, lane="raw")
        if not isinstance(body, bytes):
            raise TypeError("a body is an object, or bytes")
        id = self.id("Ev")
        app.outbox.push(Notice(id, "events_api", "raw", app.url_for("events_api"), body, JSON, None))
        return id

    def announce(
        self, event: Json, channel: Channel, *, only: Installation | None = None, scope: str = "", sub: str = ""
    ) -> None:
        """Tell each app that is in the channel once, through one of its workspaces. `sub`: the subscription's name."""
        for app in list(self.apps.values()):
            found = self._through(app, channel, only)
            needed = scope or _SCOPES.get(event["type"], "")
            if found is not None and self.subscribed(found, sub or event["type"], needed):
                self.tell(found, event, channel)

    def subscribed(self, installation: Installation, name: str, scope: str = "") -> bool:
        """Whether the app is told of such events there."""
        app = installation.app
        allowed = not scope or scope in installation.scopes
        return app.listens and not app.outbox.disabled and not installation.gone and name in app.events and allowed

    def _through(self, app: App, channel: Channel, only: Installation | None) -> Installation | None:
        if only is not None and only.app is not app:
            return None
        installed = [app.installations[t.id] for t in channel.teams if t.id in app.installations]
        return next((i for i in installed if i.bot.id in channel.members and not i.gone), None)

    def _envelope(self, installation: Installation, event: Json, channel: Channel | None) -> Json:
        app, team = installation.app, installation.team
        bot = {"enterprise_id": None, "team_id": team.id, "user_id": installation.bot.id}
        body: Json = {"token": app.verification_token, "team_id": team.id, "context_team_id": team.id}
        body |= {"context_enterprise_id": None, "api_app_id": app.id, "event": event, "type": "event_callback"}
        body |= {"event_id": self.id("Ev"), "event_time": int(self.now())}
        body["authorizations"] = [{**bot, "is_bot": True, "is_enterprise_install": False}]
        body["is_ext_shared_channel"] = channel is not None and channel.shared
        return body | {"event_context": f"4-{self.id('e')}"}

    def _push(self, app: App, body: Json, lane: str) -> str:
        id = str(body.get("event_id") or self.id("Ev"))
        raw = msgspec.json.encode(body)
        app.outbox.push(Notice(id, "events_api", lane, app.url_for("events_api"), raw, JSON, body))
        return id

    # -- messages ----------------------------------------------------------------------------------------------

    def announce_message(self, channel: Channel, stored: Stored) -> None:
        """Tell of a new message, and those whom it mentions once more."""
        self._each_view(channel, lambda team: self._message_event(channel, stored, team))

    def announce_mention(self, channel: Channel, stored: Stored, installation: Installation) -> None:
        """Tell an app that it was mentioned: a second event about the same message."""
        event = self._message_event(channel, stored, installation.team)
        for absent in ("channel_type", "subtype", "parent_user_id"):
            event.pop(absent, None)
        self.announce(event | {"type": "app_mention"}, channel, only=installation)

    def announce_change(self, channel: Channel, stored: Stored, before: dict[str, Json]) -> None:
        """Tell of a message that is another now; `before`: as it was, by `views`."""
        stamp = self.stamp()

        def event(team: Team) -> Json:
            message = self.shown(channel, stored, team)
            changed = {"message": message, "previous_message": before[team.id]}
            return self._hidden(channel, "message_changed", stamp) | changed

        self._each_view(channel, event)

    def announce_removal(self, channel: Channel, ts: str, before: dict[str, Json]) -> None:
        """Tell of a message that is gone."""
        stamp = self.stamp()
        self._each_view(
            channel,
            lambda team: (
                self._hidden(channel, "message_deleted", stamp)
                | {"deleted_ts": ts, "previous_message": before[team.id]}
            ),
        )

    def views(self, channel: Channel, stored: Stored) -> dict[str, Json]:
        """A message as it is now, by the team of whoever looks."""
        return {team.id: self.shown(channel, stored, team) for team in channel.teams}

    def _hidden(self, channel: Channel, subtype: str, stamp: str) -> Json:
        where = {"channel": channel.id, "channel_type": channel.event_kind}
        return {"type": "message", "subtype": subtype, "hidden": True, **where, "ts": stamp, "event_ts": stamp}

    def _message_event(self, channel: Channel, stored: Stored, team: Team) -> Json:
        event = self.shown(channel, stored, team)
        for counted in ("reply_count", "reply_users_count", "reply_users", "latest_reply", "reactions"):
            event.pop(counted, None)
        if stored.files:
            event |= {"subtype": "file_share", "upload": False, "display_as_bot": False}
        author = self.users.get(stored.user)
        if channel.shared and author is not None and author.team is not team:
            event |= {"user_team": author.team.id, "source_team": author.team.id, "user_profile": profile_in(author)}
        return event | {"channel": channel.id, "event_ts": stored.ts, "channel_type": channel.event_kind}

    def _each_view(self, channel: Channel, event: Callable[[Team], Json]) -> None:
        kind = _KINDS[channel.kind]
        for app in list(self.apps.values()):
            found = self._through(app, channel, None)
            if found is not None and self.subscribed(found, f"message.{kind}", f"{kind}:history"):
                self.tell(found, event(found.team), channel)


def profile_in(user: User) -> Json:
    """What a message says of somebody from elsewhere."""
    shape: dict[str, Any] = {"avatar_hash": "g0", "image_72": "", "first_name": user.real_name.partition(" ")[0]}
    shape |= {"real_name": user.real_name, "display_name": user.display_name, "team": user.team.id, "name": user.name}
    return shape | {"is_restricted": False, "is_ultra_restricted": False}

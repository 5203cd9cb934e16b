"""Making a world: workspaces, people, apps and where they are installed, channels and who is in them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from hub.sandbox.slack.accounts import (
    BOT_EVENTS,
    BOT_SCOPES,
    App,
    Channel,
    Installation,
    Json,
    Shortcut,
    Team,
    User,
    words,
)
from hub.sandbox.slack.posts import Posts


class Founding(Posts):
    """What makes and changes who there is. Its verbs raise ValueError where they are used wrongly."""

    def add_team(self, name: str, domain: str = "") -> Team:
        """A new workspace."""
        domain = domain or "".join(c for c in name.lower() if c.isalnum() or c == "-") or "team"
        team = Team(self.id("T"), name, domain, f"https://{domain}.slack.com/")
        self.teams[team.id] = team
        return team

    def add_user(self, team: Team, name: str, username: str = "", **traits: Any) -> User:
        """A new member. `traits`: display_name, locale, tz, tz_offset (seconds), email, is_admin, guest."""
        username = username or name.lower().replace(" ", ".")
        user = User(self.id("U"), team, username, name, **traits)
        user.email = user.email or f"{username}@{team.domain}.example"
        return self._enter(user)

    def _enter(self, user: User) -> User:
        self.users[user.id] = user
        user.team.users[user.id] = user
        return user

    # -- apps --------------------------------------------------------------------------------------------------

    def add_app(self, name: str = "Hub", *, scopes: str = BOT_SCOPES, events: str = BOT_EVENTS, **settings: Any) -> App:
        """A new app of a developer's. `settings`: as in App, such as request_url, socket_mode, commands, shortcuts.

        `commands` may be names alone, `shortcuts` callback ids alone.
        """
        id = self.id("A")
        client_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}"
        app_token = f"xapp-1-{id}-{secrets.randbelow(10**12)}-{secrets.token_hex(16)}"
        given = {**settings, "commands": _commands(settings.get("commands", ("/hub",)))}
        given["shortcuts"] = [s if isinstance(s, Shortcut) else Shortcut(s, s) for s in settings.get("shortcuts", ())]
        secret = secrets.token_hex(16)
        fixed = (secrets.token_hex(16), secret, app_token, words(scopes), words(events))
        app = App(id, name, client_id, *fixed, **given)
        app.outbox.on_departure = self.note_departure
        self.apps[id] = app
        self.on_app(app)
        return app

    def app_from_manifest(self, manifest: Mapping[str, Any]) -> App:
        """A new app as Slack's page makes one from a manifest. ValueError where there is something wrong with it."""
        shown, settings = manifest["display_information"], manifest.get("settings", {})
        features, oauth = manifest.get("features", {}), manifest["oauth_config"]
        if not shown.get("name") or len(shown["name"]) > 35:
            raise ValueError("display_information.name must have 1 to 35 characters")
        told = settings.get("event_subscriptions", {})
        app = self.add_app(
            shown["name"],
            scopes=",".join(oauth["scopes"]["bot"]),
            events=",".join(told.get("bot_events", ())),
            commands={c["command"]: c.get("url", "") for c in features.get("slash_commands", ())},
            shortcuts=[Shortcut(s["callback_id"], s["name"], s["type"]) for s in features.get("shortcuts", ())],
            redirect_urls=list(oauth.get("redirect_urls", ())),
            request_url=told.get("request_url", ""),
            interactivity_url=settings.get("interactivity", {}).get("request_url", ""),
            socket_mode=bool(settings.get("socket_mode_enabled")),
            home_tab=bool(features.get("app_home", {}).get("home_tab_enabled")),
        )
        app.should_escape = all(c.get("should_escape") for c in features.get("slash_commands", ()))
        return app

    def install(self, app: App, team: Team, scopes: str = "") -> Installation:
        """Put an app into a workspace, or put it in again: more rights, and another token if the old one is gone."""
        granted = words(scopes) if scopes else set(app.scopes)
        known = app.installations.get(team.id)
        if known is None:
            bot = User(self.id("U"), team, app.name.lower().replace(" ", ""), app.name, is_bot=True)
            bot.app_id, bot.bot_id = app.id, self.id("B")
            self._enter(bot)
            known = app.installations[team.id] = Installation(app, team, bot, _token(), granted)
        elif known.gone:
            known.token, known.gone, known.scopes = _token(), "", granted
            known.bot.deleted = False
        known.scopes |= granted
        return known

    def uninstall(self, app: App, team: Team) -> None:
        """Take an app out of a workspace: it is told of both, and its token is good no more."""
        installation = self.app_for(app, team)
        bots = {"oauth": [], "bot": [installation.bot.id]}
        revoked = self.subscribed(installation, "tokens_revoked")
        told = self.subscribed(installation, "app_uninstalled")
        self._end(installation, "account_inactive")
        installation.bot.deleted = True
        for channel in self.channels.values():
            if channel.kind != "im" and installation.bot.id in channel.members:
                channel.members.remove(installation.bot.id)
        if revoked:
            self.tell(installation, {"type": "tokens_revoked", "tokens": bots, "event_ts": self.stamp()})
        if told:
            self.tell(installation, {"type": "app_uninstalled", "event_ts": self.stamp()})

    def revoke(self, app: App, team: Team) -> None:
        """Take a bot's token away, as auth.revoke does; the app is told."""
        installation = self.app_for(app, team)
        told = self.subscribed(installation, "tokens_revoked")
        self._end(installation, "token_revoked")
        if told:
            tokens = {"oauth": [], "bot": [installation.bot.id]}
            self.tell(installation, {"type": "tokens_revoked", "tokens": tokens, "event_ts": self.stamp()})

    def _end(self, installation: Installation, error: str) -> None:
        installation.gone = error
        installation.ended[installation.token] = error
        self.changes.add("installation", app=installation.app.id, team=installation.team.id, gone=error)

    # -- channels ----------------------------------------------------------------------------------------------

    def add_channel(
        self, team: Team, name: str, members: Iterable[User | App] = (), *, private: bool = False
    ) -> Channel:
        """A new channel; an app among the members is its bot in that workspace."""
        if any(c.name == name and c.team is team for c in self.channels.values()):
            raise ValueError(f"there is a channel {name} in {team.name} already")
        kind: Any = "group" if private else "channel"
        ids = [self._member(team, member).id for member in members]
        channel = Channel(self.id("C"), name, kind, [team], ids, int(self.now()))
        self.channels[channel.id] = channel
        return channel

    def _member(self, team: Team, member: User | App) -> User:
        return self.app_for(member, team).bot if isinstance(member, App) else member

    def share(self, channel: Channel, team: Team, members: Iterable[User | App] = ()) -> None:
        """Share a channel with another workspace (Slack Connect), and let some of its people in."""
        if team not in channel.teams:
            channel.teams.append(team)
            event = {"type": "channel_shared", "connected_team_id": team.id, "channel": channel.id}
            self.announce(event | {"event_ts": self.stamp()}, channel)
        for member in members:
            self.join(channel, self._member(team, member))

    def unshare(self, channel: Channel, team: Team) -> None:
        """End that: the other workspace's people see the channel no more."""
        channel.teams.remove(team)
        channel.members = [id for id in channel.members if self.users[id].team is not team]
        event = {"type": "channel_unshared", "previously_connected_team_id": team.id, "channel": channel.id}
        self.announce(event | {"is_ext_shared": channel.shared, "event_ts": self.stamp()}, channel)

    def join(self, channel: Channel, user: User, *, inviter: User | None = None) -> None:
        """Let somebody in; an app's bot likewise."""
        if user.team not in channel.teams:
            raise ValueError(f"{channel.name} is not shared with {user.team.name}")
        if user.id not in channel.members:
            channel.members.append(user.id)
            self._moved("member_joined_channel", channel, user, inviter)

    def invite(self, channel: Channel, app: App, inviter: User | None = None) -> None:
        """Let an app in."""
        self.join(channel, self.app_for(app, inviter.team if inviter else channel.team).bot, inviter=inviter)

    def leave(self, channel: Channel, user: User) -> None:
        """Somebody goes, or is put out."""
        if user.id not in channel.members:
            raise ValueError(f"{user.name} is not in {channel.name}")
        # told first: an app that is put out hears of it no more
        self._moved("member_left_channel", channel, user, None)
        channel.members.remove(user.id)

    def kick(self, channel: Channel, app: App) -> None:
        """Put an app out of a channel."""
        self.leave(channel, self.app_for(app, channel.team).bot)

    def archive(self, channel: Channel, user: User | None = None, *, on: bool = True) -> None:
        """Archive a channel, or bring it back."""
        channel.archived = on
        name = "channel_archive" if on else "channel_unarchive"
        event: Json = {"type": name, "channel": channel.id, "user": user.id if user else ""}
        self.announce(event | {"is_moved": 0, "event_ts": self.stamp()}, channel)
        self.changes.add(name, channel.id)

    def rename(self, channel: Channel, name: str) -> None:
        """Give a channel another name."""
        channel.name = name
        told = {"id": channel.id, "name": name, "created": channel.created}
        self.announce({"type": "channel_rename", "channel": told, "event_ts": self.stamp()}, channel)

    def _moved(self, kind: str, channel: Channel, user: User, inviter: User | None) -> None:
        event: Json = {"type": kind, "user": user.id, "channel": channel.id, "channel_type": channel.id[0]}
        event |= {"team": user.team.id, "event_ts": self.stamp()} | ({"inviter": inviter.id} if inviter else {})
        self.announce(event, channel, scope="channels:read" if channel.kind == "channel" else "groups:read")
        self.changes.add(kind, channel.id, user=user.id)


def _token() -> str:
    return f"xoxb-{secrets.randbelow(10**12)}-{secrets.randbelow(10**12)}-{secrets.token_hex(12)}"


def _commands(given: Any) -> dict[str, str]:
    return dict(given) if isinstance(given, Mapping) else dict.fromkeys(given, "")

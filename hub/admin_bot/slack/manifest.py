"""The app's manifest, from the commands: pasted into Slack's page for new apps, it sets up all that the hub needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from hub.admin_bot.slack.format import clipped

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "reactions:read",
    "reactions:write",
    "users:read",
)
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_unarchive",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "reaction_removed",
    "tokens_revoked",
)
SHORTCUTS = ("reply", "note", "snippet", "close", "assign", "tag", "unsend")
"""Commands that are worth a shortcut on a message."""
HOOK = "/hooks/slack"
COMMAND = "/hub"
_HINT = 120


class Listed(Protocol):
    """What the manifest shows of a command."""

    @property
    def name(self) -> str:
        """Without its slash."""

    @property
    def help(self) -> str:
        """One sentence."""

    @property
    def hidden(self) -> bool:
        """Whether nobody types it."""


def manifest(commands: Sequence[Listed], public_url: str | None = None, name: str = "Hub") -> dict[str, Any]:
    """The manifest; without a public address the app connects by Socket Mode."""
    url = f"{public_url.rstrip('/')}{HOOK}" if public_url else ""
    called = {"request_url": url} if url else {}
    bot: dict[str, Any] = {"scopes": {"bot": list(SCOPES)}}
    if public_url:
        bot = {"redirect_urls": [f"{public_url.rstrip('/')}/slack/oauth"], **bot}
    return {
        "display_information": {"name": name, "description": "Answer your customers from Slack."},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "slash_commands": [_slash(commands, url)],
            "shortcuts": _shortcuts(commands),
        },
        "oauth_config": bot,
        "settings": {
            "event_subscriptions": {**called, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **called},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def _slash(commands: Sequence[Listed], url: str) -> dict[str, Any]:
    shown = [c.name for c in commands if not c.hidden]
    return {
        "command": COMMAND,
        **({"url": url} if url else {}),
        "description": "Everything that the hub does; /hub help explains",
        "usage_hint": clipped(" | ".join(shown), _HINT),
        "should_escape": True,
    }


def _shortcuts(commands: Sequence[Listed]) -> list[dict[str, str]]:
    known = {c.name: c for c in commands}
    return [
        {
            "name": clipped(f"{verb.capitalize()} (hub)", 24),
            "type": "message",
            "callback_id": verb,
            "description": clipped(known[verb].help.split(":")[0].rstrip("."), 150),
        }
        for verb in SHORTCUTS
        if verb in known
    ]

"""A strict local stand-in of Slack: workspaces, people and apps in memory, spoken to over HTTP."""

from hub.sandbox.slack.accounts import BOT_EVENTS, BOT_SCOPES, App, Channel, Installation, Shortcut, Team, User
from hub.sandbox.slack.interactions import Knock
from hub.sandbox.slack.limits import Limits
from hub.sandbox.slack.server import Mounted, Server, mount, serve
from hub.sandbox.slack.standin import SlackStandIn
from hub.sandbox.slack.world import Call

__all__ = [
    "BOT_EVENTS",
    "BOT_SCOPES",
    "App",
    "Call",
    "Channel",
    "Installation",
    "Knock",
    "Limits",
    "Mounted",
    "Server",
    "Shortcut",
    "SlackStandIn",
    "Team",
    "User",
    "mount",
    "serve",
]

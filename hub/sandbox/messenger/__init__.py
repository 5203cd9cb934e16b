"""A strict local stand-in of Facebook Messenger: pages, apps and people in memory, spoken to over HTTP."""

from hub.sandbox.messenger.accounts import ALL_FIELDS, App, Page, Person, Thread
from hub.sandbox.messenger.limits import Limits
from hub.sandbox.messenger.server import Mounted, Server, mount, serve
from hub.sandbox.messenger.standin import MessengerStandIn
from hub.sandbox.messenger.world import Call

__all__ = [
    "ALL_FIELDS",
    "App",
    "Call",
    "Limits",
    "MessengerStandIn",
    "Mounted",
    "Page",
    "Person",
    "Server",
    "Thread",
    "mount",
    "serve",
]

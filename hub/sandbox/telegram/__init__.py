"""A strict local stand-in of the Telegram Bot API: one in-memory world, spoken to over HTTP by the real libraries."""

from hub.sandbox.telegram.accounts import Bot, Chat, Topic, User
from hub.sandbox.telegram.limits import Limits
from hub.sandbox.telegram.server import Server, serve
from hub.sandbox.telegram.standin import TelegramStandIn
from hub.sandbox.telegram.world import Call, CallbackTap

__all__ = ["Bot", "Call", "CallbackTap", "Chat", "Limits", "Server", "TelegramStandIn", "Topic", "User", "serve"]

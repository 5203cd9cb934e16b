"""The command menus that Telegram shows, from the registry. Menus are help, not permission."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Protocol

from aiogram.methods import SetMyCommands
from aiogram.types import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats

from hub.admin_bot.telegram.client import Client
from hub.admin_bot.telegram.format import clipped
from hub.errors import DeliveryError

log = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z0-9_]{1,32}$")
_MOST = 100
_QUIET = frozenset(
    {"help", "next", "inbox", "history", "contact", "whoami", "failed", "take", "assign", "tag", "close", "reopen"}
    | {"filter", "contacts", "find"}
)
"""Commands that in a group only their sender need see. Never one that is given as a reply, whose own message is kept
(a note), or after which somebody else must see what was done.
"""


class Listed(Protocol):
    """What a menu shows of a command."""

    @property
    def name(self) -> str:
        """Without its slash."""

    @property
    def help(self) -> str:
        """One sentence."""

    @property
    def scopes(self) -> Sequence[str]:
        """Where it may be given: private, desk."""

    @property
    def hidden(self) -> bool:
        """Whether no menu shows it."""


async def set_menus(client: Client, commands: Sequence[Listed]) -> None:
    """Sets the menus of private chats and of groups. Harmless when it fails, and when repeated."""
    for where, scope in (("private", BotCommandScopeAllPrivateChats()), ("desk", BotCommandScopeAllGroupChats())):
        menu = [_entry(c, quiet=where == "desk") for c in commands if where in c.scopes and _listed(c)]
        try:
            await client.call(SetMyCommands(commands=menu[:_MOST], scope=scope), repeatable=True)
        except DeliveryError as error:
            log.warning("the command menu of %s chats was not set: %s", where, error.text)


def _listed(command: Listed) -> bool:
    return not command.hidden and bool(_NAME.match(command.name))


def _entry(command: Listed, *, quiet: bool) -> BotCommand:
    alone = quiet and command.name in _QUIET
    description = clipped(command.help, 256) or command.name
    return BotCommand(command=command.name, description=description, is_ephemeral=True if alone else None)

"""Who is behind a user's id: Slack's events name nobody. Asked once an hour, and kept."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from hub.admin_bot.slack.client import Client
from hub.errors import DeliveryError

log = logging.getLogger(__name__)

FRESH = 3600.0
MOST = 5000


class Known(msgspec.Struct, frozen=True):
    """A user: what they are called, their user name, and whether they are a program."""

    name: str
    username: str = ""
    bot: bool = False
    team: str = ""


NOBODY = Known("Somebody")


class People:
    """The users and channels of all workspaces, as far as they were met."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: OrderedDict[tuple[str, str], tuple[float, Known]] = OrderedDict()
        self._titles: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()

    async def named(self, team: str, users: Collection[str]) -> Mapping[str, Known]:
        """Each of them; whoever cannot be asked for is somebody."""
        found = await asyncio.gather(*(self._one(team, user) for user in users))
        return dict(zip(users, found, strict=True))

    async def _one(self, team: str, user: str) -> Known:
        kept = self._known.get((team, user))
        if kept is not None and time.monotonic() - kept[0] < FRESH:
            return kept[1]
        try:
            answer = await self._client.ask(team, lambda web: web.users_info(user=user))
        except DeliveryError as error:
            log.info("a user of %s is not known: %s", team, error.text)
            return kept[1] if kept else NOBODY
        known = read(answer.get("user") or {})
        _keep(self._known, (team, user), known)
        return known

    async def title(self, team: str, channel: str) -> str:
        """A channel's name; empty where Slack does not tell."""
        kept = self._titles.get((team, channel))
        if kept is not None and time.monotonic() - kept[0] < FRESH:
            return kept[1]
        try:
            answer = await self._client.ask(team, lambda web: web.conversations_info(channel=channel))
        except DeliveryError:
            return kept[1] if kept else ""
        told: Any = answer.get("channel") or {}
        title = f"#{told['name']}" if told.get("name") else ""
        _keep(self._titles, (team, channel), title)
        return title


def _keep(where: OrderedDict[tuple[str, str], Any], key: tuple[str, str], value: object) -> None:
    where[key] = (time.monotonic(), value)
    where.move_to_end(key)
    while len(where) > MOST:
        where.popitem(last=False)


def read(user: Mapping[str, Any]) -> Known:
    """A user as the Web API gives them; much of it may be missing for people of other workspaces."""
    profile = user.get("profile") if isinstance(user.get("profile"), dict) else {}
    told: Mapping[str, Any] = profile if isinstance(profile, dict) else {}
    names = (told.get("display_name"), told.get("real_name"), user.get("real_name"), user.get("name"))
    name = next((str(n).strip() for n in names if isinstance(n, str) and n.strip()), NOBODY.name)
    return Known(name, str(user.get("name") or ""), bool(user.get("is_bot")), str(user.get("team_id") or ""))

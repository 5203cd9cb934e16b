"""The one Slack app: desk, admin bot and, where a workspace has connected it, a channel to contacts, at one door."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from hub.adapters.slack.translate import CHOICE
from hub.admin_bot.slack import entry, hearing, install
from hub.admin_bot.slack.front_end import SlackFrontEnd
from hub.admin_bot.slack.manifest import COMMAND
from hub.app.side import Around
from hub.domain.ids import Identity
from hub.errors import ChannelDead, DeliveryError, HubError, Refused, TemporaryFailure, Unavailable
from hub.host import delivery
from hub.host.doors import NOTHING, HookAnswer
from hub.host.lanes import backoff

log = logging.getLogger(__name__)

LEASE = "slack_app"
LEASE_SECONDS = 15.0
INSTALL_SECONDS = 900.0
_LEFT = ("app_uninstalled", "tokens_revoked")

ToAccount = Callable[[str, str, bytes], Awaitable[None]]
"""Hands a genuine update to the channel of a network's account."""
Renew = Callable[[str, str, str], Awaitable[None]]
"""Gives the channel of a network's account, if there is one, the token of a new installation."""


class SlackSide:
    """Fulfils Side, and `hub.web.install.Installer`."""

    hook = "slack"

    def __init__(self, around: Around, to_account: ToAccount, renew: Renew) -> None:
        self._around = around
        self._to_account = to_account
        self._renew = renew
        self.front_end = SlackFrontEnd(around.settings, around.counter, self._slot, around.odd, self._token)

    def _slot(self, account: str, chat: str, cost: int) -> contextlib.AbstractAsyncContextManager[None]:
        del account
        return self._around.slot(delivery.desk_windows(self.front_end.desk(chat)), cost)

    async def _token(self, team: str) -> str:
        kept = await self._around.store.installations.secret(self.hook, team)
        if kept is not None:
            return install.read(kept).token
        if not self._around.settings.slack_bot_token:
            raise ChannelDead("The Slack app is not installed in this workspace any more: install it again.")
        return self._around.settings.slack_bot_token

    def start_lines(self, token: str) -> dict[str, str]:
        """What is typed to begin with a token: there is no address that would do it."""
        return {"Slack": f"{COMMAND} start {token}"}

    async def token_for(self, identity: Identity) -> str:
        """The app's token where somebody is; empty where it is not installed, or they are elsewhere."""
        network, _, rest = identity.partition(":")
        if network != self.hook:
            return ""
        try:
            return await self._token(rest.partition(":")[0])
        except ChannelDead:
            return ""

    # -- the door ----------------------------------------------------------------------------------------------------

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """See `FrontDoor`."""
        self.front_end.verify(headers, body)

    async def take(self, headers: Mapping[str, str], body: bytes) -> HookAnswer:
        """Desk or contact: whose it is is seen from where it was said, and by whom."""
        said = await self._heard(body, headers.get("content-type", "application/json"))
        if isinstance(said, dict):
            return HookAnswer(json.dumps(said).encode(), "application/json")
        return HookAnswer(said) if said else NOTHING

    async def _heard(self, body: bytes, content_type: str = "application/json") -> bytes | dict[str, Any] | None:
        read = entry.read(body, content_type)
        team, told = hearing.team_of(read), read.get("event")
        event = told if isinstance(told, dict) else {}
        if event.get("type") in _LEFT and team:
            if await self._works(team):
                return None
            await self._around.store.installations.drop(self.hook, team)
            await self._to_account(self.hook, team, body)
        elif (event and await self._of_contact(team, event)) or _is_choice(read):
            await self._to_account(self.hook, team, body)
            return None
        return await self.front_end.take(body, content_type)

    async def _works(self, team: str) -> bool:
        """Whether the app is there all the same: it is told late, or of other tokens, that it was taken out."""
        try:
            await self.front_end.client.look(team)
        except DeliveryError as error:
            # Where it is not known, the next call will show it.
            return not isinstance(error, ChannelDead)
        return True

    async def _of_contact(self, team: str, event: Mapping[str, Any]) -> bool:
        """Whether an event is for the channel to contacts: not from a desk, nor by somebody who works here."""
        directory = self._around.store.directory
        if await directory.route("channel", f"{self.hook}:{team}") is None:
            return False
        channel, author = _where_and_who(team, event)
        if not channel or await directory.route("desk", f"{self.hook}:{team}:{channel}") is not None:
            return False
        return await directory.user_by_identity(Identity(f"{self.hook}:{author}")) is None

    # -- by socket ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Hears by a socket where there is no public address, in one process at a time."""
        settings, faults = self._around.settings, 0
        while settings.polls and settings.slack_app_token:
            try:
                await self._listen()
                faults = 0
            except Exception as error:  # noqa: BLE001 - it must outlive whatever happens
                faults += 1
                said = error.text.rstrip(".") if isinstance(error, HubError) else type(error).__name__
                log.warning("Slack's socket: %s; tried again", said)
                asked = error.retry_after if isinstance(error, TemporaryFailure) else None
                await asyncio.sleep(asked or backoff(min(faults, 6), first=0.2, longest=15.0))

    async def _listen(self) -> None:
        leases = self._around.store.leases
        if not await leases.acquire(LEASE, LEASE_SECONDS):
            await asyncio.sleep(LEASE_SECONDS / 3)
            return
        listening = asyncio.create_task(self.front_end.listen(self._heard))
        try:
            while not listening.done() and await leases.acquire(LEASE, LEASE_SECONDS):
                await asyncio.wait([listening], timeout=LEASE_SECONDS / 3)
            if listening.done():
                await listening
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def close(self) -> None:
        """Lets go of the lease, so that another process need not wait for it."""
        with contextlib.suppress(Unavailable):
            await self._around.store.leases.release(LEASE)
        await self.front_end.close()

    # -- installing --------------------------------------------------------------------------------------------------

    async def begin(self) -> tuple[str, str]:
        """Where to send who wants to install the app, and the state that must come back. Raises Refused."""
        settings = self._around.settings
        if not (settings.slack_client_id and settings.slack_client_secret and settings.public_url):
            raise Refused(
                "This hub's Slack app cannot be installed by this page: its operator must set HUB_SLACK_CLIENT_ID,"
                " HUB_SLACK_CLIENT_SECRET and HUB_PUBLIC_URL."
            )
        state = await self._around.store.directory.issue_token("install", {}, INSTALL_SECONDS)
        return install.consent_url(settings, state), state

    async def finish(self, code: str, state: str) -> str:
        """Keeps the installation; gives the name of the Slack workspace. Raises Refused."""
        if await self._around.store.directory.use_token("install", state) is None:
            raise Refused("This page is too old, or was used already. Start again.")
        installed = await install.exchange(self._around.settings, code)
        await self._around.store.installations.keep(self.hook, installed.team, install.kept(installed))
        self.front_end.client.forget(installed.team)
        await self._renew(self.hook, installed.team, installed.token)
        return installed.name


def _is_choice(read: Mapping[str, Any]) -> bool:
    """Whether somebody pressed a button that a channel sent. That a message quotes one's name says nothing."""
    given = read.get("actions")
    actions = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    return any(str(each.get("action_id") or "").startswith(CHOICE) for each in actions)


def _where_and_who(team: str, event: Mapping[str, Any]) -> tuple[str, str]:
    """The channel of an event, and its author as team and user."""
    inner = next((e for e in (event.get("message"), event.get("previous_message")) if isinstance(e, dict)), event)
    item = event.get("item")
    channel = event.get("channel") or (item.get("channel") if isinstance(item, dict) else None) or ""
    home = inner.get("user_team") or inner.get("source_team") or inner.get("team") or team
    return str(channel), f"{home}:{inner.get('user') or event.get('user') or ''}"

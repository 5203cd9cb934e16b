"""The reception in its place: with the store, the post, and the front ends by which people are greeted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

from hub.admin_bot.greeting import House, signed_in
from hub.domain import members
from hub.domain.accounts.models import User
from hub.domain.accounts.reception import Outside, Policy, Reception
from hub.domain.ids import Identity, OrganizationId
from hub.domain.invitations import Premises, Way
from hub.domain.models import Member, now
from hub.domain.ports import FrontEnd, Tx, Workspace
from hub.domain.reply import Reply
from hub.errors import HubError, TemporaryFailure
from hub.mail import Post
from hub.oidc import OpenId, google
from hub.settings import Settings
from hub.store import Store

log = logging.getLogger(__name__)

_TRIES = 3
_LONGEST_WAIT = 30.0
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}
OpenWorkspace = Callable[[str], Awaitable[Workspace]]


class ChatGreeter:
    """Fulfils Greeter, and keeps workspaces informed of by which chat accounts their members act."""

    def __init__(
        self, store: Store, front_ends: Mapping[str, FrontEnd], workspace: OpenWorkspace, policy: Policy
    ) -> None:
        self._store = store
        self._front_ends = front_ends
        self._workspace = workspace
        self._house = House(store.directory, store.organizations, policy)

    async def signed_in(self, identity: Identity, user: User) -> None:
        """Greets somebody in their chat; tried again where the network asks to wait."""
        front_end = next((each for each in self._front_ends.values() if each.owns(identity)), None)
        if front_end is None:
            return
        try:
            await _patiently(front_end, identity, await signed_in(user, self._house))
        except HubError as error:
            log.warning("somebody who signed in was not greeted in their chat: %s", error.text)

    async def tell(self, user: User, reply: Reply) -> None:
        """Says something in private, in the first chat of theirs where it can be said."""
        for identity in user.identities:
            front_end = next((each for each in self._front_ends.values() if each.owns(identity)), None)
            if front_end is None:
                continue
            try:
                return await _patiently(front_end, identity, reply)
            except HubError as error:
                log.warning("somebody was not told something in their chat: %s", error.text)
        return None

    async def enrol(self, user: User, without: Identity) -> None:
        """See `hub.domain.accounts.surroundings.Enrol`."""

        async def deed(tx: Tx) -> None:
            member = await tx.get(Member, user.id)
            # Looked up after the member: of two who enrol at once, one is made to look again.
            found = await self._store.users.user(user.id)
            if member is not None and found is not None:
                members.known_by(member, found, without)

        for id in user.workspaces:
            await (await self._workspace(id)).run(deed)


async def _patiently(front_end: FrontEnd, identity: Identity, reply: Reply) -> None:
    for attempt in range(_TRIES):
        try:
            await front_end.notify(identity, reply)
        except TemporaryFailure as error:
            wait = error.retry_after if error.retry_after is not None else 0.5 * 2**attempt
            if attempt == _TRIES - 1 or wait > _LONGEST_WAIT:
                raise
            await asyncio.sleep(wait)
        else:
            return


def open_reception(
    settings: Settings,
    store: Store,
    front_ends: Mapping[str, FrontEnd],
    workspace: OpenWorkspace,
    ways: Callable[[str], Sequence[Way]] = lambda _: (),
) -> Reception:
    """The one reception of a hub. `front_ends` may be filled later. `ways`: to the bot, with a token."""

    async def organization(id: str) -> str:
        found = await store.organizations.organization(OrganizationId(id))
        return found.name if found else ""

    policy = Policy(public_url=local_url(settings), sign_up=_sign_up(settings.sign_up))
    greeter = ChatGreeter(store, front_ends, workspace, policy)
    premises = Premises(workspace, organization, greeter.tell, ways)
    return Reception(
        store.users,
        store.directory,
        store.vault,
        Post(settings),
        greeter,
        now,
        policy,
        enrol=greeter.enrol,
        premises=premises,
        outside=Outside(store.organizations, OpenId(settings.custom_networks), google(settings)),
        organizations=store.organizations,
    )


def local_url(settings: Settings) -> str:
    """Where the pages are: for all, or where no public address is set, for who sits at this machine."""
    if settings.public_url:
        return settings.public_url
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{_EVERYWHERE.get(settings.host, host)}:{settings.port}"


def _sign_up(text: str) -> Literal["anyone", "invited"] | tuple[str, ...]:
    if text == "anyone":
        return "anyone"
    return "invited" if text == "invited" else tuple(text.split(","))

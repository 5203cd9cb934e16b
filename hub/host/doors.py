"""The doors at which networks call: what comes in is proved genuine, told apart, taken in, and only then acknowledged.

A genuine request is never refused for what is in it: a network that is refused often enough stops calling.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Protocol

import msgspec

from hub.domain.ports import Channel, Directory, Greets, SharedApp
from hub.errors import Anomalous, Malformed, NotFound, NotGenuine
from hub.host import receiving
from hub.host.channels import Line, Switchboard

log = logging.getLogger(__name__)


class HookAnswer(msgspec.Struct, frozen=True):
    """What a network is answered beside the acknowledgement."""

    body: bytes = b""
    content_type: str = "text/plain"


NOTHING = HookAnswer()
Odd = Callable[[bytes, str], Awaitable[None]]
"""Puts aside what is genuine and cannot be read, nor is any workspace's; with the reason."""


class FrontDoor(Protocol):
    """A front end's door: what agents and admins do comes in there."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Called before anything is parsed; headers are found by their names in lower case. Raises NotGenuine."""

    async def take(self, headers: Mapping[str, str], body: bytes) -> HookAnswer | None:
        """Takes in a genuine request; None: nothing in it is for the front end. Raises Unavailable."""


class Doors:
    """Every hook by its name: a front end's, an app's that many accounts share, or a channel's own."""

    def __init__(
        self,
        switchboard: Switchboard,
        directory: Directory,
        fronts: Mapping[str, FrontDoor],
        shared: Mapping[str, SharedApp],
        odd: Odd,
    ) -> None:
        self._switchboard = switchboard
        self._directory = directory
        self._fronts = fronts
        self._shared = shared
        self._odd = odd
        self.received = 0

    async def greet(self, name: str, query: Mapping[str, str]) -> HookAnswer:
        """Answers the network's handshake. Raises NotFound, NotGenuine."""
        said = await self._greeting(name, query, b"")
        if said is None:
            raise NotGenuine("This address answers a network's handshake only.")
        return HookAnswer(said.encode())

    async def take_in(self, name: str, headers: Mapping[str, str], body: bytes) -> HookAnswer:
        """Takes in what was posted. When this returns it may be acknowledged.

        Raises NotFound for a name that is nobody's, NotGenuine, Malformed where there is nothing to take in, or
        Unavailable, after which it must not be.
        """
        front, shared = self._fronts.get(name), self._shared.get(name)
        if front is None and shared is None:
            return await self._to_channel(name, headers, body)
        if front is not None:
            front.verify(headers, body)
            answer = await front.take(headers, body)
            if answer is not None:
                return answer
        if shared is not None:
            shared.verify(headers, body)
            return await self._to_accounts(shared, body)
        return NOTHING

    async def _to_channel(self, name: str, headers: Mapping[str, str], body: bytes) -> HookAnswer:
        line = await self._line(name)
        line.channel.verify(headers, body)
        said = _greeted(line.channel, {}, body)
        if said is not None:
            return HookAnswer(said.encode())
        await receiving.take_in(line, body)
        self.received += 1
        return NOTHING

    async def _to_accounts(self, shared: SharedApp, body: bytes) -> HookAnswer:
        said = _greeted(shared, {}, body)
        if said is not None:
            return HookAnswer(said.encode())
        try:
            parts = shared.split(body)
        except Malformed:
            raise
        except Anomalous as error:
            await self._odd(body, f"A genuine request from {shared.network} cannot be read: {error.text}")
            return NOTHING
        for account, part in parts:
            await self.to_account(shared.network, account, part)
        return NOTHING

    async def to_account(self, network: str, account: str, payload: bytes) -> None:
        """Takes in a genuine update for one account of a shared app; one that is connected nowhere is let go."""
        route = await self._directory.route("channel", f"{network}:{account}")
        line = await self._switchboard.line(route[1]) if route else None
        if line is None:
            log.info("%s: an update for account %s, which no workspace has connected, is let go", network, account)
            return
        await receiving.take_in(line, payload)
        self.received += 1

    async def _greeting(self, name: str, query: Mapping[str, str], body: bytes) -> str | None:
        if name in self._fronts and name not in self._shared:
            return None
        greeter = self._shared.get(name) or (await self._line(name)).channel
        return _greeted(greeter, query, body)

    async def _line(self, name: str) -> Line:
        line = await self._switchboard.line(name)
        if line is None:
            raise NotFound("No channel listens here.")
        return line


def _greeted(door: Channel | SharedApp, query: Mapping[str, str], body: bytes) -> str | None:
    return door.greet(query, body) if _greets(type(door)) and isinstance(door, Greets) else None


@cache
def _greets(kind: type) -> bool:
    """To ask an object for its methods takes longer than to verify and read a message; a type is asked once."""
    return issubclass(kind, Greets)

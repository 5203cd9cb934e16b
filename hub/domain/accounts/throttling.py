"""Slows who tries too often, without shutting out whom an account belongs to.

Three counts stand side by side: failures from one place, whatever the account; wrong tries in a row at one account from
one place, each of which makes the next wait longer; and tries at one account from places where nobody signed in to it
before. A place where its owner did is not slowed by the last, and a link that was mailed always leads in.
What is asked of an account that does not exist is counted the same.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from hub.domain.ports.accounts import UserStore
from hub.errors import TooMany

FAILURES = 20
FAILURES_SECONDS = 15 * 60
IN_A_ROW = 5
FIRST_WAIT = 30.0
LONGEST_WAIT = 15 * 60.0
ROW_SECONDS = 24 * 3600
STRANGERS = 50
STRANGERS_SECONDS = 15 * 60
KNOWN_SECONDS = 90 * 24 * 3600


class Throttle:
    """Asked before each try (`admit`), told afterwards (`right`). `account`: an address or a user's id."""

    def __init__(self, users: UserStore) -> None:
        self._users = users

    async def admit(self, account: str, origin: str, strangers: int = STRANGERS) -> None:
        """Counts a try before anybody knows whether it is right, so that many at once are counted too. Raises TooMany.

        `strangers`: how many tries are let in from places where its owner never signed in.
        """
        place = _place(origin)
        await self._wait_over(f"wait|{account}|{place}")
        await self.limit(f"place|{place}", FAILURES, FAILURES_SECONDS)
        if not await self._users.attempts(f"known|{account}|{place}"):
            await self.limit(f"strangers|{account}", strangers, STRANGERS_SECONDS)
        row = await self._users.count(f"row|{account}|{place}", ROW_SECONDS)
        if row >= IN_A_ROW:
            await self.limit(f"wait|{account}|{place}", 1, min(FIRST_WAIT * 2 ** (row - IN_A_ROW), LONGEST_WAIT))

    async def right(self, account: str, origin: str) -> None:
        """The try that was admitted was right: it was no failure, and the row ends."""
        place = _place(origin)
        await self._users.take_back(f"place|{place}")
        await self._users.take_back(f"strangers|{account}")
        await self.forgive(account, origin)

    async def forgive(self, account: str, origin: str) -> None:
        """The row of wrong tries from there ends."""
        place = _place(origin)
        for count in ("row", "wait"):
            await self._users.forgive(f"{count}|{account}|{place}")

    async def know(self, account: str, origin: str) -> None:
        """Its owner signed in from there."""
        await self._users.count(f"known|{account}|{_place(origin)}", KNOWN_SECONDS)

    async def place(self, deed: str, origin: str, times: int, seconds: float) -> None:
        """So many times may something be done from one place in a window. Raises TooMany."""
        await self.limit(f"{deed}|{_place(origin)}", times, seconds)

    async def limit(self, key: str, times: int, seconds: float) -> None:
        """Counts under a key; raises TooMany, with the seconds left, after so many in the window."""
        if await self._users.count(key, seconds) > times:
            raise too_many(await self._users.left(key))

    async def _wait_over(self, key: str) -> None:
        left = await self._users.left(key)
        if left:
            raise too_many(left)


def too_many(seconds: float) -> TooMany:
    """Says how long to wait."""
    wait = f"{round(seconds)} seconds" if seconds < 90 else f"{-(-round(seconds) // 60)} minutes"
    return TooMany(f"That was tried too often; try again in {wait}.", seconds)


def _place(origin: str) -> str:
    """One network of the sixth version is one place: whoever has one address there has all."""
    try:
        address = ip_address(origin)
    except ValueError:
        return origin
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)

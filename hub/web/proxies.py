"""What a request says of where it comes from, believed only of proxies that whoever runs the hub has named.

A proxy adds the address that it was called from to `X-Forwarded-For`, at the end. So the chain is read from its end, as
long as those who added to it are trusted: the first who is not is who asks, whatever stands before.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp import web

from hub.settings import LOOPBACK

_LONGEST_CHAIN = 20
Address = IPv4Address | IPv6Address


class Proxies:
    """The proxies that are trusted."""

    def __init__(self, trusted: Sequence[str] = LOOPBACK) -> None:
        """`trusted`: addresses and networks."""
        self._trusted = [ip_network(each) for each in trusted]

    def origin(self, request: web.Request) -> str:
        """The network address of who asks; empty where it is not known."""
        here = address(request.remote or "")
        for added in reversed(_added(request, "X-Forwarded-For")[-_LONGEST_CHAIN:]):
            before = address(added)
            if before is None or not self.trusts(here):
                break
            here = before
        return str(here or "")

    def by_https(self, request: web.Request) -> bool:
        """Whether the browser came by https, as far as can be known."""
        told = _added(request, "X-Forwarded-Proto")
        if told and self.trusts(address(request.remote or "")):
            return told[-1].lower() == "https"
        return request.scheme == "https"

    def trusts(self, peer: Address | None) -> bool:
        """Whether it may say for whom it speaks."""
        return peer is not None and any(peer in network for network in self._trusted)


PROXIES = web.AppKey("proxies", Proxies)


def proxies_of(request: web.Request) -> Proxies:
    """Those of the application that the request came to."""
    found = request.config_dict.get(PROXIES)
    return found if found is not None else Proxies()


def address(text: str) -> Address | None:
    """The address in what a proxy wrote, perhaps with a port; None: it is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _added(request: web.Request, name: str) -> list[str]:
    """A header that may come several times, each with several values, is one list."""
    return [part.strip() for line in request.headers.getall(name, ()) for part in line.split(",")]

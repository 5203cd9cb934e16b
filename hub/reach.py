"""Where calls may lead to an address that is an admin's word, a customer's system or an organization's sign-in: the
hub's machine sees more than an admin may.

What is checked is the address that is connected to, when it is connected to: whatever a name leads to, and however
often that changes.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import aiohttp

Address = IPv4Address | IPv6Address
AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]

_LOOPBACK = ("127.0.0.0/8", "::1/128")
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as seen through a translating network."""
_OF_CLOUDS = (IPv4Network("168.63.129.16/32"), IPv4Network("192.0.0.0/24"))
"""Clouds answer their machines there, though the addresses look like public ones."""


class OutOfReach(OSError):
    """The address is none that may be called."""


def guard(networks: Iterable[str]) -> Callable[[AddressInfo], socket.socket]:
    """Makes sockets, for these networks only. `networks`: as in the settings."""
    given = list(networks)
    named = [ip_network(each) for each in given if each not in ("public", "loopback")]
    named += [ip_network(each) for each in _LOOPBACK if "loopback" in given]

    def made(info: AddressInfo) -> socket.socket:
        address = meant(ip_address(info[4][0]))
        if not any(address in each for each in named) and not ("public" in given and is_public(address)):
            raise OutOfReach
        return socket.socket(family=info[0], type=info[1], proto=info[2])

    return made


def meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if not isinstance(address, IPv6Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


def is_public(address: Address) -> bool:
    """Whether it is neither this machine, nor in a network of its own, nor one that a cloud keeps for itself."""
    site = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not site and not any(address in n for n in _OF_CLOUDS)


def out_of_reach(error: Exception) -> bool:
    """Whether a call failed for this reason: nothing was sent."""
    return isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, OutOfReach)

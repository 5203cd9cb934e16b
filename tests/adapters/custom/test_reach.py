"""Where a customer's system may be: an admin's word does not lead the hub into networks of its own."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import pytest
from aiohttp import web

from hub.adapters.custom.connector import CustomConnector
from hub.domain.models import Media
from hub.errors import Refused, Undeliverable
from hub.reach import OutOfReach, guard
from hub.settings import Settings
from tests.adapters.custom.wire import SECRET, CustomWire, settings
from tests.adapters.wire import SECRET_OF_HOOK, words

PRIVATE = (
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.5.5",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:5ef5:79fd::80ff:fffe",
)
PUBLIC = ("1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101")


def may(networks: tuple[str, ...], address: str) -> bool:
    """Whether a socket is made for that address."""
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    try:
        guard(networks)((family, socket.SOCK_STREAM, 0, "", (address, 443))).close()
    except OutOfReach:
        return False
    return True


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_called(address: str) -> None:
    """Neither this machine, nor networks of its own, nor what a cloud tells its machines, in whatever form."""
    assert not may(("public",), address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_called(address: str) -> None:
    """Unless the operator names other networks only."""
    assert may(("public",), address)
    assert not may(("loopback", "10.0.0.0/8"), address)


def test_an_operator_names_networks() -> None:
    """What is named is called, and nothing beside it."""
    named = ("public", "10.1.2.0/24", "fd00:1::/32")
    assert [may(named, a) for a in ("10.1.2.3", "fd00:1::5", "1.1.1.1")] == [True] * 3
    assert [may(named, a) for a in ("10.1.3.3", "fd00:2::5", "127.0.0.1")] == [False] * 3
    assert [may(("loopback",), a) for a in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3")] == [True] * 3 + [False]


@pytest.fixture
async def knocks() -> AsyncIterator[tuple[int, list[str]]]:
    """A server on this machine that no admin should reach: its port, and what was asked of it."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"ok": True, "name": "inner", "id": "1"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1], asked
    await runner.cleanup()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_an_admin_is_told(knocks: tuple[int, list[str]], host: str) -> None:
    """By default nothing is sent to the hub's own machine, by number or by name; the sentence says what would help."""
    port, asked = knocks
    connector = CustomConnector(Settings(data_dir=settings().data_dir))
    with pytest.raises(Refused, match="HUB_CUSTOM_NETWORKS") as caught:
        await connector.examine([f"http://{host}:{port}/hub", SECRET])
    assert caught.value.text.endswith(".")
    assert host not in caught.value.text
    assert asked == []


async def test_a_name_that_leads_inside_later(custom: CustomWire) -> None:
    """What was connected when its address was public is not called where it leads now: neither calls nor files."""
    channel = CustomConnector(settings(custom_networks=("public",))).connect(custom.kept, SECRET_OF_HOOK)
    calls = custom.system.calls
    with pytest.raises(Undeliverable, match="private network"):
        await channel.send(custom.address, words("hello"))
    with pytest.raises(Undeliverable, match="private network"):
        async for _ in channel.fetch(Media(kind="file", source=custom.system.url.replace("/hub", "/files/1"))):
            pass
    await channel.close()
    assert custom.system.calls == calls


async def test_no_redirect_leads_inside(custom: CustomWire, knocks: tuple[int, list[str]]) -> None:
    """A system that may be called sends the hub nowhere else."""
    port, asked = knocks
    away: dict[str, Any] = {"status": 307, "headers": {"Location": f"http://127.0.0.1:{port}/admin"}}
    custom.system.next_answers.append(web.Response(**away))
    with pytest.raises(Undeliverable, match="leads elsewhere"):
        await custom.channel.send(custom.address, words("hello"))
    assert asked == []

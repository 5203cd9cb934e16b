"""Where somebody comes from: what proxies say is believed of those who are named, and of nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from hub.errors import Misconfigured
from hub.settings import LOOPBACK, load
from hub.web.proxies import Proxies
from tests.web.lobby import Browser, Lobby, lobby_over

INSIDE = (*LOOPBACK, "10.0.0.0/8", "fd00::/8")


def request(peer: str, *chain: str, proto: Sequence[str] = (), scheme: str = "http") -> web.Request:
    """A request as it arrives."""
    headers = CIMultiDict([("X-Forwarded-For", line) for line in chain])
    for line in proto:
        headers.add("X-Forwarded-Proto", line)
    return make_mocked_request("GET", "/account", headers=headers).clone(remote=peer, scheme=scheme)


@pytest.mark.parametrize(
    ("peer", "chain", "origin"),
    [
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # a stranger says it comes for another
        ("192.168.1.5", ["198.51.100.1"], "192.168.1.5"),  # a private address is no proxy by that
        ("127.0.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),  # the client wrote the first itself
        ("127.0.0.1", ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),  # by a line of its own
        ("127.0.0.1", ["127.0.0.1, 203.0.113.7"], "203.0.113.7"),  # and a trusted one at that
        ("127.0.0.1", ["203.0.113.7, 10.1.1.1, 10.2.2.2"], "203.0.113.7"),  # two proxies, one behind the other
        ("10.2.2.2", ["1.1.1.1, 203.0.113.7, 10.1.1.1"], "203.0.113.7"),
        ("10.2.2.2", ["10.3.3.3"], "10.3.3.3"),  # somebody of the house
        ("127.0.0.1", ["garbage"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7, <script>"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7, garbage, 10.1.1.1"], "10.1.1.1"),
        ("127.0.0.1", ["unknown, 203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", [",,,"], "127.0.0.1"),
        ("127.0.0.1", ["1.2.3.4.5"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7:51234"], "203.0.113.7"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("::1", ["2001:DB8:0::7"], "2001:db8::7"),
        ("::1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("::1", ['"[2001:db8::7]"'], "2001:db8::7"),
        ("::1", ["::ffff:203.0.113.7"], "203.0.113.7"),
        ("::ffff:127.0.0.1", ["203.0.113.7"], "203.0.113.7"),  # a socket of both versions
        ("fd00::1%eth0", ["2001:db8::7"], "2001:db8::7"),
        ("fe80::1", ["2001:db8::7"], "fe80::1"),
        ("", ["203.0.113.7"], ""),
        ("127.0.0.1", [", ".join(["203.0.113.7"] + ["10.1.1.1"] * 100)], "10.1.1.1"),  # longer than any chain
    ],
)
def test_a_chain_is_read_from_its_end(peer: str, chain: list[str], origin: str) -> None:
    """As long as those who added to it are trusted; what a client wrote before counts for nothing."""
    assert Proxies(INSIDE).origin(request(peer, *chain)) == origin


def test_nobody_need_be_trusted() -> None:
    """Where there is no proxy, not even this machine is one."""
    assert Proxies(()).origin(request("127.0.0.1", "203.0.113.7")) == "127.0.0.1"
    assert not Proxies(()).by_https(request("127.0.0.1", proto=["https"]))


@pytest.mark.parametrize(
    ("peer", "proto", "scheme", "secure"),
    [
        ("127.0.0.1", ["https"], "http", True),
        ("127.0.0.1", ["HTTPS"], "http", True),
        ("127.0.0.1", ["http"], "https", False),
        ("127.0.0.1", ["https, http"], "http", False),  # the client wrote the first
        ("127.0.0.1", ["https", "http"], "http", False),
        ("127.0.0.1", ["javascript"], "http", False),
        ("127.0.0.1", [], "https", True),
        ("203.0.113.9", ["https"], "http", False),
        ("203.0.113.9", ["http"], "https", True),
    ],
)
def test_https_is_believed_of_the_same(peer: str, proto: list[str], scheme: str, secure: bool) -> None:
    """The proxy beside us says it last; a stranger's word changes nothing."""
    assert Proxies(INSIDE).by_https(request(peer, proto=proto, scheme=scheme)) is secure


@pytest.mark.parametrize(
    ("text", "trusted"),
    [
        ("", LOOPBACK),
        ("loopback", LOOPBACK),
        ("none", ()),
        ("10.1.2.3", ("10.1.2.3/32",)),
        ("10.1.2.0/24, FD00::/8", ("10.1.2.0/24", "fd00::/8")),
        ("10.1.2.3,loopback", ("10.1.2.3/32", *LOOPBACK)),
    ],
)
def test_the_setting(text: str, trusted: tuple[str, ...], tmp_path: Path) -> None:
    """Addresses, networks and two words; this machine where nothing is said."""
    assert load({"HUB_DATA_DIR": str(tmp_path), "HUB_TRUSTED_PROXIES": text}).trusted_proxies == trusted


@pytest.mark.parametrize("text", ["proxy.example", "10.1.2.3/24", "10.1.2", "none,loopback", "*"])
def test_a_wrong_setting_is_told(text: str, tmp_path: Path) -> None:
    """With what would be right."""
    with pytest.raises(Misconfigured, match=r"HUB_TRUSTED_PROXIES is .*10\.1\.2\.0/24"):
        load({"HUB_DATA_DIR": str(tmp_path), "HUB_TRUSTED_PROXIES": text})


async def test_a_lie_does_not_help_a_guesser(lobby: Lobby) -> None:
    """Whoever names another address with each try is slowed all the same, where no proxy is trusted."""
    async with lobby_over(lobby.store, proxies=()) as house:
        seen = set()
        for number in range(7):
            async with Browser(house.url) as browser:
                page = await browser.get("/account/signin")
                page = await browser.fill(page, email="a@shop.example", password=f"wrong password {number}")
                seen.add(page.status)
        assert seen == {403, 429}

"""Connecting a customer's system."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from hub.adapters.custom.address import checked
from hub.adapters.custom.connector import CustomConnector
from hub.errors import Refused
from tests.adapters.custom.wire import SECRET, CustomWire, settings
from tests.adapters.wire import SECRET_OF_HOOK, words


async def refused(wire: CustomWire, *given: str) -> str:
    """Why connecting is refused: a sentence or two, without the secret."""
    with pytest.raises(Refused) as caught:
        await wire.connector.examine(given)
    assert "\n" not in caught.value.text
    assert caught.value.text.endswith(".")
    for secret in given[1:]:
        assert secret not in repr(caught.value)
        assert secret not in repr(caught.value.__cause__)
    return caught.value.text


async def test_examines_a_system(custom: CustomWire) -> None:
    """It says who it is; its host is part of its account, for two systems may call themselves alike."""
    account, kept = await custom.connector.examine([custom.system.url, SECRET])
    port = custom.system.url.rpartition(":")[2].removesuffix("/hub")
    assert (account.id, account.name, account.problems) == (f"shop-1@127.0.0.1:{port}", "Own shop", ())
    channel = custom.connector.connect(kept, SECRET_OF_HOOK)
    await channel.send(custom.address, words("hi"))
    assert custom.seen() == ["hi"]
    await channel.close()


async def test_says_that_nothing_will_arrive(custom: CustomWire) -> None:
    """A hub without a public address cannot be called; it can still send."""
    account, _ = await CustomConnector(settings(public_url="")).examine([custom.system.url, SECRET])
    assert "HUB_PUBLIC_URL" in account.problems[0]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("chat.example.com", "full address"),
        ("ftp://chat.example.com", "full address"),
        ("https://", "full address"),
        ("https://[::1", "full address"),
        ("https://chat.example.com:0/", "full address"),
        ("https://chat.example.com:99999/", "full address"),
        ("https://chät.example.com/", "full address"),
        ("https://chat.example.com/" + "x" * 500, "full address"),
        ("http://chat.example.com/hub", "plain http"),
        ("http://127.0.0.1.example.com/hub", "plain http"),
        ("http://localhost@chat.example.com/", "without a name"),
        ("https://ann:pw@chat.example.com/", "without a name"),
        ("https://chat.example.com/#hub", "without a name"),
    ],
)
async def test_refuses_what_is_no_address(custom: CustomWire, url: str, says: str) -> None:
    """Only https, or http on the hub's own machine; nothing is called."""
    assert says in await refused(custom, url, SECRET)
    assert custom.system.calls == 1


@pytest.mark.parametrize(
    "url", ["https://chat.example.com", "https://chat.example.com:8443/a?b=c", "http://localhost:80/", "http://[::1]/"]
)
def test_takes_addresses(url: str) -> None:
    """These are."""
    assert checked(url) == url


async def test_refuses_what_is_not_two_words(custom: CustomWire) -> None:
    """The usage is told; a secret that is short or has accents is none."""
    assert "URL SECRET" in await refused(custom)
    assert "URL SECRET" in await refused(custom, custom.system.url)
    assert "URL SECRET" in await refused(custom, custom.system.url, SECRET, "more")
    assert "16 to 200" in await refused(custom, custom.system.url, "short")
    assert "openssl" in await refused(custom, custom.system.url, "ä" * 20)


async def test_refuses_another_secret(custom: CustomWire) -> None:
    """The ping shows whether both sides sign alike."""
    assert "same secret" in await refused(custom, custom.system.url, "another-secret-than-its")


async def test_says_that_nobody_is_there(custom: CustomWire) -> None:
    """With what to do."""
    assert "could not be reached" in await refused(custom, "http://127.0.0.1:9/hub", SECRET)
    assert "Nothing takes calls" in await refused(custom, custom.system.url + "/other", SECRET)


@pytest.mark.parametrize(
    "pong",
    [
        {"ok": False, "name": "a", "id": "b"},
        {"ok": True},
        {"ok": 1, "name": "a", "id": "b"},
        {"name": "a", "id": "b"},
        {"ok": True, "name": " ", "id": "b"},
        {"ok": True, "name": "a", "id": True},
        {"ok": True, "name": 5, "id": 5},
    ],
)
async def test_refuses_half_an_answer(custom: CustomWire, pong: dict[str, Any]) -> None:
    """What is missing is said."""
    custom.system.pong = pong
    assert '"ok": true' in await refused(custom, custom.system.url, SECRET)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"text": "<html>"}, "no JSON object"),
        ({"status": 301, "headers": {"Location": "/x"}}, "leads elsewhere"),
        ({"status": 418, "text": '{"error": "I am a teapot"}'}, "with 418: I am a teapot."),
        ({"status": 500}, "with 500"),
    ],
)
async def test_refuses_odd_answers(custom: CustomWire, answer: dict[str, Any], says: str) -> None:
    """Each is said, and no redirect is followed."""
    custom.system.next_answers.append(web.Response(**answer))
    assert says in await refused(custom, custom.system.url, SECRET)


async def test_a_name_is_one_line(custom: CustomWire) -> None:
    """It is shown in lists."""
    custom.system.pong = {"ok": True, "name": "Own\n shop" + "x" * 200, "id": 5}
    account, _ = await custom.connector.examine([custom.system.url, SECRET])
    assert account.name.startswith("Own shop")
    assert len(account.name) == 100
    assert account.id.startswith("5@")

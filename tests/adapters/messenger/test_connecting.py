"""Connecting a page, and one app for many pages."""

from __future__ import annotations

import json

import msgspec
import pytest

from hub.adapters.messenger.connector import MessengerConnector
from hub.adapters.messenger.shared import MessengerApp
from hub.adapters.messenger.signature import HEADER, sign
from hub.domain.incoming import Said
from hub.errors import Anomalous, NotGenuine, Refused
from tests.adapters.messenger.wire import MessengerWire, settings
from tests.adapters.wire import SECRET_OF_HOOK, words


async def refused(wire: MessengerWire, *given: str) -> str:
    """Why connecting is refused: one sentence or two, without a secret."""
    with pytest.raises(Refused) as caught:
        await wire.connector.examine(given)
    assert "\n" not in caught.value.text
    assert caught.value.text.endswith(".")
    for secret in given[1:]:
        assert secret not in repr(caught.value)
        assert secret not in repr(caught.value.__cause__)
    return caught.value.text


async def test_examines_a_page(messenger: MessengerWire) -> None:
    """The page behind a token is told by the network; the app hears of its messages from then on."""
    messenger.net.unsubscribe(messenger.page, messenger.app)
    account, kept = await messenger.connector.examine([messenger.page.id, messenger.page.token, messenger.app.secret])
    assert (account.id, account.name, account.problems) == (messenger.page.id, "Shop", ())
    assert "messages" in messenger.page.subscriptions[messenger.app.id]
    channel = messenger.connector.connect(kept, SECRET_OF_HOOK)
    await channel.send(messenger.address, words("hi"))
    assert messenger.seen() == ["hi"]
    await channel.close()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "PAGE_ID PAGE_TOKEN APP_SECRET"),
        (["1", "token-of-page"], "PAGE_ID PAGE_TOKEN APP_SECRET"),
        (["1", "token-of-page", "f00dbabe", "more"], "PAGE_ID PAGE_TOKEN APP_SECRET"),
        (["Shop", "token-of-page", "f00dbabe"], "digits"),
        (["١٢", "token-of-page", "f00dbabe"], "digits"),
        (["1", "töken-of-page", "f00dbabe"], "no page token"),
        (["1", "token-of-page", "x"], "no page token"),
    ],
)
async def test_refuses_what_cannot_be(messenger: MessengerWire, given: list[str], says: str) -> None:
    """What is not written right is answered with what would be, and where it is found."""
    calls = len(messenger.net.calls)
    said = await refused(messenger, *given)
    assert says in said
    assert "developers.facebook.com" in said
    assert len(messenger.net.calls) == calls


async def test_refuses_what_the_network_refuses(messenger: MessengerWire) -> None:
    """A wrong token, another page's, another app's secret: each is said, with what to do."""
    net, page, secret = messenger.net, messenger.page, messenger.app.secret
    assert "does not accept this page's token" in await refused(messenger, page.id, "EAAG" + "0" * 40, secret)
    other = net.add_page("Other", messenger.app)
    said = await refused(messenger, page.id, other.token, secret)
    assert f"That token is for Other ({other.id}), not for the page {page.id}" in said
    assert "app secret does not belong" in await refused(messenger, page.id, page.token, net.add_app("B").secret)
    net.spoil_token(page, "password")
    assert "changed the password" in await refused(messenger, page.id, page.token, secret)
    net.spoil_token(page, "expired")
    assert "expired" in await refused(messenger, page.id, page.token, secret)


async def test_says_that_the_network_is_away(messenger: MessengerWire) -> None:
    """Where the network cannot be asked, that is said, and not that the token is wrong."""
    given = (messenger.page.id, messenger.page.token, messenger.app.secret)
    messenger.net.fail(code=2)
    assert "HUB_MESSENGER_API_URL" in await refused(messenger, *given)
    messenger.net.fail(status=404)
    assert "HUB_MESSENGER_API_URL" in await refused(messenger, *given)
    messenger.net.unreachable()
    assert "HUB_MESSENGER_API_URL" in await refused(messenger, *given)


async def problems(wire: MessengerWire, connector: MessengerConnector | None = None) -> str:
    given = [wire.page.id, wire.page.token, wire.app.secret]
    account, _ = await (connector or wire.connector).examine(given)
    assert all(problem.endswith(".") for problem in account.problems)
    return " ".join(account.problems)


async def test_tells_what_can_be_mended(messenger: MessengerWire) -> None:
    """A page is connected in spite of what is wrong around it, and the owner is told how to mend it."""
    net, page = messenger.net, messenger.page
    robot = net.add_app("Robot")
    net.grant(page, robot)
    net.subscribe(page, robot)
    assert "also go to Robot" in await problems(messenger)
    net.unsubscribe(page, robot)
    page.tokens[0].expires_at = int(net.now()) + 86400
    assert "The token expires on" in await problems(messenger)
    page.tokens[0].expires_at = 0
    net.limit_rights(page, "pages_messaging")
    told = await problems(messenger)
    assert "lacks the right pages_manage_metadata" in told
    assert "could not be subscribed" in told
    net.limit_rights(page, "pages_manage_metadata")
    assert "lacks the right pages_messaging" in await problems(messenger)


async def test_the_apps_one_address_is_looked_at(messenger: MessengerWire) -> None:
    """An app calls one address: whoever enters another, or leaves fields out, learns what that means."""
    net, app = messenger.net, messenger.app
    await net.set_webhook(app, "https://old.example.com/secret-path", "v", ("messages",), handshake=False)
    told = await problems(messenger)
    assert "old.example.com" in told
    assert "secret-path" not in told
    assert "does not subscribe to message_echoes" in told
    shared = settings(messenger.server.url, messenger_app_secret=app.secret, messenger_verify_token="v")
    connector = MessengerConnector(shared)
    account, _ = await connector.examine([messenger.page.id, messenger.page.token])
    assert "must call https://hub.example.com/hooks/messenger" in account.problems[0]
    await net.set_webhook(app, "https://hub.example.com/hooks/messenger", "v", handshake=False)
    account, _ = await connector.examine([messenger.page.id, messenger.page.token])
    assert account.problems == ()


async def test_a_hub_without_an_address_is_told(messenger: MessengerWire) -> None:
    """Messenger cannot be polled: without a public address nothing arrives."""
    connector = MessengerConnector(settings(messenger.server.url, public_url=""))
    assert "HUB_PUBLIC_URL" in await problems(messenger, connector)


async def test_what_is_good_to_know_may_be_refused(messenger: MessengerWire) -> None:
    """Where the network does not say what a token is good for, the page is connected all the same."""
    for operation in ("app", "debug_token", "subscribed_apps"):
        messenger.net.fail(operation, code=200, times=2)
        assert isinstance(await problems(messenger), str)
        messenger.net.heal()


# -- one app for many pages -----------------------------------------------------------------------------------------


async def test_the_app_of_the_settings(messenger: MessengerWire) -> None:
    """With an app for all, a page needs no secret of its own, and none is kept; the app's is used."""
    connector = MessengerConnector(settings(messenger.server.url, messenger_app_secret=messenger.app.secret))
    assert connector.usage == "PAGE_ID PAGE_TOKEN [APP_SECRET]"
    _, kept = await connector.examine([messenger.page.id, messenger.page.token])
    assert messenger.app.secret not in kept
    channel = connector.connect(kept, SECRET_OF_HOOK)
    payload = messenger.incoming("hello")
    channel.verify(messenger.headers(payload), payload)
    await channel.close()


def shared(key: str = "s") -> MessengerApp:
    given = settings("http://127.0.0.1:9", messenger_app_secret=key, messenger_verify_token="verify-me")
    return MessengerApp(given)


def test_splits_by_page(messenger: MessengerWire) -> None:
    """Each page gets its own entries, in order and as they came; another page's channel finds nothing for itself."""
    other = messenger.net.add_page("Other", messenger.app)
    messenger.net.subscribe(other, messenger.app)
    messenger.net.batch_notices(messenger.app, 3)
    messenger.net.say(messenger.ann, messenger.page, "eins ü")
    messenger.net.say(messenger.ann, other, "zwei")
    messenger.net.say(messenger.ann, messenger.page, "drei")
    body = messenger.last()
    parts = dict(shared().split(body))
    assert list(parts) == [messenger.page.id, other.id]
    said = messenger.channel.translate(parts[messenger.page.id])
    assert [i.text.plain for i in said if isinstance(i, Said)] == ["eins ü", "drei"]
    assert not any(isinstance(i, Said) for i in messenger.channel.translate(parts[other.id]))
    assert json.loads(body)["entry"][0] in json.loads(parts[messenger.page.id])["entry"]
    assert b"\\u00fc" in parts[messenger.page.id]


def test_the_parts_have_identities_of_their_own(messenger: MessengerWire) -> None:
    """A message is the same whether it came alone or beside others'."""
    alone = messenger.incoming("hi")
    entry = json.loads(alone)["entry"][0]
    together = json.dumps({"object": "page", "entry": [{**entry, "id": "5"}, entry]}).encode()
    parts = dict(shared().split(together))
    assert messenger.channel.update_id(parts[messenger.page.id]) == messenger.channel.update_id(alone)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [([], {}), ([{"time": 1}], {""}), ([{"id": None}, 5], {""}), ([{"id": 5}, {"id": "5"}, {"id": []}], {"5", ""})],
)
def test_what_is_of_no_page_is_for_nobody(entries: list[object], expected: set[str]) -> None:
    """It is acknowledged, and goes to no channel."""
    body = msgspec.json.encode({"object": "page", "entry": entries})
    assert {page for page, _ in shared().split(body)} == set(expected)


@pytest.mark.parametrize("junk", [b"", b"\xff", b"[]", b"{}", b'{"object": "page", "entry": 5}', b"[" * 100_000])
def test_junk_cannot_be_split(junk: bytes) -> None:
    """What no network would send raises Anomalous and nothing else."""
    with pytest.raises(Anomalous):
        shared().split(junk)


def test_the_shared_door_is_guarded() -> None:
    """The app's secret proves a call, its verify token a handshake; where there are none nothing is genuine."""
    body = b'{"object": "page", "entry": []}'
    shared().verify({HEADER: "sha256=" + sign(body, "s")}, body)
    query = {"hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "1"}
    assert shared().greet(query, b"") == "1"
    assert shared().greet({}, body) is None
    with pytest.raises(NotGenuine):
        shared().greet({**query, "hub.verify_token": "guess"}, b"")
    for headers in ({}, {HEADER: "sha256=" + sign(body, "t")}):
        with pytest.raises(NotGenuine):
            shared().verify(headers, body)
    with pytest.raises(NotGenuine):
        shared("").verify({HEADER: "sha256=" + sign(body, "")}, body)

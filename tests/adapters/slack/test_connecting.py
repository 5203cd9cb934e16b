"""Connecting an app: whose the tokens are, what is set up wrong, and what is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec
import pytest

from hub.adapters.slack.channel import SlackSecret
from hub.adapters.slack.connector import RIGHTS, SlackConnector
from hub.domain.ports import Account, Listens
from hub.errors import Refused
from tests.adapters.slack.wire import SlackWire, settings, slack_wire
from tests.adapters.wire import words

SIGNING = "0123456789abcdef0123456789abcdef"


def at(wire: SlackWire, **more: str) -> SlackConnector:
    return SlackConnector(settings(wire.server.api, **more))


async def refused(connector: SlackConnector, given: Sequence[str]) -> str:
    with pytest.raises(Refused) as caught:
        await connector.examine(given)
    assert not any(word in repr(caught.value) for word in given if len(word) > 8)
    return caught.value.text


async def test_an_app_of_its_own(slack: SlackWire) -> None:
    """The workspace gives the account; the secret holds all that is needed and opens as a channel."""
    account, kept = await at(slack).examine([slack.shop.token, slack.app.signing_secret])
    assert account == Account(id=slack.team.id, name="Acme")
    secret = msgspec.json.decode(kept, type=SlackSecret)
    assert (secret.user, secret.bot, secret.team) == (slack.shop.bot.id, slack.shop.bot.bot_id, slack.team.id)
    channel = at(slack).connect(kept, "hook")
    body = slack.incoming("hello")
    channel.verify(slack.headers(body), body)
    await channel.send(slack.address, words("hi"))
    assert slack.seen() == ["hi"]
    told = channel.instructions("https://hub.example.com/hooks/c1")
    assert all("https://hub.example.com/hooks/c1" in told[place] for place in (0, 2))
    assert "message.im" in told[1]
    await channel.close()


async def test_the_words_tell_what_they_are(slack: SlackWire) -> None:
    """In any order: a token says by its beginning what it is."""
    given = [slack.app.app_token, slack.app.signing_secret, slack.shop.token]
    _, kept = await at(slack, public_url="").examine(given)
    secret = msgspec.json.decode(kept, type=SlackSecret)
    assert (secret.token, secret.signing_secret, secret.app_token) == tuple(reversed(given))


async def test_an_installation_of_the_shared_app(slack: SlackWire) -> None:
    """Only the bot's token is its own; calls are proved by the settings' secret, and nothing is to be set up."""
    shared = at(slack, slack_signing_secret=slack.app.signing_secret)
    for account, kept in (await shared.adopt(slack.shop.token), await shared.examine([slack.shop.token])):
        assert (account.id, account.problems) == (slack.team.id, ())
        assert slack.app.signing_secret not in kept
        channel = shared.connect(kept, "hook")
        body = slack.incoming("hello")
        channel.verify(slack.headers(body), body)
        assert channel.instructions("https://hub.example.com/hooks/slack") == []
        assert not isinstance(channel, Listens)
        await channel.close()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "BOT_TOKEN SIGNING_SECRET"),
        ([SIGNING], "BOT_TOKEN SIGNING_SECRET"),
        (["xoxp-123456789012", SIGNING], "begins with xoxb-"),
        (["xoxb-1", SIGNING], "begins with xoxb-"),
        (["xoxb-123456789012", "xoxb-123456789012"], "BOT_TOKEN SIGNING_SECRET"),
        (["xoxb-123456789012", SIGNING, "another_secret"], "BOT_TOKEN SIGNING_SECRET"),
        (["xoxb-123456789012", SIGNING, "xapp-ä123456789"], "mistyped"),
        (["xoxb-123456789012", "s3cret!\u200b?x"], "mistyped"),
        (["xoxb-123456789012"], "signing secret is missing"),
        (["xoxb-123456789012", SIGNING], "does not know that token"),
    ],
)
async def test_what_is_wrong_is_said(slack: SlackWire, given: list[str], says: str) -> None:
    """In one sentence with where the right words are found, and without repeating the wrong ones."""
    text = await refused(at(slack), given)
    assert says in text
    assert "api.slack.com/apps" in text


async def test_dead_tokens_and_nobody_there(slack: SlackWire) -> None:
    """A revoked token, an address where nothing answers, and one where something else does."""
    given = [slack.shop.token, slack.app.signing_secret]
    nowhere = SlackConnector(settings("http://127.0.0.1:9/api"))
    assert "HUB_SLACK_API_URL" in await refused(nowhere, given)
    assert "HUB_SLACK_API_URL" in await refused(SlackConnector(settings(slack.server.url + "/slack-files")), given)
    slack.net.fail("auth.test", retry_after=30)
    assert "30 seconds" in await refused(at(slack), given)
    slack.revoke()
    assert "revoked" in await refused(at(slack), given)


async def test_missing_rights_are_named(slack: SlackWire) -> None:
    """Each with what it is for; none is missing where the app has all."""
    slack.net.limit_scopes(slack.shop, "chat:write", "im:history", "users:read")
    account, _ = await at(slack).examine([slack.shop.token, slack.app.signing_secret])
    (problem,) = account.problems
    assert all((f"{right} (" in problem) == (right not in slack.shop.scopes) for right in RIGHTS)


async def test_no_way_in_is_said(slack: SlackWire) -> None:
    """Without a public address an app needs its socket; with one it must not use it."""
    own = [slack.shop.token, slack.app.signing_secret]
    for public_url, given, says in (
        ("", own, "no public address"),
        ("https://hub.example.com", [*own, slack.app.app_token], "does not use Socket Mode"),
        ("", [*own, "xapp-1-A0-1-0123456789abcdef"], "does not know the app-level token"),
    ):
        account, _ = await at(slack, public_url=public_url).examine(given)
        (problem,) = account.problems
        assert says in problem
    slack.net.fail("apps.connections.open", error="missing_scope")
    account, _ = await at(slack, public_url="").examine([*own, slack.app.app_token])
    assert "connections:write" in account.problems[0]


@pytest.fixture
async def socket() -> AsyncIterator[SlackWire]:
    """An app in Socket Mode."""
    made = await slack_wire(socket=True)
    yield made
    await made.close()


async def test_a_socket_makes_it_listen(socket: SlackWire) -> None:
    """An app with an app-level token listens, and what is to be done for it is another thing."""
    assert isinstance(socket.channel, Listens)
    (told,) = socket.channel.instructions("")
    assert "Socket Mode" in told

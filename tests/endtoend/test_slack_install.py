"""Installing the one Slack app in a Slack workspace, by the browser's two pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from hub.domain.models import ChannelItem, Post
from hub.sandbox.slack import Limits, SlackStandIn, serve
from hub.sandbox.slack.accounts import App, User
from hub.settings import Settings
from tests.endtoend.shop import Shop, shop_in
from tests.endtoend.town import by_webhook, until


class Lobby:
    """A Slack workspace, an app that is installed nowhere yet, and a hub that has its secrets."""

    def __init__(self, shop: Shop, net: SlackStandIn, app: App) -> None:
        self.shop = shop
        self.net = net
        self.app = app
        self.team = net.add_team("Acme")
        self.sue = net.add_user(self.team, "Sue Sun", is_admin=True)

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.shop.town.hub.port}{path}"


@pytest.fixture(scope="module")
async def lobby(own_settings: Settings) -> AsyncIterator[Lobby]:
    """A hub whose operator has set the app's id and secrets."""
    net = SlackStandIn(Limits.off())
    server = await serve(net, retry_scale=0.001)
    own = by_webhook()
    app = net.add_app("Hub", commands=("/hub",), redirect_urls=[f"{own['public_url']}/slack/oauth"])
    slack = {
        "slack_api_url": f"{server.url}/api",
        "slack_signing_secret": app.signing_secret,
        "slack_client_id": app.client_id,
        "slack_client_secret": app.client_secret,
    }
    async with shop_in(own_settings, **own, **slack) as shop:
        made = Lobby(shop, net, app)
        await net.set_request_url(app, shop.town.hook("slack"))
        yield made
    await server.close()


async def agreed(http: aiohttp.ClientSession, lobby: Lobby, by: User | None = None) -> URL:
    """Opens the first page, and agrees on Slack's; gives the address to which Slack sends the browser."""
    async with http.get(lobby.at("/slack/install"), allow_redirects=False) as answer:
        assert answer.status == 302
        consent = URL(answer.headers["Location"])
    async with http.get(consent.update_query(as_user=(by or lobby.sue).id), allow_redirects=False) as answer:
        assert answer.status == 302
        return URL(answer.headers["Location"])


async def test_the_whole_way(lobby: Lobby) -> None:
    """Two pages install the app; its token is kept sealed; then the bot knows the person, and a channel is a desk."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        back = await agreed(http, lobby)
        async with http.get(back) as answer:
            page = await answer.text()
            assert answer.status == 200
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Acme" in page
        async with http.get(back) as answer:
            assert answer.status == 400
    installations = lobby.shop.town.hub.store.installations
    assert await installations.accounts("slack") == [lobby.team.id]
    installed = lobby.app.installations[lobby.team.id]
    kept = await lobby.shop.town.hub.store.installations._installations.find_one({})
    assert installed.token not in str(kept)
    desk = lobby.net.add_channel(lobby.team, "support", [lobby.sue, installed.app])
    token = await lobby.shop.invitation("manager")
    await lobby.net.slash(lobby.sue, desk, "/hub", f"start {token}").answer()
    await until(lambda: "Welcome" in str(lobby.net.ephemerals(lobby.sue, desk)), "the welcome")
    await lobby.net.slash(lobby.sue, desk, "/hub", "desk here").answer()
    await until(lambda: "waiting" in str(lobby.net.history(desk)), "the queue card")


async def installed_by(lobby: Lobby, who: User) -> None:
    """Somebody goes the whole way with a browser of their own."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        back = await agreed(http, lobby, who)
        async with http.get(back) as answer:
            assert answer.status == 200


async def test_installed_again_the_channel_goes_on(lobby: Lobby) -> None:
    """Where the app is a channel to contacts, what waited since it was taken out leaves with the new token at once;
    what Slack tells late of its leaving is nothing new.
    """
    shop, net = lobby.shop, lobby.net
    team = net.add_team("Branch")
    eve, kim = net.add_user(team, "Eve East", is_admin=True), net.add_user(team, "Kim Kay")
    await installed_by(lobby, eve)
    await net.slash(eve, lobby.app, "/hub", f"start {await shop.invitation('manager')}").answer()
    await net.slash(eve, lobby.app, "/hub", "channel connect slack").answer()

    async def channel(state: str) -> bool:
        kept = await shop.kept(ChannelItem, network="slack", account=team.id)
        return [c.state for c in kept] == [state]

    await until(lambda: channel("active"), "the channel")

    def confirmed() -> str:
        return next((m["text"] for m in net.ephemerals(eve) if "is connected" in m["text"]), "")

    assert "token" not in await until(confirmed, "the answer"), "none was posted"
    net.say(kim, lobby.app, "anybody there?")
    said = await shop.said("anybody there?")
    net.uninstall(lobby.app, team)
    await until(lambda: channel("paused"), "it to be paused")

    async def topics() -> list[int]:
        return [int(p.thread) for p in await shop.kept(Post, contact=said.contact) if p.thread.isdigit()]

    topic = (await until(topics, "it on the desk"))[0]
    shop.net.say(shop.bob, shop.group, "We are.", thread=topic)
    await shop.said("We are.")
    await installed_by(lobby, eve)
    for told in net.events_of(lobby.app):
        if told["event"]["type"] in ("app_uninstalled", "tokens_revoked"):
            net.redeliver(lobby.app, told["event_id"])
    await net.settled()
    assert await channel("active")
    await until(lambda: "We are." in [m["text"] for m in net.private(kim, lobby.app)], "the answer")


async def test_only_who_began_it_ends_it(lobby: Lobby) -> None:
    """A state without its cookie, one of somebody else, or none at all installs nothing and says what to do."""
    async with aiohttp.ClientSession() as http:
        for query in ({}, {"code": "x"}, {"code": "x", "state": "guessed"}, {"state": "guessed"}):
            async with http.get(lobby.at("/slack/oauth"), params=query) as answer:
                assert answer.status == 400
                assert "Start again" in await answer.text()


async def test_who_does_not_agree(lobby: Lobby) -> None:
    """Who says no on Slack's page is told that nothing was installed; what Slack says is never shown as markup."""
    async with aiohttp.ClientSession() as http:
        async with http.get(lobby.at("/slack/oauth"), params={"error": "<script>access_denied"}) as answer:
            page = await answer.text()
        assert answer.status == 400
        assert "Nothing was installed" in page
        assert "<script>" not in page

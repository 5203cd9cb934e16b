"""Socket Mode with the SDK's own client, Bolt's own app, and installing by OAuth."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from hub.admin_bot.registry import commands
from hub.admin_bot.slack.manifest import manifest
from tests.sandbox.slack.place import Place
from tests.sandbox.slack.test_web_api import BUTTON, actions, refused


@asynccontextmanager
async def connected(
    place: Place, payload: dict[str, Any] | None = None, acknowledges: Callable[[int], bool] = lambda _: True
) -> AsyncIterator[list[SocketModeRequest]]:
    """The SDK's client, connected; what it was told. `acknowledges`: whether the request of that number is."""
    place.app.socket_mode = True
    got: list[SocketModeRequest] = []
    client = SocketModeClient(place.app.app_token, web_client=place.client(""), ping_interval=0.2)

    async def take(_: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        got.append(request)
        if acknowledges(len(got)):
            said = payload if request.type != "events_api" else None
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, said))

    client.socket_mode_request_listeners.append(take)
    await client.connect()
    try:
        yield got
    finally:
        await client.close()
        await asyncio.sleep(0)


async def test_all_three_kinds_come_by_the_socket(place: Place) -> None:
    """Events, interactions and commands; what is said in the acknowledgement is shown."""
    async with connected(place, {"text": "by socket"}) as got:
        place.world.say(place.ann, place.desk, "hi")
        await place.world.settled()
        knock = place.world.slash(place.ann, place.desk, "/hub", "help")
        assert await knock.answer() == {"text": "by socket"}
        posted = await place.web.chat_postMessage(channel=place.desk.id, text="a", blocks=[actions(BUTTON)])
        await place.world.press(place.ann, place.desk, posted["ts"], "Go").answer()
        await place.world.settled()
        assert [r.type for r in got] == ["events_api", "slash_commands", "events_api", "interactive"]
        assert got[0].payload["event"]["text"] == "hi"
        assert [r.accepts_response_payload for r in got] == [False, True, False, True]
        assert [m["text"] for m in place.world.ephemerals(place.ann)] == ["by socket"]


async def test_what_is_not_acknowledged_is_told_again(place: Place) -> None:
    """With the number of the try and the reason."""
    async with connected(place, acknowledges=lambda number: number > 1) as got:
        place.world.say(place.ann, place.desk, "hi")
        await place.world.settled()
        assert [(r.retry_attempt, r.retry_reason) for r in got] == [(0, ""), (1, "timeout")]
        assert got[0].payload["event_id"] == got[1].payload["event_id"]


async def test_a_connection_that_is_refreshed_loses_nothing(place: Place) -> None:
    """The client connects again, by a new address."""
    async with connected(place) as got:
        place.world.disconnect(place.app)
        async with asyncio.timeout(60):
            while len(place.world.calls_of("apps.connections.open")) < 2:
                await asyncio.sleep(0.02)
            while not got:
                said = place.world.say(place.ann, place.desk, "hi")
                await place.world.settled()
        assert got[-1].payload["event"]["ts"] == said["ts"]


async def test_without_a_connection_people_see_that_it_did_not_work(place: Place) -> None:
    """An app that is away hears of no interaction."""
    place.app.socket_mode = True
    knock = place.world.slash(place.ann, place.desk, "/hub", "help")
    await knock.answer()
    assert knock.trouble == "dispatch_failed"


async def test_a_socket_address_is_good_once_and_for_app_tokens(place: Place) -> None:
    """A bot's token opens none."""
    assert await refused(place.web.apps_connections_open(app_token=place.hub.token)) == "not_allowed_token_type"
    place.app.socket_mode = True
    url = (await place.web.apps_connections_open(app_token=place.app.app_token))["url"]
    async with place.http.ws_connect(url) as socket:
        assert (await socket.receive_json())["type"] == "hello"
    async with place.http.get(url.replace("ws://", "http://")) as response:
        assert response.status == 401


@asynccontextmanager
async def served(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """A server of an app's; its address."""
    application = web.Application()
    application.router.add_post("/slack/events", handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await runner.cleanup()


async def test_bolt_understands_all_that_is_posted(place: Place) -> None:
    """A real Bolt app: the challenge, an event, a command, a button, a dialog and its submission."""
    from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request

    bolt = AsyncApp(client=place.client(place.hub.token), signing_secret=place.app.signing_secret)
    heard: list[str] = []

    @bolt.event("message")
    async def _(event: dict[str, Any], say: Any) -> None:
        heard.append(event["text"])
        await say(text="heard", thread_ts=event["ts"])

    @bolt.event("app_mention")
    async def _(event: dict[str, Any]) -> None:
        heard.append(f"mention {event['text'].partition(' ')[2]}")

    @bolt.command("/hub")
    async def _(ack: Any, respond: Any, command: dict[str, Any]) -> None:
        await ack()
        await respond(f"you typed {command['text']}", blocks=[actions(BUTTON)])

    @bolt.action("go")
    async def _(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        title = {"type": "plain_text", "text": "A note"}
        field = {"type": "plain_text_input", "action_id": "text"}
        block = {"type": "input", "block_id": "note", "label": title, "element": field}
        view = {"type": "modal", "callback_id": "ask", "title": title, "submit": title, "blocks": [block]}
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @bolt.view("ask")
    async def _(ack: Any, view: dict[str, Any]) -> None:
        heard.append(view["state"]["values"]["note"]["text"]["value"])
        await ack()

    async def handle(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await bolt.async_dispatch(await to_bolt_request(request)))

    world = place.world
    async with served(handle) as url:
        await world.set_request_url(place.app, url)
        said = world.mention(place.ann, place.desk, place.app, "hello")
        await world.settled()
        async with asyncio.timeout(60):
            while len(world.thread(place.desk, said["ts"])) < 2 or len(heard) < 2:
                await asyncio.sleep(0.02)
        assert sorted(heard) == [f"<@{place.hub.bot.id}> hello", "mention hello"]
        await world.slash(place.ann, place.desk, "/hub", "menu").answer()
        async with asyncio.timeout(60):
            while not world.ephemerals(place.ann):
                await asyncio.sleep(0.02)
        (card,) = world.ephemerals(place.ann)
        await world.press(place.ann, place.desk, card["ts"], "Go").answer()
        async with asyncio.timeout(60):
            while world.modal(place.ann) is None:
                await asyncio.sleep(0.02)
        await world.submit(place.ann, {"note": "a note"}).answer()
        assert heard[-1] == "a note"
        assert world.modal(place.ann) is None
        await world.settled()
        await asyncio.sleep(0.05)


# The SDK's client still makes its header as aiohttp would no longer have it.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")
async def test_an_app_is_installed_in_another_workspace_by_oauth(place: Place) -> None:
    """The page sends the person back with a code, which is good once and with the right secret only."""
    world, app = place.world, place.app
    north = world.add_team("North")
    zoe = world.add_user(north, "Zoe")
    app.redirect_urls = ["https://hub.example/slack/oauth"]
    asked = {"client_id": app.client_id, "scope": "chat:write", "state": "s", "redirect_uri": app.redirect_urls[0]}
    page = f"{place.server.url}/oauth/v2/authorize"
    async with place.http.get(page, params=asked) as response:
        assert zoe.id in await response.text()
    async with place.http.get(page, params={**asked, "redirect_uri": "https://evil.example/"}) as response:
        assert response.status == 400
    async with place.http.get(page, params={**asked, "deny": "1"}, allow_redirects=False) as response:
        assert "error=access_denied&state=s" in response.headers["Location"]
    async with place.http.get(page, params={**asked, "as_user": zoe.id}, allow_redirects=False) as response:
        back = parse_qs(urlsplit(response.headers["Location"]).query)
    assert back["state"] == ["s"]
    given = {"client_id": app.client_id, "client_secret": app.client_secret, "code": back["code"][0]}
    wrong = given | {"client_secret": "no"}
    web = place.client("")
    assert await refused(web.oauth_v2_access(**wrong, redirect_uri=app.redirect_urls[0])) == "bad_client_secret"
    assert await refused(web.oauth_v2_access(**given)) == "bad_redirect_uri"
    made = await web.oauth_v2_access(**given, redirect_uri=app.redirect_urls[0])
    assert made["team"]["id"] == north.id
    assert made["scope"] == "chat:write"
    assert (await place.client(made["access_token"]).auth_test())["team_id"] == north.id
    again = web.oauth_v2_access(**given, redirect_uri=app.redirect_urls[0])
    assert await refused(again) == "code_already_used"
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await place.client(made["access_token"]).chat_postMessage(channel=place.desk.id, text="another's")


async def test_an_app_is_made_from_its_manifest(place: Place) -> None:
    """What the hub prints for Slack's page makes an app that listens where it should, and has its commands."""
    app = place.world.app_from_manifest(manifest(commands(), "https://hub.example"))
    assert app.request_url == "https://hub.example/hooks/slack"
    assert set(app.commands) == {"/hub"}
    assert {"chat:write", "im:write"} <= app.scopes
    assert {"message.channels", "app_mention"} <= app.events
    assert "note" in [shortcut.callback_id for shortcut in app.shortcuts]
    assert place.world.app_from_manifest(manifest(commands(), None)).socket_mode

"""Faults on demand, and the same verbs over HTTP."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError

from hub.sandbox.slack import Limits, SlackStandIn, mount
from tests.sandbox.slack.place import Hook, Place
from tests.sandbox.slack.test_web_api import refused


async def test_calls_are_refused_before_they_are_done(place: Place) -> None:
    """An error of the Web API's, a gateway's, or a limit; then all is well again."""
    world, web, desk = place.world, place.web, place.desk.id
    world.fail("chat.postMessage", error="internal_error")
    assert await refused(web.chat_postMessage(channel=desk, text="a")) == "internal_error"
    world.fail("chat.postMessage", channel=place.desk, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=desk, text="a")
    assert caught.value.response.headers["Retry-After"] == "7"
    world.fail(status=503)
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=desk, text="a")
    assert caught.value.response.status_code == 503
    assert world.history(place.desk) == []
    await web.chat_postMessage(channel=desk, text="a")
    assert world.provoked_429 == 0


async def test_an_answer_is_lost_after_it_was_done(place: Place) -> None:
    """The message stands, and the caller cannot know."""
    place.world.drop_answer("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await place.web.chat_postMessage(channel=place.desk.id, text="a")
    assert [m["text"] for m in place.world.history(place.desk)] == ["a"]
    assert place.world.calls[-1].status == 0


async def test_the_network_is_slow_hangs_and_is_away(place: Place) -> None:
    """Each as long as it is said to be."""
    world, call = place.world, place.web.auth_test
    world.delay(0.2, "auth.test")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call(), 0.05)
    world.hang()
    waiting = asyncio.ensure_future(call())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.05)
    world.hang(on=False)
    assert (await waiting)["ok"]
    world.unreachable()
    with pytest.raises(aiohttp.ClientError):
        await call()
    world.heal()
    assert (await call())["ok"]


async def test_the_verbs_over_http(place: Place, hook: Hook) -> None:
    """By id; what happened is told to those who follow along; wrong use is one sentence."""
    control = f"{place.server.url}/control/slack"

    async def verb(name: str, /, **given: Any) -> tuple[int, Any]:
        async with place.http.post(f"{control}/{name}", json=given) as response:
            body = await response.json()
            return response.status, body.get("result", body.get("error"))

    async with place.http.get(f"{control}/state") as response:
        state = await response.json()
    assert {u["id"] for u in state["users"]} == set(place.world.users)
    _, said = await verb("say", user=place.ann.id, where=place.desk.id, text="hi")
    _, sent = await verb(
        "upload", user=place.ann.id, where=place.app.id, data=base64.b64encode(b"x").decode(), name="a.txt"
    )
    await verb("react", user=place.bob.id, where=place.desk.id, ts=said["ts"], name="eyes")
    await verb("settled")
    assert sorted(e["type"] for e in hook.events()) == ["message", "message", "reaction_added"]
    assert await verb("history", where=place.desk.id) == (200, [place.world.history(place.desk)[0]])
    async with place.http.get(f"{control}/events?cursor={state['cursor']}") as response:
        assert [e["kind"] for e in (await response.json())["events"]] == ["message", "message", "reactions"]
    async with place.http.get(f"{control}/file/{sent['files'][0]['id']}") as response:
        assert await response.read() == b"x"
    assert (await verb("say", user="U0", where=place.desk.id, text="a"))[0] == 400
    status, error = await verb("nonsense")
    assert (status, error[:17]) == (400, "there is no verb ")
    status, told = await verb("slash", user=place.ann.id, where=place.desk.id, command="/hub", text="help")
    assert (status, told["trouble"]) == (200, "")


async def test_it_stands_beside_others_on_one_application() -> None:
    """Mounted, it begins and ends with the application."""
    application = web.Application()
    world = SlackStandIn(Limits.off())
    mount(world, application, retry_scale=0.001)
    application.router.add_get("/elsewhere", _other)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as http, http.post(f"{world.base_url}/api/auth.test") as response:
        assert (await response.json())["error"] == "not_authed"
    await runner.cleanup()


async def _other(_: web.Request) -> web.Response:
    return web.Response(text="other")

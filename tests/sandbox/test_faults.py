"""Faults on demand and the network's rates."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiogram.exceptions import TelegramNetworkError

from hub.sandbox.telegram import Limits
from hub.sandbox.telegram.limits import Meter
from tests.sandbox.scene import Scene

Raw = Callable[..., Awaitable[dict[str, Any]]]


def _texts(scene: Scene) -> list[str]:
    return [message["text"] for message in scene.world.history(scene.forum)]


async def test_a_failure_hits_only_what_was_named(scene: Scene, raw: Raw) -> None:
    """The next call of that method and chat is refused and not done; others go on, and polls eat no fault."""
    scene.world.start(scene.bob, scene.desk)
    scene.world.fail(method="sendMessage", chat=scene.forum, times=2, code=500)
    assert (await raw("getMe"))["ok"]
    assert (await raw("sendMessage", chat_id=scene.bob.id, text="private"))["ok"]
    for _ in range(2):
        answer = await raw("sendMessage", chat_id=scene.forum.id, text="refused")
        assert (answer["error_code"], answer["description"]) == (500, "Internal Server Error")
    assert (await raw("sendMessage", chat_id=scene.forum.id, text="done"))["ok"]
    assert _texts(scene) == ["done"]
    scene.world.fail(times=1, retry_after=3)
    assert (await raw("getUpdates"))["ok"]
    answer = await raw("getMe")
    assert (answer["parameters"], answer["description"]) == ({"retry_after": 3}, "Too Many Requests: retry after 3")


async def test_a_dropped_answer_was_done(scene: Scene, aiogram: Any) -> None:
    """Done, and the connection closed without a word: the case that makes duplicates."""
    scene.world.drop_answer(method="sendMessage")
    client = aiogram(scene.desk)
    with pytest.raises(TelegramNetworkError):
        await client.send_message(scene.forum.id, "uncertain")
    assert _texts(scene) == ["uncertain"]
    assert scene.world.calls_of("sendMessage")[0].status == 0
    await client.send_message(scene.forum.id, "again")


async def test_slow_hanging_and_unreachable(scene: Scene, aiogram: Any) -> None:
    """A slow call is done late; a hanging one when let go; an unreachable network does nothing at all."""
    client, world = aiogram(scene.desk), scene.world
    world.delay(0.05, method="getMe")
    start = asyncio.get_running_loop().time()
    await client.get_me()
    assert asyncio.get_running_loop().time() - start >= 0.05
    world.hang()
    sending = asyncio.create_task(client.send_message(scene.forum.id, "held"))
    await asyncio.wait({sending}, timeout=0.1)
    assert not sending.done()
    assert _texts(scene) == []
    world.hang(False)
    await sending
    world.unreachable()
    with pytest.raises(TelegramNetworkError):
        await client.send_message(scene.forum.id, "lost")
    world.heal()
    await client.send_message(scene.forum.id, "back")
    assert _texts(scene) == ["held", "back"]


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_a_group_takes_twenty_in_any_minute() -> None:
    """A rolling window: twenty at once, then none until the first is a minute old; the wait is told in seconds."""
    clock = Clock()
    meter = Meter(Limits(), clock)
    for _ in range(20):
        assert meter.wait(1, -5, 1) == 0
        meter.charge(1, -5, 1)
        clock.now += 0.5
    assert meter.wait(1, -5, 1) == 50
    assert meter.provoked == 1
    assert meter.wait(1, -6, 1) == 0
    assert meter.wait(1, -5, 0) == 0
    clock.now += 50
    assert meter.wait(1, -5, 1) == 0
    assert meter.wait(1, -5, 5) > 0


def test_the_other_rates_are_windows_too() -> None:
    """Thirty a second a bot, five in five seconds a private chat, topics apart, all of them scaled."""
    clock = Clock()
    meter = Meter(Limits(window_scale=0.1), clock)
    for chat in range(30):
        meter.charge(1, 100 + chat, 1)
    assert meter.wait(1, 500, 1) == 1
    clock.now += 0.11
    assert meter.wait(1, 500, 1) == 0
    for _ in range(5):
        meter.charge(2, 500, 1)
    assert meter.wait(2, 500, 1) == 1
    clock.now += 0.5
    assert meter.wait(2, 500, 1) == 0
    for _ in range(20):
        meter.charge(3, -7, 0, topics=1)
    assert meter.wait(3, -7, 0, topics=1) == 6
    assert meter.wait(3, -7, 1) == 0
    assert meter.counters()["topics 3 -7"] == 20


def test_an_album_counts_each_item() -> None:
    """Ten items are ten; an album larger than what a private chat takes at once goes when nothing else did."""
    clock = Clock()
    meter = Meter(Limits(), clock)
    meter.charge(1, -5, 10)
    assert meter.wait(1, -5, 10) == 0
    assert meter.wait(1, -5, 11) > 0
    assert meter.wait(1, 5, 10) == 0
    assert Meter(Limits.off(), clock).wait(1, 5, 999) == 0


async def test_over_the_limit_nothing_is_done(scene: Scene, raw: Raw) -> None:
    """The call past the limit is 429 with whole seconds; reactions, deletions and answers are free."""
    scene.world.meter = Meter(Limits(group_per_minute=2, window_scale=0.02))
    chat = {"chat_id": scene.forum.id}
    sent = [await raw("sendMessage", text=text, **chat) for text in ("a", "b")]
    message_id = sent[0]["result"]["message_id"]
    refused = await raw("editMessageText", message_id=message_id, text="c", **chat)
    assert (refused["error_code"], refused["parameters"]) == (429, {"retry_after": 2})
    assert refused["description"] == "Too Many Requests: retry after 2"
    assert (await raw("setMessageReaction", message_id=message_id, reaction=[], **chat))["ok"]
    assert (await raw("sendChatAction", action="typing", **chat))["ok"]
    assert (await raw("deleteMessage", message_id=message_id, **chat))["ok"]
    assert scene.world.provoked_429 == 1
    assert _texts(scene) == ["b"]


async def test_the_controls_do_the_same_over_http(scene: Scene, raw: Raw) -> None:
    """Another process plays people by ids, reads the state, follows the changes and asks for faults."""
    base = f"{scene.server.url}/control/telegram"
    async with aiohttp.ClientSession() as session:

        async def do(verb: str, **given: Any) -> Any:
            async with session.post(f"{base}/{verb}", json=given) as response:
                answer = await response.json()
                assert answer["ok"] is (response.status == 200)
                return answer["result"] if answer["ok"] else answer["error"]

        tom = await do("add_user", first_name="Tom")
        said = await do("say", user=tom["id"], bot=scene.channel.id, text="hello")
        assert (await do("private", user=tom["id"], bot=scene.channel.id))[0]["text"] == "hello"
        topic = await do("create_topic", user=scene.bob.id, chat=scene.forum.id, name="Tom")
        await do("say", user=scene.bob.id, chat=scene.forum.id, text="hi", thread=topic["message_thread_id"])
        await do("react", user=tom["id"], bot=scene.channel.id, message_id=said["message_id"], emoji="👍")
        await do("send_media", user=tom["id"], bot=scene.channel.id, kind="photo", data="aGk=", caption="c")
        await do("fail", method="getMe", code=502)
        assert (await raw("getMe"))["error_code"] == 502
        assert "no verb" in await do("destroy")
        assert "nobody" in await do("say", user=1, bot=scene.channel.id, text="x")
        assert "not a member" in await do("say", user=tom["id"], chat=scene.forum.id, text="x")
        async with session.get(f"{base}/state") as response:
            state = await response.json()
        assert len(state["private_chats"][0]["messages"]) == 2
        key = state["private_chats"][0]["messages"][1]["photo"][-1]["file_id"]
        async with session.get(f"{base}/file/{key}") as response:
            assert await response.read() == b"hi"
        async with session.get(f"{base}/events", params={"cursor": 0, "timeout": 1}) as response:
            events = (await response.json())["events"]
        assert [event["kind"] for event in events][:2] == ["message", "message"]
        waiting = asyncio.create_task(_follow(session, f"{base}/events", state["cursor"]))
        await asyncio.sleep(0)
        await do("edit", user=tom["id"], bot=scene.channel.id, message_id=said["message_id"], text="changed")
        assert (await waiting)[0]["message"]["text"] == "changed"


async def _follow(session: aiohttp.ClientSession, url: str, cursor: int) -> list[dict[str, Any]]:
    async with session.get(url, params={"cursor": cursor, "timeout": 5}) as response:
        found: list[dict[str, Any]] = (await response.json())["events"]
        return found


async def test_the_event_stream_is_server_sent_events(scene: Scene) -> None:
    """A page that asks for text/event-stream is told of each change with its cursor as id."""
    headers = {"Accept": "text/event-stream"}
    scene.world.say(scene.ann, scene.channel, "hi")
    url = f"{scene.server.url}/control/telegram/events"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        assert (await response.content.readline()).strip() == b"id: 1"
        assert b'"text":"hi"' in await response.content.readline()

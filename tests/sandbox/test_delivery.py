"""Updates reach bots as the network brings them: webhooks with retries and queues, long polls with offsets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.sandbox.hook import Hook
from tests.sandbox.scene import Scene, until

Raw = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """A receiver."""
    hook = Hook()
    runner = await hook.serve()
    yield hook
    hook.gate.set()
    await runner.cleanup()


async def test_a_webhook_gets_the_secret_and_what_waited(scene: Scene, raw: Raw, hook: Hook) -> None:
    """Updates from before the webhook are posted too, each with the secret token; then nothing waits."""
    scene.world.say(scene.ann, scene.channel, "early")
    await raw("setWebhook", scene.channel, url=hook.url, secret_token="s3cret_-")
    scene.world.say(scene.ann, scene.channel, "late")
    await scene.world.settled()
    assert [post["message"]["text"] for post in hook.posts] == ["early", "late"]
    assert hook.secrets == ["s3cret_-", "s3cret_-"]
    assert (await raw("getWebhookInfo", scene.channel))["result"]["pending_update_count"] == 0


async def test_bad_webhooks_are_refused(raw: Raw) -> None:
    """The secret's characters and length, the address and its scheme are checked."""
    wanted = {
        ("https://x.org/h", "a b"): "secret token contains unallowed characters",
        ("https://x.org/h", "a" * 257): "secret token is too long",
        ("http://x.org/h", ""): "bad webhook: An HTTPS URL must be provided for webhook",
        ("https://x.org:8080/h", ""): "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
    }
    for (url, secret), words in wanted.items():
        answer = await raw("setWebhook", url=url, secret_token=secret)
        assert answer["description"] == f"Bad Request: {words}"


async def test_failures_are_retried_in_order(scene: Scene, raw: Raw, hook: Hook) -> None:
    """A refused update is posted again, at once and then later and later; the next of its queue waits."""
    hook.answers = [500, 0, 503]
    await raw("setWebhook", scene.channel, url=hook.url)
    for text in ("one", "two"):
        scene.world.say(scene.ann, scene.channel, text)
    await scene.world.settled()
    assert [post["message"]["text"] for post in hook.posts] == ["one"] * 4 + ["two"]
    assert len(set(hook.bytes[:4])) == 1
    waits = [later - sooner for sooner, later in zip(hook.times, hook.times[1:], strict=False)]
    assert waits[1] >= 2 * 0.005
    assert waits[2] >= 4 * 0.005
    info = (await raw("getWebhookInfo", scene.channel))["result"]
    assert info["last_error_message"].startswith("Wrong response from the webhook: 503")


async def test_retry_after_is_honoured(scene: Scene, raw: Raw, hook: Hook) -> None:
    """A Retry-After header sets the next try's time."""
    hook.answers, hook.headers = [429], {"Retry-After": "20"}
    await raw("setWebhook", scene.channel, url=hook.url)
    scene.world.say(scene.ann, scene.channel, "one")
    await scene.world.settled()
    assert hook.times[1] - hook.times[0] >= 20 * 0.005


async def test_queues_go_side_by_side(scene: Scene, raw: Raw, hook: Hook) -> None:
    """While one chat's update is held up, another chat's and a tap of the same person go on."""
    keys = {"inline_keyboard": [[{"text": "Take", "callback_data": "t"}]]}
    card = await raw("sendMessage", chat_id=scene.forum.id, text="card", reply_markup=keys)
    await raw("setWebhook", url=hook.url)
    hook.gate.clear()
    scene.world.say(scene.bob, scene.forum, "one")
    scene.world.say(scene.bob, scene.forum, "two")
    scene.world.press(scene.bob, scene.forum, card["result"]["message_id"], "Take")
    scene.world.start(scene.bob, scene.desk)
    await hook.has(3)
    assert sum("callback_query" in post for post in hook.posts) == 1
    assert hook.under_way == 3
    hook.gate.set()
    await scene.world.settled()
    assert [p["message"]["text"] for p in hook.posts if p.get("message", {}).get("chat", {}).get("is_forum")] == [
        "one",
        "two",
    ]


async def test_max_connections_is_kept(scene: Scene, raw: Raw, hook: Hook) -> None:
    """Never more posts at a time than the bot allowed."""
    hook.gate.clear()
    await raw("setWebhook", scene.channel, url=hook.url, max_connections=2)
    for number in range(6):
        scene.world.start(scene.world.add_user(f"U{number}"), scene.channel)
    await hook.has(2)
    hook.gate.set()
    await scene.world.settled()
    assert (len(hook.posts), hook.most_under_way) == (6, 2)


async def test_an_answer_in_the_webhooks_response_is_called(scene: Scene, raw: Raw, hook: Hook) -> None:
    """{"method": …} in the response is done, its result told to nobody."""
    hook.body = {"method": "sendMessage", "chat_id": scene.ann.id, "text": "hello"}
    await raw("setWebhook", scene.channel, url=hook.url)
    scene.world.start(scene.ann, scene.channel)
    await scene.world.settled()
    assert [message["text"] for message in scene.world.private(scene.ann, scene.channel)] == ["/start", "hello"]


async def test_polls_confirm_by_offset(scene: Scene, raw: Raw) -> None:
    """The same updates come until a higher offset is asked; limit cuts; allowed_updates filters what comes later."""
    for text in ("one", "two", "three"):
        scene.world.say(scene.ann, scene.channel, text)
    first = (await raw("getUpdates", scene.channel, limit=2))["result"]
    assert [update["message"]["text"] for update in first] == ["one", "two"]
    assert (await raw("getUpdates", scene.channel, limit=2))["result"] == first
    rest = await raw("getUpdates", scene.channel, offset=first[-1]["update_id"] + 1, allowed_updates=["callback_query"])
    assert [update["message"]["text"] for update in rest["result"]] == ["three"]
    scene.world.say(scene.ann, scene.channel, "unwanted")
    assert (await raw("getUpdates", scene.channel, offset=rest["result"][-1]["update_id"] + 1))["result"] == []
    await scene.world.settled()


async def test_a_long_poll_wakes_up(scene: Scene, raw: Raw) -> None:
    """A poll with a timeout answers as soon as there is something."""
    poll = asyncio.create_task(raw("getUpdates", scene.channel, timeout=5))
    await until(lambda: scene.channel.inbox.polled)
    scene.world.say(scene.ann, scene.channel, "hi")
    assert (await asyncio.wait_for(poll, 60))["result"][0]["message"]["text"] == "hi"


async def test_polls_exclude_each_other_and_webhooks(scene: Scene, raw: Raw, hook: Hook) -> None:
    """A second poller ends the first with 409; a webhook ends polls and forbids them."""
    first = asyncio.create_task(raw("getUpdates", scene.channel, timeout=5))
    await until(lambda: scene.channel.inbox.polled)
    second = asyncio.create_task(raw("getUpdates", scene.channel, timeout=5))
    assert (await first)["description"].startswith("Conflict: terminated by other getUpdates request")
    await raw("setWebhook", scene.channel, url=hook.url)
    assert (await second)["description"] == "Conflict: terminated by setWebhook request"
    refused = await raw("getUpdates", scene.channel)
    assert refused["error_code"] == 409
    assert refused["description"].endswith("use deleteWebhook to delete the webhook first")
    await raw("deleteWebhook", scene.channel)
    assert (await raw("getUpdates", scene.channel))["ok"]


async def test_duplicates_disorder_and_odd_updates(scene: Scene, raw: Raw, hook: Hook) -> None:
    """Faults of delivery: twice to the byte, swapped, redelivered, and whatever a test likes."""
    world, ann, channel = scene.world, scene.ann, scene.channel
    await raw("setWebhook", channel, url=hook.url)
    world.duplicate_updates(channel, 1)
    world.say(ann, channel, "twice")
    await world.settled()
    assert hook.bytes[0] == hook.bytes[1]
    world.reorder_updates(channel, 2)
    for text in ("first", "second"):
        world.say(ann, channel, text)
    await world.settled()
    assert [post["message"]["text"] for post in hook.posts[2:]] == ["second", "first"]
    world.redeliver(channel, hook.posts[0]["update_id"])
    world.raw_update(channel, {"message": {"odd": True}})
    world.raw_update(channel, b'{"update_id": 5, "other": 1}')
    await world.settled()
    assert hook.bytes[4] == hook.bytes[0]
    assert [post.get("message") for post in hook.posts[5:]] == [{"odd": True}, None]
    assert hook.posts[5]["update_id"] > hook.posts[3]["update_id"]


async def test_repeated_updates_reach_polled_bots_too(scene: Scene, raw: Raw) -> None:
    """A redelivered update is handed to a poll once, though its offset is long confirmed."""
    scene.world.say(scene.ann, scene.channel, "one")
    first = (await raw("getUpdates", scene.channel))["result"][0]
    assert (await raw("getUpdates", scene.channel, offset=first["update_id"] + 1))["result"] == []
    scene.world.redeliver(scene.channel, first["update_id"])
    assert (await raw("getUpdates", scene.channel, offset=first["update_id"] + 1))["result"] == [first]
    assert (await raw("getUpdates", scene.channel, offset=first["update_id"] + 1))["result"] == []


async def test_pending_updates_can_be_dropped(scene: Scene, raw: Raw) -> None:
    """drop_pending_updates forgets what waits."""
    scene.world.say(scene.ann, scene.channel, "one")
    await raw("deleteWebhook", scene.channel, drop_pending_updates=True)
    assert (await raw("getUpdates", scene.channel))["result"] == []

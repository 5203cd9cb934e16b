"""Faults on demand, and the same verbs over HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import aiohttp
import pytest

from hub.sandbox.messenger.refusals import WORDS
from tests.sandbox.messenger.place import Place


@pytest.mark.parametrize(("code", "subcode"), sorted(WORDS))
async def test_every_refusal_of_the_table(place: Place, code: int, subcode: int) -> None:
    """Each has the network's shape: words, type, code, subcode and a trace of its own."""
    place.world.fail("messages", code=code, subcode=subcode, times=2)
    answers = [await place.send({"text": "hi"}) for _ in range(2)]
    errors = [answer.body["error"] for answer in answers]
    assert {answer.code for answer in answers} == {(code, subcode)}
    assert all(error["message"] and error["type"] for error in errors)
    assert errors[0]["fbtrace_id"] != errors[1]["fbtrace_id"]
    assert all(answer.status >= 400 for answer in answers)
    assert (await place.send({"text": "hi"})).status == 200


async def test_faults_pick_their_calls(place: Place) -> None:
    """A fault meets the operation and contact it names, as often as it says, and leaves the rest alone."""
    world = place.world
    world.fail("profile", code=2)
    assert (await place.send({"text": "hi"})).status == 200
    assert (await place.call("GET", place.psid)).code == (2, 0)
    world.fail("messages", psid="1", code=2)
    assert (await place.send({"text": "hi"})).status == 200
    world.heal()
    world.fail(retry_after=7)
    refused = await place.send({"text": "hi"})
    assert (refused.code, refused.headers["Retry-After"]) == ((613, 0), "7")
    world.fail("messages", status=502)
    async with place.http.post(f"{place.server.url}/v26.0/me/messages", json=_message(place)) as response:
        assert (response.status, response.content_type) == (502, "text/plain")


def _message(place: Place) -> dict[str, Any]:
    message = {"recipient": {"id": place.psid}, "messaging_type": "RESPONSE", "message": {"text": "hi"}}
    return {**message, "access_token": place.page.token}


async def test_an_answer_is_lost(place: Place) -> None:
    """The message arrives, and nobody says so."""
    place.world.drop_answer("messages")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await place.send({"text": "arrived"})
    assert place.world.phone(place.ann, place.page)[-1]["text"] == "arrived"
    assert place.world.calls[-1].status == 0


async def test_away_slow_and_hanging(place: Place) -> None:
    """Away: nothing is done; slow and hanging: it is done in the end."""
    world = place.world
    world.unreachable()
    with pytest.raises(aiohttp.ClientError):
        await place.send({"text": "lost"})
    world.heal()
    world.delay(0.01, "messages")
    await place.send({"text": "slow"})
    world.hang()
    sending = asyncio.ensure_future(place.send({"text": "hung"}))
    done, _ = await asyncio.wait({sending}, timeout=0.05)
    assert not done
    world.heal()
    await sending
    assert [m["text"] for m in world.phone(place.ann, place.page)[1:]] == ["slow", "hung"]


async def test_calls_are_listed_without_tokens(place: Place) -> None:
    """What was asked, of whom and with what outcome; a token never."""
    await place.send({"text": "hi"})
    await place.send({"text": ""})
    good, bad = place.world.calls_of("messages", place.ann, place.page)
    assert (good.status, good.code, good.page) == (200, 0, place.page.id)
    assert (bad.status, bad.code, bad.subcode) == (400, 100, 2018034)
    assert place.page.token not in repr(place.world.calls)


# -- over HTTP ------------------------------------------------------------------------------------------------------


async def control(place: Place, verb: str, **given: Any) -> Any:
    url = f"{place.server.url}/control/messenger/{verb}"
    async with place.http.post(url, json=given) as response:
        answer = await response.json()
        assert answer["ok"] == (response.status == 200)
        return answer["result"] if answer["ok"] else answer["error"]


async def test_the_verbs_over_http(place: Place) -> None:
    """Another process can make people and pages, and let them act, by their numbers."""
    app = await control(place, "add_app", name="Other", human_agent=True)
    page = await control(place, "add_page", name="Second", app=app["id"])
    tom = await control(place, "add_person", first_name="Tom")
    await control(place, "subscribe", page=page["id"], app=app["id"], fields=["messages"])
    said = await control(place, "say", person=tom["id"], page=page["id"], text="hi")
    assert said["text"] == "hi"
    content = base64.b64encode(b"content").decode()
    sent = await control(place, "send_media", person=tom["id"], page=page["id"], kind="file", data=content)
    url = f"{place.server.url}/control/messenger/file/{sent['attachments'][0]['file']}"
    async with place.http.get(url) as response:
        assert await response.read() == b"content"
    phone = await control(place, "phone", person=tom["id"], page=page["id"])
    assert [m["mid"] for m in phone] == [said["mid"], sent["mid"]]
    await place.send({"text": "hi"})
    assert [call["operation"] for call in await control(place, "calls_of", operation="messages")] == ["messages"]
    assert await control(place, "psid", person=tom["id"], page=page["id"]) != tom["id"]


@pytest.mark.parametrize(
    ("verb", "given", "says"),
    [
        ("dance", {}, "there is no verb"),
        ("say", {"person": "1", "page": "2", "text": "x"}, "there is no person"),
        ("say", {}, "missing"),
        ("add_person", {"shoe_size": 5}, "shoe_size"),
        ("send_media", {"data": "?"}, "base64"),
    ],
)
async def test_wrong_use_is_told(place: Place, verb: str, given: dict[str, Any], says: str) -> None:
    """In words, and with 400."""
    assert says in await control(place, verb, **given)


async def test_state_and_events(place: Place) -> None:
    """A page can draw all there is, and follow what happens from there."""
    base = f"{place.server.url}/control/messenger"
    async with place.http.get(f"{base}/state") as response:
        state = await response.json()
    assert [page["name"] for page in state["pages"]] == ["Shop"]
    assert state["threads"][0]["messages"][0]["text"] == "hello"
    waiting = asyncio.ensure_future(place.http.get(f"{base}/events?cursor={state['cursor']}&timeout=5"))
    await asyncio.sleep(0)
    await place.send({"text": "hi"})
    async with await waiting as response:
        events = (await response.json())["events"]
    assert [(event["kind"], event["message"]["text"]) for event in events] == [("message", "hi")]
    async with place.http.get(f"{base}/events?cursor=x") as response:
        assert response.status == 400


async def test_the_event_stream(place: Place) -> None:
    """A page that asks for text/event-stream is told of each change with its cursor as id."""
    url = f"{place.server.url}/control/messenger/events"
    async with place.http.get(url, headers={"Accept": "text/event-stream"}) as response:
        assert (await response.content.readline()).strip() == b"id: 1"
        assert json.loads((await response.content.readline())[6:])["message"]["text"] == "hello"

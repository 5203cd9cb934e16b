"""The page of demo and sandbox: what it shows, what can be done on it, and what it must refuse."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import aiohttp
import pytest

from hub.sandbox.page.scene import make_scene
from hub.sandbox.server import serve_page
from hub.sandbox.telegram import Limits, TelegramStandIn
from tests.demo.visitor import PAGE, PNG, Visitor


async def test_the_page_needs_nothing_from_outside(visitor: Visitor) -> None:
    """The page works on a machine without a network: every file it names is its own, and nothing else may load."""
    async with visitor.session.get("/") as answer:
        text = await answer.text()
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "http://" not in text
    assert "https://" not in text
    wanted, known = set(re.findall(r'(?:src|href)="(/[^"]+)"', text)), set[str]()
    while wanted - known:
        name = (wanted - known).pop()
        known.add(name)
        async with visitor.session.get(name) as answer:
            assert answer.status == 200, name
            told = await answer.text()
        assert "innerHTML" not in told
        wanted |= set(re.findall(r'from "(/[^"]+)"', told))
    assert len(known) > 10


@pytest.mark.parametrize(
    "path",
    ["/views.py", "/../server.py", "/%2e%2e/server.py", "/..%2fserver.py", "/page/views.py", "/api/file/..%2fviews.py"],
)
async def test_only_the_pages_own_files_are_served(visitor: Visitor, path: str) -> None:
    """No path leads to a file of the machine."""
    url = f"{visitor.session._base_url!s}".rstrip("/")
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400"))
    assert b"def " not in answer


async def test_people_write_reply_edit_react_and_send_pictures(visitor: Visitor) -> None:
    """What is typed on the page happens in the world, on either side."""
    ann, scene = visitor.scene.person("Ann"), visitor.scene
    await visitor.do(verb="say", who=ann.id, text="helo")
    said = scene.world.private(ann, scene.shop_bot)[0]
    await visitor.do(verb="edit", who=ann.id, message=said["message_id"], text="hello")
    await visitor.do(verb="react", who=ann.id, message=said["message_id"], text="👍")
    await visitor.send({"a.png": PNG}, verb="say", who=ann.id, text="look", reply_to=said["message_id"])
    first, second = (await visitor.phone("telegram", ann))["messages"]
    assert (first["text"], first["edited"], first["reactions"][0]["emoji"]) == ("hello", True, "👍")
    assert (second["text"], second["media"]["kind"], second["reply"]["text"]) == ("look", "photo", "hello")
    assert await visitor.file(second["media"]) == PNG


async def test_what_was_said_to_one_agent_is_shown_to_no_other(visitor: Visitor) -> None:
    """An ephemeral answer is drawn for its reader alone."""
    scene = visitor.scene
    olivia, bob = scene.agents
    asked = {"chat_id": scene.group.id, "text": "for you", "receiver_user_id": olivia.id}
    scene.world.call(scene.admin_bot, "sendMessage", asked)
    for agent, count in ((olivia, 1), (bob, 0)):
        messages = (await visitor.state(agent=str(agent.id)))["place"]["messages"]
        assert len([m for m in messages if m.get("whisper")]) == count


async def test_a_pressed_button_brings_the_bots_answer(visitor: Visitor) -> None:
    """The page waits for what the bot says to a button, and shows it."""
    scene = visitor.scene
    olivia = scene.person("Olivia")
    keys = {
        "inline_keyboard": [[{"text": "Take", "callback_data": "t"}, {"text": "Open", "url": "https://t.me/c/1/2"}]]
    }
    asked = {"chat_id": scene.group.id, "text": "new", "reply_markup": keys}
    message = scene.world.call(scene.admin_bot, "sendMessage", asked)
    press = {"verb": "press", "who": olivia.id, "where": "1", "message": message["message_id"]}
    assert await visitor.do(**press, text="Open") == {"url": "https://t.me/c/1/2"}
    pressing = asyncio.create_task(visitor.do(**press, text="t"))
    async with asyncio.timeout(60):
        while not scene.world.taps:
            await visitor.state()
    tap = next(iter(scene.world.taps.values()))
    scene.world.call(scene.admin_bot, "answerCallbackQuery", {"callback_query_id": tap.id, "text": "yours"})
    assert await pressing == {"text": "yours", "alert": False}


@pytest.mark.parametrize("network", ["telegram", "slack", "messenger"])
async def test_changes_are_told_at_once(visitor: Visitor, network: str) -> None:
    """A page that follows along hears of a change in any of the worlds without asking."""
    contacts = (await visitor.state())["contacts"]
    who = next(one["id"] for one in contacts if one["network"] == network)
    async with visitor.session.get("/api/changes") as stream, asyncio.timeout(60):
        first = await stream.content.readline()
        await stream.content.readline()
        await visitor.do(verb="say", network=network, who=who, text="hi")
        second = await stream.content.readline()
    assert int(second.removeprefix(b"data: ")) > int(first.removeprefix(b"data: "))


async def test_without_the_other_networks_telegram_stands_alone() -> None:
    """`hub sandbox` has one network: its page lists no contact of another, and no other desk."""
    page = await serve_page(make_scene(TelegramStandIn(Limits.off())), 0)
    async with aiohttp.ClientSession(page.url) as session:
        async with session.get("/api/state") as answer:
            state = await answer.json()
        for network in ("slack", "messenger"):
            wish = {"verb": "say", "network": network, "who": "U1", "text": "hi"}
            async with session.post("/api/do", json=wish, headers=PAGE) as answer:
                assert answer.status == 400
                assert "There is no" in (await answer.json())["error"]
    await page.close()
    assert state["slack"] is None
    assert {one["network"] for one in state["contacts"]} == {"telegram"}


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"verb": "fly"}, "There is no verb"),
        ({"verb": "say", "network": "fax"}, "There is no network"),
        ({"verb": "edit", "who": 5100000003, "message": "x", "text": "y"}, "no such message"),
        ({"verb": "say", "network": "slack", "who": "U1", "text": "hi"}, "Nobody here"),
        ({"verb": "say", "network": "messenger", "who": "1", "text": "hi"}, "Nobody here"),
        ({"verb": "say", "who": 1, "text": "hi"}, "Nobody here"),
        ({"verb": "say", "who": 5100000003, "text": ""}, "1 to 4096"),
        ({"verb": "say", "who": 5100000001, "where": "99", "text": "hi"}, "no topic 99"),
        ({"verb": "say", "who": 5100000001, "where": "x", "text": "hi"}, "There is no such place."),
        ({"verb": "edit", "who": 5100000003, "message": 77, "text": "x"}, "no message 77"),
        ({"verb": "press", "who": 5100000001, "where": "1", "whisper": 5, "text": "x"}, "not there"),
        ({"verb": "start", "who": 5100000001, "text": "elsewhere_bot x"}, "out of the demo"),
        ({"verb": 5}, "no wish"),
        ({"nonsense": 5}, "no wish"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence(visitor: Visitor, wish: dict[str, Any], said: str) -> None:
    """A wish that cannot be fulfilled is answered in words, and never by a server error."""
    assert said in (await visitor.do(status=400, **wish))["error"]


async def test_no_other_site_can_act_here(visitor: Visitor) -> None:
    """A page of another site can neither make people speak nor read what they said."""
    ann = visitor.scene.person("Ann")
    wish = json.dumps({"verb": "say", "who": ann.id, "text": "not me"})
    async with visitor.session.post("/api/do", data=wish, headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 403
    async with visitor.session.get("/api/state", headers={"Host": "evil.example"}) as answer:
        assert answer.status == 403
    assert not visitor.scene.world.private(ann, visitor.scene.shop_bot)


@pytest.mark.parametrize("network", ["telegram", "slack", "messenger"])
async def test_what_people_send_is_never_run_by_the_browser(visitor: Visitor, network: str) -> None:
    """A page or script sent as a file is only ever downloaded."""
    contacts = (await visitor.state())["contacts"]
    who = next(one for one in contacts if one["network"] == network)
    wish = {"verb": "say", "network": network, "who": who["id"], "text": ""}
    await visitor.send({"a.html": b"<script>alert(1)</script>"}, kind="text/html", **wish)
    (message,) = (await visitor.state(phone=who["key"]))["phone"]["messages"]
    media = message["files"][0] if network == "slack" else message["media"]
    async with visitor.session.get(f"/api/file/{media['file']}") as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    async with visitor.session.get(f"/api/file/{network}/none") as answer:
        assert answer.status == 404

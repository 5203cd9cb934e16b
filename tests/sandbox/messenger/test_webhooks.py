"""Apps are called as the network calls them: signed, in order as a rule, again and again, and at last no more."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from hub.sandbox.messenger import Limits, MessengerStandIn, mount, serve
from hub.sandbox.messenger.delivery import next_wait
from tests.sandbox.messenger.place import Place

VERIFY = "verify-me"


@dataclass
class Hook:
    """A webhook receiver that does as a test tells it. `answers` are statuses to give first, then 200; 0 hangs up."""

    answers: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    pause: float = 0.0
    url: str = ""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def greet(self, request: web.Request) -> web.Response:
        if request.query.get("hub.verify_token") != VERIFY:
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        async with self.changed:
            self.bodies.append(body)
            self.signatures.append(request.headers["X-Hub-Signature-256"])
            self.changed.notify_all()
        if self.pause:
            await asyncio.sleep(self.pause)
        status = self.answers.pop(0) if self.answers else 200
        if not status and request.transport is not None:
            request.transport.abort()
        return web.Response(status=status or 200)

    def events(self) -> list[dict[str, Any]]:
        """All events in the order of their coming."""
        entries = [entry for body in self.bodies for entry in json.loads(body)["entry"]]
        return [event for entry in entries for event in entry.get("messaging", entry.get("standby", []))]

    def texts(self) -> list[str]:
        """The words of all messages in the order of their coming."""
        return [e["message"]["text"] for e in self.events() if "text" in e.get("message", {})]

    async def has(self, count: int) -> None:
        """Wait until so many posts came."""
        async with asyncio.timeout(60), self.changed:
            await self.changed.wait_for(lambda: len(self.bodies) >= count)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """Listens on a free port."""
    made, app = Hook(), web.Application()
    app.router.add_get("/hook", made.greet)
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


@pytest.fixture
async def called(place: Place, hook: Hook) -> Place:
    """The app's webhook is set."""
    await place.world.set_webhook(place.app, hook.url, VERIFY)
    return place


async def test_the_handshake(place: Place, hook: Hook) -> None:
    """An address is taken only where it gives the challenge back; the dashboard and the Graph API do the same."""
    with pytest.raises(ValueError, match="validated"):
        await place.world.set_webhook(place.app, hook.url, "guess")
    with pytest.raises(ValueError, match="validated"):
        await place.world.set_webhook(place.app, "http://127.0.0.1:9/", VERIFY)
    assert place.app.hook is None
    fields = {"object": "page", "callback_url": hook.url, "verify_token": VERIFY, "fields": "messages"}
    where, token = f"{place.app.id}/subscriptions", place.app.token
    refused = await place.call("POST", where, token, json={**fields, "verify_token": "guess"})
    assert refused.code[0] == 2200
    assert (await place.call("POST", where, token, json=fields)).body == {"success": True}
    (listed,) = (await place.call("GET", where, token)).body["data"]
    assert listed["callback_url"] == hook.url
    assert (await place.call("DELETE", where, token)).body == {"success": True}
    assert place.app.hook is None


async def test_signed_over_escaped_bytes(called: Place, hook: Hook) -> None:
    """The signature is over the bytes as they are sent, in which all beyond ASCII is escaped, slashes too."""
    called.world.say(called.ann, called.page, "Grüße 👍 a/b")
    await called.world.settled()
    (body,) = hook.bodies
    assert b"Gr\\u00fc\\u00dfe \\ud83d\\udc4d a\\/b" in body
    right = hmac.new(called.app.secret.encode(), body, hashlib.sha256).hexdigest()
    assert hook.signatures == [f"sha256={right}"]
    assert hook.texts() == ["Grüße 👍 a/b"]


async def test_tries_again_until_it_is_taken(called: Place, hook: Hook) -> None:
    """Any answer but 200, and none at all, is tried again; the bytes are the same."""
    hook.answers = [500, 404, 0, 302, 401, 200]
    called.world.say(called.ann, called.page, "hi")
    await called.world.settled()
    assert len(hook.bodies) == 6
    assert len(set(hook.bodies)) == 1


def test_at_once_and_then_more_seldom() -> None:
    """A few tries at once, and then up to ten minutes between two."""
    assert [next_wait(n) for n in range(1, 9)] == [0, 0, 0, 10, 20, 40, 80, 160]
    assert next_wait(50) == 600


async def test_later_ones_overtake_what_fails(called: Place, hook: Hook) -> None:
    """First tries keep a conversation's order; what failed comes again when it may."""
    hook.answers = [500]
    for text in ("one", "two", "three"):
        called.world.say(called.ann, called.page, text)
    await called.world.settled()
    assert [text for text in hook.texts() if text != "one"] == ["two", "three"]
    assert hook.texts().count("one") == 2


async def test_after_an_hour_no_more(called: Place, hook: Hook) -> None:
    """An alert after a quarter of it; then the page is unsubscribed, and what happens meanwhile is lost."""
    hook.answers = [500] * 10_000
    called.world.say(called.ann, called.page, "lost")
    await called.world.settled()
    assert [("15 minutes" in alert, "unsubscribed" in alert) for alert in called.world.alerts] == [
        (True, False),
        (False, True),
    ]
    assert called.page.subscriptions == {}
    hook.answers.clear()
    called.world.say(called.ann, called.page, "lost too")
    called.world.subscribe(called.page, called.app)
    called.world.say(called.ann, called.page, "heard")
    await called.world.settled()
    assert hook.texts()[-1] == "heard"
    assert "lost too" not in hook.texts()


async def test_a_slow_answer_is_none(hook: Hook) -> None:
    """What is not answered in time is tried again."""
    world = MessengerStandIn(Limits.off())
    app = world.add_app()
    page, ann = world.add_page("Shop", app), world.add_person("Ann")
    application = web.Application()
    mount(world, application, retry_scale=0.0005, answer_seconds=0.1)
    runner = web.AppRunner(application)
    await runner.setup()
    await world.set_webhook(app, hook.url, VERIFY)
    world.subscribe(page, app)
    hook.pause = 0.5
    world.say(ann, page, "hi")
    await hook.has(2)
    hook.pause = 0
    await world.settled()
    await runner.cleanup()
    assert set(hook.texts()) == {"hi"}


async def test_duplicates_disorder_and_gathering(called: Place, hook: Hook) -> None:
    """On demand: twice, the last first, several entries in one post, an old one again byte for byte."""
    world, app, ann, page = called.world, called.app, called.ann, called.page
    world.duplicate_notices(app, 1)
    world.say(ann, page, "twice")
    await world.settled()
    assert hook.bodies[0] == hook.bodies[1]
    world.reorder_notices(app, 2)
    world.say(ann, page, "a")
    world.say(ann, page, "b")
    await world.settled()
    assert sorted(hook.texts()[2:]) == ["a", "b"]
    before = len(hook.bodies)
    world.batch_notices(app, 2)
    world.say(ann, page, "c")
    world.say(ann, page, "d")
    await world.settled()
    assert len(hook.bodies) == before + 1
    assert len(json.loads(hook.bodies[-1])["entry"]) == 2
    world.redeliver(app, 2)
    await world.settled()
    assert hook.bodies[-1] == hook.bodies[0]
    with pytest.raises(KeyError):
        world.redeliver(app, 999)


async def test_anything_may_be_posted(called: Place, hook: Hook) -> None:
    """Also what no network would send, signed as if it did; and the dashboard's test."""
    called.world.raw_body(called.app, b"[]")
    called.world.dashboard_test(called.app, called.page)
    await called.world.settled()
    assert hook.bodies[0] == b"[]"
    assert json.loads(hook.bodies[1])["entry"][0]["changes"][0]["field"] == "messages"


async def test_standby_and_handover(called: Place, hook: Hook) -> None:
    """While another app has the conversation, what happens comes as standby, and buttons without what they carry."""
    world, ann, page = called.world, called.ann, called.page
    world.hand_over(page, ann, None, "because")
    world.say(ann, page, "to the inbox")
    world.get_started(ann, page, "SECRET")
    await world.settled()
    assert hook.events()[0]["pass_thread_control"]["new_owner_app_id"] == "26390203743090"
    entries = [json.loads(body)["entry"][0] for body in hook.bodies[1:]]
    assert all("standby" in entry and "messaging" not in entry for entry in entries)
    assert b"SECRET" not in b"".join(hook.bodies)
    world.release(page, ann)
    world.say(ann, page, "to the hub")
    await world.settled()
    assert "messaging" in json.loads(hook.bodies[-1])["entry"][0]


async def test_what_people_do_is_told(called: Place, hook: Hook) -> None:
    """Each act is its own event, in the shape of the network's pages."""
    world, ann, page = called.world, called.ann, called.page
    said = world.say(ann, page, "first", ref="summer")
    world.say(ann, page, "reply", reply_to=said["mid"])
    world.edit(ann, page, said["mid"], "changed")
    world.react(ann, page, said["mid"], "❤")
    world.react(ann, page, said["mid"], None)
    world.read(ann, page)
    world.send_sticker(ann, page, b"png")
    world.send_location(ann, page, 52.5, 13.4)
    world.share(ann, page, "https://example.com", "See")
    world.open_link(ann, page, "poster")
    world.opt_in(ann, page, "news")
    world.opt_in(None, page, "news")
    world.restrict(page)
    await world.settled()
    events = sorted(hook.events(), key=lambda event: event["timestamp"])
    assert events[0]["message"]["referral"]["ref"] == "summer"
    assert events[1]["message"]["reply_to"] == {"mid": said["mid"], "is_self_reply": True}
    assert events[2]["message_edit"] == {"mid": said["mid"], "text": "changed", "num_edit": 1}
    assert events[3]["reaction"] == {"action": "react", "reaction": "love", "emoji": "❤", "mid": said["mid"]}
    assert events[4]["reaction"]["action"] == "unreact"
    assert events[5]["read"]["watermark"] > events[4]["timestamp"]
    assert events[6]["message"]["attachments"][0]["type"] == "sticker"
    assert events[7]["message"]["attachments"][0]["payload"]["coordinates"] == {"lat": 52.5, "long": 13.4}
    assert events[8]["message"]["attachments"][0]["url"] == "https://example.com"
    assert events[9]["referral"]["ref"] == "poster"
    others = {next(iter(event["sender"])) if "sender" in event else "nobody" for event in events[10:]}
    assert others == {"id", "user_ref", "nobody"}


async def test_what_people_cannot_do(called: Place) -> None:
    """The phone's app does not offer it, so the stand-in does not either."""
    world, ann, page = called.world, called.ann, called.page
    said = world.say(ann, page, "hi")
    for _ in range(5):
        world.edit(ann, page, said["mid"], "again")
    ours = world.inbox_reply(page, ann, "ours")
    refused = [
        lambda: world.edit(ann, page, said["mid"], "a sixth time"),
        lambda: world.edit(ann, page, ours["mid"], "not mine"),
        lambda: world.unsend(ann, page, ours["mid"]),
        lambda: world.say(ann, page, " "),
        lambda: world.press_quick_reply(ann, page, "Yes"),
        lambda: world.press_button(ann, page, "Yes"),
        lambda: world.send_media(ann, page, "hologram", b"x"),
        lambda: world.send_media(ann, page, "file", b"x", size=26 * 1024 * 1024),
        lambda: world.react(ann, page, "m_gone", "❤"),
    ]
    for verb in refused:
        with pytest.raises(ValueError, match=r"\w"):
            verb()


async def test_buttons_and_echoes(called: Place, hook: Hook) -> None:
    """A pressed button tells what it carries; a link tells nothing; what the page sends comes back as an echo."""
    world, ann, page = called.world, called.ann, called.page
    buttons = [
        {"type": "postback", "title": "Yes", "payload": "YES"},
        {"type": "web_url", "title": "See", "url": "https://example.com"},
    ]
    template = {"template_type": "button", "text": "Which?", "buttons": buttons}
    sent = await called.send({"attachment": {"type": "template", "payload": template}, "metadata": "mine"})
    assert world.press_button(ann, page, "See") == "https://example.com"
    world.press_button(ann, page, "Yes")
    await world.settled()
    echo, delivery, press = hook.events()
    assert echo["message"]["mid"] == sent.body["message_id"]
    assert (echo["message"]["app_id"], echo["message"]["metadata"]) == (int(called.app.id), "mine")
    assert (echo["sender"]["id"], echo["recipient"]["id"]) == (page.id, called.psid)
    assert delivery["delivery"]["mids"] == [sent.body["message_id"]]
    assert press["postback"]["payload"] == "YES"


async def test_times_may_be_strings(called: Place, hook: Hook) -> None:
    """The network now and then writes them so."""
    called.world.string_timestamps = True
    called.world.say(called.ann, called.page, "hi")
    await called.world.settled()
    assert isinstance(hook.events()[0]["timestamp"], str)


async def test_several_stand_ins_share_an_application(hook: Hook) -> None:
    """Mounted beside another world's routes, each keeps to its own paths."""
    from hub.sandbox.telegram import TelegramStandIn
    from hub.sandbox.telegram import serve as serve_telegram

    world = MessengerStandIn()
    app = world.add_app()
    page, ann = world.add_page("Shop", app), world.add_person("Ann")
    server = await serve_telegram(TelegramStandIn(), also=lambda application: _mounted(world, application))
    world.base_url = server.url
    await world.set_webhook(app, hook.url, VERIFY)
    world.subscribe(page, app)
    world.send_media(ann, page, "image", b"x")
    await world.settled()
    url = hook.events()[0]["message"]["attachments"][0]["payload"]["url"]
    assert url.startswith(f"{server.url}/messenger-files/")
    await server.close()


def _mounted(world: MessengerStandIn, application: web.Application) -> None:
    mount(world, application, retry_scale=0.001)


async def test_a_taken_port_is_told() -> None:
    """The stand-in does not start beside another, and leaves nothing open."""
    first = await serve(MessengerStandIn())
    port = int(first.url.rpartition(":")[2])
    with pytest.raises(OSError, match=str(port)):
        await serve(MessengerStandIn(), port=port)
    await first.close()

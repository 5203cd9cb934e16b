"""Slack on the demo's page: a customer's direct messages, and the agents' desk with what its app shows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from hub.sandbox import slack
from hub.sandbox.slack.accounts import User
from tests.demo.visitor import PNG, Visitor

BUTTONS = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Ann* &lt;b&gt; :wave: <https://x.example|here>"}},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "take", "text": {"type": "plain_text", "text": "Take"}, "value": "1"},
            {
                "type": "overflow",
                "action_id": "more",
                "options": [{"text": {"type": "plain_text", "text": "Tag"}, "value": "tag"}],
            },
            {"type": "users_select", "action_id": "who", "placeholder": {"type": "plain_text", "text": "Whom"}},
        ],
    },
]
FIELD = {"type": "plain_text_input", "action_id": "said", "multiline": True}
DIALOG = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Close"},
    "submit": {"type": "plain_text", "text": "Do it"},
    "blocks": [
        {"type": "input", "block_id": "note", "label": {"type": "plain_text", "text": "Note"}, "element": FIELD}
    ],
}


class Desk:
    """An app on the desk that keeps what it is told, and answers as it is set to."""

    def __init__(self, visitor: Visitor, api: str) -> None:
        self.visitor = visitor
        self.slack = visitor.slack
        self.web = AsyncWebClient(self.slack.hub.token, base_url=api)
        self.told: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {}
        self.opens: dict[str, Any] | None = None

    @property
    def olivia(self) -> User:
        return self.slack.agents[0]

    async def hear(self, request: web.Request) -> web.Response:
        body = await request.text()
        if request.content_type == "application/json":
            return web.Response()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.told.append(json.loads(form["payload"]) if "payload" in form else form)
        if self.opens is not None and "trigger_id" in self.told[-1]:
            view, self.opens = self.opens, None
            await self.web.views_open(trigger_id=self.told[-1]["trigger_id"], view=view)
        return web.json_response(self.answer) if self.answer else web.Response()

    async def post(self, **fields: Any) -> str:
        answer = await self.web.chat_postMessage(channel=self.slack.desk.id, **{"text": "card", **fields})
        return str(answer["ts"])

    async def shown(self, seat: int = 0, **query: str) -> Any:
        """What the page shows of the desk to the agent on that seat."""
        agent = self.visitor.scene.agents[seat].id
        return (await self.visitor.state(agent=str(agent), **query))["slack"]

    async def do(self, status: int = 200, **wish: Any) -> Any:
        return await self.visitor.do(status, **{"network": "slack", "who": self.olivia.id, "where": "channel", **wish})


@pytest.fixture
async def desk(visitor: Visitor) -> AsyncIterator[Desk]:
    server = await slack.serve(visitor.slack.world, retry_scale=0.001)
    made = Desk(visitor, server.api)
    application = web.Application()
    application.router.add_post("/", made.hear)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    made.slack.app.request_url = f"http://{host}:{port}/"
    yield made
    await server.close()
    await runner.cleanup()


async def test_a_customer_writes_edits_reacts_and_sends_a_picture(visitor: Visitor) -> None:
    """What is typed on a phone with Slack happens in the direct messages with the shop's app, and is shown there."""
    sam, world = visitor.slack.contacts[0], visitor.slack.world
    ann: dict[str, Any] = {"network": "slack", "who": sam.id}
    await visitor.do(verb="say", text="helo *there*", **ann)
    (said,) = world.private(sam, visitor.slack.shop_app)
    await visitor.do(verb="edit", message=said["ts"], text="hello *there*", **ann)
    await visitor.do(verb="react", message=said["ts"], text="👍", **ann)
    await visitor.send({"a.png": PNG}, verb="say", text="look", **ann)
    first, second = (await visitor.phone("slack", sam))["messages"]
    (section,) = first["blocks"][0]["elements"]
    assert [(e["text"], bool(e.get("style"))) for e in section["elements"]] == [("hello ", False), ("there", True)]
    assert (first["mine"], first["edited"], first["reactions"][0]["emoji"]) == (True, True, "👍")
    assert await visitor.file(second["files"][0]) == PNG
    await visitor.do(verb="react", message=said["ts"], text="+1", **ann)
    await visitor.do(verb="delete", message=second["id"], **ann)
    (left,) = (await visitor.phone("slack", sam))["messages"]
    assert left["reactions"] == []


async def test_a_thread_is_shown_beside_the_channel(desk: Desk) -> None:
    """The channel shows cards and how many replies each has; the replies are in the thread alone."""
    ts = await desk.post(text="Ann Lee")
    await desk.post(text="hello", thread_ts=ts)
    await desk.do(verb="say", thread=ts, text="Hi <@" + desk.slack.agents[1].id + ">")
    shown = await desk.shown(thread=ts)
    (card,) = shown["messages"]
    assert (card["id"], card["replies"]["count"]) == (ts, 2)
    assert [m["mine"] for m in shown["thread"]["messages"]] == [False, False, True]
    assert shown["thread"]["title"] == "Ann Lee"
    (section,) = shown["thread"]["messages"][-1]["blocks"][0]["elements"]
    assert section["elements"][-1]["name"] == "Bob Baker"
    assert (await desk.shown(thread="1.5"))["thread"] is None


async def test_markup_of_an_app_is_drawn_as_what_it_means(desk: Desk) -> None:
    """No sign of Slack's markup is left for the page to read: words, links and emoji come as such."""
    await desk.post(blocks=BUTTONS)
    (card,) = (await desk.shown())["messages"]
    parts = card["blocks"][0]["text"]["elements"][0]["elements"]
    assert "".join(p.get("sign") or p["text"] for p in parts) == "Ann <b> 👋 here"
    assert [p["url"] for p in parts if p["type"] == "link"] == ["https://x.example"]


async def test_what_only_one_agent_may_see_is_shown_to_no_other(desk: Desk) -> None:
    """An ephemeral answer is drawn for its reader alone, where it was said: in the channel or the thread."""
    ts = await desk.post()
    for text, thread in (("in the channel", None), ("in the thread", ts)):
        channel, user = desk.slack.desk.id, desk.olivia.id
        await desk.web.chat_postEphemeral(channel=channel, user=user, text=text, thread_ts=thread)
    for seat, seen in ((0, ["in the channel"]), (1, [])):
        messages = (await desk.shown(seat))["messages"]
        assert [m["text"] for m in messages if m["whisper"]] == seen
        assert [m["alone"] for m in messages if m["id"] == ts] == [len(seen)]
    thread = (await desk.shown(thread=ts))["thread"]
    assert [m["text"] for m in thread["messages"] if m["whisper"]] == ["in the thread"]


async def test_what_is_pressed_and_chosen_reaches_the_app(desk: Desk) -> None:
    """A button, a menu's entry and a chosen colleague are told to the app that posted them."""
    message = await desk.post(blocks=BUTTONS)
    await desk.do(verb="press", message=message, action="take")
    await desk.do(verb="choose", message=message, action="more", text="tag")
    await desk.do(verb="choose", message=message, action="who", text=desk.slack.agents[1].id)
    pressed, option, chosen = (told["actions"][0] for told in desk.told)
    assert pressed["value"] == "1"
    assert option["selected_option"]["value"] == "tag"
    assert chosen["selected_user"] == desk.slack.agents[1].id


async def test_a_dialog_is_opened_refused_and_sent(desk: Desk) -> None:
    """A dialog stands before the one who opened it, says what is wrong with what was filled in, and goes when sent."""
    message = await desk.post(blocks=BUTTONS)
    desk.opens = DIALOG
    await desk.do(verb="press", message=message, action="take")
    modal = (await desk.shown())["modal"]
    assert modal["title"]["text"] == "Close"
    assert (await desk.shown(1))["modal"] is None
    assert "complete this required field" in (await desk.do(400, verb="submit"))["error"]
    desk.answer = {"response_action": "errors", "errors": {"note": "Too short."}}
    await desk.do(verb="submit", values={"note": "x"})
    assert (await desk.shown())["modal"]["errors"] == {"note": "Too short."}
    desk.answer = {}
    await desk.do(verb="submit", values={"note": "refunded"})
    assert desk.told[-1]["view"]["state"]["values"]["note"]["said"]["value"] == "refunded"
    assert (await desk.shown())["modal"] is None


async def test_a_dialog_is_closed_without_a_word(desk: Desk) -> None:
    """Whoever closes a dialog has sent nothing."""
    desk.opens = DIALOG
    await desk.do(verb="say", text="/hub close 7")
    assert (await desk.shown())["modal"] is not None
    await desk.do(verb="close")
    assert (await desk.shown())["modal"] is None
    assert [told.get("text") for told in desk.told] == ["close 7"]


async def test_the_home_of_the_app_can_be_pressed(desk: Desk) -> None:
    """What the app shows on its Home is seen by the one it was published for, and its buttons work."""
    await desk.do(verb="open_home")
    await desk.web.views_publish(user_id=desk.olivia.id, view={"type": "home", "blocks": BUTTONS})
    home = (await desk.shown(spot="home"))["home"]
    assert home["blocks"][1]["elements"][0]["action_id"] == "take"
    assert (await desk.shown(1, spot="home"))["home"] is None
    await desk.do(verb="press", where="view", action="take")
    assert desk.told[-1]["view"]["type"] == "home"


async def test_lines_that_begin_with_a_slash_are_commands(desk: Desk) -> None:
    """As in Slack's apps: a command is told to its app and stands in no channel; two slashes are words."""
    desk.answer = {"response_type": "ephemeral", "text": "Nobody waits."}
    await desk.do(verb="say", text="/hub next")
    assert (desk.told[-1]["command"], desk.told[-1]["text"]) == ("/hub", "next")
    await desk.do(verb="say", text="//a note")
    assert [m["text"] for m in (await desk.shown())["messages"]] == ["Nobody waits.", "//a note"]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"verb": "fly"}, "There is no verb"),
        ({"verb": "say", "text": " "}, "nothing to send"),
        ({"verb": "say", "text": "/nope x"}, "not a valid command"),
        ({"verb": "say", "text": "/hub next", "thread": "1.5"}, "not supported in threads"),
        ({"verb": "say", "text": "hi", "where": "elsewhere"}, "no such place"),
        ({"verb": "say", "text": "hi", "thread": "1.5"}, "hread_not_found"),
        ({"verb": "edit", "message": "1.5", "text": "x"}, "no message 1.5"),
        ({"verb": "react", "message": "1.5", "text": "🫥🫥"}, "no emoji"),
        ({"verb": "press", "message": "1.5", "action": "take"}, "no message 1.5"),
        ({"verb": "submit", "values": {}}, "no dialog open"),
        ({"verb": "close"}, "no dialog open"),
        ({"verb": "press", "where": "view", "action": "take"}, "shows nothing"),
        ({"verb": "shortcut", "message": "1.5", "action": "note"}, "has a shortcut"),
        ({"verb": "submit", "values": {"a": 5}}, "no wish"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence(desk: Desk, wish: dict[str, Any], said: str) -> None:
    """A wish that cannot be fulfilled is answered in words, and never by a server error."""
    assert said in (await desk.do(400, **wish))["error"]


async def test_an_app_that_does_not_take_a_press_is_told_of(desk: Desk) -> None:
    """Where the app fails, the person reads which app it was."""
    message = await desk.post(blocks=BUTTONS)
    desk.slack.app.request_url = ""
    assert "Acme Desk did not take this" in (await desk.do(400, verb="press", message=message, action="take"))["error"]


async def test_a_newcomer_can_write(visitor: Visitor) -> None:
    """A new customer is on Slack at once, among the others of their workspace."""
    made = await visitor.do(verb="new_contact", network="slack", text="Zoe Zink")
    zoe = next(user for user in visitor.slack.contacts if user.id == made["id"])
    await visitor.do(verb="say", network="slack", who=zoe.id, text="hi")
    assert [m["text"] for m in (await visitor.phone("slack", zoe))["messages"]] == ["hi"]

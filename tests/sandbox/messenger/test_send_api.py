"""The Send API is as strict as the network's: what it takes, what it refuses, and in which words."""

from __future__ import annotations

import io
import json
from typing import Any

import aiohttp
import pytest

from hub.sandbox.messenger import Limits
from hub.sandbox.messenger.limits import Meter
from tests.sandbox.messenger.place import PIXEL, Place

REPLY = {"content_type": "text", "title": "Yes", "payload": "YES"}
BUTTON = {"type": "postback", "title": "Yes", "payload": "YES"}


def card(**payload: Any) -> dict[str, Any]:
    shape = {"template_type": "button", "text": "Which?", "buttons": [BUTTON], **payload}
    return {"attachment": {"type": "template", "payload": shape}}


async def test_a_message_arrives(place: Place) -> None:
    """The answer names the contact and the message; the phone shows it."""
    answer = await place.send({"text": "hi"})
    assert (answer.status, answer.body["recipient_id"]) == (200, place.psid)
    assert place.world.phone(place.ann, place.page)[-1]["mid"] == answer.body["message_id"]
    assert place.world.phone(place.ann, place.page)[-1]["text"] == "hi"


@pytest.mark.parametrize("how", ["me", "form", "query", "bearer"])
async def test_every_way_of_asking(place: Place, how: str) -> None:
    """JSON, a form of JSON strings, or all in the address; the page by number or as me; the token in a header too."""
    fields = {"recipient": json.dumps({"id": place.psid}), "message": '{"text":"hi"}', "messaging_type": "RESPONSE"}
    if how == "me":
        answer = await place.call("POST", "me/messages", data=fields)
    elif how == "form":
        answer = await place.call("POST", f"{place.page.id}/messages", data=fields)
    elif how == "query":
        answer = await place.call("POST", "me/messages", params=fields)
    else:
        url = f"{place.server.url}/v26.0/me/messages"
        headers = {"Authorization": f"Bearer {place.page.token}"}
        async with place.http.post(url, data=fields, headers=headers) as response:
            assert response.status == 200
            return
    assert answer.status == 200


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (None, (100, 2018034)),
        ({}, (100, 2018034)),
        ({"text": ""}, (100, 2018034)),
        ({"text": " \n"}, (100, 2018034)),
        ({"text": 5}, (100, 0)),
        ({"text": "x" * 1999}, (0, 0)),
        ({"text": "x" * 2000}, (100, 0)),
        ({"text": "👍" * 1000}, (100, 0)),
        ({"text": "x", "attachment": {"type": "image", "payload": {}}}, (100, 2018034)),
        ({"text": "x", "colour": "red"}, (100, 0)),
        ({"text": "x", "metadata": "m" * 1000}, (100, 0)),
        ({"text": "x", "metadata": "m" * 999}, (0, 0)),
        ({"text": "x", "quick_replies": []}, (100, 0)),
        ({"text": "x", "quick_replies": [REPLY] * 13}, (0, 0)),
        ({"text": "x", "quick_replies": [REPLY] * 14}, (100, 0)),
        ({"text": "x", "quick_replies": [{**REPLY, "title": "t" * 21}]}, (100, 0)),
        ({"text": "x", "quick_replies": [{**REPLY, "payload": "p" * 1001}]}, (100, 0)),
        ({"text": "x", "quick_replies": [{"content_type": "location"}]}, (100, 0)),
        ({"text": "x", "quick_replies": [{"content_type": "user_email"}]}, (0, 0)),
        ({"attachment": {"type": "hologram", "payload": {}}}, (100, 0)),
        ({"attachment": {"type": "image", "payload": {}}}, (100, 2018047)),
        ({"attachment": {"type": "image", "payload": {"attachment_id": "1"}}}, (100, 2018074)),
        ({"attachment": {"type": "image", "payload": {"url": "https://example.com/a.png"}}}, (100, 2018008)),
        (card(), (0, 0)),
        (card(text="t" * 641), (100, 0)),
        (card(buttons=[]), (100, 0)),
        (card(buttons=[BUTTON] * 4), (100, 0)),
        (card(buttons=[{**BUTTON, "title": "t" * 21}]), (100, 0)),
        (card(buttons=[{**BUTTON, "type": "nuclear"}]), (100, 0)),
        (card(template_type="hologram"), (100, 0)),
        (card(template_type="generic", elements=[{"title": "Shoe", "buttons": [BUTTON]}]), (0, 0)),
        (card(template_type="generic", elements=[]), (100, 0)),
    ],
)
async def test_what_a_message_may_hold(place: Place, message: Any, code: tuple[int, int]) -> None:
    """Each limit is kept, and a refused message changes nothing."""
    before = len(place.world.phone(place.ann, place.page))
    answer = await place.send(message)
    assert answer.code == code
    assert len(place.world.phone(place.ann, place.page)) == before + (code == (0, 0))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"messaging_type": None}, (100, 0)),
        ({"messaging_type": "SHOUT"}, (100, 0)),
        ({"messaging_type": "UPDATE"}, (0, 0)),
        ({"messaging_type": "MESSAGE_TAG"}, (100, 0)),
        ({"tag": "HUMAN_AGENT"}, (100, 0)),
        ({"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, (10, 0)),
        ({"messaging_type": "MESSAGE_TAG", "tag": "CONFIRMED_EVENT_UPDATE"}, (100, 1893061)),
        ({"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}, (100, 1893061)),
        ({"messaging_type": "MESSAGE_TAG", "tag": "POST_PURCHASE_UPDATE"}, (100, 1893061)),
        ({"messaging_type": "MESSAGE_TAG", "tag": "NEWS"}, (100, 0)),
        ({"recipient": {}}, (100, 0)),
        ({"recipient": "x"}, (100, 0)),
        ({"recipient": {"id": "1"}}, (100, 2018001)),
        ({"reply_to": {"mid": "m_gone"}}, (100, 2018333)),
        ({"sender_action": "typing_on"}, (100, 2018002)),
    ],
)
async def test_by_which_right(place: Place, fields: dict[str, Any], code: tuple[int, int]) -> None:
    """Types and tags are as since April 2026: HUMAN_AGENT alone is left, for apps that were approved."""
    assert (await place.send({"text": "hi"}, **fields)).code == code


async def test_the_window(place: Place) -> None:
    """A day after the contact's last act it closes; for people of an approved app after seven; a reaction opens it."""
    late = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    place.app.human_agent = True
    place.world.forward(24 * 3600 - 10)
    assert (await place.send({"text": "in time"})).code == (0, 0)
    place.world.forward(20)
    assert (await place.send({"text": "late"})).code == (10, 2018278)
    assert (await place.send({"text": "late"}, **late)).code == (0, 0)
    place.world.forward(6 * 86400)
    assert (await place.send({"text": "too late"}, **late)).code == (10, 2018278)
    place.world.react(place.ann, place.page, place.world.phone(place.ann, place.page)[0]["mid"], "👍")
    assert (await place.send({"text": "open"})).code == (0, 0)


async def test_who_cannot_be_reached(place: Place) -> None:
    """Each reason has its own code."""
    world, ann, page = place.world, place.ann, place.page
    world.block(ann, page)
    assert (await place.send({"text": "hi"})).code == (551, 1545041)
    world.unblock(ann, page)
    world.mute(ann, page)
    assert (await place.send({"text": "hi"})).code == (10, 2018108)
    world.mute(ann, page, on=False)
    world.hand_over(page, ann, None)
    assert (await place.send({"text": "hi"})).code == (10, 2018300)
    world.hand_over(page, ann, place.app)
    assert (await place.send({"text": "hi"})).code == (0, 0)
    world.restrict(page)
    assert (await place.send({"text": "hi"})).code == (10, 1893063)
    world.restrict(page, on=False)
    world.leave(ann)
    assert (await place.send({"text": "hi"})).code == (100, 2018001)
    with pytest.raises(ValueError, match="left"):
        world.say(ann, page, "hi")


async def test_actions_are_calls_of_their_own(place: Place) -> None:
    """Typing and seen are shown, and end with the message."""
    where = f"{place.page.id}/messages"
    recipient = {"recipient": {"id": place.psid}}
    for action in ("mark_seen", "typing_on"):
        answer = await place.call("POST", where, json={**recipient, "sender_action": action})
        assert answer.body == {"recipient_id": place.psid}
    assert place.world.seen(place.ann, place.page)
    assert place.world.typing(place.ann, place.page)
    await place.send({"text": "hi"})
    assert not place.world.typing(place.ann, place.page)
    assert (await place.call("POST", where, json={**recipient, "sender_action": "dance"})).code == (100, 0)


# -- files ----------------------------------------------------------------------------------------------------------


def form(place: Place, type_: str, content: bytes, mime: str, **payload: Any) -> aiohttp.FormData:
    data = aiohttp.FormData()
    data.add_field("recipient", json.dumps({"id": place.psid}))
    data.add_field("messaging_type", "RESPONSE")
    data.add_field("message", json.dumps({"attachment": {"type": type_, "payload": payload}}))
    data.add_field("filedata", io.BytesIO(content), filename="a.bin", content_type=mime)
    return data


@pytest.mark.parametrize(
    ("type_", "mime", "code"),
    [
        ("image", "image/png", (0, 0)),
        ("image", "application/pdf", (100, 2018047)),
        ("audio", "audio/mpeg", (0, 0)),
        ("video", "text/plain", (100, 2018047)),
        ("file", "application/pdf", (0, 0)),
    ],
)
async def test_a_file_is_what_it_is_sent_as(place: Place, type_: str, mime: str, code: tuple[int, int]) -> None:
    """A file of another kind than its type says is refused; as a plain file anything goes."""
    answer = await place.call("POST", "me/messages", data=form(place, type_, PIXEL, mime))
    assert answer.code == code
    if code == (0, 0):
        (shown,) = place.world.phone(place.ann, place.page)[-1]["attachments"]
        assert place.world.content(shown) == PIXEL


async def test_files_have_limits(place: Place) -> None:
    """Empty ones and those above 25 MB are refused."""
    assert (await place.call("POST", "me/messages", data=form(place, "file", b"", "text/plain"))).code == (100, 2018047)
    large = form(place, "file", bytes(25 * 1024 * 1024 + 1), "text/plain")
    assert (await place.call("POST", "me/messages", data=large)).code == (100, 2018109)


async def test_a_file_is_uploaded_once_and_sent_again(place: Place) -> None:
    """message_attachments gives a number by which it is sent; one of another type is refused."""
    kept = await place.call("POST", "me/message_attachments", data=form(place, "image", PIXEL, "image/png"))
    attachment_id = kept.body["attachment_id"]
    for _ in range(2):
        sent = await place.send({"attachment": {"type": "image", "payload": {"attachment_id": attachment_id}}})
        assert sent.code == (0, 0)
    wrong = await place.send({"attachment": {"type": "video", "payload": {"attachment_id": attachment_id}}})
    assert wrong.code == (100, 2018047)


async def test_a_file_given_by_address_is_fetched(place: Place) -> None:
    """The network fetches it, with the type that the server there says."""
    place.world.send_media(place.ann, place.page, "image", PIXEL)
    event = json.loads(place.world.notices_of(place.app)[-1])["entry"][0]["messaging"][0]
    url = event["message"]["attachments"][0]["payload"]["url"]
    assert (await place.send({"attachment": {"type": "image", "payload": {"url": url}}})).code == (0, 0)
    assert (await place.send({"attachment": {"type": "image", "payload": {"url": url + "x"}}})).code == (100, 2018008)


async def test_addresses_of_files_expire(place: Place) -> None:
    """They are signed, hold for a while, and give the file to whoever has them meanwhile."""
    place.world.send_media(place.ann, place.page, "file", b"content", file_name="ä b.txt")
    event = json.loads(place.world.notices_of(place.app)[-1])["entry"][0]["messaging"][0]
    url = event["message"]["attachments"][0]["payload"]["url"]

    async def status(url: str) -> int:
        async with place.http.get(url) as response:
            return response.status

    assert await status(url) == 200
    assert await status(url.replace("oh=", "oh=0")) == 403
    assert await status(url.partition("?")[0]) == 403
    place.world.forward(86400 + 5)
    assert await status(url) == 403


# -- tokens, versions, rates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "code"), [("v26.0", 0), ("v21.0", 0), ("v20.0", 2635), ("v27.0", 2500), ("v2.6", 2500)]
)
async def test_versions_end(place: Place, version: str, code: int) -> None:
    """A version that is over, or that never was, is refused."""
    assert (await place.call("GET", "me", version=version)).code[0] == code


@pytest.mark.parametrize(
    ("state", "subcode"), [("expired", 463), ("password", 460), ("revoked", 467), ("removed", 458), ("valid", 0)]
)
async def test_tokens_die(place: Place, state: str, subcode: int) -> None:
    """Each way in its own subcode, and with a trace."""
    place.world.spoil_token(place.page, state)  # type: ignore[arg-type]
    answer = await place.call("GET", "me")
    assert answer.code == ((190, subcode) if subcode else (0, 0))
    if subcode:
        assert answer.body["error"]["type"] == "OAuthException"
        assert answer.body["error"]["fbtrace_id"]


async def test_tokens_are_looked_at(place: Place) -> None:
    """None, a garbled one, another page's, and one with a proof of another app are refused."""
    assert (await place.call("GET", "me", token="")).code == (104, 0)
    assert (await place.call("GET", "me", token="garbled")).code == (190, 0)
    other = place.world.add_page("Other", place.app)
    assert (await place.call("GET", place.page.id, token=other.token)).code == (100, 33)
    assert (await place.call("GET", "me", params={"appsecret_proof": "0" * 64})).code == (100, 0)
    place.world.limit_rights(place.page, "pages_manage_metadata")
    assert (await place.send({"text": "hi"})).code == (200, 0)
    token = place.world.renew_token(place.page)
    place.world.limit_rights(place.page, "pages_messaging")
    assert (await place.call("GET", "me", token=token)).body == {"id": place.page.id, "name": "Shop"}


async def test_rates(place: Place) -> None:
    """Texts, media, and a day's calls for each contact in touch: over a limit in its own code, with figures."""
    clock = [0.0]
    place.world.meter = Meter(Limits(2, 1, 4), lambda: clock[0])
    for _ in range(2):
        assert (await place.send({"text": "hi"})).code == (0, 0)
    assert (await place.send({"text": "hi"})).code == (613, 0)
    clock[0] = 1.5
    for expected in ((0, 0), (613, 0)):
        assert (await place.call("POST", "me/messages", data=form(place, "file", b"x", "text/plain"))).code == expected
    clock[0] = 3.0
    last = await place.send({"text": "hi"})
    figures = json.loads(last.headers["X-Business-Use-Case-Usage"])[place.page.id][0]
    assert (last.code, figures["call_count"]) == ((0, 0), 100)
    over = await place.send({"text": "hi"})
    figures = json.loads(over.headers["X-Business-Use-Case-Usage"])[place.page.id][0]
    assert (over.code, figures["estimated_time_to_regain_access"]) == ((32, 0), 1440)
    clock[0] = 90_000
    assert (await place.send({"text": "hi"})).code == (0, 0)
    assert place.world.provoked_limits == 3


# -- reading --------------------------------------------------------------------------------------------------------


async def test_profiles(place: Place) -> None:
    """What is known is given, what is hidden refused, what is not asked for left out."""
    answer = await place.call("GET", place.psid, params={"fields": "first_name,last_name"})
    assert answer.body == {"id": place.psid, "first_name": "Ann", "last_name": "Wood"}
    assert (await place.call("GET", place.psid, params={"fields": "shoe_size"})).code == (100, 0)
    assert "gender" not in (await place.call("GET", place.psid, params={"fields": "gender"})).body
    assert (await place.call("GET", "12345")).code == (100, 33)
    place.ann.hides = True
    assert (await place.call("GET", place.psid)).code == (100, 2018218)


async def test_subscriptions(place: Place) -> None:
    """An app hears of a page once it is subscribed, and of what it is subscribed to."""
    where = f"{place.page.id}/subscribed_apps"
    assert (await place.call("DELETE", where)).body == {"success": True}
    heard = len(place.world.notices_of(place.app))
    place.world.say(place.ann, place.page, "nobody hears")
    assert len(place.world.notices_of(place.app)) == heard
    assert (await place.call("POST", where, json={"subscribed_fields": "messages,telepathy"})).code == (100, 0)
    assert (await place.call("POST", where, json={})).code == (100, 0)
    assert (await place.call("POST", where, json={"subscribed_fields": "messages"})).body == {"success": True}
    place.world.read(place.ann, place.page)
    assert len(place.world.notices_of(place.app)) == heard
    place.world.say(place.ann, place.page, "heard")
    assert len(place.world.notices_of(place.app)) == heard + 1
    (app,) = (await place.call("GET", where)).body["data"]
    assert app == {"id": place.app.id, "name": "Hub", "subscribed_fields": ["messages"]}


async def test_tokens_are_told_of(place: Place) -> None:
    """debug_token is answered to the token's own app alone."""
    about = {"params": {"input_token": place.page.token}}
    data = (await place.call("GET", "debug_token", token=place.app.token, **about)).body["data"]
    assert (data["is_valid"], data["app_id"], data["profile_id"]) == (True, place.app.id, place.page.id)
    assert "pages_messaging" in data["scopes"]
    other = place.world.add_app("Other")
    assert (await place.call("GET", "debug_token", token=other.token, **about)).code[0] == 100
    assert (await place.call("GET", "debug_token", token=f"{place.app.id}|guess", **about)).code[0] == 190
    assert (await place.call("GET", "debug_token", **about)).code[0] == 100
    assert (await place.call("GET", "app")).body == {"id": place.app.id, "name": "Hub"}


async def test_what_the_stand_in_lacks_is_told(place: Place) -> None:
    """A path it does not know is refused as the network would, and listed."""
    assert (await place.call("GET", "me/insights")).code == (100, 33)
    assert place.world.unimplemented == ["GET me/insights"]
    await place.send({"text": "hi"}, colour="red")
    assert place.world.unknown_parameters == {"messages.colour"}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"x"', b"null"])
async def test_a_body_that_is_none(place: Place, body: bytes) -> None:
    """It is refused, and never breaks the stand-in."""
    answer = await place.call("POST", "me/messages", data=body, headers={"Content-Type": "application/json"})
    assert answer.code[0] == 100

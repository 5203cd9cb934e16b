"""Buttons, menus, commands, shortcuts, dialogs, Homes; and by what an app may answer them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.sandbox.slack.place import Hook, Place
from tests.sandbox.slack.test_web_api import BUTTON, actions, plain, refused, section

MENU = {
    "type": "overflow",
    "action_id": "more",
    "options": [{"text": plain("Tag"), "value": "tag"}, {"text": plain("Who"), "value": "who"}],
}
PICK = {"type": "users_select", "action_id": "assign", "placeholder": plain("Assign to…")}
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "ask",
    "title": plain("A note"),
    "submit": plain("Save"),
    "blocks": [
        {
            "type": "input",
            "block_id": "note",
            "label": plain("Note"),
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


async def card(place: Place, **how: Any) -> str:
    """A message of the app's with a button, a menu and a choice of people."""
    blocks = [section("card"), actions(BUTTON, MENU, PICK)]
    return str((await place.web.chat_postMessage(channel=place.desk.id, text="card", blocks=blocks, **how))["ts"])


async def test_a_press_tells_what_was_pressed_and_where(place: Place, hook: Hook) -> None:
    """block_actions with the message, its container, a trigger and an address for answers."""
    root = place.world.say(place.ann, place.desk, "root")["ts"]
    ts = await card(place, thread_ts=root)
    knock = place.world.press(place.ann, place.desk, ts, "Go")
    assert await knock.answer() is None
    told = hook.form
    assert (told["type"], told["user"]["id"], told["team"]["id"]) == ("block_actions", place.ann.id, place.team.id)
    assert told["actions"][0]["value"] == "1"
    assert told["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": place.desk.id,
        "is_ephemeral": False,
        "thread_ts": root,
    }
    assert told["message"]["ts"] == ts
    assert told["response_url"].startswith(place.server.url)


async def test_menus_tell_what_was_chosen(place: Place, hook: Hook) -> None:
    """An option of an overflow menu, a person of a choice of people; what is not offered cannot be chosen."""
    ts = await card(place)
    await place.world.choose(place.ann, place.desk, ts, "more", "Who").answer()
    assert hook.form["actions"][0]["selected_option"]["value"] == "who"
    await place.world.choose(place.ann, place.desk, ts, "Assign to…", place.bob).answer()
    assert hook.form["actions"][0]["selected_user"] == place.bob.id
    with pytest.raises(ValueError, match="no option"):
        place.world.choose(place.ann, place.desk, ts, "more", "Nothing")
    with pytest.raises(ValueError, match="there are: \\['Go'\\]"):
        place.world.press(place.ann, place.desk, ts, "Stop")


async def test_a_command_comes_as_a_plain_form_and_not_from_threads(place: Place, hook: Hook) -> None:
    """What is answered in place is shown to whoever typed."""
    hook.answers.append((200, b'{"text":"only you"}', {"Content-Type": "application/json"}))
    knock = place.world.slash(place.ann, place.desk, "/hub", f"assign <@{place.bob.id}> & more")
    await knock.answer()
    told = hook.form
    assert (told["command"], told["channel_id"], told["channel_name"]) == ("/hub", place.desk.id, "desk")
    assert told["text"] == f"assign <@{place.bob.id}|bob.lee> &amp; more"
    assert [m["text"] for m in place.world.ephemerals(place.ann)] == ["only you"]
    with pytest.raises(ValueError, match="not supported in threads"):
        place.world.slash(place.ann, place.desk, "/hub", "help", thread="1.0")
    with pytest.raises(ValueError, match="not a valid command"):
        place.world.slash(place.ann, place.desk, "/nope")


async def test_an_app_that_is_slow_or_fails_is_not_asked_again(place: Place, hook: Hook) -> None:
    """The person sees that it did not work; interactions are told once."""
    hook.answers.append((500, b"", {}))
    knock = place.world.slash(place.ann, place.desk, "/hub", "a")
    await knock.answer()
    await place.world.settled()
    assert knock.trouble == "dispatch_failed"
    assert len(hook.got) == 2


async def test_answers_at_the_address_are_counted_and_expire(place: Place, hook: Hook) -> None:
    """Five within half an hour; in place of what only one person sees, too."""
    knock = place.world.slash(place.ann, place.desk, "/hub", "a")
    await knock.answer()
    answers = AsyncWebhookClient(knock.response_url)
    first = await answers.send(text="card", blocks=[section("s"), actions(BUTTON)])
    assert first.status_code == 200
    (seen,) = place.world.ephemerals(place.ann)
    press = place.world.press(place.ann, place.desk, seen["ts"], "Go")
    await press.answer()
    assert hook.form["container"]["is_ephemeral"] is True
    assert "message" not in hook.form
    await AsyncWebhookClient(press.response_url).send(text="done", replace_original=True)
    assert [m["text"] for m in place.world.ephemerals(place.ann)] == ["done"]
    await AsyncWebhookClient(press.response_url).send(delete_original=True)
    assert place.world.ephemerals(place.ann) == []
    assert [(await answers.send(text="a")).status_code for _ in range(5)] == [200, 200, 200, 200, 404]
    place.world.forward(1801)
    assert (await AsyncWebhookClient(press.response_url).send(text="a")).status_code == 404
    await answers.send(text="in_channel", response_type="in_channel")
    assert place.world.history(place.desk) == []


@pytest.mark.usefixtures("hook")
async def test_a_dialog_is_opened_in_time_and_once(place: Place) -> None:
    """A trigger holds three seconds, for one dialog."""
    ts = await card(place)
    press = place.world.press(place.ann, place.desk, ts, "Go")
    place.world.forward(4)
    assert await refused(place.web.views_open(trigger_id=press.trigger_id, view=MODAL)) == "expired_trigger_id"
    press = place.world.press(place.ann, place.desk, ts, "Go")
    opened = await place.web.views_open(trigger_id=press.trigger_id, view=MODAL)
    assert opened["view"]["state"] == {"values": {}}
    assert await refused(place.web.views_open(trigger_id=press.trigger_id, view=MODAL)) == "exchanged_trigger_id"
    assert await refused(place.web.views_open(trigger_id="1.2.3", view=MODAL)) == "invalid_trigger_id"
    shown = place.world.modal(place.ann)
    assert shown is not None
    assert shown["title"]["text"] == "A note"


async def test_a_dialog_is_sent_refused_changed_and_closed(place: Place, hook: Hook) -> None:
    """What an app answers a submission with is what the person sees."""
    world, press = place.world, place.world.press(place.ann, place.desk, await card(place), "Go")
    opened = await place.web.views_open(trigger_id=press.trigger_id, view=MODAL | {"private_metadata": "kept"})
    with pytest.raises(ValueError, match="required"):
        world.submit(place.ann)
    wrong = {"response_action": "errors", "errors": {"note": "too short"}}
    await world.settled()
    hook.answers.append((200, msgspec.json.encode(wrong), {"Content-Type": "application/json"}))
    await world.submit(place.ann, {"note": "a"}).answer()
    told = hook.form
    assert told["view"]["state"]["values"] == {"note": {"text": {"type": "plain_text_input", "value": "a"}}}
    assert (told["view"]["private_metadata"], told["view"]["id"]) == ("kept", opened["view"]["id"])
    shown = world.modal(place.ann)
    assert shown is not None
    assert shown["errors"] == {"note": "too short"}
    other = {"response_action": "update", "view": MODAL | {"title": plain("Again")}}
    hook.answers.append((200, msgspec.json.encode(other), {"Content-Type": "application/json"}))
    await world.submit(place.ann, {"Note": "abc"}).answer()
    shown = world.modal(place.ann)
    assert shown is not None
    assert shown["title"]["text"] == "Again"
    await world.submit(place.ann, {"text": "abc"}).answer()
    assert world.modal(place.ann) is None


@pytest.mark.parametrize(
    "change",
    [
        {"title": plain("x" * 25)},
        {"submit": None},
        {"private_metadata": "x" * 3001},
        {"blocks": [section("x")] * 101},
        {"type": "home"},
        {"blocks": [section("x" * 3001)]},
    ],
)
@pytest.mark.usefixtures("hook")
async def test_dialogs_are_checked(place: Place, change: dict[str, Any]) -> None:
    """What the network would refuse is refused here, and the reason is told."""
    press = place.world.press(place.ann, place.desk, await card(place), "Go")
    view = {name: value for name, value in {**MODAL, **change}.items() if value is not None}
    with pytest.raises(SlackApiError) as caught:
        await place.web.views_open(trigger_id=press.trigger_id, view=view)
    assert caught.value.response["error"] == "invalid_arguments"
    assert caught.value.response["response_metadata"]["messages"]
    assert place.world.modal(place.ann) is None


async def test_a_shortcut_tells_the_message(place: Place, hook: Hook) -> None:
    """message_action with the message, in a thread too."""
    root = place.world.say(place.ann, place.desk, "root")["ts"]
    reply = place.world.say(place.bob, place.desk, "reply", thread=root)["ts"]
    await place.world.shortcut(place.ann, place.desk, reply, "close").answer()
    told = hook.form
    assert (told["type"], told["callback_id"], told["message_ts"]) == ("message_action", "close", reply)
    assert told["message"]["thread_ts"] == root


async def test_a_home_is_published_and_pressed(place: Place, hook: Hook) -> None:
    """Opening it tells the app; a press within it comes without a channel."""
    place.world.open_home(place.ann, place.app)
    await place.world.settled()
    assert hook.events("app_home_opened")[0]["tab"] == "home"
    view = {"type": "home", "blocks": [section("Inbox"), actions(BUTTON)]}
    published = await place.web.views_publish(user_id=place.ann.id, view=view)
    home = place.world.home(place.ann, place.app)
    assert home is not None
    assert home["hash"] == published["view"]["hash"]
    await place.world.press_view(place.ann, place.app, "Go").answer()
    told = hook.form
    assert (told["container"]["type"], told["view"]["type"]) == ("view", "home")
    assert "channel" not in told
    again = place.web.views_publish(user_id=place.ann.id, view=view, hash="old")
    assert await refused(again) == "hash_conflict"

"""Forums: where messages land, what bots are told, and what the network refuses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.sandbox.scene import Scene

Raw = Callable[..., Awaitable[dict[str, Any]]]


def _told(scene: Scene) -> list[dict[str, Any]]:
    return [update["message"] for update in scene.world.updates_of(scene.desk) if "message" in update]


async def test_a_bots_own_topic_comes_back_as_a_service_message(scene: Scene, raw: Raw) -> None:
    """The bot is told of the topic, the closing and the pin it caused, but never of its own texts."""
    chat = {"chat_id": scene.forum.id}
    topic = (await raw("createForumTopic", name="Ann", **chat))["result"]["message_thread_id"]
    sent = await raw("sendMessage", text="hi", message_thread_id=topic, **chat)
    await raw("pinChatMessage", message_id=sent["result"]["message_id"], **chat)
    await raw("editForumTopic", message_thread_id=topic, name="Ann L.", **chat)
    await raw("closeForumTopic", message_thread_id=topic, **chat)
    kinds = [
        set(message) & {"forum_topic_created", "pinned_message", "forum_topic_edited", "forum_topic_closed", "text"}
        for message in _told(scene)
    ]
    assert kinds == [{"forum_topic_created"}, {"pinned_message"}, {"forum_topic_edited"}, {"forum_topic_closed"}]
    assert {message["message_thread_id"] for message in _told(scene)} == {topic}


async def test_messages_of_a_topic_answer_its_first_message(scene: Scene, raw: Raw) -> None:
    """A plain message in a topic carries the creation as reply_to_message; a real reply carries its own."""
    world, chat = scene.world, {"chat_id": scene.forum.id}
    topic = (await raw("createForumTopic", name="Ann", **chat))["result"]["message_thread_id"]
    plain = world.say(scene.bob, scene.forum, "hello", thread=topic)
    assert (plain["is_topic_message"], plain["message_thread_id"]) == (True, topic)
    assert plain["reply_to_message"]["message_id"] == topic
    assert "forum_topic_created" in plain["reply_to_message"]
    answer = world.say(scene.bob, scene.forum, "more", reply_to=plain["message_id"])
    assert answer["message_thread_id"] == topic
    assert answer["reply_to_message"]["text"] == "hello"
    assert "reply_to_message" not in answer["reply_to_message"]


async def test_replies_in_general_carry_a_misleading_thread(scene: Scene) -> None:
    """Outside topics a reply has a message_thread_id and no is_topic_message, as the network does."""
    first = scene.world.say(scene.bob, scene.forum, "a")
    reply = scene.world.say(scene.bob, scene.forum, "b", reply_to=first["message_id"])
    assert reply["message_thread_id"] == first["message_id"]
    assert "is_topic_message" not in reply
    assert "message_thread_id" not in first


async def test_deleted_and_lost_topics_are_silent_and_not_found(scene: Scene, raw: Raw) -> None:
    """No update tells of a deletion; sending into such a topic is refused."""
    chat = {"chat_id": scene.forum.id}
    for lose in (scene.world.delete_topic, None):
        topic = (await raw("createForumTopic", name="Ann", **chat))["result"]["message_thread_id"]
        told = len(_told(scene))
        if lose is not None:
            lose(scene.bob, scene.forum, topic)
        else:
            scene.world.lose_topics(scene.forum)
        answer = await raw("sendMessage", text="hi", message_thread_id=topic, **chat)
        assert answer["description"] == "Bad Request: message thread not found"
        assert len(_told(scene)) == told


async def test_closed_topics_and_repeated_deeds(scene: Scene, raw: Raw) -> None:
    """Closing twice is TOPIC_NOT_MODIFIED; a bot without the right may not write into a closed topic."""
    chat = {"chat_id": scene.forum.id}
    topic = scene.world.create_topic(scene.bob, scene.forum, "Ann").id
    where = chat | {"message_thread_id": topic}
    assert (await raw("closeForumTopic", **where))["ok"]
    assert (await raw("closeForumTopic", **where))["description"] == "Bad Request: TOPIC_NOT_MODIFIED"
    assert (await raw("sendMessage", text="an admin may", **where))["ok"]
    scene.world.add_to_chat(scene.forum, scene.desk, admin=True, rights=["can_manage_chat"])
    assert (await raw("sendMessage", text="hi", **where))["description"] == "Bad Request: TOPIC_CLOSED"
    assert (await raw("editForumTopic", name="x", **chat | {"message_thread_id": 1}))["description"].endswith("INVALID")


async def test_general_can_be_closed_hidden_and_renamed(scene: Scene, raw: Raw) -> None:
    """The General topic has methods of its own."""
    chat = {"chat_id": scene.forum.id}
    for method in ("closeGeneralForumTopic", "hideGeneralForumTopic", "unhideGeneralForumTopic"):
        assert (await raw(method, **chat))["ok"]
    assert (await raw("reopenGeneralForumTopic", **chat))["ok"]
    assert (await raw("editGeneralForumTopic", name="Desk", **chat))["ok"]
    assert scene.forum.general.name == "Desk"


async def test_icon_colours_and_long_names(scene: Scene, raw: Raw) -> None:
    """Only six colours; a name that is too long is cut, not refused."""
    chat = {"chat_id": scene.forum.id}
    wrong = await raw("createForumTopic", name="Ann", icon_color=5, **chat)
    assert wrong["description"] == "Bad Request: wrong icon color specified"
    cut = await raw("createForumTopic", name="x" * 200, **chat)
    assert len(cut["result"]["name"]) == 128
    assert (await raw("createForumTopic", name=" ", **chat))["description"] == "Bad Request: title must be non-empty"


async def test_privacy_mode_shows_commands_replies_and_service_messages(scene: Scene, raw: Raw) -> None:
    """A bot in privacy mode that is no admin hears no small talk; one without privacy mode hears all."""
    world = scene.world
    shy, open_bot = world.add_bot("shy_bot"), world.add_bot("open_bot", privacy=False)
    group = world.add_supergroup("Chat", members=[scene.bob, shy, open_bot])
    mine = (await raw("sendMessage", shy, chat_id=group.id, text="I am here"))["result"]["message_id"]
    world.say(scene.bob, group, "small talk")
    world.say(scene.bob, group, "/help")
    world.say(scene.bob, group, "/help@open_bot")
    world.say(scene.bob, group, "/help@Shy_Bot now")
    world.say(scene.bob, group, "an answer", reply_to=mine)
    world.rename_chat(scene.bob, group, "New")
    assert [m["message"].get("text", "service") for m in world.updates_of(shy)] == [
        "/help",
        "/help@Shy_Bot now",
        "an answer",
        "service",
    ]
    heard = [m["message"].get("text", "service") for m in world.updates_of(open_bot)]
    assert len(heard) == 6
    assert "I am here" not in heard
    world.add_to_chat(group, shy, admin=True)
    world.say(scene.bob, group, "more talk")
    assert world.updates_of(shy)[-1]["message"]["text"] == "more talk"


async def test_reactions_reach_admins_that_asked_for_them(scene: Scene, raw: Raw) -> None:
    """message_reaction comes only when allowed by name, to admins, and names no topic."""
    world = scene.world
    topic = world.create_topic(scene.bob, scene.forum, "Ann")
    said = world.say(scene.bob, scene.forum, "a", thread=topic.id)["message_id"]
    world.react(scene.bob, scene.forum, said, "👍")
    assert not any("message_reaction" in update for update in world.updates_of(scene.desk))
    await raw("getUpdates", allowed_updates=["message", "message_reaction"])
    world.react(scene.bob, scene.forum, said, None)
    told = world.updates_of(scene.desk)[-1]["message_reaction"]
    assert (told["old_reaction"], told["new_reaction"]) == ([{"type": "emoji", "emoji": "👍"}], [])
    assert "message_thread_id" not in told


async def test_ephemeral_answers_are_seen_by_one_person(scene: Scene, raw: Raw) -> None:
    """message_id 0 and a number of its own; not in the history; edited and deleted by its own methods."""
    chat = {"chat_id": scene.forum.id}
    whisper = {"ephemeral_message_parameters": {"receiver_user_id": scene.bob.id}}
    keys = {"inline_keyboard": [[{"text": "Undo", "callback_data": "u"}]]}
    sent = (await raw("sendMessage", text="only you", reply_markup=keys, **chat, **whisper))["result"]
    assert (sent["message_id"], sent["receiver_user"]["id"]) == (0, scene.bob.id)
    assert scene.world.history(scene.forum) == []
    assert [m["text"] for m in scene.world.ephemeral(scene.forum, scene.bob)] == ["only you"]
    which = chat | {"receiver_user_id": scene.bob.id, "ephemeral_message_id": sent["ephemeral_message_id"]}
    scene.world.press_ephemeral(scene.bob, scene.forum, sent["ephemeral_message_id"], "Undo")
    assert scene.world.updates_of(scene.desk)[-1]["callback_query"]["message"]["message_id"] == 0
    assert (await raw("editEphemeralMessageText", text="changed", **which))["result"] is True
    assert (await raw("deleteEphemeralMessage", **which))["ok"]
    assert scene.world.ephemeral(scene.forum, scene.bob) == []
    stranger = {"ephemeral_message_parameters": {"receiver_user_id": scene.ann.id}}
    assert (await raw("sendMessage", text="x", **chat, **stranger))["error_code"] == 400


async def test_an_ephemeral_command_litters_no_topic(scene: Scene, raw: Raw) -> None:
    """A command marked is_ephemeral in the menu is seen by its bot and its sender only."""
    await raw("setMyCommands", commands=[{"command": "take", "description": "Take", "is_ephemeral": True}])
    said = scene.world.say(scene.bob, scene.forum, "/take")
    assert (said["message_id"], scene.world.history(scene.forum)) == (0, [])
    assert scene.world.updates_of(scene.desk)[-1]["message"]["text"] == "/take"

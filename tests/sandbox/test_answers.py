"""Every answer and every update has the Bot API's shape, in the table of types and in both libraries' models."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiogram import types as a
from aiogram.types import BufferedInputFile
from telegram import BotCommand, InputMediaPhoto, Update
from telegram.error import BadRequest

from hub.sandbox.telegram.registry import METHODS
from tests.sandbox.scene import PIXEL, Scene
from tests.sandbox.shapes import check

Raw = Callable[..., Awaitable[dict[str, Any]]]
MESSAGE_METHODS = [
    ("sendMessage", {"text": "hi"}),
    ("sendContact", {"phone_number": "+491", "first_name": "Tom"}),
    ("sendLocation", {"latitude": 1.5, "longitude": "2"}),
    ("sendVenue", {"latitude": 1.5, "longitude": 2, "title": "Bar", "address": "Road 1"}),
    ("sendPoll", {"question": "Tea?", "options": ["yes", {"text": "no"}]}),
    ("sendDice", {}),
]


@pytest.mark.parametrize(("method", "values"), MESSAGE_METHODS)
async def test_a_sent_message_has_the_networks_shape(
    scene: Scene, raw: Raw, method: str, values: dict[str, Any]
) -> None:
    """Each sending method answers a Message with all required and no unknown fields."""
    answer = await raw(method, chat_id=scene.forum.id, **values)
    check("Message", answer["result"])
    a.Message.model_validate(answer["result"])


KINDS = ("photo", "video", "animation", "voice", "audio", "video_note", "document", "sticker")


async def test_a_file_goes_both_ways(scene: Scene, aiogram: Any, ptb: Any) -> None:
    """Both libraries upload each kind and download it again byte for byte; another bot's file_id is refused."""
    ours, theirs, other = aiogram(scene.desk), await ptb(scene.desk), await ptb(scene.channel)
    topic = scene.world.create_topic(scene.bob, scene.forum, "Ann")
    for kind in KINDS:
        upload = BufferedInputFile(PIXEL, "pixel.png")
        sent = await getattr(ours, f"send_{kind}")(scene.forum.id, upload, message_thread_id=topic.id)
        check("Message", scene.world.message(scene.forum, sent.message_id))
        media = getattr(sent, kind)
        file = await theirs.get_file((media[-1] if isinstance(media, list) else media).file_id)
        assert bytes(await file.download_as_bytearray()) == PIXEL
        assert getattr(await getattr(theirs, f"send_{kind}")(scene.forum.id, file.file_id), kind)
        with pytest.raises(BadRequest, match=r"[Ww]rong file"):
            await other.get_file(file.file_id)


async def test_both_libraries_read_every_update(scene: Scene) -> None:
    """What people can do becomes updates that the table and both libraries' models take."""
    world, ann, bob = scene.world, scene.ann, scene.bob
    await _everything(scene)
    for bot in (scene.desk, scene.channel):
        made = world.updates_of(bot)
        assert [update["update_id"] for update in made] == [made[0]["update_id"] + n for n in range(len(made))]
        for update in made:
            check("Update", update)
            a.Update.model_validate(update)
            assert Update.de_json(update, None).to_dict()
    assert ann.id != bob.id


async def _everything(scene: Scene) -> None:
    world, ann, bob, forum, channel = scene.world, scene.ann, scene.bob, scene.forum, scene.channel
    for bot in (scene.desk, channel):
        world.call(bot, "getMe", {})
        bot.inbox.allowed |= {"message_reaction", "chat_member"}
    said = world.start(ann, channel, "code")
    world.say(ann, channel, "and again", reply_to=said["message_id"], quote="start")
    for kind in KINDS:
        world.send_media(ann, channel, kind, PIXEL, caption="look")
    world.send_album(ann, channel, [{"kind": "photo", "data": PIXEL, "caption": "a"}, {"kind": "photo", "data": PIXEL}])
    world.send_contact(ann, channel, "+49", "Tom")
    world.send_location(ann, channel, 1.0, 2.0)
    world.send_venue(ann, channel, "Bar", "Road")
    world.send_poll(ann, channel, "Tea?", ["yes", "no"])
    world.send_dice(ann, channel)
    world.edit(ann, channel, said["message_id"], "changed")
    world.react(ann, channel, said["message_id"], "👍")
    world.block(ann, channel)
    world.unblock(ann, channel)
    topic = world.create_topic(bob, forum, "Ann")
    world.rename_topic(bob, forum, topic.id, "Ann L.")
    posted = world.say(bob, forum, "hello", thread=topic.id)
    world.pin(bob, forum, posted["message_id"])
    world.close_topic(bob, forum, topic.id)
    world.reopen_topic(bob, forum, topic.id)
    world.forward(bob, forum, posted["message_id"], forum)
    world.say(bob, forum, "as the group", as_chat=True)
    world.add_to_chat(forum, ann)
    world.remove_from_chat(forum, ann)
    group = world.add_group("Old", members=[bob], admins=[scene.desk])
    world.migrate(group)
    markup = {"inline_keyboard": [[{"text": "Take", "callback_data": "t"}]]}
    card = world.call(scene.desk, "sendMessage", {"chat_id": forum.id, "text": "card", "reply_markup": markup})
    world.press(bob, forum, card["message_id"], "Take")
    world.react(bob, forum, card["message_id"], "🔥")


async def test_the_other_answers_parse_in_both_libraries(scene: Scene, aiogram: Any, ptb: Any) -> None:
    """Chats, members, menus, topics, files and webhooks read the same in aiogram and python-telegram-bot."""
    for client, command in ((aiogram(scene.desk), a.BotCommand), (await ptb(scene.desk), BotCommand)):
        chat_id, me = scene.forum.id, scene.desk.id
        assert (await client.get_me()).username == "desk_bot"
        assert (await client.get_chat(chat_id)).is_forum
        assert (await client.get_chat_member(chat_id, me)).can_manage_topics is True
        assert (await client.get_chat_member(chat_id, scene.bob.id)).status == "member"
        assert (await client.get_chat_member(chat_id, scene.ann.id)).status == "left"
        assert len(await client.get_chat_administrators(chat_id)) == 1
        assert (await client.get_user_profile_photos(scene.bob.id)).total_count == 0
        assert await client.get_forum_topic_icon_stickers()
        await client.set_my_commands([command(command="take", description="Take it")])
        assert (await client.get_my_commands())[0].command == "take"
        assert await client.delete_my_commands()
        assert await client.get_my_commands() in ([], ())
        assert (await client.get_webhook_info()).url == ""
        topic = await client.create_forum_topic(chat_id, "Tom", icon_color=9367192)
        assert topic.icon_color == 9367192
        for deed in ("close", "reopen", "delete"):
            assert await getattr(client, f"{deed}_forum_topic")(chat_id, topic.message_thread_id)


async def test_table_of_types_for_the_plain_answers(scene: Scene, raw: Raw) -> None:
    """The answers that are no messages have all required fields too."""
    chat = {"chat_id": scene.forum.id}
    found = {
        "User": await raw("getMe"),
        "ChatFullInfo": await raw("getChat", **chat),
        "ChatMember": await raw("getChatMember", user_id=scene.desk.id, **chat),
        "ChatMember[]": await raw("getChatAdministrators", **chat),
        "WebhookInfo": await raw("getWebhookInfo"),
        "ForumTopic": await raw("createForumTopic", name="Ann", **chat),
        "Sticker[]": await raw("getForumTopicIconStickers"),
        "UserProfilePhotos": await raw("getUserProfilePhotos", user_id=scene.bob.id),
        "BotName": await raw("getMyName"),
        "BotDescription": await raw("getMyDescription"),
    }
    for kind, answer in found.items():
        check(kind, answer["result"])


async def test_an_album_is_separate_messages_of_one_group(scene: Scene, aiogram: Any, ptb: Any) -> None:
    """Both libraries send an album with uploads and file ids mixed; its items share a media_group_id."""
    first = BufferedInputFile(PIXEL, "one.png")
    media = [a.InputMediaPhoto(media=first, caption="<b>c</b>", parse_mode="HTML"), a.InputMediaVideo(media=first)]
    sent = await aiogram(scene.desk).send_media_group(scene.forum.id, media)
    assert len({message.media_group_id for message in sent}) == 1
    assert (sent[0].caption, sent[0].caption_entities[0].type) == ("c", "bold")
    client = await ptb(scene.desk)
    again = [InputMediaPhoto(sent[0].photo[-1].file_id), InputMediaPhoto(PIXEL)]
    assert len(await client.send_media_group(scene.forum.id, again)) == 2


@pytest.mark.parametrize("style", ["form", "json", "query", "multipart"])
async def test_four_ways_to_ask_are_the_same(scene: Scene, style: str) -> None:
    """Form, multipart, JSON and query are taken, in any case of the method's name, as by the real server."""
    import aiohttp

    url = f"{scene.server.url}/bot{scene.desk.token}/SENDmessage"
    fields = {"chat_id": str(scene.forum.id), "text": "hi", "link_preview_options": json.dumps({"is_disabled": True})}
    parts = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        parts.add_field(name, value)
    ways: dict[str, dict[str, Any]] = {
        "form": {"data": fields},
        "json": {"json": fields},
        "query": {"params": fields},
        "multipart": {"data": parts},
    }
    async with aiohttp.ClientSession() as session:
        verb = session.get if style == "query" else session.post
        async with verb(url, **ways[style]) as response:
            answer = await response.json()
    assert answer["result"]["text"] == "hi"
    assert answer["result"]["link_preview_options"] == {"is_disabled": True}


def test_each_method_has_a_declaration() -> None:
    """The registry holds every method the hub may call, by its lower-case name."""
    wanted = {"getme", "setwebhook", "sendmessage", "sendmediagroup", "createforumtopic", "setmessagereaction"}
    assert METHODS.keys() >= wanted
    assert all(name == method.name.lower() for name, method in METHODS.items())

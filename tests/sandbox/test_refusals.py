"""What the network refuses, in its words, and as which exception of both libraries."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiogram import exceptions as a
from telegram import error as p

from tests.sandbox.scene import PIXEL, Scene

Raw = Callable[..., Awaitable[dict[str, Any]]]

DATA_65 = {"inline_keyboard": [[{"text": "x", "callback_data": "d" * 65}]]}
BAD_TEXTS = [
    ({"text": ""}, "message text is empty"),
    ({"text": "  \n"}, "text must be non-empty"),
    ({"text": "x" * 4097}, "message is too long"),
    ({"text": "<b>hi", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag corresponding to start tag b"),
    ({"text": "ä<x>", "parse_mode": "HTML"}, 'can\'t parse entities: Unsupported start tag "x" at byte offset 2'),
    ({"text": "a</b>", "parse_mode": "HTML"}, "can't parse entities: Unexpected end tag at byte offset 1"),
    (
        {"text": "a.b", "parse_mode": "MarkdownV2"},
        "can't parse entities: Character '.' is reserved and must be escaped",
    ),
    (
        {"text": "*a", "parse_mode": "MarkdownV2"},
        "can't parse entities: Can't find end of Bold entity at byte offset 0",
    ),
    ({"text": "a _b", "parse_mode": "Markdown"}, "can't parse entities: Can't find end of the entity starting at byte"),
    ({"text": "a", "parse_mode": "rtf"}, "unsupported parse_mode"),
    ({"text": "a", "entities": [{"type": "bold", "offset": 0, "length": 2}]}, "entity beginning at UTF-16 offset 0"),
    ({"text": "a", "entities": [{"type": "loud", "offset": 0, "length": 1}]}, "can't parse MessageEntity"),
    ({"text": "a", "reply_markup": DATA_65}, "BUTTON_DATA_INVALID"),
    ({"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "x"}]]}}, "can't parse inline keyboard button"),
    ({"text": "a", "reply_markup": "{"}, "can't parse reply markup JSON object"),
    ({"text": "a", "message_thread_id": 1}, "message thread not found"),
    ({"text": "a", "message_thread_id": 999}, "message thread not found"),
    ({"text": "a", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
    ({"text": "a", "chat_id": -100999}, "chat not found"),
    ({"text": "a", "chat_id": ""}, "chat_id is empty"),
]


@pytest.mark.parametrize(("values", "words"), BAD_TEXTS)
async def test_bad_texts_are_refused_in_the_networks_words(
    scene: Scene, raw: Raw, values: dict[str, Any], words: str
) -> None:
    """A message that the network would refuse is refused, and nothing stands in the chat."""
    answer = await raw("sendMessage", **{"chat_id": scene.forum.id} | values)
    assert answer["error_code"] == 400
    assert answer["description"].startswith(f"Bad Request: {words}")
    assert scene.world.history(scene.forum) == []


async def test_lengths_count_what_is_left_after_markup(scene: Scene, raw: Raw) -> None:
    """4096 UTF-16 units after parsing: markup is free, an emoji outside the plane counts two."""
    long = "<b>" + "😀" * 2048 + "</b>"
    assert (await raw("sendMessage", chat_id=scene.forum.id, text=long, parse_mode="HTML"))["ok"]
    refused = await raw("sendMessage", chat_id=scene.forum.id, text="😀" * 2048 + "x")
    assert refused["description"] == "Bad Request: message is too long"


async def test_private_chats_need_a_person_who_began(scene: Scene, raw: Raw) -> None:
    """Strangers are not found, acquaintances did not begin, blockers are 403, other bots are never written to."""
    world = scene.world

    async def refusal(bot: Any, chat_id: int) -> str:
        return str((await raw("sendMessage", bot, chat_id=chat_id, text="hi")).get("description", ""))

    assert await refusal(scene.desk, scene.ann.id) == "Bad Request: chat not found"
    assert await refusal(scene.desk, scene.bob.id) == "Forbidden: bot can't initiate conversation with a user"
    world.start(scene.bob, scene.desk)
    assert await refusal(scene.desk, scene.bob.id) == ""
    world.block(scene.bob, scene.desk)
    assert await refusal(scene.desk, scene.bob.id) == "Forbidden: bot was blocked by the user"
    world.deactivate(scene.bob)
    assert await refusal(scene.desk, scene.bob.id) == "Forbidden: user is deactivated"
    assert await refusal(scene.desk, scene.channel.id) == "Forbidden: bot can't send messages to bots"


async def test_groups_know_who_left_and_where_they_went(scene: Scene, raw: Raw) -> None:
    """A removed bot, a deleted group and a moved group answer each in its own way."""
    world = scene.world
    group = world.add_group("Old", members=[scene.bob], admins=[scene.desk])
    moved = world.migrate(group)
    answer = await raw("sendMessage", chat_id=group.id, text="hi")
    assert answer["parameters"] == {"migrate_to_chat_id": moved.id}
    assert (await raw("sendMessage", chat_id=moved.id, text="hi"))["ok"]
    world.remove_from_chat(scene.forum, scene.desk)
    answer = await raw("sendMessage", chat_id=scene.forum.id, text="hi")
    assert answer["description"] == "Forbidden: bot was kicked from the supergroup chat"
    world.delete_group(moved)
    answer = await raw("sendMessage", chat_id=moved.id, text="hi")
    assert answer["description"] == "Forbidden: the group chat was deleted"


async def test_editing_and_deleting_have_their_rules(scene: Scene, raw: Raw) -> None:
    """Only own messages are edited, only to something else; missing ones are not found."""
    chat = {"chat_id": scene.forum.id}
    own = (await raw("sendMessage", text="a", **chat))["result"]["message_id"]
    theirs = scene.world.say(scene.bob, scene.forum, "b")["message_id"]
    same = await raw("editMessageText", message_id=own, text="a", **chat)
    assert same["description"].startswith("Bad Request: message is not modified: specified new message content")
    for message_id, words in ((theirs, "message can't be edited"), (999, "message to edit not found")):
        answer = await raw("editMessageText", message_id=message_id, text="c", **chat)
        assert answer["description"] == f"Bad Request: {words}"
    caption = await raw("editMessageCaption", message_id=own, caption="c", **chat)
    assert caption["description"] == "Bad Request: there is no caption in the message to edit"
    assert (await raw("deleteMessage", message_id=theirs, **chat))["ok"]
    gone = await raw("deleteMessage", message_id=theirs, **chat)
    assert gone["description"] == "Bad Request: message to delete not found"
    assert (await raw("deleteMessages", message_ids=[own, theirs, 999], **chat))["ok"]


async def test_without_rights_the_network_says_which(scene: Scene, raw: Raw) -> None:
    """A bot that is a mere member creates no topics, pins nothing and deletes nobody's messages."""
    scene.world.add_to_chat(scene.forum, scene.desk)
    chat = {"chat_id": scene.forum.id}
    theirs = scene.world.say(scene.bob, scene.forum, "b")["message_id"]
    answers = [
        await raw("createForumTopic", name="Ann", **chat),
        await raw("pinChatMessage", message_id=theirs, **chat),
        await raw("deleteMessage", message_id=theirs, **chat),
    ]
    assert [answer["description"] for answer in answers] == [
        "Bad Request: not enough rights to create a topic",
        "Bad Request: not enough rights to manage pinned messages in the chat",
        "Bad Request: message can't be deleted",
    ]


async def test_taps_are_answered_once_and_soon(scene: Scene, raw: Raw) -> None:
    """A second, late or invented answer to a tap is refused; the tap keeps the first one."""
    world = scene.world
    keys = {"inline_keyboard": [[{"text": "Take", "callback_data": "t1"}]]}
    card = await raw("sendMessage", chat_id=scene.forum.id, text="card", reply_markup=keys)
    tap = world.press(scene.bob, scene.forum, card["result"]["message_id"], "Take")
    assert (await raw("answerCallbackQuery", callback_query_id=tap.id, text="Yours", show_alert=True))["ok"]
    assert (await tap.answer(), tap.alert) == ("Yours", True)
    late = world.press(scene.bob, scene.forum, card["result"]["message_id"], "t1")
    late.at -= 16
    for query_id in (tap.id, late.id, "5"):
        answer = await raw("answerCallbackQuery", callback_query_id=query_id)
        assert answer["description"].startswith("Bad Request: query is too old and response timeout expired")


async def test_files_have_limits(scene: Scene, raw: Raw) -> None:
    """Over 20 MB is not downloaded, over 50 MB not uploaded, an empty file not taken."""
    world = scene.world
    world.send_media(scene.ann, scene.channel, "document", b"x", size=21 * 1024 * 1024)
    file_id = world.updates_of(scene.channel)[-1]["message"]["document"]["file_id"]
    answer = await raw("getFile", scene.channel, file_id=file_id)
    assert answer["description"] == "Bad Request: file is too big"
    url = f"{scene.server.url}/bot{scene.channel.token}/sendDocument"
    async with aiohttp.ClientSession() as session:
        for content, code in ((b"", 400), (bytes(51 * 1024 * 1024), 413)):
            form = aiohttp.FormData({"chat_id": str(scene.ann.id)})
            form.add_field("document", io.BytesIO(content), filename="big.bin")
            async with session.post(url, data=form) as response:
                assert response.status == code


async def test_reactions_are_the_offered_ones(scene: Scene, raw: Raw) -> None:
    """A bot sets one of the network's emojis; another is REACTION_INVALID, and no bot is told."""
    said = scene.world.say(scene.bob, scene.forum, "b")["message_id"]
    chat = {"chat_id": scene.forum.id, "message_id": said}
    waiting = len(scene.world.updates_of(scene.desk))
    for emoji, ok in (("👌", True), ("❤️", True), ("🍕", False)):
        answer = await raw("setMessageReaction", reaction=[{"type": "emoji", "emoji": emoji}], **chat)
        assert answer["ok"] is ok
    assert scene.world.reactions(scene.forum, said) == {str(scene.desk.id): ["❤"]}
    assert len(scene.world.updates_of(scene.desk)) == waiting


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
async def test_refusals_become_the_libraries_exceptions(scene: Scene, aiogram: Any, ptb: Any) -> None:
    """Each kind of refusal is the right exception class in aiogram and in python-telegram-bot."""
    old, new = aiogram(scene.desk), await ptb(scene.desk)
    scene.world.start(scene.bob, scene.desk)
    kinds: list[tuple[dict[str, Any], type[Exception], type[Exception]]] = [
        ({"code": 400, "description": "Bad Request: x"}, a.TelegramBadRequest, p.BadRequest),
        ({"code": 403, "description": "Forbidden: x"}, a.TelegramForbiddenError, p.Forbidden),
        ({"code": 401, "description": "Unauthorized"}, a.TelegramUnauthorizedError, p.InvalidToken),
        ({"code": 409, "description": "Conflict: x"}, a.TelegramConflictError, p.Conflict),
        ({"code": 502}, a.TelegramServerError, p.NetworkError),
        ({"retry_after": 7}, a.TelegramRetryAfter, p.RetryAfter),
        ({"migrate_to": -1005}, a.TelegramMigrateToChat, p.ChatMigrated),
    ]
    for fault, of_aiogram, of_ptb in kinds:
        for client, kind in ((old, of_aiogram), (new, of_ptb)):
            scene.world.fail(method="sendMessage", **fault)
            with pytest.raises(kind):
                await client.send_message(scene.bob.id, "hi")
    assert scene.world.provoked_429 == 0


async def test_a_wrong_token_and_an_unknown_method(scene: Scene, raw: Raw, caplog: pytest.LogCaptureFixture) -> None:
    """401 for a token that is nobody's; 404 for a method the stand-in lacks, noted loudly."""
    url = f"{scene.server.url}/bot{scene.desk.token}x/getMe"
    async with aiohttp.ClientSession() as session, session.post(url) as response:
        assert (await response.json())["description"] == "Unauthorized"
    answer = await raw("sendGift", gift_id="1")
    assert answer["description"] == "Not Found: method not found"
    assert scene.world.unimplemented == ["sendGift"]
    assert "sendGift" in caplog.text


async def test_tokens_and_files_are_never_noted(scene: Scene, aiogram: Any) -> None:
    """The list of calls holds parameters, not tokens, and the name of an upload, not its content."""
    from aiogram.types import BufferedInputFile

    await aiogram(scene.desk).send_photo(scene.forum.id, BufferedInputFile(PIXEL, "a.png"))
    call = scene.world.calls_of("sendPhoto")[-1]
    assert (call.status, call.cost, call.chat_id, call.bot) == (200, 1, scene.forum.id, "desk_bot")
    assert scene.desk.token not in repr(scene.world.calls)
    assert len(repr(call)) < 500

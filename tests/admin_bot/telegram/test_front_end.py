"""What is heard of updates, and how answers are said, over HTTP against the stand-in."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from hub.admin_bot.heard import Answer, ChatMoved, Pressed, ReactedTo, Rewrote, ThreadChanged, Wrote
from hub.admin_bot.telegram import rights
from hub.domain.ids import Identity, PostId, ThreadId
from hub.domain.models import Location, Media, Poll, SharedContact
from hub.domain.reply import Button, Reply
from hub.domain.text import Text
from hub.errors import Blocked, DeliveryError, NotGenuine, TemporaryFailure, Unavailable
from hub.sandbox.telegram.accounts import Chat
from tests.admin_bot.telegram.town import Town, said, until, view

SAID = Reply("said", {"words": "<it> & /x"})


async def wrote(town: Town) -> Wrote:
    heard = await town.one()
    assert isinstance(heard, Wrote)
    return heard


def texts(town: Town, thread: int) -> list[str]:
    return [m["text"] for m in town.world.history(town.forum, thread=thread) if "text" in m]


# -- hearing ---------------------------------------------------------------------------------------------------------


async def test_a_message_in_a_topic(town: Town) -> None:
    """Who, where, what; every message in a topic formally replies to its opening, and that is no answer."""
    thread = await town.desk.open_thread("Carol")
    message = town.world.say(town.ann, town.forum, "😀 hi", thread=int(thread))
    heard = await wrote(town)
    assert heard.asker.identity == f"telegram:{town.ann.id}"
    assert (heard.asker.name, heard.asker.username, heard.asker.writer) == ("Ann", "ann_w", "person")
    assert (heard.spot.chat, heard.spot.thread, heard.spot.private) == (str(town.forum.id), thread, False)
    assert (heard.post, heard.text, heard.answers) == (str(message["message_id"]), Text("😀 hi"), None)


async def test_a_reply_and_general(town: Town) -> None:
    """A reply names its post. In General there is no thread, whatever number a reply carries."""
    thread = await town.desk.open_thread("Carol")
    (post,) = await town.desk.show(thread, view(said("one")))
    town.world.say(town.ann, town.forum, "two", thread=int(thread), reply_to=int(post))
    assert (await wrote(town)).answers == post
    first = town.world.say(town.ann, town.forum, "home")
    assert (await wrote(town)).spot.thread == ""
    town.world.say(town.bob, town.forum, "answer", reply_to=first["message_id"])
    heard = await wrote(town)
    assert (heard.spot.thread, heard.answers) == ("", str(first["message_id"]))


async def test_who_is_no_person(town: Town) -> None:
    """Anonymous admins and bots are marked, for what they write never goes out."""
    town.world.add_to_chat(town.forum, town.ann, admin=True)
    town.world.say(town.ann, town.forum, "hidden", as_chat=True)
    (heard,) = [h for h in await town.hear() if isinstance(h, Wrote)]
    assert heard.asker.writer == "anonymous"


async def test_files_and_such(town: Town) -> None:
    """Each kind with its words; an album's parts share its id."""
    kinds = ["photo", "video", "animation", "voice", "audio", "document", "video_note", "sticker"]
    for kind in kinds:
        town.world.send_media(town.ann, town.forum, kind, b"x")
    found = [h.attachments[0] for h in await town.hear() if isinstance(h, Wrote)]
    expected = ["image", "video", "animation", "voice", "audio", "file", "video_note", "sticker"]
    assert [m.kind for m in found if isinstance(m, Media) and m.source] == expected
    town.world.send_album(town.ann, town.forum, [{"kind": "photo", "data": b"1"}, {"kind": "photo", "data": b"2"}])
    one, two = [h for h in await town.hear() if isinstance(h, Wrote)]
    assert one.album == two.album != ""
    town.world.send_location(town.ann, town.forum, 1.0, 2.0)
    town.world.send_poll(town.ann, town.forum, "Which?", ["a", "b"])
    heard = [h.attachments[0] for h in await town.hear() if isinstance(h, Wrote)]
    assert heard == [Location(latitude=1.0, longitude=2.0), Poll(question="Which?", options=("a", "b"))]
    town.world.send_contact(town.ann, town.forum, "+123", "Dan")
    assert (await wrote(town)).attachments == (SharedContact(name="Dan", phone="+123"),)


async def test_edits_and_reactions(town: Town) -> None:
    """An edit brings the new words; a reaction its emoji, and nothing when taken back."""
    message = town.world.say(town.ann, town.forum, "one")
    await wrote(town)
    town.world.edit(town.ann, town.forum, message["message_id"], "two")
    edit = await town.one()
    assert isinstance(edit, Rewrote)
    assert (edit.post, edit.text) == (str(message["message_id"]), Text("two"))
    for emoji in ("👍", None):
        town.world.react(town.bob, town.forum, message["message_id"], emoji)
        heard = await town.one()
        assert isinstance(heard, ReactedTo)
        assert (heard.post, heard.emoji) == (str(message["message_id"]), emoji or "")


@pytest.mark.parametrize(
    ("line", "heard"),
    [("/close@desk_bot now", "/close now"), ("/close@DESK_bot", "/close"), ("/close", None), ("mail a@desk_bot", None)],
)
async def test_commands_for_this_bot(town: Town, line: str, heard: str | None) -> None:
    """In groups commands carry the bot's name."""
    town.world.say(town.ann, town.forum, line)
    assert (await wrote(town)).text.plain == (heard or line)


async def test_commands_for_other_bots_are_not_ours(town: Town) -> None:
    """Two bots in a group must not both act."""
    town.world.say(town.ann, town.forum, "/close@other_bot now")
    assert await town.hear() == []


async def test_topics_changed_by_hand_and_groups_that_move(town: Town) -> None:
    """Service messages tell of closed, reopened and renamed topics; the bot's own say nothing."""
    thread = int(await town.desk.open_thread("Carol"))
    await town.desk.rename_thread(ThreadId(str(thread)), "Carol 2")
    town.world.close_topic(town.ann, town.forum, thread)
    town.world.reopen_topic(town.ann, town.forum, thread)
    town.world.rename_topic(town.ann, town.forum, thread, "Mine")
    town.world.pin(town.ann, town.forum, town.world.say(town.ann, town.forum, "pin")["message_id"])
    changes = [h for h in await town.hear() if isinstance(h, ThreadChanged)]
    assert [(c.change, c.title, c.spot.thread) for c in changes] == [
        ("closed", "", str(thread)),
        ("reopened", "", str(thread)),
        ("renamed", "Mine", str(thread)),
    ]
    assert len(town.counter.heard) == 4
    group = town.world.add_group("Old", members=[town.ann], admins=[town.bot])
    moved = town.world.migrate(group)
    heard = await town.one()
    assert isinstance(heard, ChatMoved)
    assert (heard.spot.chat, heard.to) == (str(group.id), str(moved.id))


async def test_an_odd_update_is_kept_and_blocks_nobody(town: Town) -> None:
    """What cannot be read is handed over with its reason; a person without is_bot is no bot."""
    town.world.raw_update(town.bot, b"[1, 2")
    town.world.raw_update(town.bot, {"message": {"message_id": "x", "chat": 5}})
    person = {"id": town.ann.id, "first_name": "Ann"}
    chat = {"id": town.forum.id, "type": "supergroup", "title": "Team"}
    good = {"message_id": 900, "date": 1, "chat": chat, "from": person, "text": "a"}
    town.world.raw_update(town.bot, {"message": good})
    await town.front_end.take(b"{not json")
    odd: list[Any] = [{"message": {"message_id": 1}}, [], 5, None, {"update_id": 5, "poll": {}}]
    for update in odd:
        await town.front_end.take(json.dumps(update).encode())
    assert len(town.odd) >= 5
    assert all(town.bot.token not in reason for _, reason in town.odd)


async def test_kinds_without_use_are_passed_by(town: Town) -> None:
    """Telegram may invent kinds, and tells of memberships: nothing is heard, nothing is odd."""
    town.world.add_to_chat(town.forum, town.world.add_user("Eve"))
    await town.front_end.take(b'{"update_id": 1, "brand_new": {"id": 5}}')
    assert await town.hear() == []
    assert town.odd == []


async def test_missing_is_bot_is_a_person(town: Town) -> None:
    """Old clients' updates leave it out."""
    chat = {"id": town.forum.id, "type": "supergroup", "title": "Team"}
    message = {"message_id": 9, "date": 1, "chat": chat, "from": {"id": 5, "first_name": "Z"}, "text": "a"}
    await town.front_end.take(json.dumps({"update_id": 1, "message": message}).encode())
    (heard,) = town.counter.heard
    assert heard.asker.writer == "person"


async def test_a_reply_to_what_only_the_agent_sees_is_no_plain_message(town: Town) -> None:
    """Telegram may leave out what an ephemeral message replies to; taken for plain words it would reach the contact."""
    chat = {"id": town.forum.id, "type": "supergroup", "title": "Team", "is_forum": True}
    who = {"id": 5, "first_name": "Z", "is_bot": False}
    message = {"message_id": 0, "ephemeral_message_id": 4, "date": 1, "chat": chat, "from": who, "text": "internal"}
    await town.front_end.take(json.dumps({"update_id": 1, "message": message}).encode())
    (heard,) = town.counter.heard
    assert isinstance(heard, Wrote)
    assert heard.answers
    assert heard.post == "e4"


async def test_nothing_is_acknowledged_while_the_database_is_away(town: Town) -> None:
    """Unavailable goes through; a fault of ours is kept and passed by."""
    town.world.say(town.ann, town.forum, "one")
    town.counter.answer = Unavailable("away")
    with pytest.raises(Unavailable):
        await town.hear()
    town.counter.answer = KeyError("fault")
    await town.hear()
    assert [reason for _, reason in town.odd] == ["This update of the admin bot failed in the hub: KeyError."]


# -- the doors --------------------------------------------------------------------------------------------------------


async def test_a_call_must_prove_itself(town: Town) -> None:
    """The secret token, compared as bytes; without a hook nothing is genuine."""
    with pytest.raises(NotGenuine):
        town.front_end.verify({}, b"")
    await town.front_end.set_hook("http://127.0.0.1:9/hooks/admin", "s3cret")
    await town.front_end.set_hook("http://127.0.0.1:9/hooks/admin", "s3cret")
    for given in ({}, {"x-telegram-bot-api-secret-token": "s3cre"}, {"x-telegram-bot-api-secret-token": "é"}):
        with pytest.raises(NotGenuine):
            town.front_end.verify(given, b"{}")
    town.front_end.verify({"x-telegram-bot-api-secret-token": "s3cret"}, b"{}")
    with pytest.raises(TemporaryFailure):
        await town.front_end.poll(0, 0)
    await town.front_end.delete_hook()
    assert await town.front_end.poll(0, 0) == []


async def test_polling_tells_what_is_wrong_without_the_token(town: Town) -> None:
    """No connection is temporary, and no text holds the address of the call."""
    town.world.unreachable(True)
    with pytest.raises(TemporaryFailure) as caught:
        await town.front_end.poll(0, 0)
    assert town.bot.token not in repr(caught.value)
    assert caught.value.__cause__ is None


async def test_private_notices(town: Town) -> None:
    """To users who started the bot; the others cannot be reached."""
    town.world.start(town.bob, town.bot)
    await town.front_end.notify(Identity(f"telegram:{town.bob.id}"), SAID)
    assert town.world.private(town.bob, town.bot)[-1]["text"] == "Done: <it> & /x"
    town.world.block(town.bob, town.bot)
    with pytest.raises(Blocked):
        await town.front_end.notify(Identity(f"telegram:{town.bob.id}"), SAID)
    assert town.front_end.owns(Identity("telegram:5"))
    assert not town.front_end.owns(Identity("other:5"))


# -- answering --------------------------------------------------------------------------------------------------------


async def test_an_answer_is_for_the_asker_alone(town: Town) -> None:
    """Ephemeral, so that the queue card stays last; its turn is asked for."""
    town.counter.answer = Answer(reply=SAID)
    town.world.say(town.ann, town.forum, "/whoami")
    await town.hear()
    assert [m["text"] for m in town.world.ephemeral(town.forum, town.ann)] == ["Done: <it> & /x"]
    assert texts(town, 1) == ["/whoami"]
    assert town.turns == [(f"telegram:{town.bot.id}", str(town.forum.id), 1)]


async def test_where_that_is_refused_the_answer_takes_itself_away(town: Town) -> None:
    """An older Bot API: a reply that all see, for a while."""
    town.counter.answer = Answer(reply=SAID)
    town.world.fail(method="sendMessage", code=400, description="Bad Request: USER_NOT_PARTICIPANT")
    town.world.say(town.ann, town.forum, "/whoami")
    await town.hear()
    assert texts(town, 1) == ["/whoami", "Done: <it> & /x"]
    await until(lambda: texts(town, 1) == ["/whoami"])


async def test_a_lasting_answer_stays_in_its_topic(town: Town) -> None:
    """It answers what was written, with its buttons; what goes out stands alone in its row."""
    thread = await town.desk.open_thread("Carol")
    rows = ((Button("Undo", "undo", 3), Button("Send to Carol", "release x", outward=True)),)
    town.counter.answer = Answer(reply=Reply("said", {"words": "w"}, rows, lasting=True))
    asked = town.world.say(town.ann, town.forum, "/tag vip", thread=int(thread))
    await town.hear()
    reply = town.world.history(town.forum, thread=int(thread))[-1]
    assert reply["reply_to_message"]["message_id"] == asked["message_id"]
    labels = [[b["text"] for b in row] for row in reply["reply_markup"]["inline_keyboard"]]
    assert labels == [["Undo"], ["Send to Carol"]]


async def test_a_question_opens_the_reply_field_of_the_asker(town: Town) -> None:
    """A forced reply; the counter learns which post asks."""
    thread = await town.desk.open_thread("Carol")
    town.counter.answer = Answer(reply=Reply("said", {"words": "summary?"}, ask="close bil"))
    town.world.say(town.ann, town.forum, "/close bil", thread=int(thread))
    await town.hear()
    ((post, line),) = town.counter.asks
    assert line == "close bil"
    prompt = town.world.prompt(town.forum, town.ann)
    assert prompt is not None
    assert prompt["message_id"] == int(post)
    assert town.world.prompt(town.forum, town.bob) is None


async def test_a_press_means_its_line_and_is_always_answered(town: Town) -> None:
    """With the version that the button showed; alerts are alerts."""
    thread = await town.desk.open_thread("Carol")
    (post,) = await town.desk.show(thread, view(said("one"), row=True))
    tap = town.world.press(town.ann, town.forum, int(post), "✋ Take")
    heard = await town.one()
    assert isinstance(heard, Pressed)
    assert (heard.post, heard.line, heard.version, heard.spot.thread) == (post, "take 123", 7, thread)
    assert (tap.answered, tap.alert) == (True, False)
    town.counter.answer = Answer(reply=Reply("said", {"words": "w" * 300}, alert=True))
    tap = town.world.press(town.ann, town.forum, int(post), "✋ Take")
    await town.hear()
    assert (tap.answered, tap.alert, len(tap.text)) == (True, True, 200)


async def test_an_old_button_is_told_so(town: Town) -> None:
    """Data of another make and messages that are gone: an alert, never silence."""
    who = {"id": town.ann.id, "first_name": "Ann", "is_bot": False}
    chat = {"id": town.forum.id, "type": "supergroup", "title": "Team"}
    base: dict[str, Any] = {"from": who, "chat_instance": "1"}
    posted = {"message_id": 5, "date": 1, "chat": chat, "text": "x"}
    queries = [
        base | {"id": "1", "data": "take", "message": posted},
        base | {"id": "2", "data": "7:take 1", "message": {"message_id": 5, "date": 0, "chat": chat}},
        base | {"id": "3", "data": "7:take 1", "inline_message_id": "i"},
        base | {"id": "4", "game_short_name": "g", "message": posted},
    ]
    for number, query in enumerate(queries):
        await town.front_end.take(json.dumps({"update_id": number + 1, "callback_query": query}).encode())
    asked = town.world.calls_of("answerCallbackQuery")
    alerts = [(c.params["callback_query_id"], c.params["show_alert"]) for c in asked]
    assert alerts == [(str(n), "true") for n in range(1, 5)]
    assert town.counter.heard == town.odd == []


async def test_a_redrawn_message(town: Town) -> None:
    """In place: text, caption, the buttons alone, and what only the asker sees."""
    town.world.say(town.ann, town.forum, "/t")
    town.counter.answer = Answer(reply=Reply("said", {"words": "menu"}, ((Button("More", "more 1", 1),),)))
    await town.hear()
    (whisper,) = town.world.ephemeral(town.forum, town.ann)
    town.counter.answer = Answer(reply=Reply("said", {"words": "unfolded"}), redraw=True)
    town.world.press_ephemeral(town.ann, town.forum, whisper["ephemeral_message_id"], "More")
    heard = await town.one()
    assert isinstance(heard, Pressed)
    assert heard.post == f"e{whisper['ephemeral_message_id']}"
    assert [m["text"] for m in town.world.ephemeral(town.forum, town.ann)] == ["Done: unfolded"]
    thread = await town.desk.open_thread("Carol")
    (post,) = await town.desk.show(thread, view(said("one"), row=True))
    town.counter.answer = Answer(reply=Reply("", rows=((Button("Only", "a 1", 1),),)), redraw=True)
    town.world.press(town.ann, town.forum, int(post), "⋯")
    await town.hear()
    message = town.world.message(town.forum, int(post))
    assert message["text"] == "one"
    assert message["reply_markup"]["inline_keyboard"][0][0]["text"] == "Only"


async def test_a_contacts_words_are_never_replaced(town: Town) -> None:
    """A press may come before the post is known; the answer then stands below."""
    thread = await town.desk.open_thread("Carol")
    (post,) = await town.desk.show(thread, view(said("one"), row=True))
    town.counter.answer = Answer(reply=SAID, redraw=True)
    town.world.press(town.ann, town.forum, int(post), "✅ Close ▾")
    await town.hear()
    assert town.world.message(town.forum, int(post))["text"] == "one"
    assert town.world.ephemeral(town.forum, town.ann)


async def test_a_secret_is_taken_away_first(town: Town) -> None:
    """A token posted in a group must not stay there."""
    sent = town.world.say(town.ann, town.forum, "/channel connect telegram 1:x")
    town.counter.answer = Answer(reply=SAID, delete_post=PostId(str(sent["message_id"])))
    await town.hear()
    assert texts(town, 1) == []


async def test_answers_that_fail_do_not_fail_the_update(town: Town) -> None:
    """What is committed is committed: limits are waited for, everything else is given up."""
    town.counter.answer = Answer(reply=SAID)
    town.world.fail(method="sendMessage", retry_after=1)
    town.world.say(town.ann, town.forum, "/whoami")
    await town.hear()
    assert town.world.ephemeral(town.forum, town.ann)
    overlong = Reply("said", {"words": ""}, ((Button("x", "y" * 99),),))
    for reply in (Reply("faulty"), Reply("no such template"), overlong):
        town.counter.answer = Answer(reply=reply)
        town.world.say(town.ann, town.forum, "/whoami")
        await town.hear()
        assert town.world.ephemeral(town.forum, town.ann)[-1]["text"].startswith("Heard, but")
    kicked = "Forbidden: bot was kicked from the supergroup chat"
    town.world.fail(method="sendMessage", code=403, description=kicked, times=9)
    town.counter.answer = Answer(reply=SAID)
    town.world.say(town.ann, town.forum, "/whoami")
    await town.hear()
    assert town.odd == []


# -- menus -----------------------------------------------------------------------------------------------------------


class Listed(NamedTuple):
    """A command as menus see it."""

    name: str
    help: str
    scopes: tuple[str, ...] = ("private", "desk")
    hidden: bool = False


async def test_menus(town: Town) -> None:
    """A menu of private chats and one of groups; inward commands there are seen by their sender alone."""
    listed = [Listed("close", "Closes."), Listed("note", "x" * 300), Listed("init", "", ("private",))]
    await town.front_end.set_menus([*listed, Listed("resend", "Hidden.", hidden=True), Listed("Bad-Name", "No.")])
    menus = {m["scope"]["type"]: m["commands"] for m in town.world.menus(town.bot)}
    assert [c["command"] for c in menus["all_private_chats"]] == ["close", "note", "init"]
    quiet = [(c["command"], c.get("is_ephemeral")) for c in menus["all_group_chats"]]
    assert quiet == [("close", True), ("note", None)]
    town.world.fail(method="setMyCommands", code=500, times=2)
    await town.front_end.set_menus(listed)
    thread = int(await town.desk.open_thread("Carol"))
    town.world.say(town.ann, town.forum, "/close", thread=thread)
    town.counter.answer = Answer(reply=Reply("said", {"words": "which?"}, ask="close"))
    heard = await wrote(town)
    assert heard.post.startswith("e")
    assert (heard.answers, heard.spot.thread) == (None, str(thread))
    assert texts(town, thread) == ["Done: which?\nAnn"]


async def test_updates_of_one_topic_stay_in_order(town: Town) -> None:
    """The loop may take topics side by side, never two updates of one."""
    thread = await town.desk.open_thread("Carol")
    (post,) = await town.desk.show(thread, view(said("one"), row=True))
    message = town.world.say(town.ann, town.forum, "two", thread=int(thread))
    town.world.edit(town.ann, town.forum, message["message_id"], "three")
    town.world.press(town.ann, town.forum, int(post), "✋ Take")
    town.world.say(town.ann, town.forum, "home")
    raws = [raw for _, raw in await town.front_end.poll(0, 0)]
    here, home = f"{town.forum.id}/{thread}", f"{town.forum.id}/"
    assert [town.front_end.queue_of(raw) for raw in raws][-4:] == [here, here, here, home]
    assert {town.front_end.queue_of(raw) for raw in (b"{", b"[]", b"{}")} == {""}


# -- what is wrong in a group ----------------------------------------------------------------------------------------


async def problems(town: Town, chat: Chat) -> list[str]:
    return await town.front_end.problems(str(chat.id))


async def test_a_group_in_order_has_no_problems(town: Town) -> None:
    """A forum where the bot is an administrator with its two rights; pinning and all else is not asked for."""
    assert await problems(town, town.forum) == []
    town.world.add_to_chat(town.forum, town.bot, admin=True, rights=["can_manage_topics", "can_delete_messages"])
    assert await problems(town, town.forum) == []


async def test_each_problem_says_how_to_mend_it(town: Town) -> None:
    """No topics, no administrator (so that privacy hides what agents write), and each missing right."""
    plain = town.world.add_supergroup("Plain", members=[town.ann, town.bot])
    off, stranger = await problems(town, plain)
    assert "Topics are switched off" in off
    assert "in the group's settings" in off
    assert "no administrator" in stranger
    assert "privacy mode" in stranger
    assert "“Manage topics” and “Delete messages”" in stranger
    town.bot.privacy = False
    assert "privacy mode" not in (await problems(town, plain))[1]
    town.world.add_to_chat(town.forum, town.bot, admin=True, rights=[])
    topics, delete = await problems(town, town.forum)
    assert "may not open contacts' topics: switch on “Manage topics”" in topics
    assert "switch on “Delete messages”" in delete


def test_who_may_not_even_post_is_told_so() -> None:
    """A restriction of the bot's own counts, else what the group lets everybody do."""
    forum = {"is_forum": True, "permissions": {"can_send_messages": False}}
    (said,) = rights.problems(forum, {"status": "member"}, sees_all=True)
    assert "opens no topics and may not even post: make it one" in said
    (said,) = rights.problems(forum, {"status": "restricted", "can_send_messages": True}, sees_all=True)
    assert "may not even post" not in said
    assert "not in the group" in rights.problems(forum, {"status": "kicked"}, sees_all=True)[0]


async def test_a_group_that_the_bot_has_left_cannot_be_seen(town: Town) -> None:
    """Where Telegram says nothing of a group, that is the host's kind of error."""
    town.world.remove_from_chat(town.forum, town.bot)
    with pytest.raises(DeliveryError):
        await problems(town, town.forum)

"""What is heard of Slack's requests, and how answers are said, over HTTP against the stand-in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from hub.admin_bot.forms import Field, Form, Option
from hub.admin_bot.heard import SILENCE, Answer, Pressed, ReactedTo, Rewrote, ThreadChanged, TookAway, Wrote
from hub.admin_bot.overview import Overview
from hub.admin_bot.replies import refused
from hub.admin_bot.slack import people, socket_mode
from hub.domain.ids import Identity, PostId, ThreadId
from hub.domain.models import Media
from hub.domain.ports import QueueRow
from hub.domain.reply import Button, Reply
from hub.errors import Anomalous, ChannelDead, DeliveryError, NotAllowed, NotGenuine, TemporaryFailure, Unavailable
from tests.admin_bot.slack.test_desk import card, opened
from tests.admin_bot.slack.town import SAID, Town, labels, shown
from tests.admin_bot.telegram.town import NOW, said, until, view

DONE = "Done: <it> & /hub close"
DONE_INSIDE = "Done: <it> & !close"


async def pressable(town: Town) -> tuple[ThreadId, PostId]:
    """A thread with a relay that carries buttons."""
    thread = await opened(town)
    (post,) = await town.desk.show(thread, view(said("one"), row=True))
    return thread, post


def answering(town: Town, **reply: Any) -> None:
    town.counter.answer = Answer(reply=Reply("said", {"words": "w"}, **reply))


async def settled(town: Town, condition: Callable[[], object]) -> None:
    await until(lambda: bool(condition()))
    assert town.odd == []


# -- hearing ---------------------------------------------------------------------------------------------------------


async def test_a_message_in_a_thread_and_one_at_home(town: Town) -> None:
    """Who, by the name that colleagues see; where; what."""
    thread = await opened(town)
    message = town.world.say(town.ann, town.channel, "hi *all* <https://a.example|here>", thread=thread)
    heard = await town.one()
    assert isinstance(heard, Wrote)
    assert heard.asker.identity == f"slack:{town.team.id}:{town.ann.id}"
    assert (heard.asker.name, heard.asker.writer) == ("ann", "person")
    assert (heard.spot.chat, heard.spot.thread, heard.spot.private) == (town.chat, thread, False)
    assert (heard.post, heard.text.plain) == (message["ts"], "hi all here")
    assert [(s.kind, s.value) for s in heard.text.spans] == [("bold", ""), ("link", "https://a.example")]
    town.world.say(town.bob, town.channel, "home")
    assert (await town.one()).spot.thread == ""


async def test_people_are_asked_for_once(town: Town) -> None:
    """Events name nobody; who is behind an id is kept for an hour."""
    for words in ("one", "two", f"three <@{town.bob.id}>", "four"):
        town.world.say(town.ann, town.channel, words)
    heard = await town.hear()
    assert len(heard) == 4
    assert len(town.world.calls_of("users.info")) == 2
    assert len(town.world.calls_of("auth.test")) == 1
    town.front_end.people._known.clear()
    town.world.fail("users.info", error="user_not_found")
    town.world.say(town.ann, town.channel, "five")
    assert (await town.one()).asker.name == people.NOBODY.name


async def test_a_mention_counts_once(town: Town) -> None:
    """Slack tells of it twice, and of everything again where it thinks that we did not hear."""
    thread = await opened(town)
    town.world.mention(town.ann, town.channel, town.app, "assign <@" + town.bob.id + ">", thread=thread)
    heard = await town.one()
    assert heard.text.plain.startswith("/assign @")
    (event,) = town.world.events_of(town.app, "app_mention")
    town.world.redeliver(town.app, event["event_id"])
    town.world.duplicate(town.app, 2)
    town.world.say(town.ann, town.channel, "two", thread=thread)
    assert [h.text.plain for h in await town.hear() if isinstance(h, Wrote)] == ["two"]
    assert set(town.statuses) == {200}


async def test_what_happens_to_messages(town: Town) -> None:
    """Edits, reactions and deletions are told; what unfolds by itself is not news."""
    thread = await opened(town)
    message = town.world.say(town.ann, town.channel, "one https://a.example", thread=thread)
    await town.hear()
    town.world.unfurl(town.channel, message["ts"], "https://a.example")
    assert await town.hear() == []
    town.world.edit(town.ann, town.channel, message["ts"], "two")
    edit = await town.one()
    assert isinstance(edit, Rewrote)
    assert (edit.post, edit.text.plain, edit.spot.thread) == (message["ts"], "two", thread)
    town.world.react(town.bob, town.channel, message["ts"], "tada")
    reacted = await town.one()
    assert isinstance(reacted, ReactedTo)
    assert (reacted.post, reacted.emoji) == (message["ts"], "🎉")
    town.world.unreact(town.bob, town.channel, message["ts"], "tada")
    taken = await town.one()
    assert isinstance(taken, ReactedTo)
    assert (taken.emoji, taken.change) == ("🎉", "taken")
    town.world.delete(town.ann, town.channel, message["ts"])
    gone = await town.one()
    assert isinstance(gone, TookAway)
    assert (gone.post, gone.asker.name) == (message["ts"], "ann")


async def test_a_card_taken_away_loses_its_thread(town: Town) -> None:
    """With replies it leaves a stone behind; either way it is told."""
    for reply in (True, False):
        thread = await opened(town)
        if reply:
            await town.desk.show(thread, view(said("one")))
        await town.hear()
        await town.desk.delete(PostId(thread))
        lost = await town.one()
        assert isinstance(lost, ThreadChanged)
        assert (lost.change, lost.spot.thread) == ("lost", thread)


async def test_files(town: Town) -> None:
    """Each by its id, with its words."""
    thread = await opened(town)
    town.world.upload(town.ann, town.channel, b"x", "a.png", text="look", thread=thread)
    heard = await town.one()
    assert heard.text.plain == "look"
    (media,) = heard.attachments
    assert isinstance(media, Media)
    assert (media.kind, media.name, media.size) == ("image", "a.png", 1)
    assert b"".join([c async for c in town.desk.fetch(media)]) == b"x"
    town.world.upload_many(town.ann, town.channel, [{"data": b"1", "name": "1.pdf"}, {"data": b"2", "name": "2.mp4"}])
    assert [a.kind for a in (await town.one()).attachments] == ["file", "video"]


async def test_people_of_other_workspaces(town: Town) -> None:
    """In a shared channel they are heard as what they are."""
    other = town.world.add_team("Guests Inc")
    eve = town.world.add_user(other, "Eve")
    town.world.share(town.channel, other, [eve])
    thread = await opened(town)
    town.world.say(eve, town.channel, "hello", thread=thread)
    heard = await town.one()
    assert (heard.asker.writer, heard.asker.identity) == ("outsider", f"slack:{other.id}:{eve.id}")


async def test_a_private_chat(town: Town) -> None:
    """Answers stand there as messages, for nobody else is there."""
    town.counter.answer = Answer(reply=SAID)
    town.world.say(town.ann, town.app, "!inbox")
    heard = await town.one()
    assert heard.spot.private
    await settled(town, lambda: [m for m in town.world.private(town.ann, town.app) if shown(m) == DONE])


# -- the door --------------------------------------------------------------------------------------------------------


async def test_kinds_without_use_are_acknowledged(town: Town) -> None:
    """Of now and of the future: nobody listens for them, and that is no fault of Slack's."""
    view_ = {"id": "V1", "type": "modal", "callback_id": "other", "private_metadata": "not ours"}
    user = {"id": town.ann.id, "team_id": town.team.id}
    for body in (
        {"type": "app_rate_limited"},
        {"type": "event_callback", "event": {"type": "brand_new", "user": town.ann.id}},
        {"type": "view_submission", "view": view_},
        {"type": "view_closed", "view": view_},
        {"type": "shortcut", "callback_id": "global"},
        {"type": "message_action", "callback_id": "x"},
        {"type": "block_suggestion", "action_id": "x"},
        {"type": "workflow_step_edit"},
        {"type": "brand_new_kind"},
        {"command": "/hub"},
        {},
    ):
        raw = json.dumps({"team_id": town.team.id, "user": user} | body).encode()
        assert await town.front_end.take(raw) is None
    assert [h.text.plain for h in town.counter.heard if isinstance(h, Wrote)] == ["/help"]
    assert town.odd == []


async def test_odd_updates_are_kept_and_block_nobody(town: Town) -> None:
    """What cannot be read is acknowledged, for Slack would only tell it again."""
    odd: list[dict[str, Any]] = [
        {"type": "event_callback", "event": {"type": "brand_new", "user": 5}},
        {"type": "event_callback", "event": {"type": "message", "subtype": ["odd"], "ts": 5, "channel": {}}},
        {"type": "event_callback", "event": {"type": "message", "text": {}, "blocks": 5, "files": {}, "ts": "1.2"}},
        {"type": "event_callback", "event": {}},
        {"type": "event_callback"},
        {"type": "event_callback", "event": []},
        {"type": "block_actions", "actions": [None, {"action_id": 5}], "user": []},
        {"type": "view_submission", "view": []},
        {"command": ["/hub"], "text": {}},
        {"type": {}, "team": 5, "authorizations": {}},
    ]
    for body in odd:
        assert await town.front_end.take(json.dumps({"team_id": town.team.id} | body).encode()) is None
    assert all(town.hub.token not in reason for _, reason in town.odd)


async def test_the_handshake(town: Town) -> None:
    """Signed like everything else; answered with its challenge."""
    body = json.dumps({"type": "url_verification", "challenge": "c1", "token": "t"}).encode()
    assert await town.front_end.take(body) == {"challenge": "c1"}
    with pytest.raises(NotGenuine):
        town.front_end.verify({}, body)
    with pytest.raises(Anomalous):
        await town.front_end.take(b"[1]")
    assert await town.front_end.take(b"ssl_check=1&token=x", "application/x-www-form-urlencoded") is None


async def test_nothing_is_acknowledged_while_the_database_is_away(town: Town) -> None:
    """Slack tells of it again, and it is heard then; a fault of ours is kept and blocks nobody."""
    thread = await opened(town)
    town.counter.answer = Unavailable("away")
    town.world.say(town.ann, town.channel, "one", thread=thread)
    await until(lambda: town.statuses.count(503) > 1)
    town.counter.answer = SILENCE
    await town.hear()
    assert town.statuses[-1] == 200
    town.counter.answer = KeyError("fault")
    town.world.say(town.ann, town.channel, "two", thread=thread)
    await town.hear()
    assert [reason for _, reason in town.odd] == ["This update of the Slack app failed in the hub: KeyError."]


async def test_a_workspace_that_has_thrown_the_app_out(town: Town) -> None:
    """What it still tells is passed by; after a new installation nothing old is kept."""
    town.world.say(town.ann, town.channel, "one")
    await town.hear()
    assert town.front_end.client.address_of(town.team.id)
    town.world.uninstall(town.app, town.team)
    await until(lambda: not town.front_end.client.address_of(town.team.id))
    event = {"type": "message", "channel": town.channel.id, "user": town.ann.id, "ts": "1700000000.1", "text": "x"}
    body = {"type": "event_callback", "team_id": town.team.id, "event": event}
    assert await town.front_end.take(json.dumps(body).encode()) is None
    assert await town.hear() == []


# -- answering -------------------------------------------------------------------------------------------------------


async def test_an_answer_is_for_the_asker_alone(town: Town) -> None:
    """In the thread where they wrote; its turn is asked for."""
    thread = await opened(town)
    town.counter.answer = Answer(reply=SAID)
    town.world.say(town.ann, town.channel, "!whoami", thread=thread)
    await town.hear()
    await settled(town, town.whispers)
    (told,) = town.whispers()
    assert (shown(told), told["thread_ts"]) == (DONE_INSIDE, thread)
    assert "<it>" not in told["text"]
    assert town.turns[-1] == (f"slack:{town.team.id}", town.chat, 1)
    assert len(town.thread(thread)) == 2


async def test_where_that_is_refused_they_are_told_in_private(town: Town) -> None:
    """Never silence."""
    thread = await opened(town)
    town.counter.answer = Answer(reply=SAID)
    town.world.fail("chat.postEphemeral", error="user_not_in_channel")
    town.world.say(town.ann, town.channel, "!whoami", thread=thread)
    await town.hear()
    await settled(town, lambda: [m for m in town.world.private(town.ann, town.app) if shown(m) == DONE_INSIDE])


async def test_a_lasting_answer_is_seen_by_all(town: Town) -> None:
    """In the thread, with its buttons; what goes out stands alone in its row."""
    thread = await opened(town)
    rows = ((Button("Undo", "undo", 3), Button("Send to Carol", "release x", outward=True)),)
    answering(town, rows=rows, lasting=True)
    town.world.say(town.ann, town.channel, "!tag vip", thread=thread)
    await town.hear()
    await settled(town, lambda: len(town.world.thread(town.channel, thread)) == 3)
    message = town.world.thread(town.channel, thread)[-1]
    assert [len(b["elements"]) for b in message["blocks"] if b["type"] == "actions"] == [1, 1]
    assert labels(message) == ["Undo", "Send to Carol"]


async def test_a_slash_command_is_answered_where_it_was_typed(town: Town) -> None:
    """For the asker alone, even where the app is not; what all should see is seen by all where it is."""
    elsewhere = town.world.add_channel(town.team, "elsewhere", [town.ann])
    town.counter.answer = Answer(reply=SAID)
    for where in (town.channel, elsewhere):
        knock = town.world.slash(town.ann, where, "/hub", "inbox mine")
        assert await knock.answer() is None
        assert knock.trouble == ""
        heard = await town.one()
        assert (heard.text.plain, heard.spot.whispered) == ("/inbox mine", True)
        assert [shown(m) for m in town.world.ephemerals(town.ann, where)] == [DONE]
    answering(town, lasting=True)
    await town.world.slash(town.ann, town.channel, "/hub", "desk here").answer()
    await settled(town, lambda: shown(town.root()) == "Done: w")
    await town.world.slash(town.ann, elsewhere, "/hub", "desk here").answer()
    await settled(town, lambda: len(town.world.ephemerals(town.ann, elsewhere)) == 2)
    assert (await town.hear())[0].spot.title == "#desk"


async def test_a_mention_at_home_is_answered_at_home(town: Town) -> None:
    """There is no thread yet."""
    town.counter.answer = Answer(reply=SAID)
    town.world.mention(town.ann, town.channel, town.app, "next")
    await town.hear()
    await settled(town, lambda: [m for m in town.whispers() if shown(m) == DONE])
    assert "thread_ts" not in town.whispers()[0]


async def test_a_press_means_its_line(town: Town) -> None:
    """With the version that the button showed; its answer stands below, in the thread."""
    thread, post = await pressable(town)
    town.counter.answer = Answer(reply=SAID)
    await town.world.press(town.bob, town.channel, post, "✋ Take").answer()
    heard = await town.one()
    assert isinstance(heard, Pressed)
    assert (heard.post, heard.line, heard.version, heard.spot.thread) == (post, "take 123", 7, thread)
    assert heard.asker.name == "bob"
    assert [(shown(m), m["thread_ts"]) for m in town.whispers(town.bob)] == [(DONE_INSIDE, thread)]


async def test_the_card_can_do_the_usual(town: Town) -> None:
    """Its buttons, the colleague who is picked, and the menu of the rest, in its own thread."""
    thread = await opened(town)
    await town.desk.show(thread, view(said("one")))
    await town.world.press(town.ann, town.channel, thread, "✋ Take").answer()
    await town.world.choose(town.ann, town.channel, thread, "Assign to…", town.bob).answer()
    await town.world.choose(town.ann, town.channel, thread, "do:card.menu", "Tag…").answer()
    lines = [(h.line, h.version, h.spot.thread) for h in await town.hear() if isinstance(h, Pressed)]
    bob = f"slack:{town.team.id}:{town.bob.id}"
    assert lines == [("take 123", 7, thread), (f"assign 123 {bob}", 7, thread), ("tag 123", 7, thread)]


async def test_an_old_button_is_told_so(town: Town) -> None:
    """Never silence; a link is just a link."""
    old = {"type": "button", "action_id": "take", "value": "123", "text": {"type": "plain_text", "text": "Old"}}
    link = {**old, "action_id": "open:0.0", "url": "https://a.example", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [{"type": "actions", "elements": [old, link]}]
    client = town.front_end.client
    await client.call(town.team.id, lambda web: web.chat_postMessage(channel=town.channel.id, text="x", blocks=blocks))
    for label in ("Old", "Go"):
        knock = town.world.press(town.ann, town.channel, town.root()["ts"], label)
        assert await knock.answer() is None
    assert await town.hear() == []
    (told,) = town.whispers()
    assert "too old" in shown(told)


async def test_what_was_pressed_is_redrawn(town: Town) -> None:
    """What only the asker sees, and an answer that all see; a contact's words and cards never."""
    thread, post = await pressable(town)
    answering(town, rows=((Button("More", "more 1", 1),),))
    town.world.say(town.ann, town.channel, "!t", thread=thread)
    await town.hear()
    await settled(town, town.whispers)
    (whisper,) = town.whispers()
    answering(town, rows=((Button("Less", "less 1", 1),),), lasting=True)
    town.counter.answer = msgspec.structs.replace(town.counter.answer, redraw=True)  # type: ignore[type-var]
    await town.world.press(town.ann, town.channel, whisper["ts"], "More").answer()
    heard = await town.one()
    assert heard.post == f"e{whisper['ts']}"
    assert [labels(m) for m in town.whispers()] == [["Less"]]
    said_ = await town.desk.say(thread, Reply("said", {"words": "menu"}, ((Button("Open it", "a 1", 1),),)))
    await town.world.press(town.ann, town.channel, said_, "Open it").answer()
    await settled(town, lambda: labels(town.world.thread(town.channel, thread)[-1]) == ["Less"])
    for there, label in ((post, "✋ Take"), (thread, "✋ Take")):
        await town.world.press(town.ann, town.channel, there, label).answer()
    await settled(town, lambda: shown(town.world.thread(town.channel, thread)[1]) == "one")
    assert "👤 Carol" in town.thread(thread)[0]


async def test_more_unfolds_below_the_words(town: Town) -> None:
    """An answer without words changes the buttons only."""
    thread, post = await pressable(town)
    town.counter.answer = Answer(reply=Reply("", rows=((Button("Only", "a 1", 1),),)), redraw=True)
    await town.world.press(town.ann, town.channel, post, "⋯").answer()
    await settled(town, lambda: labels(town.world.thread(town.channel, thread)[1]) == ["Only"])
    assert shown(town.world.thread(town.channel, thread)[1]) == "one"


async def test_a_slow_deed_is_acknowledged_and_told_later(town: Town) -> None:
    """Slack tells of an error after three seconds, so it hears of us before; the answer comes when it is done."""
    _, post = await pressable(town)
    going = asyncio.Event()

    async def slow(_: Any) -> Answer:
        await going.wait()
        return Answer(reply=SAID)

    town.counter.hear = slow  # type: ignore[method-assign]
    presses = [
        town.world.press(town.ann, town.channel, post, "✋ Take"),
        town.world.slash(town.ann, town.channel, "/hub", "x"),
    ]
    for knock in presses:
        assert await knock.answer() is None
        assert knock.trouble == ""
    assert town.whispers() == []
    going.set()
    await settled(town, lambda: len(town.whispers()) == 2)


async def test_a_press_is_never_left_to_slack(town: Town) -> None:
    """It tells of none twice: whoever pressed hears that the database is away."""
    _, post = await pressable(town)
    town.counter.answer = Unavailable("away")
    knock = town.world.press(town.ann, town.channel, post, "✋ Take")
    assert await knock.answer() is None
    assert knock.trouble == ""
    assert ["cannot be reached" in shown(m) for m in town.whispers()] == [True]


async def test_answers_that_fail_do_not_fail_the_update(town: Town) -> None:
    """What is committed is committed: limits are waited for, faults of ours are told, all else is given up."""
    thread = await opened(town)
    town.counter.answer = Answer(reply=SAID)
    town.world.fail("chat.postEphemeral", retry_after=1)
    town.world.say(town.ann, town.channel, "!whoami", thread=thread)
    await town.hear()
    await settled(town, town.whispers)
    for reply in (
        Reply("faulty"),
        Reply("no such template"),
        Reply("said", {"words": ""}, ((Button("x", "y" * 99),),)),
    ):
        town.counter.answer = Answer(reply=reply)
        before = len(town.whispers())
        town.world.say(town.ann, town.channel, "!whoami", thread=thread)
        await town.hear()
        await settled(town, lambda n=before: len(town.whispers()) > n)
        assert shown(town.whispers()[-1]).startswith("Heard, but")
    town.world.fail("", times=9, error="is_archived")
    town.world.say(town.ann, town.channel, "!whoami", thread=thread)
    await town.hear()
    town.world.heal()
    assert set(town.statuses) == {200}


async def test_somebody_elses_message_cannot_be_taken_away(town: Town) -> None:
    """A bot may not; the answer is said all the same."""
    town.counter.answer = Answer(reply=msgspec.structs.replace(SAID, lasting=True), delete_post=PostId("1.2"))
    town.world.say(town.ann, town.channel, "a token")
    await town.hear()
    await settled(town, lambda: shown(town.root()) == DONE)


# -- questions -------------------------------------------------------------------------------------------------------


async def test_a_question_is_asked_in_the_thread(town: Town) -> None:
    """Of the asker, who is named; the counter learns which post asks."""
    thread = await opened(town)
    answering(town, ask="close bil ")
    town.world.say(town.ann, town.channel, "!close bil", thread=thread)
    await town.hear()
    await settled(town, lambda: town.counter.asks)
    ((heard, post, line),) = town.counter.asks
    prompt = town.world.thread(town.channel, thread)[-1]
    assert (prompt["ts"], line, heard.spot.thread) == (post, "close bil ", thread)
    assert shown(prompt).startswith(f"<{town.ann.id}>\nDone")


async def test_a_question_at_home_has_a_thread_of_its_own(town: Town) -> None:
    """Below the line that brought it up, so that its answer is known for one."""
    answering(town, ask="note #5 ")
    message = town.world.mention(town.ann, town.channel, town.app, "note 5")
    await town.hear()
    await settled(town, lambda: town.counter.asks)
    ((heard, _, _),) = town.counter.asks
    assert heard.spot.thread == message["ts"]
    assert len(town.thread(message["ts"])) == 2


async def test_a_question_after_a_press_is_a_dialog(town: Town) -> None:
    """Its answer completes the line; one with buttons of its own, or too late, is asked in the thread."""
    thread, post = await pressable(town)
    answering(town, ask="close #123 bil ")
    await town.world.press(town.ann, town.channel, post, "✋ Take").answer()
    await town.hear()
    assert town.world.modal(town.ann) is not None
    assert town.counter.asks == []
    town.counter.answer = Answer(reply=SAID)
    await town.world.submit(town.ann, {"answer": "Refunded *order* 7"}).answer()
    heard = await town.one()
    assert (heard.line, heard.spot.thread) == ("close #123 bil Refunded *order* 7", thread)
    await settled(town, lambda: [m for m in town.whispers() if m["thread_ts"] == thread])
    assert town.world.modal(town.ann) is None
    answering(town, ask="close #123 ", rows=((Button("Without", "close 123 -"),),))
    await town.world.press(town.ann, town.channel, post, "✋ Take").answer()
    await settled(town, lambda: town.counter.asks)
    town.world.fail("views.open", error="expired_trigger_id")
    answering(town, ask="close #123 ")
    await town.world.press(town.ann, town.channel, post, "✋ Take").answer()
    await settled(town, lambda: len(town.counter.asks) == 2)


async def test_a_question_after_a_slash_command(town: Town) -> None:
    """A dialog, or the private chat: the channel is no place for the answer."""
    answering(town, ask="note #5 ")
    await town.world.slash(town.ann, town.channel, "/hub", "note 5").answer()
    await town.hear()
    assert town.world.modal(town.ann) is not None
    town.world.close_modal(town.ann)
    town.world.fail("views.open", error="expired_trigger_id")
    await town.world.slash(town.ann, town.channel, "/hub", "note 5").answer()
    await settled(town, lambda: town.counter.asks)
    ((heard, _, _),) = town.counter.asks
    assert heard.spot.private
    assert town.world.private(town.ann, town.app)


# -- forms -----------------------------------------------------------------------------------------------------------

MANY = tuple(Option(f"Option {n}", f"o{n}") for n in range(9))
CLOSE = Form(
    title="Close",
    line="close #123",
    about="#123 with <Carol> & *Co*",
    version=7,
    fields=(
        Field(name="category", label="Category", kind="choice", options=(Option("Bug", "b"),), left_out="-"),
        Field(name="to", label="To", kind="choice", options=MANY),
        Field(name="tags", label="Tags", kind="choices", options=MANY, chosen=("o1",)),
        Field(name="word", label="Word", kind="word"),
        Field(name="summary", label="Summary", kind="text"),
    ),
)


async def test_a_command_with_several_fields_opens_a_dialog(town: Town) -> None:
    """From a button, a slash command or a shortcut; filling it in says a line."""
    thread, post = await pressable(town)
    town.counter.made = CLOSE
    await town.world.press(town.ann, town.channel, post, "✅ Close…").answer()
    assert await town.hear() == []
    modal = town.world.modal(town.ann)
    assert modal is not None
    kinds = [b["element"]["type"] for b in modal["blocks"] if b["type"] == "input"]
    assert kinds == ["radio_buttons", "static_select", "multi_static_select", "plain_text_input", "plain_text_input"]
    values = {"category": "Bug", "to": "Option 3", "tags": ["Option 2"], "summary": "Refunded\norder 7"}
    town.counter.answer = Answer(reply=SAID)
    await town.world.submit(town.ann, values).answer()
    heard = await town.one()
    assert isinstance(heard, Pressed)
    assert heard.line == "close #123 b o3 o2 -o1 Refunded\norder 7"
    assert (heard.version, heard.spot.thread, heard.post) == (7, thread, post)
    await town.world.slash(town.ann, town.channel, "/hub", "close 123").answer()
    assert town.world.modal(town.ann) is not None
    town.world.close_modal(town.ann)
    await town.world.shortcut(town.ann, town.channel, post, "close").answer()
    assert town.world.modal(town.ann) is not None
    assert await town.hear() == []
    assert [type(h) for h in town.counter.formed] == [Pressed, Wrote, Wrote]


async def test_a_refused_form_stays_open_and_says_why(town: Town) -> None:
    """Nothing that was filled in is lost."""
    _, post = await pressable(town)
    town.counter.made = CLOSE
    await town.world.press(town.ann, town.channel, post, "✅ Close…").answer()
    town.counter.answer = Answer(reply=refused("That cannot be: /close again."))
    said_ = await town.world.submit(town.ann, {"summary": "x"}).answer()
    assert said_ == {"response_action": "errors", "errors": {"summary": "That cannot be: /hub close again."}}
    modal = town.world.modal(town.ann)
    assert modal is not None
    assert modal["errors"]
    town.counter.answer = Unavailable("away")
    await town.world.submit(town.ann, {"summary": "x"}).answer()
    assert town.world.modal(town.ann) is not None
    town.counter.answer = SILENCE
    await town.world.submit(town.ann, {"summary": "x"}).answer()
    assert town.world.modal(town.ann) is None


async def test_where_there_is_no_form_the_line_is_done(town: Town) -> None:
    """What is refused is told, what has arguments already or no fields is just done; too late opens nothing."""
    _, post = await pressable(town)
    for made in (NotAllowed("no"), None, CLOSE):
        town.counter.made = made
        if made is CLOSE:
            town.world.fail("views.open", error="expired_trigger_id")
        await town.world.press(town.ann, town.channel, post, "✅ Close…").answer()
        assert (await town.one()).line == "close 123"
    town.counter.made = CLOSE
    await town.world.slash(town.ann, town.channel, "/hub", "close 123 bug done").answer()
    assert (await town.one()).text.plain == "/close 123 bug done"
    await town.world.slash(town.ann, town.channel, "/hub", "nonsense").answer()
    assert (await town.one()).text.plain == "/nonsense"


async def test_a_shortcut_without_fields_is_done_at_once(town: Town) -> None:
    """As a reply to the message that it was used on."""
    thread = await opened(town)
    message = town.world.say(town.ann, town.channel, "oops", thread=thread)
    await town.hear()
    town.counter.answer = Answer(reply=SAID)
    await town.world.shortcut(town.ann, town.channel, message["ts"], "unsend").answer()
    heard = await town.one()
    assert (heard.text.plain, heard.answers, heard.spot.thread) == ("/unsend", message["ts"], thread)
    assert [shown(m) for m in town.whispers()] == [DONE_INSIDE]


# -- App Home --------------------------------------------------------------------------------------------------------

WAITS = QueueRow(number=5, version=3, name="Tom <b>", waiting_since=NOW, text="help *me*", url="https://a.example/p")
TAKEN = QueueRow(number=6, version=1, name="Kim", waiting_since=None, text="", assignee="Bob")


def home(town: Town) -> dict[str, Any]:
    found = town.world.home(town.ann, town.app)
    assert found is not None
    return dict(found)


async def test_the_inbox_of_app_home(town: Town) -> None:
    """Who waits longest; filters; a link and [Take] each, whose answer is said on the page."""
    town.counter.seen = Overview(whose="waiting", rows=[WAITS, TAKEN], total=30, workspace="Shop")
    town.world.open_home(town.ann, town.app)
    await settled(town, lambda: town.world.home(town.ann, town.app))
    assert labels(home(town)) == ["✓ Waiting longest", "Mine", "Nobody's", "Open ▸", "✋ Take", "Open ▸"]
    words = shown(home(town))
    assert "Waiting longest: 30, the first 2 · Shop" in words
    assert "Tom <b> #5" in words
    assert "help *me*" in words
    await town.world.press_view(town.ann, town.app, "Mine").answer()
    await settled(town, lambda: labels(home(town))[1] == "✓ Mine")
    town.counter.answer = Answer(reply=SAID)
    await town.world.press_view(town.ann, town.app, "✋ Take").answer()
    heard = await town.one()
    assert (heard.line, heard.version, heard.spot.private) == ("take 5", 3, True)
    await settled(town, lambda: DONE in shown(home(town)))
    assert town.counter.looked == ["waiting", "mine", "mine"]
    town.world.open_home(town.ann, town.app, tab="messages")
    await town.world.settled()
    assert len(town.counter.looked) == 3


async def test_a_full_inbox_and_none(town: Town) -> None:
    """Within Slack's limits; whoever is in no workspace is told how to begin."""
    long = msgspec.structs.replace(WAITS, name="😀" * 100, text="&" * 120, assignee="")
    town.counter.seen = Overview(whose="waiting", rows=[long] * 20, total=500)
    town.world.open_home(town.ann, town.app)
    await settled(town, lambda: town.world.home(town.ann, town.app))
    assert len(home(town)["blocks"]) <= 100
    town.counter.seen = Overview(whose="waiting", rows=[], total=0)
    town.world.open_home(town.ann, town.app)
    await settled(town, lambda: "Nobody" in shown(home(town)))
    town.counter.seen = None
    town.world.open_home(town.ann, town.app)
    await settled(town, lambda: "/hub start CODE" in shown(home(town)))


# -- private notices, sockets ----------------------------------------------------------------------------------------


async def test_private_notices(town: Town) -> None:
    """In the user's chat with the app; whoever cannot be reached is told so."""
    identity = Identity(f"slack:{town.team.id}:{town.ann.id}")
    for _ in range(2):
        await town.front_end.notify(identity, SAID)
    assert [shown(m) for m in town.world.private(town.ann, town.app)] == [DONE, DONE]
    assert len(town.world.calls_of("conversations.open")) == 1
    with pytest.raises(DeliveryError):
        await town.front_end.notify(Identity(f"slack:{town.team.id}:U404"), SAID)
    with pytest.raises(ChannelDead):
        await town.front_end.notify(Identity("slack:T404:U1"), SAID)
    assert town.front_end.owns(identity)
    assert not town.front_end.owns(Identity("telegram:5"))


async def test_socket_mode(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a public address: events, presses and dialogs by one connection; what was not taken is told again."""
    thread, post = await pressable(town)
    await town.hear()
    town.app.request_url, town.app.socket_mode = "", True
    listening = asyncio.create_task(town.front_end.listen(town.front_end.take))
    try:
        town.counter.answer = Answer(reply=SAID)
        town.world.say(town.ann, town.channel, "!whoami", thread=thread)
        await settled(town, town.whispers)
        knock = town.world.slash(town.ann, town.channel, "/hub", "inbox")
        assert await knock.answer() is None
        assert knock.trouble == ""
        town.counter.made = CLOSE
        await town.world.press(town.ann, town.channel, post, "✅ Close…").answer()
        town.counter.answer = Answer(reply=refused("no"))
        assert await town.world.submit(town.ann, {"summary": "x"}).answer()
        assert town.world.modal(town.ann) is not None
        town.counter.answer = Unavailable("away")
        town.world.say(town.ann, town.channel, "again", thread=thread)
        await until(
            lambda: len([h for h in town.counter.heard if isinstance(h, Wrote) and h.text.plain == "again"]) > 1
        )
        town.counter.answer = SILENCE
        await town.world.settled()
        town.world.disconnect(town.app)
        town.world.say(town.ann, town.channel, "after", thread=thread)
        await until(lambda: any(isinstance(h, Wrote) and h.text.plain == "after" for h in town.counter.heard))
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    monkeypatch.setattr(socket_mode, "CONNECT_SECONDS", 0.2)
    town.world.unreachable(True)
    with pytest.raises(TemporaryFailure):
        await town.front_end.listen(town.front_end.take)


async def test_socket_mode_needs_its_own_token(town: Town) -> None:
    """Missing or refused: said with what would be right."""
    town.front_end._app_token = ""
    with pytest.raises(ChannelDead, match="HUB_SLACK_APP_TOKEN"):
        await town.front_end.listen(town.front_end.take)
    town.front_end._app_token = "xapp-1-wrong"
    with pytest.raises(ChannelDead):
        await town.front_end.listen(town.front_end.take)


def test_the_card_has_a_view() -> None:
    """The tests' own card is one."""
    assert card().conversation.number == 123

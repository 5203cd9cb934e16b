"""What must not leak, as stories: numbers, edits, albums, tokens, and another workspace's places."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from hub.domain.catalog import RelayBot
from hub.domain.ids import Identity
from hub.domain.models import Comment, DeskItem, Message, Post
from hub.domain.ports import Tx
from tests.admin_bot.counter_desk import Shop, Who, button, photo


async def test_a_reply_that_begins_with_anothers_number(shop: Shop, bob: Who) -> None:
    """At home a number behind the verb says whom a reply is for. In a contact's place it is held where it is another
    one's that is open, and words as any where it is nobody's, or the contact's own.
    """
    carla, bela = await shop.arrive("Carla"), await shop.arrive("Bela")
    number = (await carla.conversation()).number
    answer = await bela.say(bob, f"/reply {number} secret for carla only")
    assert f"#{number} is Carla's" in shop.said()
    assert await shop.nothing_left()
    await bela.press(bob, button(answer, "Send to Bela"))
    assert [m.text.plain for m in await shop.out()] == [f"{number} secret for carla only"]
    await bela.say(bob, "/reply 977 parcels are on their way")
    assert len(await shop.out()) == 2


async def test_what_a_relay_bot_posted_is_forwarded(shop: Shop, bob: Who) -> None:
    """A post of the hub's is one whichever of its accounts posted it: forwarded it is a note. A stranger bot's is
    words as any.
    """

    async def deed(tx: Tx) -> None:
        desk = await tx.get(DeskItem, (await shop.desk()).id)
        assert desk is not None
        desk.relays = [RelayBot(account="8111", name="second_bot", secret="-")]

    await shop.run(deed)
    topic = await shop.arrive()
    bot = replace(bob.asker, identity=Identity("telegram:8111"), name="Second", writer="bot")
    await topic.say(bob, "#12 Ann Lee: my code is 1234", forwarded=bot)
    assert "Kept as a note" in shop.said()
    assert await shop.nothing_left()
    await topic.say(bob, "Your parcel left today", forwarded=replace(bot, identity=Identity("telegram:9222")))
    assert [m.text.plain for m in await shop.out()] == ["Your parcel left today"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("@zoe he is a fool", "it mentions @zoe"),
        ("Hi Tom, you", "it greets Tom"),
        ("anything at all", "Ann is blocked here"),
    ],
    ids=["mentions a colleague", "greets another", "blocked meanwhile"],
)
async def test_an_edit_is_no_way_past_the_gate(shop: Shop, bob: Who, words: str, why: str) -> None:
    """New words for a reply that the contact has are judged as well: what would have been held stays here, and the
    agent is told that the contact has the former words. What is no slip is mirrored, as ever.
    """
    await shop.arrive("Tom")
    topic = await shop.arrive("Ann")
    post, _ = await topic.post(bob, "Good day")
    if "blocked" in why:
        await topic.say(bob, "/block 7d spam")
    await shop.edit(bob, post, words, topic.spot)
    assert why in shop.said()
    assert "still has the former words" in shop.said()
    assert [m.text.plain for m in await shop.out()] == ["Good day"]
    await topic.say(bob, "/unblock")
    await shop.edit(bob, post, "Good day to you", topic.spot)
    assert [m.text.plain for m in await shop.out()] == ["Good day to you"]


async def test_an_albums_caption_arriving_late_takes_the_rest_back(shop: Shop, bob: Who) -> None:
    """A command or prompt's answer as the last caption of an album brings back the parts before it, as notes."""
    topic = await shop.arrive()
    for caption in ("", "", "/t +vip"):
        await topic.say(bob, caption, attachments=photo(), album="g1")
    assert await shop.nothing_left()
    assert len(await shop.all(Comment)) == 3
    assert (await topic.person()).tags
    for caption in ("", "/close", ""):
        await topic.say(bob, caption, attachments=photo(), album="g2")
    assert await shop.nothing_left()


async def test_a_refused_command_in_an_album_keeps_it_inside(shop: Shop, bob: Who) -> None:
    """When the command in an album's caption is refused, the album stays inside all the same."""
    topic = await shop.arrive()
    await topic.say(bob, "/take")
    await topic.say(bob, "/close done")
    await topic.say(bob, "/reopen")
    for caption in ("", "/unsend", ""):
        await topic.say(bob, caption, attachments=photo(), album="g1")
    assert await shop.nothing_left()
    for caption in ("/c", "", ""):
        await topic.say(bob, caption, attachments=photo(), album="g2")
    for caption in ("", "", "/help"):
        await topic.say(bob, caption, attachments=photo(), album="g3")
    assert await shop.nothing_left()
    assert len(await shop.all(Comment)) == 9


async def test_parts_of_an_album_judged_at_once(shop: Shop, bob: Who) -> None:
    """Parts that are heard at the same moment are judged one after another: still nothing leaves."""
    topic = await shop.arrive()
    parts = ["", "//inside", "", ""]
    await asyncio.gather(*(topic.say(bob, p, attachments=photo(), album="g1") for p in parts))
    assert await shop.nothing_left()
    assert len(await shop.all(Comment)) == 4


TOKENS = {
    "a bot": "123456789:AAFakeFakeFakeFakeFakeFakeFakeFakeFake",
    "an app": "xoxb-1234567890123-1234567890123-FakeFakeFakeFakeFakeFake",
    "an app's socket": "xapp-1-A0FAKE-1234567890123-fakefakefakefakefakefake",
    "a page": "EAAG" + "Fake" * 20,
}


@pytest.mark.parametrize("kind", TOKENS)
async def test_tokens_are_taken_away_wherever_they_are_posted(shop: Shop, bob: Who, mallory: Who, kind: str) -> None:
    """A token in a group is deleted, not used, not kept and not sent, whoever posts it and however."""
    token = TOKENS[kind]
    topic = await shop.arrive()
    before = len(await shop.all(Message))
    for who, text in (
        (bob, f"/channel connect telegram {token}"),
        (mallory, f"/chanel {token}"),
        (bob, f"it is {token}"),
    ):
        post, answer = await topic.post(who, text)
        assert answer.delete_post == post
        assert "compromised" in shop.said()
        assert token not in shop.said()
    assert len(await shop.all(Message)) == before
    assert not await shop.all(Comment)
    assert not shop.changed


async def test_another_workspaces_topic_cannot_be_addressed(shop: Shop, mallory: Who) -> None:
    """A member of another workspace is nobody here: nothing is written, in the group or by a number from elsewhere."""
    other = Shop(shop.store)
    code = await shop.store.directory.issue_token("init", {}, 60)
    await other.private(mallory, f"/start {code}")
    topic = await shop.arrive()
    records = [len(await shop.all(k)) for k in (Message, Comment, Post)]
    conversation = await topic.conversation()
    for text in ("Hello", "//note", "/take", "/close 1 done", "/desk off", "/desk here"):
        await topic.say(mallory, text)
    await other.private(mallory, "/take 1")
    assert "There is no conversation #1" in other.said()
    assert [len(await shop.all(k)) for k in (Message, Comment, Post)] == records
    assert (await topic.conversation()) == conversation
    assert (await shop.desk()).chat == shop.chat

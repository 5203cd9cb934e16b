"""What an agent writes in a topic reaches the contact as what it is; and the agent is told what became of it."""

from __future__ import annotations

import pytest

from hub.domain.models import Contact, Conversation, Message
from hub.sandbox.telegram.accounts import Json
from tests.endtoend.shop import Shop, Talk
from tests.endtoend.test_from_contacts import BARE, KINDS, content, with_file
from tests.endtoend.town import until

TOO_LARGE = 25_000_000


async def test_text_with_its_formatting(shop: Shop) -> None:
    """Words arrive with their formatting; the agent's post is marked as delivered; answering claims."""
    talk = await shop.arrive()
    spans = [
        {"type": "bold", "offset": 4, "length": 5},
        {"type": "text_link", "offset": 13, "length": 4, "url": "https://e.org/1"},
    ]
    post = talk.write("Try again or look", entities=spans)
    await until(lambda: talk.heard() == ["Try again or look"], "the answer")
    kinds = {e["type"]: e for e in talk.phone()[0]["entities"]}
    assert (kinds["bold"]["offset"], kinds["bold"]["length"]) == (4, 5)
    assert kinds["text_link"]["url"] == "https://e.org/1"
    await until(lambda: talk.marks(post) == ["👌"], "the mark")
    await talk.sees("✋ Bob")


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_file(shop: Shop, kind: str) -> None:
    """A file reaches the contact as its kind, byte for byte, with its words where the kind has any."""
    talk = await shop.arrive()
    data = f"our {kind}".encode() * 50
    post = talk.answer(kind, data, caption="" if kind in BARE else "see here")
    await until(talk.phone, f"the {kind}")
    (sent,) = talk.phone()
    assert with_file([sent], kind)
    assert content(shop, sent, kind) == data
    assert sent.get("caption", "") == ("" if kind in BARE else "see here")
    await until(lambda: talk.marks(post) == ["👌"], "the mark")


async def test_what_is_no_file(shop: Shop) -> None:
    """A location, venue, contact or poll of an agent's reaches the contact as such."""
    talk = await shop.arrive()
    net, where = shop.net, {"thread": talk.topic.id}
    net.send_location(shop.bob, shop.group, 52.5, 13.25, **where)
    net.send_venue(shop.bob, shop.group, "Our shop", "Main Street 2", **where)
    net.send_contact(shop.bob, shop.group, "+4940", "Workshop", **where)
    net.send_poll(shop.bob, shop.group, "Were you happy?", ["yes", "no"], **where)
    await until(lambda: len(talk.phone()) == 4, "all four")
    location, venue, contact, poll = talk.phone()
    assert location["location"]["latitude"] == 52.5
    assert venue["venue"]["title"] == "Our shop"
    assert contact["contact"]["phone_number"] == "+4940"
    assert [o["text"] for o in poll["poll"]["options"]] == ["yes", "no"]


async def test_an_album_stays_one(shop: Shop) -> None:
    """The parts of an agent's album reach the contact as one album, in order, with their words, once."""
    talk = await shop.arrive()
    parts = [{"kind": "photo", "data": f"o{n}".encode()} for n in range(3)]
    parts[2]["caption"] = "the last one"
    sent = shop.net.send_album(shop.bob, shop.group, parts, talk.topic.id)
    await until(lambda: len(talk.phone()) >= 3, "the album")
    await until(lambda: all(talk.marks(m) == ["👌"] for m in sent), "all marks")
    phone = talk.phone()
    assert [content(shop, m, "photo") for m in phone] == [b"o0", b"o1", b"o2"]
    assert len({m["media_group_id"] for m in phone}) == 1
    assert [m.get("caption", "") for m in phone] == ["", "", "the last one"]


async def test_order_holds_over_kinds(shop: Shop) -> None:
    """What an agent sends one after the other arrives in that order, files and albums among it."""
    talk = await shop.arrive()
    talk.write("one")
    talk.answer("document", b"d", caption="two")
    shop.net.send_album(
        shop.bob,
        shop.group,
        [{"kind": "photo", "data": b"a", "caption": "three"}, {"kind": "photo", "data": b"b"}],
        talk.topic.id,
    )
    talk.write("four")
    await until(lambda: len(talk.phone()) >= 5, "everything")
    assert [t for t in talk.heard() if t] == ["one", "two", "three", "four"]


async def test_replies(shop: Shop) -> None:
    """A reply in the topic is a reply on the contact's phone: to their message, and to one of ours."""
    talk = await shop.arrive("where is it?")
    theirs = talk.posts()[0]
    first = shop.net.private(talk.person, shop.bot)[0]
    talk.write("on its way", reply_to=theirs["message_id"])
    await until(talk.phone, "the reply")
    assert talk.phone()[0]["reply_to_message"]["message_id"] == first["message_id"]
    mine = talk.write("and one more")
    await until(lambda: talk.marks(mine) == ["👌"], "the mark")
    talk.write("about that", reply_to=mine["message_id"])
    await until(lambda: len(talk.phone()) == 3, "the third")
    assert talk.phone()[2]["reply_to_message"]["text"] == "and one more"


async def test_edits(shop: Shop) -> None:
    """What an agent changes is changed on the contact's phone, a caption too."""
    talk = await shop.arrive()
    text, picture = talk.write("helo"), talk.answer("photo", b"p", caption="a cat")
    await until(lambda: len(talk.phone()) == 2, "both")
    shop.net.edit(shop.bob, shop.group, text["message_id"], "hello")
    shop.net.edit(shop.bob, shop.group, picture["message_id"], caption="a dog")
    await until(lambda: talk.heard() == ["hello", "a dog"], "the corrected words")


async def test_an_edit_before_it_left(shop: Shop) -> None:
    """An edit made while the message is on its way is not lost: the contact ends with the corrected words."""
    talk = await shop.arrive()
    shop.net.delay(0.4, method="sendMessage")
    text = talk.write("frist")
    await shop.town.net.settled()
    shop.net.edit(shop.bob, shop.group, text["message_id"], "first")
    await until(lambda: talk.heard() == ["first"], "the corrected words, once")


async def test_reactions(shop: Shop) -> None:
    """An agent's reaction on a contact's words shows on the contact's phone, and goes when it is taken back."""
    talk = await shop.arrive()
    theirs = shop.net.private(talk.person, shop.bot)[0]
    chat = shop.net.private_chat(talk.person, shop.bot)

    def shown() -> list[str]:
        return shop.net.reactions(chat, theirs["message_id"]).get(str(shop.bot.id), [])

    post = talk.posts()[0]["message_id"]
    shop.net.react(shop.bob, shop.group, post, "👍")
    await until(lambda: shown() == ["👍"], "the thumb")
    shop.net.react(shop.bob, shop.group, post, None)
    await until(lambda: not shown(), "the thumb to go")


async def test_unsend(shop: Shop) -> None:
    """`/unsend` as a reply takes that message from the contact's phone and marks it so; a file and an album too."""
    talk = await shop.arrive()
    keep, wrong = talk.write("keep this"), talk.write("wrong price")
    await until(lambda: talk.marks(wrong) == ["👌"], "the mark")
    talk.write("/unsend", reply_to=wrong["message_id"])
    await until(lambda: talk.heard() == ["keep this"], "it to be gone")
    await until(lambda: talk.marks(wrong) == ["🙈"], "the mark")
    assert talk.marks(keep) == ["👌"]
    picture = talk.answer("photo", b"p", caption="wrong picture")
    await until(lambda: len(talk.phone()) == 2, "the picture")
    talk.write("/unsend", reply_to=picture["message_id"])
    await until(lambda: talk.heard() == ["keep this"], "the picture to be gone")


async def test_a_snippet_with_its_file(shop: Shop) -> None:
    """A picture saved with a snippet reaches each contact byte for byte, fetched from the desk where it was posted; the
    desk shows what was sent.
    """
    talk = await shop.arrive()
    talk.answer("photo", b"a map" * 50, caption="/snippet add map This way, {{ contact.first_name | or('friend') }}!")
    await talk.told(shop.bob, "snippet map is saved")
    talk.write("/s map")
    await until(talk.phone, "the map")
    (sent,) = talk.phone()
    assert content(shop, sent, "photo") == b"a map" * 50
    assert sent["caption"].startswith("This way, ")
    await until(lambda: any("photo" in post for post in talk.posts()), "the map on the desk")


async def test_unsend_of_an_album(shop: Shop) -> None:
    """`/unsend` as a reply to one of an album takes the whole album, for one of it is rarely what is wrong, and says
    so.
    """
    talk = await shop.arrive()
    sent = shop.net.send_album(
        shop.bob, shop.group, [{"kind": "photo", "data": f"u{n}".encode()} for n in range(2)], talk.topic.id
    )
    await until(lambda: len(talk.phone()) == 2, "the album")
    await shop.town.quiet()
    talk.write("/unsend", reply_to=sent[0]["message_id"])
    await until(lambda: not talk.phone(), "all of it to be gone")
    assert "All 2 of the album" in await talk.told(shop.bob, "Taking it back")


async def test_unsend_of_an_album_of_which_a_part_stayed_behind(shop: Shop) -> None:
    """What of an album never arrived does not keep the rest of it on the contact's phone, and the count is true."""
    talk = await shop.arrive()
    sent = [
        talk.answer("document", b"v", album="flawed"),
        talk.answer("document", b"x", size=TOO_LARGE, album="flawed"),
        talk.answer("document", b"w", album="flawed"),
    ]
    await until(lambda: [talk.marks(m) for m in sent] == [["👌"], ["💔"], ["👌"]], "the marks")
    await shop.town.quiet()
    talk.write("/unsend", reply_to=sent[1]["message_id"])
    await until(lambda: not talk.phone(), "all of it to be gone")
    assert "2 of the 3 of the album" in await talk.told(shop.bob, "Taking it back")
    await until(lambda: [talk.marks(m) for m in sent] == [["🙈"], ["💔"], ["🙈"]], "the marks")


async def test_an_edit_of_what_was_split(shop: Shop) -> None:
    """What an agent changes of a reply that became several messages is changed in all of them: longer words go on in
    further ones, shorter ones leave none behind, and the file stays; unsending takes all.
    """
    talk = await shop.arrive()
    post = talk.answer("photo", b"p", caption="old words " * 600)
    await until(lambda: len(talk.phone()) == 3, "the picture and its words")
    await until(lambda: talk.marks(post) == ["👌"], "the mark")
    for words, parts in (("new words " * 600, 2), ("longer words " * 800, 3), ("short words " * 100, 1)):
        shop.net.edit(shop.bob, shop.group, post["message_id"], caption=words)
        solid = words.replace(" ", "")
        await until(lambda solid=solid: "".join(talk.heard()).replace(" ", "") == solid, "the changed words")
        assert len(talk.phone()) == 1 + parts
    assert content(shop, talk.phone()[0], "photo") == b"p"
    await shop.town.quiet()
    talk.write("/unsend", reply_to=post["message_id"])
    await until(lambda: not talk.phone(), "all of it to be gone")


async def _in_part(shop: Shop, talk: Talk) -> Json:
    """An agent's post of which the picture arrives and the words do not."""
    shop.net.fail(method="sendMessage", chat=talk.person, code=400, description="Bad Request: no words now")
    post = talk.answer("photo", b"p", caption="long words " * 200)
    await until(lambda: talk.marks(post) == ["🤔"], "the mark")
    assert "1 of 2 parts arrived, the rest did not" in await talk.told(shop.bob, "no words now")
    assert len(talk.phone()) == 1
    await shop.town.quiet()
    return post


async def test_what_arrived_in_part_is_edited(shop: Shop) -> None:
    """Of a reply that arrived in part it is said how much did; what the agent changes then is changed there, and with
    it the reply is whole.
    """
    talk = await shop.arrive()
    post = await _in_part(shop, talk)
    shop.net.edit(shop.bob, shop.group, post["message_id"], caption="few words")
    await until(lambda: talk.heard() == ["few words"], "the changed words")
    await until(lambda: talk.marks(post) == ["👌"], "the mark")
    assert (await shop.said("few words")).state == "sent"


async def test_what_arrived_in_part_is_answered_and_taken_back(shop: Shop) -> None:
    """The contact's answer to what arrived is shown as one to the agent's post, and /unsend takes it back, also once
    the whole was sent again.
    """
    talk = await shop.arrive()
    post = await _in_part(shop, talk)
    talk.say("what is that?", reply_to=talk.phone()[0]["message_id"])
    answer = await talk.sees("what is that?")
    assert answer["reply_to_message"]["message_id"] == post["message_id"]
    await talk.press(shop.bob, "🔁" if talk.button(shop.bob, "🔁") else "Send", "not certain")
    await until(lambda: len(talk.phone()) == 3, "all of it")
    await until(lambda: talk.marks(post) == ["👌"], "the mark")
    await shop.town.quiet()
    talk.write("/unsend", reply_to=post["message_id"])
    await until(lambda: not talk.phone(), "all of it to be gone")


async def test_what_arrived_in_part_is_taken_back(shop: Shop) -> None:
    """What is known to have arrived can be taken back, and the agent is told that it is that."""
    talk = await shop.arrive()
    post = await _in_part(shop, talk)
    talk.write("/unsend", reply_to=post["message_id"])
    await until(lambda: not talk.phone(), "it to be gone")
    await talk.told(shop.bob, "what is known to have arrived")
    await until(lambda: talk.marks(post) == ["🙈"], "the mark")


async def test_long_words_of_an_album_are_their_own_files(shop: Shop) -> None:
    """Words too long for their file in an album are changed with that file's post, and no other's are."""
    talk = await shop.arrive()
    parts = [
        {"kind": "photo", "data": b"a", "caption": "first " * 200},
        {"kind": "photo", "data": b"b", "caption": "second"},
    ]
    first, second = shop.net.send_album(shop.bob, shop.group, parts, talk.topic.id)
    await until(lambda: len(talk.phone()) == 3, "the album and the words")
    await until(lambda: [talk.marks(m) for m in (first, second)] == [["👌"], ["👌"]], "the marks")
    shop.net.edit(shop.bob, shop.group, second["message_id"], caption="2nd")
    shop.net.edit(shop.bob, shop.group, first["message_id"], caption="1st")
    await until(lambda: talk.heard() == ["", "2nd", "1st"], "both changed")


async def test_an_album_that_arrived_but_for_words(shop: Shop) -> None:
    """Where an album's files arrive and the long words of one do not, that one is not called delivered."""
    talk = await shop.arrive()
    shop.net.fail(method="sendMessage", chat=talk.person, code=400, description="Bad Request: no words now")
    parts = [{"kind": "photo", "data": b"a", "caption": "first " * 200}, {"kind": "photo", "data": b"b"}]
    sent = shop.net.send_album(shop.bob, shop.group, parts, talk.topic.id)
    await until(lambda: [talk.marks(m) for m in sent] == [["🤔"], ["👌"]], "the marks")
    await talk.told(shop.bob, "2 of 3 parts arrived, the rest did not")


async def test_a_long_text_is_split(shop: Shop) -> None:
    """A text above the network's limit with its formatting, as a desk could bring it, arrives whole: here the
    longest.
    """
    talk = await shop.arrive()
    text = "word " * 800 + "end"
    talk.write(text, entities=[{"type": "bold", "offset": 0, "length": len(text)}])
    await until(lambda: "".join(talk.heard()).endswith("end"), "all of it")
    assert "".join(talk.heard()) == text
    assert all(m["entities"][0]["type"] == "bold" for m in talk.phone())


# -- when it does not arrive --


async def test_blocked_is_found_out_by_sending(shop: Shop) -> None:
    """Where the network refuses because the contact has blocked us, the agent's post is marked and told why, and the
    next message is held instead of tried.
    """
    talk = await shop.arrive()
    shop.net.fail(
        method="sendMessage", chat=talk.person, code=403, description="Forbidden: bot was blocked by the user"
    )
    post = talk.write("are you there?")
    await until(lambda: talk.marks(post) == ["💔"], "the mark")
    assert "blocked" in await talk.told(shop.bob, "did not get this")
    (contact,) = [c for c in await shop.kept(Contact) if c.first_name == talk.name]
    assert contact.reaches[0].state == "blocked"
    await shop.town.quiet()
    before = len(shop.net.calls)
    talk.write("hello?")
    await talk.told(shop.bob, "Not sent yet")
    await shop.town.quiet()
    assert not shop.outward(before, talk.person)
    talk.say("I am back")
    await talk.sees("I am back")
    talk.write("welcome back")
    await until(lambda: talk.heard() == ["welcome back"], "the answer")


async def test_a_block_that_we_were_told_of(shop: Shop) -> None:
    """Once the contact has blocked the bot nothing is sent; what the agent writes is held, with the reason."""
    talk = await shop.arrive()
    shop.net.block(talk.person, shop.bot)
    await talk.sees("has blocked us")
    before = len(shop.net.calls)
    talk.write("please come back")
    assert "has blocked us" in await talk.told(shop.bob, "Not sent yet")
    await shop.town.quiet()
    assert not shop.outward(before, talk.person)


async def test_a_deleted_account(shop: Shop) -> None:
    """A contact whose account is gone: the agent is told, in words."""
    talk = await shop.arrive()
    shop.net.deactivate(talk.person)
    post = talk.write("anybody?")
    await until(lambda: talk.marks(post) == ["💔"], "the mark")
    await talk.told(shop.bob, "did not get this")


async def test_who_was_not_answered_waits_on(shop: Shop) -> None:
    """An answer that did not arrive answers nobody: the contact waits as long as before, until it is sent again."""
    talk = await shop.arrive()
    (contact,) = [c for c in await shop.kept(Contact) if c.first_name == talk.name]
    (asked,) = await shop.kept(Conversation, contact=contact.id)
    assert asked.waiting_since is not None
    shop.net.fail(method="sendMessage", chat=talk.person, code=400, description="Bad Request: message is too weird")
    post = talk.write("weird words")
    await until(lambda: talk.marks(post) == ["💔"], "the mark")
    (failed,) = await shop.kept(Conversation, contact=contact.id)
    assert failed.waiting_since == asked.waiting_since
    await talk.press(shop.bob, "Send again")
    await until(lambda: talk.heard() == ["weird words"], "the answer")
    (answered,) = await shop.kept(Conversation, contact=contact.id)
    assert answered.waiting_since is None


async def test_a_file_too_large_to_send(shop: Shop) -> None:
    """An agent's file above what a bot may fetch is said not to have gone, with the reason; what follows goes."""
    talk = await shop.arrive()
    post = talk.answer("document", b"x", size=TOO_LARGE, file_name="film.mkv", caption="our film")
    talk.write("did it arrive?")
    await until(lambda: talk.heard() == ["did it arrive?"], "what follows")
    await until(lambda: talk.marks(post) == ["💔"], "the mark")
    assert "20 MB" in await talk.told(shop.bob, "did not get this")


async def test_part_of_an_album_is_too_large(shop: Shop) -> None:
    """One file of an album that cannot be had stays behind, and the agent is told why on it; the others go, once."""
    talk = await shop.arrive()
    sent = [
        talk.answer("document", b"small", album="mixed"),
        talk.answer("document", b"x", size=TOO_LARGE, album="mixed"),
        talk.answer("document", b"other", album="mixed"),
    ]
    talk.write("after it")
    await until(lambda: "after it" in talk.heard(), "what follows")
    await until(lambda: talk.marks(sent[1]) == ["💔"], "the mark on the one too large")
    await talk.told(shop.bob, "20 MB")
    await until(lambda: [talk.marks(sent[n]) for n in (0, 2)] == [["👌"], ["👌"]], "the marks on the others")
    files = [content(shop, m, "document") for m in talk.phone() if "document" in m]
    assert files == [b"small", b"other"]


async def test_uncertain(shop: Shop) -> None:
    """A send whose answer is lost is told as uncertain and not repeated; only the agent's button sends it again."""
    talk = await shop.arrive()
    shop.net.drop_answer(method="sendMessage", chat=talk.person)
    post = talk.write("maybe")
    await until(lambda: talk.marks(post) == ["🤔"], "the mark")
    await talk.told(shop.bob, "not certain")
    talk.write("and then")
    await until(lambda: talk.heard() == ["maybe", "and then"], "the next one")
    await talk.press(shop.bob, "🔁" if talk.button(shop.bob, "🔁") else "Send", "not certain")
    await until(lambda: talk.heard().count("maybe") == 2, "it again")
    await until(lambda: talk.marks(post) == ["👌"], "the mark")


async def test_a_refusal_for_good(shop: Shop) -> None:
    """What the network refuses for good is told with the network's reason, the words are kept, and nothing hangs."""
    talk = await shop.arrive()
    shop.net.fail(method="sendMessage", chat=talk.person, code=400, description="Bad Request: message is too weird")
    post = talk.write("odd words")
    talk.write("fine words")
    await until(lambda: talk.heard() == ["fine words"], "the next one")
    await until(lambda: talk.marks(post) == ["💔"], "the mark")
    await talk.told(shop.bob, "too weird")
    assert (await shop.said("odd words")).state == "failed"


async def test_an_edit_that_cannot_be_mirrored(shop: Shop) -> None:
    """Where the contact's network refuses an edit, the agent is told that the contact still sees the old words."""
    talk = await shop.arrive()
    post = talk.write("old words")
    await until(talk.heard, "the message")
    await shop.town.quiet()
    shop.net.fail(
        method="editMessageText", chat=talk.person, code=400, description="Bad Request: message can't be edited"
    )
    shop.net.edit(shop.bob, shop.group, post["message_id"], "new words")
    await talk.told(shop.bob, "still sees the old text")
    assert talk.heard() == ["old words"]


async def test_what_is_kept_of_an_answer(shop: Shop) -> None:
    """An answer is kept with its author and state, and answers outside the hub are never invented."""
    talk = await shop.arrive()
    talk.write("kept words")
    await until(talk.heard, "the answer")
    await shop.town.quiet()
    message = await shop.said("kept words")
    assert message.state == "sent"
    assert message.author == (await shop.member(shop.bob)).id
    assert [m.direction for m in await shop.kept(Message, contact=message.contact)] == ["in", "out"]

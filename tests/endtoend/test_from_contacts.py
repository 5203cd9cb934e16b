"""What a contact sends stands on the desk as what it is."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain.models import Message
from tests.endtoend.shop import Shop, Talk
from tests.endtoend.town import until

KINDS = ("photo", "video", "animation", "voice", "audio", "video_note", "document", "sticker")
BARE = ("video_note", "sticker")
"""Kinds that carry no words."""


def content(shop: Shop, message: dict[str, Any], kind: str) -> bytes:
    """The file under a message."""
    found = message[kind][-1] if kind == "photo" else message[kind]
    return shop.net.files.by_key(found["file_id"]).content


def with_file(posts: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The messages that show a file of that kind; an animation is a document as well."""
    return [m for m in posts if kind in m and not (kind == "document" and "animation" in m)]


async def test_text_with_its_formatting(shop: Shop) -> None:
    """Words keep their formatting and links; what could act with an agent's rights (`/x`, `@x`) is broken."""
    talk = shop.newcomer()
    text = "bold and code and here, not /close or @bob"
    spans = [
        {"type": "bold", "offset": 0, "length": 4},
        {"type": "code", "offset": 9, "length": 4},
        {"type": "text_link", "offset": 18, "length": 4, "url": "https://example.com/x"},
    ]
    talk.say(text, entities=spans)
    await until(lambda: talk.there() and talk.post("bold and"), "the message")
    post = talk.post("bold and")
    assert post is not None
    kinds = {e["type"]: e for e in post["entities"]}
    assert {"bold", "code", "text_link"} <= set(kinds)
    assert kinds["text_link"]["url"] == "https://example.com/x"
    assert "bot_command" not in kinds
    assert "mention" not in kinds
    assert "/\u2060close" in post["text"]
    assert "@\u2060bob" in post["text"]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_file(shop: Shop, kind: str) -> None:
    """A file arrives as its kind, byte for byte, with its words where the kind has any."""
    talk = await shop.arrive()
    data = f"a {kind}".encode() * 50
    talk.send(kind, data, caption="" if kind in BARE else f"look: {kind}")
    await until(lambda: with_file(talk.posts(), kind), f"the {kind} on the desk")
    (post,) = with_file(talk.posts(), kind)
    assert content(shop, post, kind) == data
    if kind not in BARE:
        assert f"look: {kind}" in post["caption"]


async def test_a_file_as_the_very_first_message(shop: Shop) -> None:
    """A new contact whose first message is a picture costs one post: picture, words, card and buttons together."""
    talk = shop.newcomer()
    talk.send("photo", b"parcel", caption="is this mine?")
    await until(lambda: talk.there() and with_file(talk.posts(), "photo"), "the picture")
    (post,) = talk.posts()
    assert "is this mine?" in post["caption"]
    assert "waiting since" in post["caption"]
    assert "reply_markup" in post


async def test_what_is_no_file(shop: Shop) -> None:
    """Contacts, locations and venues arrive as such; a poll as its question and options."""
    talk = await shop.arrive()
    net, person, bot = shop.net, talk.person, shop.bot
    net.send_contact(person, bot, "+4930123", "Carl")
    net.send_location(person, bot, 52.5, 13.25)
    net.send_venue(person, bot, "The Pub", "High Street 1")
    net.send_poll(person, bot, "Which colour?", ["red", "blue"])
    poll = await talk.sees("Which colour?")
    assert "red" in poll["text"]
    assert "blue" in poll["text"]
    posts = talk.posts()
    assert [m["contact"]["phone_number"] for m in posts if "contact" in m] == ["+4930123"]
    assert [m["venue"]["title"] for m in posts if "venue" in m] == ["The Pub"]
    places = [m["location"] for m in posts if "location" in m and "venue" not in m]
    assert [(p["latitude"], p["longitude"]) for p in places] == [(52.5, 13.25)]


async def test_an_album_stays_one(shop: Shop) -> None:
    """The parts of an album stand together as one album, in order, with their words, once."""
    talk = await shop.arrive()
    parts = [{"kind": "photo", "data": f"p{n}".encode()} for n in range(3)]
    parts[1]["caption"] = "the middle one"
    shop.net.send_album(talk.person, shop.bot, parts)
    await until(lambda: len(with_file(talk.posts(), "photo")) >= 3, "the album")
    posts = with_file(talk.posts(), "photo")
    assert [content(shop, m, "photo") for m in posts] == [b"p0", b"p1", b"p2"]
    assert len({m["media_group_id"] for m in posts}) == 1
    assert "the middle one" in posts[1]["caption"]


async def test_an_album_that_opens_a_spell_is_counted(shop: Shop) -> None:
    """The text above an album tells its pictures in one line, and its last line pings the assignee by name."""
    talk = await shop.arrive()
    talk.write("/take", by=shop.bob)
    talk.write("one moment", by=shop.bob)
    await until(lambda: talk.heard() == ["one moment"], "the answer")
    await shop.town.quiet()
    shop.net.send_album(talk.person, shop.bot, [{"kind": "photo", "data": f"p{n}".encode()} for n in range(3)])
    text = await talk.sees("🖼 3 photos")
    assert text["text"] == "🖼 3 photos\n🔔 Bob"
    await until(lambda: len(with_file(talk.posts(), "photo")) == 3, "the album")


async def test_an_edit_redraws_its_post(shop: Shop) -> None:
    """What a contact changes is changed on the desk, marked as edited; a caption under a picture too."""
    talk = await shop.arrive("I have ordr 7")
    first = shop.net.private(talk.person, shop.bot)[0]
    picture = talk.send("photo", b"x", caption="wrong words")
    await talk.sees("wrong words")
    shop.net.edit(talk.person, shop.bot, first["message_id"], "I have order 7")
    shop.net.edit(talk.person, shop.bot, picture["message_id"], caption="right words")
    post = await talk.sees("I have order 7")
    assert "(edited)" in post["text"]
    assert "waiting since" in post["text"]
    assert "(edited)" in (await talk.sees("right words"))["caption"]
    assert not talk.post("ordr")
    assert not talk.post("wrong words")


async def test_replies_and_quotes(shop: Shop) -> None:
    """A reply stands on the desk as a reply to the same thing there, ours or theirs; a quoted part is shown."""
    talk = await shop.arrive("first question")
    mine = talk.write("our answer is long")
    await until(talk.heard, "the answer")
    theirs = shop.net.private(talk.person, shop.bot)[0]
    await shop.town.quiet()
    talk.say("about yours", reply_to=talk.phone()[0]["message_id"], quote="answer")
    post = await talk.sees("about yours")
    assert post["reply_to_message"]["message_id"] == mine["message_id"]
    assert "answer" in post["text"].partition("about yours")[2]
    talk.say("about mine", reply_to=theirs["message_id"])
    post = await talk.sees("about mine")
    assert "first question" in post["reply_to_message"]["text"]


async def test_reactions_come_and_go(shop: Shop) -> None:
    """A contact's reaction shows on the agent's post, and is gone when they take it back."""
    talk = await shop.arrive()
    post = talk.write("your parcel is here")
    await until(lambda: talk.marks(post) == ["👌"], "the mark of delivery")
    number = talk.phone()[0]["message_id"]
    shop.net.react(talk.person, shop.bot, number, "❤")
    await until(lambda: talk.marks(post) == ["❤"], "the heart")
    shop.net.react(talk.person, shop.bot, number, None)
    await until(lambda: "❤" not in talk.marks(post), "the heart to go")


async def test_a_link_that_brought_them(shop: Shop) -> None:
    """`/start` with a parameter opens a conversation, and the agents can see what brought the contact."""
    talk = shop.newcomer()
    shop.net.start(talk.person, shop.bot, "spring-sale")
    await until(lambda: talk.there() and talk.posts(), "the topic")
    assert "spring-sale" in talk.desk()[0]
    assert "bot_command" not in {e["type"] for e in talk.posts()[0].get("entities", [])}


async def test_a_forward_says_where_it_is_from(shop: Shop) -> None:
    """What a contact forwards is shown with its origin."""
    talk = await shop.arrive()
    other = shop.newcomer("zed")
    said = other.say("my words, not theirs")
    stored = shop.net.private(other.person, shop.bot)[-1]
    assert stored["message_id"] == said["message_id"]
    origin = {"type": "user", "date": said["date"], "sender_user": other.person.as_json()}
    message = {**talk.say("x"), "message_id": 990_001, "text": "forwarded words", "forward_origin": origin}
    shop.net.raw_update(shop.bot, {"message": message})
    post = await talk.sees("forwarded words")
    assert other.name in post["text"]


async def test_blocked_and_back(shop: Shop) -> None:
    """When a contact blocks the bot the desk is told, and told again when they are back."""
    talk = await shop.arrive()
    shop.net.block(talk.person, shop.bot)
    await talk.sees("has blocked us")
    shop.net.unblock(talk.person, shop.bot)
    await talk.sees("can be reached again")


async def test_a_file_too_large_to_fetch(shop: Shop) -> None:
    """A file above the 20 MB that a bot may fetch is said to be there, with its words; what follows is not held up."""
    talk = await shop.arrive()
    talk.send("document", b"x", size=25_000_000, file_name="film.mkv", caption="my film")
    talk.say("did you get it?")
    post = await talk.sees("did you get it?")
    said = talk.post("film.mkv")
    assert said is not None
    assert "20 MB" in said["text"]
    assert "my film" in said["text"]
    assert said["message_id"] <= post["message_id"]


async def test_a_file_that_cannot_be_had(shop: Shop) -> None:
    """A file that the network does not give is said so on the desk and does not block its lane."""
    talk = await shop.arrive()
    shop.net.fail(
        method="getFile", code=400, description="Bad Request: wrong file_id or the file is temporarily unavailable"
    )
    talk.send("photo", b"x", caption="gone picture")
    talk.say("after it")
    await talk.sees("after it")
    said = talk.post("gone picture")
    assert said is not None
    assert "Photo" in said["text"]


async def test_what_has_no_words(shop: Shop) -> None:
    """A message of a kind that we do not support (a dice) does not stop what follows, and is ignored with a reason."""
    talk = await shop.arrive()
    shop.net.send_dice(talk.person, shop.bot)
    talk.say("what did I roll?")
    await talk.sees("what did I roll?")


async def test_every_message_is_kept_once_with_its_own_payload(shop: Shop) -> None:
    """The workspace keeps each message once, with the network's payload beside it."""
    talk = await shop.arrive("keep me once")
    await shop.town.quiet()
    update = next(u for u in shop.net.updates_of(shop.bot) if u.get("message", {}).get("text") == "keep me once")
    shop.net.redeliver(shop.bot, update["update_id"])
    talk.say("and this too")
    await talk.sees("and this too")
    found = [m for m in await shop.kept(Message) if m.text.plain == "keep me once"]
    assert len(found) == 1
    assert "keep me once" in found[0].raw
    assert sum("keep me once" in t for t in talk.desk()) == 1


async def test_a_long_text_arrives_whole(shop: Shop) -> None:
    """A text of the network's full length, with a card that does not fit beside it, is shown whole and in order."""
    text = " ".join(f"w{n}" for n in range(800))[:4096]
    talk: Talk = shop.newcomer()
    talk.say(text)
    await until(lambda: talk.there() and "w799" in "".join(talk.desk()), "all of it")
    shown = " ".join(" ".join(talk.desk()).split())
    assert shown.startswith(text[:200])
    assert all(word in shown.split() for word in text.split())

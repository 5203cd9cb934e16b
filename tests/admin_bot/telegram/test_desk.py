"""The desk's hands, over HTTP against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.admin_bot.drawing import Templates
from hub.admin_bot.telegram.client import Client
from hub.admin_bot.telegram.desk import TelegramDesk
from hub.domain.ids import ContactId, ConversationId, Identity, MessageId, PostId, ThreadId
from hub.domain.models import Comment, Location, Media, Poll, SharedContact
from hub.domain.ports import OutgoingMedia, QueueRow, QueueView
from hub.domain.reply import Reply
from hub.domain.text import Span, Text
from hub.errors import (
    ChannelDead,
    DeskMoved,
    Gone,
    NotFound,
    TemporaryFailure,
    ThreadGone,
    TooLarge,
    Uncertain,
    Undeliverable,
)
from hub.settings import Limits, Settings
from tests.admin_bot.telegram.town import NOW, Town, contact, file, said, view

PNG = b"\x89PNG not really"


def labels(message: dict[str, Any]) -> list[list[str]]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [[b["text"] for b in row] for row in rows]


def entity_kinds(message: dict[str, Any]) -> set[str]:
    return {e["type"] for e in [*message.get("entities", []), *message.get("caption_entities", [])]}


async def shown(town: Town, posts: list[PostId]) -> list[dict[str, Any]]:
    return [town.world.message(town.forum, int(p)) for p in posts]


async def test_a_first_message_is_one_post_with_words_first_card_and_buttons(town: Town) -> None:
    """A new contact costs one post; a locked screen shows the contact's words."""
    thread = await town.desk.open_thread("Carol")
    bob = Identity(f"telegram:{town.bob.id}")
    shows = view(said("Hello, I can't log in"), card=True, row=True, mention=bob, mention_name="Bob Bright")
    (message,) = await shown(town, posts := await town.desk.show(thread, shows))
    assert message["message_thread_id"] == int(thread)
    assert message["text"].startswith("Hello, I can't log in\n\n———\n👤 Carol\n#123 · Shop · 🟡 waiting since")
    assert "🏷 vip" in message["text"]
    assert message["text"].endswith("🔔 Bob Bright")
    assert [e["user"]["id"] for e in message["entities"] if e["type"] == "text_mention"] == [town.bob.id]
    assert labels(message) == [["✋ Take", "✅ Close ▾", "⋯"]]
    data = [b["callback_data"] for b in message["reply_markup"]["inline_keyboard"][0]]
    assert data == ["7:take 123", "7:close 123", "7:more 123"]
    assert town.desk.cost(shows) == len(posts) == 1


async def test_topic_names_are_never_empty_too_long_or_acting(town: Town) -> None:
    """The network refuses empty and overlong names; the same name again is done."""
    names = ["", "\u3164\u200b", "x" * 300, "😀" * 100, "/close @bob\n<b>"]
    threads = [await town.desk.open_thread(n) for n in names]
    made = {str(t.id): t.name for t in town.world.topics(town.forum)}
    assert made[threads[0]] == made[threads[1]] == "Unknown"
    assert made[threads[4]] == "/\u2060close @\u2060bob <b>"
    await town.desk.rename_thread(threads[0], "Dan")
    await town.desk.rename_thread(threads[0], "Dan")
    assert {str(t.id): t.name for t in town.world.topics(town.forum)}[threads[0]] == "Dan"


@pytest.mark.parametrize("words", ["/close", "@bob @bo_b", "<b>/close</b>", "/\u202eclose", "(/a@desk_bot)", "\r/a"])
async def test_hostile_words_never_become_commands_or_mentions(town: Town, words: str) -> None:
    """In text, name, quote, forward, caption and file name: nothing the contact wrote acts when tapped."""
    thread = await town.desk.open_thread(words)
    hostile = contact(words, last_name=words, username="close", phone="/close", email="/a@b")
    message = said(words, quote=words, forwarded_from=words)
    message.attachments = [Media(kind="file", name=words, problem=words), Poll(question=words, options=(words,))]
    shows = view(message, card=True, heading=words)
    assert shows.card is not None
    shows.contact = shows.card.contact = hostile
    shows.card.tags, shows.card.channel, shows.card.category = [words], words, words
    picture = Media(kind="image", name=words)
    captioned = view(said(words, picture), files=[file(picture, PNG)], row=True)
    posts = [*await town.desk.show(thread, shows), *await town.desk.show(thread, captioned)]
    for post in await shown(town, posts):
        assert not entity_kinds(post) & {"bot_command", "mention", "text_mention"}


async def test_formatting_is_kept(town: Town) -> None:
    """Bold stays bold, with the joiner in between and astral signs before."""
    thread = await town.desk.open_thread("Carol")
    text = Text("😀 bold & <link> /x", (Span(2, 6, "bold"), Span(9, 15, "link", "https://example.com/?a=1&b=2")))
    (message,) = await shown(town, await town.desk.show(thread, view(said(text))))
    assert message["text"] == "😀 bold & <link> /\u2060x"
    found = {e["type"]: (e["offset"], e["length"], e.get("url")) for e in message["entities"]}
    assert found["bold"] == (3, 4, None)
    assert found["text_link"] == (10, 6, "https://example.com/?a=1&b=2")


async def test_several_messages_are_one_post_and_stay_apart_when_one_is_edited(town: Town) -> None:
    """Posts are precious; an edit and a deletion redraw their own part."""
    thread = await town.desk.open_thread("Carol")
    one, two, three = said("one"), said("two"), said("three")
    shows = view(one, two, three)
    assert town.desk.fits(shows)
    (post,) = await town.desk.show(thread, shows)
    assert town.world.message(town.forum, int(post))["text"] == "one\n\ntwo\n\nthree"
    two.text, two.edited_at, three.deleted_at = Text("TWO"), NOW, NOW
    await town.desk.redraw(thread, post, shows, media=False)
    await town.desk.redraw(thread, post, shows, media=False)
    message = town.world.message(town.forum, int(post))
    assert message["text"] == "one\n\nTWO (edited)\n\nthree (deleted by the contact)"
    struck = [e for e in message["entities"] if e["type"] == "strikethrough"]
    assert [(e["offset"], e["length"]) for e in struck] == [(19, 5)]


async def test_what_does_not_fit_together(town: Town) -> None:
    """Files, replies, notes beside messages and overlong texts are posts of their own; one alone always fits."""
    picture = Media(kind="image", stored=None)
    assert town.desk.fits(view(said("x" * 9000)))
    assert not town.desk.fits(view(said("x" * 3000), said("y" * 3000)))
    assert not town.desk.fits(view(said("x"), said("y", picture)))
    assert not town.desk.fits(view(said("x"), said("y", reply_to="m0")))
    assert not town.desk.fits(view(said("x"), note("y")))  # type: ignore[arg-type]


def note(words: str) -> Comment:
    who, conversation = ContactId("c1"), ConversationId("v1")
    return Comment(id=MessageId("n1"), contact=who, conversation=conversation, at=NOW, text=Text(words))


async def test_notes_are_marked(town: Town) -> None:
    """A note shown on another desk must not be taken for the contact's words."""
    thread = await town.desk.open_thread("Carol")
    (message,) = await shown(town, await town.desk.show(thread, view(note("call back"))))  # type: ignore[arg-type]
    assert message["text"] == "🗒 Note (internal): call back"


async def test_an_overlong_text_is_split_with_its_markup(town: Town) -> None:
    """The first post carries the buttons; each part is redrawn as its own."""
    thread = await town.desk.open_thread("Carol")
    text = Text("word " * 1200, (Span(0, 6000, "bold"),))
    shows = view(said(text), row=True, card=True)
    posts = await town.desk.show(thread, shows)
    first, second = await shown(town, posts)
    assert town.desk.cost(shows) == 2
    assert labels(first)
    assert not labels(second)
    assert "👤 Carol" in second["text"]
    assert entity_kinds(first) == {"bold"}
    shows.part = 1
    await town.desk.redraw(thread, posts[1], shows, media=False)
    assert town.world.message(town.forum, int(posts[1]))["text"] == second["text"]


@pytest.mark.parametrize("kind", ["image", "video", "animation", "voice", "audio", "file"])
async def test_a_file_carries_words_and_buttons(town: Town, kind: str) -> None:
    """One post; an edit changes its caption."""
    thread = await town.desk.open_thread("Carol")
    media = Media(kind=kind, name='re"po\r\nrt.pdf')  # type: ignore[arg-type]
    message = said("look", media)
    shows = view(message, files=[file(media, PNG)], row=True, card=True)
    (post,) = await town.desk.show(thread, shows)
    sent = town.world.message(town.forum, int(post))
    field = {"image": "photo", "file": "document"}.get(kind, kind)
    assert sent[field]
    assert sent["caption"].startswith("look\n\n———\n👤 Carol")
    assert labels(sent) == [["✋ Take", "✅ Close ▾", "⋯"]]
    message.text, message.edited_at = Text("LOOK"), NOW
    await town.desk.redraw(thread, post, msgspec.structs.replace(shows, files=[]), media=True)
    assert town.world.message(town.forum, int(post))["caption"].startswith("LOOK (edited)\n")


@pytest.mark.parametrize("kind", ["video_note", "sticker"])
async def test_kinds_without_words_have_their_text_first(town: Town, kind: str) -> None:
    """Card and buttons need a text; it is the first post, the file the second."""
    thread = await town.desk.open_thread("Carol")
    media = Media(kind=kind)  # type: ignore[arg-type]
    shows = view(said("", media), files=[file(media, PNG)], row=True, card=True)
    text, bare = await shown(town, posts := await town.desk.show(thread, shows))
    assert town.desk.cost(shows) == 2
    assert "👤 Carol" in text["text"]
    assert labels(text)
    assert bare[kind]
    again = msgspec.structs.replace(shows, files=[])
    await town.desk.redraw(thread, posts[0], again, media=True)
    again.part = 1
    await town.desk.redraw(thread, posts[1], again, media=True)


async def test_an_album_stays_an_album(town: Town) -> None:
    """Two pictures of one album are one group; each has its own caption, and its own post in order."""
    thread = await town.desk.open_thread("Carol")
    pictures = [Media(kind="image"), Media(kind="video")]
    messages = [said(w, m, album="a") for w, m in zip(("first", "second"), pictures, strict=True)]
    shows = view(*messages, files=[file(m, PNG) for m in pictures])
    assert town.desk.fits(shows)
    assert town.desk.cost(shows) == 2
    one, two = await shown(town, await town.desk.show(thread, shows))
    assert one["media_group_id"] == two["media_group_id"]
    assert (one["caption"], two["caption"]) == ("first", "second")


async def test_an_album_with_a_card_has_its_text_first(town: Town) -> None:
    """Albums carry no buttons, so the words and the card stand in a text before it."""
    thread = await town.desk.open_thread("Carol")
    pictures = [Media(kind="image"), Media(kind="image")]
    messages = [said("both" if not i else "", m, album="a") for i, m in enumerate(pictures)]
    shows = view(*messages, files=[file(m, PNG) for m in pictures], card=True, row=True)
    text, one, two = await shown(town, await town.desk.show(thread, shows))
    assert town.desk.cost(shows) == 3
    assert text["text"].startswith("both\n🖼 2 photos\n\n———")
    assert labels(text)
    assert one["media_group_id"] == two["media_group_id"]
    assert "caption" not in one


async def test_an_albums_text_counts_its_files(town: Town) -> None:
    """One line tells how many files of which kind; words and troubles of single ones keep lines of their own."""
    kinds = ["image", "video", "image", "image"]
    pictures = [Media(kind=k) for k in kinds]  # type: ignore[arg-type]
    pictures[3].problem = "larger than 20 MB"
    messages = [said(w, m, album="a") for w, m in zip(("first", "", "third", ""), pictures, strict=True)]
    shows = view(*messages, files=[file(m, PNG) for m in pictures[:3]], card=True, row=True)
    thread = await town.desk.open_thread("Carol")
    text, *_ = await shown(town, await town.desk.show(thread, shows))
    assert text["text"].startswith("first\n🖼 2 photos, 🎬 Video\n\nthird\n\n🖼 Photo — larger than 20 MB\n\n———")
    note = Comment(
        id=MessageId("n"),
        contact=ContactId("c1"),
        conversation=ConversationId("v1"),
        at=NOW,
        album="a",
        attachments=[Media(kind="image")],
    )
    notes = view(
        note, msgspec.structs.replace(note, id=MessageId("m")), files=[file(Media(kind="image"), PNG)] * 2, card=True
    )
    text, *_ = await shown(town, await town.desk.show(thread, notes))
    assert text["text"].startswith("🗒 Note (internal): 🖼 2 photos\n\n———")


async def test_places_and_address_cards_are_shown_as_such(town: Town) -> None:
    """A location is a map; a poll is words; a file that cannot be had is said so."""
    thread = await town.desk.open_thread("Carol")
    message = said()
    message.attachments = [
        Location(latitude=1.5, longitude=2.5),
        Location(kind="venue", latitude=1.5, longitude=2.5, title="Cafe", street="Main St"),
        SharedContact(name="Dan", phone="+123"),
        Poll(question="Which?", options=("a", "b")),
        Media(kind="file", name="report.pdf", problem="larger than the 20 MB that can be fetched"),
    ]
    shows = view(message, row=True)
    text, point, venue, card = await shown(town, await town.desk.show(thread, shows))
    assert town.desk.cost(shows) == 4
    assert "📊 Which?\n• a\n• b\n📎 report.pdf — larger than the 20 MB that can be fetched" in text["text"]
    assert point["location"]["latitude"] == 1.5
    assert venue["venue"]["title"] == "Cafe"
    assert card["contact"]["phone_number"] == "+123"


async def test_a_reply_points_to_what_it_answers_and_survives_its_loss(town: Town) -> None:
    """Replies are mirrored; one to a post that is gone is posted all the same."""
    thread = await town.desk.open_thread("Carol")
    (first,) = await town.desk.show(thread, view(said("one")))
    (second,) = await town.desk.show(thread, view(said("two"), reply_to=first))
    assert town.world.message(town.forum, int(second))["reply_to_message"]["message_id"] == int(first)
    await town.desk.delete(first)
    await town.desk.delete(first)
    assert await town.desk.show(thread, view(said("three"), reply_to=first))


async def test_reactions_and_marks(town: Town) -> None:
    """A bot has one reaction of a fixed list; what is not in it is refused before it is asked."""
    thread = await town.desk.open_thread("Carol")
    (post,) = await town.desk.show(thread, view(said("one")))

    def reaction() -> list[str]:
        return town.world.reactions(town.forum, int(post)).get(str(town.bot.id), [])

    for mark in ("delivered", "failed", "uncertain", "unsent"):
        await town.desk.mark(post, mark)  # type: ignore[arg-type]
        assert reaction()
    await town.desk.react(post, "❤️")
    assert reaction() == ["❤"]
    await town.desk.react(post, "")
    assert reaction() == []
    with pytest.raises(Undeliverable):
        await town.desk.react(post, "🧿")


async def test_the_queue_card_is_edited_in_place(town: Town) -> None:
    """A row each: open it, take it; the same again is done; a lost card is Gone."""
    row = QueueRow(
        number=123,
        version=7,
        name="Carol",
        waiting_since=NOW - timedelta(days=3),
        text="hi /x",
        url="https://t.me/c/1/2",
    )
    busy = QueueView(rows=[row], total=1, workspace="Shop")
    post = await town.desk.queue_card(None, busy)
    message = town.world.message(town.forum, int(post))
    assert "message_thread_id" not in message
    look, take = message["reply_markup"]["inline_keyboard"][0]
    assert look["url"] == "https://t.me/c/1/2"
    assert look["text"].startswith("Carol #123 · ")
    assert take["callback_data"] == "7:take 123"
    assert await town.desk.queue_card(post, busy) == post
    await town.desk.queue_card(post, QueueView(rows=[], total=0))
    assert town.world.message(town.forum, int(post))["text"] == "✅ Nobody is waiting"
    await town.desk.delete(post)
    with pytest.raises(Gone):
        await town.desk.queue_card(post, busy)


@pytest.mark.parametrize("loss", ["deleted", "lost", "closed"])
async def test_a_lost_topic_is_told(town: Town, loss: str) -> None:
    """The host heals it; nothing strays into General."""
    thread = await town.desk.open_thread("Carol")
    if loss == "deleted":
        town.world.delete_topic(town.ann, town.forum, int(thread))
    elif loss == "lost":
        town.world.lose_topics(town.forum)
    else:
        town.world.fail(method="sendMessage", code=400, description="Bad Request: TOPIC_CLOSED")
    with pytest.raises(ThreadGone):
        await town.desk.show(thread, view(said("one")))
    assert not [m for m in town.world.history(town.forum, thread=1) if m.get("text")]


FAULTS: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"code": 500}, TemporaryFailure),
    ({"retry_after": 3}, TemporaryFailure),
    ({"code": 401}, ChannelDead),
    ({"migrate_to": -1009}, DeskMoved),
    ({"code": 400, "description": "Bad Request: not enough rights to send text messages"}, TemporaryFailure),
    ({"code": 400, "description": "Bad Request: can't parse entities"}, Undeliverable),
    ({"code": 403, "description": "Forbidden: bot was kicked from the supergroup chat"}, Gone),
    ({"code": 413, "description": "Request Entity Too Large"}, TooLarge),
    ({"code": 409, "description": "Conflict: terminated"}, TemporaryFailure),
]


@pytest.mark.parametrize(("how", "kind"), FAULTS)
async def test_refusals_become_the_errors_the_host_decides_by(
    town: Town, how: dict[str, Any], kind: type[Exception]
) -> None:
    """Each in one place; no text holds the token."""
    thread = await town.desk.open_thread("Carol")
    town.world.fail(method="sendMessage", **how)
    with pytest.raises(kind) as caught:
        await town.desk.show(thread, view(said("one")))
    assert town.bot.token not in str(caught.value)
    if isinstance(caught.value, DeskMoved):
        assert caught.value.chat == "-1009"
    if "retry_after" in how:
        assert isinstance(caught.value, TemporaryFailure)
        assert (caught.value.retry_after, caught.value.limited) == (3.0, True)


async def test_a_lost_answer_is_uncertain_only_where_twice_would_show(town: Town) -> None:
    """A post may stand there; an edit can be done again."""
    thread = await town.desk.open_thread("Carol")
    (post,) = await town.desk.show(thread, view(said("one")))
    town.world.drop_answer(method="sendMessage")
    with pytest.raises(Uncertain):
        await town.desk.show(thread, view(said("two")))
    town.world.drop_answer(method="editMessageText")
    with pytest.raises(TemporaryFailure):
        await town.desk.redraw(thread, post, view(said("ONE")), media=False)


async def test_a_file_that_cannot_be_read_is_told_and_leaves_nothing_behind(town: Town) -> None:
    """The host shows the message without it; what was posted before it is taken away."""
    thread = await town.desk.open_thread("Carol")

    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise NotFound("The file is not kept any more.")

    media = Media(kind="sticker")
    files = [OutgoingMedia(media=media, content=broken, size=9)]
    with pytest.raises(Undeliverable, match="not kept any more"):
        await town.desk.show(thread, view(said("hm", media), files=files))
    assert not [m for m in town.world.history(town.forum, thread=int(thread)) if "text" in m]


async def test_an_agents_file_is_fetched_in_chunks(town: Town) -> None:
    """Up to 20 MB; larger ones and lost ones are told."""
    sent = town.world.send_media(town.ann, town.forum, "document", b"x" * 200_000)
    (heard,) = [h for h in await town.hear() if h.attachments]  # type: ignore[union-attr]
    (media,) = heard.attachments  # type: ignore[union-attr]
    assert isinstance(media, Media)
    assert sent
    assert b"".join([c async for c in town.desk.fetch(media)]) == b"x" * 200_000
    with pytest.raises(TooLarge):
        await anext(aiter(town.desk.fetch(msgspec.structs.replace(media, size=25_000_000))))
    with pytest.raises(Gone):
        await anext(aiter(town.desk.fetch(msgspec.structs.replace(media, source="no such file"))))


async def test_links_and_limits(town: Town) -> None:
    """Links open the topic at the post; limits come from the settings."""
    bare = str(town.forum.id).removeprefix("-100")
    assert town.desk.link(ThreadId("5"), PostId("9")) == f"https://t.me/c/{bare}/5/9"
    assert town.desk.link(ThreadId("5"), None) == f"https://t.me/c/{bare}/5"
    assert town.desk.pace.per_desk is not None
    assert (town.desk.pace.per_desk.count, town.desk.pace.per_desk.seconds) == (20, 60)
    assert town.desk.account == f"telegram:{town.bot.id}"


async def test_a_picture_that_telegram_cannot_show_is_sent_as_a_file(town: Town) -> None:
    """Odd dimensions are no reason to lose it."""
    thread = await town.desk.open_thread("Carol")
    picture = Media(kind="image", name="long.png")
    town.world.fail(method="sendPhoto", code=400, description="Bad Request: PHOTO_INVALID_DIMENSIONS")
    (post,) = await town.desk.show(thread, view(said("look", picture), files=[file(picture, PNG)]))
    assert town.world.message(town.forum, int(post))["document"]["file_name"] == "long.png"


async def test_a_reply_that_cannot_be_drawn_is_undeliverable(town: Town) -> None:
    """A fault of ours in a template must not stop the host's lanes."""
    with pytest.raises(Undeliverable):
        await town.desk.say(ThreadId(""), Reply("no such template"))
    post = await town.desk.say(ThreadId(""), Reply("said", {"words": "x"}))
    assert town.world.message(town.forum, int(post))["text"] == "Done: x"


async def test_no_connection_is_temporary_and_names_no_token(town: Town) -> None:
    """What never left may be tried again."""
    settings = Settings(data_dir=Path(), telegram_token=town.bot.token, telegram_api_url="http://127.0.0.1:1")
    client = Client(settings.telegram_token, settings.telegram_api_url)
    desk = TelegramDesk(client, str(town.forum.id), Limits(), Templates("telegram"))
    with pytest.raises(TemporaryFailure) as caught:
        await desk.open_thread("Carol")
    shown_to_people = f"{caught.value!r} {caught.value.__cause__!r}"
    assert town.bot.token not in shown_to_people
    await client.close()

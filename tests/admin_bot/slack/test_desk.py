"""The desk's hands, over HTTP against the stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from hub.admin_bot.slack.desk import BURST, MARKS
from hub.domain.ids import ContactId, ConversationId, Identity, MessageId, PostId, ThreadId
from hub.domain.models import Comment, Location, Media, Poll, SharedContact
from hub.domain.ports import CardView, OutgoingMedia, QueueRow, QueueView, RelayView
from hub.domain.reply import Button, Reply
from hub.domain.text import Span, Text
from hub.errors import (
    ChannelDead,
    DeliveryError,
    Gone,
    NotFound,
    TemporaryFailure,
    ThreadGone,
    TooLarge,
    Uncertain,
    Undeliverable,
)
from hub.host.delivery import desk_windows, edit_windows
from hub.host.pacer import Pacer, Priority
from tests.admin_bot.slack.town import Town, labels, shown
from tests.admin_bot.telegram.town import NOW, contact, file, said, view

PNG = b"\x89PNG not really"


def card(**more: Any) -> CardView:
    made = view(said(), card=True).card
    assert made is not None
    return msgspec.structs.replace(made, **more)


async def opened(town: Town, title: str = "Carol") -> ThreadId:
    return await town.desk.open_thread(title, card())


def messages(town: Town, posts: list[PostId]) -> list[dict[str, Any]]:
    every = [m for root in town.world.history(town.channel) for m in town.world.thread(town.channel, root["ts"])]
    return [m for p in posts for m in every if m["ts"] == p]


async def post(town: Town, thread: ThreadId, shows: RelayView) -> dict[str, Any]:
    """The one post that it becomes."""
    (message,) = messages(town, await town.desk.show(thread, shows))
    return message


def note(words: str) -> Any:
    who, conversation = ContactId("c1"), ConversationId("v1")
    return Comment(id=MessageId("n1"), contact=who, conversation=conversation, at=NOW, text=Text(words))


# -- threads ---------------------------------------------------------------------------------------------------------


async def test_a_thread_opens_with_its_card(town: Town) -> None:
    """Who, where from, how things stand, and what can be done; in the channel, with words for notifications."""
    shows = card(assignee="", tags=["vip"], window="until tomorrow 9:30")
    thread = await town.desk.open_thread("Carol", shows)
    root = town.root()
    assert root["ts"] == thread
    words = shown(root)
    for part in ("👤 Carol", "#123", "Shop", "🟡 waiting since", "✋ nobody", "🏷 vip", "until tomorrow 9:30"):
        assert part in words
    assert root["text"].startswith("Carol · ")
    assert labels(root) == ["✋ Take", "✅ Close…", "users_select", "overflow"]
    assert town.desk.shape.card_opens
    assert town.desk.shape.thread_per == "conversation"


async def test_the_card_is_redrawn_in_place(town: Town) -> None:
    """With who has it and what can be done now; opening and renaming again are done already."""
    thread = await opened(town)
    shows = view(said(), card=True)
    assert shows.card is not None
    shows.messages = []
    shows.card.assignee = shows.conversation.assignee = "Bob"  # type: ignore[assignment]
    shows.conversation.state = "closed"
    for _ in range(2):
        await town.desk.redraw(thread, PostId(thread), shows, media=False)
    root = town.root()
    assert "✋ Bob" in shown(root)
    assert labels(root) == ["🟢 Reopen", "users_select", "overflow"]
    assert len(town.world.history(town.channel)) == 1
    await town.desk.rename_thread(thread, "Dan")
    await town.desk.reopen_thread(thread)


@pytest.mark.parametrize("title", ["", "\u200b", "x" * 400, "😀" * 200, "<!channel> & *b*\n:x:"])
async def test_titles_fit(town: Town, title: str) -> None:
    """Never empty, never too long, and just words."""
    await town.desk.open_thread(title, card())
    header = town.root()["blocks"][0]["text"]
    assert 0 < len(header["text"]) <= 150
    assert (header["type"], header.get("emoji")) == ("plain_text", False)


# -- posts -----------------------------------------------------------------------------------------------------------


async def test_a_first_message(town: Town) -> None:
    """The words first, the buttons below; the assignee is mentioned for real."""
    thread = await opened(town)
    bob = Identity(f"slack:{town.team.id}:{town.bob.id}")
    shows = view(said("Hello, I can't log in"), row=True, mention=bob, mention_name="Bob")
    message = await post(town, thread, shows)
    assert message["thread_ts"] == thread
    assert shown(message) == f"Hello, I can't log in\n\n🔔 <{town.bob.id}>"
    assert labels(message) == ["✋ Take", "✅ Close…", "⋯"]
    assert [e["value"] for e in message["blocks"][-1]["elements"]] == ["7:take 123", "7:close 123", "7:more 123"]
    assert town.desk.cost(shows) == 1


@pytest.mark.parametrize(
    "words", ["<!channel>", "<@{bob}>", "@bob @here", "<https://evil.example|bank>", "/close", "*&<>"]
)
async def test_hostile_words_never_act(town: Town, words: str) -> None:
    """In text, name, quote, forward and file name: nobody is pinged and nothing is run, in blocks or fallback."""
    words = words.replace("{bob}", town.bob.id)
    hostile = contact(words, last_name=words, username=words, phone=words, email=words)
    shows = view(said(words, quote=words, forwarded_from=words), card=True, heading=words)
    shows.messages[0].attachments = [
        Media(kind="file", name=words, problem=words),
        Poll(question=words, options=(words,)),
    ]
    assert shows.card is not None
    shows.contact = shows.card.contact = hostile
    shows.card.tags, shows.card.channel, shows.card.category = [words], words, words
    thread = await town.desk.open_thread(words, shows.card)
    posted = [town.root(), await post(town, thread, shows)]
    for message in posted:
        assert words in shown(message)
        assert not any(sign in message["text"] for sign in "<>")
        assert not [e for e in _elements(message["blocks"]) if e["type"] in ("user", "broadcast", "usergroup", "emoji")]


def _elements(value: Any) -> list[dict[str, Any]]:
    found = [value] if isinstance(value, dict) and "type" in value else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*found, *(e for each in inner for e in _elements(each))]


async def test_formatting_is_kept(town: Town) -> None:
    """Bold stays bold, with astral signs before; a link opens its address."""
    thread = await opened(town)
    text = Text("😀 bold & <link>", (Span(2, 6, "bold"), Span(9, 15, "link", "https://example.com/?a=1&b=2")))
    message = await post(town, thread, view(said(text)))
    elements = message["blocks"][0]["elements"][0]["elements"]
    assert elements == [
        {"type": "text", "text": "😀 "},
        {"type": "text", "text": "bold", "style": {"bold": True}},
        {"type": "text", "text": " & "},
        {"type": "link", "url": "https://example.com/?a=1&b=2", "text": "<link>"},
    ]


async def test_several_messages_are_one_post_and_are_redrawn_apart(town: Town) -> None:
    """An edit and a deletion redraw their own part."""
    thread = await opened(town)
    one, two, three = said("one"), said("two"), said("three")
    shows = view(one, two, three)
    assert town.desk.fits(shows)
    (ts,) = await town.desk.show(thread, shows)
    two.text, two.edited_at, three.deleted_at = Text("TWO"), NOW, NOW
    for _ in range(2):
        await town.desk.redraw(thread, ts, shows, media=False)
    (message,) = messages(town, [ts])
    assert shown(message) == "one\n\nTWO (edited)\n\nthree (deleted by the contact)"


async def test_what_does_not_fit_together(town: Town) -> None:
    """Files, replies, notes beside messages and overlong texts are posts of their own; one alone always fits."""
    picture = Media(kind="image", stored=None)
    assert town.desk.fits(view(said("x" * 9000)))
    assert not town.desk.fits(view(said("x" * 2000), said("y" * 2000)))
    assert not town.desk.fits(view(said("x"), said("y", picture)))
    assert not town.desk.fits(view(said("x"), said("y", reply_to="m0")))
    assert not town.desk.fits(view(said("x"), note("y")))
    assert town.desk.fits(view(said("x", picture, album="a"), said("", picture, album="a")))


@pytest.mark.parametrize("words", ["word " * 2000, "&" * 10_000, "😀" * 10_000, "שלום " * 2000])
async def test_an_overlong_text_is_split_and_whole(town: Town, words: str) -> None:
    """The first post carries the buttons; each part is redrawn as its own."""
    thread = await opened(town)
    shows = view(said(Text(words, (Span(0, len(words), "bold"),))), row=True)
    posts = await town.desk.show(thread, shows)
    parts = messages(town, posts)
    assert "".join(shown(m) for m in parts) == words
    assert [bool(labels(m)) for m in parts] == [True] + [False] * (len(parts) - 1)
    assert town.desk.cost(shows) == len(posts)
    for shows.part, ts in enumerate(posts):
        await town.desk.redraw(thread, ts, shows, media=False)
    assert [shown(m) for m in messages(town, posts)] == [shown(m) for m in parts]


async def test_notes_and_others_answers_are_marked(town: Town) -> None:
    """They must not be taken for the contact's words."""
    thread = await opened(town)
    assert shown(await post(town, thread, view(note("call back")))) == "🗒 Note (internal): call back"
    answer = said("We did.", direction="out") if False else msgspec.structs.replace(said("We did."), direction="out")
    assert shown(await post(town, thread, view(answer, heading="Answered outside"))) == "Answered outside\n\n↩ We did."


async def test_what_is_no_text_is_said_in_words(town: Town) -> None:
    """Places on the map, address-book entries, polls; nothing at all is said, too."""
    thread = await opened(town)
    message = said("")
    message.attachments = [
        Location(latitude=1.5, longitude=2.0),
        Location(kind="venue", latitude=1, longitude=2, title="Café", street="Main St"),
        SharedContact(name="Dan", phone="+123"),
        Poll(question="Which?", options=("a", "b")),
    ]
    words = shown(await post(town, thread, view(message)))
    assert words == "📍 Location 1.50000,2.00000\n📍 Café, Main St\n👤 Dan +123\n📊 Which?\n• a\n• b"
    assert shown(await post(town, thread, view(said("")))) == "(no words)"


async def test_an_answer_leads_to_what_it_answers(town: Town) -> None:
    """Threads have no replies within, so there is a link."""
    thread = await opened(town)
    (first,) = await town.desk.show(thread, view(said("one")))
    message = await post(town, thread, view(said("two"), reply_to=first))
    link = next(e for e in _elements(message["blocks"]) if e["type"] == "link")
    assert first.replace(".", "") in link["url"] or first in link["url"] or thread in link["url"]


# -- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["image", "video", "voice", "file", "sticker"])
async def test_a_file_stands_below_its_words(town: Town, kind: Any) -> None:
    """Two posts, the first with the buttons; both are known by their messages."""
    thread = await opened(town)
    media = Media(kind=kind, name='re"po\r\nrt.pdf')
    shows = view(said("look", media), files=[file(media, PNG)], row=True)
    posts = await town.desk.show(thread, shows)
    words, bare = messages(town, posts)
    assert shown(words).startswith("look\n")
    assert labels(words)
    (sent,) = bare["files"]
    assert bare["thread_ts"] == thread
    assert town.world.content(sent["id"]) == PNG
    assert "\n" not in sent["name"]
    assert town.desk.cost(shows) == 2
    await town.desk.redraw(thread, posts[1], shows, media=True)


async def test_an_album_is_words_and_files(town: Town) -> None:
    """One text for all, then each file."""
    thread = await opened(town)
    pictures = [Media(kind="image", name=f"{n}.png") for n in range(3)]
    shows = view(*[said("", p, album="a") for p in pictures], files=[file(p, PNG) for p in pictures])
    posts = await town.desk.show(thread, shows)
    assert len(posts) == town.desk.cost(shows) == 4
    assert [len(m.get("files", [])) for m in messages(town, posts)] == [0, 1, 1, 1]


async def test_when_a_file_cannot_be_shown_nothing_stays(town: Town) -> None:
    """It will be shown again, whole; what stood there already would stand there twice."""
    thread = await opened(town)

    async def broken() -> AsyncIterator[bytes]:
        yield b"ab"
        raise NotFound("The file is gone.")

    media = Media(kind="file", name="a.pdf")
    unread = view(said("look", media), files=[OutgoingMedia(media=media, content=broken, size=9)])
    with pytest.raises(Undeliverable, match="cannot be read"):
        await town.desk.show(thread, unread)
    empty = view(said("look", media), files=[file(media, b"")])
    with pytest.raises(Undeliverable):
        await town.desk.show(thread, empty)
    town.world.fail("files.completeUploadExternal", error="file_upload_size_restricted")
    with pytest.raises(TooLarge):
        await town.desk.show(thread, view(said("look", media), files=[file(media, PNG)]))
    assert len(town.thread(thread)) == 1


async def test_an_agents_file_is_fetched_with_the_token(town: Town) -> None:
    """In chunks; what is gone, hidden or elsewhere is said so, and the token is shown to Slack only."""
    sent = town.world.upload(town.ann, town.channel, PNG * 1000, "a.png")
    id = sent["files"][0]["id"]
    media = Media(kind="image", source=id)
    assert b"".join([chunk async for chunk in town.desk.fetch(media)]) == PNG * 1000
    with pytest.raises(Gone):
        await anext(town.desk.fetch(Media(kind="image", source="F404")))
    town.world.fail("download", status=503)
    with pytest.raises(TemporaryFailure):
        await anext(town.desk.fetch(media))
    own = town.front_end.client._is_own
    assert own("https://files.slack.com/x")
    for elsewhere in ("https://slack.com.evil.example/x", "http://files.slack.com/x", "https://evilslack.com/x"):
        assert not own(elsewhere)


# -- reactions and marks ---------------------------------------------------------------------------------------------


async def test_marks_take_the_place_of_each_other(town: Town) -> None:
    """One at a time, also on posts from before this process; the contact's reaction stands beside."""
    written = town.world.say(town.ann, town.channel, "answer")
    ts = PostId(written["ts"])
    for mark in ("failed", "delivered", "delivered", "unsent"):
        await town.desk.mark(ts, mark)  # type: ignore[arg-type]
        assert set(town.world.reactions(town.channel, ts)) == {MARKS[mark]}
    await town.desk.react(ts, "👍")
    await town.desk.react(ts, "❤️")
    assert set(town.world.reactions(town.channel, ts)) == {MARKS["unsent"], "heart"}
    town.desk._put.clear()
    town.front_end.client.started = float("inf")
    await town.desk.react(ts, "")
    await town.desk.mark(ts, "delivered")
    assert set(town.world.reactions(town.channel, ts)) == {MARKS["delivered"]}
    with pytest.raises(Undeliverable):
        await town.desk.react(ts, "🇪🇺")


async def test_only_our_own_reactions_are_touched(town: Town) -> None:
    """An agent's stays where it is."""
    written = town.world.say(town.ann, town.channel, "answer")
    town.world.react(town.bob, town.channel, written["ts"], "white_check_mark")
    await town.desk.mark(PostId(written["ts"]), "delivered")
    await town.desk.mark(PostId(written["ts"]), "failed")
    assert town.world.reactions(town.channel, written["ts"])["white_check_mark"] == [town.bob.id]


# -- saying ----------------------------------------------------------------------------------------------------------


async def test_commands_are_named_as_they_are_typed(town: Town) -> None:
    """`!close` in a thread, where slash commands do not work; `/hub close` elsewhere."""
    thread = await opened(town)
    reply = Reply("said", {"words": "see /close, and/or //note, https://a.example/close"}, ((Button("Go", "take 1"),),))
    inside = await town.desk.say(thread, reply, PostId(thread))
    outside = await town.desk.say(ThreadId(""), reply)
    one, two = messages(town, [inside, outside])
    assert shown(one) == "Done: see !close, and/or //note, https://a.example/close"
    assert shown(two) == "Done: see /hub close, and/or //note, https://a.example/close"
    assert labels(one) == labels(two) == ["Go"]


async def test_a_long_saying_has_its_buttons_last(town: Town) -> None:
    """Several posts."""
    post_ = await town.desk.say(ThreadId(""), Reply("said", {"words": "word " * 1500}, ((Button("Go", "take 1"),),)))
    history = town.world.history(town.channel)
    assert len(history) == 3
    assert [labels(m) for m in history] == [[], [], ["Go"]]
    assert history[-1]["ts"] == post_


async def test_the_queue_card(town: Town) -> None:
    """Who waits longest, with a link and a button each; edited in place; gone is told."""
    row = QueueRow(number=5, version=3, name="Tom", waiting_since=NOW, text="help me " * 20, url="https://a.example/p")
    taken = QueueRow(number=6, version=1, name="Kim", waiting_since=NOW, text="", assignee="Bob")
    post_ = await town.desk.queue_card(None, QueueView(rows=[row, taken], total=9, workspace="Shop"))
    said_ = labels(town.root())
    assert said_[0].startswith("Tom #5")
    assert said_[1] == "✋"
    assert said_[2].startswith("✋Bob · Kim #6")
    assert "7 more: /hub inbox" in shown(town.root())
    assert await town.desk.queue_card(post_, QueueView(rows=[], total=0)) == post_
    assert "Nobody is waiting" in shown(town.root())
    await town.desk.delete(post_)
    await town.desk.delete(post_)
    with pytest.raises(Gone):
        await town.desk.queue_card(post_, QueueView(rows=[], total=0))


async def test_links(town: Town) -> None:
    """Of the workspace itself once it is known, and never asked for."""
    thread, post_ = ThreadId("1700000000.000100"), PostId("1700000009.000200")
    before = len(town.world.calls)
    assert town.desk.link(thread, None).startswith(
        f"https://app.slack.com/client/{town.team.id}/{town.channel.id}/thread"
    )
    await town.front_end.client.me(town.team.id)
    base = f"{town.team.url.rstrip('/')}/archives/{town.channel.id}"
    assert town.desk.link(thread, None) == f"{base}/p1700000000000100"
    assert town.desk.link(thread, PostId(thread)) == f"{base}/p1700000000000100"
    assert town.desk.link(thread, post_) == f"{base}/p1700000009000200?thread_ts={thread}&cid={town.channel.id}"
    assert town.desk.link(ThreadId(""), None) == base
    assert [c.method for c in town.world.calls[before:]] == ["auth.test"]


# -- when it does not go ---------------------------------------------------------------------------------------------


async def test_a_lost_thread_is_told(town: Town) -> None:
    """Whether Slack refuses the post, the file, or lets it fall into the channel: nothing stays there."""
    gone = ThreadId("1600000000.000100")
    media = Media(kind="file", name="a.pdf")
    with pytest.raises(ThreadGone):
        await town.desk.show(gone, view(said("one")))
    town.world.loose_threads = True
    with pytest.raises(ThreadGone):
        await town.desk.show(gone, view(said("one")))
    town.world.fail("files.completeUploadExternal", error="invalid_thread_ts")
    with pytest.raises(ThreadGone):
        await town.desk._upload(gone, file(media, PNG))
    assert town.world.history(town.channel) == []


@pytest.mark.parametrize(
    ("how", "kind", "words"),
    [
        ({"error": "not_in_channel"}, TemporaryFailure, "invite"),
        ({"error": "is_archived"}, TemporaryFailure, "archive"),
        ({"error": "missing_scope"}, TemporaryFailure, "manifest"),
        ({"error": "channel_not_found"}, Gone, "invite"),
        ({"error": "token_revoked"}, ChannelDead, "install"),
        ({"error": "restricted_action_read_only_channel"}, TemporaryFailure, "rule"),
        ({"error": "fatal_error"}, Uncertain, "may have been posted"),
        ({"error": "service_unavailable"}, TemporaryFailure, "just now"),
        ({"error": "msg_too_long"}, TooLarge, "msg_too_long"),
        ({"error": "brand_new_error"}, Undeliverable, "brand_new_error"),
        ({"status": 503}, TemporaryFailure, "503"),
    ],
)
async def test_refusals(town: Town, how: dict[str, Any], kind: type[DeliveryError], words: str) -> None:
    """Each in the hub's own errors, with what would mend it; no text holds the token."""
    town.world.fail("chat.postMessage", **how)
    with pytest.raises(DeliveryError) as caught:
        await opened(town)
    assert type(caught.value) is kind
    assert words in caught.value.text
    assert town.hub.token not in repr(caught.value)
    assert len(town.world.calls_of("chat.postMessage")) == 1


async def test_limits_are_told_and_nothing_is_posted_twice(town: Town) -> None:
    """The SDK's own retries are off: a limit says how long, a lost answer is uncertain."""
    town.world.fail("chat.postMessage", retry_after=7)
    with pytest.raises(TemporaryFailure) as caught:
        await opened(town)
    assert (caught.value.limited, caught.value.retry_after) == (True, 7.0)
    town.world.drop_answer("chat.postMessage")
    with pytest.raises(Uncertain):
        await opened(town)
    assert len(town.world.history(town.channel)) == 1
    thread = ThreadId(town.root()["ts"])
    town.world.drop_answer("chat.update")
    with pytest.raises(TemporaryFailure):
        await town.desk.redraw(thread, PostId(thread), view(said(), card=True), media=False)


async def test_no_app_no_call(town: Town) -> None:
    """A workspace without the app is dead to us; installed again it works without a restart."""
    token = town.tokens.pop(town.team.id)
    with pytest.raises(ChannelDead):
        await opened(town)
    assert town.world.calls == []
    town.tokens[town.team.id] = token
    town.world.unreachable(True)
    with pytest.raises((TemporaryFailure, Uncertain)):
        await opened(town)
    town.world.heal()
    await opened(town)


async def test_what_keeps_the_app_from_working(town: Town) -> None:
    """Not in the channel, archived, lacking rights: each with how to mend it."""
    assert await town.front_end.problems(town.chat) == []
    town.world.limit_scopes(town.hub, "chat:write", "channels:read")
    (lacking,) = await town.front_end.problems(town.chat)
    assert "files:write" in lacking
    empty = town.world.add_channel(town.team, "other", [town.ann])
    found = await town.front_end.problems(f"{town.team.id}:{empty.id}")
    assert "invite me" in found[0]
    town.world.archive(town.channel)
    assert "archived" in (await town.front_end.problems(town.chat))[0]
    with pytest.raises(DeliveryError):
        await town.front_end.problems(f"{town.team.id}:C404")


async def test_a_busy_desk_keeps_its_cards_fresh(town: Town) -> None:
    """Slack counts edits apart from posts: however many are posted, a card is redrawn."""
    pacer, desk = Pacer(), town.desk
    posts, edits = desk_windows(desk), edit_windows(desk)
    assert {w.name for w in posts}.isdisjoint(w.name for w in edits)
    for _ in range(BURST):
        async with pacer.turn(posts):
            pass
    full = asyncio.ensure_future(pacer.turn(posts).__aenter__())
    async with pacer.turn(edits, Priority.CARD):
        assert not full.done()
    full.cancel()

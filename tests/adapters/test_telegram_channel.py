"""The Telegram channel against the stand-in, over HTTP through the real client library."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import msgspec
import pytest

from hub.adapters.telegram.channel import capabilities
from hub.domain.ids import ExternalId
from hub.domain.incoming import Reacted, Said
from hub.domain.models import Link, Location, Media, MediaKind, Poll, SharedContact
from hub.domain.ports import Asks, Deletes, Edits, FetchesMedia, Hooks, Outgoing, OutgoingMedia, Polls, Reacts
from hub.domain.text import Span, Text
from hub.errors import (
    ChannelDead,
    DeliveryError,
    Gone,
    NotFound,
    Refused,
    TemporaryFailure,
    TooLarge,
    Uncertain,
    Undeliverable,
)
from hub.settings import Limits
from tests.adapters.telegram_wire import TelegramWire, settings, telegram_wire
from tests.adapters.wire import SECRET_OF_HOOK, file, files, words

MEBIBYTE = 1024 * 1024


# -- connecting -----------------------------------------------------------------------------------------------------


async def test_examines_a_token(telegram: TelegramWire) -> None:
    """The account behind a token is told by the network."""
    account, secret = await telegram.connector.examine([telegram.bot.token])
    assert (account.id, account.name, account.problems) == (str(telegram.bot.id), "@shop_bot", ())
    assert secret == telegram.bot.token


@pytest.mark.parametrize("given", [[], ["x"], ["123"], ["1:2", "3"], ["7000000001:" + "A" * 35], ["ä:" + "A" * 35]])
async def test_refuses_what_is_no_token(telegram: TelegramWire, given: list[str]) -> None:
    """One sentence says what would be right, and does not repeat what was written."""
    with pytest.raises(Refused) as caught:
        await telegram.connector.examine(given)
    assert "BotFather" in caught.value.text
    assert "\n" not in caught.value.text
    assert "AAAA" not in repr(caught.value)


async def test_says_that_the_network_is_away(telegram: TelegramWire) -> None:
    """Where the network cannot be asked, that is said, and not that the token is wrong."""
    telegram.net.fail(code=500)
    with pytest.raises(Refused, match="HUB_TELEGRAM_API_URL") as caught:
        await telegram.connector.examine([telegram.bot.token])
    assert telegram.bot.token not in repr(caught.value)


async def test_tells_of_another_program(telegram: TelegramWire) -> None:
    """A bot whose messages went elsewhere until now is connected, and the owner is told of it."""
    await telegram.channel.hook("https://old.example.com/secret-path")
    account, _ = await telegram.connector.examine([telegram.bot.token])
    assert len(account.problems) == 1
    assert "old.example.com" in account.problems[0]
    assert "secret-path" not in account.problems[0]


def test_is_all_that_it_claims(telegram: TelegramWire) -> None:
    """The host finds out by the Protocols what a channel can do."""
    for protocol in (Polls, Hooks, Edits, Deletes, Reacts, Asks, FetchesMedia):
        assert isinstance(telegram.channel, protocol)


def test_limits_follow_the_settings() -> None:
    """The rates are those of the settings; 0 is none; short bursts in a chat are allowed."""
    usual = capabilities(Limits())
    assert usual.per_account is not None
    assert usual.per_chat is not None
    assert (usual.per_account.count, usual.per_account.seconds) == (30, 1.0)
    assert (usual.per_chat.count, usual.per_chat.seconds) == (5, 5.0)
    none = capabilities(Limits(per_second=0, chat_per_second=0))
    assert none.per_account is none.per_chat is None


async def test_secrets_stay_out_of_the_log(telegram: TelegramWire, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the token, which is in every address, nor the hook's secret is logged, however much is."""
    caplog.set_level(logging.DEBUG)
    await telegram.channel.hook("https://hub.example.com/hooks/1")
    await telegram.channel.send(telegram.address, words("hi"))
    telegram.net.fail(code=500)
    with pytest.raises(DeliveryError):
        await telegram.channel.send(telegram.address, words("hi"))
    logged = caplog.text.replace(telegram.server.url, "")
    ours = [record for record in caplog.records if not record.name.startswith(("hub.sandbox", "aiohttp", "asyncio"))]
    assert telegram.secret not in "".join(str(record.getMessage()) for record in ours)
    assert SECRET_OF_HOOK not in logged


# -- receiving ------------------------------------------------------------------------------------------------------


async def test_polls_raw_updates(telegram: TelegramWire) -> None:
    """Updates come byte for byte, and asking for the next number confirms those before it."""
    await telegram.channel.hook("")
    telegram.net.say(telegram.ann, telegram.bot, "hello")
    first = await telegram.channel.poll(0, 0)
    assert [raw for _, raw in first] == [update.body for update in telegram.bot.inbox.sent.values()]
    telegram.net.say(telegram.ann, telegram.bot, "again")
    ((_, raw),) = await telegram.channel.poll(first[-1][0] + 1, 0)
    (said,) = telegram.channel.translate(raw)
    assert isinstance(said, Said)
    assert said.text.plain == "again"


@pytest.mark.parametrize(
    "odd", [b'{"update_id": %d, "message": {"text": "\\ud83d"}}', b'{"update_id": %d, "x": NaN}', b'{"update_id": %d}']
)
async def test_one_odd_update_never_blocks(telegram: TelegramWire, odd: bytes) -> None:
    """An update that no reader takes is handed over beside its neighbours, and the offset moves past it."""
    telegram.net.raw_update(telegram.bot, odd % (telegram.bot.inbox.next_id + 1))
    telegram.net.say(telegram.ann, telegram.bot, "behind it")
    updates = await telegram.channel.poll(0, 0)
    (said,) = telegram.channel.translate(updates[-1][1])
    assert isinstance(said, Said)
    assert said.text.plain == "behind it"
    assert await telegram.channel.poll(updates[-1][0] + 1, 0) == []


async def test_asks_for_reactions(telegram: TelegramWire) -> None:
    """The network sends reactions only where they are asked for by name."""
    sent = await telegram.channel.send(telegram.address, words("hi"))
    await telegram.channel.poll(0, 0)
    telegram.net.react(telegram.ann, telegram.bot, int(sent.externals[0].split(":")[1]), "👍")
    ((_, raw),) = (await telegram.channel.poll(0, 0))[-1:]
    (reacted,) = telegram.channel.translate(raw)
    assert isinstance(reacted, Reacted)
    assert (reacted.external_id, reacted.emojis) == (sent.externals[0], ("👍",))


async def test_two_pollers_are_told(telegram: TelegramWire) -> None:
    """Another program on the same token is named as the reason; it is tried again."""
    telegram.net.fail(method="getUpdates", code=409, description="Conflict: terminated by other getUpdates request")
    with pytest.raises(TemporaryFailure, match="Another program"):
        await telegram.channel.poll(0, 0)


async def test_hooks_may_be_repeated(telegram: TelegramWire) -> None:
    """The hook is set at every start; an empty address ends it."""
    for _ in range(2):
        await telegram.channel.hook("https://hub.example.com/hooks/1")
    assert telegram.bot.inbox.webhook is not None
    assert telegram.bot.inbox.webhook.secret == SECRET_OF_HOOK
    call = telegram.net.calls_of("setWebhook")[-1]
    assert str(call.params["max_connections"]) == "100"
    assert "message_reaction" in str(call.params["allowed_updates"])
    for _ in range(2):
        await telegram.channel.hook("")
    await telegram.channel.poll(0, 0)


# -- sending --------------------------------------------------------------------------------------------------------


async def test_sends_formatting_as_entities(telegram: TelegramWire) -> None:
    """Formatting stands where it stood, also behind characters that the network counts twice."""
    text = Text("👍 bold code", (Span(2, 6, "bold"), Span(7, 11, "code")))
    await telegram.channel.send(telegram.address, Outgoing(text=text))
    (message,) = telegram.messages()
    assert [(e["type"], e["offset"], e["length"]) for e in message["entities"]] == [("bold", 3, 4), ("code", 8, 4)]


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("image", "photo"),
        ("video", "video"),
        ("animation", "animation"),
        ("voice", "voice"),
        ("audio", "audio"),
        ("video_note", "video_note"),
        ("file", "document"),
        ("sticker", "sticker"),
    ],
)
async def test_media_goes_as_what_it_is(telegram: TelegramWire, kind: MediaKind, field: str) -> None:
    """Each kind is shown as its kind, whole; where it cannot carry words they follow."""
    content = bytes(range(256)) * 20
    sent = await telegram.channel.send(telegram.address, files(file(kind, content, "words")))
    messages = telegram.messages()
    assert field in messages[0]
    assert len(messages) == len(sent.externals) == (2 if kind in {"sticker", "video_note"} else 1)
    assert telegram.seen()[-1] == "words"
    shown = messages[0][field]
    key = shown[-1]["file_id"] if field == "photo" else shown["file_id"]
    assert telegram.net.files.by_key(key).content == content


async def test_a_large_photo_goes_as_a_file(telegram: TelegramWire) -> None:
    """A picture above the limit for photos arrives, as a file with its name."""
    await telegram.channel.send(telegram.address, files(file("image", b"x", name="big.png", size=11 * MEBIBYTE)))
    assert telegram.messages()[0]["document"]["file_name"] == "big.png"


async def test_a_picture_that_is_no_photo_goes_as_a_file(telegram: TelegramWire) -> None:
    """What the network will not show as a photo it takes as a file; nothing was sent by the refusal."""
    telegram.net.fail(method="sendPhoto", code=400, description="Bad Request: PHOTO_INVALID_DIMENSIONS")
    await telegram.channel.send(telegram.address, files(file("image", b"x", "wide")))
    (message,) = telegram.messages()
    assert (message["caption"], "document" in message) == ("wide", True)


async def test_albums_are_grouped_as_the_network_allows(telegram: TelegramWire) -> None:
    """Photos and videos stand together, files with files, music with music, at most ten; all else alone, in order."""
    mixed: list[MediaKind] = ["image", "video", "file", "file", "voice", "audio", "audio", "animation"]
    pictures: list[MediaKind] = ["image"] * 11
    kinds = mixed + pictures
    sent = await telegram.channel.send(telegram.address, files(*(file(kind, b"x", kind) for kind in kinds)))
    assert telegram.seen() == kinds
    assert len(sent.externals) == len(kinds)
    albums = [message.get("media_group_id", "") for message in telegram.messages()]
    assert [albums.count(a) for a in dict.fromkeys(albums) if a] == [2, 2, 2, 10]


async def test_cards(telegram: TelegramWire) -> None:
    """Places, people, polls and links go as the network shows them."""
    cards = (
        Location(latitude=52.5, longitude=13.4),
        Location(kind="venue", latitude=52.5, longitude=13.4, title="Tower", street="Here 5"),
        SharedContact(name="Tom", phone="+491"),
        Poll(question="When?", options=("Mon", "Tue")),
        Poll(question="Only one?", options=("Yes",)),
        Link(url="https://example.com", title="See"),
    )
    sent = await telegram.channel.send(telegram.address, Outgoing(others=cards))
    location, venue, contact, poll, short_poll, link = telegram.messages()
    assert location["location"]["latitude"] == 52.5
    assert venue["venue"]["address"] == "Here 5"
    assert contact["contact"]["phone_number"] == "+491"
    assert [option["text"] for option in poll["poll"]["options"]] == ["Mon", "Tue"]
    assert (short_poll["text"], link["text"]) == ("Only one?\n• Yes", "See\nhttps://example.com")
    assert len(sent.externals) == 6


async def test_answers_the_message(telegram: TelegramWire) -> None:
    """A reply is shown as one, on its first part only."""
    asked = telegram.net.say(telegram.ann, telegram.bot, "which?")
    external = ExternalId(f"{telegram.address}:{asked['message_id']}")
    await telegram.channel.send(telegram.address, words("long " * 1000, external))
    first, second = telegram.messages()
    assert first["reply_to_message"]["message_id"] == asked["message_id"]
    assert "reply_to_message" not in second


@pytest.mark.parametrize("how", [{"retry_after": 9}, {"code": 400}, {"code": 500}])
async def test_a_message_that_arrived_in_part_is_uncertain(telegram: TelegramWire, how: dict[str, int]) -> None:
    """Once something arrived, the whole is not tried again, the agent is told how much did, and it has its name."""
    telegram.net.fail(method="sendMessage", chat=telegram.ann, **how)
    with pytest.raises(Uncertain, match="1 of 3 parts arrived") as caught:
        await telegram.channel.send(telegram.address, files(file("sticker", b"x", "word " * 1500)))
    (message,) = telegram.messages()
    assert caught.value.arrived == (f"{telegram.address}:{message['message_id']}",)


async def test_before_the_first_part_it_is_what_it_is(telegram: TelegramWire) -> None:
    """Where nothing arrived yet, a passing trouble may be tried again."""
    telegram.net.fail(code=500)
    with pytest.raises(TemporaryFailure):
        await telegram.channel.send(telegram.address, words("word " * 1500))
    assert telegram.seen() == []


async def test_a_file_that_cannot_be_read_is_not_uncertain(telegram: TelegramWire) -> None:
    """Nothing was sent when our own store failed, and that is what is said."""

    async def lost() -> AsyncIterator[bytes]:
        yield b"begun"
        raise NotFound("It was deleted.")

    broken = OutgoingMedia(media=Media(kind="file"), content=lost, size=10)
    with pytest.raises(Undeliverable, match="deleted"):
        await telegram.channel.send(telegram.address, files(broken))
    assert telegram.net.calls_of("sendDocument") == []


async def test_a_network_that_hangs_is_uncertain() -> None:
    """A request that is taken and never answered may have been done."""
    wire = await telegram_wire(answer_seconds=0.2)
    wire.net.hang()
    with pytest.raises(Uncertain):
        await wire.channel.send(wire.address, words("hi"))
    with pytest.raises(TemporaryFailure):
        await wire.channel.delete(wire.address, [ExternalId(f"{wire.address}:1")])
    wire.net.heal()
    await wire.close()


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"code": 403, "description": "Forbidden: user is deactivated"}, Gone),
        ({"code": 400, "description": "Bad Request: chat not found"}, Gone),
        ({"code": 400, "description": "Bad Request: group chat was upgraded to a supergroup chat"}, Gone),
        ({"code": 413, "description": "Request Entity Too Large"}, TooLarge),
        ({"code": 401}, ChannelDead),
        ({"code": 404}, TemporaryFailure),
        ({"code": 409}, TemporaryFailure),
        ({"code": 429, "description": "Too Many Requests"}, TemporaryFailure),
        ({"code": 500}, TemporaryFailure),
        ({"code": 503}, TemporaryFailure),
        ({"code": 504}, Uncertain),
        ({"code": 400, "description": "Bad Request: message text is empty"}, Undeliverable),
    ],
)
async def test_what_each_refusal_means(
    telegram: TelegramWire, how: dict[str, int], expected: type[DeliveryError]
) -> None:
    """The host decides by the kind; a 404 is no matter of the token, and only 504 leaves things open."""
    telegram.net.fail(method="sendMessage", **how)
    with pytest.raises(DeliveryError) as caught:
        await telegram.channel.send(telegram.address, words("hi"))
    assert type(caught.value) is expected


# -- changing -------------------------------------------------------------------------------------------------------


async def test_edits_captions(telegram: TelegramWire) -> None:
    """Words under a file are changed under it; too many are refused in words."""
    sent = await telegram.channel.send(telegram.address, files(file("image", b"x", "before")))
    await telegram.channel.edit(telegram.address, sent.externals, Text("after"), caption=True)
    assert telegram.seen() == ["after"]
    with pytest.raises(Undeliverable, match="1024"):
        await telegram.channel.edit(telegram.address, sent.externals, Text("x" * 1025), caption=True)


def _solid(texts: list[str]) -> str:
    """The words alone: the network takes spaces off the ends of messages."""
    return "".join(texts).replace(" ", "")


async def test_edits_of_what_was_split(telegram: TelegramWire) -> None:
    """Words that became longer go on in further messages, shorter ones take the rest away, and each part says its part:
    the names that are given are those of what the contact sees.
    """
    sent = await telegram.channel.send(telegram.address, words("short"))
    longer = "word " * 2000 + "end"
    grown = await telegram.channel.edit(telegram.address, sent.externals, Text(longer), caption=False)
    assert _solid(telegram.seen()) == _solid([longer])
    assert grown.externals[0] == sent.externals[0]
    assert len(grown.externals) == len(telegram.seen()) == 3
    changed = longer.replace("word", "WORD")
    assert await telegram.channel.edit(telegram.address, grown.externals, Text(changed), caption=False) == grown
    assert _solid(telegram.seen()) == _solid([changed])
    shrunk = await telegram.channel.edit(telegram.address, grown.externals, Text("short"), caption=False)
    assert (shrunk.externals, telegram.seen()) == (sent.externals, ["short"])
    with pytest.raises(Undeliverable, match="/unsend"):
        await telegram.channel.edit(telegram.address, sent.externals, Text(" "), caption=False)


async def test_what_an_edit_cannot_do_is_said(telegram: TelegramWire) -> None:
    """An end that cannot be taken back, and further words that do not all arrive: each is told as it is, and what
    arrived has its name.
    """
    sent = await telegram.channel.send(telegram.address, words("word " * 1500))
    telegram.net.fail(method="deleteMessage", code=400, description="Bad Request: message can't be deleted")
    with pytest.raises(Undeliverable, match="its end cannot be taken back"):
        await telegram.channel.edit(telegram.address, sent.externals, Text("short"), caption=False)
    assert telegram.seen()[0] == "short"
    telegram.net.fail(method="sendMessage", code=504)
    with pytest.raises(Uncertain):
        await telegram.channel.edit(telegram.address, sent.externals, Text("word " * 2500), caption=False)
    assert len(telegram.seen()) == 2


@pytest.mark.parametrize("of", [2, 3])
async def test_whose_words_they_are(telegram: TelegramWire, of: int) -> None:
    """Words too long for their file in an album are known as that file's, wherever they stand, also where it ends
    early.
    """
    captions = ["long " * 300, *("c" * 10 for _ in range(of - 2)), "length " * 200]
    pictures = files(*(file("image", b"x", caption) for caption in captions))
    sent = await telegram.channel.send(telegram.address, pictures)
    assert sent.whose == (*range(of), 0, of - 1)
    assert len(sent.externals) == of + 2
    telegram.net.fail(method="sendMessage", code=400)
    with pytest.raises(Uncertain, match=f"{of} of {of + 2} parts") as caught:
        await telegram.channel.send(telegram.address, pictures)
    assert caught.value.whose == sent.whose


async def test_edits_of_words_that_follow_their_file(telegram: TelegramWire) -> None:
    """A caption too long for its file stands in messages after it: those are changed, and the file stays."""
    sent = await telegram.channel.send(telegram.address, files(file("file", b"x", "long " * 400)))
    assert len(sent.externals) == 2
    changed = await telegram.channel.edit(telegram.address, sent.externals, Text("other words"), caption=True)
    assert changed.externals == sent.externals
    assert telegram.seen()[1:] == ["other words"]


async def test_what_cannot_be_changed_is_said(telegram: TelegramWire) -> None:
    """The network's reason is passed on."""
    with pytest.raises(Undeliverable, match="not found"):
        await telegram.channel.edit(telegram.address, [ExternalId(f"{telegram.address}:999")], Text("x"), caption=False)
    telegram.net.fail(method="deleteMessage", code=400, description="Bad Request: message can't be deleted")
    with pytest.raises(Undeliverable, match="can't be deleted"):
        await telegram.channel.delete(telegram.address, [ExternalId(f"{telegram.address}:1")])


async def test_a_lost_answer_to_a_change_is_repeatable(telegram: TelegramWire) -> None:
    """An edit that may have been done can be done again, so it is tried again and not called uncertain."""
    sent = await telegram.channel.send(telegram.address, words("before"))
    telegram.net.drop_answer(method="editMessageText")
    with pytest.raises(TemporaryFailure):
        await telegram.channel.edit(telegram.address, sent.externals, Text("after"), caption=False)
    await telegram.channel.edit(telegram.address, sent.externals, Text("after"), caption=False)
    assert telegram.seen() == ["after"]


async def test_reacts(telegram: TelegramWire) -> None:
    """A reaction is put and taken away; the network's own emojis are meant with and without their selector."""
    chat = telegram.net.private_chat(telegram.ann, telegram.bot)
    said = telegram.net.say(telegram.ann, telegram.bot, "thanks")
    external = ExternalId(f"{telegram.address}:{said['message_id']}")
    await telegram.channel.react(telegram.address, external, "❤️")
    assert telegram.net.reactions(chat, said["message_id"])[str(telegram.bot.id)] == ["❤"]
    await telegram.channel.react(telegram.address, external, "")
    assert not telegram.net.reactions(chat, said["message_id"]).get(str(telegram.bot.id))
    with pytest.raises(Undeliverable, match="no such reaction"):
        await telegram.channel.react(telegram.address, external, "🪿")


# -- files ----------------------------------------------------------------------------------------------------------


async def fetched(telegram: TelegramWire, **how: int) -> bytes:
    """What is had of a document that the contact sent."""
    content = b"0123456789" * 60_000
    telegram.net.send_media(telegram.ann, telegram.bot, "document", content, file_name="a ü.txt", **how)  # type: ignore[arg-type]
    (said,) = telegram.channel.translate(msgspec.json.encode(telegram.net.updates_of(telegram.bot)[-1]))
    assert isinstance(said, Said)
    (media,) = said.attachments
    assert isinstance(media, Media)
    chunks = [chunk async for chunk in telegram.channel.fetch(media)]
    assert len(chunks) > 1
    assert content == b"".join(chunks)
    return content


async def test_fetches_a_file(telegram: TelegramWire) -> None:
    """A file comes whole, in chunks."""
    assert await fetched(telegram)


async def test_a_file_too_large_is_said(telegram: TelegramWire) -> None:
    """The network gives bots no more than 20 MB."""
    with pytest.raises(TooLarge, match="20 MB a bot may fetch"):
        await fetched(telegram, size=21 * MEBIBYTE)


async def test_a_file_that_is_gone_is_said(telegram: TelegramWire) -> None:
    """A file that the network does not know, or not any more, is gone for good."""
    with pytest.raises(Gone):
        _ = [chunk async for chunk in telegram.channel.fetch(Media(kind="file", source="unknown|x"))]


async def test_a_fetch_that_breaks_off_is_tried_again(telegram: TelegramWire) -> None:
    """A network in trouble has the file still."""
    telegram.net.fail(method="getFile", code=500)
    with pytest.raises(TemporaryFailure):
        await fetched(telegram)


async def test_another_server_is_no_dead_token() -> None:
    """A page that is not the Bot API, at its address, is a matter of settings and not of the token."""
    wire = await telegram_wire()
    elsewhere = type(wire.connector)(settings(f"{wire.server.url}/elsewhere")).connect(wire.secret, SECRET_OF_HOOK)
    with pytest.raises(TemporaryFailure, match="HUB_TELEGRAM_API_URL"):
        await elsewhere.send(wire.address, words("hi"))
    await elsewhere.close()
    await wire.close()

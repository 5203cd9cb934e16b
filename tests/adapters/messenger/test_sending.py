"""What goes out to Messenger, over HTTP: words, files, choices, and what each refusal means."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.domain.ids import ExternalId
from hub.domain.models import Link, Location, Media, MediaKind, Poll, SharedContact
from hub.domain.ports import Choice, Outgoing, OutgoingMedia
from hub.domain.text import Span, Text
from hub.errors import (
    Blocked,
    ChannelDead,
    DeliveryError,
    Gone,
    NotFound,
    TemporaryFailure,
    TooLarge,
    Uncertain,
    Undeliverable,
    WindowClosed,
)
from tests.adapters.messenger.wire import MessengerWire, messenger_wire
from tests.adapters.wire import file, files, words

MEBIBYTE = 1024 * 1024

# -- words ----------------------------------------------------------------------------------------------------------


async def test_words_arrive_as_they_were_written(messenger: MessengerWire) -> None:
    """Formatting is left out rather than shown as stars; the address behind a link's words is not lost."""
    plain = "bold and here, or https://example.com/b or mail"
    spans = (
        Span(0, 4, "bold"),
        Span(9, 13, "link", "https://example.com/a"),
        Span(18, 39, "link", "https://example.com/b"),
        Span(43, 47, "link", "mailto:shop@example.com"),
        Span(0, 4, "link", "tg://user?id=7"),
    )
    await messenger.channel.send(messenger.address, Outgoing(text=Text(plain, spans)))
    expected = "bold and here (https://example.com/a), or https://example.com/b or mail (mailto:shop@example.com)"
    assert messenger.seen() == [expected]


@pytest.mark.parametrize("text", ["word " * 2000, "👍" * 10_000, "שלום עולם " * 1000, "x" * 5000, "ä\n\n" * 3000])
async def test_long_words_lose_nothing(messenger: MessengerWire, text: str) -> None:
    """Ten thousand characters arrive whole, in parts that the network takes, broken between words where there are."""
    sent = await messenger.channel.send(messenger.address, words(text))
    assert "".join(messenger.seen()) == text
    assert len(sent.externals) == len(messenger.seen())
    assert not any(part.startswith(" ") for part in messenger.seen())


@pytest.mark.parametrize("length", [1999, 2000])
async def test_the_limit_is_not_reached(messenger: MessengerWire, length: int) -> None:
    """The network wants less than two thousand."""
    await messenger.channel.send(messenger.address, words("x" * length))
    assert [len(part) for part in messenger.seen()] == ([1999] if length == 1999 else [1999, 1])


async def test_cards_go_as_words(messenger: MessengerWire) -> None:
    """Places, people, polls and links have no form of their own there; what they say arrives."""
    cards = (
        Location(latitude=52.5, longitude=13.4),
        Location(kind="venue", latitude=52.5, longitude=13.4, title="Tower", street="Here 5"),
        SharedContact(name="Tom", phone="+491"),
        Poll(question="When?", options=("Mon", "Tue")),
        Link(url="https://example.com", title="See"),
    )
    sent = await messenger.channel.send(messenger.address, Outgoing(others=cards))
    at = "https://maps.google.com/maps?q=52.500000,13.400000"
    expected = [at, f"Tower\nHere 5\n{at}", "Tom\n+491", "When?\n• Mon\n• Tue", "See\nhttps://example.com"]
    assert messenger.seen() == expected
    assert len(sent.externals) == 5


# -- choices --------------------------------------------------------------------------------------------------------


async def test_choices_stand_under_the_last_part(messenger: MessengerWire) -> None:
    """Labels are cut to what the network shows; what comes back when pressed is whole."""
    choices = (Choice("Yes", "yes"), Choice("A label that is much too long for it", "v" * 1000), Choice(" ", "bare"))
    await messenger.channel.send(messenger.address, Outgoing(text=Text("word " * 500), choices=choices))
    first, last = messenger.messages()
    assert (first["quick_replies"], last["quick_replies"]) == ([], ["Yes", "A label that is…", "bare"])
    messenger.net.press_quick_reply(messenger.ann, messenger.page, "A label that is…")
    (pressed,) = messenger.channel.translate(messenger.last())
    assert getattr(pressed, "payload", "") == "v" * 1000


async def test_choices_under_a_file(messenger: MessengerWire) -> None:
    """A file without words carries them itself."""
    message = Outgoing(media=(file("image", b"x"),), choices=(Choice("Nice", "nice"),))
    await messenger.channel.send(messenger.address, message)
    assert messenger.messages()[0]["quick_replies"] == ["Nice"]


@pytest.mark.parametrize("choices", [[Choice("x", "x")] * 14, [Choice("x", "v" * 1001)]])
async def test_too_many_choices_are_refused_in_words(messenger: MessengerWire, choices: list[Choice]) -> None:
    """Nothing is sent of what cannot be sent whole."""
    with pytest.raises(Undeliverable, match=r"13|1000"):
        await messenger.channel.send(messenger.address, Outgoing(text=Text("x"), choices=tuple(choices)))
    assert messenger.seen() == []


# -- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("image", "image"),
        ("sticker", "image"),
        ("animation", "video"),
        ("video", "video"),
        ("video_note", "video"),
        ("voice", "audio"),
        ("audio", "audio"),
        ("file", "file"),
    ],
)
async def test_media_goes_as_what_it_is(messenger: MessengerWire, kind: MediaKind, type_: str) -> None:
    """Each kind is shown as the nearest that the network has, whole; its words follow."""
    content = bytes(range(256)) * 2000
    sent = await messenger.channel.send(messenger.address, files(file(kind, content, "words")))
    first, second = messenger.messages()
    (shown,) = first["attachments"]
    assert (shown["type"], second["text"]) == (type_, "words")
    assert messenger.net.content(shown) == content
    assert len(sent.externals) == 2


async def test_names_of_files_survive(messenger: MessengerWire) -> None:
    """Also those that are not ASCII, or would break a form."""
    name = 'Preis "Liste" ä\r\n.pdf'
    await messenger.channel.send(messenger.address, files(file("file", b"x", name=name)))
    (shown,) = messenger.messages()[0]["attachments"]
    assert shown["name"] == "Preis Liste ä .pdf"


async def test_what_is_no_picture_goes_as_a_file(messenger: MessengerWire) -> None:
    """What the network will not show as what it is, it takes as a file; nothing was sent by the refusal."""
    await messenger.channel.send(messenger.address, files(file("sticker", b"x", name="wave.tgs")))
    (message,) = messenger.messages()
    assert message["attachments"][0]["type"] in {"file", "image"}
    messenger.net.fail("messages", code=100, subcode=2018047)
    await messenger.channel.send(messenger.address, files(file("image", b"x", name="odd.png")))
    assert messenger.messages()[-1]["attachments"][0] | {"file": ""} == {
        "type": "file",
        "file": "",
        "name": "odd.png",
        "mime": "image/png",
        "size": 1,
    }
    assert len(messenger.messages()) == 2


async def test_a_gif_stays_one(messenger: MessengerWire) -> None:
    """A moving picture that is no film goes as a picture."""
    media = OutgoingMedia(media=Media(kind="animation", mime="image/gif"), content=_bytes, size=1)
    await messenger.channel.send(messenger.address, files(media))
    (shown,) = messenger.messages()[0]["attachments"]
    assert (shown["type"], shown["name"]) == ("image", "animation.gif")


async def _bytes() -> AsyncIterator[bytes]:
    yield b"x"


async def test_a_file_longer_than_it_said_is_not_sent(messenger: MessengerWire) -> None:
    """The limit is kept by what comes, not by what was said of it."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(26):
            yield bytes(MEBIBYTE)

    media = OutgoingMedia(media=Media(kind="file"), content=endless, size=10)
    with pytest.raises(TooLarge):
        await messenger.channel.send(messenger.address, files(media))
    assert messenger.net.calls_of("messages") == []


async def test_a_file_that_cannot_be_read_is_not_uncertain(messenger: MessengerWire) -> None:
    """Nothing was sent when our own store failed, and that is what is said."""

    async def lost() -> AsyncIterator[bytes]:
        yield b"begun"
        raise NotFound("It was deleted.")

    broken = OutgoingMedia(media=Media(kind="file"), content=lost, size=10)
    with pytest.raises(Undeliverable, match="deleted"):
        await messenger.channel.send(messenger.address, files(broken))
    assert messenger.net.calls_of("messages") == []


# -- answers and parts ----------------------------------------------------------------------------------------------


async def test_answers_the_message(messenger: MessengerWire) -> None:
    """A reply is shown as one, on its first part only; where the message is gone, the words go out without."""
    asked = messenger.net.say(messenger.ann, messenger.page, "which?")
    await messenger.channel.send(messenger.address, words("long " * 500, ExternalId(asked["mid"])))
    first, second = messenger.messages()
    assert first["reply_to"] == asked["mid"]
    assert "reply_to" not in second
    messenger.net.unsend(messenger.ann, messenger.page, asked["mid"])
    await messenger.channel.send(messenger.address, words("anyway", ExternalId(asked["mid"])))
    assert messenger.seen()[-1] == "anyway"


@pytest.mark.parametrize("how", [{"retry_after": 9}, {"code": 100}, {"code": 2}, {"status": 502}])
async def test_a_message_that_arrived_in_part_is_uncertain(messenger: MessengerWire, how: dict[str, int]) -> None:
    """Once something arrived, the whole is not tried again, and the agent is told how much did, and it has its name."""
    messenger.net.delay(0, "messages")
    message = files(file("image", b"x", "word " * 600))
    original = messenger.net.store

    def fail_after(*given: object) -> object:
        messenger.net.fail("messages", **how)
        messenger.net.store = original  # type: ignore[method-assign]
        return original(*given)  # type: ignore[arg-type]

    messenger.net.store = fail_after  # type: ignore[method-assign, assignment]
    with pytest.raises(Uncertain, match="1 of 3 parts arrived") as caught:
        await messenger.channel.send(messenger.address, message)
    assert (len(caught.value.arrived), caught.value.whose) == (1, (0, 0, 0))


async def test_a_network_that_hangs_is_uncertain() -> None:
    """A request that is taken and never answered may have been done; one that may be repeated is."""
    wire = await messenger_wire(answer_seconds=0.2)
    wire.net.hang()
    with pytest.raises(Uncertain):
        await wire.channel.send(wire.address, words("hi"))
    with pytest.raises(Uncertain):
        await wire.channel.send(wire.address, files(file("image", b"x")))
    with pytest.raises(TemporaryFailure):
        await wire.channel.signal(wire.address, "typing")
    wire.net.heal()
    await wire.close()


async def test_a_connection_that_breaks_is_uncertain(messenger: MessengerWire) -> None:
    """The network may have done it before it fell silent; it is not sent again."""
    messenger.net.unreachable()
    with pytest.raises(Uncertain):
        await messenger.channel.send(messenger.address, words("hi"))
    messenger.net.heal()
    assert messenger.seen() == []


# -- what each refusal means ----------------------------------------------------------------------------------------

TABLE: list[tuple[dict[str, int], type[DeliveryError]]] = [
    ({"code": 10, "subcode": 2018278}, WindowClosed),
    ({"code": 10, "subcode": 2018065}, WindowClosed),
    ({"code": 10, "subcode": 2534022}, WindowClosed),
    ({"code": 10, "subcode": 2018108}, Undeliverable),
    ({"code": 10, "subcode": 1893063}, Undeliverable),
    ({"code": 10, "subcode": 2018300}, Undeliverable),
    ({"code": 10}, Undeliverable),
    ({"code": 100, "subcode": 2018001}, Gone),
    ({"code": 100, "subcode": 2018034}, Undeliverable),
    ({"code": 100, "subcode": 2018047}, Undeliverable),
    ({"code": 100, "subcode": 2018109}, Undeliverable),
    ({"code": 100, "subcode": 1893061}, Undeliverable),
    ({"code": 100}, Undeliverable),
    ({"code": 190}, ChannelDead),
    ({"code": 190, "subcode": 458}, ChannelDead),
    ({"code": 190, "subcode": 460}, ChannelDead),
    ({"code": 190, "subcode": 463}, ChannelDead),
    ({"code": 190, "subcode": 467}, ChannelDead),
    ({"code": 200, "subcode": 1545041}, Blocked),
    ({"code": 551, "subcode": 1545041}, Blocked),
    ({"code": 551}, Blocked),
    ({"code": 200}, Undeliverable),
    ({"code": 368}, Undeliverable),
    ({"code": 2635}, Undeliverable),
    ({"code": 1}, TemporaryFailure),
    ({"code": 2}, TemporaryFailure),
    ({"code": 1200}, TemporaryFailure),
    ({"code": 4}, TemporaryFailure),
    ({"code": 17}, TemporaryFailure),
    ({"code": 32}, TemporaryFailure),
    ({"code": 613}, TemporaryFailure),
    ({"code": 80006}, TemporaryFailure),
    ({"code": 99999}, Undeliverable),
    ({"status": 404}, TemporaryFailure),
    ({"status": 413}, TooLarge),
    ({"status": 429}, TemporaryFailure),
    ({"status": 500}, TemporaryFailure),
    ({"status": 502}, TemporaryFailure),
    ({"status": 504}, Uncertain),
]


@pytest.mark.parametrize(("how", "expected"), TABLE)
async def test_what_each_refusal_means(
    messenger: MessengerWire, how: dict[str, int], expected: type[DeliveryError]
) -> None:
    """Each of the network's refusals is exactly one kind of failure, said in a sentence without a secret."""
    messenger.net.fail("messages", **how)
    with pytest.raises(DeliveryError) as caught:
        await messenger.channel.send(messenger.address, words("hi"))
    assert type(caught.value) is expected
    assert caught.value.text.endswith(".")
    assert messenger.secret not in repr(caught.value)
    assert messenger.seen() == []


@pytest.mark.parametrize("code", [4, 17, 32, 613])
async def test_limits_are_told_as_limits(messenger: MessengerWire, code: int) -> None:
    """The host slows down instead of counting a failed try; without figures it chooses the pause."""
    messenger.net.fail("messages", code=code)
    with pytest.raises(TemporaryFailure) as caught:
        await messenger.channel.send(messenger.address, words("hi"))
    assert (caught.value.limited, caught.value.retry_after) == (True, None)


async def test_the_networks_minutes_are_kept(messenger: MessengerWire) -> None:
    """Where the page's use for the day is used up, the network says in minutes when there is more."""
    from hub.sandbox.messenger import Limits
    from hub.sandbox.messenger.limits import Meter

    messenger.net.meter = Meter(Limits(0, 0, calls_per_engaged=2, window_scale=0.01))
    for _ in range(2):
        await messenger.channel.send(messenger.address, words("hi"))
    with pytest.raises(TemporaryFailure) as caught:
        await messenger.channel.send(messenger.address, words("hi"))
    assert caught.value.limited
    assert caught.value.retry_after == 15 * 60


async def test_the_networks_words_hide_the_token(messenger: MessengerWire) -> None:
    """The network repeats a token that it cannot read; the agent does not get to see it."""
    said = f"Malformed access token {messenger.secret} of {messenger.app.secret}"
    messenger.net.fail("messages", code=100, subcode=7, message=said)
    with pytest.raises(Undeliverable) as caught:
        await messenger.channel.send(messenger.address, words("hi"))
    assert caught.value.text == "Messenger refused it: Malformed access token … of …."


async def test_a_page_in_trouble(messenger: MessengerWire) -> None:
    """Blocked, muted, restricted, another app's conversation, gone: each is told apart, as the network does."""
    net, ann, page = messenger.net, messenger.ann, messenger.page

    async def refused() -> DeliveryError:
        with pytest.raises(DeliveryError) as caught:
            await messenger.channel.send(messenger.address, words("hi"))
        return caught.value

    net.block(ann, page)
    assert isinstance(await refused(), Blocked)
    net.unblock(ann, page)
    net.hand_over(page, ann, None)
    assert "Another app has this conversation" in (await refused()).text
    net.release(page, ann)
    net.restrict(page)
    assert "restricted" in (await refused()).text
    net.restrict(page, on=False)
    net.age(ann, page, 25 * 3600)
    assert isinstance(await refused(), WindowClosed)
    net.react(ann, page, net.phone(ann, page)[0]["mid"], "❤")
    await messenger.channel.send(messenger.address, words("the window is open again"))
    net.leave(ann)
    assert isinstance(await refused(), Gone)

"""What is particular to the custom channel: its signature's age, its names, its files, and what each answer means."""

from __future__ import annotations

import base64
import time

import pytest
from aiohttp import web

from hub.adapters.custom import channel as module
from hub.adapters.custom.parts import CAPTION_LIMIT, FILE_LIMIT, TEXT_LIMIT
from hub.domain.ids import Address, ExternalId
from hub.domain.models import Link, Location, Media, Poll, SharedContact
from hub.domain.ports import Choice, Edits, Outgoing
from hub.domain.text import Span, Text
from hub.errors import (
    ChannelDead,
    DeliveryError,
    Gone,
    NotGenuine,
    TemporaryFailure,
    TooLarge,
    Uncertain,
    Undeliverable,
)
from tests.adapters.custom.wire import CustomWire, custom_wire
from tests.adapters.wire import file, files, words

# -- in --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-290, 290])
def test_a_call_holds_for_five_minutes(custom: CustomWire, seconds: float) -> None:
    """Clocks may differ by that much."""
    payload = custom.incoming("x")
    custom.channel.verify(custom.system.sign(payload, time.time() + seconds), payload)


@pytest.mark.parametrize("seconds", [-310, 310])
def test_an_old_call_proves_nothing(custom: CustomWire, seconds: float) -> None:
    """Somebody may have recorded it; and it cannot be signed in advance."""
    payload = custom.incoming("x")
    with pytest.raises(NotGenuine, match="five minutes"):
        custom.channel.verify(custom.system.sign(payload, time.time() + seconds), payload)


def test_the_signature_is_over_time_and_raw_bytes(custom: CustomWire) -> None:
    """Neither another time, nor a byte more, nor another channel's secret passes."""
    payload = custom.incoming("ü")
    good = dict(custom.headers(payload))
    for headers, body in [
        (good | {"x-hub-timestamp": str(int(good["x-hub-timestamp"]) + 1)}, payload),
        (good | {"x-hub-timestamp": "٣"}, payload),
        (good, payload + b" "),
    ]:
        with pytest.raises(NotGenuine):
            custom.channel.verify(headers, body)
    custom.revoke()
    with pytest.raises(NotGenuine):
        custom.channel.verify(custom.headers(payload), payload)


def test_its_owner_is_told_how_to_call(custom: CustomWire) -> None:
    """The address and both headers are in the instructions, the secret is not; without an address there are none."""
    told = " ".join(custom.channel.instructions("https://hub.example.com/hooks/abc"))
    assert all(word in told for word in ("https://hub.example.com/hooks/abc", "X-Hub-Timestamp", "X-Hub-Signature"))
    assert custom.secret not in told
    assert custom.channel.instructions("") == []


# -- out -------------------------------------------------------------------------------------------------------------


async def test_a_call_has_the_documented_fields(custom: CustomWire) -> None:
    """Words go plain and as Markdown; an answer names what it answers as the system does; choices stand under it."""
    text = Text("Hello *you*", (Span(0, 5, "bold"),))
    given = Outgoing(text=text, reply_to=ExternalId("a%7Cb"), choices=(Choice("Yes", "y"),))
    (name,) = (await custom.channel.send(custom.address, given)).externals
    (received,) = custom.system.received
    assert received.call == {
        "type": "message",
        "to": "c7",
        "text": "Hello *you*",
        "markdown": "**Hello** \\*you\\*",
        "attachments": [],
        "reply_to": "a|b",
        "choices": [{"label": "Yes", "value": "y"}],
    }
    assert name == received.id.replace("|", "%7C")


async def test_files_travel_in_the_call(custom: CustomWire) -> None:
    """A file arrives whole, with its kind, name and size, and its words beside it."""
    sent = await custom.channel.send(custom.address, files(file("image", b"\x00\xff" * 3000, "Look", "a.png")))
    (attachment,) = custom.system.received[0].call["attachments"]
    content = base64.b64decode(attachment.pop("content"))
    assert content == b"\x00\xff" * 3000
    assert attachment == {"kind": "image", "name": "a.png", "mime": "", "size": 6000}
    assert (len(sent.externals), custom.seen()) == (1, ["Look"])


async def test_the_largest_file_goes_through(custom: CustomWire) -> None:
    """What the channel says that it carries, it carries; one byte more is refused though its size was told wrong."""
    await custom.channel.send(custom.address, files(file("video", b"x" * FILE_LIMIT)))
    assert custom.seen() == ["video"]
    with pytest.raises(TooLarge):
        await custom.channel.send(custom.address, files(file("video", b"x" * (FILE_LIMIT + 1), size=5)))


async def test_what_needs_no_file_goes_as_a_card(custom: CustomWire) -> None:
    """Places, entries, links and polls keep their fields."""
    others = (
        Location(latitude=1, longitude=2),
        SharedContact(name="Ben"),
        Link(url="https://a.de"),
        Poll(question="?"),
    )
    sent = await custom.channel.send(custom.address, Outgoing(others=others))
    assert custom.seen() == ["location", "contact", "link", "poll"]
    assert len(sent.externals) == 4


async def test_each_message_of_an_album_knows_its_own(custom: CustomWire) -> None:
    """Words that did not fit beside a file belong to that file's message."""
    long = "c" * (CAPTION_LIMIT + 1)
    sent = await custom.channel.send(custom.address, files(file("image", b"1", long), file("image", b"2", "two")))
    assert custom.seen() == ["image", long, "two"]
    assert sent.whose == (0, 0, 1)


async def test_what_arrived_in_part_is_known(custom: CustomWire) -> None:
    """Once a part has arrived the message is uncertain, and what arrived has its name."""
    first = file("image", b"1")

    async def broken() -> DeliveryError:
        with pytest.raises(Uncertain) as caught:
            await custom.channel.send(custom.address, files(first, file("image", b"x" * (FILE_LIMIT + 1), size=5)))
        return caught.value

    error = await broken()
    assert isinstance(error, Uncertain)
    assert (len(error.arrived), error.whose) == (1, (0, 1))
    assert error.text.startswith("1 of 2 parts arrived, the rest did not: The file is larger")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, Undeliverable),
        (400, Undeliverable),
        (401, ChannelDead),
        (404, Undeliverable),
        (408, TemporaryFailure),
        (410, Gone),
        (413, TooLarge),
        (422, Undeliverable),
        (500, TemporaryFailure),
        (502, TemporaryFailure),
        (504, Uncertain),
    ],
)
async def test_what_each_status_means(custom: CustomWire, status: int, kind: type[DeliveryError]) -> None:
    """Each is told apart, in a sentence without the secret; the system's own words are passed on where they help."""
    body = {"error": f"no\nroom {custom.secret}"}
    custom.system.next_answers.append(web.json_response(body, status=status, headers={"Location": "/elsewhere"}))
    with pytest.raises(kind) as caught:
        await custom.channel.send(custom.address, words("hello"))
    assert type(caught.value) is kind
    assert custom.secret not in caught.value.text
    assert ("no room …." in caught.value.text) == (status in (400, 404, 422))
    assert custom.system.calls == 2


@pytest.mark.parametrize("body", [b"", b"ok", b"[]", b"{}", b'{"id": null}', b'{"id": true}', b"[" * 70_000])
async def test_success_without_a_name_is_uncertain(custom: CustomWire, body: bytes) -> None:
    """The message may have arrived: it is not sent again."""
    custom.system.next_answers.append(web.Response(body=body))
    with pytest.raises(Uncertain):
        await custom.channel.send(custom.address, words("hello"))


async def test_an_unknown_contact_is_gone(custom: CustomWire) -> None:
    """The system says so by 410."""
    with pytest.raises(Gone):
        await custom.channel.send(Address("c8"), words("hello"))


# -- changes ---------------------------------------------------------------------------------------------------------


async def test_edits_grow_and_shrink(custom: CustomWire) -> None:
    """A longer text takes more messages, a shorter one fewer; the names that it has now are given."""
    channel = custom.channel
    assert isinstance(channel, Edits)
    sent = await channel.send(custom.address, words("short"))
    longer = await channel.edit(custom.address, sent.externals, Text("w" * (TEXT_LIMIT + 5)), caption=False)
    assert [len(seen) for seen in custom.seen()] == [TEXT_LIMIT, 5]
    assert len(longer.externals) == 2
    shorter = await channel.edit(custom.address, longer.externals, Text("x", (Span(0, 1, "bold"),)), caption=False)
    assert (custom.seen(), shorter.externals) == (["x"], sent.externals)
    assert custom.system.shown()[0].call["markdown"] == "**x**"
    with pytest.raises(Undeliverable):
        await channel.edit(custom.address, sent.externals, Text(" "), caption=False)


async def test_words_under_a_file_are_edited(custom: CustomWire) -> None:
    """They may also be taken away; more than fit are refused, and words in a message of their own change there."""
    channel = custom.channel
    sent = await channel.send(custom.address, files(file("image", b"1", "one")))
    await channel.edit(custom.address, sent.externals, Text("two"), caption=True)
    assert custom.seen() == ["two"]
    await channel.edit(custom.address, sent.externals, Text(), caption=True)
    assert custom.seen() == ["image"]
    with pytest.raises(Undeliverable):
        await channel.edit(custom.address, sent.externals, Text("x" * (CAPTION_LIMIT + 1)), caption=True)
    split = await channel.send(custom.address, files(file("image", b"1", "c" * (CAPTION_LIMIT + 1))))
    await channel.edit(custom.address, split.externals, Text("three"), caption=True)
    assert custom.seen()[-2:] == ["image", "three"]


async def test_an_edit_that_grew_in_part_is_uncertain(custom: CustomWire) -> None:
    """All names that the message has by then are known."""
    sent = await custom.channel.send(custom.address, words("short"))
    answers = [web.json_response({}), web.json_response({"id": "more"}), web.Response(status=422)]
    custom.system.next_answers += answers
    with pytest.raises(Uncertain) as caught:
        await custom.channel.edit(custom.address, sent.externals, Text("w" * (TEXT_LIMIT * 2 + 5)), caption=False)
    assert caught.value.arrived == (*sent.externals, "more")


async def test_a_lost_answer_to_a_change_may_be_repeated(custom: CustomWire) -> None:
    """A change that is made twice is the same as one."""
    sent = await custom.channel.send(custom.address, words("one"))
    custom.lose_next_answer()
    with pytest.raises(TemporaryFailure):
        await custom.channel.edit(custom.address, sent.externals, Text("two"), caption=False)
    await custom.channel.edit(custom.address, sent.externals, Text("two"), caption=False)
    assert custom.seen() == ["two"]


async def test_reacts(custom: CustomWire) -> None:
    """Our reaction stands on the contact's message, and goes away again."""
    await custom.channel.react(custom.address, ExternalId("e1"), "👍")
    assert custom.system.reactions == {"e1": "👍"}
    await custom.channel.react(custom.address, ExternalId("e1"), "")
    assert custom.system.reactions == {"e1": ""}


# -- files -----------------------------------------------------------------------------------------------------------


async def fetched(custom: CustomWire, url: str) -> bytes:
    media = Media(kind="image", source=url)
    return b"".join([chunk async for chunk in custom.channel.fetch(media)])


async def test_fetches_a_file(custom: CustomWire) -> None:
    """It is asked for with a signature, so that the system need not give it to others."""
    custom.system.files["1"] = b"x" * 600_000
    base = custom.system.url.removesuffix("/hub")
    assert await fetched(custom, f"{base}/files/1?of=c7&a=%2Fb") == b"x" * 600_000
    with pytest.raises(Gone):
        await fetched(custom, f"{base}/files/2")
    custom.fail_next()
    with pytest.raises(TemporaryFailure):
        await fetched(custom, f"{base}/files/1")


async def test_fetches_from_the_system_only(custom: CustomWire) -> None:
    """Another host, port or scheme is never asked, nor where a redirect leads: the hub sees more than the system."""
    base = custom.system.url.removesuffix("/hub")
    calls = custom.system.calls
    elsewhere = [
        "http://127.0.0.1:9/x",
        "http://169.254.169.254/x",
        base.replace("http", "https"),
        "file:///etc/passwd",
    ]
    elsewhere += [base.replace("//", "//user@evil.example:80/"), base.replace("//127", "//evil.example\\@127"), "", "x"]
    for url in elsewhere:
        with pytest.raises(Gone):
            await fetched(custom, url)
    custom.system.next_answers.append(web.Response(status=302, headers={"Location": f"{base}/files/1"}))
    custom.system.files["1"] = b"x"
    with pytest.raises(Gone):
        await fetched(custom, f"{base}/files/1")
    assert custom.system.calls == calls


async def test_a_file_without_end_is_given_up(custom: CustomWire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are counted as they come."""
    monkeypatch.setattr(module, "FETCH_LIMIT", 1000)
    custom.system.files["1"] = b"x" * 1001
    with pytest.raises(TooLarge):
        await fetched(custom, custom.system.url.replace("/hub", "/files/1"))


async def test_a_silent_system_is_uncertain() -> None:
    """No answer in time is no refusal."""
    made = await custom_wire(answer_seconds=0.3)
    made.system.silent = True
    with pytest.raises(Uncertain):
        await made.channel.send(made.address, words("hello"))
    made.system.silent = False
    await made.close()

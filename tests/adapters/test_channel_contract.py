"""What every channel keeps, whatever its network. A new network adds a Wire to conftest, and all of this tests it."""

from __future__ import annotations

import pytest

from hub.domain.ids import ExternalId
from hub.domain.incoming import Ignored, Said
from hub.domain.ports import Deletes, Edits
from hub.domain.text import Text
from hub.errors import (
    Anomalous,
    Blocked,
    ChannelDead,
    DeliveryError,
    NotGenuine,
    TemporaryFailure,
    TooLarge,
    Uncertain,
    Undeliverable,
)
from tests.adapters.wire import Wire, album, file, files, words


async def failure(wire: Wire, text: str = "hello") -> DeliveryError:
    """How sending fails; its words are fit to be shown."""
    with pytest.raises(DeliveryError) as caught:
        await wire.channel.send(wire.address, words(text))
    assert wire.secret not in repr(caught.value)
    assert wire.secret not in repr(caught.value.__cause__)
    assert caught.value.text.endswith(".")
    return caught.value


async def test_takes_only_what_is_genuine(wire: Wire) -> None:
    """A call that does not prove where it comes from is refused, in whatever way it is wrong."""
    payload = wire.incoming("hello")
    good = dict(wire.headers(payload))
    wire.channel.verify(good, payload)
    for wrong in ("", "x", "ä", "\udcff", "\ud800", *(value[:-1] for value in good.values())):
        with pytest.raises(NotGenuine):
            wire.channel.verify(dict.fromkeys(good, wrong), payload)
    with pytest.raises(NotGenuine):
        wire.channel.verify({}, payload)


async def test_reads_what_a_contact_writes(wire: Wire) -> None:
    """Words arrive as they were written, from an address that can be answered; reading is pure."""
    payload = wire.incoming("hello 👍\nworld")
    read = wire.channel.translate(payload)
    assert read == wire.channel.translate(payload)
    (said,) = read
    assert isinstance(said, Said)
    assert (said.text.plain, said.address) == ("hello 👍\nworld", wire.address)
    assert said.at.tzinfo is not None


async def test_a_redelivery_is_recognised(wire: Wire) -> None:
    """The same update has the same id, another one another."""
    first, second = wire.incoming("one"), wire.incoming("one")
    assert wire.channel.update_id(first) == wire.channel.update_id(first)
    assert wire.channel.update_id(first) != wire.channel.update_id(second)


@pytest.mark.parametrize("junk", [b"", b"\xff", b"[]", b"null", b"{}", b'"x"', b"{" * 5000])
async def test_junk_is_anomalous(wire: Wire, junk: bytes) -> None:
    """What no network would send raises Anomalous and nothing else."""
    with pytest.raises(Anomalous):
        wire.channel.translate(junk)
    assert wire.channel.update_id(junk) == ""


async def test_sends_words(wire: Wire) -> None:
    """What is sent is seen, and has a name by which the contact's answer to it is known."""
    sent = await wire.channel.send(wire.address, words("Hello & <b>welcome</b> *to* _us_"))
    assert wire.seen() == ["Hello & <b>welcome</b> *to* _us_"]
    assert len(sent.externals) == 1


async def test_splits_long_words(wire: Wire) -> None:
    """Nothing of a long text is lost, each part fits, and each has its name."""
    text = "word 👍 " * wire.channel.capabilities.text_limit
    sent = await wire.channel.send(wire.address, words(text))
    assert len(set(sent.externals)) == len(sent.externals) == len(wire.seen()) > 1
    assert "".join(wire.seen()).replace(" ", "") == text.replace(" ", "")


async def test_an_album_keeps_names_in_order(wire: Wire) -> None:
    """Each file of an album gets its own name, in the order of the files, however the network groups them; its words
    come after all files where the network has none under a file.
    """
    kinds = tuple(kind for kind in wire.channel.capabilities.media if kind not in {"sticker", "video_note"})
    sent = await wire.channel.send(wire.address, album(kinds))
    assert wire.seen()[-len(kinds) :] == list(kinds)
    assert len(sent.externals) == len(wire.seen())
    assert len(set(sent.externals)) == len(sent.externals)


async def test_a_long_caption_follows_its_file(wire: Wire) -> None:
    """A caption that the network cannot hold is sent as words after the file; the file's name comes first."""
    caption = "c" * (wire.channel.capabilities.caption_limit + 1)
    sent = await wire.channel.send(wire.address, files(file("file", b"x", caption)))
    assert wire.seen()[1:] == [caption]
    assert len(sent.externals) == 2


async def test_too_large_is_said_before_anything_is_sent(wire: Wire) -> None:
    """A file above the network's limit is refused in words, and nothing of the message goes out."""
    limit = wire.channel.capabilities.media["file"]
    with pytest.raises(TooLarge):
        await wire.channel.send(wire.address, files(file("file", b"x"), file("file", b"x", size=limit + 1)))
    assert wire.seen() == []


async def test_nothing_to_say_is_refused(wire: Wire) -> None:
    """A message of spaces is not sent, and is no success either."""
    with pytest.raises(Undeliverable):
        await wire.channel.send(wire.address, words(" \n "))


async def test_blocked_is_known(wire: Wire) -> None:
    """A contact who blocked us is told apart from other refusals."""
    wire.block()
    assert isinstance(await failure(wire), Blocked)


async def test_a_dead_secret_is_known(wire: Wire) -> None:
    """A secret that the network no longer takes kills the channel, not the contact."""
    wire.revoke()
    assert isinstance(await failure(wire), ChannelDead)


async def test_a_limit_is_passed_on(wire: Wire) -> None:
    """The seconds that the network asks for are the host's to keep: the channel does not wait or try again."""
    wire.limit_next(7)
    error = await failure(wire)
    assert isinstance(error, TemporaryFailure)
    assert (error.limited, error.retry_after) == (True, 7)
    assert wire.seen() == []


async def test_a_fault_of_the_networks_own_passes(wire: Wire) -> None:
    """It may be tried again, and then it arrives once."""
    wire.fail_next()
    assert isinstance(await failure(wire), TemporaryFailure)
    await wire.channel.send(wire.address, words("hello"))
    assert wire.seen() == ["hello"]


async def test_a_lost_answer_is_uncertain(wire: Wire) -> None:
    """What may have arrived is never sent again by the channel itself, nor called failed."""
    wire.lose_next_answer()
    assert isinstance(await failure(wire), Uncertain)
    assert wire.seen() == ["hello"]


async def test_nobody_there_is_temporary(wire: Wire) -> None:
    """Where no connection could be made nothing was sent, so it may be tried again."""
    wire.go_away()
    assert isinstance(await failure(wire), TemporaryFailure)


async def test_edits_and_deletions_may_be_repeated(wire: Wire) -> None:
    """The same change again is done; what is gone already is taken back."""
    channel = wire.channel
    sent = await channel.send(wire.address, words("before"))
    if isinstance(channel, Edits):
        await channel.edit(wire.address, sent.externals, Text("after"), caption=False)
        await channel.edit(wire.address, sent.externals, Text("after"), caption=False)
        assert wire.seen() == ["after"]
    if isinstance(channel, Deletes):
        await channel.delete(wire.address, sent.externals)
        await channel.delete(wire.address, sent.externals)
        assert wire.seen() == []
        with pytest.raises(Undeliverable):
            await channel.delete(wire.address, [ExternalId("not ours")])


async def test_an_answer_to_nothing_is_sent_all_the_same(wire: Wire) -> None:
    """What the message answers may be gone, or no message at all: the answer goes out."""
    for answered in ("gone:1", "", f"{wire.address}:99999"):
        await wire.channel.send(wire.address, words("answer", ExternalId(answered)))
    assert wire.seen() == ["answer"] * 3


async def test_ignores_with_a_reason(wire: Wire) -> None:
    """What comes is for the middle to take in, or says why not."""
    for incoming in wire.channel.translate(wire.incoming("/start")):
        assert not isinstance(incoming, Ignored) or incoming.reason

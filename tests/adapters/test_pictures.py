"""Contacts' pictures, fetched from the stand-ins over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.adapters.slack import ids
from hub.domain.ids import Address
from hub.domain.pictures import LARGEST, look
from hub.domain.ports import Pictures
from hub.errors import ChannelDead, Gone, TemporaryFailure, TooLarge, Undeliverable
from tests.adapters.messenger.wire import MessengerWire, messenger_wire
from tests.adapters.slack.wire import SlackWire, slack_wire
from tests.adapters.telegram_wire import TelegramWire, telegram_wire

PNG = b"\x89PNG\r\n\x1a\n" + b"Ann" * 100
OLDER = b"\x89PNG\r\n\x1a\n" + b"Ann as she was"
MAKE = {"messenger": messenger_wire, "slack": slack_wire, "telegram": telegram_wire}
SomeWire = MessengerWire | SlackWire | TelegramWire


@pytest.fixture(params=sorted(MAKE))
async def anywhere(request: pytest.FixtureRequest) -> AsyncIterator[SomeWire]:
    """A connected channel of each network that shows pictures."""
    made: SomeWire = await MAKE[request.param]()  # type: ignore[operator]
    yield made
    await made.close()


def choose(wire: SomeWire, content: bytes) -> None:
    """The contact chooses a picture."""
    match wire:
        case TelegramWire():
            wire.net.add_picture(wire.ann, content)
        case SlackWire():
            wire.net.set_picture(wire.ann, content)
        case MessengerWire():
            wire.net.set_picture(wire.ann, content)


async def test_the_newest_picture_is_fetched(anywhere: SomeWire) -> None:
    """What the contact shows now, as it is; the channel's capabilities say that it can be asked for."""
    channel = anywhere.channel
    assert isinstance(channel, Pictures)
    assert channel.capabilities.pictures
    choose(anywhere, OLDER)
    choose(anywhere, PNG)
    assert await channel.picture(anywhere.address) == PNG


async def test_too_large_a_picture_is_not_read_to_its_end(anywhere: SomeWire) -> None:
    """Somebody who serves gigabytes fills nobody's memory."""
    choose(anywhere, PNG + bytes(LARGEST))
    with pytest.raises(TooLarge, match="larger than 5 MB"):
        await anywhere.channel.picture(anywhere.address)


async def test_a_network_that_is_away_is_told_so(anywhere: SomeWire) -> None:
    """In a sentence without a secret; and so is a token that is worth nothing any more."""
    choose(anywhere, PNG)
    anywhere.revoke()
    with pytest.raises(ChannelDead):
        await anywhere.channel.picture(anywhere.address)
    await anywhere.channel.close()
    anywhere.go_away()
    with pytest.raises(TemporaryFailure) as caught:
        await anywhere.channel.picture(anywhere.address)
    assert anywhere.secret not in caught.value.text
    said = (await look([(anywhere.channel, anywhere.address)])).trouble
    assert said.endswith("could not be reached.")


async def test_no_address_leads_elsewhere(anywhere: SomeWire) -> None:
    """Neither another contact's nor another part of the network's tree."""
    for odd in ("me/messages", "", "ä"):
        with pytest.raises(Gone):
            await anywhere.channel.picture(Address(odd))


async def test_telegram_gives_the_smallest_that_will_do() -> None:
    """Of the sizes of the newest picture; nothing of whoever has none, hides them, or left; strangers are refused."""
    wire = await telegram_wire()
    assert await wire.channel.picture(wire.address) == b""
    wire.net.add_picture(wire.ann, PNG)
    assert await wire.channel.picture(wire.address) == PNG
    asked = [call.params["file_id"] for call in wire.net.calls if call.method == "getFile"]
    (sizes,) = wire.net.call(wire.bot, "getUserProfilePhotos", {"user_id": wire.ann.id})["photos"]
    assert asked == [sizes[0]["file_id"]]
    assert [size["width"] for size in sizes] == [160, 320, 640]
    wire.net.hide_pictures(wire.ann)
    assert await wire.channel.picture(wire.address) == b""
    stranger = wire.net.add_user("Tom")
    with pytest.raises(Gone, match="does not know this contact"):
        await wire.channel.picture(Address(str(stranger.id)))
    await wire.close()


async def test_slack_shows_what_somebody_chose() -> None:
    """Not the pictures that Slack or Gravatar gives to whoever chose none; those of other workspaces' people too."""
    wire = await slack_wire()
    assert await wire.channel.picture(wire.address) == b""
    wire.net.set_picture(wire.bob, PNG)
    assert await wire.channel.picture(ids.address(wire.other.id, wire.bob.id)) == PNG
    await wire.close()


async def test_messenger_says_where_a_picture_is_hidden() -> None:
    """Of whoever hides their profile it is refused; an address that is no file's is not fetched."""
    wire = await messenger_wire()
    assert (await wire.channel.picture(wire.address)).startswith(b"\x89PNG")
    wire.ann.hides = True
    with pytest.raises(Undeliverable):
        await wire.channel.picture(wire.address)
    wire.ann.hides = False
    wire.net.base_url = "http://elsewhere.example"
    with pytest.raises(Gone, match="does not lead to Messenger"):
        await wire.channel.picture(wire.address)
    await wire.close()

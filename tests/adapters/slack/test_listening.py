"""Socket Mode: what is taken is acknowledged, what is not comes again, and connections that end are made anew."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from hub.adapters.slack.listening import ListeningSlackChannel
from hub.domain.incoming import Said
from hub.domain.ports import Choice, Outgoing
from hub.domain.text import Text
from hub.errors import ChannelDead, TemporaryFailure, Unavailable
from tests.adapters.slack.wire import SlackWire, slack_wire


@pytest.fixture
async def wire() -> AsyncIterator[SlackWire]:
    """An app in Socket Mode."""
    made = await slack_wire(socket=True)
    yield made
    await made.close()


async def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


class Taken:
    """What was taken; before the next of it, `errors` are raised, one at a time."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.errors: list[Exception] = []

    async def take(self, body: bytes) -> None:
        if self.errors:
            raise self.errors.pop()
        self.bodies.append(body)


@asynccontextmanager
async def listening(wire: SlackWire, taken: Taken) -> AsyncIterator[None]:
    channel = wire.channel
    assert isinstance(channel, ListeningSlackChannel)
    before = len(wire.net.calls_of("apps.connections.open"))
    task = asyncio.create_task(channel.listen(taken.take))
    try:
        await until(lambda: connected(wire, before + 1))
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def connected(wire: SlackWire, times: int) -> bool:
    """Whether so many addresses were given out, and all but the one that connecting the app left over were used."""
    return len(wire.net.calls_of("apps.connections.open")) >= times and len(wire.net.tickets) <= 1


def texts(wire: SlackWire, taken: Taken) -> list[str]:
    read = [found for body in taken.bodies for found in wire.channel.translate(body)]
    return [found.text.plain for found in read if isinstance(found, Said)]


async def test_hears_and_acknowledges(wire: SlackWire) -> None:
    """Events and presses come over the socket, and each is known as done at the far end once it was taken."""
    taken = Taken()
    async with listening(wire, taken):
        wire.net.say(wire.ann, wire.app, "hello ü 👍")
        await wire.net.settled()
        assert texts(wire, taken) == ["hello ü 👍"]
        await wire.channel.send(wire.address, Outgoing(text=Text("?"), choices=(Choice("Yes", "y"),)))
        knock = wire.net.press(wire.ann, wire.app, wire.messages()[-1]["ts"], "Yes")
        await knock.answer()
        assert json.loads(taken.bodies[-1])["type"] == "block_actions"
    assert wire.net.alerts == []


@pytest.mark.parametrize("error", [Unavailable(), RuntimeError("a bug")])
async def test_what_was_not_taken_comes_again(
    wire: SlackWire, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is acknowledged that was not kept, so the network tells it again."""
    taken = Taken()
    async with listening(wire, taken):
        await wire.net.settled()
        taken.errors = [error, error]
        wire.net.say(wire.ann, wire.app, "important")
        await wire.net.settled()
    assert texts(wire, taken) == ["important"]
    assert taken.errors == []
    assert "not taken" in caplog.text
    assert wire.secret not in caplog.text


async def test_reconnects(wire: SlackWire) -> None:
    """The network refreshes its connections now and then; what is said afterwards is heard."""
    taken = Taken()
    async with listening(wire, taken):
        wire.net.disconnect(wire.app)
        await until(lambda: connected(wire, 3))
        wire.net.say(wire.ann, wire.app, "still there?")
        await until(lambda: texts(wire, taken) == ["still there?"])


async def test_dead_tokens_and_nobody_there(wire: SlackWire) -> None:
    """Where it cannot connect, it says so instead of asking on for ever."""
    channel = wire.channel
    assert isinstance(channel, ListeningSlackChannel)
    wire.net.fail("apps.connections.open", retry_after=60)
    with pytest.raises(TemporaryFailure) as limited:
        await channel.listen(Taken().take)
    assert limited.value.retry_after == 60
    wire.net.fail("apps.connections.open", error="invalid_auth")
    with pytest.raises(ChannelDead, match="xapp"):
        await channel.listen(Taken().take)
    wire.net.unreachable()
    with pytest.raises(TemporaryFailure):
        await channel.listen(Taken().take)
    wire.net.heal()

"""The networks that the channels are tested on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.adapters.custom.wire import custom_wire
from tests.adapters.messenger.wire import messenger_wire
from tests.adapters.slack.wire import slack_wire
from tests.adapters.telegram_wire import TelegramWire, telegram_wire
from tests.adapters.wire import Wire

WIRES: dict[str, Callable[[], Awaitable[Wire]]] = {
    "custom": custom_wire,
    "messenger": messenger_wire,
    "slack": slack_wire,
    "telegram": telegram_wire,
}
"""Every network's; the contract is tested on each."""


@pytest.fixture(params=sorted(WIRES))
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[Wire]:
    """A connected channel of each network in turn."""
    made = await WIRES[request.param]()
    yield made
    await made.close()


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramWire]:
    """A connected Telegram channel."""
    made = await telegram_wire()
    yield made
    await made.close()

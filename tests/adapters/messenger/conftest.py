"""A connected page for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.messenger.wire import MessengerWire, messenger_wire


@pytest.fixture
async def messenger() -> AsyncIterator[MessengerWire]:
    """A connected Messenger channel."""
    made = await messenger_wire()
    yield made
    await made.close()

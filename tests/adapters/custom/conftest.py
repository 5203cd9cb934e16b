"""A connected system for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.custom.wire import CustomWire, custom_wire


@pytest.fixture
async def custom() -> AsyncIterator[CustomWire]:
    """A connected custom channel."""
    made = await custom_wire()
    yield made
    await made.close()

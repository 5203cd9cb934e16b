"""A connected app for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.slack.wire import SlackWire, slack_wire


@pytest.fixture
async def slack() -> AsyncIterator[SlackWire]:
    """A connected Slack channel."""
    made = await slack_wire()
    yield made
    await made.close()

"""What every channel keeps, on Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.slack.wire import SlackWire, slack_wire
from tests.adapters.test_channel_contract import *  # noqa: F403 - all that it tests


@pytest.fixture
async def wire() -> AsyncIterator[SlackWire]:
    """A connected Slack channel."""
    made = await slack_wire()
    yield made
    await made.close()

"""A town of each test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.admin_bot.slack.town import Town, slack_town


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with slack_town() as town:
        yield town

"""The manual's whole way by chat, with pages and mail as a form reader sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.settings import Settings
from tests.endtoend.first_day import day_on_slack, day_on_telegram
from tests.endtoend.newcomers import Place, place_in


@pytest.fixture(scope="module")
async def place(own_settings: Settings) -> AsyncIterator[Place]:
    """One hub for all stories."""
    async with place_in(own_settings) as made:
        yield made


async def test_on_telegram(place: Place) -> None:
    """Each step is told privately as soon as the one before is done, once; at the end a customer is answered."""
    await day_on_telegram(place)


async def test_on_slack(place: Place) -> None:
    """The same in Slack, where dialogs ask; customers write from Slack and from Telegram."""
    await day_on_slack(place)

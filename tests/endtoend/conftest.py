"""The shop of each module's stories."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.settings import Settings
from hub.store.embedded import Embedded
from tests.endtoend.mixed import Mixed, mixed_in
from tests.endtoend.shop import Shop, shop_in
from tests.endtoend.town import base_settings


@pytest.fixture(scope="module")
def own_settings(mongod: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for a module's hub, on the shared server."""
    return base_settings(mongod.url, tmp_path_factory.mktemp("hubs"))


@pytest.fixture(scope="module")
async def shop(own_settings: Settings) -> AsyncIterator[Shop]:
    """One shop for all stories of a module; each has contacts of its own."""
    async with shop_in(own_settings) as made:
        yield made


@pytest.fixture(scope="module")
async def mixed(own_settings: Settings) -> AsyncIterator[Mixed]:
    """One shop with contacts on every network and both desks."""
    async with mixed_in(own_settings) as made:
        yield made

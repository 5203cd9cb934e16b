"""One provider for all tests of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.oidc.standing import Standing, standing


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[Standing]:
    async with standing() as started:
        yield started

"""The hub killed under load while contacts write from Slack, and are answered from both desks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hub.domain.models import Message
from tests.faults.load import FEW, KILLS, Load, check_lanes
from tests.faults.mixed import mixed
from tests.scene import kept

WAYS = (False, True) if KILLS > FEW else (False,)
"""A socket's lease outlives a killed hub by seconds, so hearing by sockets is only tried where there is time."""


@pytest.mark.parametrize("socket", WAYS, ids=lambda s: "socket" if s else "webhooks")
async def test_hub_killed_at_random_moments(tmp_path: Path, *, socket: bool) -> None:
    """SIGKILL at random moments, in both directions: what the network redelivers counts once, nothing accepted is lost
    or out of order on either desk or phone; what goes twice was in flight at a kill, one call a lane and kill at most.
    """
    async with mixed(tmp_path, apart=True, socket=socket) as shop:
        load = Load(shop, [shop.on_slack(f"k{n}") for n in range(3)])
        load.begin()
        for _ in range(KILLS):
            await load.kill()
        await load.end()
        await load.everything_arrived()
        check_lanes(load, KILLS)
        assert set(load.said) - load.late, "something was said to a hub that was there"
        messages = await kept(shop, Message, {"direction": "in"})
        assert Counter(m.text.plain for m in messages) == Counter(load.said)

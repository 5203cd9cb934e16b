"""The hub killed under load while contacts write from Messenger, and are answered from both desks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hub.domain.models import Message
from tests.faults.load import KILLS, Load, check_lanes
from tests.faults.mixed import mixed
from tests.scene import kept


async def test_hub_killed_at_random_moments(tmp_path: Path) -> None:
    """SIGKILL at random moments, in both directions: what the network redelivers counts once, nothing accepted is lost
    or out of order on either desk or phone; what goes twice was in flight at a kill, one call a lane and kill at most.
    """
    async with mixed(tmp_path, apart=True) as shop:
        load = Load(shop, [shop.on_messenger(f"m{n}") for n in range(3)])
        load.begin()
        for _ in range(KILLS):
            await load.kill()
        await load.end()
        await load.everything_arrived()
        check_lanes(load, KILLS)
        assert set(load.said) - load.late, "something was said to a hub that was there"
        messages = await kept(shop, Message, {"direction": "in"})
        assert Counter(m.text.plain for m in messages) == Counter(load.said)

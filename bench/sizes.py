"""How large each measurement is."""

from __future__ import annotations

import msgspec


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of each run, how often runs are repeated (in turn with what they are compared with), and how many."""

    seconds: float
    warm: float
    rounds: int
    contacts: int
    stored: tuple[int, int]
    """Messages kept beforehand: few and many."""
    workspaces: int
    spread: int
    desk_contacts: int
    desk_seconds: float
    desk_rates: tuple[float, ...]
    burst: int = 50
    connections: tuple[int, int] = (32, 128)
    """Fewer, for comparison, and those that the goals are set for."""
    starts: int = 3
    crowds: tuple[int, int]
    """Contacts of a workspace and of one of ten times its size; with each come two conversations and ten messages."""
    inbox_rounds: int
    inbox_every: int = 1
    """Of the commands, one in so many is measured."""
    relay_scale: float = 0.05
    """Of a minute, where the network's limits are what is measured."""
    relay_bots: tuple[int, ...] = (0, 1, 2, 3)
    """How many relay bots a busy desk is measured with."""


FULL = Sizes(
    seconds=5.0,
    warm=1.0,
    rounds=7,
    contacts=500,
    stored=(10_000, 1_000_000),
    workspaces=300,
    spread=100,
    desk_contacts=200,
    desk_seconds=6.0,
    desk_rates=(20, 30, 40, 60, 80, 110, 150, 200, 270, 360),
    crowds=(10_000, 100_000),
    inbox_rounds=60,
    relay_scale=0.2,
)
QUICK = Sizes(
    seconds=1.0,
    warm=0.3,
    rounds=3,
    contacts=500,
    stored=(1_000, 100_000),
    workspaces=30,
    spread=10,
    desk_contacts=50,
    desk_seconds=1.5,
    desk_rates=(20, 40, 60, 90, 135, 200, 300, 450),
    crowds=(400, 4_000),
    inbox_rounds=20,
    starts=1,
)
TINY = Sizes(
    seconds=0.3,
    warm=0.1,
    rounds=1,
    contacts=16,
    stored=(50, 500),
    workspaces=3,
    spread=2,
    desk_contacts=5,
    desk_seconds=0.5,
    desk_rates=(10, 20),
    burst=5,
    connections=(4, 8),
    crowds=(16, 40),
    inbox_rounds=1,
    inbox_every=9,
    relay_scale=0.02,
    relay_bots=(3,),
    starts=1,
)
"""For the tests: all names, no meaning."""

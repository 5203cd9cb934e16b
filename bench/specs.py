"""What the parent asks of a process that runs the hub, and what it is told; apart, for importing the hub is slow."""

from __future__ import annotations

import msgspec

from bench.updates import Hook
from hub.store.driver import DriverName


class ServeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """How to run: `plain` instead of the hub; settings of networks where there is a stage, by the names in Settings."""

    data_dir: str
    mongo_url: str
    prefix: str = ""
    plain: bool = False
    driver: DriverName = "motor"
    networks: dict[str, str] = {}
    profile: str = ""
    """A file for cProfile's figures of the event loop's thread."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Workspaces to be made, each with a channel that is connected; `desk`: the network and the chat that it is to be
    bound in.

    `words`: what an admin would type to connect the channel. Without, it is a bot on Telegram that nobody is asked of.
    """

    workspaces: int = 1
    desk: tuple[str, str] | None = None
    network: str = "telegram"
    words: list[str] = []
    people: list[str] = []


class Made(msgspec.Struct, frozen=True):
    """One workspace: its id, where its channel is posted to, and how long its making took."""

    workspace: str
    hook: Hook
    milliseconds: float

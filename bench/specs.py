"""What the parent asks of a process that runs the hub, and what it is told; apart, for importing the hub is slow."""

from __future__ import annotations

import msgspec

from bench.load import Hook
from hub.store.driver import DriverName


class ServeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """How to run: `plain` instead of the hub; an admin bot's token and the address of its network for a desk."""

    data_dir: str
    mongo_url: str
    prefix: str = ""
    plain: bool = False
    driver: DriverName = "motor"
    token: str = ""
    api_url: str = "http://127.0.0.1:9"  # nobody is there: without a desk, nothing is sent
    profile: str = ""
    """A file for cProfile's figures of the event loop's thread."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Workspaces to be made, each with a connected channel; `desk`: the chat of a group that is to be bound."""

    workspaces: int = 1
    desk: str = ""


class Made(msgspec.Struct, frozen=True):
    """One workspace: its id, where its channel is posted to, and how long its making took."""

    workspace: str
    hook: Hook
    milliseconds: float

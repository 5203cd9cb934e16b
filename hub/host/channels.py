"""The channels that this process speaks through, made from what the workspaces keep, and dropped when that changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from hub.domain.ids import ChannelId
from hub.domain.models import ChannelItem
from hub.domain.ports import Capabilities, Channel, Connector, Directory, Vault, Workspace
from hub.errors import NotFound

OpenWorkspace = Callable[[str], Awaitable[Workspace]]


class Line(msgspec.Struct, frozen=True):
    """A connected channel with what is kept of it."""

    item: ChannelItem
    channel: Channel
    workspace: Workspace


class Switchboard:
    """Finds the channel for an id. What it found it keeps, until told that it changed."""

    def __init__(
        self, directory: Directory, open_workspace: OpenWorkspace, vault: Vault, connectors: Mapping[str, Connector]
    ) -> None:
        self._directory = directory
        self._open = open_workspace
        self._vault = vault
        self._connectors = connectors
        self._lines: dict[str, Line] = {}

    async def line(self, channel: str) -> Line | None:
        """The channel with that id, if it is one that is connected; a paused one too."""
        found = self._lines.get(channel)
        try:
            if found is not None:
                return found if await self._current(found) else await self._anew(channel, found.workspace)
            workspace_id = await self._directory.channel_workspace(channel)
            return None if workspace_id is None else await self._anew(channel, await self._open(workspace_id))
        except NotFound:  # the workspace is gone for good, which this process is only just told
            await self.forget(channel)
            return None

    async def _current(self, line: Line) -> bool:
        """Whether the channel is kept as it was when the line was made: another process may have changed it."""
        return line.item in await line.workspace.items(ChannelItem)

    async def _anew(self, channel: str, workspace: Workspace) -> Line | None:
        await self.forget(channel)
        item = await workspace.get(ChannelItem, channel)
        connector = self._connectors.get(item.network) if item else None
        if item is None or connector is None or item.state == "disconnected":
            return None
        made = connector.connect(self._vault.open(item.secret), self._vault.open(item.hook_secret))
        line = self._lines[channel] = Line(item, made, workspace)
        return line

    def capabilities(self, channel: ChannelId) -> Capabilities | None:
        """What a channel that is in use here can carry; None where it is not."""
        line = self._lines.get(channel)
        return line.channel.capabilities if line else None

    async def forget(self, channel: str) -> Line | None:
        """Drops a channel that changed; the next look finds it as it is now."""
        line = self._lines.pop(channel, None)
        if line is not None:
            await line.channel.close()
        return line

    async def forget_workspace(self, id: str) -> None:
        """Drops all channels of a workspace that is gone."""
        for channel in [name for name, line in self._lines.items() if line.workspace.id == id]:
            await self.forget(channel)

    async def close(self) -> None:
        """Drops all."""
        for channel in list(self._lines):
            await self.forget(channel)

"""Workspaces whose days are over: closed at their end, forgotten by every process, and only then dropped.

Several processes may know a workspace. So it is first closed: nothing leads to it any more, and nobody may open it.
Every process hears of that and forgets it. What could still write to it by then has come to its end when its database
is dropped; and it is dropped once more much later, should a process that stood still have brought it back meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from hub.domain.models import now
from hub.domain.ports import GoneWorkspace, Workspace, WorkspaceEntry
from hub.errors import HubError

log = logging.getLogger(__name__)

SETTLES = timedelta(seconds=60)
"""From the closing to the dropping: a database ends transactions that are older."""
LINGERS = timedelta(days=1)
"""From the closing until it is dropped once more, and listed no longer."""

Forget = Callable[[str], Awaitable[None]]
"""Has this process hold nothing of the workspace with that id any more; it may be repeated."""


class EndingWorkspaces(Protocol):
    """The directory, as far as endings need it; see `hub.domain.ports.Directory`."""

    async def ending(self, by: datetime) -> list[WorkspaceEntry]:
        """Those that end by then and are still there."""

    async def close_workspace(self, id: str, by: datetime) -> bool:
        """It is there for nobody any more; False: it was kept meanwhile."""

    async def gone(self) -> list[GoneWorkspace]:
        """Those that are closed."""

    async def drop_workspace(self, id: str, *, forget: bool = True) -> None:
        """Deletes it for good."""


class Endings:
    """Ends workspaces, step by step; each step may be repeated, and be done by any process."""

    def __init__(
        self, directory: EndingWorkspaces, part: Callable[[Workspace], Awaitable[None]], forget: Forget
    ) -> None:
        """`part` tells the networks of a closed workspace's channels to call no more; it never raises."""
        self._directory = directory
        self._part = part
        self._forget = forget

    async def due(self) -> list[str]:
        """Those whose end has come."""
        return [entry.id for entry in await self._directory.ending(now())]

    async def close(self, workspace: Workspace) -> bool:
        """Closes one whose end has come; False: it was kept meanwhile. It must be hosted by nobody, and be open."""
        if not await self._directory.close_workspace(workspace.id, now()):
            return False
        log.info("workspace %s is closed for good: its grace is over", workspace.id)
        await self._part(workspace)
        await self._forget(workspace.id)
        return True

    async def gone(self) -> set[str]:
        """Those that are closed: they are forgotten here, and dropped when it is time."""
        found = await self._directory.gone()
        for each in found:
            await self._forget(each.id)
            await self._drop(each)
        return {each.id for each in found}

    async def _drop(self, gone: GoneWorkspace) -> None:
        lingered = gone.since + LINGERS <= now()
        if not lingered and (gone.dropped or gone.since + SETTLES > now()):
            return
        try:
            await self._directory.drop_workspace(gone.id, forget=lingered)
        except HubError as error:
            log.warning("workspace %s could not be dropped; it is tried again: %s", gone.id, error.text)
        else:
            log.info("workspace %s is dropped", gone.id)

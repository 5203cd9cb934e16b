"""Keeps the file stores clean: what nobody names goes after a day, and what is too old where a limit is set.

A file is kept before the record that names it is written, so that a crash, or a note that was taken back, leaves one
behind; and an upload that a crash broke off leaves pieces. Once a day each workspace is looked through, by one process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from hub.domain import retention
from hub.domain.ids import FileId, id_at
from hub.domain.models import now
from hub.domain.ports import Tx, Workspace
from hub.errors import HubError

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
AGE = timedelta(days=1)
"""A file that nobody names is left for so long: its record may still be on its way."""
FIRST = timedelta(hours=1)
"""After the start: there is enough to be done then."""
TOGETHER = 200
"""Files looked at in one go."""


class Cleaner:
    """Cleans one workspace at a time. What it has looked through is looked through again only by the next start: who
    names a file when it is a day old hardly ever stops to.
    """

    def __init__(self, acquire: Callable[[str, float], Awaitable[bool]], days: int) -> None:
        """`acquire` takes a lease; `days`: how long files are kept, 0 for good."""
        self._acquire = acquire
        self._days = days
        self._due: dict[str, datetime] = {}
        self._seen: dict[str, FileId] = {}
        self._task: asyncio.Task[None] | None = None

    def consider(self, workspace: Workspace) -> None:
        """Begins with the workspace, if it is due and nothing else is being cleaned."""
        due = self._due.setdefault(workspace.id, now() + FIRST)
        if due <= now() and (self._task is None or self._task.done()):
            self._due[workspace.id] = now() + EVERY
            self._task = asyncio.create_task(self._quietly(workspace))

    async def close(self) -> None:
        """Stops; the next start goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _quietly(self, workspace: Workspace) -> None:
        try:
            if await self._acquire(f"clean:{workspace.id}", EVERY.total_seconds() * 0.9):
                await self.clean(workspace)
        except HubError as error:
            log.warning("workspace %s: its files were not looked through: %s", workspace.id, error.text)
        except Exception:
            log.exception("workspace %s: its files were not looked through", workspace.id)

    async def clean(self, workspace: Workspace) -> None:
        """Drops what nobody names, and what is older than it may be."""
        seen, until = self._seen.get(workspace.id, FileId("")), FileId(id_at(now() - AGE))
        dropped = await self._unnamed(workspace, seen, until)
        for scrap in await workspace.files.scraps(seen, until):
            await workspace.files.drop(scrap)
            dropped += 1
        self._seen[workspace.id] = until
        if self._days:
            dropped += await self._old(workspace, FileId(id_at(now() - timedelta(days=self._days))))
        if dropped:
            log.info("workspace %s: %s files or parts of files were dropped", workspace.id, dropped)

    async def _unnamed(self, workspace: Workspace, after: FileId, until: FileId) -> int:
        dropped = 0
        while files := await workspace.files.saved(after, until, TOGETHER):
            after = files[-1][0]
            named = await retention.named(workspace, {name for _, name in files})
            for file, _ in files:
                if file not in named:
                    await workspace.files.drop(file)
                    dropped += 1
        return dropped

    async def _old(self, workspace: Workspace, until: FileId) -> int:
        """The record forgets first: what is dropped after it can be asked for by nobody."""
        dropped = 0
        while files := await workspace.files.saved(FileId(""), until, TOGETHER):
            await workspace.run(self._forgetting([file for file, _ in files], {name for _, name in files}))
            for file, _ in files:
                await workspace.files.drop(file)
            dropped += len(files)
        return dropped

    def _forgetting(self, files: list[FileId], owners: set[str]) -> Callable[[Tx], Awaitable[None]]:
        async def deed(tx: Tx) -> None:
            for owner in owners:
                await retention.forget(tx, owner, files, self._days)

        return deed

"""What all deliveries share: taking from a lane, settling come what may, trying again, files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from hub.domain import settle
from hub.domain.ids import DeskId
from hub.domain.models import Comment, DeskItem, Media, Message
from hub.domain.ports import Desk, FrontEnd, OutgoingMedia, Tx, Workspace
from hub.domain.work import Work
from hub.errors import DeliveryError, TemporaryFailure, Unavailable
from hub.host.channels import Line, Switchboard
from hub.host.lanes import Lane, backoff, later
from hub.host.pacer import Pacer, Window

log = logging.getLogger(__name__)
T = TypeVar("T")

FILE_LIMIT = 50 * 1024 * 1024
"""Bytes of one file that are kept; larger ones are said on the desk."""


class Surroundings(msgspec.Struct, frozen=True):
    """What a workspace's deliveries work with."""

    workspace: Workspace
    switchboard: Switchboard
    front_ends: Sequence[FrontEnd]
    pacer: Pacer
    retry: Callable[[Line, bytes], Awaitable[None]]
    """Receives a quarantined payload again; raises what is wrong with it."""
    desk_moved: Callable[[DeskItem, str], Awaitable[DeskId]]
    """Notes outside the workspace that a desk's chat has a new identity; gives the id of the desk that it now is."""
    relays: Callable[[DeskItem], Mapping[str, Desk]] = lambda _: {}
    """The hands of a desk's relay bots, by their accounts; those with a problem are left out."""


async def settled(workspace: Workspace, deed: Callable[[Tx], Awaitable[T]]) -> T:
    """Runs a deed that tells what has happened outside: it must be kept, however long the database is away."""
    attempts = 0
    while True:
        try:
            return await workspace.run(deed)
        except Unavailable:
            attempts += 1
            await asyncio.sleep(backoff(attempts, first=0.1, longest=5.0))


async def end(around: Surroundings, lane: Lane, works: Sequence[Work]) -> None:
    """The items are done with."""

    async def deed(tx: Tx) -> None:
        await settle.done(tx, works)

    await settled(around.workspace, deed)
    lane.settle(works)


async def postpone(around: Surroundings, lane: Lane, works: Sequence[Work], error: DeliveryError) -> None:
    """The items are tried again: when the network says, else after a growing pause."""
    asked = error.retry_after if isinstance(error, TemporaryFailure) else None
    due = later(asked if asked is not None else backoff(works[0].attempts))

    async def deed(tx: Tx) -> None:
        await settle.again(tx, works, due, error.text)

    await settled(around.workspace, deed)
    lane.postpone(works, due)


def learn(around: Surroundings, windows: Sequence[Window], error: DeliveryError) -> None:
    """Closes the window that the network said is used up."""
    if isinstance(error, TemporaryFailure) and error.limited:
        around.pacer.refused(windows, error.retry_after or 1.0)


async def desk_of(around: Surroundings, id: DeskId) -> tuple[DeskItem, Desk] | None:
    """A desk that is bound now, and the hands on it."""
    item = next((d for d in await around.workspace.items(DeskItem) if d.id == id), None)
    front_end = next((f for f in around.front_ends if item and f.network == item.network), None)
    return (item, front_end.desk(item.chat)) if item and front_end else None


def desk_windows(desk: Desk) -> list[Window]:
    """The windows that a post on a desk counts in."""
    windows = []
    if desk.pace.per_account:
        windows.append(Window(desk.account, desk.pace.per_account))
    if desk.pace.per_desk:
        windows.append(Window(f"{desk.account}/{desk.chat}", desk.pace.per_desk))
    return windows


def edit_windows(desk: Desk) -> list[Window]:
    """The windows that an edit of a card counts in."""
    return [Window(f"{desk.account}/edits", desk.pace.edits)] if desk.pace.edits else desk_windows(desk)


def thread_windows(desk: Desk) -> list[Window]:
    """The windows that opening a thread counts in; where a card opens it, that is a post like any other."""
    if desk.shape.card_opens:
        return desk_windows(desk)
    account = [Window(desk.account, desk.pace.per_account)] if desk.pace.per_account else []
    threads = [Window(f"{desk.account}/{desk.chat}/threads", desk.pace.threads)] if desk.pace.threads else []
    return account + threads


def files_of(workspace: Workspace, message: Message | Comment) -> list[OutgoingMedia]:
    """The message's files that are kept, ready to be sent."""
    kept = [a for a in message.attachments if isinstance(a, Media) and a.stored]
    return [_outgoing(workspace, media, message) for media in kept]


def _outgoing(workspace: Workspace, media: Media, message: Message | Comment) -> OutgoingMedia:
    stored = media.stored
    if stored is None:
        raise DeliveryError("The file is not kept.")
    return OutgoingMedia(
        media=media, content=lambda: workspace.files.open(stored), size=media.size or 0, caption=message.text
    )

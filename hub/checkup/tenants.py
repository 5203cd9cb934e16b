"""Each workspace: its desk, its channels, its members, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence

from hub.admin_bot.telegram import rights
from hub.checkup.findings import Finding, Surroundings
from hub.checkup.networks import TELEGRAM, call, calls
from hub.domain.models import ChannelItem, DeskItem, Member
from hub.domain.ports import WorkspaceEntry
from hub.domain.work import Work
from hub.errors import HubError, NotFound, Unavailable
from hub.store import MongoWorkspace, Store

MOST_SHOWN = 20
"""Workspaces shown one by one; of more, only those with something wrong."""


async def workspaces(around: Surroundings) -> list[Finding]:
    """Each workspace's desk, channels and members, and what is wrong with them."""
    if around.store is None and (around.settings.mongo_url or around.settings.data_dir.is_dir()):
        return [Finding("note", "workspaces", "Not looked at: the database or the data directory is not there.")]
    entries = await around.store.directory.workspaces() if around.store else []
    if not entries:
        return [Finding("note", "workspaces", "None yet: run `hub init` and send its code to the admin bot.")]
    found = [Finding("ok", "workspaces", f"{len(entries)} in the directory.")] if len(entries) > MOST_SHOWN else []
    for entry in entries:
        each = await _workspace(around, entry)
        found += each if len(entries) <= MOST_SHOWN else [f for f in each if f.mark == "wrong"]
    return found


async def _workspace(around: Surroundings, entry: WorkspaceEntry) -> list[Finding]:
    if around.store is None:
        return []
    workspace, about = around.store.workspace(entry.id), f"“{entry.name}”"
    channels = [c for c in await workspace.items(ChannelItem) if c.state != "disconnected"]
    desks, members = await workspace.items(DeskItem), await workspace.items(Member)
    said = f"Members: {len(members)}. Desk: {_names([d.title or d.chat for d in desks])}."
    found = [Finding("ok", about, f"{said} Channels: {_names([c.name for c in channels])}.")]
    if not desks:
        found.append(Finding("note", about, "No desk: in a group with topics send /desk here. Until then all is kept."))
    if not channels:
        found.append(
            Finding("note", about, "No channel: tell the admin bot in private: /channel connect telegram TOKEN")
        )
    for desk in desks:
        found += await _desk(around, desk, about)
    for channel in channels:
        found += await _channel(around, around.store, channel, about)
    return found + await _failed(workspace, about)


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


async def _failed(workspace: MongoWorkspace, about: str) -> list[Finding]:
    count = await workspace.count(Work, {"state": "failed"})
    if not count:
        return []
    return [Finding("note", about, f"{count} could not be received or delivered: /failed shows them and tries again.")]


async def _desk(around: Surroundings, desk: DeskItem, about: str) -> list[Finding]:
    if desk.network != TELEGRAM or not around.admin_bot:
        return []
    token, name = around.settings.telegram_token, f"{about}: desk {desk.title or desk.chat}"
    try:
        chat = await call(around, token, "getChat", chat_id=desk.chat)
        me = await call(around, token, "getChatMember", chat_id=desk.chat, user_id=around.admin_bot)
    except NotFound as error:
        return [Finding("wrong", name, f"The admin bot is not in that group ({error.text}). Add it there again.")]
    except Unavailable as error:
        return [Finding("wrong", name, error.text)]
    wrong = rights.problems(chat, me, sees_all=around.sees_all)
    return [Finding("wrong", name, each) for each in wrong]


async def _channel(around: Surroundings, store: Store, channel: ChannelItem, about: str) -> list[Finding]:
    name = f"{about}: {channel.name}"
    if channel.state == "paused":
        mend = f"Connect it again: /channel connect {channel.network} TOKEN, in private."
        return [Finding("wrong", name, f"Paused: {channel.problem} {mend}")]
    try:
        token = store.vault.open(channel.secret)
        if channel.network != TELEGRAM or not around.telegram:
            return []
        await call(around, token, "getMe")
        return await calls(around, token, (channel.id, name))
    except NotFound:
        return [Finding("wrong", name, "Telegram does not know its token any more; connect it again with a new one.")]
    except HubError as error:
        return [Finding("wrong", name, error.text)]

"""Notices: what a user is told in private, at once or, where they would rather, together at a time of their own.

What is kept back waits as work of its lane that is held; a timer lets it go. It looks then whether it still matters:
what was closed or given to somebody else meanwhile is not told any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import available_timezones

import msgspec

from hub.domain import limits
from hub.domain.catalog import Notice
from hub.domain.contacts import present
from hub.domain.desks import enqueue
from hub.domain.ids import ConversationId, UserId
from hub.domain.models import Conversation, Member, Preferences
from hub.domain.ports import Query, Reads, Tx
from hub.domain.reply import Reply, Value
from hub.domain.telling.clocks import next_at, within
from hub.domain.timers import wake_at
from hub.domain.work import Digest, Notify, Work, user_lane

NOTICES: Mapping[Notice, str] = {
    "assigned": "when a conversation is given to you",
    "mentioned": "when a colleague mentions you",
    "waiting": "when a contact of yours waits for too long",
    "unassigned": "when a conversation is nobody's",
}
SHOWN = 12
"""Notices that a digest tells; of more it gives the number."""
MOST_KEPT = 200


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One notice: what it is of, and of which conversation."""

    notice: Notice
    conversation: Conversation
    name: str
    """Of the contact."""
    words: str = ""
    """What was written: the contact's last words, or the colleague's."""
    by: str = ""


async def zone_for(reads: Reads, member: Member) -> str:
    """By which clock the member lives."""
    preferences = await reads.items(Preferences)
    zone = member.time_zone or (preferences[0].time_zone if preferences else "UTC")
    return zone if zone in available_timezones() else "UTC"


async def tell(tx: Tx, user: UserId, told: Told, at: datetime) -> None:
    """Tells a user now or later, or not at all, as they want it. One who is no member any more is told nothing."""
    member = await tx.get(Member, user)
    if member is None or told.notice in member.notices.off:
        return
    reply = Reply("notice", await _said(tx, member, told), lasting=True)
    task = Notify(user=user, reply=reply, conversation=told.conversation.id)
    later = spoken_at(member, await zone_for(tx, member), at) or (at if _told_already(tx, user) else None)
    if later is None:
        enqueue(tx, user_lane(user), task)
        return
    if not await _keeps_already(tx, user):
        wake_at(tx, later, Digest(user=user))
    enqueue(tx, kept_lane(user), task, held=True)


def spoken_at(member: Member, zone: str, at: datetime) -> datetime | None:
    """When the member wants to be told of what happens at that moment; None: at once."""
    notices = member.notices
    if notices.digest:
        return next_at(notices.digest, zone, at)
    if notices.quiet and within(notices.quiet, zone, at):
        return next_at(notices.quiet[1], zone, at)
    return None


def kept_lane(user: UserId) -> str:
    """Where notices wait that were kept back for a user."""
    return f"kept:{user}"


async def _said(tx: Tx, member: Member, told: Told) -> dict[str, Value]:
    preferences = await tx.items(Preferences)
    said: dict[str, Value] = {
        "notice": told.notice,
        "number": told.conversation.number,
        "name": told.name,
        "words": told.words,
        "by": told.by,
        "workspace": preferences[0].name if preferences else "",
    }
    return {key: limits.masked(value, key) for key, value in said.items()} if limits.hides(member) else said


def _told_already(tx: Tx, user: UserId) -> bool:
    """Whether this very deed tells the member of something: of all else that it did, they are told together."""
    return any(work.lane == user_lane(user) for work in tx.added(Work))


async def _keeps_already(tx: Tx, user: UserId) -> bool:
    """Whether something waits already for the member, so that the timer is set."""
    if any(work.lane == kept_lane(user) for work in tx.added(Work)):
        return True
    return bool(await tx.query(Work, Query(where={"state": "waiting", "lane": kept_lane(user)}, limit=1)))


# -- what was kept back ----------------------------------------------------------------------------------------------


async def digest(tx: Tx, task: Digest, at: datetime) -> None:
    """Tells together what was kept back, as far as it still matters."""
    kept = Query(where={"state": "waiting", "lane": kept_lane(task.user)}, order="id", limit=MOST_KEPT)
    works = [work for found in await tx.query(Work, kept) if (work := await tx.get(Work, found.id))]
    for work in works:
        tx.delete(work)
    member = await tx.get(Member, task.user)
    tasks = [work.task for work in works if isinstance(work.task, Notify)]
    matter = [each for each in tasks if await _matters(tx, task.user, each)]
    if member is not None and matter:
        enqueue(tx, user_lane(task.user), _together(task.user, matter))
    if len(works) == MOST_KEPT:
        wake_at(tx, at, Digest(user=task.user))


def _together(user: UserId, tasks: Sequence[Notify]) -> Notify:
    if len(tasks) == 1:
        return tasks[0]
    told: list[Value] = [dict(each.reply.data) for each in tasks[:SHOWN]]
    said: dict[str, Value] = {
        "told": told,
        "more": max(0, len(tasks) - SHOWN),
        "workspace": tasks[0].reply.data["workspace"],
    }
    also = tuple(each.conversation for each in tasks[:SHOWN] if each.conversation)
    return Notify(user=user, reply=Reply("notices_kept", said, lasting=True), also=also)


async def _matters(tx: Tx, user: UserId, task: Notify) -> bool:
    """Whether it still is as it was told."""
    conversation = await tx.get(Conversation, task.conversation or ConversationId(""))
    if conversation is None or await present(tx, conversation.contact) is None:
        return False
    match task.reply.data.get("notice"):
        case "assigned":
            return conversation.assignee == user and conversation.state != "closed"
        case "waiting":
            return conversation.waiting_since is not None and conversation.assignee in (user, None)
        case "unassigned":
            return conversation.assignee is None and conversation.state == "open"
    return True

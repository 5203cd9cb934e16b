"""Erases what is known of forgotten contacts, in steps; and gives a contact's file to who asked for it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial

from hub.domain import desks, dossier, forgetting
from hub.domain.ids import ContactId, DeskId, FileId, ThreadId, UserId
from hub.domain.models import Media, Post
from hub.domain.ports import Desk, OutgoingMedia, Tx
from hub.domain.reply import Reply
from hub.domain.work import Erase, GiveDossier, Notify, Work, user_lane
from hub.errors import DeliveryError, TemporaryFailure
from hub.host import delivery
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane
from hub.host.pacer import Priority

log = logging.getLogger(__name__)
Where = tuple[DeskId, ThreadId]


async def erase(around: Surroundings, lane: Lane, work: Work) -> None:
    """Erases all; what the network puts off is tried again, and what it refuses stays on the desk alone."""
    task = work.task
    if not isinstance(task, Erase):
        return
    left: dict[str, str] = {}
    for file in task.files:
        await around.workspace.files.drop(file)
    try:
        for place in task.places:
            await _clear(around, place, left)
        for contact in task.contacts:
            await _blank_notices(around, contact)
        while not await _step(around, task.contacts, left):
            pass
        while found := await forgetting.told_by_events(around.workspace, task.contacts):
            await delivery.settled(around.workspace, partial(forgetting.drop, found=found))
    except TemporaryFailure as error:
        await delivery.postpone(around, lane, [work], error)
        return
    if left and task.by is not None:
        await delivery.settled(around.workspace, partial(_tell, user=task.by, left=left))
    await delivery.end(around, lane, [work])


async def _tell(tx: Tx, user: UserId, left: Mapping[str, str]) -> None:
    """Who asked for it hears what is theirs to take away."""
    for title, reason in left.items():
        reply = Reply("forget_left", {"title": title, "reason": reason})
        desks.enqueue(tx, user_lane(user), Notify(user=user, reply=reply))


async def _step(around: Surroundings, contacts: tuple[ContactId, ...], left: dict[str, str]) -> bool:
    """The next messages: first from the desks, then from the database, then their files. Whether that was all."""
    for place in await forgetting.threads(around.workspace, contacts):
        await _clear(around, place, left)

    async def deed(tx: Tx) -> tuple[bool, list[FileId]]:
        return await forgetting.erase_some(tx, contacts)

    done, files = await delivery.settled(around.workspace, deed)
    for file in files:
        await around.workspace.files.drop(file)
    return done


async def _clear(around: Surroundings, place: Where, left: dict[str, str]) -> None:
    """Takes a contact's place off a desk, with all that is known to stand there. `left`: by desk, why not all of it."""
    bound = await delivery.desk_of(around, place[0])
    while True:
        posts = await forgetting.posts_in(around.workspace, place)
        if bound is not None:
            reason = await _clear_there(around, bound[1], place[1], posts)
            left.update({bound[0].title: reason} if reason else {})
        if not posts:
            return
        await delivery.settled(around.workspace, partial(forgetting.drop, found=posts))


async def _clear_there(around: Surroundings, desk: Desk, thread: ThreadId, posts: list[Post]) -> str:
    """Why it could not be done; empty where it was."""
    try:
        async with around.pacer.turn(delivery.edit_windows(desk), Priority.CARD):
            await desk.clear(thread, [p.post for p in posts])
    except TemporaryFailure:
        raise
    except DeliveryError as error:
        log.warning("a forgotten contact's place stays on a desk: %s", error.text)
        return error.text
    return ""


async def _blank_notices(around: Surroundings, contact: ContactId) -> None:
    """Takes the words out of what people were told of the contact in private."""
    while posts := await forgetting.notices_of(around.workspace, contact):
        for post in posts:
            await _blank(around, post)
        await delivery.settled(around.workspace, partial(forgetting.drop, found=posts))


async def _blank(around: Surroundings, post: Post) -> None:
    """What cannot be changed there any more is gone, or out of the hub's reach."""
    for front_end in around.front_ends:
        if post.identity and front_end.owns(post.identity):
            try:
                await front_end.renotify(post.identity, post.post, Reply("notice_erased"))
            except TemporaryFailure:
                raise
            except DeliveryError as error:
                log.warning("what was told of a forgotten contact in private stays: %s", error.text)


async def give_dossier(around: Surroundings, lane: Lane, work: Work) -> None:
    """Makes a contact's file and gives it to who asked, in private."""
    task = work.task
    front_end = next((f for f in around.front_ends if isinstance(task, GiveDossier) and f.owns(task.identity)), None)
    if isinstance(task, GiveDossier) and front_end is not None:
        files, made = around.workspace.files, dossier.lines(around.workspace, task.contact)
        file, size = await files.save(work.id, "application/x-ndjson", made, delivery.FILE_LIMIT)
        media = Media(kind="file", name=f"contact-{task.contact}.ndjson", mime="application/x-ndjson", size=size)
        try:
            given = OutgoingMedia(media=media, content=lambda: files.open(file), size=size)
            await front_end.hand_over(task.identity, given)
        except TemporaryFailure as error:
            await delivery.postpone(around, lane, [work], error)
            return
        except DeliveryError as error:
            log.warning("a contact's file could not be given: %s", error.text)
        finally:
            await files.drop(file)
    await delivery.end(around, lane, [work])

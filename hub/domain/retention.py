"""How long what contacts and agents sent is kept."""

from __future__ import annotations

from collections.abc import Iterable

from hub.domain.carrying.jobs import files_of
from hub.domain.ids import FileId
from hub.domain.models import Comment, Contact, Job, Media, Message
from hub.domain.ports import Cond, Query, Reads, Tx


async def named(reads: Reads, names: Iterable[str]) -> dict[FileId, str]:
    """The files that messages, notes, contacts, imports and exports have, of those with these ids; each with its
    owner's id.
    """
    where = {"id": Cond("in", list(names))}
    owners: list[Message | Comment] = [*await reads.query(Message, Query(where=where))]
    owners += await reads.query(Comment, Query(where=where))
    found = {m.stored: o.id for o in owners for m in o.attachments if isinstance(m, Media) and m.stored}
    carried = await reads.query(Job, Query(where=where))
    shown = {c.picture: c.id for c in await reads.query(Contact, Query(where=where)) if c.picture}
    return {**found, **shown, **{file: job.id for job in carried for file in files_of(job)}}


async def forget(tx: Tx, owner: str, files: Iterable[FileId], days: int) -> None:
    """The owner's files are kept no longer; what is left tells of it."""
    message = await tx.get(Message, owner) or await tx.get(Comment, owner)
    old = set(files)
    contact = await tx.get(Contact, owner)
    if contact is not None and contact.picture in old:
        contact.picture = None
    for media in message.attachments if message else ():
        if isinstance(media, Media) and media.stored in old:
            media.stored, media.problem = None, f"no longer kept by the hub, after {days} days"
    if message is not None:
        message.attachments = list(message.attachments)

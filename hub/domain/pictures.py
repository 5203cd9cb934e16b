"""Contacts' pictures: asked of their network when somebody wants to see one, and kept then.

None is asked for with a new contact: that would be a request for each, and a store of what nobody looks at.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec

from hub.domain.ids import Address, ContactId, FileId
from hub.domain.models import Contact
from hub.domain.organizations import picture_kind
from hub.domain.ports import Pictures, Tx, Workspace
from hub.errors import DeliveryError, NotFound, TooLarge

WIDE_ENOUGH = 160
"""Pixels: a face can be told."""
LARGEST = 5_000_000
"""Bytes."""
MOST_ASKED = 3
"""Channels; whoever is reached by more is seen by one of those by which they wrote last."""
PATIENCE = 10.0
"""Seconds, for all of them together: somebody waits, and so does what is asked in that chat meanwhile."""
_SLOW = "The network did not answer in time."
_NO_PICTURE = "What the network gave is no PNG or JPEG picture."


class Look(msgspec.Struct, frozen=True):
    """What came of asking. Without `content` there is no picture, or none that we are shown, where no `trouble` says
    in a sentence why it could not be had.
    """

    content: bytes = b""
    trouble: str = ""


async def gathered(chunks: AsyncIterator[bytes]) -> bytes:
    """A picture as a whole. Raises TooLarge, having read hardly more than may be."""
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > LARGEST:
            raise TooLarge(f"The picture is larger than {LARGEST // 1_000_000} MB.")
    return bytes(content)


async def look(sources: Sequence[tuple[Pictures, Address]]) -> Look:
    """Asks one after the other, until one shows a picture."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await _first(sources[:MOST_ASKED])
    except TimeoutError:
        return Look(trouble=_SLOW)


async def _first(sources: Sequence[tuple[Pictures, Address]]) -> Look:
    looks = []
    for source, address in sources:
        looks.append(await _look(source, address))
        if looks[-1].content:
            return looks[-1]
    return next((each for each in looks if each.trouble), Look())


async def _look(source: Pictures, address: Address) -> Look:
    try:
        content = await source.picture(address)
    except DeliveryError as error:
        # Here, nothing "will be tried again": who asked asks again.
        return Look(trouble=error.text.partition(";")[0].rstrip(".") + ".")
    return Look(content) if not content or picture_kind(content) else Look(trouble=_NO_PICTURE)


# -- what is kept ----------------------------------------------------------------------------------------------------


async def kept(workspace: Workspace, contact: Contact) -> bytes:
    """The picture that was kept when it was asked for last; empty: there is none."""
    if contact.picture is None:
        return b""
    try:
        return await gathered(workspace.files.open(contact.picture))
    except NotFound:  # files are kept for a while only, where that is so set
        return b""


async def keep(workspace: Workspace, id: ContactId, content: bytes) -> None:
    """Keeps it instead of the one before; nothing, where it is empty."""
    file = await _save(workspace, id, content) if content else None

    async def deed(tx: Tx) -> list[FileId | None]:
        contact = await tx.get(Contact, id)
        if contact is None or contact.merged_into is not None:
            return [file]
        before, contact.picture = contact.picture, file
        return [] if before in await _of_absorbed(tx, contact) else [before]

    for each in await workspace.run(deed):
        if each is not None:
            await workspace.files.drop(each)


async def _of_absorbed(tx: Tx, contact: Contact) -> set[FileId | None]:
    """Those that belong to whoever was merged into the contact: telling them apart gives them back."""
    others = [await tx.get(Contact, each) for each in contact.absorbed]
    return {other.picture for other in others if other is not None}


async def _save(workspace: Workspace, id: ContactId, content: bytes) -> FileId:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    file, _ = await workspace.files.save(id, picture_kind(content) or "", chunks(), LARGEST)
    return file


def file_name(content: bytes) -> str:
    """What to call a picture that is sent as a file."""
    return "picture.jpg" if picture_kind(content) == "image/jpeg" else "picture.png"


def of(contacts: Sequence[Contact]) -> tuple[FileId, ...]:
    """The files of their pictures, each once."""
    return tuple(dict.fromkeys(each.picture for each in contacts if each.picture is not None))

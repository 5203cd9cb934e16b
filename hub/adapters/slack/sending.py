"""Sends one part of a message; the first failure ends it, and nothing that may have arrived is sent again."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, BinaryIO, TypeVar, cast

import msgspec
from slack_sdk.errors import SlackApiError

from hub.adapters.slack.errors import Garbled, code_of, delivery_error
from hub.adapters.slack.format import markup
from hub.adapters.slack.ids import external, is_stamp
from hub.adapters.slack.parts import TOO_LARGE, UPLOAD_LIMIT, FilePart, Part, TextPart
from hub.adapters.slack.web import Web
from hub.domain.ids import ExternalId
from hub.domain.ports import OutgoingMedia
from hub.errors import DeliveryError, Refused, TemporaryFailure, TooLarge, Undeliverable

T = TypeVar("T")

_NO_THREAD = frozenset({"thread_not_found", "invalid_thread_ts", "message_not_found"})
_LOOKS = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between looks for the message that a file became: the network shares it after it has said yes."""


class Place(msgspec.Struct, frozen=True):
    """Where it goes: a channel, and a thread in it."""

    channel: str
    thread: str = ""

    @property
    def direct(self) -> bool:
        """Whether it is a private chat with one person."""
        return not self.channel.startswith(("C", "G"))

    def fields(self) -> dict[str, Any]:
        """The request's fields that say it."""
        return {"channel": self.channel, **({"thread_ts": self.thread} if self.thread else {})}


async def send_part(web: Web, place: Place, part: Part) -> ExternalId:
    """Sends it; gives the message's name. Where its thread is gone, it goes into the channel.

    Raises DeliveryErrors, of calls that would not be the same twice; and what the library raises.
    """
    try:
        return await _send(web, place, part)
    except SlackApiError as error:
        # A refusal says that nothing was sent.
        if not place.thread or code_of(error) not in _NO_THREAD:
            raise
        return await _send(web, Place(place.channel), part)


async def _send(web: Web, place: Place, part: Part) -> ExternalId:
    if isinstance(part, FilePart):
        return await _send_file(web, place, part)
    return await _post(web, place, part)


async def _post(web: Web, place: Place, part: TextPart) -> ExternalId:
    answer = await web.client.chat_postMessage(**place.fields(), **part.fields())
    stamp = answer.get("ts")
    if not isinstance(stamp, str) or not is_stamp(stamp):
        raise Garbled
    return external(place.channel, stamp, place.thread)


async def _send_file(web: Web, place: Place, part: FilePart) -> ExternalId:
    """Three calls. Only with the last one does anything arrive, so the others may be done again."""
    async with _spooled(part.source) as (content, size):
        asked = await _again(web.client.files_getUploadURLExternal(filename=part.name, length=size))
        file, url = asked.get("file_id"), asked.get("upload_url")
        if not isinstance(file, str) or not isinstance(url, str):
            raise TemporaryFailure("Slack did not say where to put the file; it will be tried again.")
        await _again(web.upload(url, content, size))
    return await _share(web, place, part, file)


async def _again(calling: Awaitable[T]) -> T:
    """A call that is the same when repeated."""
    try:
        return await calling
    except Exception as error:  # noqa: BLE001 - the library raises what its parts raise on odd answers
        raise delivery_error(error, repeatable=True) from None


async def _share(web: Web, place: Place, part: FilePart, file: str) -> ExternalId:
    """In a body of JSON: in the query, where the library puts it, a caption would be too long."""
    asked: dict[str, Any] = {"files": [{"id": file, "title": part.name}], "channel_id": place.channel}
    if place.thread:
        asked["thread_ts"] = place.thread
    if part.caption:
        asked["initial_comment"] = markup(part.caption)
    answer = await web.client.api_call("files.completeUploadExternal", json=asked)
    every = answer.get("files")
    stamp = _stamp(every[0] if isinstance(every, list) and every else None, place.channel)
    return external(place.channel, stamp or await _look(web, place, file) or file, place.thread)


async def _look(web: Web, place: Place, file: str) -> str:
    """The stamp of the message that shows the file; empty where it does not come. Whatever fails here, it was sent."""
    for pause in _LOOKS:
        await asyncio.sleep(pause)
        try:
            answer = await web.client.files_info(file=file)
        except Exception:  # noqa: BLE001 - then the file's own name must do
            return ""
        stamp = _stamp(answer.get("file"), place.channel)
        if stamp:
            return stamp
    return ""


def _stamp(file: Any, channel: str) -> str:
    shares = file.get("shares") if isinstance(file, Mapping) else None
    for kind in shares.values() if isinstance(shares, Mapping) else ():
        for share in kind.get(channel, ()) if isinstance(kind, Mapping) else ():
            if isinstance(share, Mapping) and is_stamp(str(share.get("ts", ""))):
                return str(share["ts"])
    return ""


# -- the content -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _spooled(media: OutgoingMedia) -> AsyncIterator[tuple[BinaryIO, int]]:
    """The content in a file that vanishes: the network wants to know first, to the byte, how long it is."""
    with tempfile.TemporaryFile() as opened:
        file = cast(BinaryIO, opened)
        await _fill(file, media)
        size = file.tell()
        if not size:
            raise Undeliverable("The file is empty; Slack takes none without content.")
        file.seek(0)
        yield file, size


async def _fill(file: BinaryIO, media: OutgoingMedia) -> None:
    """Fails with an error that says that nothing was sent."""
    try:
        await _copy(media.content, file)
    except DeliveryError:
        raise
    except Refused as error:
        raise Undeliverable(f"The file cannot be sent: {error.text}") from None
    except Exception as error:
        raise TemporaryFailure("The file could not be read just now; it will be tried again.") from error


async def _copy(content: Callable[[], AsyncIterator[bytes]], file: BinaryIO) -> None:
    async for chunk in content():
        file.write(chunk)
        if file.tell() > UPLOAD_LIMIT:
            raise TooLarge(TOO_LARGE)

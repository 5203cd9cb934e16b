"""Sends one part of a message; the first failure ends it, and nothing that may have arrived is sent again."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import BinaryIO, cast

import aiohttp
import msgspec

from hub.adapters.messenger.graph import Garbled, Graph, RefusedByGraph
from hub.adapters.messenger.parts import TOO_LARGE, UPLOAD_LIMIT, FilePart, Part, TextPart
from hub.adapters.messenger.translate import MARK
from hub.domain.ports import Choice, OutgoingMedia
from hub.errors import DeliveryError, Refused, TemporaryFailure, TooLarge, Undeliverable

Body = dict[str, object]

_UNFIT = frozenset({2018047, 2018109})
"""The network's subcodes for a file that is not what it is sent as; it takes it as a plain file."""
_OF_THE_CONTACT = frozenset({33, 2018001, 1893061})
"""Subcodes of 100 that a message without `reply_to` would meet just so."""


class Frame(msgspec.Struct, frozen=True):
    """What surrounds a part: the page that sends, the contact, the message that is answered, and by which right."""

    page: str
    to: str
    reply_to: str = ""
    late: bool = False

    def body(self) -> Body:
        """The request's fields beside `message`."""
        body: Body = {"recipient": {"id": self.to}, "messaging_type": "MESSAGE_TAG" if self.late else "RESPONSE"}
        if self.late:
            body["tag"] = "HUMAN_AGENT"
        if self.reply_to:
            body["reply_to"] = {"mid": self.reply_to}
        return body


async def send_part(graph: Graph, frame: Frame, part: Part) -> str:
    """Sends it; gives the message's name. An answer to what the network does not find goes as a plain message.

    Raises what Graph raises.
    """
    try:
        return await _send(graph, frame, part)
    except RefusedByGraph as error:
        # A refusal says that nothing was sent.
        if not frame.reply_to or error.code != 100 or error.subcode in _OF_THE_CONTACT | _UNFIT:
            raise
        return await _send(graph, msgspec.structs.replace(frame, reply_to=""), part)


async def _send(graph: Graph, frame: Frame, part: Part) -> str:
    if isinstance(part, TextPart):
        message = {"text": part.text, **_marked(part.choices)}
        return _name(await graph.post(f"{frame.page}/messages", {**frame.body(), "message": message}))
    return await _send_file(graph, frame, part)


def _marked(choices: tuple[Choice, ...]) -> Body:
    body: Body = {"metadata": MARK}
    if choices:
        body["quick_replies"] = [{"content_type": "text", "title": c.label, "payload": c.value} for c in choices]
    return body


def _name(answer: Mapping[str, object]) -> str:
    name = answer.get("message_id")
    if not isinstance(name, str) or not name:
        raise Garbled
    return name


async def _send_file(graph: Graph, frame: Frame, part: FilePart) -> str:
    async with _spooled(part.source) as content:
        try:
            return await _upload(graph, frame, part, content)
        except RefusedByGraph as error:
            if part.type == "file" or error.code != 100 or error.subcode not in _UNFIT:
                raise
            return await _upload(graph, frame, msgspec.structs.replace(part, type="file"), content)


async def _upload(graph: Graph, frame: Frame, part: FilePart, content: BinaryIO) -> str:
    """Each try gets a handle of its own, which the client closes."""
    content.seek(0)
    message = {"attachment": {"type": part.type, "payload": {}}, **_marked(part.choices)}
    form = aiohttp.FormData(quote_fields=False)  # names in UTF-8, as browsers send them
    for name, value in {**frame.body(), "message": message}.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    with os.fdopen(os.dup(content.fileno()), "rb") as handle:
        form.add_field("filedata", handle, filename=part.name, content_type=part.mime)
        return _name(await graph.upload(f"{frame.page}/messages", form))


@asynccontextmanager
async def _spooled(media: OutgoingMedia) -> AsyncIterator[BinaryIO]:
    """The content in a file that vanishes: it is known to be whole before anything is sent, and how long it is."""
    with tempfile.TemporaryFile() as opened:
        file = cast(BinaryIO, opened)
        await _fill(file, media)
        yield file


async def _fill(file: BinaryIO, media: OutgoingMedia) -> None:
    """Fails with an error that says that nothing was sent."""
    try:
        await _copy(media, file)
    except DeliveryError:
        raise
    except Refused as error:
        raise Undeliverable(f"The file cannot be sent: {error.text}") from None
    except Exception as error:
        raise TemporaryFailure("The file could not be read just now; it will be tried again.") from error


async def _copy(media: OutgoingMedia, file: BinaryIO) -> None:
    async for chunk in media.content():
        file.write(chunk)
        if file.tell() > UPLOAD_LIMIT:
            raise TooLarge(TOO_LARGE)
    file.flush()

"""A customer's own system as a channel to contacts: what comes in is read raw, what goes out leaves as signed JSON."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from hub.adapters.custom import parts, signature, translate
from hub.adapters.custom.address import origin
from hub.adapters.custom.errors import delivery_error
from hub.adapters.custom.names import given, kept
from hub.adapters.custom.parts import Part
from hub.adapters.custom.system import Garbled, RefusedBySystem, System
from hub.domain.ids import Address, ExternalId
from hub.domain.incoming import Incoming
from hub.domain.models import Media
from hub.domain.ports import Capabilities, Outgoing, OutgoingMedia, Sent
from hub.domain.text import Text
from hub.errors import DeliveryError, Gone, Refused, TemporaryFailure, TooLarge, Uncertain, Undeliverable

T = TypeVar("T")

FETCH_LIMIT = 100 * 1024 * 1024
"""Bytes of one file, whatever the system says; what is kept of it is the host's to limit further."""
_CAPABILITIES = Capabilities(
    text_limit=parts.TEXT_LIMIT,
    caption_limit=parts.CAPTION_LIMIT,
    media=dict.fromkeys(
        ("image", "video", "animation", "voice", "audio", "video_note", "file", "sticker"), parts.FILE_LIMIT
    ),
    can_unsend=True,
    choices=parts.CHOICES_LIMIT,
)


class SystemSecret(msgspec.Struct, frozen=True):
    """What is kept of a connected system: where it is called, and the secret that both sides sign with."""

    url: str
    secret: str


class CustomChannel:
    """One system. Fulfils Channel, Instructs, Edits, Deletes, Reacts and FetchesMedia."""

    def __init__(self, kept: SystemSecret, answer_seconds: float, networks: Sequence[str]) -> None:
        """Connects with the first call only; `networks` as in the settings."""
        self._secret = kept.secret
        self._origin = origin(kept.url)
        self._system = System(kept.url, kept.secret, answer_seconds, networks)

    @property
    def capabilities(self) -> Capabilities:
        """What any system must take."""
        return _CAPABILITIES

    # -- in ----------------------------------------------------------------------------------------------------------

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """The system signs time and body with the secret."""
        signature.verify(headers, body, self._secret, time.time())

    def translate(self, payload: bytes) -> list[Incoming]:
        """Reads one event."""
        return translate.translate(payload)

    def update_id(self, payload: bytes) -> str:
        """The event's own name."""
        return translate.update_id(payload)

    def instructions(self, url: str) -> list[str]:
        """Where the system must call, and how it proves itself."""
        if not url:
            return []
        return [
            f"Have your system POST each event as a JSON object to {url}, and repeat it until it is answered with 200.",
            (
                "Have it send two headers with each: X-Hub-Timestamp, the seconds since 1970, and X-Hub-Signature,"
                " which is sha256= and the HMAC-SHA256 in hexadecimal digits, made with the secret, of the timestamp,"
                " a dot and the body as it is sent."
            ),
        ]

    # -- out ---------------------------------------------------------------------------------------------------------

    async def send(self, to: Address, message: Outgoing) -> Sent:
        """Sends the parts one after the other. What fails once something has arrived is Uncertain: the message is
        neither sent nor unsent, and doing it again would repeat what arrived.
        """
        planned = parts.parts_of(message)
        whose = tuple(part.place for part in planned)
        names: list[ExternalId] = []
        for part in planned:
            try:
                names.append(await self._send(to, part, None if names else message.reply_to))
            except DeliveryError as error:
                if not names:
                    raise
                raise _partly(error, names, whose) from None
        return Sent(tuple(names), whose)

    async def _send(self, to: Address, part: Part, reply_to: ExternalId | None) -> ExternalId:
        attachments = [part.card] if part.card else []
        if part.file is not None:
            attachments.append(await _carried(part.file))
        call: dict[str, object] = {"type": "message", "to": to, **part.words(), "attachments": attachments}
        if reply_to:
            call["reply_to"] = given(reply_to)
        if part.choices:
            call["choices"] = [{"label": each.label, "value": each.value} for each in part.choices]
        return await self._done(self._named(call))

    async def _named(self, call: dict[str, object]) -> ExternalId:
        name = (await self._system.post(call)).get("id")
        if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
            raise Garbled
        return kept(name)

    async def edit(self, to: Address, externals: Sequence[ExternalId], text: Text, caption: bool) -> Sent:
        """Changes words where they stand. A text that became longer goes on in further messages, which are the last
        thing to be done, for only they could not be done again.
        """
        if caption and len(externals) == 1:
            if len(text.plain) > parts.CAPTION_LIMIT:
                raise Undeliverable(f"Under a file stand at most {parts.CAPTION_LIMIT} characters; these are more.")
            await self._reword(to, externals[0], Part(text=text))
            return Sent(tuple(externals))
        file, worded = list(externals[:1] if caption else ()), list(externals[1:] if caption else externals)
        planned = parts.texts(text)
        if not planned:
            raise Undeliverable("A message cannot become empty: take it back with /unsend.")
        for external, part in zip(worded, planned, strict=False):
            await self._reword(to, external, part)
        await self.delete(to, worded[len(planned) :])
        return await self._add(to, [*file, *worded[: len(planned)]], planned[len(worded) :])

    async def _add(self, to: Address, names: list[ExternalId], more: Sequence[Part]) -> Sent:
        changed = len(names)
        for part in more:
            try:
                names.append(await self._send(to, part, None))
            except DeliveryError as error:
                if len(names) == changed:
                    raise
                raise _partly(error, names, (0,) * (changed + len(more))) from None
        return Sent(tuple(names))

    async def _reword(self, to: Address, external: ExternalId, part: Part) -> None:
        await self._change({"type": "edit", "to": to, "message": given(external), **part.words()})

    async def delete(self, to: Address, externals: Sequence[ExternalId]) -> None:
        """Takes messages back, one by one."""
        for external in externals:
            try:
                await self._change({"type": "delete", "to": to, "message": given(external)})
            except Gone:
                continue

    async def react(self, to: Address, external: ExternalId, emoji: str) -> None:
        """An empty one takes ours away."""
        await self._change({"type": "react", "to": to, "message": given(external), "emoji": emoji})

    async def _change(self, call: dict[str, object]) -> None:
        await self._done(self._system.post(call), repeatable=True)

    # -- files -------------------------------------------------------------------------------------------------------

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """A contact's file in chunks, from the system's own host and port only: the hub's machine sees more than the
        system may.
        """
        if origin(media.source) != self._origin:
            raise Gone("The file's address does not lead to the system that the channel belongs to.")
        size = 0
        try:
            async for chunk in self._system.stream(media.source):
                size += len(chunk)
                _check(size, FETCH_LIMIT, f"The file is larger than the {FETCH_LIMIT >> 20} MB that the hub fetches.")
                yield chunk
        except DeliveryError:
            raise
        except RefusedBySystem as error:
            raise _not_fetched(error) from None
        except Exception as error:  # noqa: BLE001 - whatever a client raises on an odd address or answer
            raise delivery_error(error, self._secret, repeatable=True) from None

    async def close(self) -> None:
        """Lets go of its connections."""
        await self._system.close()

    # -- all calls ---------------------------------------------------------------------------------------------------

    async def _done(self, calling: Awaitable[T], *, repeatable: bool = False) -> T:
        """The one place through which calls leave. The client's own error stays behind: it may hold the address."""
        try:
            return await calling
        except DeliveryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a client raises on odd answers
            raise delivery_error(error, self._secret, repeatable=repeatable) from None


async def _carried(file: OutgoingMedia) -> dict[str, Any]:
    """The file as it stands in a call. Fails with an error that says that nothing was sent."""
    content = bytearray()
    try:
        async for chunk in file.content():
            content += chunk
            _check(len(content), parts.FILE_LIMIT, parts.TOO_LARGE)
    except DeliveryError:
        raise
    except Refused as error:
        raise Undeliverable(f"The file cannot be sent: {error.text}") from None
    except Exception as error:
        raise TemporaryFailure("The file could not be read just now; it will be tried again.") from error
    media = file.media
    told = {"kind": media.kind, "name": media.name, "mime": media.mime, "size": len(content)}
    return {**told, "content": base64.b64encode(content).decode()}


def _check(size: int, limit: int, too_large: str) -> None:
    if size > limit:
        raise TooLarge(too_large)


def _partly(error: DeliveryError, arrived: Sequence[ExternalId], whose: Sequence[int]) -> Uncertain:
    unsure = "the next one may have, and the rest did not" if isinstance(error, Uncertain) else "the rest did not"
    return Uncertain(f"{len(arrived)} of {len(whose)} parts arrived, {unsure}: {error.text}", arrived, whose)


def _not_fetched(error: RefusedBySystem) -> DeliveryError:
    if error.status in (408, 429) or error.status >= 500:
        return TemporaryFailure("The system could not give the file just now; it will be tried again.")
    return Gone("The system does not give the file any more.")

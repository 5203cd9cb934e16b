"""A connected channel with the far end of its network in the test's hands: what the contract is tested through."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from hub.domain.ids import Address, ExternalId
from hub.domain.models import Media, MediaKind
from hub.domain.ports import Channel, Outgoing, OutgoingMedia
from hub.domain.text import Text

SECRET_OF_HOOK = "hook-secret_1"


class Wire(Protocol):
    """One channel and one contact on it. A new network gives one of these, and the contract is tested on it too."""

    @property
    def channel(self) -> Channel:
        """The channel under test."""

    address: Address
    secret: str
    """What must never be seen in an error."""

    def incoming(self, text: str) -> bytes:
        """The contact writes; the payload that the network would call us with."""

    def headers(self, payload: bytes) -> Mapping[str, str]:
        """The headers of that call."""

    def seen(self) -> list[str]:
        """What the contact sees of ours, oldest first: the words, or those under a file, or the kind of file."""

    def lose_next_answer(self) -> None:
        """The next call is done, and its answer lost."""

    def limit_next(self, seconds: int) -> None:
        """The next call is refused for going too fast."""

    def fail_next(self) -> None:
        """The next call meets a fault of the network's own, and is not done."""

    def go_away(self) -> None:
        """Nobody answers at the network's address any more."""

    def block(self) -> None:
        """The contact blocks us."""

    def revoke(self) -> None:
        """The secret is worth nothing any more."""

    async def close(self) -> None:
        """Ends it all."""


def words(text: str, reply_to: ExternalId | None = None) -> Outgoing:
    """A message of words alone."""
    return Outgoing(text=Text(text), reply_to=reply_to)


def file(kind: MediaKind, content: bytes, caption: str = "", name: str = "", size: int = 0) -> OutgoingMedia:
    """A file to send; `size` pretends another one."""

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    media = Media(kind=kind, name=name)
    return OutgoingMedia(media=media, content=chunks, size=size or len(content), caption=Text(caption))


def files(*media: OutgoingMedia) -> Outgoing:
    """A message, or an album's messages, of files."""
    return Outgoing(media=media)


def album(kinds: Sequence[MediaKind]) -> Outgoing:
    """An album with the kinds as captions."""
    return files(*(file(kind, b"content", caption=kind) for kind in kinds))

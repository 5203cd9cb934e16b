"""The pictures that the contacts of a test's channels show."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hub.domain.ids import Address, ChannelId
from hub.errors import DeliveryError

PNG = b"\x89PNG\r\n\x1a\n" + b"a face" * 50
JPEG = b"\xff\xd8\xff\xe0" + b"the same face, older" * 50


@dataclass
class Gallery:
    """Fulfils Pictures, for all channels. `open`: their networks show pictures; `trouble`: what asking meets; `slow`:
    asking is not answered.
    """

    open: bool = True
    shown: dict[str, bytes] = field(default_factory=dict)
    trouble: DeliveryError | None = None
    slow: bool = False

    async def of(self, _: str, __: ChannelId) -> Gallery | None:
        return self if self.open else None

    async def picture(self, address: Address) -> bytes:
        if self.slow:
            await asyncio.Event().wait()
        if self.trouble is not None:
            raise self.trouble
        return self.shown.get(address, b"")

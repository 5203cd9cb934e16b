"""The desk and the front end over HTTP against the stand-in; the other side of the seam records what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from hub.admin_bot.heard import SILENCE, Answer, Heard
from hub.admin_bot.telegram.front_end import Hears, TelegramFrontEnd
from hub.domain.ids import ChannelId, ContactId, ConversationId, MessageId, PostId
from hub.domain.models import Contact, Conversation, Media, Message
from hub.domain.ports import CardView, OutgoingMedia, RelayView
from hub.domain.text import Text
from hub.sandbox.telegram import TelegramStandIn
from hub.settings import Settings
from tests.admin_bot.drawn import draw_also

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class Recorder:
    """The seam's other side: keeps what it hears and says what a test tells it to."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.asks: list[tuple[PostId, str]] = []
        self.answer: Answer | Exception = SILENCE

    async def hear(self, heard: Heard) -> Answer:
        self.heard.append(heard)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def asked(self, heard: Heard, post: PostId, line: str) -> None:
        assert heard is self.heard[-1]
        self.asks.append((post, line))


class Both:
    """A counter, and the recorder beside it."""

    def __init__(self, recorder: Recorder, counter: Hears) -> None:
        self._recorder, self._counter = recorder, counter

    async def hear(self, heard: Heard) -> Answer:
        self._recorder.heard.append(heard)
        return await self._counter.hear(heard)

    async def asked(self, heard: Heard, post: PostId, line: str) -> None:
        await self._counter.asked(heard, post, line)


class Town:
    """A stand-in with a forum, its people, the admin bot, and the front end that speaks to it."""

    def __init__(self, world: TelegramStandIn, url: str) -> None:
        self.world = world
        self.bot = world.add_bot("desk_bot", "Desk")
        self.ann = world.add_user("Ann", username="ann_w")
        self.bob = world.add_user("Bob")
        self.forum = world.add_forum("Team", members=[self.ann, self.bob], admins=[self.bot])
        settings = Settings(data_dir=Path(), telegram_token=self.bot.token, telegram_api_url=url)
        self.counter = Recorder()
        self.odd: list[tuple[bytes, str]] = []
        self.turns: list[tuple[str, str, int]] = []
        self.front_end = TelegramFrontEnd(settings, self.counter, self._slot, self._keep_odd, fleeting=0.05)
        self.desk = self.front_end.desk(str(self.forum.id))
        self._offset = 0
        draw_also(self.front_end._templates)

    def serve(self, counter: Hears) -> None:
        """Lets a real counter hear, in place of the recorder, which only listens."""
        self.front_end._counter = self.front_end._answerer._asks = Both(self.counter, counter)

    @asynccontextmanager
    async def _slot(self, account: str, chat: str, cost: int) -> AsyncIterator[None]:
        self.turns.append((account, chat, cost))
        yield

    async def _keep_odd(self, raw: bytes, reason: str) -> None:
        self.odd.append((raw, reason))

    async def hear(self) -> list[Heard]:
        """Polls once and takes what came; gives what the counter heard of it."""
        before = len(self.counter.heard)
        for number, raw in await self.front_end.poll(self._offset, 0):
            await self.front_end.take(raw)
            self._offset = number + 1
        return self.counter.heard[before:]

    async def one(self) -> Heard:
        """The one thing heard."""
        (heard,) = await self.hear()
        return heard


def contact(name: str = "Carol", **more: str) -> Contact:
    return Contact(id=ContactId("c1"), first_name=name, **more)  # type: ignore[arg-type]


def said(words: str | Text = "", *attachments: Media, **more: object) -> Message:
    return Message(
        id=MessageId("m1"),
        contact=ContactId("c1"),
        conversation=ConversationId("v1"),
        channel=ChannelId("ch1"),
        direction="in",
        state="received",
        at=NOW,
        text=words if isinstance(words, Text) else Text(words),
        attachments=list(attachments),
        **more,  # type: ignore[arg-type]
    )


def view(*messages: Message, card: bool = False, **more: object) -> RelayView:
    who = contact()
    conversation = Conversation(
        id=ConversationId("v1"),
        number=123,
        contact=who.id,
        state="open",
        version=7,
        channel=ChannelId("ch1"),
        opened_at=NOW,
        waiting_since=NOW,
    )
    shows = CardView(contact=who, conversation=conversation, channel="Shop", tags=["vip"]) if card else None
    return RelayView(
        contact=who,
        conversation=conversation,
        messages=list(messages),
        card=shows,
        **more,  # type: ignore[arg-type]
    )


def file(media: Media, content: bytes) -> OutgoingMedia:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 4):
            yield content[start : start + 4]

    return OutgoingMedia(media=media, content=chunks, size=len(content))


async def until(condition: Callable[[], bool]) -> None:
    """Waits until it is so."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)

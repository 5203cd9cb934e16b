"""The Telegram channel on the stand-in, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from hub.adapters.telegram.channel import SECRET_HEADER, TelegramChannel
from hub.adapters.telegram.connector import TelegramConnector
from hub.domain.ids import Address
from hub.sandbox.telegram import Bot, Limits, Server, TelegramStandIn, User, serve
from hub.settings import Settings
from tests.adapters.wire import SECRET_OF_HOOK

KINDS = ("photo", "video", "animation", "voice", "audio", "video_note", "document", "sticker")


@dataclass
class TelegramWire:
    """Fulfils Wire; `net`, `ann` and `bot` are for tests of Telegram alone."""

    net: TelegramStandIn
    server: Server
    bot: Bot
    ann: User
    connector: TelegramConnector
    channel: TelegramChannel
    address: Address = field(init=False)
    secret: str = field(init=False)

    def __post_init__(self) -> None:
        self.address = Address(str(self.ann.id))
        self.secret = self.bot.token

    def incoming(self, text: str) -> bytes:
        self.net.say(self.ann, self.bot, text)
        return msgspec.json.encode(self.net.updates_of(self.bot)[-1])

    def headers(self, payload: bytes) -> Mapping[str, str]:
        del payload
        return {SECRET_HEADER: SECRET_OF_HOOK}

    def messages(self) -> list[dict[str, Any]]:
        """Ours in the contact's chat."""
        return [m for m in self.net.private(self.ann, self.bot) if m["from"]["is_bot"]]

    def seen(self) -> list[str]:
        return [self._words(message) for message in self.messages()]

    def _words(self, message: dict[str, Any]) -> str:
        return str(message.get("text") or message.get("caption") or next((k for k in KINDS if k in message), ""))

    def lose_next_answer(self) -> None:
        self.net.drop_answer()

    def limit_next(self, seconds: int) -> None:
        self.net.fail(retry_after=seconds)

    def fail_next(self) -> None:
        self.net.fail(code=502)

    def go_away(self) -> None:
        # A port that nobody listens on: the connection is refused before anything is sent.
        self.channel = self._channel_at("http://127.0.0.1:9")

    def _channel_at(self, url: str) -> TelegramChannel:
        return TelegramConnector(settings(url)).connect(self.secret, SECRET_OF_HOOK)

    def block(self) -> None:
        self.net.block(self.ann, self.bot)

    def revoke(self) -> None:
        self.bot.token = f"{self.bot.id}:replaced-by-its-owner-in-BotFather"

    async def close(self) -> None:
        await self.channel.close()
        await self.server.close()


def settings(url: str) -> Settings:
    """Settings that lead to a stand-in."""
    return Settings(data_dir=Path("unused"), telegram_api_url=url)


async def telegram_wire(answer_seconds: float = 10.0) -> TelegramWire:
    """A bot connected, and a contact who has written to it once."""
    net = TelegramStandIn(Limits.off())
    bot, ann = net.add_bot("shop_bot", "Shop"), net.add_user("Ann", username="ann_w")
    net.start(ann, bot)
    server = await serve(net, port=0, retry_scale=0.01)
    connector = TelegramConnector(settings(server.url), answer_seconds)
    return TelegramWire(net, server, bot, ann, connector, connector.connect(bot.token, SECRET_OF_HOOK))

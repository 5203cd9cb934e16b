"""Buttons for contacts on Telegram: sent within what the network takes, pressed, and answered once."""

from __future__ import annotations

from typing import Any

import pytest

from hub.adapters.telegram.parts import CHOICES_LIMIT, VALUE_LIMIT, parts_of
from hub.domain.incoming import Postback
from hub.domain.models import Location
from hub.domain.ports import Asks, Choice, Outgoing
from hub.domain.text import Text
from hub.errors import DeliveryError, Undeliverable
from tests.adapters.telegram_wire import TelegramWire

STARS = tuple(Choice(f"{n} ★", f"rating:{'x' * 20}:{n}") for n in range(1, 6))


async def newest(telegram: TelegramWire) -> dict[str, Any]:
    return telegram.net.private(telegram.ann, telegram.bot)[-1]


async def test_short_labels_stand_beside_each_other(telegram: TelegramWire) -> None:
    """Under the last of the words; long ones below each other, so that a phone shows them whole."""
    await telegram.channel.send(telegram.address, Outgoing(text=Text("x" * 5000), choices=STARS))
    assert [[b["text"] for b in row] for row in (await newest(telegram))["reply_markup"]["inline_keyboard"]] == [
        [each.label for each in STARS]
    ]
    await telegram.channel.send(telegram.address, Outgoing(text=Text("?"), choices=(STARS[0], Choice("Say more", "m"))))
    assert len((await newest(telegram))["reply_markup"]["inline_keyboard"]) == 2


async def test_a_press_comes_in_and_is_answered_once(telegram: TelegramWire) -> None:
    """Until then the button spins; who answers twice, or too late, is refused by the network."""
    await telegram.channel.hook("")
    await telegram.channel.send(telegram.address, Outgoing(text=Text("?"), choices=STARS))
    tap = telegram.net.press(telegram.ann, telegram.bot, (await newest(telegram))["message_id"], "4 ★")
    ((_, raw),) = [update for update in await telegram.channel.poll(0, 0) if b"callback_query" in update[1]]
    (pressed,) = telegram.channel.translate(raw)
    assert isinstance(pressed, Postback)
    assert (pressed.payload, pressed.title) == (STARS[3].value, "4 ★")
    assert isinstance(telegram.channel, Asks)
    await telegram.channel.heard_press(pressed.external_id)
    assert tap.answered
    with pytest.raises(DeliveryError):
        await telegram.channel.heard_press(pressed.external_id)


@pytest.mark.parametrize(
    "message",
    [
        Outgoing(text=Text("?"), choices=(Choice("A", "x" * (VALUE_LIMIT + 1)),)),
        Outgoing(text=Text("?"), choices=(Choice("A", "ü" * (VALUE_LIMIT // 2 + 1)),)),
        Outgoing(text=Text("?"), choices=(Choice(" ", "x"),)),
        Outgoing(text=Text("?"), choices=(Choice("A", ""),)),
        Outgoing(text=Text("?"), choices=STARS * (CHOICES_LIMIT // 5 + 1)),
        Outgoing(others=(Location(latitude=1.0, longitude=1.0),), choices=STARS),
    ],
)
def test_what_the_network_would_refuse_does_not_leave(message: Outgoing) -> None:
    """It is said what it takes, before anything is sent."""
    with pytest.raises(Undeliverable, match=r"button|Button"):
        parts_of(message)

"""The dialogs of contacts' pictures."""

from __future__ import annotations

from tests.admin_bot.dialog_table import pressed
from tests.admin_bot.gallery import PNG
from tests.admin_bot.office import Talk


@pressed("picture")
async def _picture_pressed(talk: Talk) -> None:
    await talk.private("start")
    talk.office.gallery.shown[talk.name] = PNG
    await talk.line("contact")
    told = await talk.press("🖼 Picture")
    assert f"{talk.name} (#{talk.number}) as they show themselves now: the picture is in our private chat" in told.words
    assert told.all == []
    assert talk.hands.given("Ann")[-1] == ("picture.png", PNG)
    assert (await talk.person()).picture is not None

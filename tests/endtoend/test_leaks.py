"""The leak suite over the real wire: what a row of the gate keeps inside never makes the shop's bot call anything that
the contact would notice, in any disguise and whatever follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from hub.sandbox.telegram.accounts import Json
from tests.endtoend.shop import Shop, Talk
from tests.endtoend.test_apart import mallory
from tests.endtoend.town import until

SECRET = "the code is 1234"
LATER = "and the other code is 5678"


class Row:
    """A row of the gate: how the words look, and what is so before they are written."""

    def __init__(self, words: str, before: Callable[[Talk], Any] | None = None, **how: Any) -> None:
        self.words = words
        self.before = before
        self.how = how


async def _note(talk: Talk) -> dict[str, Any]:
    """A colleague's note, to be answered."""
    return {"reply_to": talk.write("//what is the code?", by=talk.shop.olivia)["message_id"]}


async def _answer(talk: Talk) -> dict[str, Any]:
    """An answer of the hub's that everybody sees, to be answered: a colleague was pinged."""
    talk.write("//bob what is the code?", by=talk.shop.olivia)
    return {"reply_to": (await talk.sees("🔔"))["message_id"]}


async def _prompt(talk: Talk) -> dict[str, Any]:
    """A question of the hub's to Bob waits."""
    talk.write("/note")
    await talk.told(talk.shop.bob, "What is the note")
    await talk.shop.town.quiet()
    return {}


async def _taken(talk: Talk) -> dict[str, Any]:
    """Olivia has it."""
    talk.write("/take", by=talk.shop.olivia)
    await talk.sees("✋ Olivia")
    return {}


async def _closed(talk: Talk) -> dict[str, Any]:
    """It is closed."""
    talk.write("/close all is well")
    await talk.sees("✅ closed")
    return {}


ROWS = {
    "1 in General": Row(SECRET, home=True),
    "1 in General as a reply": Row(SECRET, home=True, on_post=True),
    "2 a stranger": Row(SECRET, who="Mallory"),
    "2 anonymous": Row(SECRET, as_chat=True),
    "3 an argument": Row(SECRET, _prompt),
    "4 a note": Row(f"//{SECRET}"),
    "5 a command": Row(f"/tag {SECRET}"),
    "5 an unknown command": Row(f"/fraudster {SECRET}"),
    "5 an exclamation mark": Row(f"!note {SECRET}"),
    "6 answers a note": Row(SECRET, _note),
    "6 answers the hub": Row(SECRET, _answer),
    "9 another's": Row(SECRET, _taken),
    "9 closed": Row(SECRET, _closed),
}
HOW = ("plain", "leading space", "zero-width", "full-width slash", "edited", "album", "voice", "forward")


def disguised(words: str, how: str) -> str:
    """The words as a phone, a copy or a clumsy thumb may bring them."""
    if how == "leading space":
        return f"\u00a0  {words}"  # the network itself trims common spaces
    if how == "zero-width":
        return f"\u200b{words[0]}\u2060{words[1:]}"
    if how == "full-width slash":
        return words.replace("/", "\uff0f").replace("!", "\uff01")
    return words


def write(talk: Talk, row: Row, how: str, answered: dict[str, Any]) -> list[Json]:
    """Writes it; gives the messages."""
    shop, words = talk.shop, disguised(row.words, how)
    who = mallory(shop) if row.how.get("who") else shop.olivia if row.how.get("as_chat") else shop.bob
    where: dict[str, Any] = {"thread": None if row.how.get("home") else talk.topic.id, **answered}
    if row.how.get("as_chat"):
        where["as_chat"] = True
    if how == "album":
        parts = [(b"1", ""), (b"2", ""), (b"3", words)]
        label = f"album {talk.name}"
        return [shop.net.send_media(who, shop.group, "photo", d, caption=c, album=label, **where) for d, c in parts]
    if how == "voice":
        return [shop.net.send_media(who, shop.group, "voice", b"v", caption=words, **where)]
    if how == "forward":
        return [forwarded(talk, who, words, where)]
    return [shop.net.say(who, shop.group, words, **where)]


def forwarded(talk: Talk, who: Any, words: str, where: dict[str, Any]) -> Json:
    """Words from elsewhere, forwarded; the apps do not let one forward as a reply or as the group."""
    shop = talk.shop
    if "reply_to" in where or "as_chat" in where:
        return shop.net.say(who, shop.group, words, **where)
    elsewhere = shop.net.add_bot(f"notes_{talk.person.id}_bot")
    source = shop.net.say(who, elsewhere, words)
    return shop.net.forward(who, elsewhere, source["message_id"], shop.group, thread=where["thread"])


async def arrivals(shop: Shop) -> dict[str, Talk]:
    """A contact for each disguise."""
    return dict(zip(HOW, await asyncio.gather(*(shop.arrive(f"for {how}") for how in HOW)), strict=True))


@pytest.mark.parametrize("row", ROWS)
async def test_nothing_leaks(shop: Shop, row: str) -> None:
    """In each disguise, and after an edit to plain words, the shop's bot calls nothing for the contact."""
    shop.net.add_to_chat(shop.group, mallory(shop))
    talks = await arrivals(shop)
    begun = {}
    for how, talk in talks.items():
        before, answered = ROWS[row].before, {}
        if before is not None:
            answered = await before(talk)
        if ROWS[row].how.get("on_post"):
            answered = {"reply_to": shop.cards()[-1]["message_id"]}
        begun[how] = answered
    await shop.town.quiet()
    since = len(shop.net.calls)
    written = {how: write(talk, ROWS[row], how, begun[how]) for how, talk in talks.items()}
    await shop.town.quiet()
    for how, words in (("edited", {"text": LATER}), ("album", {"caption": LATER})):
        message = written[how][-1]
        # A command is for the hub's eyes alone (number 0), and the group's own words are nobody's to change.
        if message["message_id"] and not ROWS[row].how.get("as_chat"):
            shop.net.edit(shop.net.users[message["from"]["id"]], shop.group, message["message_id"], **words)
    await shop.town.quiet()
    for how, talk in talks.items():
        assert not shop.outward(since, talk.person), how
        assert talk.heard() == [], how


async def test_our_own_posts_are_not_forwarded_to_anybody(shop: Shop) -> None:
    """Handing a picture or words on by forwarding the hub's own post would show the card in it, and another's at that:
    it is a note, in the same place and in another one, and the agent is told.
    """
    kira, otto = await shop.arrive("Kira"), await shop.arrive("Otto")
    card = shop.cards()[0]
    await shop.town.quiet()
    since = len(shop.net.calls)
    for talk in (kira, otto):
        shop.net.forward(shop.bob, shop.group, card["message_id"], shop.group, thread=talk.topic.id)
        await talk.told(shop.bob, "a post of mine")
    await shop.town.quiet()
    assert not shop.outward(since)
    assert kira.heard() == otto.heard() == []


async def test_what_may_go_goes(shop: Shop) -> None:
    """Row 12: in the same disguises plain words are relayed as they were written, by voice, album and forward too."""
    row = Row("1/2 of the parcels! // left")
    talks = await arrivals(shop)
    for how, talk in talks.items():
        write(talk, row, how, {})
    await shop.town.quiet()
    for how, talk in talks.items():
        assert disguised(row.words, how).strip() in "\n".join(talk.heard()), how


async def test_a_late_caption_brings_the_album_back(shop: Shop) -> None:
    """An album whose last caption makes it a note is a note as a whole, also where its parts came slowly."""
    talk = await shop.arrive()
    since = len(shop.net.calls)
    for number in range(2):
        talk.answer("photo", b"x", album="slow")
        await shop.town.net.settled()
        assert number in (0, 1)
    talk.answer("photo", b"x", album="slow", caption="//only for us")
    await shop.town.quiet()
    assert not shop.outward(since, talk.person)


async def test_a_held_message_goes_only_by_its_button(shop: Shop) -> None:
    """What was held goes by the button that names the contact, once, and to nobody else."""
    talk, other = await shop.arrive(), await shop.arrive()
    await _taken(talk)
    talk.write("let me help")
    await talk.told(shop.bob, "Not sent yet")
    since = len(shop.net.calls)
    await shop.town.quiet()
    assert not shop.outward(since)
    tap = await talk.press(shop.bob, f"✉ Send to {talk.name}")
    await until(lambda: talk.heard() == ["let me help"], "the held words")
    assert tap.answered
    await shop.town.quiet()
    assert other.heard() == []
    assert talk.heard() == ["let me help"]

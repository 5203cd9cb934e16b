"""The help: what one does most there, on a phone's screen; the rest by sections; one command, by whatever word."""

from __future__ import annotations

import pytest

from hub.admin_bot import manual, registry
from hub.admin_bot.manual import FIRST, Where
from hub.domain.models import Alias, Preferences
from hub.domain.ports import Tx
from tests.admin_bot.counter_desk import Shop, Topic, Who, button, buttons

PHONE = 18
"""Lines, with the title."""


async def _first(shop: Shop, who: Who, topic: Topic | None = None, *, private: bool = False) -> str:
    await (shop.private(who, "/help") if private else shop.say(who, "/help", topic.spot if topic else None))
    return shop.said()


async def test_help_fits_a_phone_and_is_of_the_place(shop: Shop, olivia: Who) -> None:
    """In a contact's place it says how to answer, at home how to find, in private what is one's own; short each."""
    topic = await shop.arrive()
    place, home, own = (
        await _first(shop, olivia, topic),
        await _first(shop, olivia),
        await _first(shop, olivia, private=True),
    )
    for said in (place, home, own):
        assert len(said.splitlines()) <= PHONE
        assert max(len(line) for line in said.splitlines()) < 80
    assert "plain text goes to the contact" in place
    assert "/snooze 2h" in place
    assert "/inbox" not in place
    assert "/close 123" in home
    assert "/inbox" in home
    assert "/notify" in own
    assert "/setup" in own


async def test_help_says_where_plain_text_stays_inside(shop: Shop, bob: Who) -> None:
    """Where plain text is a note, the help does not say that it goes to the contact."""

    async def deed(tx: Tx) -> None:
        preferences = await tx.get(Preferences, "preferences")
        assert preferences is not None
        preferences.mode = "explicit"

    await shop.run(deed)
    said = await _first(shop, bob, await shop.arrive())
    assert "plain text stays a note: /reply writes to the contact" in said


@pytest.mark.parametrize("line", ["/help", "/help section team", "/help section all", "/help all", "/help mail"])
async def test_help_shows_what_ones_role_may(standing_shop: Shop, line: str) -> None:
    """What is for managers is shown to managers, on every screen of the help."""
    shop, bob, mia = standing_shop, standing_shop.people["Bob Bright"], standing_shop.people["Mia"]
    await shop.private(mia, line)
    assert ("failed" if line == "/help" else "invite") in shop.said()
    await shop.private(bob, line)
    assert "failed" not in shop.said()
    assert "invite" not in shop.said()


async def test_who_is_nobody_is_told_how_to_begin(shop: Shop, mallory: Who) -> None:
    """There are no sections for who is in no workspace."""
    answer = await shop.private(mallory, "/help")
    assert "/start sign up, or sign in" in shop.said()
    assert not buttons(answer)


async def test_each_section_opens_in_place_and_leads_back(shop: Shop, olivia: Who) -> None:
    """Every command is reached by two presses, each in the place of the last answer, and every screen leads back."""
    first = await shop.private(olivia, "/help")
    spot, reached = shop.own(olivia), set()
    for label in [b.label for b in buttons(first) if b.label != "All"]:
        section = await shop.press(olivia, button(first, label), spot)
        assert section.redraw
        assert button(section, "◂ Back").line == "help"
        reached |= {b.label for b in buttons(section)} - {"◂ Back"}
    assert reached == {c.name for c in registry.shown()}
    one = await shop.press(olivia, button(section, "hours"), spot)
    assert one.redraw
    assert "/hours mon-fri 9-17:30" in shop.said()
    assert (await shop.press(olivia, button(one, "◂ Settings"), spot)).redraw
    await shop.press(olivia, button(first, "All"), spot)
    assert "Conversations: assign · take · next" in shop.said()


async def test_help_of_one_command_shows_an_example_and_who_may(shop: Shop, bob: Who) -> None:
    """Elsewhere than in a contact's place the example has a number, as it must there."""
    topic = await shop.arrive()
    await topic.say(bob, "/help /assign")
    assert "Such as /assign bob" in shop.said()
    assert "For everybody in the workspace." in shop.said()
    await shop.say(bob, "/help a")
    assert "Such as /assign 123 bob" in shop.said()
    assert "Short: /a" in shop.said()
    await shop.say(bob, "/help invite")
    assert "For managers and owners, and user admins of the organization; only in a private chat." in shop.said()
    await shop.say(bob, "/help tags")
    assert "add, remove, color, emoji, rename, describe: for managers and owners." in shop.said()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("SNIPPETS", "/snippet"),
        ("conversations", "/assign"),
        ("Notes", "/later"),
        ("refund", "/find Find what was said"),
        ("saved reply", "/snippet"),
        ("mer", "/merge"),
        ("reo", "/reopen [number]"),
        ("f", "/filter [FILTER"),
    ],
)
async def test_a_word_finds_what_it_is_about(standing_shop: Shop, words: str, said: str) -> None:
    """A section, an alias, the beginning of a name, or words that commands say of themselves."""
    await standing_shop.private(standing_shop.people["Bob Bright"], f"/help {words}")
    assert said in standing_shop.said()


async def test_an_alias_is_explained(shop: Shop, bob: Who) -> None:
    """What somebody made a word stand for is looked up as well; a colleague's own is not."""

    async def deed(tx: Tx) -> None:
        tx.add(Alias(id="a1", name="done", lines=["/tag resolved", "/close Solved"]))
        tx.add(Alias(id="a2", name="mine", lines=["/take"], owner=shop.people["Zoe"].user))  # type: ignore[arg-type]

    await shop.run(deed)
    await shop.private(bob, "/help done")
    assert shop.said() == "/done stands for\n/tag resolved\n/close Solved"
    await shop.private(bob, "/help mine")
    assert "/take" not in shop.said()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("colse", "There is no command /colse. Did you mean /close?"),
        ("xyzzy", "There is no command /xyzzy. /help lists them."),
        ("section xyzzy", "There is no command /section. /help lists them."),
    ],
)
async def test_a_slip_is_answered_with_what_was_meant(standing_shop: Shop, words: str, said: str) -> None:
    """Nothing is listed for a word that nothing says."""
    await standing_shop.private(standing_shop.people["Bob Bright"], f"/help {words}")
    assert said in standing_shop.said()


def test_every_command_has_an_example() -> None:
    """One line each, which begins with its name; and every first line names a command."""
    assert {c.name for c in registry.shown()} == set(manual.EXAMPLES)
    for name, line in manual.EXAMPLES.items():
        assert line.split()[0] == f"/{name}"
    places: tuple[Where, ...] = ("place", "home", "private", "nobody")
    for where in places:
        assert all(manual.named(line[1:].split()[0]) for line, _ in FIRST[where])

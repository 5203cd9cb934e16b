"""Dialogs that go the same way on every desk."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.domain.ids import PostId
from hub.errors import ThreadGone
from hub.store import MongoWorkspace, Store
from tests.admin_bot.hands import hands_on
from tests.admin_bot.office import Office


@pytest.fixture(params=["telegram", "slack"])
async def office(request: pytest.FixtureRequest, store: Store, workspace: MongoWorkspace) -> AsyncIterator[Office]:
    async with hands_on(request.param) as hands:
        office = Office(hands, workspace)
        await office.open(store)
        yield office
    assert hands.odd() == []


async def test_a_reply_goes_out_and_claims(office: Office) -> None:
    """Plain text in a contact's place is the answer; a note, a command and what is said at home are not."""
    hands = office.hands
    thread, _ = await office.arrive("I can't log in")
    for words in ("Try again", "//bob look at this", f"{hands.sign}whoami", f" {hands.sign}nonsense"):
        hands.say("Ann", words, thread)
        await hands.hear()
    hands.say("Ann", "at home")
    await hands.hear()
    assert await office.outgoing() == ["Try again"]
    assert (await office.notes())[0] == "bob look at this"
    assert await office.holder() == "Ann"
    assert any("You are Ann" in t or "Ann" in t for t in hands.told("Ann"))


async def test_take_by_button_once(office: Office) -> None:
    """The button acts on the version it showed; pressed again it is stale and said so; the contact's words stay."""
    hands = office.hands
    thread, post = await office.arrive("hello")
    await hands.press("Ann", post, "✋ Take")
    assert await office.holder() == "Ann"
    await hands.press("Bob", post, "✋ Take")
    assert await office.holder() == "Ann"
    assert any("has changed meanwhile" in t for t in hands.told("Bob"))
    assert hands.words(thread, post) == "hello"


async def test_an_edit_is_mirrored_and_a_reaction_is_the_contacts_to_see(office: Office) -> None:
    """Editing does not turn a note into a reply, either."""
    hands = office.hands
    thread, post = await office.arrive()
    written = hands.say("Ann", "Helo Carol", thread)
    note = hands.say("Ann", "//careful", thread)
    await hands.hear()
    hands.edit("Ann", written, "Hello Carol")
    hands.edit("Ann", note, "careful")
    hands.react("Ann", post, "👍")
    await hands.hear()
    assert await office.outgoing() == ["Hello Carol"]
    assert await office.notes() == ["careful"]


async def test_a_question_keeps_its_answer_inside(office: Office) -> None:
    """A bare command closes nothing; the next words of the asker are its argument, and never leave."""
    hands = office.hands
    thread, _ = await office.arrive("thanks")
    await office.rule("both")
    hands.say("Ann", f"{hands.sign}close", thread)
    await hands.hear()
    assert (await office.conversation()).state == "open"
    hands.say("Ann", "Refunded order 7", thread)
    await hands.hear()
    closed = await office.conversation()
    assert (closed.state, closed.summary) == ("closed", "Refunded order 7")
    assert await office.outgoing() == []


async def test_bare_commands_offer_and_a_tap_does_it(office: Office) -> None:
    """Assigning by name: offered to the asker alone, done in place, taken back by one tap."""
    hands = office.hands
    thread, _ = await office.arrive()
    hands.say("Ann", f"{hands.sign}assign", thread)
    await hands.hear()
    await hands.press_told("Ann", "Me")
    assert await office.holder() == "Ann"
    await hands.press_told("Ann", "↩ Undo")
    assert await office.holder() == ""


async def test_what_is_held_is_sent_by_a_tap(office: Office) -> None:
    """Somebody else's conversation: nothing leaves until it is said so, with the contact's name."""
    hands = office.hands
    thread, _ = await office.arrive()
    hands.say("Ann", f"{hands.sign}take", thread)
    await hands.hear()
    hands.say("Bob", "I know this one", thread)
    await hands.hear()
    assert await office.outgoing() == []
    assert any("Ann has this conversation" in t for t in hands.told("Bob"))
    await hands.press_told("Bob", "✉ Send to Carol")
    assert await office.outgoing() == ["I know this one"]


async def test_a_lost_place_is_noticed_at_the_next_message(office: Office) -> None:
    """Whatever the network tells of it."""
    thread, _ = await office.arrive("one")
    await office.hands.hear()
    office.hands.lose(thread)
    message = await office.receive("two")
    with pytest.raises(ThreadGone):
        await office.relay(message)


@pytest.mark.parametrize(
    "words", ["word " * 2000, "😀" * 5000, "שלום עולם " * 500, "a *b* _c_ `d` <e> &amp; ~f~ @g :h:\n> i"]
)
async def test_long_and_odd_words_survive(office: Office, words: str) -> None:
    """From the contact to the desk nothing is lost, doubled or taken for markup; a network may trim a post's end."""
    thread, posts = await office.relay(await office.receive(words.strip()))
    shown = "".join(office.hands.words(thread, p) for p in posts)
    assert "".join(shown.split()) == "".join(words.split())


@pytest.mark.parametrize("words", ["😀" * 500, "שלום עולם " * 100, "a * b _ c ` d <e> &amp; ~ @ :h f"])
async def test_odd_answers_survive(office: Office, words: str) -> None:
    """From the desk to the contact, too."""
    hands = office.hands
    thread, _ = await office.arrive()
    hands.say("Ann", words.strip(), thread)
    await hands.hear()
    assert await office.outgoing() == [words.strip()]


async def test_a_post_that_nobody_knows_is_no_harm(office: Office) -> None:
    """An edit or a reaction on what the hub has never seen does nothing."""
    hands = office.hands
    stray = hands.say("Bob", "lunch?")
    await hands.hear()
    hands.edit("Bob", stray, "lunch!")
    hands.react("Ann", PostId(stray), "👍")
    await hands.hear()
    assert await office.outgoing() == []

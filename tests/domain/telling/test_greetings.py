"""Greeting and away text: who is told what by itself, once, and who is told nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.domain import conversations
from hub.domain.catalog import Greeting, Hours
from hub.domain.ids import Address, ChannelId, ExternalId, UserId
from hub.domain.incoming import Echo, Person
from hub.domain.models import Block, Contact, Event, Message, Preferences, now
from hub.domain.ports import Tx
from hub.domain.telling import greetings
from hub.domain.telling.saying import Source
from hub.domain.text import Text
from hub.domain.work import Relay, Send, Work
from hub.errors import Invalid
from hub.store import MongoWorkspace
from tests.domain.telling.town import CHANNEL, Town

HELLO = "Hello {{ contact.first_name | default('there') }}!"


@pytest.fixture
async def town(workspace: MongoWorkspace) -> Town:
    town = await Town(workspace).found()
    await texts(town, ("greeting", "", HELLO), ("greeting", "de", "Hallo!"), ("away", "", "We sleep."))
    return town


async def texts(town: Town, *every: tuple[greetings.When, str, str]) -> None:
    async def deed(tx: Tx) -> None:
        for when, language, text in every:
            tx.add(greetings.made(when, text, None, language))

    await town.run(deed)


async def close_up(town: Town) -> None:
    """It is outside of business hours, today and tomorrow."""
    days = tuple(f"{now() + timedelta(days=n):%Y-%m-%d}" for n in (-1, 0, 1))
    await town.change(Preferences, "preferences", hours=Hours(holidays=days))


async def said(town: Town) -> list[tuple[str, str]]:
    return [(m.source, m.text.plain) for m in await town.all(Message, direction="out")]


async def test_who_writes_for_the_first_time_is_greeted_once(town: Town) -> None:
    """By name; neither their next message nor their next conversation is greeted again."""
    await town.write()
    await town.write("and more")
    await town.act("Ann", conversations.close)
    await town.write("again")
    assert await said(town) == [("greeting", "Hello Dora!")]


async def test_it_is_shown_and_sent_like_any_message_but_answers_nobody(town: Town) -> None:
    """The desk has it to show, the contact waits on, and no figure counts it as an answer."""
    await town.write()
    (message,) = await town.all(Message, direction="out")
    tasks = [w.task for w in await town.all(Work)]
    assert [t.message for t in tasks if isinstance(t, Send)] == [message.id]
    assert message.id in [t.message for t in tasks if isinstance(t, Relay)]
    conversation = await town.conversation()
    assert conversation.waiting_since is not None
    assert (conversation.outgoing, conversation.responses, conversation.first_response_at) == (0, 0, None)


async def test_an_old_acquaintance_is_not_greeted(town: Town) -> None:
    """Who wrote before there was a greeting does not write for the first time."""
    for greeting in await town.all(Greeting):
        await town.run(lambda tx, g=greeting: _delete(tx, g))
    await town.write()
    await town.act("Ann", conversations.close)
    await texts(town, ("greeting", "", HELLO))
    await town.write("again")
    assert await said(town) == []


async def _delete(tx: Tx, greeting: Greeting) -> None:
    found = await tx.get(Greeting, greeting.id)
    assert found is not None
    tx.delete(found)


async def test_an_echo_is_not_greeted(town: Town) -> None:
    """What a colleague, or a bot, says elsewhere is no contact's message: nothing answers itself in a loop."""
    await town.hear(
        Echo(address=Address("Dora"), at=now(), person=Person(), external_id=ExternalId("e"), text=Text("hi"))
    )
    assert [source for source, _ in await said(town)] == ["echo"]


async def test_outside_of_business_hours_the_away_text_is_said_once(town: Town) -> None:
    """To each contact, until the next opening; instead of a greeting."""
    await close_up(town)
    await town.write()
    await town.write("hello?")
    await town.write(name="Emil")
    assert await said(town) == [("away", "We sleep."), ("away", "We sleep.")]
    for contact in await town.all(Contact):
        await town.change(Contact, contact.id, away_until=now() - timedelta(seconds=1))
    await town.write("the next night")
    assert len(await said(town)) == 3


async def test_who_cannot_be_written_to_is_told_nothing(town: Town) -> None:
    """Blocked contacts are not heard, so they are not answered; nor is a network's window stretched."""
    await close_up(town)
    await town.write()
    (contact,) = await town.all(Contact)
    shut = list(contact.reaches)
    shut[0].open_until = now() - timedelta(minutes=1)
    shut[0].late_until = now() + timedelta(days=6)
    assert not greetings.may_be_told(Contact(id=contact.id, reaches=shut), CHANNEL, now())
    blocked = Block(at=now(), by=UserId("Ann"))
    await town.change(Contact, contact.id, block=blocked, away_until=None)
    await town.write("let me in")
    assert len(await said(town)) == 1


@pytest.mark.parametrize(
    ("channel", "language", "text"),
    [("shop", "de-AT", "4"), ("shop", "fr", "2"), ("other", "de", "3"), ("other", "", "1")],
)
def test_the_text_for_the_channel_and_the_language_is_taken(channel: str, language: str, text: str) -> None:
    """The channel counts more than the language."""
    shop = ChannelId("shop")
    every = [
        greetings.made("greeting", words, where, spoken)
        for words, where, spoken in (("1", None, ""), ("2", shop, ""), ("3", None, "de"), ("4", shop, "de"))
    ]
    found = greetings.fitting(every, "greeting", ChannelId(channel), language)
    assert found is not None
    assert found.text == text


def test_a_text_that_could_not_be_filled_is_not_kept() -> None:
    """Nobody reads it before it goes out."""
    with pytest.raises(Invalid, match="each variable needs a fallback"):
        greetings.checked("Hello {{ contact.first_name }}!", "greeting")
    with pytest.raises(Invalid, match=r"no variable contact\.frist_name"):
        greetings.checked("Hello {{ contact.frist_name | default('you') }}!", "greeting")
    with pytest.raises(Invalid, match="never goes out"):
        greetings.checked("/close", "greeting")
    with pytest.raises(Invalid, match="at most 1000 characters"):
        greetings.checked("x" * 1001, "away")


def test_what_is_said_by_itself_has_a_name_on_the_desk() -> None:
    """So that nobody takes it for a colleague's answer."""
    from typing import get_args

    from hub.domain.telling.saying import HEADINGS

    assert set(get_args(Source)) == set(HEADINGS)


async def test_undoing_is_no_deed_of_its_own(town: Town) -> None:
    """Or the next undo would have contacts told again what was taken back."""
    await town.write()
    french = greetings.made("greeting", "Salut!", None, "fr")
    await town.act("Ann", lambda tx, act, _: greetings.put(tx, act, french))
    (event,) = [e for e in await town.all(Event) if e.kind == "greeting_changed"]
    await town.act("Ann", lambda tx, act, _: greetings.take_back(tx, act, event))
    assert "fr" not in {g.language for g in await town.all(Greeting)}
    assert len([e for e in await town.all(Event) if e.kind == "greeting_changed"]) == 1

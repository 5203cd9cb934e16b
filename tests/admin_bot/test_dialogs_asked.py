"""Questions: a line that lacks something asks for it, and the asker's next words there complete it, on either desk by
any of the ways. They are an argument, so they never reach the contact.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hub.domain.models import Category, Snippet
from tests.admin_bot.dialog_table import in_ways
from tests.admin_bot.hands import WAYS
from tests.admin_bot.office import Talk


@pytest.fixture
async def talk(talk: Talk) -> Talk:
    """Where conversations can be closed with a category."""
    await talk.office.rule("optional", "Billing")
    return talk


async def closing(talk: Talk) -> Any:
    conversation = await talk.conversation()
    return conversation.state, conversation.category, conversation.summary


async def snippets(talk: Talk) -> Any:
    return {s.name: s.text for s in await talk.office.workspace.items(Snippet)}


async def categories(talk: Talk) -> Any:
    return sorted(c.name for c in await talk.office.workspace.items(Category))


QUESTIONS: list[tuple[str, str, Callable[[Talk], Awaitable[Any]], Any]] = [
    ("note", "calls on Monday", lambda talk: talk.notes(), ["calls on Monday"]),
    ("close billing", "Refunded order 7", closing, ("closed", "billing", "Refunded order 7")),
    ("snippet add hi", "Hello {{ contact.first_name }}!", snippets, {"hi": "Hello {{ contact.first_name }}!"}),
    ("snippet change hi", "Good day!", snippets, {"hi": "Good day!"}),
    ("category add", "Delivery", categories, ["Billing", "Delivery"]),
    ("category remove", "deliv", categories, ["Billing"]),
]
"""What is typed, what is answered, and what is so then."""


@in_ways(*WAYS)
@pytest.mark.parametrize(("line", "words", "look", "wanted"), QUESTIONS, ids=[q[0] for q in QUESTIONS])
async def test_what_is_missing_is_asked_for(
    talk: Talk, line: str, words: str, look: Callable[[Talk], Awaitable[Any]], wanted: object
) -> None:
    """Nothing is done before it is answered; the answer stays inside, and a second one is no answer any more."""
    await talk.office.rule("both")
    about = line.startswith(("note", "close"))
    before = await look(talk)
    asked = await (talk.line(line) if about else talk.plain(line))
    assert "Answer this message" in asked.words or talk.hands.dialog("Ann")
    assert await look(talk) == before
    await talk.answer(words)
    assert await look(talk) == wanted
    assert await talk.outgoing() == []
    assert talk.hands.dialog("Ann") == ""


@in_ways(*WAYS)
async def test_a_question_is_answered_by_whom_it_asks(talk: Talk) -> None:
    """A colleague's words in the contact's place are their own reply, not the argument."""
    await talk.line("note")
    await talk.reply("We are on it", who="Bob")
    assert await talk.outgoing() == ["We are on it"]
    assert await talk.notes() == []
    await talk.answer("calls on Monday")
    assert await talk.notes() == ["calls on Monday"]
    assert await talk.outgoing() == ["We are on it"]

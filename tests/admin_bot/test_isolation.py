"""One workspace never sees, changes or reaches another's: every command, with all that the other one is made of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from hub.admin_bot import drawing, registry
from hub.admin_bot.command import Command
from hub.domain.ids import PostId, ThreadId
from hub.domain.models import Comment, Event, Member, Message
from hub.domain.reply import Button
from hub.domain.work import Work
from hub.store import Store
from tests.admin_bot.counter_desk import TEMPLATES, Answer, Shop, Topic, Who

SECRET = "xylophone"
"""Stands in all that is said in the other workspace, and nobody types it here."""
THEIRS = "Zanzibar"
"""Whom the other workspace talks with."""
NUMBERS = 40
"""Conversations that were there before its first, so that its numbers are nobody's here."""


@dataclass
class Two:
    """Our shop, and another company's in the same database server; `words`: what the other one is made of."""

    ours: Shop
    topic: Topic
    other: Shop
    their_topic: Topic
    words: list[str]

    @property
    def olivia(self) -> Who:
        """Owner and admin here: whoever may do most."""
        return self.ours.people["Olivia Orr"]


async def _furnish(shop: Shop, name: str, secret: str) -> Topic:
    """A contact with tags, notes, answers, a snippet; something held, something failed; closed and open again."""
    who, colleague = shop.people["Olivia Orr"], shop.people["Bob Bright"]
    for line in (f"/snippet add {name}-snippet {secret} answer", f"/category add {secret}"):
        await shop.private(who, line)
    topic = await shop.arrive(name, f"{secret} asks")
    for line in (f"{secret} answers", f"// {secret} remarks", f"/tag +{name}-tag"):
        await topic.say(who, line)
    await topic.say(colleague, f"{secret} holds")
    assert len(await shop.all(Comment)) == 2, "a note, and what is held because it is another's conversation"
    return topic


async def _words(shop: Shop, topic: Topic) -> list[str]:
    """Names, numbers and ids of what is in the workspace."""
    conversation = await topic.conversation()
    kinds = (Comment, Event, Message, Member, Work)
    ids = [(await shop.all(kind))[-1].id for kind in kinds]
    return [f"{THEIRS}-tag", f"{THEIRS}-snippet", str(conversation.number), topic.contact, *ids]


@pytest.fixture(scope="module")
async def two(counter_store: Store) -> Two:
    ours, other = Shop(counter_store), Shop(counter_store)
    for shop in (ours, other):
        await shop.set_up()
    for _ in range(NUMBERS):
        await other.workspace.run(lambda tx: tx.increment("conversation"))
    topic, their_topic = await _furnish(ours, "Homer", "harmless"), await _furnish(other, THEIRS, SECRET)
    return Two(ours, topic, other, their_topic, await _words(other, their_topic))


async def _everything(shop: Shop) -> dict[str, str]:
    """All documents of a workspace, as they are kept."""
    database: Any = shop.store._client.database(shop.store._name(shop.workspace.id))
    found: dict[str, str] = {}
    for name in sorted(await database.list_collection_names()):
        for doc in await database[name].find({}).to_list(None):
            found[f"{name} {doc['_id']}"] = json.dumps(doc, default=str, sort_keys=True)
    return found


def _lines(command: Command, words: list[str]) -> Iterator[str]:
    yield command.name
    for word in words:
        yield f"{command.name} {word}"


def _read(answer: Answer) -> str:
    """All that somebody gets to read, or to press, by an answer."""
    reply = answer.reply
    if reply is None:
        return ""
    labels = [f"{button.label} {button.line} {button.url}" for row in reply.rows for button in row]
    return "\n".join([TEMPLATES.render(reply.template, reply.data) if reply.template else "", reply.ask, *labels])


def _told(answer: Answer) -> list[str]:
    """What of the other workspace is in an answer."""
    return re.findall(f".*{SECRET}.*", _read(answer), re.IGNORECASE)


def _button(line: str) -> Button | None:
    button = Button("x", line)
    try:
        drawing.encode(button)
    except ValueError:
        return None
    return button


@pytest.mark.parametrize("command", registry.commands(), ids=lambda command: command.name)
async def test_with_the_others_names_and_ids(two: Two, command: Command) -> None:
    """Typed in private and in the other's own chat, pressed there, in private and at home, by an owner who is not in
    the other workspace: nothing of it is shown, and nothing in it changes.
    """
    before = await _everything(two.other)
    spots = [two.other.spot(two.their_topic.thread), two.ours.own(two.olivia), two.topic.spot]
    for number, line in enumerate(_lines(command, two.words)):
        typed, pressed = spots[number % 2], spots[(number + 1) % 3]
        assert _told(await two.ours.say(two.olivia, f"/{line}", typed)) == [], f"/{line}"
        if button := _button(line):
            assert _told(await two.ours.press(two.olivia, button, pressed, two.their_topic.relay)) == [], f"[{line}]"
    assert await _everything(two.other) == before


async def test_plain_words_and_reactions_in_the_others_chat(two: Two) -> None:
    """Who is not in a workspace says nothing there to a contact, whatever they are elsewhere."""
    before = await _everything(two.other)
    spot = two.other.spot(two.their_topic.thread)
    for words in ("Hello!", "// a remark", "!close", "@hub close"):
        assert _told(await two.ours.say(two.olivia, words, spot)) == []
    post = two.their_topic.relay
    await two.other.react(two.olivia, post, "👍")
    await two.other.edit(two.olivia, post, "changed", spot)
    assert await _everything(two.other) == before


async def test_a_thread_of_that_name_is_another_one(two: Two) -> None:
    """Chats count their threads and posts alike: the same number on two desks is two places."""
    spot = two.ours.spot(ThreadId(two.their_topic.thread))
    for line in ("/contact", "/history", "/note x", "/close"):
        answer = await two.ours.say(two.olivia, line, spot, answers=PostId(two.their_topic.relay))
        assert _told(answer) == [], line


async def test_their_own_people_see_it(two: Two) -> None:
    """What is looked for here is there to be seen, and what is compared does change: by somebody of that workspace."""
    who, before = two.other.people["Olivia Orr"], await _everything(two.other)
    assert _told(await two.their_topic.say(who, "/history"))
    await two.their_topic.say(who, "// one more remark")
    assert await _everything(two.other) != before

"""What is told twice at a door happens once: by a network that tells again, or by somebody who recorded it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from hub.domain.models import Contact, Conversation, Message
from hub.sandbox.slack.accounts import App
from tests.endtoend.doorsteps import Door, doors, kept
from tests.endtoend.mixed import Customer, Mixed, Place, Typed
from tests.endtoend.town import until, words_of


@pytest.fixture(scope="module")
def at(mixed: Mixed) -> dict[str, Door]:
    """The doors by name."""
    return doors(mixed)


async def said(mixed: Mixed, words: str) -> int:
    """How many kept messages say that."""
    return len([m for m in await mixed.shop.kept(Message) if m.text.plain == words])


async def contact(mixed: Mixed, name: str) -> Contact:
    """The contact of that name."""
    (found,) = [c for c in await mixed.shop.kept(Contact) if c.name.startswith(name)]
    return found  # type: ignore[no-any-return]


async def conversation(mixed: Mixed, name: str) -> Conversation:
    """The newest conversation of the contact of that name."""
    found = await mixed.shop.kept(Conversation, contact=(await contact(mixed, name)).id)
    return found[-1]  # type: ignore[no-any-return]


class Recorder:
    """Somebody who recorded what an app was told, and plays it again, as it was signed."""

    def __init__(self, door: Door, app: App) -> None:
        self.door = door
        self.app = app
        self.skip = len(app.outbox.sent)

    async def replay(self, times: int = 3) -> int:
        """All that was told since, several times at once; how many notices it were."""
        told = list(self.app.outbox.sent.values())[self.skip :]
        calls = [
            self.door.post(notice.body, self.door.headers(notice.body, kind=notice.content_type))
            for notice in told
            for _ in range(times)
        ]
        assert {status for status, _ in await asyncio.gather(*calls)} == {200}
        return len(told)


@asynccontextmanager
async def recorded(mixed: Mixed, door: Door, app: App) -> AsyncIterator[Recorder]:
    """What is told inside is played again afterwards: nothing that is kept changes but what says that it was heard."""
    await mixed.shop.town.quiet()
    recorder = Recorder(door, app)
    yield recorder
    await mixed.slack.settled()
    await mixed.shop.town.quiet()
    before = await kept(mixed)
    assert await recorder.replay()
    await mixed.shop.town.quiet()
    assert await kept(mixed) == before


async def arrived(mixed: Mixed, text: str = "hello") -> tuple[Customer, Place]:
    """A contact on Telegram who has just written, and their thread."""
    customer = mixed.somebody("telegram")
    await customer.write([Typed(text)])
    place = mixed.agents("slack", customer)
    await until(place.posts, "the thread")
    await mixed.shop.town.quiet()
    return customer, place


async def test_a_contacts_words_replayed(mixed: Mixed, at: dict[str, Door]) -> None:
    """A contact's message, edit, reaction and deletion that are told again do nothing."""
    customer = mixed.somebody("slack")
    async with recorded(mixed, at["slack"], mixed.help_app):
        kim = customer.user  # type: ignore[attr-defined]
        one = mixed.slack.say(kim, mixed.help_app, f"one of {customer.name}")
        two = mixed.slack.say(kim, mixed.help_app, f"two of {customer.name}")
        await mixed.slack.settled()
        mixed.slack.edit(kim, mixed.help_app, one["ts"], f"first of {customer.name}")
        mixed.slack.delete(kim, mixed.help_app, two["ts"])
    assert await said(mixed, f"first of {customer.name}") == 1
    assert await said(mixed, f"one of {customer.name}") == 0


async def test_an_answer_replayed(mixed: Mixed, at: dict[str, Door]) -> None:
    """An agent's answer, note and edit that are told again reach the contact once, and change nothing again."""
    customer, place = await arrived(mixed)
    async with recorded(mixed, at["shared slack"], mixed.hub_app):
        place.answer([Typed("an answer"), Typed("// a note")])
        await until(lambda: [words_of(m) for m in customer.phone()] == ["an answer"], "the answer")
    assert [words_of(m) for m in customer.phone()] == ["an answer"]


async def test_a_typed_command_replayed(mixed: Mixed, at: dict[str, Door]) -> None:
    """A command in a thread that is told again does not act again: what was done since stays done."""
    customer, place = await arrived(mixed)
    place.answer([Typed("!take")])
    recorder = Recorder(at["shared slack"], mixed.hub_app)
    place.answer([Typed("!close - all good")])

    async def state() -> str:
        return (await conversation(mixed, customer.name)).state

    async def closed() -> bool:
        return await state() == "closed"

    await until(closed, "it to be closed")
    await mixed.shop.town.quiet()
    told = len(mixed.slack.thread(mixed.desk, place.posts()[0]["thread_ts"]))
    await customer.write([Typed("one more thing")])
    await until(lambda: state_is_open(mixed, customer.name), "it to be open again")
    assert await recorder.replay()
    await mixed.shop.town.quiet()
    assert await state() == "open"
    assert len(mixed.slack.thread(mixed.desk, place.posts()[0]["thread_ts"])) <= told + 1


async def state_is_open(mixed: Mixed, name: str) -> bool:
    """Whether the newest conversation is open."""
    return (await conversation(mixed, name)).state == "open"


@pytest.mark.parametrize(
    "line", ["snippet add bye{} See you", "invite agent", "next", "undo", "tag {} urgent", "close {}"]
)
async def test_a_slash_command_replayed(mixed: Mixed, at: dict[str, Door], line: str) -> None:
    """A slash command that is told again within five minutes does nothing the second time: Slack never does so."""
    customer, _ = await arrived(mixed)
    number = (await conversation(mixed, customer.name)).number
    # Two acts, so that there is something left to take back.
    await mixed.slash(mixed.sue, f"take {number}")
    await mixed.slash(mixed.sue, f"tag {number} first")
    states = [c.state for c in await mixed.shop.kept(Conversation)]
    async with recorded(mixed, at["shared slack"], mixed.hub_app):
        await mixed.slash(mixed.sue, line.format(number))
    assert [c.state for c in await mixed.shop.kept(Conversation)] == states


async def test_a_press_replayed(mixed: Mixed, at: dict[str, Door]) -> None:
    """A press that is told again does nothing, whatever was done since."""
    customer, place = await arrived(mixed)
    number = (await conversation(mixed, customer.name)).number
    recorder = Recorder(at["shared slack"], mixed.hub_app)
    await asyncio.sleep(1.1)  # a press so soon after a redraw is taken for one that was meant for what it showed before
    await mixed.slack.press(mixed.max, mixed.desk, place.posts()[0]["ts"], "✋ Take").answer(20)
    last = len(mixed.hub_app.outbox.sent)
    taken = (await conversation(mixed, customer.name)).assignee
    assert taken
    await mixed.slash(mixed.sue, f"assign {number} nobody")
    assert (await conversation(mixed, customer.name)).assignee is None
    mixed_sent = list(mixed.hub_app.outbox.sent.values())[recorder.skip : last]
    for notice in mixed_sent:
        headers = at["shared slack"].headers(notice.body, kind=notice.content_type)
        assert (await at["shared slack"].post(notice.body, headers))[0] == 200
    await mixed.shop.town.quiet()
    assert (await conversation(mixed, customer.name)).assignee is None


async def test_a_dialog_replayed(mixed: Mixed, at: dict[str, Door]) -> None:
    """The press that opened a dialog does not do without it when it is told again; what was filled in counts once."""
    customer, place = await arrived(mixed)
    async with recorded(mixed, at["shared slack"], mixed.hub_app):
        knock = mixed.slack.press(mixed.max, mixed.desk, place.posts()[0]["ts"], "✅ Close…")
        await knock.answer(20)
        await until(lambda: mixed.slack.modal(mixed.max), "the dialog")
    assert await state_is_open(mixed, customer.name)
    recorder = Recorder(at["shared slack"], mixed.hub_app)
    await mixed.slack.submit(mixed.max, {"summary": "done"}).answer(20)

    async def closed() -> bool:
        return not await state_is_open(mixed, customer.name)

    await until(closed, "it to be closed")
    await customer.write([Typed("wait")])
    await until(lambda: state_is_open(mixed, customer.name), "it to be open again")
    assert await recorder.replay()
    await mixed.shop.town.quiet()
    assert await state_is_open(mixed, customer.name)


async def test_a_restarted_hub_remembers(mixed: Mixed, at: dict[str, Door]) -> None:
    """What was heard is remembered where everything is kept: told again to another hub, it is not heard anew."""
    customer, place = await arrived(mixed)
    number = (await conversation(mixed, customer.name)).number
    recorder = Recorder(at["shared slack"], mixed.hub_app)
    place.answer([Typed("once only")])
    await mixed.slash(mixed.sue, f"tag {number} seen")
    await until(lambda: [words_of(m) for m in customer.phone()] == ["once only"], "the answer")
    await mixed.slash(mixed.sue, f"tag {number} -seen")
    told = list(mixed.hub_app.outbox.sent.values())[recorder.skip : -1]
    other = await mixed.another_hub()
    try:
        door = replace(at["shared slack"], url=mixed.shop.town.hook("slack", other))
        for notice in told:
            assert (await door.post(notice.body, door.headers(notice.body, kind=notice.content_type)))[0] == 200
        await mixed.shop.town.quiet()
    finally:
        await mixed.shop.town.stop(other)
    assert [words_of(m) for m in customer.phone()] == ["once only"]
    assert (await contact(mixed, customer.name)).tags == []


@pytest.mark.parametrize("name", ["telegram", "slack", "shared slack", "messenger", "shared messenger", "custom"])
async def test_a_message_replayed(mixed: Mixed, at: dict[str, Door], name: str) -> None:
    """At each door, the same genuine message ten times at once is one message."""
    words = f"ten times at {name}"
    body = at[name].good(words)
    answers = await asyncio.gather(*(at[name].post(body) for _ in range(10)))
    assert {status for status, _ in answers} == {200}
    await mixed.shop.town.quiet()
    assert await said(mixed, words) == 1


async def test_a_name_quoted_is_no_press(mixed: Mixed) -> None:
    """An agent who presses below a post that quotes the name of contacts' buttons is heard all the same."""
    customer = mixed.somebody("telegram")
    await customer.write([Typed("contact_choice:1 contact_choice%3A1")])
    place = mixed.agents("slack", customer)
    await until(place.posts, "the post")
    await mixed.shop.town.quiet()
    mixed.slack.press(mixed.max, mixed.desk, place.posts()[0]["ts"], "✋ Take")

    async def taken() -> bool:
        return bool((await conversation(mixed, customer.name)).assignee)

    await until(taken, "the conversation to be taken")

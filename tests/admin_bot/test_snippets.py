"""Snippets: whose they are, how they are found, what goes with them, and what is not sent."""

from __future__ import annotations

import re

import pytest

from hub.domain.models import Contact, Field, Media, Snippet
from hub.domain.ports import Tx
from hub.domain.work import FetchFromDesk, Work
from tests.admin_bot.counter_desk import Shop, Who, button, buttons, photo


async def sent(shop: Shop) -> list[str]:
    return [m.text.plain for m in await shop.out()]


async def test_an_own_snippet_is_seen_by_its_owner_alone(shop: Shop, bob: Who, zoe: Who) -> None:
    """It stands for everybody's of the same name, is listed to nobody else, and nobody else can change it."""
    topic = await shop.arrive()
    await shop.say(zoe, "/snippet add hi Good day")
    await shop.say(bob, "/snippet mine hi Hey {{ contact.first_name }}!")
    assert "Your own snippet hi is saved" in shop.said()
    await shop.say(bob, "/snippet mine ps My own")
    await topic.say(bob, "/s hi")
    assert await sent(shop) == ["Hey Ann!"]
    await shop.say(zoe, "/snippet")
    assert "Good day" in shop.said()
    assert "My own" not in shop.said()
    await shop.say(zoe, "/snippet remove ps")
    assert "There is no snippet “ps”" in shop.said()
    (mine,) = [s for s in await shop.all(Snippet) if s.name == "ps"]
    await shop.say(zoe, f"/s {mine.id}")
    assert "is no snippet" in shop.said()


async def test_snippets_are_found_by_what_they_say(shop: Shop, bob: Who) -> None:
    """Where no name fits, the words are looked for in texts and topics; what is found is previewed, not sent."""
    topic = await shop.arrive()
    await shop.say(bob, "/snippet add parcel Your parcel left {{ date }}.")
    await shop.say(bob, "/snippet add refund The money is on its way.")
    await shop.say(bob, "/snippet topic refund Billing")
    assert "Topic: Billing" in shop.said()
    for words, name in (("money", "refund"), ("billing way", "refund"), ("left", "parcel")):
        answer = await topic.say(bob, f"/s {words}")
        assert f"{name} for Ann" in shop.said()
        assert [b.label for b in buttons(answer)] == ["✉ Send to Ann"]
    await topic.say(bob, "/s your bicycle")
    assert "“your bicycle” is no snippet" in shop.said()
    await topic.say(bob, "/s refund now please")
    assert "“now please” is too much" in shop.said()
    assert await sent(shop) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi {{ contact.frist_name }}", "there is no variable contact.frist_name. Did you mean contact.first_name"),
        ("Hi {{ customer }}", "there is no variable customer."),
        ("{{ contact.plan }} plan", "there is no variable contact.plan."),
        ("{{ date.hour | or('noon') }}", "there is no variable date.hour."),
    ],
)
async def test_an_unknown_variable_is_refused_by_its_name(shop: Shop, bob: Who, text: str, said: str) -> None:
    """A snippet that could never be filled in is not saved, nor is one changed into such."""
    await shop.say(bob, f"/snippet add hi {text}")
    assert said in shop.said()
    assert await shop.all(Snippet) == []
    await shop.say(bob, "/snippet add hi Hello")
    await shop.say(bob, f"/snippet change hi {text}")
    assert said in shop.said()
    assert [s.text for s in await shop.all(Snippet)] == ["Hello"]


async def test_custom_fields_and_the_day_are_filled_in(shop: Shop, bob: Who) -> None:
    """Custom fields by their ids, with a fallback where one is empty; the day in the contact's language."""

    async def deed(tx: Tx) -> None:
        tx.add(Field(id="plan", name="Plan", kind="text"))
        contact = await tx.get(Contact, topic.contact)
        assert contact is not None
        contact.language = "de"

    topic = await shop.arrive()
    await shop.run(deed)
    await shop.say(bob, "/snippet add plan {{ contact.plan | or(“none”) }}: {{ date.month }}, {{ time }}")
    await topic.say(bob, "/s plan")
    (words,) = await sent(shop)
    assert re.fullmatch(r"none: \w+, \d\d:\d\d", words)
    await shop.say(bob, "/snippet change plan {{ contact.plan }}")
    await topic.say(bob, "/s plan")
    assert "names contact.plan, which is empty" in shop.said()
    assert len(await sent(shop)) == 1


async def test_files_go_with_a_snippet(shop: Shop, bob: Who) -> None:
    """A file posted with the line goes out each time with the words, fetched from the desk where it lies."""
    topic = await shop.arrive()
    await shop.say(bob, "/snippet add map This way!", attachments=photo())
    assert "📎 image" in shop.said()
    await topic.say(bob, "/s map")
    (message,) = await shop.out()
    (media,) = message.attachments
    assert isinstance(media, Media)
    fetches = [w.task for w in await shop.all(Work) if isinstance(w.task, FetchFromDesk)]
    assert {f.desk for f in fetches} == {(await shop.desk()).id}
    await shop.say(bob, "/snippet file map off")
    assert (await shop.all(Snippet))[0].files == []
    await shop.private(bob, "/snippet file map")
    assert "as its caption" in shop.said()


async def test_undo_brings_the_whole_snippet_back(shop: Shop, bob: Who) -> None:
    """Removed and taken back, it has its topic, files and owner again."""
    await shop.say(bob, "/snippet mine map This way!", attachments=photo())
    await shop.say(bob, "/snippet topic map Ways")
    (before,) = await shop.all(Snippet)
    answer = await shop.say(bob, "/snippet remove map")
    assert await shop.all(Snippet) == []
    await shop.press(bob, button(answer, "Undo"))
    assert await shop.all(Snippet) == [before]


async def test_long_lists_are_paged(shop: Shop, bob: Who) -> None:
    """Ten a page, turned by buttons that stay with the contact."""
    topic = await shop.arrive()

    async def deed(tx: Tx) -> None:
        for index in range(23):
            tx.add(Snippet(id=f"s{index}", name=f"n{index:02}", text="Words"))

    await shop.run(deed)
    answer = await topic.say(bob, "/s")
    assert "n09" in shop.said()
    assert "n10" not in shop.said()
    answer = await topic.press(bob, button(answer, "▸"))
    answer = await topic.press(bob, button(answer, "▸"))
    assert "n22" in shop.said()
    assert [b.label for b in buttons(answer)][-2:] == ["◂", "3/3"]
    await topic.press(bob, button(answer, "n22"))
    assert "n22 for Ann" in shop.said()

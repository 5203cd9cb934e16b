"""Dialogs on contacts: fields, tags, blocking, who may be the same, made by hand, forgotten."""

from __future__ import annotations

import pytest

from hub.domain.models import Field, Tag
from hub.domain.work import Tell, Work
from tests.admin_bot.counter_desk import Shop, Topic, Who, button


async def number(topic: Topic) -> int:
    found: int = (await topic.conversation()).number
    return found


async def tells(shop: Shop) -> list[str]:
    """What was said in contacts' places by the hub, by template."""
    return [w.task.reply.template for w in await shop.all(Work) if isinstance(w.task, Tell)]


# -- fields ----------------------------------------------------------------------------------------------------------


async def test_each_type_is_kept_in_one_form(shop: Shop, mia: Who, bob: Who) -> None:
    """A manager adds fields of all types; what agents write in them is read and normalised."""
    kinds = ("text", "list", "checkbox", "email", "number", "url", "date", "time")
    for kind in kinds:
        await shop.private(mia, f"/fields add {kind} My {kind}{': Free, Pro' if kind == 'list' else ''}")
    ann = await shop.arrive("Ann")
    said = ("a  b", "pro", "yes", "Ann@X.com", "3,5", "example.com", "21.11.2026", "9pm")
    for kind, words in zip(kinds, said, strict=True):
        await ann.say(bob, f"/field my {kind} {words}")
    kept = ("a b", "Pro", True, "ann@x.com", 3.5, "https://example.com", "2026-11-21", "21:00")
    assert (await ann.person()).fields == dict(zip([f"my_{kind}" for kind in kinds], kept, strict=True))
    await ann.say(bob, "/contact")
    assert "My checkbox: yes" in shop.said()
    assert "My number: 3.5" in shop.said()


async def test_a_change_is_taken_back_where_nobody_changed_it_since(shop: Shop, bob: Who, mia: Who) -> None:
    """Undo gives back the value before, and the country that the number brought; not over a colleague's change."""
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/field phone +43 660 1234567")
    assert ((await ann.person()).phone, (await ann.person()).country) == ("+436601234567", "AT")
    await ann.say(bob, "/undo")
    assert ((await ann.person()).phone, (await ann.person()).country) == ("", "")
    await ann.say(bob, "/field email ann@one.com")
    await ann.say(mia, "/field email ann@two.com")
    await ann.say(bob, "/undo")
    assert "was changed again since" in shop.said()
    assert (await ann.person()).email == "ann@two.com"


async def test_agents_change_values_and_managers_fields(shop: Shop, bob: Who) -> None:
    """Which fields there are is for managers; the list is for all."""
    await shop.private(bob, "/fields")
    assert "There are no fields of your own yet" in shop.said()
    await shop.private(bob, "/fields add text City")
    assert "/fields add is for a manager of this workspace; you are an agent" in shop.said()
    assert await shop.all(Field) == []


async def test_a_field_that_goes_takes_no_values_along_to_its_namesake(shop: Shop, mia: Who, bob: Who) -> None:
    """A removed field's id is never given again, so that old values do not turn up in a new field; undo brings them
    back.
    """
    ann = await shop.arrive("Ann")
    await shop.private(mia, "/fields add text City")
    await ann.say(bob, "/field city Berlin")
    answer = await shop.private(mia, "/fields remove city")
    await shop.private(mia, "/fields add number City")
    assert [f.id for f in await shop.all(Field)] == ["city_2"]
    await ann.say(bob, "/contact")
    assert "Berlin" not in shop.said()
    await shop.private(mia, "/fields remove city")
    await shop.press(mia, button(answer, "Undo"), shop.own(mia))
    await ann.say(bob, "/contact")
    assert "City: Berlin" in shop.said()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/fields add text phone", "There is a field Phone already."),
        ("/fields add text 7days", "begins with a letter"),
        ("/fields add list Plan", "A list needs its options"),
        ("/fields add list Size S, M, L", "a list's options stand behind a colon"),
        ("/fields add list Plan: a, A", "are the same option"),
        ("/fields remove nothing", "There are no fields of your own yet"),
        ("/fields make", "should be add, rename, options or remove"),
        ("/tags color none red", "There is no tag"),
    ],
)
async def test_a_wrong_field_is_told_what_would_be_right(standing_shop: Shop, line: str, said: str) -> None:
    """Nothing is made of it."""
    await standing_shop.private(standing_shop.people["Mia"], line)
    assert said in standing_shop.said()
    assert await standing_shop.all(Field) == []


# -- tags ------------------------------------------------------------------------------------------------------------


async def test_a_removed_tag_is_gone_from_all_and_comes_back_to_all(shop: Shop, mia: Who, bob: Who) -> None:
    """Undo of removing gives it back to whom it was on."""
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/tag +vip")
    await shop.private(mia, "/tags color vip #f00")
    answer = await shop.private(mia, "/tags remove vip")
    await ann.say(bob, "/contact")
    assert "Tags: none" in shop.said()
    await shop.press(mia, button(answer, "Undo"), shop.own(mia))
    await ann.say(bob, "/contact")
    assert "Tags: 🔴 vip" in shop.said()
    assert [t.color for t in await shop.all(Tag)] == ["ff0000"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("emoji vip :-)", "is no emoji"),
        ("color vip reddish", "is no colour: write red,"),
        ("rename vip two words", "one word"),
        ("rename vip lead", "There is a tag lead already"),
        ("add lead", "There is a tag lead already"),
    ],
)
async def test_a_tag_keeps_its_look_where_another_is_wrong(shop: Shop, mia: Who, line: str, said: str) -> None:
    """And it is said what would be right."""
    for name in ("vip", "lead"):
        await shop.private(mia, f"/tags add {name}")
    await shop.private(mia, f"/tags {line}")
    assert said in shop.said()
    assert {(t.name, t.emoji, t.color) for t in await shop.all(Tag)} == {("vip", "", ""), ("lead", "", "")}

"""What networks with dialogs and pages of their own ask the counter for; and deletions, where they are told of."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hub.admin_bot.forms import Form, filled
from hub.admin_bot.heard import Pressed, Spot, TookAway, Wrote
from hub.admin_bot.overview import Overview, Whose
from hub.domain.ids import PostId, new_id
from hub.domain.models import Category, Message, Tag
from hub.domain.text import Text
from hub.errors import NotAllowed, NotFound, Stale
from tests.admin_bot.counter_desk import TOKEN, Shop, Topic, Who, photo


def line(shop: Shop, who: Who, words: str, spot: Spot, version: int = 0) -> Pressed:
    return Pressed(
        update=new_id(), asker=who.asker, spot=spot, at=shop.now, post=PostId("1"), line=words, version=version
    )


async def form(shop: Shop, who: Who, words: str, spot: Spot, version: int = 0) -> Form | None:
    return await shop.counter.form(line(shop, who, words, spot, version))


async def furnished(shop: Shop) -> Topic:
    for name in ("Billing", "Bug"):
        await shop.private(shop.people["Mia"], f"/category add {name}")
    topic = await shop.arrive()
    await topic.say(shop.people["Bob Bright"], "/t +vip +new")
    await topic.say(shop.people["Bob Bright"], "/t -new")
    return topic


# -- forms -----------------------------------------------------------------------------------------------------------


async def test_a_form_is_made_of_the_commands_arguments(shop: Shop, bob: Who) -> None:
    """Filling it in says a line, so it does just what typing would do."""
    topic = await furnished(shop)
    made = await form(shop, bob, "close", topic.spot)
    assert made is not None
    assert [(f.name, f.kind, f.required) for f in made.fields] == [
        ("category", "choice", False),
        ("summary", "text", False),
    ]
    assert [o.label for o in made.fields[0].options] == ["Billing", "Bug"]
    bug = next(c.id for c in await shop.all(Category) if c.name == "Bug")
    said = filled(made, {"category": [bug], "summary": ["Refunded order 7"]})
    assert said == f"close #1 {bug} Refunded order 7"
    await shop.hear(line(shop, bob, said, topic.spot, made.version))
    closed = await topic.conversation()
    assert (closed.state, closed.category, closed.summary) == ("closed", bug, "Refunded order 7")


async def test_what_is_left_out_leaves_no_hole(shop: Shop, bob: Who) -> None:
    """A summary alone is not taken for a category; nothing filled in is the bare line, which is harmless."""
    topic = await furnished(shop)
    made = await form(shop, bob, "close 1", shop.own(bob))
    assert made is not None
    assert filled(made, {}) == "close #1"
    assert filled(made, {"category": [" "], "summary": ["bug fixed"]}) == "close #1 - bug fixed"
    await shop.hear(line(shop, bob, filled(made, {"summary": ["bug fixed"]}), topic.spot))
    closed = await topic.conversation()
    assert (closed.category, closed.summary) == ("", "bug fixed")


async def test_the_other_kinds_of_fields(shop: Shop, bob: Who) -> None:
    """Colleagues and nobody; tags as they are now, of which those taken away are taken off."""
    topic = await furnished(shop)
    whom = await form(shop, bob, "assign", topic.spot)
    assert whom is not None
    assert [o.label for o in whom.fields[0].options] == ["Me", "Mia", "Olivia Orr", "Zoe", "Nobody"]
    tags = await form(shop, bob, "tag", topic.spot)
    assert tags is not None
    ids = {t.name: t.id for t in await shop.all(Tag)}
    assert tags.fields[0].chosen == (ids["vip"],)
    said = filled(tags, {"tags": [ids["new"]]})
    await shop.hear(line(shop, bob, said, topic.spot))
    assert (await topic.person()).tags == [ids["new"]]
    note = await form(shop, bob, "note", topic.spot)
    assert note is not None
    assert filled(note, {"text": ["look at it"]}) == "note #1 look at it"


async def test_a_form_is_refused_as_its_line_would_be(shop: Shop, bob: Who, mallory: Who) -> None:
    """Strangers, no conversation, one that has changed; what has no fields has no form."""
    topic = await furnished(shop)
    with pytest.raises(NotAllowed):
        await form(shop, mallory, "close", topic.spot)
    with pytest.raises(NotFound):
        await form(shop, bob, "close", shop.spot())
    with pytest.raises(Stale):
        await form(shop, bob, "close 1", topic.spot, version=99)
    assert await form(shop, bob, "take", topic.spot) is None
    assert await form(shop, bob, "desk", topic.spot) is None
    assert await form(shop, mallory, "close", shop.own(mallory)) is None


async def test_a_colleague_may_be_named_by_account(shop: Shop, bob: Who, zoe: Who) -> None:
    """Where a network lets one pick people, it gives their accounts."""
    topic = await shop.arrive()
    await shop.hear(line(shop, bob, f"assign 1 {zoe.asker.identity}", topic.spot))
    assert (await topic.conversation()).assignee == zoe.user


# -- the overview ----------------------------------------------------------------------------------------------------


async def look(shop: Shop, who: Who, whose: Whose) -> Overview | None:
    return await shop.counter.overview(line(shop, who, "", shop.own(who)), whose)


async def test_the_overview(shop: Shop, bob: Who, zoe: Who, mallory: Who) -> None:
    """Who waits longest is first; mine are those I have, waiting or not; strangers see nothing."""
    first = await shop.arrive("Tom")
    shop.later(minutes=3)
    second = await shop.arrive("Ann")
    await first.say(bob, "/take")
    await second.say(bob, "/a zoe")
    shop.later(minutes=1)
    await shop.arrive("Kim")

    async def names(who: Who, whose: Whose) -> list[tuple[str, str]]:
        found = await look(shop, who, whose)
        assert found is not None
        assert found.total == len(found.rows)
        return [(r.name, r.assignee) for r in found.rows]

    assert await names(bob, "waiting") == [("Tom", "Bob Bright"), ("Ann", "Zoe"), ("Kim", "")]
    assert await names(bob, "unassigned") == [("Kim", "")]
    await first.say(bob, "It left today.")
    assert await names(bob, "mine") == [("Tom", "Bob Bright")]
    assert await names(zoe, "mine") == [("Ann", "Zoe")]
    assert await look(shop, mallory, "waiting") is None


# -- whispering ------------------------------------------------------------------------------------------------------


async def test_what_is_whispered_may_hold_a_secret_anywhere(shop: Shop, mia: Who, mallory: Who) -> None:
    """In a group that is no desk, too: all that a private chat can do."""
    elsewhere = msgspec.structs.replace(shop.spot(chat="-999"), whispered=True)
    answer = await shop.say(mia, "/inbox", elsewhere)
    assert answer.reply is not None
    assert answer.reply.template == "inbox"
    at_home = msgspec.structs.replace(shop.spot(), whispered=True)
    for spot in (elsewhere, at_home):
        answer = await shop.say(mia, f"/channel connect telegram {TOKEN}", spot)
        assert answer.reply is not None
        assert answer.reply.template == "channel_connected"
    answer = await shop.say(mallory, "/inbox", elsewhere)
    assert answer.reply is not None
    assert answer.reply.template in ("welcome", "refused")


async def test_outsiders_write_to_nobody(shop: Shop, bob: Who) -> None:
    """People of another organization sit in the desk's chat: what they write stays there, and they are told."""
    topic = await shop.arrive()
    asker = msgspec.structs.replace(bob.asker, writer="outsider")
    answer = await topic.say(bob, "hello there", asker=asker)
    assert answer.reply is not None
    assert answer.reply.template == "not_sent"
    assert await shop.nothing_left()


# -- deleting --------------------------------------------------------------------------------------------------------


async def take_away(shop: Shop, who: Who, post: PostId, topic: Topic) -> Any:
    heard = TookAway(update=new_id(), asker=who.asker, spot=topic.spot, at=shop.now, post=post)
    return (await shop.hear(heard)).reply


async def test_deleting_a_reply_takes_it_back(shop: Shop, bob: Who, zoe: Who) -> None:
    """One's own, once; a note is just a note."""
    topic = await shop.arrive()
    post, _ = await topic.post(bob, "It left today.")
    assert await take_away(shop, zoe, post, topic) is None
    said = await take_away(shop, bob, post, topic)
    assert (said.template, said.data["words"]) == ("unsent", "It left today.")
    (message,) = await shop.out()
    assert message.state == "unsent"
    assert await take_away(shop, bob, post, topic) is None
    note, _ = await topic.post(bob, "//secret", attachments=photo())
    assert await take_away(shop, bob, note, topic) is None
    assert len(await shop.all(Message, direction="out")) == 1


async def test_deleting_where_nothing_can_be_taken_back_is_told(shop: Shop, bob: Who) -> None:
    """The contact has it; the agent must know."""
    topic = await shop.arrive()
    post, _ = await topic.post(bob, "It left today.")
    message = (await shop.out())[0]

    async def sent(tx: Any) -> None:
        kept = await tx.get(Message, message.id)
        kept.state = "sent"

    await shop.run(sent)
    shop.can_unsend = False
    said = await take_away(shop, bob, post, topic)
    assert said.template == "refused"
    assert "cannot take messages back" in said.data["text"]


async def test_wrote_is_a_form_too(shop: Shop, bob: Who) -> None:
    """A line that was typed opens the same form as a button."""
    topic = await furnished(shop)
    heard = Wrote(update=new_id(), asker=bob.asker, spot=topic.spot, at=shop.now, post=PostId("9"), text=Text("!close"))
    made = await shop.counter.form(heard)
    assert made is not None
    assert made.line == "close #1"

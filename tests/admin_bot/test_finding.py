"""Dialogs: filters, saved inboxes and segments, contacts by name and number, what was said; and who sees which hits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.domain.ids import TeamId, UserId
from hub.domain.models import Contact, Conversation, Field, Limit, Member, Recent, SavedFilter, Tag, Team
from hub.domain.ports import Cond, Query, Tx
from hub.store import Store
from tests.admin_bot.counter_desk import Shop, Topic, Who, button, buttons


async def change(shop: Shop, topic: Topic, **fields: Any) -> None:
    """The contact's card says this."""

    async def deed(tx: Tx) -> None:
        contact = await tx.get(Contact, topic.contact)
        assert contact is not None
        for field, value in fields.items():
            setattr(contact, field, value)

    await shop.run(deed)


async def add(shop: Shop, *items: Any) -> None:
    async def deed(tx: Tx) -> None:
        for item in items:
            tx.add(item)

    await shop.run(deed)


async def limit(shop: Shop, who: Who, *limits: Limit) -> None:
    async def deed(tx: Tx) -> None:
        member = await tx.get(Member, who.user)
        assert member is not None
        member.limits = list(limits)

    await shop.run(deed)


async def lines(shop: Shop, who: Who, line: str) -> list[str]:
    """The names and numbers of what a line finds."""
    answer = await shop.private(who, line)
    assert answer.reply is not None
    assert "lines" in answer.reply.data, shop.said()
    found = answer.reply.data["lines"]
    assert isinstance(found, list)
    return [f"{each['name']}" for each in found]


async def furnish(shop: Shop) -> None:
    """Ann, a vip of Bob's; Ben, nobody's; Cleo, whose conversation is closed; Dora, who waits for three hours."""
    bob = shop.people["Bob Bright"]
    await add(shop, Tag(id="vip1", name="vip"), Tag(id="old1", name="Old friend"))
    await add(shop, Field(id="plan", name="Plan", kind="text"), Field(id="age", name="Age", kind="number"))
    await add(shop, Team(id=TeamId("sales"), name="Sales"))
    shop.later(hours=-3)
    dora = await shop.arrive("Dora", "still nothing")
    shop.later(hours=3)
    topics = {name: await shop.arrive(name, f"hello from {name}") for name in ("Ann", "Ben", "Cleo")}
    await topics["Ann"].say(bob, "/take")
    await topics["Cleo"].say(bob, "/close done")
    await change(shop, topics["Ann"], tags=["vip1"], phone="+4915112345678", email="Ann@shop.example", country="DE")
    await change(shop, topics["Ben"], tags=["old1"], fields={"plan": "Gold", "age": 41}, last_name="Bauer")
    await change(shop, dora, tags=["vip1", "old1"], fields={"plan": "Silver", "age": 7.5})


@pytest.fixture(scope="module")
async def town(counter_store: Store) -> Shop:
    """A shop with four contacts, for tests that change nothing."""
    shop = Shop(counter_store)
    await shop.set_up()
    shop.later(hours=max(0, 4 - shop.now.hour))  # so that three hours ago was today
    await furnish(shop)
    return shop


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("tag:vip", "Dora Ann"),
        ("tag:vip assignee:none waiting>2h", "Dora"),
        ("tag:vip assignee:none waiting>2h channel:telegram", "Dora"),
        ("assignee:bob", "Ann"),
        ("mine", "Ann"),
        ("-mine", "Dora Ben"),
        ("unassigned", "Dora Ben"),
        ("(tag:vip or plan:gold) -assignee:me", "Dora Ben"),
        ("tag:old_friend", "Dora Ben"),
        ("tag:none", ""),
        ("tag:none is:any", "Cleo"),
        ("is:closed", "Cleo"),
        ("closed:today", "Cleo"),
        ("closed<1h", "Cleo"),
        ("closed>1h", ""),
        ("waiting>4h", ""),
        ("waiting<1h", "Ann Ben"),
        ("waiting:no", ""),
        ("opened>1h", "Dora"),
        ("plan:gold,silver", "Dora Ben"),
        ("plan:none", "Ann"),
        ("age>40", "Ben"),
        ("age<=41 age>7", "Dora Ben"),
        ("bau", "Ben"),
        ("phone:12345", "Ann"),
        ("email:ann@SHOP.example", "Ann"),
        ("country:de", "Ann"),
        ("country:Germany", "Ann"),
        ("country:no", ""),
        ("country:none", "Dora Ben"),
        ("dora or ann", "Dora Ann"),
        ("number:1", "Dora"),
        ("all sort:new", "Ben Ann Dora"),
        ("is:open sort:waiting", "Dora Ann Ben"),
    ],
)
async def test_filters(town: Shop, line: str, names: str) -> None:
    """A filter finds the conversations that it says, the oldest open ones first, the newest of all others."""
    found = await lines(town, town.people["Bob Bright"], f"/filter {line}")
    assert found == [n.replace("Ben", "Ben Bauer") for n in names.split()], line


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("", "Cleo Ben Ann Dora"),
        ("an", "Ann"),
        ("1511 2345678", "Ann"),
        ("4915112345678", "Ann"),
        ("+49151", "Ann"),
        ("ann@shop.example", "Ann"),
        ("ann@shop", ""),
        ("tag:vip", "Ann Dora"),
        ("tag:vip sort:name", "Ann Dora"),
        ("plan:gold or -is:open", "Cleo Ben"),
        ("channel:shop_bot -tag:none", "Ben Ann Dora"),
        ("seen<1h", "Cleo Ben Ann"),
        ("seen:today", "Cleo Ben Ann Dora"),
        ("waiting>2h", "Dora"),
        ("is:closed", "Cleo"),
        ("assignee:bob", "Ann"),
        ("created:today sort:old", "Dora Ann Ben Cleo"),
        ("blocked", ""),
        ("team:sales", ""),
    ],
)
async def test_contacts(town: Shop, line: str, names: str) -> None:
    """Contacts are found by part of a name or number, by a whole e-mail address, and by filters, the newest first."""
    found = await lines(town, town.people["Bob Bright"], f"/contacts {line}")
    assert found == [n.replace("Ben", "Ben Bauer") for n in names.split()], line


@pytest.mark.parametrize(
    ("line", "text", "under"),
    [
        ("tag:vp waiting>2h", "There is no tag “vp”. Did you mean vip?", "vp"),
        ("tga:vip", "There is no key “tga”. Did you mean tag or team?", "tga"),
        ("mine (tag:vip", "This bracket is never closed.", "("),
        ("mine tag:vip)", "This bracket closes nothing", ")"),
        ("assignee:bobby", "There is no colleague “bobby”.", "bobby"),
        ("waiting>soon", "“soon” is no time that I know.", "soon"),
        ("waiting:2h", "Write waiting>2h", "waiting:2h"),
        ("is:opne", "“opne” is no state. Did you mean open?", "opne"),
        ("age>old", "Age is a number", "old"),
        ("plan>gold", "Plan has no order", "plan>gold"),
        ("tag>vip", "“tag” is compared with a colon", "tag>vip"),
        ("-(sort:new)", "outside of brackets", "sort:new"),
        ("sort:size", "They can be sorted by old or new", "size"),
        ("mine or", "Something is missing after “or”.", "^"),
        ("channel:fax", "There is no channel “fax”.", "fax"),
        ("inbox:none", "Write the name of the inbox", "inbox:none"),
        ("phone:12", "at least 3 digits", "12"),
    ],
)
async def test_mistakes_are_pointed_at(town: Shop, line: str, text: str, under: str) -> None:
    """What is wrong in a filter is said, and marked where it stands in it."""
    answer = await town.private(town.people["Bob Bright"], f"/filter {line}")
    assert answer.reply is not None
    assert answer.reply.template == "filter_mistake"
    assert text in str(answer.reply.data["text"])
    above, below = str(answer.reply.data["pointed"]).split("\n")
    start, end = below.index("^"), len(below)
    assert above[start:end] == under or (under == "^" and start >= len(above)), (above, below)


# -- saved ones ------------------------------------------------------------------------------------------------------


async def test_saving_sharing_and_using(shop: Shop, bob: Who, zoe: Who, mia: Who) -> None:
    """A saved filter is its maker's until they share it; each reads it with their own eyes, and only the maker changes
    it.
    """
    await furnish(shop)
    await shop.private(bob, "/filter save big (tag:vip or plan:gold) -assignee:me")
    assert "Inbox big is saved: (tag:vip or plan:gold) -assignee:me" in shop.said()
    assert await lines(shop, bob, "/inbox big") == ["Dora", "Ben Bauer"]
    await shop.private(zoe, "/inbox big")
    assert "There is no inbox “big”." in shop.said()
    await shop.private(zoe, "/filter share big public")
    assert "No filter is called “big”." in shop.said()
    await shop.private(bob, "/filter share big zoe")
    assert "big is shared with Zoe" in shop.said()
    assert await lines(shop, zoe, "/inbox big") == ["Dora", "Ann", "Ben Bauer"], "Ann is Bob's and not Zoe's"
    assert await lines(shop, zoe, "/filter inbox:big plan:gold") == ["Ben Bauer"]
    await shop.private(zoe, "/filter rename big huge")
    assert "big is not yours: Bob Bright, who made it, can change it." in shop.said()
    await shop.private(mia, "/inbox big")
    assert "There is no inbox “big”." in shop.said()
    await shop.private(bob, "/filter rename big huge")
    await shop.private(bob, "/filter share huge public")
    assert await lines(shop, mia, "/inbox huge") == ["Dora", "Ann", "Ben Bauer"]
    await shop.private(mia, "/filter save huge tag:vip")
    assert "There is an inbox called huge already." in shop.said()
    await shop.private(bob, "/filter remove huge")
    assert "huge is removed" in shop.said()
    assert await shop.all(SavedFilter) == []


async def test_two_save_under_one_name_at_once(shop: Shop, bob: Who, zoe: Who) -> None:
    """Of two who choose the same name in the same instant one has it, and the other is told."""
    before = len(shop.replies)
    await asyncio.gather(*(shop.private(who, "/filter save big mine sort:new") for who in (bob, zoe)))
    assert sorted(reply.template for reply in shop.replies[before:]) == ["filter_changed", "refused"]
    (saved,) = await shop.all(SavedFilter)
    maker, other = (bob, zoe) if saved.owner == bob.user else (zoe, bob)
    await shop.private(other, "/filter save big unassigned")
    assert "There is an inbox called big already." in shop.said()
    await shop.private(maker, "/filter rename big BIG")
    assert [f.name for f in await shop.all(SavedFilter)] == ["BIG"]


async def test_saved_by_a_button(shop: Shop, bob: Who) -> None:
    """Under what a filter finds, a button saves it: the name is asked for, and may be of several words."""
    await furnish(shop)
    answer = await shop.private(bob, "/contacts tag:vip country:de")
    await shop.press(bob, button(answer, "Save as a segment"), shop.own(bob))
    assert "How is the segment to be called?" in shop.said()
    await shop.private(bob, "German vips")
    assert "Segment German vips is saved: tag:vip country:de" in shop.said()
    assert await lines(shop, bob, "/contacts segment:german_vips") == ["Ann"]
    assert await lines(shop, bob, "/filter segment:german") == ["Ann"]
    answer = await shop.private(bob, "/filter")
    assert "German vips: tag:vip country:de" in shop.said()
    await shop.press(bob, button(answer, "German vips"), shop.own(bob))
    assert "Ann" in shop.said()


async def test_a_filter_that_leads_to_itself(shop: Shop, bob: Who) -> None:
    """A saved filter may use others; one that leads to itself is pointed at and not followed for ever."""
    await shop.private(bob, "/filter save one mine")
    await shop.private(bob, "/filter save two inbox:one")
    await shop.private(bob, "/filter save one inbox:two")
    await shop.private(bob, "/inbox two")
    assert "leads to itself" in shop.said()


async def test_names_that_mean_something_else(shop: Shop, bob: Who) -> None:
    """A saved filter is not called as an inbox that everybody has, nor with the language's own signs."""
    for name in ("mine", "closed", "a:b"):
        await shop.private(bob, f"/filter save {name} tag:none")
        assert "means something else already" in shop.said()
    await shop.private(bob, "/filter save lonely")
    assert "Write a name of one word, and the filter behind it" in shop.said()


async def test_pages_of_a_long_filter(shop: Shop, bob: Who) -> None:
    """A filter that no button has room for turns its pages all the same."""
    for n in range(9):
        await shop.receive(f"Contact{n}", "hello")
    long = " or ".join(f"name:contact{n}" for n in range(9))
    answer = await shop.private(bob, f"/filter {long}")
    answer = await shop.press(bob, button(answer, "▸"), shop.own(bob))
    assert answer.redraw
    assert "Contact8" in shop.said()
    assert f"🔎 {long[:20]}"[2:] in shop.said()
    await shop.press(bob, button(answer, "◂"), shop.own(bob))
    assert "Contact0" in shop.said()
    assert [key for each in await shop.all(Recent) for key in each.texts]


async def test_the_inboxes_that_everybody_has(shop: Shop, bob: Who) -> None:
    """All, mine, unassigned, a team's, blocked, snoozed, closed; each with more conditions behind it."""
    await furnish(shop)
    assert await lines(shop, bob, "/inbox unassigned tag:vip") == ["Dora"]
    assert await lines(shop, bob, "/inbox mine") == ["Ann"]
    assert await lines(shop, bob, "/inbox team sales") == []
    assert shop.said().startswith("📥 Team Sales, open: 0")
    assert await lines(shop, bob, "/inbox sales closed") == []
    assert await lines(shop, bob, "/inbox snoozed") == []
    assert await lines(shop, bob, "/inbox blocked") == []
    assert shop.said().startswith("👥 Blocked contacts: 0")
    assert await lines(shop, bob, "/inbox closed") == ["Cleo"]
    assert await lines(shop, bob, "/inbox all sort:new") == ["Ben Bauer", "Ann", "Dora"]


# -- what was said ---------------------------------------------------------------------------------------------------

STORY = "Good morning, I bought two lamps in October and would like a refund for the broken one, please answer soon"


async def test_find(shop: Shop, bob: Who) -> None:
    """Hits are the newest first, with twelve words around, who said it, and a link to the post that shows it."""
    ann = await shop.arrive("Ann", STORY)
    await ann.say(bob, "The refund is on its way")
    await ann.say(bob, "//refunds are slow this week, says Mia")
    ben = await shop.arrive("Ben", "Where is my order?")
    answer = await shop.say(bob, "/find refund")
    assert [line["text"] for line in answer.reply.data["lines"]] == [  # type: ignore[union-attr, index]
        "The refund is on its way",
        "… October and would like a refund for the broken one, please answer …",
    ]
    assert f"https://desk.example/{shop.chat}/{ann.thread}/{ann.relay}" in shop.drawn[-1]
    assert "Ann #1 · Bob Bright" in shop.said()
    assert await lines(shop, bob, "/find refu") == ["Ann", "Ann", "Ann"], "the beginning of a word, where nobody has it"
    assert await lines(shop, bob, "/find refunds in:notes") == ["Ann"]
    assert await lines(shop, bob, "/find refund from:bob") == ["Ann"]
    assert await lines(shop, bob, "/find refund from:contact") == ["Ann"]
    assert await lines(shop, bob, "/find order from:ben") == ["Ben"]
    assert await lines(shop, bob, "/find refund since:yesterday until:1h") == []
    assert await lines(shop, bob, "/find LAMPS Refund since:today") == ["Ann"]
    assert await lines(shop, bob, "/find from:bob") == ["Ann", "Ann"]
    await ben.say(bob, "/find refund in:here")
    assert "Nobody said that" in shop.said()
    await ann.say(bob, "/find refund in:here")
    assert "October" in shop.said()
    await shop.private(bob, "/find to")
    assert "It has three letters or more" in shop.said()
    await shop.private(bob, "/find refund since:never")
    assert "“never” is no time" in shop.said()


async def test_find_older_ones(shop: Shop, bob: Who) -> None:
    """Five at a time; older ones by a button, in the same place."""
    for n in range(7):
        await shop.receive("Ann", f"refund number {n}")
    answer = await shop.private(bob, "/find refund")
    assert "number 6" in shop.said()
    answer = await shop.press(bob, button(answer, "Older ▸"), shop.own(bob))
    assert answer.redraw
    assert "number 1" in shop.said()
    assert "number 2" not in shop.said()
    assert [b.label for b in buttons(answer)] == ["◂ Newer"]


async def test_edited_words_are_found_and_old_ones_not(shop: Shop, bob: Who) -> None:
    """A note that was edited is found by what it says now."""
    ann = await shop.arrive()
    post, _ = await ann.post(bob, "//check the invoice")
    await shop.edit(bob, post, "//check the receipt", ann.spot)
    assert await lines(shop, bob, "/find receipt") == ["Ann"]
    assert await lines(shop, bob, "/find invoice") == []


# -- who sees what ---------------------------------------------------------------------------------------------------


async def test_limits_hold_for_every_hit(shop: Shop, bob: Who) -> None:
    """Who sees their own contacts only finds no others: by no filter, in no inbox, by no word that others said."""
    await furnish(shop)
    await limit(shop, bob, "own")
    assert await lines(shop, bob, "/inbox") == ["Ann"]
    assert await lines(shop, bob, "/inbox unassigned") == []
    assert await lines(shop, bob, "/filter tag:vip or is:closed") == ["Ann"]
    assert await lines(shop, bob, "/filter -mine") == []
    assert await lines(shop, bob, "/contacts") == ["Ann"]
    assert await lines(shop, bob, "/contacts dora") == []
    assert await lines(shop, bob, "/contacts -tag:vip or tag:vip") == ["Ann"]
    assert await lines(shop, bob, "/find hello") == ["Ann"]
    assert await lines(shop, bob, "/find from:dora") == []


async def test_a_teams_own_contacts(shop: Shop, bob: Who) -> None:
    """Who sees their team's contacts only finds those and their own."""
    await furnish(shop)
    await limit(shop, bob, "team")

    async def deed(tx: Tx) -> None:
        team = await tx.get(Team, "sales")
        assert team is not None
        team.members = [UserId(bob.user)]
        for conversation in await tx.query(Conversation, Query(where={"live": Cond("gt", "")})):
            contact = await tx.get(Contact, conversation.contact)
            if contact is not None and contact.first_name == "Ben":
                conversation.team = contact.team = TeamId("sales")

    await shop.run(deed)
    shop.store.workspace(shop.workspace.id)
    assert await lines(shop, bob, "/inbox") == ["Ann", "Ben Bauer"]
    assert await lines(shop, bob, "/filter team:mine") == ["Ben Bauer"]
    assert await lines(shop, bob, "/contacts") == ["Ben Bauer", "Ann"]
    assert await lines(shop, bob, "/find hello") == ["Ben Bauer", "Ann"]


async def test_hidden_data_stays_hidden(shop: Shop, bob: Who) -> None:
    """Whose eyes personal data is hidden from neither reads it in a list nor finds out by looking for it."""
    await furnish(shop)
    await limit(shop, bob, "hidden")
    for line in ("/contacts phone:12345", "/contacts email:ann@shop.example", "/filter email:ann@shop.example"):
        await shop.private(bob, line)
        assert "hidden from you" in shop.said()
    assert await lines(shop, bob, "/contacts 4915112345678") == []
    assert await lines(shop, bob, "/contacts ann@shop.example") == []
    await shop.private(bob, "/contacts tag:vip")
    assert "•••" in shop.said()
    assert "12345678" not in shop.said()
    await shop.receive("Ann", "call me: +49 151 98765432")
    await shop.private(bob, "/find call")
    assert "98765432" not in shop.said()


@pytest.mark.parametrize(("budget", "ways"), [(3, ["/find refund"]), (3, ["/find refund from:ann since:today"])])
async def test_9_a_past_conversation_by_a_word(shop: Shop, bob: Who, budget: int, ways: list[str]) -> None:
    """From the open desk: one line, and one tap on the link of the hit, which leads to the very message; the hits are
    shown to who asked alone.
    """
    ann = await shop.arrive("Ann", STORY)
    await ann.say(bob, "/close done")
    answer = await shop.say(bob, ways[0])
    assert answer.reply is not None
    assert not answer.reply.lasting
    (hit,) = answer.reply.data["lines"]  # type: ignore[misc]
    assert hit["url"] == f"https://desk.example/{shop.chat}/{ann.thread}/{ann.relay}"  # type: ignore[index, call-overload]
    assert len(ways) + 1 <= budget

"""What agents with limits find, see and do: on the desk, in private, by line, by button and by plain words."""

from __future__ import annotations

import pytest

from hub.admin_bot.command import Command
from hub.admin_bot.heard import Asker, Pressed, TookAway
from hub.admin_bot.registry import commands
from hub.domain import limits
from hub.domain.ids import PostId, new_id
from hub.domain.models import Comment, Contact, Conversation, Limit, Member
from hub.domain.ports import Tx
from tests.admin_bot.counter_desk import Shop, Who, button, buttons


async def limit(shop: Shop, who: Who, *given: Limit) -> None:
    """The agent has these limits and no others."""

    async def deed(tx: Tx) -> None:
        member = await tx.get(Member, who.user)
        assert member is not None
        member.limits = [*given]

    await shop.run(deed)


async def known(shop: Shop, contact: str, **fields: str) -> None:
    async def deed(tx: Tx) -> None:
        found = await tx.get(Contact, contact)
        assert found is not None
        for name, value in fields.items():
            setattr(found, name, value)

    await shop.run(deed)


@pytest.mark.parametrize("which", ["own", "team"])
async def test_others_contacts_are_out_of_reach(shop: Shop, bob: Who, zoe: Who, which: Limit) -> None:
    """Neither listed nor shown nor changed, by number, in their topic or by a button; assigned by somebody, they are
    within reach.
    """
    await limit(shop, bob, which)
    hers, free = await shop.arrive("Hera", "mine is secret"), await shop.arrive("Fred", "take me")
    await hers.say(zoe, "/take")
    number = (await hers.conversation()).number
    for line in ("/inbox", "/inbox unassigned", "/inbox mine", "/next", "/inbox all closed"):
        await shop.private(bob, line)
        assert "Hera" not in shop.said(), line
        assert "Fred" not in shop.said(), line
    whose = "yours" if which == "own" else "your team's"
    refusal = f"#{number} is not {whose}, and you work on your own"
    for line in (
        f"/contact {number}",
        f"/history {number}",
        f"/take {number}",
        f"/note {number} hi",
        f"/show {number}",
    ):
        await shop.private(bob, line)
        assert refusal in shop.said(), line
    for topic in (hers, free):
        assert topic is hers or (await topic.conversation()).assignee is None
        await topic.say(bob, "/take")
        assert "is not your" in shop.said()
    waiting = (await free.conversation()).number
    await shop.press(bob, button(await shop.private(zoe, f"/show {waiting}"), "Take"), free.spot)
    assert "is not your" in shop.said()
    assert (await free.conversation()).assignee is None
    await free.say(zoe, "/assign bob")
    await free.say(bob, "I am here")
    assert [m.text.plain for m in await shop.out()] == ["I am here"]
    await shop.private(bob, "/inbox")
    assert "Fred" in shop.said()


async def test_plain_words_to_others_contacts_are_held(shop: Shop, bob: Who, zoe: Who) -> None:
    """In an unassigned topic, too; nothing leaves by the buttons under it before it is theirs. Notes are not kept."""
    await limit(shop, bob, "own")
    topic = await shop.arrive("Fred")
    answer = await topic.say(bob, "I can help")
    assert "this contact is not yours, and you answer your own contacts only" in shop.said()
    await topic.press(bob, button(answer, "Send to Fred"))
    assert "is not yours" in shop.said()
    await topic.press(bob, button(answer, "Keep as a note"))
    assert "is not yours" in shop.said()
    await topic.say(bob, "//he is odd")
    assert "Not kept: this contact is not yours" in shop.said()
    assert [c.text.plain for c in await shop.all(Comment)] == ["I can help"]
    assert await shop.nothing_left()
    await topic.say(zoe, "/assign bob")
    version = (await topic.conversation()).version
    held = next(b for b in buttons(answer) if "Send" in b.label)
    await topic.press(bob, type(held)(held.label, held.line, version, outward=True))
    assert [m.text.plain for m in await shop.out()] == ["I can help"]


async def test_a_reaction_to_others_contacts_does_not_reach_them(shop: Shop, bob: Who, zoe: Who) -> None:
    """It is no answer of theirs."""
    await limit(shop, bob, "own")
    topic = await shop.arrive("Fred")
    await shop.react(bob, topic.relay, "👍")
    assert await shop.nothing_left()
    await shop.react(zoe, topic.relay, "👍")
    assert not await shop.nothing_left()


async def test_merging_reaches_no_others(shop: Shop, bob: Who, zoe: Who) -> None:
    """A contact of a colleague's is neither offered nor merged."""
    await limit(shop, bob, "own")
    mine, hers = await shop.arrive("Fred"), await shop.arrive("Fred Smith")
    await mine.say(zoe, "/assign bob")
    number = (await hers.conversation()).number
    answer = await mine.say(bob, "/merge")
    assert buttons(answer) == []
    await mine.say(bob, f"/merge #{number}")
    assert f"#{number} is not yours" in shop.said()


async def test_nothing_is_deleted_for_good(shop: Shop, bob: Who) -> None:
    """Neither by /unsend nor by deleting one's own post; what was done just now can be undone all the same."""
    await limit(shop, bob, "no_deletion")
    topic = await shop.arrive("Fred")
    post, _ = await topic.post(bob, "first")
    await topic.say(bob, "/unsend")
    assert "/unsend deletes for good, which you may not. Ask a manager." in shop.said()
    await shop.hear(TookAway(update=new_id(), asker=bob.asker, spot=topic.spot, at=shop.now, post=post))
    assert "The contact still has it: taking back deletes for good, which you may not." in shop.said()
    assert [m.state for m in await shop.out()] == ["queued"]
    await topic.say(bob, "/undo")
    assert [m.state for m in await shop.out()] == ["unsent"]


async def test_personal_data_is_hidden(shop: Shop, bob: Who, zoe: Who) -> None:
    """What is shown to them alone has no address, number or user name in it, wherever it stands; others see it."""
    topic = await shop.arrive("Fred", "call +49 170 1234567 or fred@home.example")
    contact = topic.contact
    await known(shop, contact, phone="+491701234567", email="fred@home.example", username="freddy")
    secrets = ("1234567", "fred@home", "freddy")
    for line in ("/contact", "/history"):
        await topic.say(zoe, line)
        assert any(secret in shop.said() for secret in secrets), line
    await limit(shop, bob, "hidden")
    for line in ("/contact", "/history", "/inbox", "/next", "/show", "/more", "/merge", "/snippet", "/assign", "/tag"):
        await topic.say(bob, line)
        assert not any(secret in shop.said() for secret in secrets), line
        assert shop.replies[-1].template != "refused" or line == "/show", line
    await topic.say(bob, "/contact")
    assert "•••" in shop.said()
    await known(shop, contact, first_name="")
    answer = await topic.say(bob, "/inbox")
    assert "freddy" not in shop.said()
    assert not any("freddy" in b.label for b in buttons(answer))


async def test_the_overview_is_limited_alike(shop: Shop, bob: Who, zoe: Who) -> None:
    """A network's own page shows what /inbox shows."""
    topic, other = await shop.arrive("Fred", "I am fred@home.example"), await shop.arrive("Hera")
    await topic.say(zoe, "/assign bob")
    await other.say(zoe, "/take")
    heard = Pressed(update="u", asker=bob.asker, spot=shop.own(bob), at=shop.now, post=PostId("1"), line="", version=0)
    await limit(shop, bob, "own", "hidden")
    for whose, names in (("waiting", ["Fred"]), ("mine", ["Fred"]), ("unassigned", [])):
        seen = await shop.counter.overview(heard, whose)  # type: ignore[arg-type]
        assert seen is not None
        assert [row.name for row in seen.rows] == names
        assert not any("fred@" in row.text for row in seen.rows)


LINES = {
    "assign": "assign {n} me",
    "take": "take {n}",
    "close": "close {n} done",
    "reopen": "reopen {n}",
    "via": "via {n}",
    "note": "note {n} hi",
    "snippet": "snippet {n} hello",
    "deliver": "deliver {n} x y",
    "unsend": "unsend {n}",
    "tag": "tag {n} +vip",
    "contact": "contact {n}",
    "history": "history {n}",
    "merge": "merge {n}",
    "unite": "unite {n} {n}",
    "unmerge": "unmerge {n}",
    "summary": "summary {n}",
    "show": "show {n}",
    "more": "more {n}",
    "snooze": "snooze {n}",
    "reply": "reply {n} hi",
    "later": "later {n} 2h hi",
    "timeline": "timeline {n}",
    "field": "field {n}",
    "fieldpage": "fieldpage {n} 1",
    "block": "block {n} 7d",
    "unblock": "unblock {n}",
}


@pytest.mark.parametrize("command", [c for c in commands() if c.about != "nothing"], ids=lambda c: c.name)
async def test_no_command_reaches_others_contacts(standing_shop: Shop, command: Command) -> None:
    """Each that is about a conversation refuses one that is not theirs, says nothing of it, and changes nothing."""
    shop = standing_shop
    bob = shop.people["Bob Bright"]
    await limit(shop, bob, "own")
    topic = await shop.arrive(f"Hidden {command.name}", "unheard of")
    before = await topic.conversation()
    assert command.name in LINES, "a new command about a conversation is tried here, too"
    for place in (shop.own(bob), topic.spot):
        await shop.say(bob, "/" + LINES[command.name].format(n=f"#{before.number}"), place)
        assert f"#{before.number} is not yours" in shop.said()
        assert "Hidden" not in shop.said()
    assert await shop.workspace.get(Conversation, before.id) == before


def test_what_is_masked() -> None:
    """Addresses, numbers and names on a network; neither moments nor numbers of conversations, nor what is ours."""
    told = {
        "email": "a@b.example",
        "text": "call +49 (170) 123-4567, a.b@c.example, @fred_x; #1234567 on 2026-11-21, 12345",
        "at": "2026-11-21T13:57:16.123000+00:00",
        "rows": [{"username": "fred", "channel": "@shop_bot"}],
        "count": 12345678,
    }
    assert limits.masked(told) == {
        "email": "•••",
        "text": "call •••, •••, •••; #1234567 on •••, 12345",
        "at": "2026-11-21T13:57:16.123000+00:00",
        "rows": [{"username": "•••", "channel": "@shop_bot"}],
        "count": 12345678,
    }


def test_only_agents_have_limits() -> None:
    """A manager's or owner's record with limits left on it is not held to them."""
    member = Member(id="m", role="manager", name="M", limits=[*limits.LIMITS])  # type: ignore[arg-type]
    assert not limits.limited(member)
    assert not limits.hides(member)
    assert limits.barred(member, limits.LIMITS) == ""
    assert Asker(identity="x:1", name="x").writer == "person"  # type: ignore[arg-type]


async def test_a_team_limit_reaches_the_inboxes_of_ones_teams(shop: Shop, bob: Who, zoe: Who, mia: Who) -> None:
    """What is in the inbox of a team of theirs is listed, shown, taken and answered, also when a teammate has it; other
    teams' and nobody's are not. Out of the team, nothing of it is.
    """
    await limit(shop, bob, "team")
    await shop.private(mia, "/team create Sales")
    await shop.private(mia, "/team create Support")
    await shop.private(mia, "/team add Sales Bob")
    ours, theirs, free = [await shop.arrive(name) for name in ("Fred", "Hera", "Nina")]
    await ours.say(zoe, "/assign sales")
    await theirs.say(zoe, "/assign support")
    await shop.private(bob, "/next")
    assert "Fred" in shop.said()
    await shop.private(bob, "/inbox")
    assert "Fred" in shop.said()
    assert not {"Hera", "Nina"} & {*shop.said().split()}
    for line in ("/next support", "/next"):
        await theirs.say(zoe, "/undo")
        await theirs.say(zoe, "/assign support")
        await shop.private(bob, line)
        assert "Hera" not in shop.said()
    await free.say(bob, "/take")
    assert "is not your team's" in shop.said()
    await ours.say(bob, "/take")
    await ours.say(bob, "I am here")
    assert [m.text.plain for m in await shop.out()] == ["I am here"]
    await ours.say(zoe, "/assign zoe")
    await ours.say(bob, "//she knows him")
    assert [c.text.plain for c in await shop.all(Comment)] == ["she knows him"]
    await shop.private(mia, "/team remove Sales Bob")
    await ours.say(bob, "//and now")
    assert "Not kept: this contact is not your team's" in shop.said()

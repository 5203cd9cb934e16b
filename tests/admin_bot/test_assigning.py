"""Assigning: to teams, by rule, handed over, given back; who is there; and two who do it in the same instant."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from hub.domain.catalog import Assigning, Hours
from hub.domain.ids import TeamId, UserId
from hub.domain.models import Contact, Conversation, Event, Member, Preferences, Team
from hub.domain.ports import Tx
from hub.domain.work import Notify, Work
from hub.host import views
from hub.host.timekeeping import ring
from tests.admin_bot.counter_desk import Shop, Topic, Who, button, buttons


async def rule(shop: Shop, hours: Hours | None = None, **fields: Any) -> None:
    """How the workspace gives conversations. The owner is away."""

    async def deed(tx: Tx) -> None:
        olivia = await tx.get(Member, shop.people["Olivia Orr"].user)
        assert olivia is not None
        olivia.away = True
        preferences = await tx.get(Preferences, "preferences")
        assert preferences is not None
        preferences.assigning = Assigning(**fields)
        preferences.hours = hours or preferences.hours

    await shop.run(deed)


async def team(shop: Shop, name: str, *members: Who) -> TeamId:
    """A team, as a manager makes one."""
    mia = shop.people["Mia"]
    await shop.private(mia, f"/team create {name}")
    for who in members:
        await shop.private(mia, f"/team add {name} {who.asker.username}")
    return next(t.id for t in await shop.all(Team) if t.name == name)


async def here(shop: Shop, *who: Who) -> None:
    """They do something, so that they are there."""
    for each in who:
        await shop.private(each, "/whoami")


async def holder(shop: Shop, topic: Topic) -> str:
    found = await topic.conversation()
    return next((m.name for m in await shop.all(Member) if m.id == found.assignee), "")


async def holders(shop: Shop) -> Counter[str]:
    """How many open conversations each has."""
    names = {m.id: m.name for m in await shop.all(Member)}
    return Counter(names.get(c.assignee, "") for c in await shop.all(Conversation, state="open"))


async def assignments(shop: Shop) -> list[Event]:
    """The events of all, oldest first."""
    return [e for e in await shop.all(Event) if e.kind == "assigned"]


async def private_news(shop: Shop, who: Who) -> list[str]:
    """Templates of what is said to somebody in private, apart from answers."""
    return [
        w.task.reply.template for w in await shop.all(Work) if isinstance(w.task, Notify) and w.task.user == who.user
    ]


# -- teams -----------------------------------------------------------------------------------------------------------


async def test_to_a_team_and_back(shop: Shop, bob: Who, zoe: Who) -> None:
    """It is in the team's inbox and nobody has it; the next undo gives it back to who had it, out of the inbox."""
    sales = await team(shop, "Sales", zoe)
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/take")
    answer = await topic.say(bob, "/a sales")
    assert "is in Sales's inbox now; nobody has it yet" in shop.said()
    found, contact = await topic.conversation(), await topic.person()
    assert (found.team, found.assignee, contact.team) == (sales, None, sales)
    await topic.say(bob, "/a sales")
    assert "Sales has it already" in shop.said()
    await topic.press(bob, button(answer, "Undo"))
    assert "Bob Bright has #1 with Fred again" in shop.said()
    found, contact = await topic.conversation(), await topic.person()
    assert (found.team, contact.team, await holder(shop, topic)) == (None, None, "Bob Bright")


async def test_the_card_names_the_team(shop: Shop, bob: Who) -> None:
    """In whose inbox it is, beside who has it."""
    await team(shop, "Sales", bob)
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/assign sales")
    shown = await views.card(shop.workspace, await topic.person(), await topic.conversation())
    assert (shown.team, shown.assignee) == ("Sales", "")


async def test_out_of_a_team(shop: Shop, bob: Who, zoe: Who) -> None:
    """Nobody's stays in the inbox; once more, it is in no inbox. A user takes it without taking it from the team."""
    sales = await team(shop, "Sales", zoe)
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/assign Sales")
    await topic.say(zoe, "/take")
    assert (await topic.conversation()).team == sales
    await topic.say(zoe, "/assign -")
    assert "is in Sales's inbox now" in shop.said()
    await topic.say(zoe, "/assign -")
    assert "is nobody's now" in shop.said()
    assert (await topic.conversation()).team is None


async def test_a_contact_comes_back_to_their_team(shop: Shop, bob: Who, zoe: Who) -> None:
    """Who was a team's is again when they write after closing; of a team that is gone, nobody's."""
    sales = await team(shop, "Sales", zoe)
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/assign Sales")
    await topic.say(bob, "/close -")
    topic = await shop.arrive("Fred", "again")
    assert (await topic.conversation()).team == sales
    await topic.say(bob, "/close -")
    mia = shop.people["Mia"]
    answer = await shop.private(mia, "/team delete Sales")
    assert "0 open conversations leave its inbox" in shop.said()
    await shop.press(mia, button(answer, "Delete Sales"), shop.own(mia))
    assert await shop.all(Team) == []
    topic = await shop.arrive("Fred", "and again")
    assert (await topic.conversation()).team is None


async def test_deleting_a_team_empties_its_inbox(shop: Shop, bob: Who, mia: Who) -> None:
    """Whoever has a conversation keeps it; what nobody has is in the queue."""
    await team(shop, "Sales", bob)
    topics = [await shop.arrive(name) for name in ("Fred", "Hera")]
    for topic in topics:
        await topic.say(bob, "/assign sales")
    await topics[0].say(bob, "/take")
    answer = await shop.private(mia, "/team delete sal")
    await shop.press(mia, button(answer, "Delete Sales"), shop.own(mia))
    assert "The team Sales is gone; 2 open conversations left its inbox" in shop.said()
    assert [(c.team, c.assignee) for c in await shop.all(Conversation)] == [(None, bob.user), (None, None)]
    assert {c.team for c in await shop.all(Contact)} == {None}


async def test_a_team_on_which_a_rule_rests_stays(shop: Shop, bob: Who, mia: Who) -> None:
    """It is said what to change first."""
    sales = await team(shop, "Sales", bob)
    await rule(shop, rule="turn", team=sales)
    await shop.private(mia, "/team delete sales")
    assert "New conversations are given to Sales by rule" in shop.said()
    await rule(shop, back_minutes=5, back_team=sales)
    await shop.private(mia, "/team delete sales")
    assert "What is not answered goes back to Sales" in shop.said()


async def test_names_of_teams(shop: Shop, mia: Who, bob: Who) -> None:
    """One of several words is written as it is, or by its beginning; what would be mistaken for something else is
    refused; one that could be a colleague too is asked about by buttons.
    """
    await team(shop, "Big Sales")
    for name, words in {
        "big sales": "There is a team Big Sales already",
        "me": "means something else",
        "-x": "does not begin with",
        "7": "means something else",
        "x" * 41: "1 to 40 characters",
    }.items():
        await shop.private(mia, f"/team create {name}")
        assert words.casefold() in shop.said().casefold(), name
    topic = await shop.arrive("Fred")
    for line in ("/assign big sales", "/assign big", "/assign Big"):
        await topic.say(bob, line)
        assert "Big Sales" in shop.said()
        assert (await topic.conversation()).team is not None
    await shop.private(mia, "/team create Bob")
    answer = await topic.say(zoe := shop.people["Zoe"], "/assign bob")
    assert "could be several colleagues or teams" in shop.said()
    await topic.press(zoe, button(answer, "👥 Bob"))
    assert "Bob's inbox" in shop.said()
    await shop.private(mia, "/team rename big Small Sales")
    assert "is called Small Sales now, not Big Sales" in shop.said()
    await shop.private(mia, "/undo")
    assert sorted(t.name for t in await shop.all(Team)) == ["Big Sales", "Bob"]


async def test_whose_inbox_next_looks_into(shop: Shop, bob: Who, zoe: Who) -> None:
    """One's own, nobody's, and those of one's teams; another team's by its name alone; `take` claims at once."""
    await team(shop, "Sales", zoe)
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/assign sales")
    await shop.private(bob, "/next")
    assert "Nobody is waiting for you" in shop.said()
    assert "1 conversation waits in other teams' inboxes" in shop.said()
    await shop.private(bob, "/next sales")
    assert "Fred" in shop.said()
    answer = await shop.private(zoe, "/next take")
    assert "✋ Zoe" in shop.said()
    assert await holder(shop, topic) == "Zoe"
    await shop.press(zoe, button(answer, "Undo"), shop.own(zoe))
    assert await holder(shop, topic) == ""


async def test_whoever_leaves_the_workspace_leaves_its_teams(shop: Shop, bob: Who, zoe: Who, mia: Who) -> None:
    """And has no turn any more; what was theirs is given by rule."""
    await team(shop, "Sales", bob, zoe)
    await rule(shop, rule="turn")
    await here(shop, bob, zoe)
    topic = await shop.arrive("Fred")
    await topic.say(zoe, "/assign bob")
    await shop.private(mia, "/busy 1h")
    await shop.private(mia, "/remove bob now")
    (sales,) = await shop.all(Team)
    assert sales.members == [zoe.user]
    assert await holder(shop, topic) == "Zoe"


# -- by rule ---------------------------------------------------------------------------------------------------------


async def test_in_turn_among_those_who_are_there(shop: Shop, bob: Who, zoe: Who, mia: Who) -> None:
    """Each in their turn; who is busy or offline is passed over."""
    await rule(shop, rule="turn")
    await here(shop, bob, zoe, mia)
    await shop.private(mia, "/busy 2h")
    given = [await holder(shop, await shop.arrive(f"C{n}")) for n in range(4)]
    assert sorted(given[:2]) == ["Bob Bright", "Zoe"]
    assert given[2:] == given[:2]
    shop.later(minutes=31)
    await here(shop, bob)
    assert {await holder(shop, await shop.arrive(f"D{n}")) for n in range(2)} == {"Bob Bright"}
    shop.later(minutes=31)
    assert await holder(shop, await shop.arrive("E")) == "", "nobody is there, so it waits in the queue"


async def test_to_who_has_the_fewest(shop: Shop, bob: Who, zoe: Who) -> None:
    """Also of many who write in the same moment."""
    await rule(shop, rule="least")
    await here(shop, bob, zoe)
    for n in range(3):
        await (await shop.arrive(f"Old{n}")).say(bob, "/take")
    await here(shop, zoe)
    before = await holders(shop)
    await asyncio.gather(*(shop.receive(f"N{n}", "hello") for n in range(9)))
    after = await holders(shop)
    assert sum(after.values()) == 12
    assert abs(after["Bob Bright"] - after["Zoe"]) <= 1, (before, after)


async def test_a_cap_is_kept_and_filled(shop: Shop, bob: Who, zoe: Who, mia: Who) -> None:
    """Nobody is given more than their cap, whoever has one of their own; who closes one is given the next."""
    await rule(shop, rule="turn", cap=2)
    await shop.private(mia, "/cap zoe 1")
    assert "Zoe is given conversations by rule until 1 is open" in shop.said()
    await shop.private(mia, "/busy 3h")
    await here(shop, bob, zoe)
    topics = []
    for n in range(5):
        shop.later(seconds=1)
        topics.append(await shop.arrive(f"C{n}"))
    assert await holders(shop) == {"Bob Bright": 2, "Zoe": 1, "": 2}
    (mine,) = [t for t in topics if await holder(shop, t) == "Zoe"]
    await mine.say(zoe, "/close -")
    assert await holders(shop) == {"Bob Bright": 2, "Zoe": 1, "": 1}
    assert await holder(shop, topics[3]) == "Zoe", "who waited longest"
    await shop.private(mia, "/online")
    assert await holder(shop, topics[4]) == "Mia"


async def test_what_is_put_off_makes_room(shop: Shop, bob: Who) -> None:
    """Snoozing one, somebody at their cap is given the next; and the rule may give to who is offline, too."""
    await rule(shop, rule="least", cap=1, offline_too=True, team=await team(shop, "Sales", bob))
    first = await shop.arrive("Fred")
    shop.later(seconds=1)
    second = await shop.arrive("Hera")
    assert (await holder(shop, first), await holder(shop, second)) == ("Bob Bright", "")
    await first.say(bob, "/snooze 2h")
    assert await holder(shop, second) == "Bob Bright"


async def test_among_a_team(shop: Shop, bob: Who, zoe: Who) -> None:
    """A rule for a team gives to that team's members only, and leaves other teams' inboxes alone."""
    sales = await team(shop, "Sales", zoe)
    await team(shop, "Support", bob)
    await rule(shop, rule="turn", team=sales)
    await here(shop, bob, zoe)
    topic = await shop.arrive("Fred")
    assert await holder(shop, topic) == "Zoe"
    await topic.say(bob, "/assign support")
    assert await holder(shop, topic) == ""
    await rule(shop, rule="turn")
    topic = await shop.arrive("Hera")
    await topic.say(zoe, "/assign support")
    assert "It is Bob Bright's turn" in shop.said()
    assert await holder(shop, topic) == "Bob Bright"


async def test_letting_go_gives_it_to_another(shop: Shop, bob: Who, zoe: Who, mia: Who) -> None:
    """Not to who let go of it; and undo takes back both at once."""
    await rule(shop, rule="turn")
    await shop.private(mia, "/busy 1h")
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/take")
    await here(shop, zoe)
    answer = await topic.say(bob, "/assign -")
    assert "It is Zoe's turn" in shop.said()
    assert await holder(shop, topic) == "Zoe"
    await topic.press(bob, button(answer, "Undo"))
    assert await holder(shop, topic) == "Bob Bright"


async def test_what_an_agent_does_goes_before_the_rule(shop: Shop, bob: Who, zoe: Who) -> None:
    """Who keeps their assignee is given to nobody else, and what somebody answers is theirs."""
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/take")
    await topic.say(bob, "/close -")
    await rule(shop, rule="turn")
    await here(shop, zoe)
    assert await holder(shop, await shop.arrive("Fred", "again")) == "Bob Bright"


# -- handing over ----------------------------------------------------------------------------------------------------


async def test_whoever_goes_offline_hands_over(shop: Shop, bob: Who, zoe: Who) -> None:
    """What waits for them is given to others and told on the desk; what they answered stays theirs."""
    await rule(shop, rule="turn", hand_over=True)
    waits, answered = await shop.arrive("Fred"), await shop.arrive("Hera")
    await waits.say(bob, "/assign me")
    await answered.say(bob, "/assign me")
    await answered.say(bob, "I am here")
    shop.later(minutes=20)
    await here(shop, zoe)
    shop.later(minutes=11)
    await ring(shop.workspace, shop.now)
    assert (await holder(shop, waits), await holder(shop, answered)) == ("Zoe", "Bob Bright")
    tells = [w.task.reply for w in await shop.all(Work) if type(w.task).__name__ == "Tell"]
    assert [(t.data["before"], t.data["to"]) for t in tells if t.template == "passed_on"] == [("Bob Bright", "Zoe")]
    await shop.arrive("Hera", "one more thing")
    assert await holder(shop, answered) == "Zoe", "who writes to somebody offline is given to another"


async def test_outside_of_business_hours_nothing_is_handed_over(shop: Shop, bob: Who, zoe: Who) -> None:
    """People go home; what is theirs waits for them."""
    closed = Hours(week={shop.now.weekday(): (("0:00", "0:01"),)}, holidays=(f"{shop.now:%Y-%m-%d}",))
    await rule(shop, closed, rule="turn", hand_over=True)
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/take")
    shop.later(minutes=31)
    await here(shop, zoe)
    await ring(shop.workspace, shop.now)
    assert await holder(shop, topic) == "Bob Bright"


async def test_without_an_answer_it_goes_back(shop: Shop, bob: Who) -> None:
    """After so many minutes of waiting; an answer keeps it, and the next words of the contact begin the time anew."""
    await rule(shop, back_minutes=15)
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/take")
    shop.later(minutes=14)
    await ring(shop.workspace, shop.now)
    assert await holder(shop, topic) == "Bob Bright"
    await topic.say(bob, "One moment")
    shop.later(minutes=20)
    await ring(shop.workspace, shop.now)
    assert await holder(shop, topic) == "Bob Bright"
    await shop.arrive("Fred", "well?")
    shop.later(minutes=14)
    await ring(shop.workspace, shop.now)
    assert await holder(shop, topic) == "Bob Bright"
    shop.later(minutes=2)
    await ring(shop.workspace, shop.now)
    assert await holder(shop, topic) == ""
    events = [e.facts.get("why") for e in await assignments(shop)]
    assert events == [None, "silent"]


async def test_what_came_late_is_not_given_back_at_once(shop: Shop, bob: Who) -> None:
    """The time for answering begins when it could be answered, not when it was written while the hub was down."""
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/take")
    await topic.say(bob, "Here")
    await rule(shop, back_minutes=15)
    present = shop.now
    shop.now -= timedelta(hours=1)
    await shop.receive("Fred", "are you there?")
    shop.now = present
    await ring(shop.workspace, shop.now)
    assert await holder(shop, topic) == "Bob Bright"


async def test_it_goes_back_to_a_team(shop: Shop, bob: Who, zoe: Who) -> None:
    """In its inbox, and by rule to somebody else of it."""
    sales = await team(shop, "Sales", bob, zoe)
    await rule(shop, rule="turn", back_minutes=15, back_team=sales)
    await here(shop, bob, zoe)
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/assign bob")
    shop.later(minutes=16)
    await ring(shop.workspace, shop.now)
    assert (await holder(shop, topic), (await topic.conversation()).team) == ("Zoe", sales)


async def test_the_return_timer_counts_business_hours(shop: Shop, bob: Who) -> None:
    """A night between does not count."""
    now = shop.now + timedelta(days=1)
    week = dict.fromkeys(range(7), (("9:00", "17:00"),))
    await rule(shop, Hours(week=week), back_minutes=15)
    shop.now = now.replace(hour=16, minute=50)
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/take")
    shop.now = (now + timedelta(days=1)).replace(hour=9, minute=4)
    await ring(shop.workspace, shop.now)
    assert await holder(shop, topic) == "Bob Bright"
    shop.later(minutes=2)
    await ring(shop.workspace, shop.now)
    assert await holder(shop, topic) == ""


# -- who is there ----------------------------------------------------------------------------------------------------


async def member(shop: Shop, who: Who) -> Member:
    found = await shop.workspace.get(Member, who.user)
    assert found is not None
    return found


async def test_presence_by_what_they_do(shop: Shop, bob: Who) -> None:
    """A deed makes them online, and is written once a minute at most; after the workspace's time they are away."""
    await here(shop, bob)
    first = (await member(shop, bob)).seen_at
    shop.later(seconds=50)
    await here(shop, bob)
    assert (await member(shop, bob)).seen_at == first
    shop.later(seconds=20)
    await here(shop, bob)
    assert (await member(shop, bob)).seen_at == shop.now
    timers = [w for w in await shop.all(Work) if w.state == "timed" and getattr(w.task, "user", "") == bob.user]
    assert len(timers) == 1, "one timer a member"
    shop.later(minutes=29)
    await ring(shop.workspace, shop.now)
    assert not (await member(shop, bob)).away
    shop.later(minutes=2)
    await ring(shop.workspace, shop.now)
    assert (await member(shop, bob)).away
    await shop.private(shop.people["Zoe"], "/busy")
    assert "🌙 Bob Bright · last seen 31 min ago" in shop.said()
    await here(shop, bob)
    assert [e.kind for e in await shop.all(Event) if e.facts.get("member") == bob.user] == [
        "came_online",
        "went_offline",
        "came_online",
    ]


async def test_busy_for_a_while(shop: Shop, bob: Who) -> None:
    """It ends by itself, or by /online; the answer says when; what they do meanwhile does not end it."""
    await shop.private(bob, "/busy 1h")
    assert "You are busy until" in shop.said()
    await here(shop, bob)
    shop.later(minutes=40)
    await here(shop, bob)
    answer = await shop.private(bob, "/busy")
    assert "⛔ Bob Bright · busy for another 20 min" in shop.said()
    shop.later(minutes=21)
    await ring(shop.workspace, shop.now)
    await shop.private(bob, "/busy")
    assert "🟢 Bob Bright" in shop.said()
    await shop.private(bob, "/busy 2h")
    await shop.press(bob, button(answer, "I am back"), shop.own(bob))
    assert "You are back" in shop.said()
    assert (await member(shop, bob)).busy_until is None
    for line in ("/busy reply", "/busy 90d", "/busy fax"):
        await shop.private(bob, line)
        assert (await member(shop, bob)).busy_until is None, line


async def test_an_absent_colleague_is_said_to_be(shop: Shop, bob: Who, zoe: Who) -> None:
    """Given something all the same, and their team is offered instead."""
    await team(shop, "Sales", bob)
    await shop.private(bob, "/busy 1h")
    topic = await shop.arrive("Fred")
    answer = await topic.say(zoe, "/assign bob")
    assert "Bob Bright is busy for another 60 min" in shop.said() or "busy for another 1 h" in shop.said()
    assert await holder(shop, topic) == "Bob Bright"
    await topic.press(zoe, button(answer, "To Sales"))
    assert "is in Sales's inbox now" in shop.said()


# -- two at once -----------------------------------------------------------------------------------------------------


async def test_two_take_it_in_the_same_instant(shop: Shop, bob: Who, zoe: Who) -> None:
    """One has it; the other hears who, and how to take it over. One change, one event."""
    topic = await shop.arrive("Fred")
    number = (await topic.conversation()).number
    answers = await asyncio.gather(shop.private(bob, f"/take {number}"), shop.private(zoe, f"/take {number}"))
    winner = await holder(shop, topic)
    assert winner in ("Bob Bright", "Zoe")
    refused = [a.reply for a in answers if a.reply is not None and a.reply.template == "refused"]
    assert [r.data["text"] for r in refused] == [f"{winner} has #{number} already. /assign me takes it over."]
    assert len(await assignments(shop)) == 1


async def test_two_assign_it_in_the_same_instant(shop: Shop, bob: Who, zoe: Who) -> None:
    """The later one counts, says what it changed, and the earlier one is told so in private; both are in the events."""
    topic = await shop.arrive("Fred")
    number = (await topic.conversation()).number
    lines = ((bob, "olivia"), (zoe, "mia"))
    answers = await asyncio.gather(*(shop.private(who, f"/assign {number} {to}") for who, to in lines))
    events = await assignments(shop)
    assert [e.facts["before"] for e in events] == [None, events[0].facts["after"]]
    assert (await topic.conversation()).assignee == events[1].facts["after"]
    said = {who.user: answer.reply.data for (who, _), answer in zip(lines, answers, strict=True) if answer.reply}
    first, second = (next(who for who, _ in lines if who.user == e.actor) for e in events)
    assert [said[each.user]["just_now"] for each in (first, second)] == ["", first.name]
    assert "given_on" in await private_news(shop, first)
    assert "given_on" not in await private_news(shop, second)


@pytest.mark.parametrize("first", ["take", "assign"])
async def test_a_button_of_before_does_nothing(shop: Shop, bob: Who, zoe: Who, first: str) -> None:
    """Of two who press at once, the second's button showed what is no more: nothing is done, and it is said what is."""
    topic = await shop.arrive("Fred")
    shown = await topic.say(zoe, "/assign")
    await topic.say(bob, "/take" if first == "take" else "/assign mia")
    await topic.press(zoe, button(shown, "Me"))
    assert "has changed meanwhile" in shop.said()
    assert await holder(shop, topic) == ("Bob Bright" if first == "take" else "Mia")


async def test_teams_are_among_the_likeliest(shop: Shop, bob: Who, zoe: Who) -> None:
    """Who or what was given most of late comes first, oneself before all."""
    await team(shop, "Sales", zoe)
    topic = await shop.arrive("Fred")
    await topic.say(bob, "/assign sales")
    await topic.say(bob, "/assign -")
    answer = await topic.say(bob, "/assign")
    assert [b.label for b in buttons(answer)][:2] == ["Me", "👥 Sales"]
    assert UserId(bob.user) in {m.id for m in await shop.all(Member)}

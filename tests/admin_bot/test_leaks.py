"""An internal word must never reach a contact: each row of the gate, in every disguise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from hub.admin_bot.heard import Asker
from hub.domain import gate
from hub.domain.gate import Draft
from hub.domain.ids import DeskId, Identity, PostId, TeamId, ThreadId, UserId
from hub.domain.models import Block, Contact, Member, Post, Preferences, Team
from hub.domain.ports import Tx
from hub.domain.text import Span, Text
from tests.admin_bot.counter_desk import Answer, Shop, Topic, Who, buttons, photo

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BOB = Member(id=UserId("u1"), role="agent", name="Bob")


# -- the rules, as a table --


def _post(role: str, author: str = "u1") -> Post:
    return Post(
        id="p",
        desk=DeskId("d"),
        post=PostId("1"),
        thread=ThreadId("t"),
        role=role,  # type: ignore[arg-type]
        at=NOON,
        author=UserId(author),
        line="close ",
    )


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"writer": "bot"}, "dropped"),
        ({"writer": "service"}, "dropped"),
        ({"home": True}, "dropped"),
        ({"home": True, "text": Text("/next")}, "command"),
        ({"writer": "anonymous"}, "told"),
        ({"writer": "outsider"}, "told"),
        ({"member": None}, "told"),
        ({"member": None, "text": Text("/close")}, "told"),
        ({"prompt": _post("prompt")}, "argument"),
        ({"answers": _post("prompt")}, "argument"),
        ({"answers": _post("prompt", "u2")}, "note"),
        ({"prompt": _post("prompt"), "text": Text("//note")}, "note"),
        ({"prompt": _post("prompt"), "answers_unknown": True}, "note"),
        ({"text": Text("//note")}, "note"),
        ({"text": Text("/close")}, "command"),
        ({"text": Text("!close")}, "command"),
        ({"text": Text("!//bob is it him?")}, "command"),
        ({"text": Text("!! //bob is it him?")}, "command"),
        ({"text": Text("! close bil")}, "command"),
        ({"text": Text("!\u200b close bil")}, "command"),
        ({"text": Text("!!")}, "told"),
        ({"text": Text("!!! Great")}, "told"),
        ({"answers": _post("note")}, "note"),
        ({"answers": _post("answer")}, "note"),
        ({"answers": _post("held")}, "note"),
        ({"answers_unknown": True}, "note"),
        ({"answers": _post("relay")}, "told"),
        ({"contact": Contact(id="c")}, "held"),  # type: ignore[arg-type]
    ],
)
def test_the_gates_rows(facts: dict[str, Any], kind: str) -> None:
    """The first rule with an opinion wins; without a contact, nothing is relayed."""
    given: dict[str, Any] = {"at": NOON, "text": Text("Hello"), "member": BOB, **facts}
    assert gate.judge(Draft(**given)).kind == kind


@pytest.mark.parametrize("mark", ["/", "\uff0f", "\u2044", "\u2215", "\u29f8", "\u2571"])
@pytest.mark.parametrize(
    "before", ["", " ", "\n", "\u200b", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u202e", "\u0301"]
)
@pytest.mark.parametrize("between", ["", "\u200b", "\u2060"])
def test_no_disguise_hides_the_mark(mark: str, before: str, between: str) -> None:
    """A slash is one, whatever stands before it or between two of them and whichever sign draws it."""
    assert gate.is_command(f"{before}{mark}close")
    assert gate.is_note(f"{before}{mark}{between}{mark}note")
    assert gate.note_text(Text(f"{before}{mark}{between}{mark} note")).plain == "note"


# -- the suite --

Writing = Callable[[Shop, Topic, Who], Awaitable[Any]]


async def _internal_post(shop: Shop, topic: Topic) -> PostId:
    post, _ = await topic.post(shop.people["Zoe"], "//a note of Zoe's")
    return post


async def _answered(shop: Shop, topic: Topic, what: object) -> PostId:
    """The post that is answered."""
    if what == "the question":
        return next(p.post for p in reversed(await shop.all_posts()) if p.role == "prompt" and p.thread == topic.thread)
    return await _internal_post(shop, topic) if what is True else PostId("777")


ROWS: dict[str, dict[str, Any]] = {
    "1 at home": {"text": "the code is 1234", "where": "home"},
    "1 by a bot": {"text": "the code is 1234", "writer": "bot"},
    "1 service": {"text": "the code is 1234", "writer": "service"},
    "2 anonymous": {"text": "the code is 1234", "writer": "anonymous"},
    "2 of another organization": {"text": "the code is 1234", "writer": "outsider"},
    "2 a stranger": {"text": "the code is 1234", "who": "Mallory"},
    "3 an argument": {"text": "the code is 1234", "prompt": True},
    "3 answers the question": {
        "text": "the code is 1234",
        "prompt": True,
        "late": 5,
        "answers": "the question",
        "held": True,
    },
    "3 an argument that comes late": {"text": "the code is 1234", "prompt": True, "late": 5, "held": True},
    "3a not theirs": {"text": "the code is 1234", "limited": True, "held": True},
    "4 a note": {"text": "//the code is 1234"},
    "4 marked otherwise": {"text": "Note: the code is 1234", "in words": True, "held": True},
    "5 a command": {"text": "/tag the code is 1234"},
    "5 an unknown command": {"text": "/fraudster is what he is", "held": True},
    "5 with an exclamation mark": {"text": "!note the code is 1234"},
    "6 answers a note": {"text": "the code is 1234", "answers": True},
    "6 answers an unknown post": {"text": "the code is 1234", "answers": "777"},
    "6 a post of ours, forwarded": {"text": "the code is 1234", "forwarded": "service"},
    "7 a colleague's words, forwarded": {"text": "the code is 1234", "forwarded": "Zoe", "held": True},
    "7 a colleague's by name alone, forwarded": {"text": "the code is 1234", "forwarded": "named Zoe", "held": True},
    "7 an anonymous admin's, forwarded": {"text": "the code is 1234", "forwarded": "the group", "held": True},
    "7 mentions a colleague": {"text": "@zoe the code is 1234", "in words": True, "held": True},
    "7 mentions everybody": {"text": "the code, @here, is 1234", "in words": True, "held": True},
    "8 answers who called": {"text": "the code is 1234", "called": "//@bob what is the code?", "held": True},
    "8 answers who called the team": {"text": "the code is 1234", "called": "//@support the code?", "held": True},
    "8 answers twice": {"text": "the code is 1234", "called": "//bob what is it?", "first": "well", "held": True},
    "8 answers whom they asked": {
        "text": "the code is 1234",
        "asked": "//zoe what is it?",
        "called": "//odd, that",
        "held": True,
    },
    "8 notes first": {"text": "the code is 1234", "called": "//bob what is it?", "first": "//I look", "held": True},
    "9 moved elsewhere": {"text": "the code is 1234", "moved": True, "held": True},
    "9 blocked": {"text": "the code is 1234", "blocked": True, "held": True},
    "10 greets another": {"text": "Hi Tom, the code is 1234", "in words": True, "held": True},
    "10 greets a colleague": {"text": "hello zoe the code is 1234", "in words": True, "held": True},
    "10 greets who waits too": {
        "text": "hi anke the code is 1234",
        "in words": True,
        "also": "Anke",
        "held": True,
    },
    "11 explicit": {"text": "the code is 1234", "explicit": True},
    "11 explicit, and a mention": {"text": "@zoe the code is 1234", "explicit": True, "in words": True},
    "11 explicit, answers our own": {"text": "the code is 1234", "explicit": True, "answers": True},
    "9 another's": {"text": "the code is 1234", "taken": True, "held": True},
    "9 closed": {"text": "the code is 1234", "closed": True, "held": True},
}


def _disguised(text: str, how: str) -> Text:
    if how == "leading space":
        return Text("  " + text, (Span(2, 2 + len(text), "bold"),))
    if how == "zero-width":
        return Text("\u200b\ufeff" + text[:1] + "\u2060" + text[1:])
    if how == "full-width slash":
        return Text(text.replace("/", "\uff0f").replace("!", "\uff01"))
    return Text(text)


HOW = (
    "plain",
    "leading space",
    "zero-width",
    "full-width slash",
    "edited",
    "album first",
    "album last",
    "voice",
    "forward",
)


FEW = ("plain", "edited", "album last")
"""For rows of which a like one is written in more disguises."""
KIN = (
    "7 mentions everybody",
    "8 answers who called the team",
    "7 a colleague's by name alone, forwarded",
    "7 an anonymous admin's, forwarded",
    "8 answers twice",
    "8 notes first",
    "9 moved elsewhere",
    "9 blocked",
    "10 greets a colleague",
    "11 explicit, and a mention",
    "11 explicit, answers our own",
)


@pytest.mark.parametrize("row", ROWS)
async def test_nothing_leaks(standing_shop: Shop, row: str) -> None:
    """Nothing that a row of the gate keeps inside reaches the contact's network, in any disguise, whatever follows; and
    a button to send it is there only for what the row holds, never for what is internal by its nature.
    """
    others = HOW[1:]
    for how in FEW if row in KIN else ("plain", *others[list(ROWS).index(row) % 2 :: 2]):
        assert not await _leak(standing_shop, row, how), how
        standing_shop.later(hours=1)


PROVEN_BY = {
    "_not_for_contacts": "1 by a bot",
    "_may_answer": "2 anonymous",
    "_argument": "3 an argument",
    "_own_only": "3a not theirs",
    "_note": "4 a note",
    "_command": "5 a command",
    "_answers_internal": "6 answers a note",
    "_hubs_post": "6 a post of ours, forwarded",
    "_marked": "4 marked otherwise",
    "_colleagues_words": "7 a colleague's words, forwarded",
    "_late_argument": "3 an argument that comes late",
    "_explicit": "11 explicit",
    "_mentions": "7 mentions a colleague",
    "_called": "8 answers who called",
    "_greets": "10 greets another",
    "_moved": "9 moved elsewhere",
    "_not_now": "9 closed",
}
"""For each rule of the gate, what would leak, or could with one tap, if there were no such rule."""


@pytest.mark.parametrize("rule", [r.__name__ for r in gate.RULES])
async def test_the_suite_would_see_each_rule_missing(shop: Shop, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that no row of the suite needs is one that could be broken unseen: each has a row that only it keeps."""
    assert not await _leak(shop, PROVEN_BY[rule], "plain")
    shop.later(hours=1)
    without = tuple(r for r in gate.RULES if r.__name__ != rule)
    monkeypatch.setattr(gate, "RULES", without)
    assert await _leak(shop, PROVEN_BY[rule], "plain")


async def _leak(shop: Shop, row: str, how: str) -> str:
    """What leaks when a row's words are written in that disguise; empty: nothing."""
    topic, said = await shop.arrive(f"Ann {row} {how}"), len(shop.replies)
    await _write(shop, topic, shop.people["Bob Bright"], ROWS[row], how)
    if not await shop.nothing_left():
        return "it left"
    offered = [b.label for reply in shop.replies[said:] for each in reply.rows for b in each if b.outward]
    return "" if ROWS[row].get("held") else ", ".join(offered)


async def _mode(shop: Shop, *, explicit: bool) -> None:
    """Contacts are told only what is said to be for them; and there is a team that Bob is in."""

    async def deed(tx: Tx) -> None:
        preferences = await tx.get(Preferences, "preferences")
        assert preferences is not None
        preferences.mode = "explicit" if explicit else "direct"
        if await tx.get(Team, "support") is None:
            tx.add(Team(id=TeamId("support"), name="Support", members=[UserId(shop.people["Bob Bright"].user)]))

    await shop.run(deed)


async def _set_apart(shop: Shop, topic: Topic, *, blocked: bool) -> None:
    """The contact is blocked, or their conversation goes on at another desk."""

    async def deed(tx: Tx) -> None:
        contact = await tx.get(Contact, topic.contact)
        assert contact is not None
        if blocked:
            contact.block = Block(at=shop.now, by=UserId("u1"))
        else:
            contact.places = [replace(p, left=True) for p in contact.places]

    await shop.run(deed)


async def _limit(shop: Shop, bob: Who, *, limited: bool) -> None:
    """Bob answers his own contacts only, or everybody's."""

    async def deed(tx: Tx) -> None:
        member = await tx.get(Member, bob.user)
        assert member is not None
        member.limits = ["own"] if limited else []

    await shop.run(deed)


async def _write(shop: Shop, topic: Topic, bob: Who, row: dict[str, Any], how: str) -> None:
    who = shop.people[row.get("who", bob.name)]
    await _limit(shop, bob, limited="limited" in row)
    more: dict[str, Any] = {}
    if "writer" in row:
        more["asker"] = type(who.asker)(identity=who.asker.identity, name=who.name, writer=row["writer"])
    if "forwarded" in row:
        more["forwarded"] = _first(shop, row["forwarded"])
    await _mode(shop, explicit="explicit" in row)
    await _lead_up(shop, topic, bob, row)
    if "answers" in row:
        more["answers"] = await _answered(shop, topic, row["answers"])
    shop.later(minutes=row.get("late", 0))
    spot = shop.spot() if row.get("where") == "home" else topic.spot
    text = _disguised(row["text"], how)
    if how == "voice":
        # A voice message has no words to be judged by; where the words alone keep it inside, its caption has them.
        text = text if row["text"][0] in "/!" or "in words" in row else Text()
    await _send(shop, who, text, spot, how, more)


def _first(shop: Shop, whose: str) -> Asker:
    """Who wrote what is forwarded."""
    zoe = shop.people["Zoe"].asker
    if whose == "service":
        return replace(zoe, identity=Identity("telegram:1"), name="The bot", writer="service")
    if whose == "the group":
        return replace(zoe, identity=Identity(f"telegram:{shop.spot().chat}"), name="The group", writer="anonymous")
    return replace(zoe, identity=Identity("")) if whose.startswith("named") else zoe


async def _lead_up(shop: Shop, topic: Topic, bob: Who, row: dict[str, Any]) -> None:
    """What happened before the words are written."""
    if row.get("prompt"):
        await topic.say(bob, "/note")
    if "asked" in row:
        await topic.say(bob, row["asked"])
    if "called" in row:
        shop.later(minutes=1)
        await topic.say(shop.people["Zoe"], row["called"])
    if "first" in row:
        await topic.say(bob, row["first"])
    if "also" in row:
        await shop.arrive(row["also"])
    if "moved" in row or "blocked" in row:
        await _set_apart(shop, topic, blocked="blocked" in row)
    if row.get("taken"):
        await topic.say(shop.people["Zoe"], "/take")
    if row.get("closed"):
        await topic.say(bob, "/close done")


async def _send(shop: Shop, who: Who, text: Text, spot: Any, how: str, more: dict[str, Any]) -> None:
    if how.startswith("album"):
        order = (text, Text(), Text()) if how == "album first" else (Text(), Text(), text)
        album, answered = f"g{shop.numbers}", more.pop("answers", None)
        for part in order:
            mine = {"answers": answered} if answered and part is text else {}
            await shop.say(who, part, spot, attachments=photo(), album=album, **more, **mine)
        return
    files = photo() if how == "voice" else ()
    post, answer = await shop.post(who, text, spot, attachments=files, **more)
    assert not [b for b in buttons(answer) if b.outward and not b.label.startswith("✉ Send to")]
    if how == "edited":
        await shop.edit(who, post, "the code is 1234", spot)


async def test_what_may_go_goes(shop: Shop, bob: Who) -> None:
    """Row 12: in the same disguises, plain words are relayed as they are written."""
    for how in ("plain", "leading space", "zero-width", "full-width slash", "voice", "forward"):
        topic = await shop.arrive(f"Ann {how}")
        files = photo() if how == "voice" else ()
        answer: Answer = await topic.say(bob, _disguised("1/2 of the parcels! // left", how), attachments=files)
        assert answer.reply is None, how
    assert len(await shop.out()) == 6

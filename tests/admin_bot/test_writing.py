"""Writing to contacts: what is held and why, explicit mode and /reply, the moment before it leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.admin_bot.registry import resolve
from hub.domain import gate
from hub.domain.answers import HOLD
from hub.domain.ids import TeamId, UserId
from hub.domain.models import Comment, Contact, Post, Preferences, Team
from hub.domain.notes import HELD_LIFE
from hub.domain.ports import Tx
from hub.domain.text import Span, Text
from hub.host.timekeeping import ring
from tests.admin_bot.counter_desk import Shop, Who, button, buttons, photo


async def prefer(shop: Shop, **wishes: Any) -> None:
    """What the workspace wants."""

    async def deed(tx: Tx) -> None:
        preferences = await tx.get(Preferences, "preferences")
        assert preferences is not None
        for name, wish in wishes.items():
            setattr(preferences, name, wish)

    await shop.run(deed)


async def sent(shop: Shop) -> list[str]:
    return [m.text.plain for m in await shop.out() if m.state != "unsent"]


# -- what is held, and why --


async def test_a_mention_is_held_and_its_note_calls(shop: Shop, bob: Who, zoe: Who) -> None:
    """Row 7: words that mention a colleague wait; kept as a note, they call the colleague as a note does."""
    topic = await shop.arrive()
    answer = await topic.say(bob, "Please look at this, @zoe")
    assert "it mentions @zoe" in shop.said()
    kept = await topic.press(bob, button(answer, "Keep as a note"))
    assert kept.reply is not None
    assert kept.reply.lasting
    assert "🔔 Zoe" in shop.said()
    assert (await shop.all(Comment))[0].mentions == [zoe.user]
    assert await sent(shop) == []


async def test_a_mention_by_account_is_held(shop: Shop, bob: Who, zoe: Who) -> None:
    """Row 7: an account that the network names is a person on our side, whatever they are called there."""
    topic = await shop.arrive()
    for value in (zoe.asker.identity, "telegram:4711"):
        await topic.say(bob, Text("Ask Zed", (Span(4, 7, "mention", value),)))
        assert "it mentions Zed" in shop.said()
    assert await sent(shop) == []


@pytest.mark.parametrize(
    "words", ["I am @bob on every network", "Write to zoe@shop.example", "That is for @ann", "5 @ 3"]
)
async def test_what_is_no_mention_goes_out(shop: Shop, bob: Who, words: str) -> None:
    """Row 7: one's own name, the contact's, and an address are no calls."""
    topic = await shop.arrive()
    await topic.say(bob, words)
    assert await sent(shop) == [words]


async def test_who_was_called_answers_the_note(shop: Shop, bob: Who, zoe: Who) -> None:
    """Row 8: for 15 minutes after a call, plain words of who was called wait; they flow again once the contact writes,
    once words went out, or on a reply to the contact's message.
    """
    topic = await shop.arrive()
    shop.later(minutes=1)
    await topic.say(zoe, "//bob shall we refund?")
    held = await topic.say(bob, "yes, do")
    assert "a colleague's note called you here" in shop.said()
    await topic.say(bob, "I will do it", answers=topic.relay)
    assert await sent(shop) == ["I will do it"]
    await topic.say(bob, "It is done")
    assert await sent(shop) == ["I will do it", "It is done"]
    assert (await topic.press(bob, button(held, "Keep as a note"))).reply is not None


async def test_a_call_wears_off(shop: Shop, bob: Who, zoe: Who) -> None:
    """Row 8: after 15 minutes the call is forgotten, and others than the called may write all along."""
    topic = await shop.arrive()
    shop.later(minutes=1)
    await topic.say(zoe, "//bob shall we refund?")
    shop.later(minutes=16)
    await topic.say(bob, "We refund you.")
    assert await sent(shop) == ["We refund you."]


async def test_another_open_contacts_name_is_held(shop: Shop, bob: Who) -> None:
    """Row 10: the name of somebody else who waits is held even in small letters; what the contact called themselves
    passes.
    """
    await shop.arrive("Tomas")
    topic = await shop.arrive("Ann", "it is me, Toni")
    await topic.say(bob, "hi tomas your parcel is here")
    assert "it greets tomas, and this is Ann" in shop.said()
    await topic.say(bob, "Hi Toni, your parcel is here")
    assert await sent(shop) == ["Hi Toni, your parcel is here"]


async def test_held_words_become_a_note_by_themselves(shop: Shop, bob: Who, zoe: Who) -> None:
    """What nobody decided about in 15 minutes is a note, and calls whom it mentions; no tap sends it any more."""
    topic = await shop.arrive()
    answer = await topic.say(bob, "@zoe shall we?")
    await ring(shop.workspace, shop.now + HELD_LIFE + timedelta(seconds=1))
    comment = (await shop.all(Comment))[0]
    assert not comment.held
    assert comment.mentions == [zoe.user]
    shop.later(minutes=16)
    await topic.press(bob, button(answer, "Send to"))
    assert "was sent or kept as a note already" in shop.said()
    assert await sent(shop) == []


# -- explicit mode and /reply --


async def test_explicit_mode_keeps_plain_words_inside(shop: Shop, bob: Who) -> None:
    """Row 11: plain words are notes, and say so; /reply and a reply to the contact's message go out."""
    topic = await shop.arrive()
    await prefer(shop, mode="explicit")
    await topic.say(bob, "she sounds angry")
    assert "Here only what is marked goes out" in shop.said()
    await topic.say(bob, "/reply It is on its way")
    await topic.say(bob, "It left today", answers=topic.relay)
    assert await sent(shop) == ["It is on its way", "It left today"]
    assert [c.text.plain for c in await shop.all(Comment)] == ["she sounds angry"]


async def test_reply_passes_the_gate(shop: Shop, bob: Who, zoe: Who) -> None:
    """A /reply that mentions a colleague, greets another, or comes to another's conversation is held like any words."""
    topic = await shop.arrive()
    for words in ("@zoe look", "Hi Bartholomew!"):
        answer = await topic.say(bob, f"/reply {words}")
        assert [b.label for b in buttons(answer)] == ["🗒 Keep as a note", "✉ Send to Ann"]
    await topic.say(zoe, "/take")
    await topic.say(bob, "/reply Hello")
    assert "Zoe has this conversation" in shop.said()
    assert await sent(shop) == []
    await topic.press(bob, button(answer, "Send to"))


async def test_reply_mirrors_its_edits(shop: Shop, bob: Who) -> None:
    """The post of a /reply is the reply's: an edit changes what the contact sees, its verb left out."""
    topic = await shop.arrive()
    post, _ = await topic.post(bob, "/reply It is hear", attachments=photo())
    await shop.edit(bob, post, "/reply It is here", topic.spot)
    assert await sent(shop) == ["It is here"]
    kept = await shop.post_kept(post)
    assert isinstance(kept, Post)
    assert kept.role == "reply"
    assert (await shop.out())[0].attachments


async def test_reply_from_elsewhere_only_previews(shop: Shop, bob: Who) -> None:
    """At the desk's home a /reply waits for the tap that names the contact."""
    topic = await shop.arrive()
    number = (await topic.conversation()).number
    answer = await shop.say(bob, f"/reply {number} It is here")
    assert await sent(shop) == []
    await shop.press(bob, button(answer, "Send to Ann"))
    assert await sent(shop) == ["It is here"]


def test_the_gate_knows_the_commands_words() -> None:
    """What an edit of a /reply leaves out are the words by which the command is called."""
    command = resolve("reply")
    assert {command.name, *command.aliases} == {*gate.REPLY}


# -- the moment before it leaves --


@pytest.mark.parametrize("wish", [0, 10, 30])
async def test_what_is_sent_waits_as_long_as_is_wished(shop: Shop, bob: Who, wish: int) -> None:
    """For so many seconds it can be stopped, by one tap; with none it leaves at once, and nothing is said."""
    topic = await shop.arrive()
    await prefer(shop, hold=wish)
    answer = await topic.say(bob, "It is here")
    (work,) = await shop.sends()
    if not wish:
        assert answer.reply is None
        return
    assert work.due == shop.now + timedelta(seconds=wish)
    assert f"in {wish} seconds." in shop.said()
    await topic.press(bob, button(answer, "Stop"))
    assert "Taken back before it left" in shop.said()
    assert await shop.sends() == []
    assert (await topic.conversation()).waiting_since is not None


async def test_what_cannot_be_unsent_waits_in_any_case(shop: Shop, bob: Who) -> None:
    """Where the network takes nothing back, the hold is five seconds at least."""
    topic = await shop.arrive()

    async def deed(tx: Tx) -> None:
        contact = await tx.get(Contact, topic.contact)
        assert contact is not None
        contact.reaches[0].final = True

    await shop.run(deed)
    await prefer(shop, hold=2)
    await topic.say(bob, "It is here")
    assert (await shop.sends())[0].due == shop.now + HOLD
    assert "cannot be taken back then" in shop.said()


# -- whom notes call --


@pytest.mark.parametrize(
    ("words", "called"),
    [
        ("//please, @zoe, look", ["Zoe"]),
        ("//bob and @zoe: lunch?", ["Bob Bright", "Zoe"]),
        ("//@support who can?", ["Bob Bright", "Mia"]),
        ("//Support, who can?", ["Bob Bright", "Mia"]),
        ("//ask @support and @zoe", ["Bob Bright", "Mia", "Zoe"]),
        ("//mail her at ann@zoe.example", []),
    ],
)
async def test_whom_a_note_calls(shop: Shop, bob: Who, words: str, called: list[str]) -> None:
    """A mention anywhere calls, of a colleague or of all in a team; a bare name does so as the first word alone."""
    ids = [UserId(shop.people[name].user) for name in ("Bob Bright", "Mia")]

    async def deed(tx: Tx) -> None:
        tx.add(Team(id=TeamId("support"), name="Support", members=ids))

    await shop.run(deed)
    topic = await shop.arrive()
    await topic.say(bob, words)
    (comment,) = await shop.all(Comment)
    names = {str(who.user): who.name for who in shop.people.values()}
    assert sorted(names[m] for m in comment.mentions) == called
    assert await shop.nothing_left()


async def test_notes_call_in_explicit_mode_too(shop: Shop, bob: Who, zoe: Who) -> None:
    """Where plain words are notes, their mentions call, and nothing is held."""
    topic = await shop.arrive()
    await prefer(shop, mode="explicit")
    answer = await topic.say(bob, "@zoe, she sounds angry")
    assert answer.reply is not None
    assert answer.reply.lasting
    assert [c.mentions for c in await shop.all(Comment)] == [[zoe.user]]
    assert not (await shop.all(Comment))[0].held

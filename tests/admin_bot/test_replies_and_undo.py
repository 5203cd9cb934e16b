"""Dialogs: snippets, notes by command, and taking everything back."""

from __future__ import annotations

import pytest

from hub.domain.ids import PostId
from hub.domain.models import Category, Comment, Conversation, Message, Snippet, Tag
from hub.domain.ports import Query, Tx
from hub.domain.reply import Button
from hub.domain.work import SendDelete, Work
from tests.admin_bot.counter_desk import Answer, Shop, Topic, Who, button, buttons, photo


async def saved(shop: Shop, who: Who, *lines: str) -> None:
    for line in lines:
        await shop.private(who, f"/snippet add {line}")


# -- snippets --


async def test_an_exact_name_in_the_topic_sends(shop: Shop, bob: Who) -> None:
    """In the contact's topic the exact name of a snippet sends it, filled in, and says what else that did."""
    await saved(shop, bob, "hi Hello {{ contact.first_name }}, {{ assignee.name }} here.")
    topic = await shop.arrive()
    answer = await topic.say(bob, "/s HI")
    (message,) = await shop.out()
    assert message.text.plain == "Hello Ann, Bob Bright here."
    assert shop.said() == "✉ hi goes to Ann (#1), which is yours now."
    assert (await shop.all(Snippet))[0].uses == 1
    await topic.press(bob, button(answer, "Undo"))
    assert "never saw it" in shop.said()


@pytest.mark.parametrize("line", ["/s h", "/s hallo"])
async def test_anything_but_the_exact_name_sends_nothing(shop: Shop, bob: Who, line: str) -> None:
    """The beginning of a name previews, a wrong name is asked about: nothing is sent."""
    await saved(shop, bob, "hello Hello!")
    topic = await shop.arrive()
    answer = await topic.say(bob, line)
    assert await shop.nothing_left()
    assert buttons(answer)


async def test_from_elsewhere_it_previews(shop: Shop, bob: Who) -> None:
    """At home a snippet with a number previews; [Send to Ann] sends what was shown, and only that."""
    await saved(shop, bob, "hi Hello!")
    await shop.arrive()
    answer = await shop.say(bob, "/s 1 hi")
    assert await shop.nothing_left()
    send = button(answer, "Send to Ann")
    await shop.private(bob, "/snippet change hi Good bye!")
    answer = await shop.press(bob, send)
    assert await shop.nothing_left()
    assert "something else now" in shop.said()
    await shop.press(bob, button(answer, "Send to Ann"))
    assert [m.text.plain for m in await shop.out()] == ["Good bye!"]


async def test_a_snippet_of_somebody_elses_conversation_previews(shop: Shop, bob: Who, zoe: Who) -> None:
    """Even the exact name only previews where a colleague has the conversation."""
    await saved(shop, bob, "hi Hello!")
    topic = await shop.arrive()
    await topic.say(zoe, "/take")
    await topic.say(bob, "/s hi")
    assert "Zoe has this conversation." in shop.said()
    assert await shop.nothing_left()


async def test_an_empty_variable_is_not_sent(shop: Shop, bob: Who) -> None:
    """A variable that is empty for the contact refuses to send, and names it."""
    await saved(shop, bob, "call We call {{ contact.phone }}.")
    topic = await shop.arrive()
    await topic.say(bob, "/s call")
    assert "contact.phone" in shop.said()
    assert await shop.nothing_left()
    assert (await topic.conversation()).assignee is None


async def test_bare_snippet_lists_and_previews(shop: Shop, bob: Who) -> None:
    """Bare /snippet sends nothing; its buttons preview, in a private chat they show the text."""
    topic = await shop.arrive()
    await topic.say(bob, "/s")
    await saved(shop, bob, "hi Hello!", "bye Good bye")
    answer = await topic.say(bob, "/s")
    await topic.press(bob, button(answer, "bye"))
    assert await shop.nothing_left()
    answer = await shop.private(bob, "/s")
    await shop.press(bob, button(answer, "hi"), shop.own(bob))
    assert "put the number first" in shop.said()


async def test_snippets_are_changed_by_lines(shop: Shop, bob: Who) -> None:
    """Added, changed, removed by one line each; the text may come afterwards; curly quotes of a phone do no harm."""
    await shop.private(bob, "/snippet add hi")
    await shop.private(bob, "Hello {{ contact.phone | default(\u2018you\u2019) }}!\nHow are you?")
    (made,) = await shop.all(Snippet)
    assert made.text == "Hello {{ contact.phone | default('you') }}!\nHow are you?"
    await shop.private(bob, "/snippet add hi twice")
    assert "already" in shop.said()
    await shop.private(bob, "/snippet add 7up no")
    assert "a letter first" in shop.said()
    await shop.private(bob, "/snippet add bad {% for x in y %}")
    assert "snippet" in shop.said()
    await shop.private(bob, "/snippet change hii Hi!")
    assert "Did you mean hi?" in shop.said()
    await shop.private(bob, "/snippet change hi Hi!")
    await shop.private(bob, "/snippet remove hi")
    assert not await shop.all(Snippet)


# -- notes --


async def test_notes_by_command(shop: Shop, bob: Who) -> None:
    """/note does what // does, also from elsewhere; bare it asks."""
    topic = await shop.arrive()
    await topic.say(bob, "/n called the carrier")
    await shop.say(bob, "/note 1 from home")
    await topic.say(bob, "/note")
    await topic.say(bob, "asked for")
    assert [c.text.plain for c in await shop.all(Comment)] == ["called the carrier", "from home", "asked for"]
    assert await shop.nothing_left()


# -- undo --


async def facts(shop: Shop, topic: Topic) -> tuple[object, ...]:
    conversation, contact = await topic.conversation(), await topic.person()
    return (
        conversation.assignee,
        conversation.state,
        conversation.live,
        conversation.waiting_since,
        conversation.category,
        conversation.summary,
        contact.tags,
        [c.text.plain for c in await shop.all(Comment)],
        [s.text for s in await shop.all(Snippet)],
        [c.name for c in await shop.all(Category)],
        [m.state for m in await shop.out()],
    )


DEEDS = {
    "assign": ("", "/a zoe"),
    "unassign": ("/take", "/a -"),
    "take": ("", "/take"),
    "close": ("", "/close bil Refunded"),
    "change the closing note": ("/close bil Refunded", "/close other Wrong one"),
    "reopen": ("/close bil Refunded", "/reopen"),
    "tag": ("", "/t vip"),
    "untag": ("/t vip", "/t -vip"),
    "note": ("", "/n something"),
    "add a snippet": ("", "/snippet add new New"),
    "change a snippet": ("", "/snippet change hi Changed"),
    "remove a snippet": ("", "/snippet remove hi"),
}


async def _ready(shop: Shop, bob: Who) -> Topic:
    topic = await shop.arrive(f"Ann {shop.numbers}")
    if await shop.all(Category):
        return topic
    for line in ("/category add Billing", "/category add Other"):
        await shop.private(shop.people["Mia"], line)
    await saved(shop, bob, "hi Hello!")
    await topic.say(bob, "/t +vip")
    await topic.say(bob, "/t -vip")
    return topic


@pytest.mark.parametrize("deed", DEEDS)
async def test_every_deed_can_be_undone_by_line_and_by_button(standing_shop: Shop, deed: str) -> None:
    """/undo, and the [Undo] of the confirmation, bring back what was: once."""
    shop, bob = standing_shop, standing_shop.people["Bob Bright"]
    before, line = DEEDS[deed]
    topic = await _ready(shop, bob)
    if before:
        await topic.say(bob, before)
    was = await facts(shop, topic)
    for by_button in (False, True):
        answer: Answer = await topic.say(bob, line)
        assert await facts(shop, topic) != was
        undone = await (topic.press(bob, button(answer, "Undo")) if by_button else topic.say(bob, "/undo"))
        assert await facts(shop, topic) == was, shop.said()
        assert undone.reply is not None
        assert undone.reply.template == "undone"
    await topic.press(bob, button(answer, "Undo"))
    assert await facts(shop, topic) == was


@pytest.mark.parametrize(
    "lines",
    [("/close done", "/reopen"), ("/z 2h", "/z -")],
    ids=["reopened", "woken"],
)
async def test_undo_hides_nothing_that_was_written_since(shop: Shop, bob: Who, lines: tuple[str, str]) -> None:
    """What would take a conversation out of sight again is not undone once the contact has written: they wait."""
    topic = await shop.arrive()
    for line in lines:
        await topic.say(bob, line)
    await shop.receive("Ann", "Are you there?")
    await topic.say(bob, "/undo")
    assert "Ann wrote since" in shop.said()
    conversation = await topic.conversation()
    assert conversation.state == "open"
    assert conversation.waiting_since is not None


async def test_a_step_on_the_way_is_not_what_undo_offers(shop: Shop, bob: Who) -> None:
    """Telling two apart opens one's conversation again. The button below it does not close that, which would leave who
    writes there unseen: there is no Undo, and /undo says what to do instead.
    """
    topic, tom = await shop.arrive("Ann"), await shop.arrive("Tom")
    number = (await tom.conversation()).number
    answer = await topic.say(bob, f"/merge {number}")
    await topic.press(bob, button(answer, "Merge"))
    answer = await topic.say(bob, "/unmerge")
    assert "Undo" not in " ".join(b.label for b in buttons(answer))
    await topic.say(bob, "/undo")
    assert "cannot be undone" in shop.said()
    assert (await tom.conversation()).state == "open"


async def test_undoing_categories(shop: Shop, mia: Who) -> None:
    """A category that was added or removed can be taken back."""
    answer = await shop.private(mia, "/category add Billing")
    await shop.press(mia, button(answer, "Undo"), shop.own(mia))
    assert not await shop.all(Category)
    await shop.private(mia, "/category add Billing")
    await shop.private(mia, "/category remove bill")
    await shop.private(mia, "/undo")
    assert [c.name for c in await shop.all(Category)] == ["Billing"]


async def test_undo_is_ones_own_here_and_for_ten_minutes(shop: Shop, bob: Who, zoe: Who) -> None:
    """Nobody undoes another's deed; a line undoes only what was done in the same place; later it is refused."""
    ann, tom = await shop.arrive("Ann"), await shop.arrive("Tom")
    answer = await ann.say(bob, "/take")
    await ann.say(zoe, "/undo")
    assert "nothing of yours to undo" in shop.said()
    await ann.press(zoe, button(answer, "Undo"))
    await tom.say(bob, "/undo")
    assert (await ann.conversation()).assignee == bob.user
    shop.later(minutes=11)
    await ann.say(bob, "/undo")
    assert "ten minutes" in shop.said()
    assert (await ann.conversation()).assignee == bob.user


async def test_undo_does_not_reach_a_reply_past_what_cannot_be_undone(shop: Shop, bob: Who) -> None:
    """Who undoes a deed that has no undo must not take from the contact what they said before it."""
    topic = await shop.arrive()
    await topic.say(bob, "On its way")
    for line in ("/filter save big is:open", "/filter remove big", "/busy 1h"):
        await topic.say(bob, line)
        await topic.say(bob, "/undo")
        assert "What you did last here cannot be undone. A reply is taken back by /unsend." in shop.said(), line
    assert [m.state for m in await shop.out()] != ["unsent"]
    await topic.say(bob, "/unsend")
    assert [m.state for m in await shop.all(Message) if m.direction == "out"] == ["unsent"]


async def test_undoing_a_reply_that_has_not_left(shop: Shop, bob: Who) -> None:
    """/undo after a reply takes it back before it leaves, on any network; who waited, waits on."""
    shop.can_unsend = False
    topic = await shop.arrive()
    waiting = (await topic.conversation()).waiting_since
    await topic.say(bob, "Oops")
    await topic.say(bob, "/undo")
    assert "never saw it" in shop.said()
    assert not await shop.sends()
    conversation = await topic.conversation()
    assert (conversation.waiting_since, conversation.responses, conversation.outgoing) == (waiting, 0, 0)
    await topic.say(bob, "/undo")
    assert (await topic.conversation()).assignee is None


async def _delivered(shop: Shop) -> None:
    async def deed(tx: Tx) -> None:
        for message in await tx.query(Message, Query(where={"direction": "out"})):
            message.state = "sent"
        for work in await tx.query(Work, Query(where={})):
            tx.delete(work)

    await shop.run(deed)


async def test_unsending(shop: Shop, bob: Who, zoe: Who) -> None:
    """/unsend takes back one's last reply, or the one it is a reply to, where the network can; else it says so."""
    topic = await shop.arrive()
    first, _ = await topic.post(bob, "First")
    await topic.say(bob, "Second")
    await _delivered(shop)
    await topic.say(zoe, "/unsend")
    assert "no reply of yours" in shop.said()
    shop.can_unsend = False
    await topic.say(bob, "/unsend")
    assert "cannot take messages back" in shop.said()
    shop.can_unsend = True
    await topic.say(bob, "/unsend", answers=first)
    (work,) = [w for w in await shop.all(Work) if isinstance(w.task, SendDelete)]
    assert work.task.message == (await shop.out())[0].id
    note, _ = await topic.post(bob, "//inside")
    await topic.say(bob, "/unsend", answers=note)
    assert "never sent" in shop.said()


async def test_sending_again_what_may_not_have_arrived(shop: Shop, bob: Who) -> None:
    """[Send again] sends what failed once more, and only once."""
    topic = await shop.arrive()
    await topic.say(bob, "Hello")
    await _delivered(shop)

    async def fails(tx: Tx) -> None:
        for message in await tx.query(Message, Query(where={"direction": "out"})):
            message.state = "uncertain"

    await shop.run(fails)
    again = Button("Send again to Ann", f"resend {(await shop.out())[0].id}", outward=True)
    for _ in range(2):
        await topic.press(bob, again)
    assert len(await shop.sends()) == 1


async def test_made_tags_and_conversations_stay_apart(shop: Shop, bob: Who) -> None:
    """What is undone is the deed, not what was needed for it: a created tag stays for the next time."""
    topic = await shop.arrive()
    answer = await topic.say(bob, "/t +vip")
    await topic.press(bob, button(answer, "Undo"))
    assert [t.name for t in await shop.all(Tag)] == ["vip"]
    assert (await topic.person()).tags == []
    assert len(await shop.all(Conversation)) == 1


async def test_an_album_is_taken_back_whole(shop: Shop, bob: Who) -> None:
    """An album, sent or noted, is one act: /undo takes all of it back, and the next one what was before."""
    topic = await shop.arrive()
    await topic.say(bob, "/t +vip")
    for caption in ("Look", "", ""):
        await topic.say(bob, caption, attachments=photo(), album="g1")
    for caption in ("//inside", "", ""):
        await topic.say(bob, caption, attachments=photo(), album="g2")
    await topic.say(bob, "/undo")
    assert not await shop.all(Comment)
    await topic.say(bob, "/undo")
    assert [m.state for m in await shop.out()] == ["unsent"] * 3
    assert not await shop.sends()
    await topic.say(bob, "/undo")
    assert (await topic.conversation()).assignee is None
    await topic.say(bob, "/undo")
    assert (await topic.person()).tags == []


async def test_unsending_never_takes_another_message_instead(shop: Shop, bob: Who) -> None:
    """/unsend as a reply to what the hub does not know takes nothing back; twice the same is told."""
    topic = await shop.arrive()
    post, _ = await topic.post(bob, "A good answer")
    await _delivered(shop)
    await topic.say(bob, "/unsend", answers=PostId("x"))
    assert "nothing was taken back" in shop.said()
    await topic.say(bob, "/unsend", answers=topic.relay)
    assert "Only messages of ours" in shop.said()
    for _ in range(2):
        await topic.say(bob, "/unsend", answers=post)
    assert "being taken back already" in shop.said()
    assert len([w for w in await shop.all(Work) if isinstance(w.task, SendDelete)]) == 1
